"""What came in: the published sums of real places, by source, type and subject (P1.19, P2.2–P2.5, P2.9, P2.10)."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.actions import filing
from dispatch.models import Callback, Case, Channel, Clock, Report
from gridmap.models import Category
from scorecards.intake import exceeded_on, hot_topics, read, surge
from scorecards.periods import Span
from scorecards.rules import Rules
from tests.scorecards.play import late
from tests.town import NOW, Town

RULES = Rules()
QUARTER = Span(date(2016, 7, 1), date(2016, 9, 30))


def came(
    town: Town,
    rows: Iterable[tuple[Channel, str, Category | None, int]],
    *,
    when: datetime = datetime(2016, 8, 8, 1, tzinfo=UTC),
    state: str = "closed",
    matched: str = "",
) -> list[Report]:
    """So many reports of each channel, type and class, each with its own case, as a bulk import writes them."""
    wanted = [row[:3] for row in rows for _number in range(row[3])]
    start = Case.objects.count()
    closed = {"closed_at": when} if state == "closed" else {}
    cases = Case.objects.bulk_create(
        Case(
            number=f"B{start + number:06d}", flow="matter", state=state, state_since=when, channel=channel,
            request_type=kind, category=category, text="来件", received_at=when, **closed,
        )
        for number, (channel, kind, category) in enumerate(wanted)
    )  # fmt: skip
    return Report.objects.bulk_create(
        Report(
            number=f"SB{case.number}", channel=case.channel, case=case, request_type=case.request_type, text="来件",
            received_at=when, matched=matched,
        )
        for case in cases
    )  # fmt: skip


def overdue(reports: list[Report], town: Town) -> None:
    """Their agency answered too late."""
    for report in reports:
        assert report.case is not None
        part = report.case.parts.create(agency=town.office, dispatched_at=report.received_at)
        Clock.objects.create(
            case=report.case, part=part, kind="handle", calendar=town.calendar, calendar_version=1,
            limit_unit="work_day", limit_amount=5, started_at=report.received_at, running_since=report.received_at,
            due_at=report.received_at + timedelta(days=7), warn_at=report.received_at + timedelta(days=6),
            stopped_at=report.received_at + timedelta(days=9), limit_seconds=1.0, used_seconds=2.0, verdict="overdue",
        )  # fmt: skip


@pytest.fixture
def county(town: Town) -> dict[str, Channel]:
    """The five sources of Xiangtan county."""
    names = {
        "hotline": "市长热线",
        "mailbox": "市长信箱",
        "county-hotline": "县长热线",
        "county": "县长信箱",
        "conduct": "政风行风热线",
    }
    return {key: Channel.objects.update_or_create(key=key, defaults={"name": name})[0] for key, name in names.items()}


def test_249_by_four_sources_with_96_percent_on_time(town: Town, county: dict[str, Channel]) -> None:
    """146 + 21 + 37 + 45 = 249; 239 of them on time are 96 % (P2.2)."""
    numbers = {"hotline": 146, "mailbox": 21, "county-hotline": 37, "county": 45}
    reports = came(town, [(county[key], "complaint", None, number) for key, number in numbers.items()])
    overdue(reports[:10], town)
    tally = read(QUARTER, RULES).by_source()
    assert [(line.key, line.counts["received"]) for line in tally.lines] == [
        ("hotline", 146), ("county", 45), ("county-hotline", 37), ("mailbox", 21),
    ]  # fmt: skip
    assert tally.total.counts["received"] == 249
    assert tally.total.counts["on_time"] == 239
    assert tally.total.rates["on_time_rate"] == Decimal("95.98")
    assert round(float(tally.total.rates["on_time_rate"])) == 96
    assert read(Span(date(2016, 4, 1), date(2016, 6, 30)), RULES).by_source().lines == []


def test_92_percent_of_those_called_back_are_satisfied(town: Town, county: dict[str, Channel]) -> None:
    reports = came(town, [(county["hotline"], "complaint", None, 30)])
    for number, report in enumerate(reports[:25]):
        spoke(town, report, reached=False)
        spoke(town, report, reached=True, satisfied=number >= 2)
    tally = read(QUARTER, RULES).by_source()
    assert (tally.total.counts["answered"], tally.total.counts["satisfied"]) == (25, 23)
    assert tally.total.rates["satisfied_rate"] == Decimal("92.00")


def spoke(town: Town, report: Report, *, reached: bool, satisfied: bool = True) -> None:
    """A callback as a bulk import writes it; who was reached says how it was."""
    case = report.case
    assert case is not None
    said = {} if not reached else {"satisfaction": "satisfied" if satisfied else "dissatisfied", "solved": True}
    Callback.objects.create(
        case=case, report=report, step=town.report().steps.get(), staff=town.people["operator"], reached=reached,
        concludes=reached, called_at=report.received_at + timedelta(days=1, minutes=reached),
        reason="" if satisfied else "太慢", **said,
    )  # fmt: skip


def test_144_of_one_source_by_type_with_93_percent_answered_in_time(town: Town, county: dict[str, Channel]) -> None:
    """政风行风热线: 144 = 85 complaints + 46 questions + 13 suggestions; 134 answered in time are 93 % (P2.3)."""
    kinds = {"complaint": 85, "consultation": 46, "suggestion": 13}
    reports = came(town, [(county["conduct"], kind, None, number) for kind, number in kinds.items()], state="answered")
    Case.objects.filter(pk__in=[report.case_id for report in reports[:10]]).update(state="to_dispatch")
    came(town, [(county["hotline"], "complaint", None, 5)])
    tally = read(QUARTER, RULES).by_type("conduct")
    assert [(str(line.name), line.counts["received"]) for line in tally.lines] == [
        ("投诉", 85),
        ("咨询", 46),
        ("建议", 13),
    ]
    assert tally.total.counts["received"] == 144
    assert tally.total.counts["replied"] == 134
    assert tally.total.rates["replied_rate"] == Decimal("93.06")


def test_45_of_the_county_mailbox_with_84_percent_answered_in_time(town: Town, county: dict[str, Channel]) -> None:
    """县长信箱: 45 = 8 + 20 + 14 + 3; 38 in time are 84 % (P2.4)."""
    kinds = {"suggestion": 8, "help": 20, "complaint": 14, "consultation": 3}
    reports = came(town, [(county["county"], kind, None, number) for kind, number in kinds.items()], state="answered")
    Case.objects.filter(pk__in=[report.case_id for report in reports[:7]]).update(state="handling")
    tally = read(QUARTER, RULES).by_type("county")
    assert [line.counts["received"] for line in tally.lines] == [20, 14, 8, 3]
    assert tally.total.counts["replied"] == 38
    assert round(float(tally.total.rates["replied_rate"])) == 84


def test_done_in_time_and_answered_in_time_are_two_measures(town: Town) -> None:
    """P2.5: a written reply within the limit counts as answered although the case is not closed yet."""
    case = town.to_state("reply_review")
    span = Span(NOW.date(), NOW.date())
    tally = read(span, RULES).by_source().total
    assert (tally.counts["replied"], tally.counts["done"], tally.counts["on_time"]) == (1, 0, 0)
    town.to_state("closed", case)
    assert read(span, RULES).by_source().total.counts["on_time"] == 1
    late(town)
    tally = read(span, RULES).by_source().total
    assert (tally.counts["received"], tally.counts["on_time"], tally.counts["replied"]) == (2, 1, 1)


def test_854_since_new_year_by_subject(town: Town) -> None:
    """Xi'an: 854 = 661 + 76 + 34 + 32 + 21 + 18 + 12, all done (P1.19)."""
    dictionary = town.fee.dictionary
    numbers = {"物业": 661, "噪音": 76, "城改": 34, "市政": 32, "市容": 21, "咨询": 18, "其他": 12}
    rows = []
    for code, (name, number) in enumerate(numbers.items(), start=50):
        major = Category.objects.create(dictionary=dictionary, kind="matter", code=f"{code}", name=name)
        minor = Category.objects.create(dictionary=dictionary, kind="matter", code=f"{code}-01", name=name, major=major)
        rows.append((town.channel, "complaint", minor, number))
    came(town, rows, when=datetime(2018, 5, 5, 1, tzinfo=UTC))
    tally = read(Span(date(2018, 1, 1), date(2018, 10, 30)), RULES).by_subject()
    assert {line.name: line.counts["received"] for line in tally.lines} == numbers
    assert tally.total.counts["received"] == sum(numbers.values()) == 854
    assert tally.total.rates["done_rate"] == Decimal("100.00")


