"""What the case page and the lists say of an agency's own work: who has a part in hand, and what was said about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.actions.delegating import (
    TALK_LENGTH,
    Target,
    agencies_below,
    of_centre,
    parts_to_talk_about,
    people_of,
    read,
)
from dispatch.actions.handling import own_of
from dispatch.dutyphones import DutyPhone, now_of, phone_of
from dispatch.models import Case, Delegation, Part, TalkLine, TalkLineQuerySet
from dispatch.transitions import State
from people.access import of_agencies, scope_of
from people.models import User
from people.permissions import Role, may


class DelegateForm(forms.Form):
    """One of the agency's people, an agency below, or a crew by name; nothing chosen takes the part back."""

    operation = forms.UUIDField(widget=forms.HiddenInput)
    to = forms.ChoiceField(label=gettext_lazy("交给"), required=False)
    crew = forms.CharField(
        label=gettext_lazy("班组或人员"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("没有账号的班组、人员写在这里。"),
    )
    note = forms.CharField(
        label=gettext_lazy("交办要求"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )

    def offer(self, part: Part, user: User, at: datetime) -> None:
        """Fill the choices for whoever hands the part on."""
        self.people = {f"user:{who.pk}": who for who in people_of(part, user, timezone.localdate(at))}
        self.agencies = {f"agency:{unit.pk}": unit for unit in agencies_below(part, user)}
        to: Any = self.fields["to"]
        groups: list[tuple[str, Any]] = [("", _("收回，由本单位统一办理"))]
        if self.people:
            groups.append((_("本单位人员"), [(key, self._named(who, user)) for key, who in self.people.items()]))
        if self.agencies:
            groups.append((_("下级单位"), [(key, str(unit)) for key, unit in self.agencies.items()]))
        to.choices = groups

    def _named(self, who: User, user: User) -> str:
        return _("%(who)s（本人）") % {"who": who} if who == user else str(who)

    def clean(self) -> None:
        if self.cleaned_data.get("to") and self.cleaned_data.get("crew", "").strip():
            self.add_error("crew", _("只能交给一处：请选人员、单位，或填写班组。"))

    def target(self) -> Target:
        given = self.cleaned_data
        to = given["to"]
        return Target(self.people.get(to), self.agencies.get(to), "" if to else given["crew"].strip())


class TalkForm(forms.Form):
    """A message; `part` says about which agency's part."""

    part = forms.IntegerField(widget=forms.HiddenInput)
    operation = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("内容"), max_length=TALK_LENGTH, widget=forms.Textarea({"rows": 2}), strip=True
    )


@dataclass(frozen=True)
class Talk:
    """The messages about one part, and the form for the next one; `fresh` are those unread until now."""

    part: Part
    lines: list[TalkLine]
    fresh: frozenset[int]
    form: TalkForm


@dataclass(frozen=True)
class UnitWork:
    """Of one case: handed to whom, what was said, which telephone counts now."""

    delegations: list[Delegation]
    form: DelegateForm | None
    talks: list[Talk]
    phones: list[tuple[Part, DutyPhone]]  # whom the centre calls at this hour
    from_centre: bool
    may_print: bool

    @property
    def held(self) -> list[Delegation]:
        """Those in force."""
        return [row for row in self.delegations if row.ended_at is None]


def read_unitwork(
    case: Case, parts: list[Part], user: User, at: datetime, *, bound: forms.Form | None = None
) -> UnitWork:
    """Gather it, and mark what the other side has written as read: whoever opens the case has it before them.

    `case` is one of `with_beside`, `parts` all that it ever had.
    """
    roles = scope_of(user).roles
    live = [part for part in parts if part.withdrawn_at is None]
    talking = parts_to_talk_about(live, user) if may(roles, "talk") else []
    lines = _lines(talking) if case.talked else []  # type: ignore[attr-defined]  # annotated
    centre = of_centre(user)
    fresh = frozenset(line.pk for line in lines if line.read_at is None and line.from_centre != centre)
    if fresh:
        read(talking, by=user, at=at)
    talks = [
        Talk(
            part,
            [line for line in lines if line.part_id == part.pk],
            fresh,
            _talk_form(part, bound),
        )
        for part in talking
        if case.is_open or any(line.part_id == part.pk for line in lines)
    ]
    return UnitWork(
        delegations=_delegations(case, user) if case.handed else [],  # type: ignore[attr-defined]  # annotated
        form=_delegate_form(case, live, user, at, bound),
        talks=talks,
        phones=_phones(talking, at) if centre and case.is_open else [],
        from_centre=centre,
        may_print=bool(talking) and case.is_open,
    )


def _talk_form(part: Part, bound: forms.Form | None) -> TalkForm:
    if isinstance(bound, TalkForm) and bound.data.get("part") == str(part.pk):
        return bound
    return TalkForm(initial={"part": part.pk, "operation": uuid4()}, auto_id=f"talk{part.pk}_%s")


def _lines(parts: list[Part]) -> list[TalkLine]:
    return list(TalkLine.objects.filter(part__in=parts).select_related("by", "read_by"))


def _delegate_form(
    case: Case, parts: list[Part], user: User, at: datetime, bound: forms.Form | None
) -> DelegateForm | None:
    if case.state != State.HANDLING or not may(scope_of(user).roles, "delegate"):
        return None
    part = own_of(parts, user)
    if part is None or part.stage != Part.Stage.HANDLING:
        return None
    if isinstance(bound, DelegateForm):
        return bound
    form = DelegateForm(initial={"operation": uuid4()}, auto_id="delegate_%s")
    form.offer(part, user, at)
    return form


def _delegations(case: Case, user: User) -> list[Delegation]:
    """The whole line of hands; an agency sees its own, not those of the others in a case."""
    rows = Delegation.objects.filter(part__case=case).select_related("to_user", "to_agency", "by", "part__agency")
    scope = scope_of(user)
    if scope.roles - {Role.HANDLER, Role.INSPECTOR}:
        return list(rows)
    return [
        row for row in rows if row.part.agency_id in scope.units or row.to_agency_id in scope.units or row.by == user
    ]


def _phones(parts: list[Part], at: datetime) -> list[tuple[Part, DutyPhone]]:
    """Whom the centre calls now, for each agency that has a part."""
    if not parts:
        return []
    hours = now_of(at)
    return [(part, phone_of(part.agency, hours)) for part in parts]


def delegation_notes(cases: list[Case], user: User) -> dict[int, str]:
    """Who has the part of each case of a list in hand; one query."""
    rows = Delegation.objects.open().filter(of_agencies(scope_of(user), "part__agency") | _handed(user))
    notes: dict[int, str] = {}
    for row in rows.filter(part__case__in=cases).select_related("to_user", "to_agency", "part"):
        notes[row.part.case_id] = _("分办：%(whom)s") % {"whom": row.whom}
    return notes


def _handed(user: User) -> Q:
    return of_agencies(scope_of(user), "to_agency")


def unread_talk(user: User) -> TalkLineQuerySet:
    """What the other side has written to this person's side: an agency its own parts, the centre every part."""
    if of_centre(user):
        return TalkLine.objects.unread(by_centre=True)
    mine = of_agencies(scope_of(user), "part__agency")
    handed = Delegation.objects.open().filter(_handed(user)).values("part")
    return TalkLine.objects.unread(by_centre=False).filter(mine | Q(part__in=handed))


def talk_notes(cases: list[Case], lines: TalkLineQuerySet) -> dict[int, str]:
    """The last of some messages, by case; one query."""
    notes: dict[int, str] = {}
    rows = lines.filter(part__case__in=cases).select_related("by", "part__agency")
    for row in rows.order_by("at", "pk"):
        said = {
            "who": str(row.by if row.from_centre else row.part.agency),
            "time": f"{timezone.localtime(row.at):%m-%d %H:%M}",
            "text": row.text,
        }
        notes[row.part.case_id] = _("%(time)s %(who)s：%(text)s") % said
    return notes
