"""Intake: what the page proposes for a sentence, why, and what is saved of it."""

import uuid
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from desks.forms import IntakeForm, parse_pin
from dispatch.actions import filing
from dispatch.actions.repeating import join
from dispatch.lifecycle import Doing
from dispatch.models import Case, Person, Report, Step
from gridmap.datums import lonlat
from gridmap.gazetteer import place_row
from gridmap.models import Place
from tests.town import Town, at

Login = Callable[[str], Client]
SENTENCE = "西仓路银春旅馆前有两个上水井盖丢失"


@pytest.fixture(autouse=True)
def places(town: Town) -> None:
    Place.objects.bulk_create(
        [
            place_row("road", "西仓路", at(200, 45), source="test"),
            place_row("poi", "银春旅馆", at(52, 40), address="西仓路18号", source="test"),
            place_row("poi", "和顺饭店", at(150, 60), source="test"),
        ]
    )


def fields(town: Town, **changed: object) -> dict[str, object]:
    typed = {
        "operation": str(uuid.uuid4()),
        "channel": town.channel.pk,
        "request_type": "complaint",
        "kind": "resident",
        "text": SENTENCE,
        "name": "王女士",
        "phone": "13900000001",
        "wants_callback": "on",
    }
    return {**typed, **changed}


def suggest(client: Client, town: Town, **changed: object) -> str:
    return client.post(reverse("desks:suggest"), fields(town, **changed)).content.decode()


def save(client: Client, town: Town, **changed: object) -> HttpResponse:
    answer: HttpResponse = client.post(reverse("desks:intake"), fields(town, **changed))  # type: ignore[assignment]
    return answer


def pin(x: float, y: float) -> str:
    lon, lat = lonlat(at(x, y))
    return f"{lon},{lat}"


def test_the_sentence_of_the_old_complaint_is_understood(town: Town, login: Login) -> None:
    shown = suggest(login("operator"), town)
    for words in (
        "01-01 上水井盖",
        "2 紧急工作时",
        "不分昼夜",
        town.cells[0].code,
        "甲社区",
        "自来水公司",
        "规则 R001",
    ):
        assert words in shown


def test_how_many_there_are_is_said(town: Town, login: Login) -> None:
    assert "数量 2" in suggest(login("operator"), town)
    assert "数量" not in suggest(login("operator"), town, text="西仓路银春旅馆前井盖丢失")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (SENTENCE, "“银春旅馆”一致"),
        (SENTENCE.replace("银春旅馆", "和顺饭店"), "“和顺饭店”一致"),
        (SENTENCE, "“丢失”指向立案条件“井盖缺失”"),
        (SENTENCE.replace("丢失", "破损"), "“破损”指向立案条件“井盖破损”"),
        (SENTENCE, "立案条件“井盖缺失”限 2 紧急工作时"),
        (SENTENCE.replace("丢失", "破损"), "立案条件“井盖破损”限 4 工作时"),
        (SENTENCE, "没有养护单位，由权属单位自来水公司处置"),
        ("小区物业费太高", "属地兜底规则 R900 由测试街道办事处处置"),
        ("小区物业费太高", "民生诉求可以没有位置"),
        ("和顺饭店门口井盖丢失", "单元网格 {other} 内"),
    ],
)
def test_another_deciding_word_gives_another_reason(town: Town, login: Login, typed: str, reason: str) -> None:
    assert reason.format(other=town.cells[1].code) in suggest(login("operator"), town, text=typed)


def test_what_follows_from_the_pin_follows_it(town: Town, login: Login) -> None:
    client = login("operator")
    shown = suggest(client, town, pin=pin(350, 50))
    assert "位置由您在地图上指定" in shown
    assert town.cells[3].code in shown
    assert "乙社区" in shown
    assert "规则 R002" in shown  # the component is too far away now: the rule of the class decides
    assert "银春旅馆”一致" not in shown


