"""Photos: stored by content, without EXIF, hostile files refused with a sentence."""

import hashlib
import io

import pytest
from PIL import Image

from dispatch.evidence import BadPhotoError, original_path, public_path, store
from dispatch.models import Evidence
from tests.town import NOW, jpeg


@pytest.mark.django_db
def test_the_original_is_kept_byte_for_byte_and_named_by_content() -> None:
    data = jpeg("red").getvalue()
    evidence = store(io.BytesIO(data), at=NOW)
    assert evidence.sha256 == hashlib.sha256(data).hexdigest()
    assert original_path(evidence.sha256).read_bytes() == data


@pytest.mark.django_db
def test_the_public_copy_has_no_exif_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    exif[0x010F] = "secret camera"
    out = io.BytesIO()
    Image.new("RGB", (80, 40), "red").save(out, "JPEG", exif=exif)
    evidence = store(io.BytesIO(out.getvalue()), at=NOW)
    data = public_path(evidence.sha256).read_bytes()
    assert b"secret camera" not in data
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (40, 80)
        assert not picture.getexif()


@pytest.mark.django_db
def test_the_same_photo_is_stored_once() -> None:
    assert store(jpeg("blue"), at=NOW).pk == store(jpeg("blue"), at=NOW).pk
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0 broken", b"GIF89a" + b"\0" * 50, jpeg().getvalue()[:-200]],
)
def test_what_is_not_a_photo_is_refused(data: bytes) -> None:
    from dispatch.evidence import _decode

    with pytest.raises(BadPhotoError, match="照片"):
        _decode(data)


@pytest.mark.django_db
def test_a_picture_with_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch.evidence.MAX_PIXELS", 100)
    with pytest.raises(BadPhotoError, match="像素"):
        store(jpeg(), at=NOW)
