"""A body outside the list: the dispatcher's page that makes a link, and the page behind the link."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.casefile import find_case
from desks.stepforms import ManyPhotos, PhotosField
from dispatch.actions.inviting import (
    MOST_DAYS,
    InvitationGoneError,
    answer_done,
    answer_refused,
    find_invitation,
    invite,
    new_token,
    revoke,
    standing,
)  # fmt: skip
from dispatch.evidence import BadPhotoError, Photo, public_path, store
from dispatch.lifecycle import Doing, MissingEvidenceError, StaleStepError
from dispatch.models import Attachment, Case, Clock, Invitation, Part
from dispatch.transitions import IllegalStep, State
from gridmap.datums import lonlat
from people.access import allow, current_user, public
from people.models import Agency

MOST_PHOTOS = 6
SHOWN = (Attachment.Phase.REPORTED, Attachment.Phase.BEFORE)
GONE = {
    "used": gettext_lazy("这个链接已经答复过，谢谢。需要补充请联系派遣员。"),
    "revoked": gettext_lazy("派遣员已收回这个链接，您不用再处理。"),
    "expired": gettext_lazy("这个链接已过期。如仍需处置，请派遣员重新发一个。"),
    "over": gettext_lazy("这件事已另有处理，您不用再处理。"),
}


class InviteForm(forms.Form):
    """Whom to ask, for which part, what to do, and how long the link holds."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    operation = forms.UUIDField(widget=forms.HiddenInput)
    part = forms.ModelChoiceField(Part.objects.none(), label=gettext_lazy("承办分项"), empty_label=None)
    agency = forms.ModelChoiceField(Agency.objects.none(), label=gettext_lazy("列外单位"), empty_label="—")
    note = forms.CharField(
        label=gettext_lazy("委托事项"),
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("对方只看到这段话、位置和现场照片，看不到诉求人。请勿写入姓名和电话。"),
    )
    days = forms.IntegerField(label=gettext_lazy("链接有效天数"), min_value=1, max_value=MOST_DAYS)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        parts = case.parts.filter(stage=Part.Stage.HANDLING).select_related("agency")
        outside = Agency.objects.active(timezone.localdate()).filter(external=True)
        self.fields["part"].queryset = parts  # type: ignore[attr-defined]
        self.fields["part"].label_from_instance = lambda part: str(part.agency)  # type: ignore[attr-defined]
        self.fields["agency"].queryset = outside.exclude(pk=case.accused_agency_id or 0)  # type: ignore[attr-defined]
        self.has_parts, self.has_bodies = parts.exists(), outside.exists()


class AnswerForm(forms.Form):
    """Done with words and photos, or refused with a reason."""

    operation = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("处置情况，或不承接的理由"),
        max_length=1000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": gettext_lazy("请写明处置情况，或不承接的理由。")},
    )
    photos = PhotosField(
        label=gettext_lazy("处置后的照片"), required=False, widget=ManyPhotos({"accept": "image/*", "multiple": True})
    )

    def clean_photos(self) -> list[Any]:
        photos: list[Any] = self.cleaned_data["photos"]
        if len(photos) > MOST_PHOTOS:
            raise forms.ValidationError(_("最多 %(count)s 张照片。") % {"count": MOST_PHOTOS})
        return photos


