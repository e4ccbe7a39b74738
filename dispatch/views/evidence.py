"""Photos as pages show them: the public copy, without EXIF, only to people who may see a case that has it."""

from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from dispatch.evidence import public_path
from dispatch.models import Attachment, Case
from people.access import allow, current_user

Phase = Attachment.Phase


@allow(GET="evidence.see")
def photo(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """The public copy of a photo by the digest of its original; 404 for a stranger's, as if it were not there."""
    user = current_user(request)
    seen, street = Case.objects.visible_to(user).values("pk"), Case.objects.on_street_of(user).values("pk")
    # an inspector who is about to report the same thing sees what was photographed of it
    mine = Q(case__in=seen) | Q(case__in=street, phase__in=[Phase.REPORTED, Phase.BEFORE])
    if not Attachment.objects.filter(mine, evidence__sha256=sha256).exists():
        raise Http404
    path = public_path(sha256)
    if not path.is_file():
        raise Http404
    # named by its content, so it never changes; private, because the next user of this browser may not see it
    headers = {"Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}
    return FileResponse(path.open("rb"), content_type="image/jpeg", headers=headers)
