"""What a phone sends: envelopes, and photos piece by piece."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from django.test import Client

from dispatch.models import Case, FieldTask
from gridmap.datums import lonlat
from tests.town import Town, at, jpeg


def colour(name: str) -> bytes:
    return jpeg(name).getvalue()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(phone: Client, data: bytes, *, offset: int = 0, upto: int | None = None, **more: Any) -> Any:
    """One piece of a photo, all of it unless told otherwise."""
    digest, size = more.get("digest", sha(data)), more.get("size", len(data))
    return phone.put(
        f"/field/photos/{digest}/",
        data[offset:upto],
        content_type="application/octet-stream",
        headers={"Upload-Offset": str(offset), "Upload-Length": str(size)},
    )


def shot(phone: Client, name: str, **fix: Any) -> dict[str, Any]:
    """An uploaded photo as an envelope names it."""
    data = colour(name)
    assert put(phone, data).json()["whole"]
    return {"sha256": sha(data), "size": len(data), **({"fix": fix} if fix else {})}


def place(x: float) -> dict[str, Any]:
    lon, lat = lonlat(at(x, 50))
    return {"lon": lon, "lat": lat, "accuracy": 8, "age": 3}


def answer(task: FieldTask, photos: list[dict[str, Any]], x: float = 55, **more: Any) -> dict[str, Any]:
    """An answer from (x, 50); what begins with a name of the envelope replaces that."""
    envelope: dict[str, Any] = {
        "operation": str(uuid.uuid4()),
        "kind": "answer",
        "about": str(task.pk),
        "version": Case.objects.get(pk=task.case_id).version,
        "made_at": "2001-01-01T00:00:00Z",
        "age_s": 0,
        "photos": photos,
    }
    body = {"result": "confirmed" if task.kind == "verify" else "passed", **place(x)}
    body |= {name: value for name, value in more.items() if name not in envelope}
    return envelope | {name: value for name, value in more.items() if name in envelope} | {"body": body}


def finding(town: Town, photos: list[dict[str, Any]], x: float = 55, **body: Any) -> dict[str, Any]:
    return {
        "operation": str(uuid.uuid4()),
        "kind": "found",
        "photos": photos,
        "body": {"category": town.cover.pk, **place(x), **body},
    }


def send(phone: Client, envelope: dict[str, Any]) -> Any:
    return phone.post("/field/operations/", envelope, content_type="application/json")


def operate(phone: Client, kind: str, values: Mapping[str, Any], about: object = "") -> Any:
    """A form's values as the phone sends them: its photo first, which may be refused; then the operation."""
    body = {name: str(value) for name, value in values.items() if name not in {"operation", "version", "photos"}}
    envelope: dict[str, Any] = {"operation": str(values.get("operation", uuid.uuid4())), "kind": kind}
    envelope |= {"about": str(about), "version": values.get("version"), "body": body, "photos": []}
    photo = values.get("photos")
    if photo is not None:
        photo.seek(0)
        data = photo.read()
        uploaded = put(phone, data)
        if uploaded.status_code != 200:
            return uploaded
        envelope["photos"] = [{"sha256": sha(data), "size": len(data)}]
    return send(phone, envelope)