def test_subjects_of_two_dictionaries_with_one_code_are_two(town: Town) -> None:
    came(town, [(town.channel, "complaint", town.fee, 2), (town.channel, "complaint", town.cover, 3)])
    came(town, [(town.channel, "complaint", None, 1)])
    assert town.fee.major is not None
    assert town.cover.major is not None
    assert town.fee.major.code == town.cover.major.code
    lines = read(QUARTER, RULES).by_subject().lines
    assert [(str(line.name), line.counts["received"]) for line in lines] == [
        ("公用设施", 3), ("物业管理", 2), ("未归类", 1),
    ]  # fmt: skip


def test_what_was_declined_came_in_and_was_not_accepted(town: Town) -> None:
    case = town.report()
    filing.decline(case, town.doing(case, "operator", note="不在辖区"), reason_code="outside_area")
    town.matter()
    counts = read(Span(NOW.date(), NOW.date()), RULES).by_source().total.counts
    assert (counts["received"], counts["accepted"], counts["done"]) == (2, 1, 0)


def test_hot_topics_name_the_places_and_nothing_confidential(town: Town) -> None:
    came(town, [(town.channel, "complaint", town.fee, 3)], matched="怡园小区")
    came(town, [(town.channel, "complaint", town.fee, 2)], matched="西仓路")
    came(town, [(town.channel, "complaint", town.cover, 2)], matched="西仓路")
    secret = came(town, [(town.channel, "disclosure", town.cover, 9)], matched="某局")
    Case.objects.filter(pk__in=[report.case_id for report in secret]).update(confidential=True)
    topics = hot_topics(QUARTER)
    assert [(topic.name, topic.count) for topic in topics] == [("物业收费", 5), ("上水井盖", 2)]
    assert topics[0].places == [("怡园小区", 3), ("西仓路", 2)]


