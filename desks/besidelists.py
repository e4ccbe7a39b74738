"""The lists of petitions, of pushes from above, and of the cases that stay hard or suspended."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.desklists import Tab
from dispatch.models import Case, Decision, Petition, PetitionQuerySet, Supervision
from dispatch.petitions import KINDS, rule_of
from dispatch.petitionwords import petition_line
from dispatch.profile import profile
from dispatch.transitions import State
from people.access import of_agencies, scope_of
from people.models import User

SETTLED_SINCE = timedelta(days=30)


def to_decide(user: User) -> PetitionQuerySet:
    """Pending petitions whose present level is this person's to decide."""
    roles, rules, mine = scope_of(user).roles, profile().petitions, Q(pk=None)
    for kind in KINDS:
        for level, deciders in enumerate(rule_of(kind, rules).decide):
            if roles & frozenset(deciders):
                mine |= Q(kind=kind, agreed=level)
    found = Petition.objects.pending().filter(mine)
    if not profile().duties.ask_apart_from_decide:
        return found
    return found.exclude(asked_by=user).exclude(decisions__by=user)


def petition_tabs(user: User, at: datetime) -> list[Tab]:
    """What waits for this person's decision, what they have asked for, and what was decided lately."""
    seen = Petition.objects.visible_to(user)
    decide = to_decide(user).filter(pk__in=seen.values("pk"))
    own = seen.pending().filter(asked_by=user)
    settled = seen.exclude(state=Petition.State.PENDING).filter(settled_at__gte=at - SETTLED_SINCE)
    return [
        _of("decide", gettext_lazy("待我审批"), gettext_lazy("需要您审批的申请会排在这里。"), user, decide),
        _of("own", gettext_lazy("我的申请"), gettext_lazy("您提出的、还没有审批的申请会排在这里。"), user, own),
        _of("all", gettext_lazy("全部待审批"), gettext_lazy("没有等待审批的申请。"), user, seen.pending()),
        _of("settled", gettext_lazy("近期办结"), gettext_lazy("最近 30 天没有办结的申请。"), user, settled, "-"),
    ]


def asked_tab(user: User) -> Tab:
    """What somebody's agencies have asked for and nobody has decided."""
    pending = Petition.objects.pending().filter(of_agencies(scope_of(user), "part__agency"))
    return _of("asked", gettext_lazy("申请中"), gettext_lazy("没有等待审批的申请。"), user, pending)


def lead_beside_tabs(user: User, at: datetime) -> list[Tab]:
    """What the shift lead's desk shows of both: petitions to decide, pushes without answer, answered ones to end."""
    wanted = {"decide": None, "open": gettext_lazy("督办待回复"), "answered": gettext_lazy("督办待销号")}
    found = [tab for tab in (*petition_tabs(user, at), *push_tabs(user, at)) if tab.key in wanted]
    return [replace(tab, title=wanted[tab.key] or tab.title) for tab in found]


def _of(key: str, title: object, empty: object, user: User, petitions: PetitionQuerySet, order: str = "") -> Tab:
    of_case = petitions.filter(case=OuterRef("pk"))
    asked = Subquery(of_case.order_by(f"{order}asked_at").values("asked_at")[:1])
    cases = Case.objects.visible_to(user).filter(Exists(of_case)).annotate(asked_at=asked)

    def notes(rows: list[Case]) -> dict[int, str]:
        said: dict[int, str] = {}
        found = petitions.filter(case__in=rows).select_related("asked_by", "part__agency", "to_agency", "step__remark")
        for petition in found.prefetch_related("decisions__by", "decisions__step__remark").order_by("asked_at"):
            opinions = map(_opinion, petition.decisions.all())
            line = " · ".join([petition_line(petition), str(petition.get_state_display()), *filter(None, opinions)])
            said[petition.case_id] = f"{said[petition.case_id]}；{line}" if petition.case_id in said else line
        return said

    return Tab(key, str(title), str(empty), cases, (f"{order}asked_at", "pk"), mixed=True, notes=notes)


