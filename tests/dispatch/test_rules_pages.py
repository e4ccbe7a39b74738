"""The pages of the routing rules: list, versions, preview before saving, a question tried, the check."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from dispatch.actions.ruling import Made, PastRuleError, StaleRuleError, end_rule, preview, write_rule
from dispatch.models import Case, RoutingRule, RulePartner
from people.models import Agency
from tests.town import NOW, Town

Login = Callable[[str], Client]
DAY = NOW.date()


def fields(town: Town, **more: Any) -> dict[str, Any]:
    """A rule that gives covers of 甲社区 to the office, from today."""
    return {
        "known_version": 0,
        "number": "R100",
        "category": town.cover.pk,
        "area_code": town.communities[0].code,
        "agency": town.office.pk,
        "begins": f"{timezone.localdate():%Y-%m-%d}",
        "reason": "属地更近",
    } | more


def write(town: Town, number: str = "R002", version: int = 1, begins: int = 0, **values: Any) -> RoutingRule:
    made = Made(town.people["data_manager"], NOW, DAY, DAY + timedelta(days=begins), "调整")
    columns = {"category": town.cover, "agency": town.office} | values
    return write_rule(number=number, known_version=version, values=columns, partners=[], made=made)


def test_a_new_version_ends_the_old_one_the_day_before_and_leaves_it_as_it_was(town: Town) -> None:
    write(town, begins=3)
    old = RoutingRule.objects.get(number="R002", version=1)
    assert (old.agency, old.valid_to, old.withdrawn) == (town.water, DAY + timedelta(days=2), False)
    assert old.end_reason == "调整"
    for days, version in ((0, 1), (2, 1), (3, 2)):
        assert RoutingRule.objects.active(DAY + timedelta(days=days)).get(number="R002").version == version


def test_a_version_that_never_began_is_withdrawn(town: Town) -> None:
    write(town, begins=3)
    write(town, version=2, begins=1)
    held = {rule.version: rule.withdrawn for rule in RoutingRule.objects.filter(number="R002")}
    assert held == {1: False, 2: True, 3: False}
    assert [rule.version for rule in RoutingRule.objects.active(DAY + timedelta(days=5)).filter(number="R002")] == [3]


def test_a_change_begins_today_at_the_earliest(town: Town) -> None:
    with pytest.raises(PastRuleError):
        write(town, begins=-1)


def test_somebody_elses_change_is_not_overwritten(town: Town) -> None:
    write(town, begins=1)
    with pytest.raises(StaleRuleError):
        write(town, begins=1)
    assert RoutingRule.objects.filter(number="R002").count() == 2


def test_an_ended_rule_holds_until_the_day_before(town: Town) -> None:
    made = Made(town.people["data_manager"], NOW, DAY, DAY + timedelta(days=1), "不再需要")
    end_rule(number="R002", known_version=1, made=made)
    assert RoutingRule.objects.active(DAY).filter(number="R002").exists()
    assert not RoutingRule.objects.active(DAY + timedelta(days=1)).filter(number="R002").exists()


def test_a_preview_says_what_changes_and_changes_nothing(town: Town) -> None:
    case = town.to_state("to_dispatch", town.report(component=None))
    done = town.to_state("handling", town.report(component=None))
    found = preview(lambda: write(town), on=DAY, at=NOW)
    assert [(c.pk, old.agency_id, new.agency_id) for c, old, new in found.cases] == [
        (case.pk, town.water.pk, town.office.pk)
    ]
    assert done.pk != case.pk
    assert found.questions == 2  # one class, two communities
    assert RoutingRule.objects.filter(number="R002").count() == 1


def test_the_list_shows_rules_with_a_constant_number_of_queries(
    login: Login, town: Town, django_assert_num_queries: Any
) -> None:
    client = login("dispatcher")
    with django_assert_num_queries(9):
        client.get("/rules/")
    for at in range(12):
        rule = RoutingRule.objects.create(number=f"R2{at:02}", category=town.cover, agency=town.office)
        RulePartner.objects.create(rule=rule, agency=town.water)
    with django_assert_num_queries(11):  # names of cooperating agencies
        page = client.get("/rules/").content.decode()
    assert "R211" in page
    assert "新建规则" not in page


def test_a_broken_rule_stands_above_the_list(login: Login, town: Town) -> None:
    RoutingRule.objects.create(number="R100", category=town.cover, agency=town.office, hours="夜里")
    page = login("manager").get("/rules/").content.decode()
    assert "1 条生效中的规则无法执行" in page
    assert "时段、星期或月份填写有误" in page
    assert "R002" not in login("manager").get("/rules/?state=broken").content.decode().split('role="search"')[1]


def test_filters_find_rules(login: Login, town: Town) -> None:
    client = login("data_manager")
    RoutingRule.objects.filter(number="R002").update(valid_to=DAY - timedelta(days=400))
    assert "R002" not in client.get("/rules/").content.decode()
    assert "R002" in client.get("/rules/?state=ended").content.decode()
    assert "R900" in client.get(f"/rules/?agency={town.office.pk}").content.decode()
    assert "没有这样的规则" in client.get("/rules/?q=xyz").content.decode()


def test_saving_shows_first_what_changes(login: Login, town: Town) -> None:
    client = login("data_manager")
    case = town.to_state("to_dispatch", town.report(component=None))
    shown = client.post("/rules/new/", fields(town))
    assert shown.status_code == 200
    assert "类别与区域的答案变动 1 个，尚未派遣的案件变动 1 件" in shown.content.decode()
    # a data manager does not see cases: their number stays hidden
    assert case.number not in shown.content.decode()
    assert not RoutingRule.objects.filter(number="R100").exists()
    saved = client.post("/rules/new/", fields(town, confirm="1", partner_1=town.water.pk, weekdays=[1, 2]))
    assert saved.status_code == 302
    rule = RoutingRule.objects.get(number="R100")
    assert (rule.made_by, rule.reason, rule.weekdays) == (town.people["data_manager"], "属地更近", [1, 2])
    assert [row.agency for row in rule.partner_rows.all()] == [town.water]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hours": "夜间"}, "看不懂时段“夜间”"),
        ({"agency": ""}, "请指定主办单位"),
        ({"number": "R002"}, "编号 R002 已经用过"),
        ({"number": "R/2"}, "编号只能用字母、数字和连字符"),
        ({"begins": "2020-01-01"}, "不能早于今天"),
        ({"valid_to": "2020-01-01"}, "最后一天不能早于生效日期"),
        ({"reason": ""}, "这个字段是必填项"),
    ],
)
def test_bad_input_gets_a_sentence(login: Login, town: Town, change: dict[str, Any], said: str) -> None:
    answer = login("admin").post("/rules/new/", fields(town, **change))
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_stale_page_changes_nothing_and_says_so(login: Login, town: Town) -> None:
    client = login("admin")
    values = fields(town, number="R002", known_version=1, confirm="1")
    assert client.post("/rules/of/R002/replace/", values).status_code == 302
    again = client.post("/rules/of/R002/replace/", values)
    assert again.status_code == 409
    assert "刚刚被别人改过" in again.content.decode()
    assert RoutingRule.objects.filter(number="R002").count() == 2
    assert client.post("/rules/of/R002/end/", values | {"known_version": 1}).status_code == 409


def test_a_replacement_begins_with_the_last_version_and_takes_an_agency_from_the_address(
    login: Login, town: Town
) -> None:
    gas = Agency.objects.create(code="gas", name="燃气公司")
    form = login("admin").get(f"/rules/of/R002/replace/?agency={gas.pk}").context["form"]
    assert (form["category"].value(), int(form["agency"].value())) == (town.cover.pk, gas.pk)


def test_one_rule_shows_its_versions(login: Login, town: Town) -> None:
    write(town)
    page = login("operator").get("/rules/of/R002/").content.decode()
    assert "自来水公司" in page
    assert "测试街道办事处" in page
    assert "调整" in page
    assert login("operator").get("/rules/of/none/").status_code == 404


def test_a_question_is_answered_with_winners_losers_and_broken_rules(login: Login, town: Town) -> None:
    RoutingRule.objects.create(
        number="R100", category=town.cover, agency=town.office, hours="夜里", request_type="help"
    )
    asked: dict[str, Any] = {"category": town.cover.pk, "area_code": town.communities[0].code, "request_type": "help"}
    page = login("dispatcher").get("/rules/try/", asked).content.decode()
    assert "自来水公司" in page
    assert "属地兜底规则排在最后" in page
    assert "本应优先、但无法执行的规则" in page
    asked["component"] = town.component.code
    assert "按部件责任单位的规则在先" in login("dispatcher").get("/rules/try/", asked).content.decode()
    assert login("dispatcher").get("/rules/try/", asked | {"component": "nix"}).status_code == 422


def test_the_check_is_a_table_and_a_map(login: Login, town: Town, django_assert_num_queries: Any) -> None:
    client = login("shift_lead")
    with django_assert_num_queries(10):
        page = client.get("/rules/check/").content.decode()
    assert "检查通过" in page
    RoutingRule.objects.filter(number="R900").update(valid_to=DAY - timedelta(days=400))
    assert "没有规则回答" in client.get("/rules/check/").content.decode()
    areas = client.get("/rules/check/areas.json").json()["features"]
    assert [(area["properties"]["name"], area["properties"]["state"]) for area in areas] == [
        ("甲社区", "hole"),
        ("乙社区", "hole"),
    ]
    lon, lat = areas[0]["geometry"]["coordinates"][0][0]
    assert (round(lon), round(lat)) == tuple(map(round, settings.CITY.centre))


def test_only_those_who_may_change_rules(login: Login, town: Town) -> None:
    assert login("dispatcher").get("/rules/new/").status_code == 403
    assert login("handler").get("/rules/").status_code == 403
    assert Case.objects.count() == 0


def test_a_preview_warns_of_questions_that_lose_their_answer(login: Login, town: Town) -> None:
    values = {"known_version": 1, "begins": f"{timezone.localdate():%Y-%m-%d}", "reason": "试"}
    warned = login("admin").post("/rules/of/R900/end/", values).content.decode()
    assert "不再有规则回答" in warned
    harmless = login("admin").post("/rules/new/", fields(town)).content.decode()
    assert "不再有规则回答" not in harmless


def test_a_preview_warns_of_a_rule_as_exact_as_another(login: Login, town: Town) -> None:
    warned = login("admin").post("/rules/new/", fields(town, area_code="")).content.decode()
    assert "规则 R002 与 R100 将同样具体而单位不同，2 个问题按编号取 R002。" in warned
    assert "将同样具体" not in login("admin").post("/rules/new/", fields(town)).content.decode()


def test_the_form_beside_a_preview_keeps_its_labels(login: Login, town: Town) -> None:
    page = login("admin").post("/rules/new/", fields(town, weekdays=[1, 2])).content.decode()
    assert page.count('id="id_number"') == 1
    # what is confirmed is what was shown
    assert page.count('<input type="hidden" name="weekdays"') == 2


def test_classes_stand_under_their_kinds_and_rules_name_no_body_outside_the_list(login: Login, town: Town) -> None:
    Agency.objects.create(code="firm", name="甲物业公司", external=True)
    page = login("admin").get("/rules/new/").content.decode()
    assert '<optgroup label="部件">' in page
    assert "甲物业公司" not in page


def test_the_map_tells_each_kind_of_answer_of_a_community(login: Login, town: Town) -> None:
    RoutingRule.objects.create(number="R003", category=town.cover, agency=town.office)
    areas = login("dispatcher").get("/rules/check/areas.json").json()["features"]
    assert [area["properties"]["counts"]["overlap"] for area in areas] == [1, 1]
    page = login("dispatcher").get("/rules/check/").content.decode()
    assert 'data-state="overlap"' in page
    assert "自来水公司" in page.split("同样具体、单位不同的规则")[1]
