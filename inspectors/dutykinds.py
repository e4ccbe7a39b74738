"""The operations of a shift by name: the form that each is sent in, and what does it.

For a valid form `KINDS[name].act(form, user, at)` returns a sentence or raises DutyError.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.forms import Form
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.actions.households import NoChannelError, record_visit
from dispatch.models import Household
from inspectors import campaigns, duty, messages, tracks
from inspectors.dutyforms import (
    ClockForm,
    ConsentForm,
    HouseholdVisitForm,
    MomentForm,
    ReadForm,
    SpotForm,
    TrackForm,
)
from inspectors.dutyrefusals import DutyError
from inspectors.models import Spot
from people.models import User


class Kind(NamedTuple):
    """How one kind of operation is read and done, and the page that shows what came of it."""

    form: type[Form]
    act: Callable[[Any, User, datetime], str]
    page: str = "inspectors:duty"


def _clock_in(form: ClockForm, user: User, at: datetime) -> str:
    given = form.cleaned_data
    made = duty.clock_in(form.fix(at), given["reason"], by=user, at=at, operation=given["operation"])
    return _("已签到：%(time)s，%(zone)s。") % {"time": _clock(made.in_at), "zone": made.shift.zone}


def _clock_out(form: ClockForm, user: User, at: datetime) -> str:
    given = form.cleaned_data
    made = duty.clock_out(form.fix(at), given["reason"], by=user, at=at, operation=given["operation"])
    return _("已签退：%(time)s。辛苦了。") % {"time": _clock(made.out_at or at)}


def _break_start(form: MomentForm, user: User, at: datetime) -> str:
    made = duty.break_start(form.when(at), by=user, at=at, operation=form.cleaned_data["operation"])
    return _("开始休息，最迟 %(time)s 结束。") % {"time": _clock(made.until_at)}


def _break_end(form: MomentForm, user: User, at: datetime) -> str:
    duty.break_end(form.when(at), by=user, at=at, operation=form.cleaned_data["operation"])
    return _("休息结束，已回到岗位。")


def _consent(form: ConsentForm, user: User, at: datetime) -> str:
    given = form.cleaned_data
    kept = tracks.consent(user, given=given["given"], at=at, operation=given["operation"])
    return _("已同意记录巡查轨迹。") if kept else _("不记录巡查轨迹。其他功能不受影响。")


def _track(form: TrackForm, user: User, at: datetime) -> str:
    batch = tracks.record(form.fixes(at), by=user, at=at, operation=form.cleaned_data["operation"])
    return _("轨迹已保存 %(kept)d 个点。") % {"kept": batch.kept}


def _read(form: ReadForm, user: User, at: datetime) -> str:
    given = form.cleaned_data
    messages.read(given["message"], by=user, at=form.when(at), operation=given["operation"])
    return _("已确认阅读。")


def _visit(form: HouseholdVisitForm, user: User, at: datetime) -> str:
    given = form.cleaned_data
    household = Household.objects.visible_to(user).living().filter(pk=given["household"]).first()
    if household is None:
        raise DutyError("gone")
    try:
        made = record_visit(household, form.told(), by=user, at=at, operation=given["operation"])
    except NoChannelError as error:
        raise DutyError("no_channel") from error
    if made.case is not None:
        return _("已记录走访，并登记诉求 %(number)s。") % {"number": made.case.number}
    return _("已记录走访。")


def _spot(form: SpotForm, user: User, at: datetime) -> str:
    given = form.cleaned_data
    made = campaigns.see(
        given["spot"],
        given["result"],
        by=user,
        at=at,
        seen_at=form.when(at),
        operation=given["operation"],
        note=given["note"],
        number=given["case"].strip(),
    )
    return _("已保存：%(answer)s") % {"answer": Spot.Result(made.result).label}


KINDS: dict[str, Kind] = {
    "clock_in": Kind(ClockForm, _clock_in),
    "clock_out": Kind(ClockForm, _clock_out),
    "break_start": Kind(MomentForm, _break_start),
    "break_end": Kind(MomentForm, _break_end),
    "track_consent": Kind(ConsentForm, _consent),
    "track": Kind(TrackForm, _track),
    "message_read": Kind(ReadForm, _read, "inspectors:field_messages"),
    "household_visit": Kind(HouseholdVisitForm, _visit, "inspectors:field_households"),
    "spot": Kind(SpotForm, _spot, "inspectors:spots"),
}


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
