"""The intake desk as one page: what the form begins with, who calls, words to read, the line above, the last case."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from desks.callerfile import people_of, read_caller, read_strip
from desks.forms import IntakeForm, main_channel
from desks.proposals import Proposals
from desks.ringforms import PopForm
from dispatch import scripts, sittings
from dispatch.calls import written
from dispatch.models import Call, Case, Channel, Diversion, Person, Report, Sitting
from people.access import scope_of
from people.models import Look, User
from people.permissions import may

LAST = timedelta(minutes=15)  # how long the words about the call before stay
OF_PERSON = ("name", "phone", "kind", "company", "credit_code", "callback_phone")


@dataclass(frozen=True)
class Script:
    """What is read to the caller: the first and the last words of every call, and what follows from the choices."""

    opening: str
    sentences: list[str]
    closing: str


@dataclass(frozen=True)
class Just:
    """The case that has just been registered, with the words for its caller and the note on the call."""

    case: Case
    call: Call | None
    script: Script


def facts_of(person: Person | None) -> dict[str, str]:
    """What the form takes over of somebody."""
    return {name: getattr(person, name) for name in OF_PERSON} if person else {}


def look_at(user: User, person: Person, reason: str, at: datetime) -> None:
    """Record that somebody has seen a caller's data in full."""
    Look.objects.create(user=user, subject=f"caller:{person.pk}", reason=reason, looked_at=at)


def first_of_call(number: str, user: User) -> dict[str, Any]:
    """What another matter of the same call begins with: the caller as before."""
    own = Call.objects.filter(operator=user).select_related("person")
    call = own.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    return {"call": call.pk, "channel": call.channel_id, **facts_of(call.person)} if call else {}


def first_of_pop(pop: PopForm, user: User, at: datetime) -> dict[str, Any]:
    """What the form begins with for a call that rings, or for one that is called back."""
    first, why = pop.first(), _("来电弹屏")
    back = Call.objects.abandoned().select_related("person").filter(pk=pop.cleaned_data.get("back") or 0).first()
    if back is None:
        first.pop("back", None)
    elif back.person is not None:
        first, why = first | {"phone": back.person.phone, "channel": back.channel_id}, _("回拨放弃的来电")
    if not first:
        return {}
    first.setdefault("channel", main_channel())
    person = next(iter(people_of(written(first["phone"]))), None) if "phone" in first else None
    if not may(scope_of(user).roles, "person.unmask"):
        return first
    if person is not None:
        first |= facts_of(person) | {"phone": first["phone"]}
    # a number that was masked in the list is shown now
    seen = person or (back.person if back else None)
    if seen is not None:
        look_at(user, seen, why, at)
    return first


def read_desk(
    form: IntakeForm, user: User, at: datetime, *, proposals: Proposals | None = None, pop: PopForm | None = None,
    just: Just | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Everything on the page."""
    ref, channel = form["call_ref"].value() or "", form["channel"].value()
    known = Report.objects.filter(call__channel=channel, call__external_ref=ref).select_related("case") if ref else []
    phone, back = form["phone"].value() or "", form["back"].value()
    return {
        "form": form,
        "proposals": proposals,
        "services": Diversion.Service.choices,
        "pop": pop,
        "rings": bool(pop and (phone or ref) and not form["call"].value()),
        "back": Call.objects.to_return().filter(pk=back).first() if str(back or "").isdecimal() else None,
        "known": [report.case for report in known if report.case],
        "caller": read_caller(phone, user),
        "script": just.script if just else read_script(proposals),
        "just": just,
        "strip": read_strip(user, at),
        "states": Sitting.State.choices,
        "focus": _focus(form, phone),
    }


def _focus(form: IntakeForm, phone: str) -> str:
    """Where the cursor is when the page comes: at what is wrong, else at what is said next."""
    wrong = next((name for name in form.fields if name in form.errors and not form[name].is_hidden), None)
    return wrong or ("text" if phone else "phone")


def read_script(proposals: Proposals | None) -> Script:
    """The words for the caller, as far as anything is known."""
    return Script(scripts.opening(), proposals.script if proposals else [], scripts.closing())


def just_registered(number: str, user: User, at: datetime) -> Just | None:
    """The case of the call before, while it is worth reading its number out."""
    case = Case.objects.visible_to(user).select_related("category", "condition", "community", "merged_into")
    found = case.filter(number=number).first() if number else None
    if found is None or found.received_at < at - LAST:
        return None
    # a report that was merged has gone to the other case
    report = Report.objects.filter(number=f"S{number}").select_related("call", "person", "case").first()
    about = scripts.About(
        agency=found.proposed_agency.name if found.proposed_agency else "",
        callback=bool(report and report.wants_callback),
        reachable=bool(report and report.person and report.person.phone and not report.anonymous),
    )
    own = report.call if report and report.call and report.call.operator_id == user.pk else None
    script = Script("", scripts.sentences(found, about), scripts.closing())
    return Just(found, own, script)


def end_call(case: Case, user: User, at: datetime) -> None:
    """The last matter of a call has been registered: the operator wraps up, and the call has an end."""
    since = sittings.hung_up(user, at)
    call = Call.objects.filter(reports__number=f"S{case.number}", channel__kind=Channel.Kind.HOTLINE).first()
    if since is not None and call is not None and call.ended_at is None:
        Call.objects.filter(pk=call.pk).update(ended_at=max(since, call.started_at))
