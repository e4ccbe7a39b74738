"""Photos on their way from a phone: piece by piece, each phone's own, until an operation takes them.

The length of the file is what counts as received: it survives a process that is killed between bytes and row. A piece
that does not begin there is refused with the place where it should.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.evidence import MAX_BYTES, BadPhotoError, check_photo
from inspectors.models import Upload
from people.models import User

# one request; a phone on a bad line sends smaller ones
MOST_AT_ONCE = 1024 * 1024
# of one person: a shift's photos and then some
MOST_WAITING = 300
UNFINISHED_FOR = timedelta(days=1)
# a whole photo waits for its operation: the phone may be without network again in between
WHOLE_FOR = timedelta(days=7)


class PieceError(Exception):
    """A piece that does not continue what is there; `held` bytes are."""

    def __init__(self, held: int) -> None:
        super().__init__(f"{held} bytes are there")
        self.held = held


class TooManyError(Exception):
    """One person has more photos waiting than a shift can bring."""


@dataclass(frozen=True)
class Piece:
    """Bytes of a photo of `size` bytes, from `offset` on."""

    offset: int
    size: int
    data: bytes


def path_of(upload: Upload) -> Path:
    return Path(settings.MEDIA_ROOT) / "uploads" / str(upload.by_id) / f"{upload.sha256}.part"


def held(upload: Upload) -> int:
    """Bytes that are there."""
    path = path_of(upload)
    return path.stat().st_size if path.exists() else 0


def add(by: User, sha256: str, piece: Piece, *, at: datetime) -> Upload:
    """Add a piece; the last one has digest and picture checked. A photo that is whole stays as it is.

    Raises PieceError, TooManyError, and BadPhotoError with a sentence; a bad photo is forgotten again.
    """
    if not 0 < piece.size <= MAX_BYTES:
        raise BadPhotoError(_("照片超过 15 MB，请压缩后重新上传。"))
    try:
        with transaction.atomic():
            upload = _locked(by, sha256, piece, at)
            if not upload.whole:
                # all bytes may be there without a row that says so: a process was killed between the two
                if held(upload) != upload.size:
                    _write(upload, piece)
                upload.whole = held(upload) == upload.size and _is_whole(upload)
                upload.touched_at = at
                upload.save(update_fields=["whole", "touched_at"])
            return upload
    except BadPhotoError:
        _forget(Upload.objects.filter(by=by, sha256=sha256).first() or Upload(by=by, sha256=sha256))
        raise


def _locked(by: User, sha256: str, piece: Piece, at: datetime) -> Upload:
    begun = {"size": piece.size, "begun_at": at, "touched_at": at}
    known = Upload.objects.select_for_update().filter(by=by, sha256=sha256).first()
    if known is None:
        if Upload.objects.filter(by=by).count() >= MOST_WAITING:
            raise TooManyError
        Upload.objects.get_or_create(by=by, sha256=sha256, defaults=begun)
        known = Upload.objects.select_for_update().get(by=by, sha256=sha256)
    if known.size != piece.size:
        raise PieceError(held(known))
    return known


def _write(upload: Upload, piece: Piece) -> None:
    there = held(upload)
    if there > upload.size:
        path_of(upload).unlink()
        there = 0
    if piece.offset != there or there + len(piece.data) > upload.size:
        raise PieceError(there)
    path = path_of(upload)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(piece.data)


def _is_whole(upload: Upload) -> bool:
    """Whether the bytes are those that the phone hashed; others are thrown away, and the phone begins again."""
    data = path_of(upload).read_bytes()
    if hashlib.sha256(data).hexdigest() != upload.sha256:
        path_of(upload).unlink()
        return False
    check_photo(data)
    return True


def whole_of(by: User, digests: list[str]) -> dict[str, Upload]:
    """The whole photos among these, by digest; somebody else's are not there."""
    found = Upload.objects.filter(by=by, sha256__in=digests, whole=True)
    return {upload.sha256: upload for upload in found if path_of(upload).exists()}


def used(uploads: list[Upload]) -> None:
    """An operation has taken them: they go, once it is certain that it is stored."""

    def away() -> None:
        for upload in uploads:
            _forget(upload)

    transaction.on_commit(away)


def _forget(upload: Upload) -> None:
    path_of(upload).unlink(missing_ok=True)
    if upload.pk:
        Upload.objects.filter(pk=upload.pk).delete()


def sweep(at: datetime) -> int:
    """Forget what nobody has sent to the end; the phone still has it and begins again. How many went."""
    left = Upload.objects.filter(whole=False, touched_at__lt=at - UNFINISHED_FOR)
    waited = Upload.objects.filter(whole=True, touched_at__lt=at - WHOLE_FOR)
    gone = [*left, *waited]
    for upload in gone:
        _forget(upload)
    return len(gone)


def sweep_due() -> str:
    """The worker's task of every night."""
    return f"{sweep(timezone.now())} photos"
