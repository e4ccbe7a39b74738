"""A body outside the list answers by a link, once, without an account, and sees nothing of the caller."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.actions.inviting import InvitationGoneError, answer_done, digest, find_invitation, invite, standing
from dispatch.lifecycle import Doing, NotAllowedError
from dispatch.models import Case, Invitation, Part, Step
from dispatch.transitions import IllegalStep
from people.models import Agency
from tests.town import Town, jpeg

Login = Callable[[str], Client]


@pytest.fixture
def firm(town: Town) -> Agency:
    return Agency.objects.create(code="firm", name="甲物业公司", external=True)


@pytest.fixture
def case(town: Town) -> Case:
    return town.to_state("handling", when=timezone.now() - timedelta(days=1))


def asked(town: Town, case: Case, firm: Agency, token: str = "secret", days: int = 7, role: str = "dispatcher") -> Step:
    doing = town.doing(case, role, timezone.now(), "请更换井盖并围护")
    return invite(case, doing, part=town.part(case), agency=firm, token=token, days=days)


def answer(**more: Any) -> dict[str, Any]:
    return {"operation": str(uuid4()), "words": "已更换", **more}


def test_only_a_digest_of_the_secret_is_stored(town: Town, case: Case, firm: Agency) -> None:
    asked(town, case, firm)
    (row,) = Invitation.objects.values()
    assert row["token_hash"] == digest("secret")
    assert "secret" not in {str(value) for value in row.values()}
    assert "secret" not in str(list(Step.objects.values_list("facts", flat=True)))


def test_only_bodies_outside_the_list_are_asked_and_only_by_dispatchers(town: Town, case: Case, firm: Agency) -> None:
    with pytest.raises(IllegalStep):
        asked(town, case, town.office)
    with pytest.raises(IllegalStep):
        asked(town, case, firm, days=31)
    with pytest.raises(NotAllowedError):
        asked(town, case, firm, role="handler")
    assert not Invitation.objects.exists()


def test_the_dispatcher_sees_the_link_once(login: Login, town: Town, case: Case, firm: Agency) -> None:
    client = login("dispatcher")
    path = f"/cases/{case.number}/links/"
    form = client.get(path).context["form"]
    values = {"version": case.version, "operation": form["operation"].value(), "part": town.part(case).pk}
    values |= {"agency": firm.pk, "note": "请更换井盖", "days": 7}
    link = client.post(path, values).context["link"]
    token = link.rstrip("/").split("/")[-1]
    assert Invitation.objects.get().token_hash == digest(token)
    again = client.post(path, values)
    assert again.context["link"] == ""
    assert token not in again.content.decode()
    assert Invitation.objects.count() == 1
    assert client.post(path, values | {"operation": uuid4()}).status_code == 409


def test_the_page_shows_the_task_and_nothing_of_the_caller(client: Client, town: Town, firm: Agency) -> None:
    report = town.report("王女士说上水井盖丢失 13900000001", when=timezone.now() - timedelta(days=1))
    case = town.to_state("handling", report, when=timezone.now() - timedelta(days=1))
    asked(town, case, firm)
    response = client.get("/ask/secret/")
    page = response.content.decode()
    assert "请更换井盖并围护" in page
    assert "甲社区" in page
    assert "王女士" not in page
    assert "139" not in page.replace(case.number, "")
    assert (response["X-Robots-Tag"], response["Cache-Control"]) == ("noindex, nofollow", "no-store")
    assert client.get("/ask/other/").status_code == 404
    assert client.get("/cases/" + case.number + "/").status_code == 302


def test_photos_of_the_place_are_shown_only_behind_an_open_link(
    client: Client, town: Town, case: Case, firm: Agency
) -> None:
    asked(town, case, firm)
    seen = case.attachments.get(phase="before").evidence.sha256
    path = f"/ask/secret/photo/{seen}.jpg"
    assert client.get(path).content.startswith(b"\xff\xd8")
    assert client.get(f"/ask/secret/photo/{'0' * 64}.jpg").status_code == 404
    Invitation.objects.update(revoked_at=timezone.now())
    assert client.get(path).status_code == 404


def test_done_is_the_ordinary_reply_of_the_part_and_counts_once(
    client: Client, town: Town, case: Case, firm: Agency
) -> None:
    asked(town, case, firm)
    given = answer(photos=[jpeg("green")])
    assert client.post("/ask/secret/", given).status_code == 302
    case.refresh_from_db()
    step = case.steps.get(action="handled")
    found = Invitation.objects.get()
    assert (case.state, step.actor, step.facts) == ("reply_review", None, {"invitation": found.pk})
    assert town.part(case).reply == "已更换"
    assert (found.answer, found.answer_step) == ("done", step)
    assert case.attachments.filter(step=step, phase="after").count() == 1
    assert client.post("/ask/secret/", answer(photos=[jpeg("green")])).status_code == 200
    assert case.steps.filter(action="handled").count() == 1
    assert "已经答复过" in client.get("/ask/secret/").content.decode()


def test_a_reply_without_its_evidence_is_refused_and_the_link_stays_open(
    client: Client, town: Town, case: Case, firm: Agency
) -> None:
    asked(town, case, firm)
    response = client.post("/ask/secret/", answer())
    assert response.status_code == 422
    assert "还缺少：照片" in response.content.decode()
    assert "已更换" in response.content.decode()
    assert Invitation.objects.get().used_at is None
    assert client.post("/ask/secret/", answer(words=" ")).status_code == 422


def test_a_refusal_is_recorded_and_shown_to_the_dispatcher(
    client: Client, login: Login, town: Town, case: Case, firm: Agency
) -> None:
    asked(town, case, firm)
    assert client.post("/ask/secret/", answer(words="不在我司管理范围", refuse="1")).status_code == 302
    case.refresh_from_db()
    assert (case.state, town.part(case).stage) == ("handling", Part.Stage.HANDLING)
    assert case.steps.get(action="invite_refused").remark.text == "不在我司管理范围"
    assert "不在我司管理范围" in login("dispatcher").get(f"/cases/{case.number}/links/").content.decode()


def test_expired_revoked_and_overtaken_links_say_so_kindly(
    client: Client, login: Login, town: Town, case: Case, firm: Agency
) -> None:
    asked(town, case, firm)
    found = find_invitation("secret")
    assert found is not None
    assert standing(found, found.expires_at - timedelta(seconds=1)) == "open"
    assert standing(found, found.expires_at) == "expired"
    login("dispatcher").post(f"/cases/{case.number}/links/revoke/", {"invitation": found.pk})
    response = Client().get("/ask/secret/")
    assert (response.status_code, "已收回" in response.content.decode()) == (410, True)
    assert Client().post("/ask/secret/", answer()).status_code == 410
    case.refresh_from_db()
    asked(town, case, firm, token="second")
    Part.objects.filter(case=case).update(stage=Part.Stage.REPLIED)
    assert "已另有处理" in Client().get("/ask/second/").content.decode()


def test_a_new_link_ends_the_old_one(town: Town, case: Case, firm: Agency) -> None:
    asked(town, case, firm)
    asked(town, case, firm, token="second")
    assert [bool(row.revoked_at) for row in Invitation.objects.order_by("pk")] == [True, False]


def test_the_second_of_two_answers_finds_the_link_taken(town: Town, case: Case, firm: Agency) -> None:
    asked(town, case, firm)
    first, second = find_invitation("secret"), find_invitation("secret")
    assert first is not None
    assert second is not None
    now = timezone.now()
    photo = town.photo("green", now)
    answer_done(first, Doing(None, now, first.part.case.version, uuid4(), "已更换"), [photo])
    with pytest.raises(InvitationGoneError):
        answer_done(second, Doing(None, now, second.part.case.version, uuid4(), "已更换"), [photo])


def test_the_page_says_why_no_link_can_be_made(login: Login, town: Town, case: Case) -> None:
    path, client = f"/cases/{case.number}/links/", login("dispatcher")
    assert "还没有登记列外单位" in client.get(path).content.decode()
    Agency.objects.create(code="firm", name="甲物业公司", external=True)
    assert "现在不能发链接" not in client.get(path).content.decode()
    Part.objects.filter(case=case).update(stage=Part.Stage.REPLIED)
    assert "只有处置中的承办分项" in client.get(path).content.decode()


def test_the_log_of_the_case_names_the_body_that_was_asked_and_that_answered(
    client: Client, login: Login, town: Town, case: Case, firm: Agency
) -> None:
    asked(town, case, firm)
    client.post("/ask/secret/", answer(photos=[jpeg("green")]))
    log = login("dispatcher").get(f"/cases/{case.number}/").context["file"].log
    told = {line.step.action: (line.who, line.notes) for line in log}
    assert told["invite"] == ("派遣员", ["委托甲物业公司，链接 7 天内有效"])
    assert told["handled"] == ("甲物业公司", ["委托给甲物业公司的链接"])


def test_a_case_is_dispatched_to_agencies_of_the_list_only(login: Login, town: Town, firm: Agency) -> None:
    case = town.to_state("to_dispatch")
    page = login("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert town.office.name in page
    assert firm.name not in page