def _opinion(decision: Decision) -> str:
    """Who agreed or refused and with what words; nothing where there were none."""
    words = getattr(decision.step, "remark", None)
    if words is None:
        return ""
    told = {"who": decision.by, "words": words.text}
    return (_("%(who)s同意：%(words)s") if decision.agrees else _("%(who)s不同意：%(words)s")) % told


def push_tabs(user: User, at: datetime) -> list[Tab]:
    """Pushes that wait for an answer or for their end, then the hard and the suspended cases."""
    # whether the case may be seen is asked once, of the case: the few open pushes choose the cases
    pushes, seen = Supervision.objects.all(), Case.objects.visible_to(user)

    def of(key: str, title: object, empty: object, found: QuerySet[Supervision]) -> Tab:
        of_case = found.filter(case=OuterRef("pk"))
        due = Subquery(of_case.order_by("due_at").values("due_at")[:1])
        cases = seen.filter(pk__in=found.values("case")).annotate(push_due=due)
        return Tab(
            key,
            str(title),
            str(empty),
            cases,
            ("push_due", "pk"),
            mixed=True,
            notes=lambda rows: _push_notes(found, rows),
        )

    suspended = seen.filter(state=State.SUSPENDED)
    return [
        of("open", gettext_lazy("待回复"), gettext_lazy("没有等待回复的督办、批示。"), pushes.unanswered()),
        of("late", gettext_lazy("逾期未回复"), gettext_lazy("没有逾期未回复的督办、批示。"), pushes.late(at)),
        of(
            "answered",
            gettext_lazy("待销号"),
            gettext_lazy("回复过的督办、批示会排在这里，由督办人销号。"),
            pushes.open().exclude(answered_at=None),
        ),
        Tab(
            "hard",
            gettext_lazy("疑难"),
            gettext_lazy("多次退单或经人认定的疑难案件会排在这里。"),
            seen.open().filter(hard=True),
            ("received_at", "pk"),
            mixed=True,
            notes=_hard_notes,
        ),
        Tab(
            "suspended",
            gettext_lazy("挂账"),
            gettext_lazy("没有挂账的案件。"),
            suspended,
            ("review_on", "pk"),
            notes=_suspended_notes,
        ),
    ]


def _push_notes(found: QuerySet[Supervision], rows: list[Case]) -> dict[int, str]:
    said: dict[int, str] = {}
    pushes = found.filter(case__in=rows).select_related("by", "part__agency", "step__remark", "answer_step__remark")
    for push in pushes.order_by("opened_at"):
        words = getattr(getattr(push.step, "remark", None), "text", "")
        answer = getattr(getattr(push.answer_step, "remark", None), "text", "")
        who = str(push.by or _("系统"))
        due = (
            _("限 %(day)s 前回复") % {"day": f"{timezone.localtime(push.due_at):%m-%d %H:%M}"}
            if push.due_at and not answer
            else ""
        )
        parts = [
            str(push.get_kind_display()),
            str(push.part.agency) if push.part else "",
            f"{who}：{words}" if words else who,
            _("回复：%(words)s") % {"words": answer} if answer else "",
        ]
        line = " · ".join(filter(None, [*parts, due]))
        said[push.case_id] = f"{said[push.case_id]}；{line}" if push.case_id in said else line
    return said


def _hard_notes(rows: list[Case]) -> dict[int, str]:
    return {row.pk: _("退单 %(n)s 次") % {"n": row.returns} for row in rows if row.returns}


def _suspended_notes(rows: list[Case]) -> dict[int, str]:
    """Why and until when: the reason that the case keeps, and its date of review."""
    return {
        row.pk: " · ".join(
            filter(
                None,
                [str(row.get_unsolved_display()), _("%(day)s 复核") % {"day": row.review_on} if row.review_on else ""],
            )
        )
        for row in rows
    }