def test_a_picked_candidate_keeps_its_own_uncertainty(town: Town, login: Login) -> None:
    shown = suggest(login("operator"), town, pin=pin(200, 45))
    assert "位置由您在地图上指定" not in shown
    assert 'data-uncertainty="10.0"' not in shown
    assert shown.count('aria-pressed="true"') == 1


def test_a_refused_place_leaves_the_report_without_one(town: Town, login: Login) -> None:
    assert "您没有采用建议的位置" in suggest(login("operator"), town, pin="none")
    save(login("operator"), town, pin="none")
    assert (Case.objects.get().point, Report.objects.get().needs_placing) == (None, True)


def test_a_place_that_cannot_be_found_is_still_a_report(town: Town, login: Login) -> None:
    shown = suggest(login("operator"), town, text="井盖丢失，说不清在哪里")
    assert "待定位" in shown
    save(login("operator"), town, text="井盖丢失，说不清在哪里")
    assert Report.objects.without_place().count() == 1


def test_a_class_chosen_by_a_person_overrules_the_text(town: Town, login: Login) -> None:
    shown = suggest(login("operator"), town, category=town.fee.pk)
    assert "类别由您选定" in shown
    assert "物业收费投诉" in shown
    assert "规则 R900" in shown


def test_a_likely_repeat_is_shown_with_its_reasons(town: Town, login: Login) -> None:
    old = town.report("银春旅馆前上水井盖丢失", point=at(52, 42))
    shown = suggest(login("operator"), town)
    assert old.number in shown
    assert "类别相同" in shown
    assert "相距 2 米" in shown
    assert old.number not in suggest(login("operator"), town, pin=pin(350, 50))


def test_one_press_accepts_everything(town: Town, login: Login) -> None:
    answer = save(login("operator"), town)
    case, report = Case.objects.get(), Report.objects.get()
    assert answer["Location"] == reverse("desks:case", args=[case.number])
    assert (case.cell, case.community, case.category, case.condition, case.component, case.proposed_agency) == (
        town.cells[0], town.communities[0], town.cover, town.missing, town.component, town.water,
    )  # fmt: skip
    assert (report.located_by, report.level, report.wants_callback) == ("geocoder", "poi", True)
    assert report.why["class"] == [{"code": "words", "word": "上水井盖", "state": "丢失"}]
    assert report.why["place"][0]["code"] == "name"
    shown = login("operator").get(answer["Location"]).content.decode()
    assert "类别由文中的“上水井盖”得出" in shown
    assert "“银春旅馆”一致" in shown


def test_pressing_twice_makes_one_case(town: Town, login: Login) -> None:
    typed, client = fields(town), login("operator")
    places = {client.post(reverse("desks:intake"), typed)["Location"] for _ in range(2)}
    assert (len(places), Case.objects.count(), Report.objects.count()) == (1, 1, 1)


def test_save_and_next_comes_back_with_the_same_channel(town: Town, login: Login) -> None:
    client = login("operator")
    assert save(client, town, next="1")["Location"] == reverse("desks:intake")
    shown = client.get(reverse("desks:intake")).content.decode()
    assert "已登记" in shown
    assert f'<option value="{town.channel.pk}" selected>' in shown


def test_a_caller_is_a_resident_or_an_enterprise(town: Town, login: Login) -> None:
    client = login("operator")
    save(client, town, kind="enterprise", company="府前餐饮管理有限公司")
    save(client, town, operation=str(uuid.uuid4()), name="李先生", phone="13900000002")
    assert list(Person.objects.order_by("pk").values_list("kind", "company")) == [
        ("enterprise", "府前餐饮管理有限公司"),
        ("resident", ""),
    ]


