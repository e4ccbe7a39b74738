"""The file of a 文书 as it came, for people who may see its case; each look is recorded, because it names people."""

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone

from dispatch.documents import PDF
from dispatch.evidence import original_path, public_path
from dispatch.models import Case, Document
from people.access import allow, current_user
from people.models import Look


@allow(GET="evidence.see")
def document(request: HttpRequest, document_id: int) -> HttpResponseBase:
    """A PDF as a download, a picture as its public copy; 404 for a stranger's, as if it were not there."""
    user = current_user(request)
    seen = Case.objects.visible_to(user).values("pk")
    rows = Document.objects.select_related("evidence").filter(case__in=seen, evidence__isnull=False)
    found = get_object_or_404(rows, pk=document_id)
    if found.evidence is None:
        raise Http404
    pdf = found.evidence.media_type == PDF
    path = (original_path if pdf else public_path)(found.evidence.sha256)
    if not path.is_file():
        raise Http404
    reason = str(Document.Kind(found.kind).label)
    Look.objects.create(user=user, subject=f"document:{found.pk}", reason=reason, looked_at=timezone.now())
    name = f"{found.dated_on:%Y%m%d}-{found.pk}.{'pdf' if pdf else 'jpg'}"
    # sandboxed: a paper of somebody else may not act in our name
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    kind = PDF if pdf else "image/jpeg"
    return FileResponse(path.open("rb"), content_type=kind, as_attachment=pdf, filename=name, headers=headers)
