"""One answer for several cases, and the papers: 派遣单 and the stamped 处置反馈单."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import Case, Document
from tests.town import NOW, Town, jpeg

Login = Callable[[str], Client]


@pytest.fixture
def cases(town: Town) -> list[Case]:
    return [town.to_state("handling") for _number in range(3)]


def send(client: Client, cases: list[Case], text: str = "已更换井盖", photos: tuple[int, ...] = (0, 1, 2)) -> Any:
    form: dict[str, Any] = {"case": [case.number for case in cases], "note": text}
    for index, case in enumerate(cases):
        form |= {f"version_{case.pk}": case.version, f"operation_{case.pk}": str(uuid.uuid4())}
        if index in photos:
            form[f"photos_{case.pk}"] = jpeg("green")
    return client.post(reverse("desks:batch"), form)


def states(cases: list[Case]) -> list[str]:
    return [Case.objects.get(pk=case.pk).state for case in cases]


def test_several_cases_are_answered_with_the_same_words(town: Town, cases: list[Case], login: Login) -> None:
    page = send(login("handler"), cases).content.decode()
    assert "已反馈 3 / 3 件" in page
    assert states(cases) == ["reply_review"] * 3
    assert {town.part(case).reply for case in cases} == {"已更换井盖"}
    assert all(case.attachments.filter(phase="after").count() == 1 for case in cases)


def test_what_is_refused_is_told_case_by_case_and_the_others_went_through(
    town: Town, cases: list[Case], login: Login
) -> None:
    gone = cases[2]
    town.to_state("reply_review", Case.objects.get(pk=gone.pk), NOW + timedelta(hours=1))
    page = send(login("handler"), cases, photos=(0, 2)).content.decode()
    assert "已反馈 1 / 3 件" in page
    assert "还缺：照片" in page
    assert "案件现在是“反馈审核”，不能反馈" in page
    assert states(cases) == ["reply_review", "handling", "reply_review"]
    assert f'name="version_{cases[1].pk}" value="{cases[1].version}"' in page
    assert f'name="version_{cases[0].pk}"' not in page


def test_a_case_that_moved_meanwhile_is_not_answered(town: Town, cases: list[Case], login: Login) -> None:
    stale = cases[0]
    town.petition(Case.objects.get(pk=stale.pk), "extension", "handler", amount=1, unit="work_hour")
    page = send(login("handler"), cases).content.decode()
    assert "打开页面后案件已有变动" in page
    assert states(cases) == ["handling", "reply_review", "reply_review"]


def test_sent_twice_it_is_done_once_and_without_words_not_at_all(cases: list[Case], login: Login) -> None:
    client = login("handler")
    assert send(client, cases, "").status_code == 422
    assert states(cases) == ["handling"] * 3
    case, key = cases[0], str(uuid.uuid4())
    for _number in range(2):
        form = {"case": case.number, "note": "好了", f"version_{case.pk}": case.version, f"operation_{case.pk}": key}
        page = client.post(reverse("desks:batch"), form | {f"photos_{case.pk}": jpeg("red")}).content.decode()
        assert "已反馈 1 / 1 件" in page
    assert case.steps.filter(action="handled").count() == 1


def test_cases_of_others_are_not_in_a_batch(town: Town, cases: list[Case], login: Login) -> None:
    cases[0].parts.update(agency=town.office)
    page = login("handler").get(reverse("desks:batch"), {"case": [case.number for case in cases]}).content.decode()
    assert f'data-number="{cases[0].number}"' not in page
    assert f'data-number="{cases[1].number}"' in page
    assert login("handler").get(reverse("desks:batch")).status_code == 302


def test_the_order_says_what_the_crew_needs_and_hides_the_caller(town: Town, login: Login) -> None:
    case = town.to_state("handling", town.report("井盖丢失，请打13900000001", address="西仓路9号"))
    town.water.night_phone = "0514-88"
    town.water.save()
    page = login("handler").get(reverse("desks:print_order", args=[case.number])).content.decode()
    due = case.clocks.get(kind="handle").due_at + timedelta(hours=8)
    for word in (case.number, "自来水公司", "西仓路9号", f"{due:%Y-%m-%d %H:%M}", "0514-88", "data-place", "上水井盖"):
        assert word in page, word
    assert f"http://testserver/cases/{case.number}/" in page
    assert "13900000001" not in page
    assert "王女士" not in page


def test_the_stamped_paper_becomes_a_document_of_the_case(town: Town, login: Login) -> None:
    case = town.to_state("reply_review")
    client, url = login("handler"), reverse("desks:print_feedback", args=[case.number])
    page = client.get(url).content.decode()
    assert "已更换井盖" in page
    assert "单位（盖章）" in page
    assert "尚未上传" in page
    form = {
        "version": case.version,
        "operation": str(uuid.uuid4()),
        "kind": "feedback",
        "dated_on": f"{NOW:%Y-%m-%d}",
        "file": jpeg("white"),
    }
    client.post(reverse("desks:act", args=[case.number, "document"]), form)
    paper = Document.objects.get()
    assert (paper.kind, paper.part, paper.case) == ("feedback", town.part(case), case)
    page = client.get(url).content.decode()
    assert f"{NOW:%Y-%m-%d} 盖章件" in page
    assert reverse("dispatch:document", args=[paper.pk]) in page


def test_papers_are_for_the_centre_and_the_agency_of_the_part(town: Town, login: Login) -> None:
    case = town.to_state("handling")
    part = town.part(case)
    for name in ("print_order", "print_feedback"):
        url = reverse(f"desks:{name}", args=[case.number])
        assert login("dispatcher").get(url, {"part": part.pk}).status_code == 200
        assert login("dispatcher").get(url, {"part": part.pk + 1}).status_code == 404
        assert login("leader").get(url).status_code == 403