def test_a_report_is_merged_as_it_is_saved(town: Town, login: Login) -> None:
    old = town.report(point=at(52, 42))
    typed, client = fields(town, merge_into=old.number), login("operator")
    answers = [client.post(reverse("desks:intake"), typed) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {reverse("desks:case", args=[old.number])}
    old.refresh_from_db()
    assert (old.report_count, old.reports.count()) == (2, 2)


def test_a_report_for_a_case_that_has_ended_meanwhile_stands_alone(town: Town, login: Login) -> None:
    old = town.to_state("closed")
    save(login("operator"), town, merge_into=old.number)
    assert Case.objects.exclude(pk=old.pk).get().state == "received"


def test_a_report_stands_alone_too_where_the_case_ends_at_the_last_moment(
    town: Town, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = town.report(point=at(52, 42))

    def late(case: Case, doing: Doing, *, into: Case) -> Step:
        filing.decline(into, town.doing(into, "operator", note="不在范围"), reason_code="outside_area")
        return join(case, doing, into=into)

    monkeypatch.setattr("desks.views.intake.join", late)
    answer = save(login("operator"), town, merge_into=old.number)
    new = Case.objects.exclude(pk=old.pk).get()
    assert answer["Location"] == reverse("desks:case", args=[new.number])
    assert (new.state, new.reports.count()) == ("received", 1)


def test_a_form_that_is_not_complete_keeps_what_was_typed(town: Town, login: Login) -> None:
    answer = save(login("operator"), town, text=" ", address="银春旅馆", name="李先生")
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="李先生"' in shown
    assert "银春旅馆" in shown
    assert not Case.objects.exists()


def test_an_anonymous_caller_leaves_no_person(town: Town, login: Login) -> None:
    save(login("operator"), town, anonymous="on")
    assert Report.objects.get().person is None


def test_the_accused_unit_is_neither_proposed_nor_shown_the_case(town: Town, login: Login) -> None:
    assert "<strong>自来水公司</strong>" not in suggest(login("operator"), town, accused=town.water.pk)
    save(login("operator"), town, accused=town.water.pk)
    case = Case.objects.get()
    assert case.proposed_agency == town.office
    assert login("handler").get(reverse("desks:case", args=[case.number])).status_code == 404


def test_the_limit_of_a_matter_follows_the_request_type(town: Town, login: Login) -> None:
    town.fee.conditions.create(number=2, text="咨询", limit_amount=3, limit_unit="work_day", words=["咨询"])
    client = login("operator")
    assert "限 5 工作日" in suggest(client, town, text="物业费太高")
    assert "“咨询”适用“咨询”，限 3 工作日" in suggest(client, town, text="物业费太高", request_type="consultation")


def test_classes_are_found_by_name_by_other_name_and_by_code(town: Town, login: Login) -> None:
    client, link = login("operator"), reverse("desks:classes")
    for words in ("上水", "自来水井盖", "公用设施"):
        assert "上水井盖" in client.get(link, {"q": words}).content.decode()
    assert "物业收费" in client.get(link, {"q": "01-01"}).content.decode()
    assert "没有这样的类别" in client.get(link, {"q": "飞碟"}).content.decode()
    assert "井盖破损" in client.get(link, {"category": town.cover.pk}).content.decode()


def test_places_are_found_by_words(town: Town, login: Login) -> None:
    shown = login("dispatcher").get(reverse("desks:places"), {"q": "和顺饭店"}).content.decode()
    lon, _lat = lonlat(at(150, 60))
    assert f'data-lon="{lon}"' in shown


@pytest.mark.parametrize("text", ["1,2,3", "a,b", "nan,nan", "500,0", "0,95"])
def test_a_pin_that_is_no_place_is_refused(text: str) -> None:
    from django.forms import ValidationError

    with pytest.raises(ValidationError):
        parse_pin(text)


def test_a_suggestion_takes_few_queries(
    town: Town, login: Login, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = login("operator")
    suggest(client, town)
    with django_assert_max_num_queries(24):
        suggest(client, town)


def test_the_form_opens_with_the_hotline(town: Town) -> None:
    from django.utils import timezone

    assert IntakeForm(timezone.now()).initial["channel"] == town.channel.pk
