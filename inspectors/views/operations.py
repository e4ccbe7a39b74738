"""What the phone's outbox talks to: operations, and the photos that go before them."""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.evidence import BadPhotoError
from inspectors import uploads
from inspectors.models import Upload
from inspectors.operations import Envelope, Refusal, Shot, ShotFix, perform
from people.access import allow_script, current_user

DIGEST = re.compile(r"[0-9a-f]{64}")


class FixSerializer(serializers.Serializer[Any]):
    """WGS84 degrees, accuracy in metres (68 % radius), seconds between measurement and operation."""

    lon = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-90, max_value=90)
    accuracy = serializers.FloatField(min_value=0, max_value=1_000_000)
    age = serializers.FloatField(min_value=0, default=0.0)


class ShotSerializer(serializers.Serializer[Any]):
    """A photo that was uploaded before, by the digest of its bytes."""

    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")
    size = serializers.IntegerField(min_value=1)
    fix = FixSerializer(required=False, allow_null=True)


class EnvelopeSerializer(serializers.Serializer[Any]):
    """One operation as the phone sends it; `inspectors.operations.Envelope` says what the parts mean."""

    operation = serializers.UUIDField()
    kind = serializers.CharField(max_length=20)
    about = serializers.CharField(max_length=40, allow_blank=True, default="")
    version = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    made_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    age_s = serializers.FloatField(min_value=0, default=0.0)
    by = serializers.IntegerField(required=False, allow_null=True, default=None)
    body = serializers.DictField(default=dict)
    photos = ShotSerializer(many=True, default=list)

    def envelope(self) -> Envelope:
        data = dict(self.validated_data)
        shots = [
            Shot(shot["sha256"], shot["size"], ShotFix(**shot["fix"]) if shot.get("fix") else None)
            for shot in data.pop("photos")
        ]
        return Envelope(**data, photos=shots)


@allow_script(GET="field", POST="field")
@api_view(["GET", "POST"])
def operations(request: Request) -> Response:
    """GET: who is logged in, the server's time in seconds, and the token for what comes. POST: one operation.

    200 is the receipt and names the operation. 409: something has changed, both versions are told. 422: field and
    sentence. 401 and 403 like everywhere for scripts. A refused operation has left nothing behind.
    """
    at, user = timezone.now(), current_user(request)
    if request.method != "POST":
        answer = Response({"user": user.pk, "now": at.timestamp(), "token": get_token(request)})
        answer.headers["Cache-Control"] = "no-store"
        return answer
    sent = EnvelopeSerializer(data=request.data)
    if not sent.is_valid():
        name = next(iter(sent.errors))
        told = {
            "code": "envelope",
            "field": name,
            "sentence": _("这条记录的格式不对，没有保存。请导出后与管理员联系。"),
        }
        return Response(told | {"errors": sent.errors}, status=422)
    try:
        return Response(perform(sent.envelope(), user, at))
    except Refusal as error:
        return Response(error.answer, status=error.status)


@allow_script(GET="field", PUT="field")
def photo_upload(request: HttpRequest, digest: str) -> HttpResponseBase:
    """One photo by its SHA-256. HEAD: how much is there (`Upload-Offset`); PUT: the piece from `Upload-Offset` on.

    The photo's size is in `Upload-Length`. 409 names the offset to go on from; 422 says why it is no photo.
    """
    at, user = timezone.now(), current_user(request)
    if not DIGEST.fullmatch(digest):
        raise Http404
    if request.method != "PUT":
        upload = Upload.objects.filter(by=user, sha256=digest).first()
        if upload is None:
            raise Http404
        return _told(upload)
    sizes = [request.headers.get(name, "") for name in ("Upload-Offset", "Upload-Length")]
    if not all(size.isdecimal() for size in sizes):
        return _trouble(400, "piece", _("上传的照片缺少位置或大小。"))
    if int(request.headers.get("Content-Length") or 0) > uploads.MOST_AT_ONCE:
        return _trouble(413, "piece", _("一次上传的数据过多，请分段上传。"))
    piece = uploads.Piece(int(sizes[0]), int(sizes[1]), request.body)
    try:
        return _told(uploads.add(user, digest, piece, at=at))
    except uploads.PieceError as error:
        return _trouble(409, "offset", _("照片请从中断的地方继续上传。"), error.held)
    except uploads.TooManyError:
        return _trouble(429, "many", _("等待上传的照片太多，请先提交已填写的记录。"))
    except BadPhotoError as error:
        return _trouble(422, "photo", str(error))


def _told(upload: Upload) -> JsonResponse:
    offset = upload.size if upload.whole else uploads.held(upload)
    answer = JsonResponse({"sha256": upload.sha256, "offset": offset, "size": upload.size, "whole": upload.whole})
    told = {"Upload-Offset": str(offset), "Upload-Length": str(upload.size), "Cache-Control": "no-store"}
    for name, value in told.items():
        answer.headers[name] = value
    return answer


def _trouble(status: int, code: str, sentence: str, offset: int | None = None) -> JsonResponse:
    told: dict[str, Any] = {"code": code, "sentence": sentence}
    if offset is not None:
        told["offset"] = offset
    return JsonResponse(told, status=status)
