"""The case page: what it shows, which steps it offers to whom, and what it says when a step is refused."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from desks.besides import DECIDE
from desks.steps import STEPS, open_actions
from dispatch.actions import filing
from dispatch.models import Case, Contact
from dispatch.petitions import KIND_OF_GRANT
from dispatch.transitions import EDGES, Action
from gridmap.datums import lonlat
from gridmap.models import Component
from people.models import Look
from tests.town import Town, at, jpeg

Login = Callable[[str], Client]


def page(client: Client, case: Case, **headers: str) -> str:
    return client.get(reverse("desks:case", args=[case.number]), headers=headers).content.decode()


def send(client: Client, case: Case, action: str, **fields: object):
    data = {"version": case.version, "operation": str(uuid.uuid4()), **fields}
    return client.post(reverse("desks:act", args=[case.number, action]), data)


def test_every_step_of_the_table_is_taken_at_a_desk_or_in_the_street() -> None:
    street = {
        Action.REGISTER, Action.REPORT_FOUND, Action.VERIFY, Action.CHECK_PASS, Action.CHECK_FAIL, Action.SELF_HANDLED,
        Action.SURVEY, Action.RECHECK, Action.ADD_FOUND, Action.REOPEN,
    }  # fmt: skip
    decided = {Action.AGREE, Action.REFUSE, *KIND_OF_GRANT}
    outside = {
        Action.MEET,
        Action.INVITE,
        Action.REVOKE_INVITE,
        Action.INVITE_REFUSED,
        Action.RECALL,
    }  # pages of their own, the body's link, and the ten seconds in which a dispatch is taken back
    assert {edge.action for edge in EDGES} - street - decided - outside | {DECIDE} == set(STEPS)


CALLED = {"whistle", "document", "mediate"}
SAID = {"link", "keep_apart"}
TOLD = {"retype", "complexity", "urgency"}
HEARD = SAID | TOLD | {"repeat", "split"}


@pytest.mark.parametrize(
    ("role", "state", "offered"),
    [
        (
            "operator",
            "received",
            {"place", "classify", "component", "order_verify", "answer", "decline", "merge", "ask_void", "explain"}
            | HEARD,
        ),
        (
            "shift_lead",
            "to_file",
            {
                "place",
                "classify",
                "component",
                "file",
                "decline",
                "merge",
                "ask_void",
                "supervise",
                "explain",
                "whistle",
            }
            | HEARD,
        ),
        (
            "dispatcher",
            "to_dispatch",
            SAID
            | TOLD
            | CALLED
            | {"place", "component", "dispatch", "ask_suspend", "ask_transfer"}
            | {"ask_void", "order_survey", "supervise", "explain"},
        ),
        (
            "handler",
            "handling",
            {"sign", "contact", "handled", "investigate", "explain"}
            | CALLED
            | {"ask_extension", "ask_return", "ask_suspend", "ask_transfer"},
        ),
        (
            "dispatcher",
            "handling",
            {"ask_return", "ask_suspend", "ask_transfer", "ask_void", "supervise", "explain"} | CALLED | SAID,
        ),
        (
            "dispatcher",
            "reply_review",
            {"accept_reply", "reject_reply", "ask_void", "supervise", "explain", "platform_reply"} | CALLED | SAID,
        ),
        (
            "shift_lead",
            "to_close",
            {"close", "send_back", "ask_void", "supervise", "explain", "platform_reply"} | CALLED | SAID | {"split"},
        ),
        ("operator", "closed", {"callback", "look_back"} | SAID),
        ("manager", "to_dispatch", {"supervise"}),
        ("leader", "handling", {"supervise", "instruct", "whistle"}),
    ],
)
def test_a_seat_is_offered_exactly_its_steps(town: Town, role: str, state: str, offered: set[str]) -> None:
    case = town.to_state(state)
    assert set(open_actions(case, town.people[role])) == offered


def test_the_panel_comes_without_the_frame(town: Town, login: Login) -> None:
    case, client = town.report(), login("operator")
    assert "<html" in page(client, case)
    panel = page(client, case, hx_request="true")
    assert panel.startswith("<article")
    assert case.number in panel


def test_a_step_moves_the_case_and_says_so(town: Town, login: Login) -> None:
    case = town.to_state("to_file")
    answer = send(login("shift_lead"), case, "file", note="情况属实")
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == "to_dispatch"
    assert "情况属实" in page(login("shift_lead"), case)


def test_sending_a_step_twice_takes_it_once(town: Town, login: Login) -> None:
    case, operation, client = town.to_state("to_file"), str(uuid.uuid4()), login("shift_lead")
    answers = [send(client, case, "file", operation=operation).status_code for _ in range(2)]
    assert answers == [302, 302]
    assert case.steps.filter(action="file").count() == 1


def test_the_later_of_two_people_is_told_who_was_first_and_keeps_the_words(town: Town, login: Login) -> None:
    case = town.to_state("to_dispatch")
    town.petition(Case.objects.get(pk=case.pk), "suspension", "dispatcher")
    answer = send(login("dispatcher"), case, "ask_suspend", note="等下雨", reason_code="seasonal")
    told = answer.content.decode()
    assert answer.status_code == 409
    assert "派遣员（派遣员）" in told
    assert "挂账" in told
    assert "等下雨" in told
    assert case.steps.filter(action="ask_suspend").count() == 1


def test_a_stale_step_that_is_still_possible_is_filled_in_again_for_the_case_of_now(town: Town, login: Login) -> None:
    case = town.to_state("received")
    filing.classify(Case.objects.get(pk=case.pk), town.doing(case, "operator"), category=town.cover)
    answer = send(login("operator"), case, "answer", note="已告知办理渠道")
    told = answer.content.decode()
    assert answer.status_code == 409
    assert '<textarea name="note"' in told
    assert "已告知办理渠道</textarea>" in told
    assert f'name="version" value="{case.version + 1}"' in told


def test_a_step_of_another_seat_is_forbidden(town: Town, login: Login) -> None:
    case = town.to_state("to_file")
    assert send(login("operator"), case, "file").status_code == 403
    case.refresh_from_db()
    assert case.state == "to_file"


def test_an_unknown_step_and_a_step_of_the_street_are_not_found(town: Town, login: Login) -> None:
    case = town.to_state("verifying")
    assert send(login("inspector"), case, "verify").status_code == 404
    assert send(login("operator"), case, "explode").status_code == 404


def test_missing_evidence_is_named_beside_its_field(town: Town, login: Login) -> None:
    case = town.to_state("handling")
    answer = send(login("handler"), case, "handled", note="已更换")
    assert answer.status_code == 422
    assert "还缺：照片。" in answer.content.decode()


def test_a_file_that_is_no_photo_is_an_error_of_the_form(town: Town, login: Login) -> None:
    case, fake = town.to_state("handling"), jpeg()
    fake.truncate(40)
    answer = send(login("handler"), case, "handled", note="已更换", photos=[fake])
    assert answer.status_code == 422
    assert "无法识别这张照片" in answer.content.decode()


def test_an_agency_reports_handled_with_words_and_photos(town: Town, login: Login) -> None:
    case = town.to_state("handling")
    answer = send(login("handler"), case, "handled", note="已更换井盖", photos=[jpeg("green"), jpeg("blue")])
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == "reply_review"
    assert case.attachments.filter(phase="after").count() == 2
    shown = page(login("handler"), case)
    assert "已更换井盖" in shown
    before, after = shown.partition("photo-sides")[2].split("处置后</h3>")
    assert before.count("<figure>") == case.attachments.exclude(phase="after").count() == 1
    assert after.count("<figure>") == 2


def test_the_proposed_agency_is_chosen_already_and_another_one_needs_a_reason(town: Town, login: Login) -> None:
    case, client = town.to_state("to_dispatch"), login("dispatcher")
    assert f'<option value="{town.water.pk}" selected>' in page(client, case)
    assert send(client, case, "dispatch", lead=town.office.pk).status_code == 422
    assert send(client, case, "dispatch", lead=town.office.pk, note="管线已移交").status_code == 302
    assert "规则建议的是自来水公司" in page(client, case)


def test_several_agencies_can_be_sent_with_one_that_leads(town: Town, login: Login) -> None:
    case = town.to_state("to_dispatch")
    send(login("dispatcher"), case, "dispatch", lead=town.water.pk, others=[town.office.pk, town.water.pk])
    parts = case.parts.order_by("-leads")
    assert [(p.agency, p.leads) for p in parts] == [(town.water, True), (town.office, False)]
    assert parts[0].rule == town.rules["cover"]


def test_a_case_without_a_place_gets_one_by_a_pin(town: Town, login: Login) -> None:
    from gridmap.datums import lonlat
    from tests.town import at

    case = town.report(point=None, uncertainty_m=None)
    lon, lat = lonlat(at(150, 50))
    assert send(login("operator"), case, "place", lon=lon, lat=lat).status_code == 302
    case.refresh_from_db()
    assert case.cell == town.cells[1]
    assert not case.reports.filter(needs_placing=True).exists()


def test_a_later_pin_and_class_replace_the_reasons_of_the_text(town: Town, login: Login) -> None:
    from gridmap.datums import lonlat
    from tests.town import at

    case, client = town.report(why={"place": [{"code": "nothing"}], "class": [{"code": "unknown"}]}), login("operator")
    assert "文中没有可识别的地址。" in page(client, case)
    lon, lat = lonlat(at(150, 50))
    send(client, case, "place", lon=lon, lat=lat)
    case.refresh_from_db()
    send(client, case, "classify", category=town.cover.pk)
    shown = page(client, case)
    assert "以“定位”确定。" in shown
    assert "以“归类”确定。" in shown
    assert "文中没有可识别" not in shown


def test_a_pin_outside_the_world_is_refused(town: Town, login: Login) -> None:
    case = town.report(point=None, uncertainty_m=None)
    answer = send(login("operator"), case, "place", lon=181, lat=95)
    assert answer.status_code == 422
    assert "不在本市范围内" in answer.content.decode()


def test_a_class_is_changed_with_its_condition_and_the_agency_follows(town: Town, login: Login) -> None:
    case = town.report()
    assert case.proposed_agency == town.water
    answer = send(login("operator"), case, "classify", category=town.fee.pk, condition=town.missing.pk)
    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.category, case.condition) == (town.fee, None)
    assert case.proposed_agency == town.office


def test_a_case_is_merged_into_one_that_the_user_sees(town: Town, login: Login) -> None:
    old, new = town.report(), town.report("井盖没了")
    client = login("operator")
    assert f'value="{old.number}"' in page(client, new)
    assert send(client, new, "merge", other="20000101-000000").status_code == 422
    assert send(client, new, "merge", other=old.number).status_code == 302
    old.refresh_from_db()
    assert old.report_count == 2


def test_a_contact_of_the_agency_is_recorded(town: Town, login: Login) -> None:
    case = town.to_state("handling")
    send(login("handler"), case, "contact", method="visit", reached="yes", satisfaction="fair", note="当面说明")
    contact = Contact.objects.get(part__case=case)
    assert (contact.method, contact.reached, contact.satisfaction) == ("visit", True, "fair")


def test_a_dissatisfied_caller_needs_a_reason(town: Town, login: Login) -> None:
    case, client = town.to_state("closed"), login("operator")
    fields = {"report": town.first_report(case).pk, "method": "phone", "reached": "yes"}
    fields |= {"satisfaction": "dissatisfied", "solved": "no"}
    assert send(client, case, "callback", **fields).status_code == 422
    assert send(client, case, "callback", **fields, note="井盖松动").status_code == 302
    assert case.callbacks.get().reason == "井盖松动"


def test_a_caller_that_was_not_reached_is_an_attempt(town: Town, login: Login) -> None:
    case = town.to_state("closed")
    send(login("operator"), case, "callback", report=town.first_report(case).pk, method="phone", reached="no")
    attempt = case.callbacks.get()
    assert (attempt.reached, attempt.satisfaction, attempt.solved) == (False, "", None)


def test_the_caller_is_masked_until_somebody_says_why(town: Town, login: Login) -> None:
    case, client = town.report(), login("operator")
    assert "13900000001" not in page(client, case)
    assert "139****0001" in page(client, case)
    link, report = reverse("desks:unmask", args=[case.number]), town.first_report(case).pk
    refused = client.post(link, {"report": report, "reason": " "})
    assert (refused.status_code, Look.objects.count()) == (422, 0)
    shown = client.post(link, {"report": report, "reason": "回访"}).content.decode()
    assert "13900000001" in shown
    look = Look.objects.get()
    assert (look.user, look.subject, look.reason) == (town.people["operator"], f"report:{report}", "回访")


def test_a_dispatcher_cannot_unmask(town: Town, login: Login) -> None:
    case = town.report()
    answer = login("dispatcher").post(
        reverse("desks:unmask", args=[case.number]), {"report": town.first_report(case).pk, "reason": "好奇"}
    )
    assert answer.status_code == 403


def test_somebody_elses_case_is_not_found(town: Town, login: Login) -> None:
    case = town.report()
    client = login("handler")
    assert client.get(reverse("desks:case", args=[case.number])).status_code == 404
    assert send(client, case, "sign").status_code == 404
    link = reverse("desks:unmask", args=[case.number])
    assert client.post(link, {"report": 1, "reason": "看看"}).status_code == 404


def test_the_page_of_a_long_case_takes_few_queries(
    town: Town, login: Login, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case, client = town.to_state("closed"), login("operator")
    page(client, case)
    with django_assert_max_num_queries(28):
        page(client, case)


def test_the_clock_is_shown_in_words_and_colour(town: Town, login: Login) -> None:
    case = town.to_state("closed")
    shown = page(login("manager"), case)
    assert "按期，用时" in shown
    assert 'class="chip green"' in shown


def test_the_case_page_offers_the_components_that_may_be_meant(town: Town, login: Login) -> None:
    Component.objects.create(code="2", category=town.cover, geom=at(40, 50), maintaining_agency=town.office)
    case = town.report()
    page = login("operator").get(reverse("desks:case", args=[case.number])).content.decode()
    assert "附近有 2 个可能的部件" in page
    for words in ("诉求说的是哪一个部件", "类别相同", town.water.name, town.office.name, "5 米", "10 米"):
        assert words in page, words


def test_choosing_a_component_proposes_its_agency_and_says_why(town: Town, login: Login) -> None:
    other = Component.objects.create(code="2", category=town.cover, geom=at(40, 50), maintaining_agency=town.office)
    case, client = town.report(), login("operator")
    assert send(client, case, "component", component=other.pk).status_code == 302
    case.refresh_from_db()
    assert (case.component, case.proposed_agency, case.point) == (other, town.office, at(40, 50))
    page = client.get(reverse("desks:case", args=[case.number])).content.decode()
    assert "的养护单位是测试街道办事处，由其处置" in page
    assert "关联部件 2" in page


def test_a_component_that_is_not_near_is_refused(town: Town, login: Login) -> None:
    far = Component.objects.create(code="2", category=town.cover, geom=at(390, 50))
    case, client = town.report(), login("operator")
    assert send(client, case, "component", component=far.pk).status_code == 422
    assert send(client, case, "component").status_code == 422
    case.refresh_from_db()
    assert case.component is None


def test_placing_links_the_only_component_and_none_of_two(town: Town, login: Login) -> None:
    lon, lat = lonlat(at(50, 50))
    case, client = town.report(point=None, uncertainty_m=None), login("operator")
    send(client, case, "place", lon=lon, lat=lat)
    case.refresh_from_db()
    assert case.component == town.component
    Component.objects.create(code="2", category=town.cover, geom=at(40, 50))
    second = town.report(point=None, uncertainty_m=None)
    send(client, second, "place", lon=lon, lat=lat)
    second.refresh_from_db()
    assert (second.point is not None, second.component) == (True, None)


def test_the_shift_lead_closes_with_a_word_about_the_component(town: Town, login: Login) -> None:
    case, client = town.to_state("to_close", town.report(component=town.component)), login("shift_lead")
    assert "部件现状" in client.get(reverse("desks:case", args=[case.number])).content.decode()
    send(client, case, "close", component_state="abandoned")
    assert Component.objects.get(pk=town.component.pk).state == "abandoned"
