"""Taizhou, 2008 to 2010: the hotline 88012319 as one of ten sources of the city-management centre.

In the evening a resident calls: 西仓路银春旅馆前有两个上水井盖丢失. An inspector stands there within ten minutes.
Another hole was suspended in June because the street was to be pulled down; in October somebody falls.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point

from dispatch.actions import closing, filing, handling, inviting, looking, petitions, repeating
from dispatch.intake import Caller, Intake, analyse, register
from dispatch.lifecycle import Doing, MissingEvidenceError
from dispatch.models import Case, Channel, Clock, FieldTask
from dispatch.petitions import PetitionRefused
from dispatch.profile import Profile
from dispatch.repeats import asked_of, repeats
from gridmap.gazetteer import place_row
from gridmap.models import Place
from inspectors.assigning import assign
from inspectors.models import DutyZone
from people.models import Agency, RoleGrant, User
from tests.inspectors.conftest import on_duty, zones  # noqa: F401 - a fixture
from tests.town import Town, at

CALL = "西仓路银春旅馆前有两个上水井盖丢失"
JUNE, OCTOBER = datetime(2026, 6, 10, 1, 0, tzinfo=UTC), datetime(2026, 10, 27, 1, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.usefixtures("taizhou")


@pytest.fixture
def taizhou(town: Town, live_by: Callable[[str], Profile]) -> Profile:
    Place.objects.bulk_create(
        [
            place_row("road", "西仓路", at(200, 45), source="test"),
            place_row("poi", "银春旅馆", at(52, 40), address="西仓路18号", source="test"),
        ]
    )
    return live_by("taizhou")


def now(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def call(town: Town, when: datetime, text: str = CALL) -> Case:
    """The operator writes down what the caller says, and takes what the system proposes."""
    heard = analyse(text, at=when)
    assert heard.point is not None
    intake = Intake(
        text,
        town.channel,
        caller=Caller(name="王女士", phone="13900000001"),
        point=heard.point,
        uncertainty_m=heard.uncertainty_m,
        answer=heard.answer,
        category=heard.category,
        condition=heard.condition,
        component=heard.component,
    )
    return register(intake, by=town.people["operator"], at=when, operation=uuid4())


def suspended_in_june(town: Town, when: datetime = JUNE) -> Case:
    """The street is to be pulled down: the case waits, and the caller was told why."""
    case = town.to_state("to_dispatch", town.report(when=when), when)
    ask = town.petition(case, "suspension", "dispatcher", when + HOUR, reason_code="demolition",
                        review_on=(when + 160 * DAY).date(), explanation="该路段列入拆迁计划")  # fmt: skip
    petitions.decide(case, town.doing(case, "shift_lead", when + 2 * HOUR, "同意"), petition=ask, agrees=True)
    return now(case)


def test_ten_sources_and_the_hotline_is_one_of_them(town: Town, taizhou: Profile) -> None:
    offered = Channel.objects.in_use(OCTOBER.date())
    assert offered.count() == len(taizhou.channels) == 10
    assert offered.filter(key="hotline").exists()
    assert not offered.filter(key="county-hotline").exists()


@pytest.mark.usefixtures("zones")
def test_the_covers_before_the_inn_from_the_call_to_the_callback(town: Town) -> None:
    said = analyse(CALL, at=OCTOBER)
    assert said.point is not None
    assert said.point.distance(at(52, 40)) < 30  # road, point of interest and relation: 西仓路, 银春旅馆, 前
    assert (said.category, said.condition, said.count) == (town.cover, town.missing, 2)

    case = call(town, OCTOBER)
    assert (case.state, case.cell, case.proposed_agency) == ("received", town.cells[0], town.water)

    # the inspector of that zone has ten minutes
    on_duty(town.people["inspector"], DutyZone.objects.get(name="甲区"), OCTOBER)
    filing.order_verify(case, town.doing(case, "operator", OCTOBER + MINUTE))
    task = FieldTask.objects.get(case=case)
    assert task.due_at == OCTOBER + MINUTE + 10 * MINUTE
    assert assign(task, at=OCTOBER + MINUTE)
    task.refresh_from_db()
    assert task.inspector == town.people["inspector"]
    seen = town.doing(now(case), "inspector", OCTOBER + 9 * MINUTE, "两个井盖都不在")
    filing.verify(now(case), seen, task=task, result="confirmed", photos=[town.photo(when=OCTOBER)], point=at(52, 41))

    # filed and dispatched at once, handled, looked at again
    case = town.to_state("closed", now(case), OCTOBER + 10 * MINUTE)
    assert Clock.objects.get(case=case, kind="handle").verdict == "on_time"

    # and the caller hears of it
    report = town.first_report(case)
    doing = town.doing(case, "operator", OCTOBER + 3 * HOUR)
    closing.callback(case, doing, report=report, reached=True, satisfaction="satisfied", solved=True)
    assert not case.reports.awaiting_callback().exists()


def test_suspended_in_june_and_heard_again_in_october(town: Town) -> None:
    # nobody suspends without having told the caller why
    case = town.to_state("to_dispatch", town.report(when=JUNE - DAY), JUNE - DAY)
    silent = town.petition(case, "suspension", "dispatcher", JUNE, explanation="", reason_code="demolition")
    with pytest.raises(MissingEvidenceError, match="explanation"):
        petitions.decide(case, town.doing(case, "shift_lead", JUNE + HOUR, "同意"), petition=silent, agrees=True)

    old = suspended_in_june(town)
    new = call(town, OCTOBER, "西仓路银春旅馆前的井盖还是没有，有人摔伤")
    found = repeats(asked_of(new), OCTOBER)
    assert old in [repeat.case for repeat in found if repeat.suspended]
    assert old.get_unsolved_display() == "疑难，暂无条件"

    repeating.join(new, town.doing(new, "operator", OCTOBER + MINUTE), into=old)
    assert (now(old).state, now(old).report_count) == ("to_dispatch", 2)
    assert (now(new).state, now(new).merged_into) == ("merged", old)
    assert old.steps.latest("version").action == "reopen"


def test_the_reason_of_a_suspension_is_looked_at_again_on_site_before_it_goes_on(town: Town) -> None:
    case = suspended_in_june(town)
    autumn = JUNE + 150 * DAY
    later = (autumn + 20 * DAY).date()
    with pytest.raises(PetitionRefused, match="recheck"):
        town.petition(case, "renewal", "dispatcher", autumn, reason_code="demolition", review_on=later)

    looking.order_recheck(now(case), town.doing(now(case), "dispatcher", autumn), inspector=town.people["inspector"])
    seen = town.doing(now(case), "inspector", autumn + HOUR, "多数住户尚未搬迁")
    task = town.task(case, "recheck")
    looking.look(now(case), seen, task=task, result="gone", photos=[town.photo()], point=at(50, 50))

    # most residents live there still: what was to be pulled down is no reason any more, and the case is taken up again
    with pytest.raises(PetitionRefused, match="recheck"):
        town.petition(now(case), "renewal", "dispatcher", autumn + 2 * HOUR, reason_code="demolition", review_on=later)
    petitions.resume(now(case), town.doing(now(case), "dispatcher", autumn + 2 * HOUR, "住户未搬迁，恢复办理"))
    assert (now(case).state, now(case).unsolved) == ("to_dispatch", "")


def test_a_body_outside_the_list_does_the_work_and_answers_by_a_link(town: Town) -> None:
    """The estate's own company, 广厦物业, is in no list of departments."""
    firm = Agency.objects.create(code="guangsha", name="广厦物业", external=True)
    case = town.to_state("handling")
    since = case.state_since
    inviting.invite(case, town.doing(case, "dispatcher", since, "请更换井盖"), part=town.part(case), agency=firm,
                    token="secret", days=7)  # fmt: skip
    invitation = inviting.find_invitation("secret")
    assert invitation is not None
    answer = Doing(None, since + HOUR, now(case).version, uuid4(), "已更换")
    inviting.answer_done(invitation, answer, [town.photo("green")])
    assert now(case).state == "reply_review"


