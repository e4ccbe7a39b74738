"""吹哨: what the case page and the lists say of whistles."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.desklists import Tab
from dispatch.actions.petitions import local_date
from dispatch.models import Case, Step, Whistle, WhistleCall, WhistleEntry, WhistleQuerySet
from dispatch.transitions import Action
from people.access import scope_of
from people.models import User

ENDED_SINCE = timedelta(days=90)


def whistle_tabs(user: User, at: datetime) -> list[Tab]:
    """Who has to come, what this person called, what is still being repaired, what is late, what has ended lately."""
    seen = Whistle.objects.visible_to(user)
    called = WhistleCall.objects.of(scope_of(user)).unanswered()
    mine, waiting = seen.filter(pk__in=called.values("whistle")), WhistleCall.objects.unanswered()
    own = seen.open().filter(by=user)
    open_calls = seen.open().filter(Exists(waiting.filter(whistle=OuterRef("pk"))))
    return [
        _of("called", gettext_lazy("待我报到"), gettext_lazy("要求本单位到场的吹哨会排在这里。"), user, mine),
        _of("open", gettext_lazy("待到场"), gettext_lazy("没有等待单位到场的吹哨。"), user, open_calls),
        _of("tracked", gettext_lazy("持续跟踪"), gettext_lazy("没有仍在整改的吹哨。"), user, seen.tracked(), "look_on"),
        _of("late", gettext_lazy("逾期"), gettext_lazy("没有逾期的吹哨。"), user, seen.late(at, local_date(at))),
        _of(
            "own",
            gettext_lazy("我吹的哨"),
            gettext_lazy("您吹的、还没有结束的哨会排在这里。"),
            user,
            own,
        ),
        _of(
            "ended",
            gettext_lazy("近期结束"),
            gettext_lazy("最近 90 天没有结束的吹哨。"),
            user,
            seen.filter(ended_at__gte=at - ENDED_SINCE),
            "ended_at",
        ),
    ]


def _of(key: str, title: object, empty: object, user: User, whistles: WhistleQuerySet, order: str = "wanted_at") -> Tab:
    of_case = whistles.filter(case=OuterRef("pk"))
    when = Subquery(of_case.order_by(order).values(order)[:1])
    cases = Case.objects.visible_to(user).filter(Exists(of_case)).annotate(whistle_when=when)

    def notes(rows: list[Case]) -> dict[int, str]:
        calls = Prefetch("calls", WhistleCall.objects.select_related("agency"))
        found = whistles.filter(case__in=rows).prefetch_related(calls).order_by("called_at")
        return {whistle.case_id: whistle_line(whistle) for whistle in found}

    return Tab(key, str(title), str(empty), cases, ("whistle_when", "pk"), mixed=True, notes=notes)


def whistle_line(whistle: Whistle) -> str:
    """A whistle in one line: level, when they have to be there, who is still missing, how it stands."""
    calls = list(whistle.calls.all())
    absent = "、".join(call.agency.name for call in calls if call.step_id is None)
    parts = [
        str(whistle.get_level_display()),
        _("要求 %(time)s 到场") % {"time": f"{timezone.localtime(whistle.wanted_at):%m-%d %H:%M}"},
        _("未到：%(units)s") % {"units": absent} if absent else _("应到单位都已到场"),
    ]
    if whistle.outcome:
        parts.append(str(whistle.get_outcome_display()))
    if whistle.look_on:
        parts.append(_("下次查看 %(day)s") % {"day": f"{whistle.look_on:%m-%d}"})
    return " · ".join(parts)


def read_whistles(case: Case, steps: Iterable[Step]) -> list[Whistle]:
    """The whistles of a case with calls and entries; no query for a case that never had one."""
    if not any(step.action == Action.WHISTLE for step in steps):
        return []
    calls = WhistleCall.objects.select_related("agency", "step__remark")
    entries = WhistleEntry.objects.select_related("by", "step__remark")
    found = case.whistles.select_related("by", "step__remark")
    return list(found.prefetch_related(Prefetch("calls", calls), Prefetch("entries", entries)))
