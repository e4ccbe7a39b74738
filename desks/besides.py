"""Which of the steps beside the main road make sense for a person on a case now; read in three queries or four."""

from dispatch.actions import whistles
from dispatch.models import Case, FieldTask, Petition, Supervision, Undertaking
from dispatch.petitions import KIND_OF_ASK, rule_of
from dispatch.profile import profile
from dispatch.transitions import Action
from people.access import scope_of
from people.models import User
from people.permissions import may

DECIDE = "decide"
LOOKS = {Action.ORDER_SURVEY: FieldTask.Kind.SURVEY, Action.ORDER_RECHECK: FieldTask.Kind.RECHECK}
WHISTLES = frozenset({Action.WHISTLE, Action.WHISTLE_ANSWER, Action.WHISTLE_RESULT})
PUSHES = frozenset({Action.REPORT_BACK, Action.END_PUSH})
BESIDE = frozenset({DECIDE, Action.WITHDRAW, Action.GATHER, *PUSHES, *KIND_OF_ASK, *LOOKS, *WHISTLES})


def open_beside(case: Case, user: User) -> frozenset[str]:
    """The steps of BESIDE that have something to act on, and that the profile leaves to this person."""
    roles, rules = scope_of(user).roles, profile().petitions
    waiting = list(Petition.objects.pending().filter(case=case))
    pushes = list(Supervision.objects.open().filter(case=case))
    found: set[str] = set()
    for action, kind in KIND_OF_ASK.items():
        rule = rule_of(kind, rules)
        if rule.on and roles & frozenset(rule.ask) and all(p.kind != kind for p in waiting):
            found.add(action)
    if any(may(roles, f"case.{action}") for action in WHISTLES):
        found |= whistles.possible(case, user)
    if Action.ASK_CONTEST in found and not _late(case):
        found.discard(Action.ASK_CONTEST)
    if any(_may_decide(petition, user) for petition in waiting):
        found.add(DECIDE)
    if any(petition.asked_by_id == user.pk for petition in waiting):
        found.add(Action.WITHDRAW)
    if any(push.answered_at is None for push in pushes):
        found.add(Action.REPORT_BACK)
    if any(push.answered_at is not None or push.kind != Supervision.Kind.INSTRUCTION for push in pushes):
        found.add(Action.END_PUSH)
    if may(roles, "case.gather") and Undertaking.objects.events().exclude(cases=case).exists():
        found.add(Action.GATHER)
    looked = set(FieldTask.objects.open().filter(case=case).values_list("kind", flat=True))
    return frozenset(found | {action for action, kind in LOOKS.items() if kind not in looked})


def _may_decide(petition: Petition, user: User) -> bool:
    rule = rule_of(petition.kind, profile().petitions)
    level = rule.decide[min(petition.agreed, len(rule.decide) - 1)]
    same = petition.asked_by_id == user.pk and profile().duties.ask_apart_from_decide
    return bool(scope_of(user).roles & frozenset(level)) and not same


def _late(case: Case) -> bool:
    """Whether there is a verdict to contest."""
    return case.clocks.filter(kind="handle", verdict="overdue", exempt_at=None).exists()
