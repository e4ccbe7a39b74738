"""One door for everything that a phone does: `POST /field/operations/`, each operation once.

A new kind is one line in `inspectors/kinds.py` (or, from a higher floor, `register("name", Kind(…))` in its
`AppConfig.ready`): a form that checks the body, and a function that does it and returns the sentence for the person.

    register("claim", Kind(form=BareForm, act=claim))

The form is made as `form(data, sent)` where `data` is a QueryDict of the body with `operation`, `version` and `age`
put in: seconds since the fix was measured, now. The function is called as `act(form, sent)` inside the transaction
that keeps the receipt; what it raises from `inspectors.refusals.REFUSED`, or a `Refusal`, leaves nothing behind, so
that the phone may send the same UUID again with what was missing. `standing(sent)` tells a 409 how the thing is now.

The row of an operation is written first: of two requests with one UUID the second waits for the first, and answers as
that one did.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction
from django.forms import Form
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from dispatch.evidence import BadPhotoError, Photo, store
from dispatch.models import Evidence
from gridmap.datums import Datum, DatumError, point_from
from inspectors import uploads
from inspectors.forms import MOST_PHOTOS, OLDEST
from inspectors.models import Operation, Upload
from inspectors.refusals import REFUSED, refusal
from people.access import scope_of
from people.models import User
from people.permissions import may

Answer = dict[str, Any]


class Refusal(Exception):
    """Why an operation was not done: status, and what the phone is told (`code`, `sentence`, …)."""

    def __init__(self, status: int, code: str, sentence: str, **more: object) -> None:
        super().__init__(sentence)
        self.status = status
        self.answer: Answer = {"code": code, "sentence": sentence, **more}


@dataclass(frozen=True)
class ShotFix:
    """Where a phone was at the shutter: WGS84 degrees, metres, and seconds before the operation was made."""

    lon: float
    lat: float
    accuracy: float
    age: float = 0.0


@dataclass(frozen=True)
class Shot:
    """A photo of an operation by its content, with the fix of its own shutter where it had one."""

    sha256: str
    size: int
    fix: ShotFix | None = None


@dataclass(frozen=True)
class Envelope:
    """What the phone sends. `age_s`: seconds since the operation was made, measured by the phone, judged here."""

    operation: UUID
    kind: str
    about: str
    body: dict[str, Any]
    age_s: float = 0.0
    version: int | None = None
    made_at: datetime | None = None
    by: int | None = None
    photos: list[Shot] = field(default_factory=list)


@dataclass(frozen=True)
class Sent:
    """What a kind's function gets beside its form; `made_at` is when it was done, by our clock."""

    about: str
    by: User
    at: datetime
    made_at: datetime
    photos: list[Evidence | Photo] = field(default_factory=list)
    version: int | None = None


@dataclass(frozen=True)
class Kind:
    """How one kind of operation is checked and done, and who may do it."""

    form: Callable[[QueryDict, Sent], Form]
    act: Callable[[Any, Sent], str]
    permission: str = "field"
    page: str = "inspectors:nearby"  # where the phone goes on
    opens_about: bool = False  # that page is one of what the operation is about
    standing: Callable[[Sent], Answer] | None = None


KINDS: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    """Let phones send a kind of operation; a name that is taken is a mistake of ours."""
    if name in KINDS:
        raise ValueError(f"operation {name!r} is registered twice")
    KINDS[name] = kind


def digest_of(envelope: Envelope) -> str:
    """SHA-256 of what was sent, the age left out: it grows with every try."""
    shots = [shot.sha256 for shot in envelope.photos]
    said = [envelope.kind, envelope.about, envelope.version, envelope.body, shots]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def perform(envelope: Envelope, by: User, at: datetime) -> Answer:
    """Do an operation once and return its receipt; the same one again gets the same receipt. Raises Refusal."""
    if envelope.by is not None and envelope.by != by.pk:
        raise Refusal(409, "other_user", _("这条记录是另一位用户填写的，请由本人登录后上传。"))
    kind = KINDS.get(envelope.kind)
    if kind is None:
        raise Refusal(422, "kind", _("服务器不认识这种操作，请更新页面后再试。"), field="kind")
    age = timedelta(seconds=min(max(envelope.age_s, 0.0), OLDEST.total_seconds()))
    values = {"by": by, "kind": envelope.kind, "about": envelope.about, "digest": digest_of(envelope)}
    values |= {"phone_said": envelope.made_at, "made_at": at - age, "received_at": at}
    with transaction.atomic():
        row, new = Operation.objects.get_or_create(uuid=envelope.operation, defaults=values)
        if not new:
            return _again(row, values)
        if not may(scope_of(by).roles, kind.permission):
            raise Refusal(403, "forbidden", _("您现在没有办理这一步的权限。"))
        row.answer = _done(kind, envelope, Sent(envelope.about, by, at, at - age, version=envelope.version))
        row.save(update_fields=["answer"])
    answer: Answer = row.answer
    return answer


