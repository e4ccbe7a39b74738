"""Cases played by the town's people through the real actions, for figures to count."""

from datetime import datetime, timedelta
from typing import Any

from dispatch.actions import closing, filing, handling
from dispatch.models import Callback, Case
from scorecards.figures import Question, tally
from scorecards.formulas import COUNT
from scorecards.periods import Month
from scorecards.rules import Rules
from tests.town import NOW, Town, at

NOVEMBER = Month(2026, 11)
HOUR = timedelta(hours=1)


def question(when: datetime = NOW + 48 * HOUR, month: Month = NOVEMBER, **rules: Any) -> Question:
    return Question(month, when, Rules(**rules))


def figures(town: Town, asked: Question | None = None) -> dict[str, int]:
    """What the water company counts, without its zeros."""
    counts = tally(asked or question()).get(town.water.pk, {})
    return {key: number for key, number in counts.items() if number}


def late(town: Town) -> Case:
    """Handled three hours after dispatch; the limit is two."""
    case = town.to_state("handling")
    return town.to_state("closed", case, NOW + 3 * HOUR)


def reworked(town: Town) -> Case:
    """Fails its first check, passes the second within what was left of the limit."""
    case = town.to_state("checking")
    doing = town.doing(case, "inspector", NOW + 3 * HOUR, "仍松动")
    closing.check_result(
        case, doing, task=town.task(case, "check"), passed=False, photos=[town.photo()], point=at(0, 0)
    )
    return town.to_state("closed", Case.objects.get(pk=case.pk), NOW + 3 * HOUR)


def redone(town: Town, when: datetime = NOW + 6 * HOUR) -> Case:
    """Closed in time, then asked for again; waits for its second dispatch."""
    case = town.to_state("closed")
    closing.redo(case, town.doing(case, "shift_lead", when, "领导要求重办"))
    return Case.objects.get(pk=case.pk)


def returned(town: Town) -> Case:
    case = town.to_state("handling")
    town.grant(case, "back", "handler", "dispatcher", NOW + 2 * HOUR)
    return case


def void(town: Town) -> Case:
    case = town.to_state("handling")
    town.grant(case, "void", when=NOW + 2 * HOUR)
    return case


def suspended(town: Town) -> Case:
    case = town.to_state("handling")
    town.grant(case, "suspension", when=NOW + HOUR)
    return case


def extended(town: Town) -> Case:
    """Asked for an hour more and got it; handled within it."""
    case = town.to_state("handling")
    town.grant(case, "extension", "handler", when=NOW + HOUR, amount=1, unit="work_hour")
    return town.to_state("closed", Case.objects.get(pk=case.pk), NOW + 2 * HOUR)


def joint(town: Town) -> Case:
    """Water leads and has replied in time; the street office has not."""
    case = town.to_state("to_dispatch")
    both = [handling.Assignment(town.water), handling.Assignment(town.office)]
    handling.dispatch_case(case, town.doing(case, "dispatcher"), to=both)
    part = case.parts.get(agency=town.water)
    doing = town.doing(case, "handler", NOW + HOUR, "已修复")
    handling.handled(case, doing, part=part, photos=[town.photo("green")])
    return Case.objects.get(pk=case.pk)


def matter(town: Town, *, contacted: bool = True) -> Case:
    """A matter of five working days, closed; the agency always has a record of contact, reached or not."""
    case = town.matter()
    filing.submit_review(case, town.doing(case, "operator"))
    filing.review(case, town.doing(case, "shift_lead"))
    handling.dispatch_case(case, town.doing(case, "dispatcher"), to=[handling.Assignment(town.water)])
    part = town.part(case)
    # once where somebody answers; else in the morning, in the afternoon and in the evening (P1.17)
    tries = [HOUR] if contacted else [HOUR, 4 * HOUR, 10 * HOUR]
    for after in tries:
        note = town.doing(case, "handler", NOW + after, "已电话说明")
        handling.contact(case, note, part=part, method="phone", reached=contacted)
    end = NOW + tries[-1]
    handling.handled(case, town.doing(case, "handler", end, "已退费"), part=part, photos=[])
    handling.accept_reply(case, town.doing(case, "dispatcher", end))
    closing.close(case, town.doing(case, "shift_lead", end))
    return Case.objects.get(pk=case.pk)


def call(
    town: Town, case: Case, satisfaction: str, *, solved: bool | None = None, when: datetime = NOW + 5 * HOUR
) -> Callback:
    """A callback; an empty satisfaction is an attempt that reached nobody."""
    case = Case.objects.get(pk=case.pk)
    unhappy = satisfaction == "dissatisfied" or (bool(satisfaction) and solved is False)
    step = closing.callback(
        case,
        town.doing(case, "operator", when, "未解决" if unhappy else ""),
        report=town.first_report(case),
        reached=bool(satisfaction),
        satisfaction=satisfaction,
        solved=(satisfaction != "dissatisfied" if solved is None else solved) if satisfaction else None,
    )
    return Callback.objects.get(step=step)


def everything(town: Town) -> None:
    """One of each."""
    closed = town.to_state("closed")
    call(town, closed, "fair")
    for case, satisfaction in ((late(town), "dissatisfied"), (reworked(town), "satisfied"), (matter(town), "")):
        call(town, case, satisfaction)
    matter(town, contacted=False)
    for play in (redone, returned, void, suspended, extended, joint):
        play(town)
    town.to_state("handling")
    town.to_state("handling", when=NOW + 47 * HOUR)


ALL_KEYS = set(COUNT)
