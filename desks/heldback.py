"""Steps that a role holds and that cannot be taken now, or not by this person: the page shows why."""

from django.utils.translation import gettext as _

from dispatch import duties, signoff
from dispatch.models import Case, FieldTask
from dispatch.profile import profile
from dispatch.transitions import Action
from people.models import User


def held_back(case: Case, user: User, actions: list[str]) -> dict[str, str]:
    """Why some of these steps cannot be taken now, or not by this user; one query each where it may matter."""
    return _kept_apart(case, user, actions) | _ordered_already(case, actions) | _unsigned(case, actions)


def _unsigned(case: Case, actions: list[str]) -> dict[str, str]:
    """Steps that a chain of signatures still guards."""
    found = [line for line in signoff.lines_of(case) if line.next and line.chain.before in actions]
    return {str(line.chain.before): line.words for line in found}


def _ordered_already(case: Case, actions: list[str]) -> dict[str, str]:
    """Orders to look at the place while a task of that kind is open."""
    orders = {Action.ORDER_SURVEY: FieldTask.Kind.SURVEY, Action.ORDER_RECHECK: FieldTask.Kind.RECHECK}
    asked = {str(action): str(kind) for action, kind in orders.items() if action in actions}
    if not asked:
        return {}
    out = set(FieldTask.objects.open().filter(case=case, kind__in=asked.values()).values_list("kind", flat=True))
    return {action: str(_("已派出的任务还没有完成。")) for action, kind in asked.items() if kind in out}


def _kept_apart(case: Case, user: User, actions: list[str]) -> dict[str, str]:
    """What separation of duties leaves to somebody else."""
    rules = profile().duties
    others = {action: duties.partners(action, rules) for action in actions}
    wanted = frozenset().union(*others.values()) if others else frozenset()
    if not wanted:
        return {}
    steps = case.steps.filter(actor=user, action__in=wanted).order_by("version")
    done = [duties.Done(step.action, step.actor_id, str(user), step.recorded_at) for step in steps]
    found = {action: duties.conflict(action, user.pk, done, rules) for action in actions}
    return {action: duties.sentence(before, action) for action, before in found.items() if before is not None}
