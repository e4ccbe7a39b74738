"""Takes photos in: checked, named by content, original kept apart, public copy without EXIF."""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings
from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from dispatch.models import Attachment, Case, Evidence, Step

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 60_000_000
PUBLIC_EDGE = 1600
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class BadPhotoError(Exception):
    """The upload is not a photo that we take; the text is a sentence for the person who sent it."""


@dataclass(frozen=True)
class Photo:
    """A stored photo with what the camera page knew: position in the city's SRID, accuracy in metres, time."""

    evidence: Evidence
    point: Point | None = None
    accuracy_m: float | None = None
    taken_at: datetime | None = None


def original_path(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "original" / sha256[:2] / sha256


def public_path(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "public" / sha256[:2] / f"{sha256}.jpg"


def store(upload: BinaryIO, *, at: datetime) -> Evidence:
    """Check and keep a photo; the same bytes are stored once. Raises BadPhotoError with a sentence."""
    data = upload.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadPhotoError(_("照片超过 15 MB，请压缩后重新上传。"))
    sha256 = hashlib.sha256(data).hexdigest()
    known = Evidence.objects.filter(sha256=sha256).first()
    if known is not None and public_path(sha256).exists():
        return known
    image, media_type = _decode(data)
    width, height = image.size
    image.thumbnail((PUBLIC_EDGE, PUBLIC_EDGE))
    copy = io.BytesIO()
    image.save(copy, "JPEG", quality=82, optimize=True)
    keep_original(sha256, data)
    _write(public_path(sha256), copy.getvalue())
    evidence, _created = Evidence.objects.get_or_create(
        sha256=sha256,
        defaults={"media_type": media_type, "size": len(data), "width": width, "height": height, "stored_at": at},
    )
    return evidence


def check_photo(data: bytes) -> None:
    """Refuse what is no photo that we take, before it is needed. Raises BadPhotoError with a sentence."""
    _decode(data)


def _decode(data: bytes) -> tuple[Image.Image, str]:
    """The picture as it should be seen (turned by EXIF, then without it), and its media type."""
    refused = BadPhotoError(_("无法识别这张照片，请上传 JPEG、PNG 或 WebP 图片。"))
    try:
        image = Image.open(io.BytesIO(data), formats=list(FORMATS))
        if image.width * image.height > MAX_PIXELS:
            raise BadPhotoError(_("照片像素过大，请缩小后重新上传。"))
        media_type = FORMATS[image.format or ""]
        turned = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, KeyError) as error:
        raise refused from error
    # a new picture from the pixels alone: nothing else of the file comes along
    clean = Image.new("RGB", turned.size)
    clean.paste(turned)
    return clean, media_type


def keep_original(sha256: str, data: bytes) -> None:
    """Keep bytes under their digest, apart from everything that is public."""
    _write(original_path(sha256), data)


def _write(path: Path, data: bytes) -> None:
    """Write beside and rename, so that a crash leaves no half file under a content's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")  # two threads may store the same photo at once
    part.write_bytes(data)
    part.replace(path)


def attach(step: Step, case: Case, photos: list[Photo], phase: str) -> None:
    """Make photos part of a step."""
    Attachment.objects.bulk_create(
        Attachment(
            evidence=photo.evidence,
            case=case,
            step=step,
            phase=phase,
            point=photo.point,
            accuracy_m=photo.accuracy_m,
            taken_at=photo.taken_at,
        )
        for photo in photos
    )