def test_the_day_on_which_this_year_went_above_all_of_last_year(town: Town) -> None:
    """P2.10, P2.21: by early September more than in the whole year before."""
    came(town, [(town.channel, "complaint", None, 4)], when=datetime(2015, 3, 3, tzinfo=UTC))
    for day in range(1, 7):
        came(town, [(town.channel, "complaint", None, 1)], when=datetime(2016, 9, day, 1, tzinfo=UTC))
    assert exceeded_on(date(2016, 9, 4)) is None
    assert exceeded_on(date(2016, 9, 5)) == date(2016, 9, 5)
    assert exceeded_on(date(2016, 12, 31)) == date(2016, 9, 5)
    assert (surge(date(2016, 9, 5)).so_far, surge(date(2016, 9, 5)).last_year) == (5, 4)
    assert exceeded_on(date(2015, 12, 31)) is None


def test_the_page_has_the_tables_and_one_source_alone(
    town: Town, county: dict[str, Channel], login: Callable[[str], Client], django_assert_max_num_queries: Any
) -> None:
    came(town, [(county["hotline"], "complaint", town.fee, 3), (county["county"], "help", None, 2)])
    came(town, [(county["hotline"], "complaint", None, 1)], when=datetime(2015, 3, 3, tzinfo=UTC))
    manager = login("manager")
    path = reverse("scorecards:figures") + "?first=2016-07-01&last=2016-09-30"
    with django_assert_max_num_queries(14):
        page = manager.get(path).content.decode()
    assert "市长热线" in page
    assert "本年来件已超过去年全年的 1 件" in page
    alone = manager.get(path + "&channel=county").content.decode()
    assert "求助" in alone
    assert "物业管理" not in alone
    wrong = manager.get(reverse("scorecards:figures") + "?first=2016-09-30&last=2016-07-01")
    assert wrong.status_code == 422
    assert "截止日期不能早于起始日期" in wrong.content.decode()