@pytest.mark.parametrize(("reason", "counted"), [("outside_area", "outside_area"), ("outside_duty", "outside_duty")])
def test_what_stays_unsolved_says_why_in_a_code_that_is_counted(town: Town, reason: str, counted: str) -> None:
    """Of a hundred calls a month forty or fifty could be acted on; of the others the centre wants to know why."""
    case = town.report(point=Point(0, 0, srid=at(0, 0).srid))
    filing.decline(case, town.doing(case, "operator", note="已向来电人说明"), reason_code=reason)
    hard = suspended_in_june(town)
    assert Case.objects.filter(unsolved=counted).count() == 1
    assert list(Case.objects.filter(unsolved="hard")) == [hard]


def test_a_complaint_about_conduct_is_hidden_from_the_unit_that_it_is_about(town: Town) -> None:
    """一号通 shares the call centre; the unit that is complained of never learns who called."""
    style = Agency.objects.create(code="style", name="机关作风办")
    handler = User.objects.create_user("style")
    RoleGrant.objects.create(user=handler, role="handler", agency=style)
    intake = Intake("窗口人员态度恶劣", Channel.objects.get(key="conduct"), caller=Caller(name="王女士"),
                    request_type="disclosure", accused_agency_id=town.water.pk, category=town.fee)  # fmt: skip
    case = register(intake, by=town.people["operator"], at=OCTOBER, operation=uuid4())
    filing.submit_review(case, town.doing(case, "operator", OCTOBER))
    filing.review(case, town.doing(case, "shift_lead", OCTOBER))
    handling.dispatch_case(case, town.doing(case, "dispatcher", OCTOBER), to=[handling.Assignment(style)])
    assert not Case.objects.visible_to(town.people["handler"]).filter(pk=case.pk).exists()
    assert Case.objects.visible_to(handler).filter(pk=case.pk).exists()
