"""Takes papers in: a PDF is kept as it came, a picture is checked like a photo; told apart by content, not by name."""

import hashlib
import io
from datetime import datetime
from typing import BinaryIO

from django.utils.translation import gettext as _

from dispatch.evidence import BadPhotoError, keep_original, store
from dispatch.models import Evidence

MAX_BYTES = 20 * 1024 * 1024
PDF = "application/pdf"
TAIL = 2048  # the end mark stands in the last bytes, maybe before some white space


class BadDocumentError(BadPhotoError):
    """The upload is no paper that we take; the text is a sentence for the person who sent it."""


def store_document(upload: BinaryIO, *, at: datetime) -> Evidence:
    """Check and keep a PDF or a picture; the same bytes are stored once. Raises BadDocumentError with a sentence."""
    data = upload.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadDocumentError(_("文件超过 20 MB，请压缩后重新上传。"))
    if not data.startswith(b"%PDF-"):
        try:
            return store(io.BytesIO(data), at=at)
        except BadPhotoError as error:
            raise BadDocumentError(_("无法识别这个文件，请上传 PDF，或 JPEG、PNG、WebP 图片。")) from error
    if b"%%EOF" not in data[-TAIL:]:
        raise BadDocumentError(_("这个 PDF 不完整，请重新上传。"))
    sha256 = hashlib.sha256(data).hexdigest()
    keep_original(sha256, data)
    known, _created = Evidence.objects.get_or_create(
        sha256=sha256, defaults={"media_type": PDF, "size": len(data), "stored_at": at}
    )
    return known
