"""The knowledge base: found by words, written and published by two people, used to answer at once."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch import knowledge
from dispatch.models import Article, Call, Case, Channel, Diversion
from tests.town import NOW, Town

Login = Callable[[str], Client]


def article(town: Town, title: str = "小区物业费怎么定", **more: Any) -> Article:
    values = {
        "body": "按公示标准收取",
        "words": ["物业费"],
        "policy": "收费办法",
        "valid_from": date(2024, 1, 1),
    } | more
    written = knowledge.write(Article(title=title, **values), by=town.people["operator"], at=NOW)
    return knowledge.publish(written, by=town.people["shift_lead"], at=NOW)


def test_an_article_is_found_by_its_words_and_only_while_in_force(town: Town) -> None:
    fee = article(town)
    article(town, "养犬登记怎么办", words=["养犬"])
    article(town, "旧的物业费规定", valid_to=date(2024, 12, 31))
    draft = knowledge.write(
        Article(title="物业费新规定", body="草稿", policy="办法", valid_from=date(2024, 1, 1)),
        by=town.people["operator"],
        at=NOW,
    )
    found = knowledge.matching("我想问小区物业费多少钱", NOW.date())
    assert [match.article for match in found] == [fee]
    assert found[0].words == ["物业费"]
    assert draft.published_at is None
    assert knowledge.matching("路灯不亮", NOW.date()) == []


def test_a_new_version_takes_the_place_of_the_old_one(town: Town, login: Login) -> None:
    old = article(town)
    fields = {
        "title": old.title,
        "body": "新口径",
        "words": "物业费，收费",
        "policy": "新办法",
        "valid_from": "2026-01-01",
    }
    login("operator").post(reverse("desks:edit_article", args=[old.pk]), fields)
    new = Article.objects.get(body="新口径")
    assert (new.version, new.published_at, new.words) == (2, None, ["物业费", "收费"])
    login("shift_lead").post(reverse("desks:publish_article", args=[new.pk]))
    old.refresh_from_db()
    assert old.replaced_by == new
    assert [m.article for m in knowledge.matching("物业费", timezone.localdate())] == [new]


def test_what_is_wrong_with_an_article_is_said_and_nothing_typed_is_lost(town: Town, login: Login) -> None:
    fields = {
        "title": "养犬登记怎么办",
        "body": "带免疫证到派出所",
        "words": "养犬、登记," + "很" * 21,
        "policy": "《养犬管理条例》",
        "valid_from": "2026-02-01",
        "valid_to": "2026-01-01",
    }
    client = login("operator")
    answer = client.post(reverse("desks:new_article"), fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "失效日期不能早于生效日期。" in page
    assert "最多 20 个关键词，每个不超过 20 个字。" in page
    assert "带免疫证到派出所" in page
    client.post(reverse("desks:new_article"), fields | {"words": "养犬、登记", "valid_to": ""})
    saved = Article.objects.get()
    assert saved.words == ["养犬", "登记"]
    assert saved.cited == "《养犬管理条例》"


def test_who_writes_does_not_publish(town: Town, login: Login) -> None:
    draft = knowledge.write(
        Article(title="物业费", body="x", policy="办法", valid_from=date(2024, 1, 1)),
        by=town.people["shift_lead"],
        at=NOW,
    )
    login("shift_lead").post(reverse("desks:publish_article", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.published_at is None


def fields(town: Town, **more: Any) -> dict[str, Any]:
    return {
        "operation": str(uuid.uuid4()),
        "channel": town.channel.pk,
        "request_type": "consultation",
        "kind": "resident",
        "text": "小区物业费多少钱一平方",
        **more,
    }


def test_a_consultation_is_answered_at_once_with_its_article(town: Town, login: Login) -> None:
    fee, client = article(town), login("operator")
    assert fee.title in client.post(reverse("desks:suggest"), fields(town)).content.decode()
    sent = fields(town, answer_with=fee.pk)
    for _turn in range(2):
        assert client.post(reverse("desks:intake"), sent).status_code == 302
    case = Case.objects.get()
    step = case.steps.get(action="answer")
    assert (case.state, step.facts) == ("answered", {"article": fee.pk, "article_version": 1})
    fee.refresh_from_db()
    assert fee.used == 1


def test_another_matter_of_the_call_begins_with_the_same_caller(town: Town, login: Login) -> None:
    client = login("operator")
    told = fields(town, name="王女士", phone="13900000001", same_call="1")
    answer = client.post(reverse("desks:intake"), told)
    call = Call.objects.get()
    assert answer["Location"].endswith(f"?call={call.pk}")
    assert "13900000001" in client.get(answer["Location"]).content.decode()
    client.post(reverse("desks:intake"), fields(town, text="路灯不亮", call=call.pk))
    assert Call.objects.count() == 1
    assert call.reports.count() == 2


def test_an_order_from_above_needs_number_and_deadline_and_comes_once(town: Town, login: Login) -> None:
    client = login("operator")
    upper = Channel.objects.create(key="upper", name="上级交办", kind="order", needs_upper=True)
    assert client.post(reverse("desks:intake"), fields(town, channel=upper.pk)).status_code == 422
    due = (timezone.localtime() + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")
    sent = {"channel": upper.pk, "external_ref": "SZ-1", "upper_due_at": due}
    assert client.post(reverse("desks:intake"), fields(town, **sent)).status_code == 302
    assert client.post(reverse("desks:intake"), fields(town, **sent)).status_code == 422
    assert Case.objects.count() == 1


def test_a_deadline_from_above_that_has_passed_is_registered_and_asked_about(town: Town, login: Login) -> None:
    client = login("operator")
    for due, asked in (("2020-01-01T10:00", True), ("2090-01-01T10:00", False)):
        told = fields(town, external_ref=f"SZ-{due}", upper_due_at=due)
        page = client.post(reverse("desks:intake"), told, follow=True).content.decode()
        assert ("上级时限 2020-01-01 10:00 已经过去，请核对。" in page) is asked
    assert Case.objects.count() == 2


def test_urgent_needs_a_reason(town: Town, login: Login) -> None:
    client = login("operator")
    assert client.post(reverse("desks:intake"), fields(town, urgent="on")).status_code == 422
    unsaid = fields(town, urgent="on", urgent_code="other")
    assert client.post(reverse("desks:intake"), unsaid).status_code == 422
    client.post(reverse("desks:intake"), fields(town, urgent="on", urgent_code="life", urgent_reason="有人受伤"))
    assert Case.objects.get().urgent_reason == "life"
    assert Case.objects.get().steps.get().remark.text == "有人受伤"


def test_a_diversion_is_logged_with_one_click(town: Town, login: Login) -> None:
    sent = {"operation": str(uuid.uuid4()), "channel": town.channel.pk, "service": "120", "divert_words": "有人晕倒"}
    login("operator").post(reverse("desks:divert"), sent)
    assert (Diversion.objects.get().service, Case.objects.count()) == ("120", 0)
    assert Diversion.objects.get().words == "有人晕倒"
    login("operator").post(reverse("desks:divert"), sent | {"operation": str(uuid.uuid4()), "service": "999"})
    assert Diversion.objects.count() == 1


def test_a_department_writes_its_own_and_somebody_of_the_centre_publishes(town: Town, login: Login) -> None:
    """P3.19: policy for the public comes from the department that makes it."""
    theirs, draft = article(town), article(town, "派遣规程", policy="", shown_at="dispatch")
    handler = login("handler")
    listed = handler.get(reverse("desks:knowledge")).content.decode()
    assert theirs.title in listed
    assert draft.title not in listed
    assert handler.get(reverse("desks:article", args=[draft.pk])).status_code == 404
    assert handler.get(reverse("desks:edit_article", args=[theirs.pk])).status_code == 403
    assert 'name="shown_at"' not in handler.get(reverse("desks:new_article")).content.decode()
    sent = {
        "title": "停水通知",
        "body": "提前三天公告",
        "policy": "供水条例",
        "valid_from": "2026-01-01",
        "words": "停水",
    }
    assert handler.post(reverse("desks:new_article"), sent | {"shown_at": "lead"}).status_code == 302
    made = Article.objects.get(title="停水通知")
    assert (made.agency, made.shown_at, made.published_at) == (town.water, "", None)
    assert handler.get(reverse("desks:edit_article", args=[made.pk])).status_code == 200
    assert handler.post(reverse("desks:publish_article", args=[made.pk])).status_code == 403
    lead = login("shift_lead")
    lead.post(reverse("desks:publish_article", args=[made.pk]))
    assert [match.article for match in knowledge.matching("家里停水了", NOW.date() + timedelta(days=30))] == [made]
    assert "自来水公司" in lead.get(reverse("desks:article", args=[made.pk])).content.decode()


def test_an_ended_case_is_written_up_without_the_name_of_its_caller(town: Town, login: Login) -> None:
    case = town.to_state("closed")
    case.parts.update(reply="已答复王女士 13900000001，井盖当日更换")
    operator = login("operator")
    page = operator.get(reverse("desks:case", args=[case.number])).content.decode()
    path = f"{reverse('desks:new_article')}?case={case.number}"
    assert path in page
    form = operator.get(path).content.decode()
    assert "已答复王** 139****0001，井盖当日更换" in form
    assert "王女士" not in form
    sent = {"title": "井盖更换", "body": "当日更换", "policy": "市政条例", "valid_from": "2026-01-01", "words": ""}
    operator.post(path, sent)
    made = Article.objects.get()
    assert made.case == case
    assert case.number in operator.get(reverse("desks:article", args=[made.pk])).content.decode()


def test_nothing_is_written_up_of_an_open_or_a_confidential_case(town: Town, login: Login) -> None:
    going, closed = town.report(), town.to_state("closed")
    Case.objects.filter(pk=closed.pk).update(confidential=True)
    operator = login("operator")
    for case in (going, closed):
        path = f"{reverse('desks:new_article')}?case={case.number}"
        assert path not in operator.get(reverse("desks:case", args=[case.number])).content.decode()
        assert "来自案件" not in operator.get(path).content.decode()
