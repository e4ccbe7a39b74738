"""Photos, for those who may see the case that they belong to."""

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404

from dispatch.evidence import public_path
from dispatch.models import Case, Evidence
from people.access import allow, current_user


@allow(GET="evidence.see")
def evidence(request: HttpRequest, sha256: str) -> FileResponse:
    """The public copy of a photo (no EXIF); the original never leaves the house by this door."""
    cases = Case.objects.visible_to(current_user(request))
    found = get_object_or_404(Evidence.objects.filter(attachments__case__in=cases).distinct(), sha256=sha256)
    path = public_path(found.sha256)
    if not path.exists():
        raise Http404
    # content never changes under its name, but a right to see it may end
    return FileResponse(
        path.open("rb"), content_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600, immutable"}
    )
