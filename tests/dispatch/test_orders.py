"""Files of orders in the database: every row is a report or a reject, once, however often the file comes."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from dispatch.intake import register
from dispatch.models import Case, Channel, Clock, OrderFile, OrderRow, Person, Report
from dispatch.orders import taking
from dispatch.orders.tables import read_table
from gridmap.gazetteer import place_row
from gridmap.models import Place
from tests.town import NOW, Town, at

HEAD = "编号,内容,地址,姓名,电话,时限,来电时间\n"


@pytest.fixture
def upper(town: Town) -> Channel:
    Place.objects.create(**vars_of(place_row("poi", "银春旅馆", at(52, 40), address="西仓路18号", source="test")))
    return Channel.objects.create(key="upper", name="上级交办", kind="order", needs_upper=True)


def vars_of(place: Place) -> dict[str, Any]:
    return {
        field.attname: getattr(place, field.attname) for field in Place._meta.concrete_fields if not field.primary_key
    }


def opened(town: Town, channel: Channel, text: str, name: str = "a.csv") -> OrderFile:
    data = text.encode()
    return taking.open_file(name, data, read_table(name, data), channel=channel, by=town.people["operator"], at=NOW)


def taken(town: Town, channel: Channel, text: str) -> OrderFile:
    file = opened(town, channel, text)
    taking.take_in(file.pk)
    return OrderFile.objects.get(pk=file.pk)


GOOD = "SZ-1,银春旅馆前井盖丢失 365bet官方网站,银春旅馆,王女士,13900000001,2026-12-01 17:30,2026-11-17 09:00\n"
BAD = "SZ-2,路灯不亮,,李先生,13900000002,77日,\n"


def test_a_row_becomes_a_live_order_by_the_ordinary_way(town: Town, upper: Channel) -> None:
    taken(town, upper, HEAD + GOOD)
    report, case = Report.objects.get(), Case.objects.get()
    assert (report.text, report.raw_text) == ("银春旅馆前井盖丢失", "银春旅馆前井盖丢失 365bet官方网站")
    assert (report.external_ref, report.person.phone) == ("SZ-1", "13900000001")  # type: ignore[union-attr]
    assert (case.state, case.category, case.community) == ("received", None, town.communities[0])
    assert report.call is not None
    assert f"{report.call.started_at.astimezone(settings.CITY.zone):%m-%d %H:%M}" == "11-17 09:00"
    assert set(Clock.objects.filter(case=case).values_list("kind", flat=True)) >= {"upper"}
    assert case.steps.get().actor == town.people["operator"]


def test_a_reject_keeps_its_row_and_names_field_and_reason(town: Town, upper: Channel) -> None:
    file = taken(town, upper, HEAD + GOOD + BAD)
    good, bad = file.rows.order_by("number")
    assert (good.state, good.report, good.values) == ("kept", Report.objects.get(), {})  # names live in Person alone
    assert (bad.state, bad.field, bad.reason) == ("rejected", "upper_due", "bad_due")
    assert bad.values["姓名"] == "李先生"
    assert taking.counts(file) == {"waiting": 0, "kept": 1, "known": 0, "rejected": 1, "dropped": 0}


def test_the_same_file_again_makes_nothing_twice(town: Town, upper: Channel) -> None:
    taken(town, upper, HEAD + GOOD)
    again = taken(town, upper, HEAD + GOOD)
    assert (Report.objects.count(), Case.objects.count(), Person.objects.count()) == (1, 1, 1)
    row = again.rows.get()
    assert (row.state, row.report) == ("known", Report.objects.get())


def test_rows_without_a_number_are_also_registered_once(town: Town) -> None:
    text = "内容,电话\n井盖丢失,1\n井盖丢失,1\n井盖丢失,2\n"
    first, again = taken(town, town.channel, text), taken(town, town.channel, text)
    assert [taking.counts(file)["kept"] for file in (first, again)] == [2, 0]
    assert Report.objects.count() == 2


def test_one_number_with_another_text_is_left_to_a_person(town: Town, upper: Channel) -> None:
    taken(town, upper, HEAD + GOOD)
    file = taken(town, upper, HEAD + GOOD.replace("井盖丢失", "路灯不亮"))
    assert (file.rows.get().field, file.rows.get().reason) == ("ref", "other_text")
    assert Report.objects.count() == 1


def test_a_corrected_reject_is_tried_again_at_once(town: Town, upper: Channel) -> None:
    row = taken(town, upper, HEAD + BAD).rows.get()
    assert taking.correct(row, {"upper_due": "还是不对"}, at=NOW).reason == "bad_due"
    row = taking.correct(OrderRow.objects.get(), {"upper_due": "2026-12-07"}, at=NOW + timedelta(hours=1))
    assert (row.state, row.reason) == ("kept", "")
    assert Report.objects.get().external_ref == "SZ-2"
    assert taking.correct(row, {"upper_due": "2026-12-08"}, at=NOW).report == row.report  # too late: nothing happens


def test_a_dropped_reject_stays_with_its_reason(town: Town, upper: Channel) -> None:
    row = taken(town, upper, HEAD + BAD).rows.get()
    assert taking.drop(row)
    assert not taking.drop(row)
    row.refresh_from_db()
    assert (row.state, row.reason, row.values["编号"]) == ("dropped", "bad_due", "SZ-2")


def test_the_columns_of_a_channel_are_remembered(town: Town) -> None:
    file = opened(town, town.channel, "甲,乙\n井盖丢失,x\n")
    assert taking.counts(file)["rejected"] == 1
    file.columns = {"text": "甲"}
    file.save()
    taking.judge(file, NOW)
    assert taking.counts(file)["waiting"] == 1
    taking.take_in(file.pk)
    assert opened(town, town.channel, "甲,乙\n路灯不亮,x\n").columns == {"text": "甲"}


def test_a_stopped_run_goes_on_where_it_was(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    file = opened(town, town.channel, "编号,内容\n1,井盖丢失\n2,路灯不亮\n3,道路积水\n")
    ordinary, calls = taking.take_row, []

    def killed(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return ordinary(*args)

    monkeypatch.setattr(taking, "take_row", killed)
    with pytest.raises(KeyboardInterrupt):
        taking.take_in(file.pk)
    assert Report.objects.count() == 1
    taking.take_in(file.pk)
    assert (Report.objects.count(), OrderFile.objects.get().stage) == (3, "done")


def test_a_row_that_the_database_refuses_stops_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = register

    def sometimes(intake: Any, **more: Any) -> Case:
        if intake.external_ref == "1":
            raise ValueError("no")
        return ordinary(intake, **more)

    monkeypatch.setattr(taking, "register", sometimes)
    file = taken(town, town.channel, "编号,内容\n1,井盖丢失\n2,路灯不亮\n")
    assert [(row.state, row.reason) for row in file.rows.order_by("number")] == [("rejected", "failed"), ("kept", "")]


def test_a_file_is_started_once_and_given_up_once(town: Town) -> None:
    file = opened(town, town.channel, "编号,内容\n1,井盖丢失\n")
    assert taking.start(file)
    assert not taking.start(file)
    assert not taking.give_up(file)
    other = opened(town, town.channel, "编号,内容\n2,井盖丢失\n")
    assert taking.give_up(other)
    assert not taking.give_up(other)
    assert not other.rows.exists()


def test_a_class_is_set_only_where_the_file_names_one(town: Town) -> None:
    taken(town, town.channel, "编号,内容,问题小类\n1,坏了,上水井盖\n2,坏了,什么\n")
    assert list(Case.objects.order_by("pk").values_list("category", flat=True)) == [town.cover.pk, None]
    assert OrderRow.objects.order_by("pk").last().notes[-1] == ["category", "other_class", 1]  # type: ignore[union-attr]


CELL = st.text(max_size=12)
ROW = st.lists(CELL | st.sampled_from(["井盖丢失", "77日", "2026-12-01", "1"]), min_size=1, max_size=8)


@examples(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=6))
def test_of_any_table_every_row_is_kept_or_rejected(town: Town, rows: list[list[str]]) -> None:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out).writerows([["编号", "内容", "时限", "电话", "地址", "姓名"], *rows])
    data = out.getvalue().encode("utf-8", errors="surrogatepass")
    from dispatch.orders.tables import OrdersError

    try:
        table = read_table("a.csv", data)
    except OrdersError:
        return
    before = Report.objects.count()
    file = taking.open_file("a.csv", data, table, channel=town.channel, by=town.people["operator"], at=NOW)
    taking.take_in(file.pk)
    counts = taking.counts(file)
    assert counts["kept"] + counts["known"] + counts["rejected"] == len(table.rows)
    assert Report.objects.count() - before == counts["kept"]
