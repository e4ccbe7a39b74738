"""What the public reads: every step in calm words or not at all, and nothing that is internal."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from desks.progressfile import find_report, read_progress
from dispatch.actions import closing, pushes
from dispatch.models import Callback, Case, Report
from dispatch.progress import Happened, lines, sentence, status
from dispatch.reasons import LABELS
from dispatch.transitions import EDGES, State
from tests.town import NOW, Town

INTERNAL = ("督办", "考核", "申请", "批示", "返工", "挂账", "退单", "派遣员", "值班长", "监督员", "归类", "疑难")
Login = Callable[[str], Client]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_step_of_the_table_tells_an_internal_word(language: str) -> None:
    codes = ["", *LABELS]
    with translation.override(language):
        told = {
            sentence(Happened(e.action, e.source or "", e.target, NOW, code, "水务公司"))
            for e in EDGES
            for code in codes
        }
    assert not [text for text in told for word in (*INTERNAL, "水务公司") if word in text]
    assert len(told) > 20
    if language == "en":
        assert not [text for text in told if re.search(r"[\u4e00-\u9fff]", text)]


def test_every_state_has_public_words() -> None:
    assert all(status(state) for state in State)
    assert status("suspended") == "暂缓办理"


def test_an_agency_is_named_only_where_the_place_says_so() -> None:
    step = Happened("dispatch", "to_dispatch", "handling", NOW, agency="水务公司")
    assert "水务公司" not in sentence(step)
    assert "水务公司" in sentence(step, agency_names=True)


def test_the_same_sentence_twice_running_is_told_once() -> None:
    sign = Happened("sign", "handling", "handling", NOW)
    assert len(lines([sign, sign])) == 1


def report_of(case: Case) -> Report:
    report = find_report(Report.objects.get(case=case).query_key)
    assert report is not None
    return report


def test_a_case_from_call_to_closing_as_its_caller_reads_it(town: Town) -> None:
    case = town.to_state("handling")
    pushes.supervise(case, town.doing(case, "shift_lead", note="太慢了"), kind="key", part=case.parts.get())
    case = town.to_state("closed", Case.objects.get(pk=case.pk), NOW + timedelta(hours=1))
    told = read_progress(report_of(case))
    words = " ".join(line.text for line in told.lines)
    assert told.status == "已结案"
    assert "现场核查通过" in words
    assert "太慢了" not in words
    assert told.place == "测试街道 甲社区"
    assert told.may_answer


def test_the_page_opens_by_its_key_only_and_shows_neither_name_nor_address(town: Town, client: Client) -> None:
    case = town.report(address="西仓路9号301室")
    key = Report.objects.get(case=case).query_key
    answer = client.get(reverse("desks:progress", args=[key]))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert not [word for word in ("王女士", "13900000001", "301室", case.text) if word in page]
    assert client.get(reverse("desks:progress", args=[key[:-1] + "x" + key[-1:]])).status_code == 404
    assert client.get(reverse("desks:progress", args=[case.number])).status_code == 404


def test_two_reports_have_keys_that_nobody_guesses(town: Town) -> None:
    town.report()
    town.report()
    keys = list(Report.objects.values_list("query_key", flat=True))
    assert len(set(keys)) == 2
    assert all(len(key) == 22 for key in keys)


def test_a_caller_may_say_once_how_it_went(town: Town, client: Client) -> None:
    case = town.to_state("closed")
    link = reverse("desks:progress", args=[Report.objects.get(case=case).query_key])
    said = {"operation": "b1a7c1de-0000-4000-8000-000000000001", "solved": "no", "satisfaction": "fair"}
    assert client.post(link, said).status_code == 422  # unsolved wants words
    assert client.post(link, said | {"words": "还是响"}).status_code == 302
    assert Callback.objects.get().undecided
    again = client.post(link, said | {"operation": "b1a7c1de-0000-4000-8000-000000000002", "words": "x"})
    assert again.status_code == 409
    assert Callback.objects.count() == 1


def test_the_operator_has_the_link_of_the_progress_page(town: Town, login: Login) -> None:
    case = town.report()
    key = Report.objects.get(case=case).query_key
    assert f"/progress/{key}/" in login("operator").get(f"/cases/{case.number}/").content.decode()
    assert key not in login("dispatcher").get(f"/cases/{case.number}/").content.decode()


def test_closing_twice_asks_twice(town: Town) -> None:
    case = town.to_state("closed")
    report = report_of(case)
    doing = town.doing(case, None, NOW + timedelta(hours=3))
    closing.answer_on_web(case, doing, report=report, satisfaction="satisfied", solved=True)
    assert not read_progress(report_of(case)).may_answer
