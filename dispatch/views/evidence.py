"""Photos as pages show them: the public copy, without EXIF, only to people who may see a case that has it."""

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from dispatch.evidence import public_path
from dispatch.models import Attachment, Case
from people.access import allow, current_user


@allow(GET="evidence.see")
def photo(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """The public copy of a photo by the digest of its original; 404 for a stranger's, as if it were not there."""
    seen = Case.objects.visible_to(current_user(request)).values("pk")
    if not Attachment.objects.filter(evidence__sha256=sha256, case__in=seen).exists():
        raise Http404
    path = public_path(sha256)
    if not path.is_file():
        raise Http404
    # named by its content, so it never changes; private, because the next user of this browser may not see it
    headers = {"Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}
    return FileResponse(path.open("rb"), content_type="image/jpeg", headers=headers)
