"""What makes the field app an app: its manifest, its worker, the outbox, and the page for a place without network."""

import json

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dispatch.models import FieldTask
from inspectors import shell
from inspectors.pack import read_pack
from people.access import allow, allow_script, current_user, public

SIZES = (192, 512)


@public
def manifest(request: HttpRequest) -> HttpResponseBase:
    """The web app manifest, named by the city; asked for without a login."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    city = settings.CITY.name_en if get_language() == "en" else settings.CITY.name
    here = reverse("inspectors:nearby")
    icons = [
        {
            "src": static(f"inspectors/{purpose}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for purpose in ("any", "maskable")
        for size in SIZES
    ]
    told = {
        "id": here,
        "name": _("%(city)s城管通") % {"city": city},
        "short_name": _("城管通"),
        "description": _("城市管理监督员现场应用：核实、核查、巡查上报，没有网络也能用。"),
        "lang": get_language(),
        "start_url": here,
        "scope": here,
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#ffffff",
        "theme_color": "#15243a",
        "icons": icons,
        "shortcuts": [{"name": _("巡查上报"), "url": reverse("inspectors:found")}],
    }
    return JsonResponse(told, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@public
def worker(request: HttpRequest) -> HttpResponseBase:
    """The service worker: a module that names what to keep; it holds nothing of a person, so it needs no login."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    told = {"version": shell.version(), "files": shell.addresses(), "offline": reverse("inspectors:offline")}
    script = json.dumps(static("inspectors/worker.js"))
    text = f"import {{ start }} from {script};\nstart({json.dumps(told)});\n"
    answer = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = reverse("inspectors:nearby")
    return answer


@public
def offline(request: HttpRequest) -> HttpResponseBase:
    """What is shown for a page that was not kept; the worker keeps it for whoever comes, so it names nobody."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    request.user = AnonymousUser()
    return render(request, "inspectors/offline.html")


@allow(GET="field")
def outbox(request: HttpRequest) -> HttpResponse:
    """待上传: the phone's own queue, drawn by the page from what the phone has kept."""
    results = {str(result.value): str(result.label) for result in FieldTask.Result}
    labels = {"far_reason": _("距离较远的原因"), "note": _("说明"), "address": _("地址"), "mended": _("怎样处置")}
    return render(request, "inspectors/outbox.html", {"field_words": {"results": results, "labels": labels}})


@allow_script(GET="field")
def pack(request: HttpRequest) -> HttpResponseBase:
    """What to keep for the shift; see `inspectors.pack`."""
    answer = JsonResponse(read_pack(current_user(request), timezone.now()))
    answer.headers["Cache-Control"] = "no-store"
    return answer