def _again(row: Operation, values: dict[str, Any]) -> Answer:
    if (row.by_id, row.digest) != (values["by"].pk, values["digest"]):
        raise Refusal(409, "reused", _("这条记录的编号已经用于另一项内容，没有重复保存。"))
    answer: Answer = row.answer
    return answer


def _done(kind: Kind, envelope: Envelope, sent: Sent) -> Answer:
    form = kind.form(_data(envelope), sent)
    if not form.is_valid():
        raise _not_valid(form)
    try:
        taken = _uploaded(envelope, sent)
        photos = [_photo(shot, taken[shot.sha256], envelope, sent.at) for shot in envelope.photos]
        sentence = kind.act(form, Sent(sent.about, sent.by, sent.at, sent.made_at, photos, sent.version))
    except REFUSED as error:
        raise _refused(error, kind, sent) from error
    uploads.used(list(taken.values()))
    following = reverse(kind.page, args=[sent.about] if kind.opens_about else [])
    return {"operation": str(envelope.operation), "sentence": sentence, "next": following}


def _data(envelope: Envelope) -> QueryDict:
    """The body as a form's data; the fix is older by the time that the operation has waited."""
    data = QueryDict(mutable=True)
    for name, value in envelope.body.items():
        data.setlist(name, [str(one) for one in (value if isinstance(value, list) else [value])])
    data["operation"] = str(envelope.operation)
    if envelope.version is not None:
        data["version"] = str(envelope.version)
    try:
        data["age"] = str(max(float(data.get("age") or 0.0), 0.0) + max(envelope.age_s, 0.0))
    except ValueError:
        data["age"] = ""
    return data


def _not_valid(form: Form) -> Refusal:
    """422: the first thing that is wrong, as field and sentence."""
    if {"lon", "lat", "accuracy"} & set(form.errors):
        return Refusal(422, "position", _("没有现场位置。请打开定位，等到出现精度后再提交。"), field="lon")
    name, errors = next(iter(form.errors.items()))
    return Refusal(422, "form", str(errors[0]), field=name)


FIELDS = {"far": "far_reason", "missing": "note", "photo": "photos"}


def _refused(error: Exception, kind: Kind, sent: Sent) -> Refusal:
    status, code, sentence = refusal(error)
    more: Answer = {"field": FIELDS[code]} if code in FIELDS else {}
    if status == 409 and kind.standing is not None:
        more |= kind.standing(sent)
    return Refusal(status, code, sentence, **more)


def _uploaded(envelope: Envelope, sent: Sent) -> dict[str, Upload]:
    """The photos, which have been uploaded before by the same person; 422 names those that have not."""
    digests = [shot.sha256 for shot in envelope.photos]
    if len(digests) > MOST_PHOTOS:
        raise BadPhotoError(_("一次最多上传 %(most)d 张照片。") % {"most": MOST_PHOTOS})
    there = uploads.whole_of(sent.by, digests)
    missing = [digest for digest in digests if digest not in there]
    if missing:
        raise Refusal(422, "photos", _("照片还没有上传完，请稍候。"), field="photos", missing=missing)
    return there


def _photo(shot: Shot, upload: Upload, envelope: Envelope, at: datetime) -> Evidence | Photo:
    """The stored photo; with its own position and time where its shutter had a fix inside the city's datum."""
    with uploads.path_of(upload).open("rb") as file:
        evidence = store(file, at=at)
    point = _point(shot.fix) if shot.fix else None
    if shot.fix is None or point is None:
        return evidence
    age = timedelta(seconds=min(max(shot.fix.age, 0.0) + max(envelope.age_s, 0.0), OLDEST.total_seconds()))
    return Photo(evidence, point, shot.fix.accuracy, at - age)


def _point(fix: ShotFix) -> Point | None:
    try:
        return point_from(fix.lon, fix.lat, Datum.WGS84)
    except DatumError:
        return None