@allow(GET="case.invite", POST="case.invite")
def invitations(request: HttpRequest, number: str) -> HttpResponse:
    """The links of a case; a new one is shown once, on the answer to the form that made it."""
    case = find_case(number, current_user(request))
    if case is None:
        raise Http404
    first = {"version": case.version, "operation": uuid4(), "days": 7}
    form, link, status = InviteForm(request.POST or None, case=case, initial=first), "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given, token = form.cleaned_data, new_token()
            doing = Doing(current_user(request), timezone.now(), given["version"], given["operation"], given["note"])
            try:
                step = invite(case, doing, part=given["part"], agency=given["agency"], token=token, days=given["days"])
                made = Invitation.objects.get(step=step)
                fresh = find_invitation(token) == made
                link = request.build_absolute_uri(reverse("desks:ask", args=[token])) if fresh else ""
                status = 200
                if not fresh:
                    messages.info(request, _("这个链接已经生成过，只显示一次。需要时请重新发一个。"))
            except (StaleStepError, IllegalStep):
                status = 409
                form.add_error(None, _("案件刚刚有了新的进展，链接没有生成。请核对后再发。"))
    rows = Invitation.objects.filter(part__case=case).select_related("agency", "part__case", "answer_step__remark")
    now = timezone.now()
    context = {
        "case": case,
        "form": form,
        "link": link,
        "has_bodies": form.has_bodies,
        "may_ask": case.state == State.HANDLING and form.has_bodies and form.has_parts,
        "rows": [(row, standing(row, now)) for row in rows],
        "version": Case.objects.values_list("version", flat=True).get(pk=case.pk),
        "operation": uuid4(),
    }
    response = render(request, "desks/invitations.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@allow(POST="case.invite")
def revoke_invitation(request: HttpRequest, number: str) -> HttpResponse:
    """Withdraw a link."""
    case = find_case(number, current_user(request))
    if case is None:
        raise Http404
    asked = request.POST.get("invitation", "")
    key = int(asked) if asked.isdecimal() else 0
    invitation = get_object_or_404(Invitation.objects.select_related("part"), pk=key, part__case=case)
    try:
        revoke(case, Doing(current_user(request), timezone.now(), case.version, uuid4()), invitation=invitation)
        messages.success(request, _("链接已收回。"))
    except (StaleStepError, IllegalStep, InvitationGoneError):
        messages.error(request, _("链接已经用过或失效，没有变动。"))
    return redirect("desks:invitations", number=number)


@public
def ask(request: HttpRequest, token: str) -> HttpResponse:
    """What has to be done, where and by when; answered once."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    invitation = find_invitation(token)
    if invitation is None:
        raise Http404
    now = timezone.now()
    if standing(invitation, now) != "open":
        return _asked(request, invitation, token, None, status=410)
    if request.method != "POST":
        return _asked(request, invitation, token, AnswerForm(initial={"operation": uuid4()}))
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _asked(request, invitation, token, form, status=422)
    return _answer(request, invitation, token, form)


def _answer(request: HttpRequest, invitation: Invitation, token: str, form: AnswerForm) -> HttpResponse:
    given, now, case = form.cleaned_data, timezone.now(), invitation.part.case
    doing = Doing(None, now, case.version, given["operation"], given["words"])
    status = 422
    try:
        if "refuse" in request.POST:
            answer_refused(invitation, doing)
        else:
            answer_done(invitation, doing, [Photo(store(one, at=now)) for one in given["photos"]])
        return redirect("desks:ask", token=token)
    except BadPhotoError as error:
        form.add_error("photos", str(error))
    except MissingEvidenceError as error:
        needs = "、".join(str(need.label) for need in error.needs)
        form.add_error(None, _("还缺少：%(needs)s。") % {"needs": needs})
    except InvitationGoneError:
        return _asked(request, find_invitation(token) or invitation, token, None, status=410)
    except (StaleStepError, IllegalStep):
        status = 409
        form.add_error(None, _("案件刚刚有了新的进展，请重新提交一次。"))
    return _asked(request, invitation, token, form, status=status)


def _asked(
    request: HttpRequest, invitation: Invitation, token: str, form: AnswerForm | None, status: int = 200
) -> HttpResponse:
    case, stands = invitation.part.case, standing(invitation, timezone.now())
    photos: list[str] = []
    if form is not None:
        shown = Attachment.objects.filter(case=case, phase__in=SHOWN).order_by("pk")
        photos = list(shown.values_list("evidence__sha256", flat=True)[:MOST_PHOTOS])
    clock = Clock.objects.unfinished().filter(part=invitation.part, kind=Clock.Kind.HANDLE).first()
    context = {
        "invitation": invitation,
        "token": token,
        "form": form,
        "gone": GONE.get(stands, ""),
        "stands": stands,
        "case": case,
        "photos": photos,
        "due_at": clock.due_at if clock else None,
        "place": lonlat(case.point) if case.point else None,
    }
    response = render(request, "desks/ask.html", context, status=status if stands != "used" else 200)
    return _kept_private(response)


@public
def ask_photo(request: HttpRequest, token: str, sha256: str) -> HttpResponse:
    """The public copy of a photo of the reported place, only while the link is open."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    invitation = find_invitation(token)
    if invitation is None or standing(invitation, timezone.now()) != "open":
        raise Http404
    shown = Attachment.objects.filter(case=invitation.part.case, phase__in=SHOWN, evidence__sha256=sha256)
    path = public_path(sha256)
    if not shown.exists() or not path.exists():
        raise Http404
    return _kept_private(HttpResponse(path.read_bytes(), content_type="image/jpeg"))


def _kept_private(response: HttpResponse) -> HttpResponse:
    """The address is the key: no search engine keeps it, no proxy stores what it shows."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response
