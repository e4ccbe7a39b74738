"""The four records and the explanation: there where the request type or the step says so."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from dispatch.actions import closing, filing, handling, petitions, statements
from dispatch.intake import Caller
from dispatch.lifecycle import MissingEvidenceError
from dispatch.models import Case, Statement
from dispatch.papers import missing_papers, needed_papers
from dispatch.profile import Paper, TypeRule, profile
from tests.town import NOW, Town

HOUR = timedelta(hours=1)


@pytest.fixture
def four_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that wants all four of them of a complaint (P1.13, P1.27)."""
    papers: tuple[Paper, ...] = ("contact", "investigation", "written_reply", "platform_reply")
    types = profile().types | {"complaint": TypeRule(papers=papers)}
    place = msgspec.structs.replace(profile(), types=types)
    monkeypatch.setattr("dispatch.papers.profile", lambda: place)


def handled_matter(town: Town) -> Case:
    case = town.matter()
    filing.submit_review(case, town.doing(case, "operator"))
    filing.review(case, town.doing(case, "shift_lead"))
    handling.dispatch_case(case, town.doing(case, "dispatcher"), to=[handling.Assignment(town.water)])
    return case


@pytest.mark.usefixtures("four_records")
def test_a_type_may_want_four_records_each_at_its_step(town: Town) -> None:
    case = handled_matter(town)
    part = town.part(case)
    with pytest.raises(MissingEvidenceError, match="contact"):
        handling.handled(case, town.doing(case, "handler", note="已退费"), part=part, photos=[])
    handling.contact(case, town.doing(case, "handler", note="已电话"), part=part, method="phone", reached=True)
    with pytest.raises(MissingEvidenceError, match="investigation"):
        handling.handled(case, town.doing(case, "handler", note="已退费"), part=part, photos=[])
    site = statements.Site("物业办公室", "物业经理、诉求人", "收据 3 张")
    statements.investigate(case, town.doing(case, "handler", note="多收 120 元"), part=part, site=site)
    handling.handled(case, town.doing(case, "handler", note="已退费"), part=part, photos=[])
    handling.accept_reply(case, town.doing(case, "dispatcher"))
    with pytest.raises(MissingEvidenceError, match="platform_reply"):
        closing.close(case, town.doing(case, "shift_lead"))
    statements.platform_reply(case, town.doing(case, "operator", note="您好，已退费。"))
    closing.close(case, town.doing(case, "shift_lead"))
    kinds = list(Statement.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["investigation", "written_reply", "platform_reply"]


def test_without_words_there_is_no_record(town: Town) -> None:
    case = handled_matter(town)
    with pytest.raises(MissingEvidenceError):
        statements.investigate(case, town.doing(case, "handler"), part=town.part(case))
    with pytest.raises(MissingEvidenceError):
        statements.explain(case, town.doing(case, "dispatcher"))


def ask(town: Town, case: Case, **wish: Any) -> Any:
    return town.petition(case, "void", "operator", **({"explanation": ""} | wish))


def grant(town: Town, case: Case, petition: Any) -> None:
    case = Case.objects.get(pk=case.pk)
    doing = town.doing(case, "shift_lead", NOW + HOUR, "同意")
    petitions.decide(case, doing, petition=petition, agrees=True)


def test_nothing_is_voided_before_the_caller_was_told_why(town: Town) -> None:
    case = town.report()
    petition = ask(town, case)
    with pytest.raises(MissingEvidenceError, match="explanation"):
        grant(town, case, petition)
    case = Case.objects.get(pk=case.pk)
    statements.explain(case, town.doing(case, "operator", NOW, "该处已拆迁"), report=town.first_report(case))
    grant(town, case, petition)
    assert Case.objects.get(pk=case.pk).state == "void"


def test_the_explanation_may_come_with_the_petition(town: Town) -> None:
    case = town.report()
    grant(town, case, ask(town, case, explanation="已电话告知"))
    assert Statement.objects.get().text == "已电话告知"


def test_where_nobody_left_a_number_nobody_has_to_be_told(town: Town) -> None:
    case = town.report()
    case.reports.update(anonymous=True)
    grant(town, case, ask(town, case))
    assert Case.objects.get(pk=case.pk).state == "void"


def test_which_records_belong_to_which_step() -> None:
    every = ("contact", "investigation", "written_reply", "platform_reply")
    assert needed_papers("handled", every, ()) == ("contact", "investigation", "reply")
    assert needed_papers("close", every, ()) == ("platform_reply",)
    assert needed_papers("suspend", (), ("suspend",)) == ("explanation",)
    assert needed_papers("sign", every, ("suspend",)) == ()


def test_a_street_complaint_of_the_default_place_misses_nothing(town: Town) -> None:
    assert missing_papers(town.to_state("handling"), "handled") == []


def attempt(town: Town, case: Case, hour: float, **more: Any) -> None:
    doing = town.doing(case, "handler", NOW + hour * HOUR, "无人接听")
    handling.contact(case, doing, part=town.part(case), method="phone", reached=False, **more)


def test_an_agency_too_has_to_try_in_three_parts_of_a_day(town: Town) -> None:
    case = handled_matter(town)
    for hour in (0, 1, 4):  # 09:00, 10:00, 13:00: the second one is in the same part
        attempt(town, case, hour)
    with pytest.raises(MissingEvidenceError, match="contact"):
        handling.handled(case, town.doing(case, "handler", note="已退费"), part=town.part(case), photos=[])
    attempt(town, case, 10)
    rows = town.part(case).contacts.values_list("counts", "concludes")
    assert list(rows) == [(True, False), (False, False), (True, False), (True, True)]
    handling.handled(case, town.doing(case, "handler", note="已退费"), part=town.part(case), photos=[])


def test_attempts_at_two_callers_do_not_add_up(town: Town) -> None:
    case, other = handled_matter(town), town.matter(caller=Caller(name="李先生", phone="13900000002"))
    second = town.first_report(other)
    second.case = case
    second.save()
    attempt(town, case, 0, report=town.first_report(case))
    attempt(town, case, 4, report=second)
    attempt(town, case, 10, report=second)
    assert not town.part(case).contacts.filter(concludes=True).exists()
