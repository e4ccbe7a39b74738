"""Reports in bulk: the rows of the bulk path are the rows of the single path, and no input row is lost.

y
100 ┌─────────┬─────────┬─────────┬─────────┐
    │ 001     │ 002     │ 001     │ 002     │   甲社区, 乙社区; 和平路 runs along y = 50
  0 └─────────┴─────────┴─────────┴─────────┘   with numbers 1 … 39 at x = 10 × number
    0        100       200       300       400 x
"""

import csv
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest
from django.contrib.gis.geos import GEOSGeometry, LineString
from django.core.management import call_command
from django.db.models import Model

from dispatch import chain
from dispatch.bulk import NAMESPACE, decide, write
from dispatch.explain import remembered
from dispatch.incoming import ClassFact, Incoming, classes_of
from dispatch.intake import Intake, analyse, register
from dispatch.lifecycle import link_of
from dispatch.loading import load_reports, table
from dispatch.models import Call, Case, Channel, Clock, Event, Report, RoutingRule, Step
from dispatch.routing import Question
from dispatch.rulebook import RuleBook
from gridmap.gazetteer import MemoryGazetteer, place_row
from gridmap.models import Category, Component, Import, Layout, Place
from tests.town import NOW, ORIGIN, Town, at

MAPPING: dict[str, Any] = {
    "dictionary": {"edition": "测试城市管理字典", "majors": []},
    "reports": {
        "file": "reports.csv",
        "datum": "city",
        "channel": {"key": "hotline", "name": "热线"},
        "ref": "id",
        "received": "at",
        "received_format": "%Y-%m-%d %H:%M",
        "text": "text",
        "address": "address",
        "area": "area",
        "x": "x",
        "y": "y",
        "major": "major",
        "minor": "minor",
    },
}
HEADER = "id,at,area,major,minor,text,address,x,y"


@pytest.fixture
def street(town: Town) -> Town:
    """The town with the numbers of 和平路, an inn, and a class of matters and one of events."""
    doors = [place_row(None, f"和平路{n}号", at(10 * n, 50), area="测试区", source="test") for n in range(1, 40, 2)]
    inn = place_row("poi", "银春旅馆", at(250, 40), address="和平路25号", area="测试区", source="test")
    far = place_row("poi", "郊外仓库", at(900, 40), area="测试区", source="test")
    Place.objects.bulk_create([*doors, inn, far])
    return town


def rows_of(model: type[Model], without: Sequence[str], cases: list[int], order: str) -> list[dict[str, Any]]:
    key = "pk" if model is Case else "case" if model is not Call else "reports__case"
    found = model._default_manager.filter(**{f"{key}__in": cases}).order_by(order)
    rows = []
    for row in found:
        values = {f.attname: getattr(row, f.attname) for f in model._meta.concrete_fields if f.attname not in without}
        rows.append({k: v.wkt if isinstance(v, GEOSGeometry) else v for k, v in values.items()})
    return rows


def everything(town: Town, cases: list[int]) -> dict[str, Any]:
    """All rows of some cases without keys and running numbers, in the order of the reports."""
    events = rows_of(Event, ("id", "case_id", "step_id", "xid"), cases, "case__number")
    for event in events:
        del event["payload"]["number"]
    return {
        "case": rows_of(Case, ("id", "number", "head"), cases, "number"),
        "report": rows_of(Report, ("id", "number", "call_id", "case_id", "query_key"), cases, "number"),
        "call": rows_of(Call, ("id",), cases, "reports__number"),
        "step": rows_of(Step, ("id", "case_id", "digest"), cases, "case__number"),
        "event": events,
    }


def synthetic(town: Town, chance: random.Random, count: int) -> list[Incoming]:
    cover = ClassFact(town.cover.pk, town.cover.major_id, town.cover.pk)
    fee = ClassFact(town.fee.pk, town.fee.major_id, None, matter=True)
    found = []
    for i in range(count):
        place = chance.choice(
            [f"和平路{chance.randrange(1, 45)}号", "银春旅馆", "郊外仓库", "和平路", "测试区", "不知道", "甲社区"]
        )
        address = chance.choice(["", place, "没有这条路7号"])
        category = chance.choice([cover, fee, None])
        text = f"{place}附近的问题，第{i}件"
        words = "井盖" if category else ""
        found.append(Incoming(f"R{i:03}", NOW, text, address, chance.choice(["", "测试区"]), None, category, words))
    return found


def one_by_one(town: Town, rows: list[Incoming]) -> None:
    for row in rows:
        category = Category.objects.filter(pk=row.category.category_id).first() if row.category else None
        # without a class the single path would suggest one from the words; the import has only the sender's word
        near, channel = row.area or None, town.channel
        found = analyse(row.text, at=NOW, address=row.address, near_area=near, category=category, channel=channel)
        words = {"code": "mapped", "words": row.class_words} if category else {"code": "unknown"}
        why = remembered(found, by_hand=False, class_by_hand=False) | {"class": [words]}
        intake = Intake(
            row.text,
            town.channel,
            address=row.address,
            point=found.point,
            uncertainty_m=found.uncertainty_m,
            answer=found.answer,
            category=category,
            component=found.component if category else None,
            external_ref=row.ref,
            why=why,
        )
        register(intake, by=None, at=NOW, operation=uuid5(NAMESPACE, f"{town.channel.key}/{row.ref}"))


def test_fifty_texts_give_the_same_rows_in_bulk_and_one_by_one(street: Town, chance: random.Random):
    rows = synthetic(street, chance, 50)
    elsewhere, other = Channel.objects.create(key="other", name="其他"), street.communities[1].code
    for number, values in (
        ("R100", {"hours": "08:00-18:00", "area_code": other}),
        ("R101", {"channel": street.channel, "weekdays": [3]}),
        ("R102", {"channel": elsewhere}),
        ("R103", {"category": street.cover, "hours": "nachts"}),
    ):
        RoutingRule.objects.create(number=number, agency=street.office, **values)
    one_by_one(street, rows)
    single = everything(street, list(Case.objects.values_list("pk", flat=True)))
    clear()
    decided = decide(rows, MemoryGazetteer.from_database(), channel=street.channel)
    assert {one.proposal.rule.number for one in decided if one.proposal.rule} >= {"R001", "R002", "R100", "R101"}
    write(decided, street.channel, NOW, lambda count: None)
    bulk = everything(street, list(Case.objects.values_list("pk", flat=True)))
    for name, expected in single.items():
        assert bulk[name] == expected, name
    assert len(bulk["report"]) == 50
    assert {row["level"] for row in bulk["report"]} >= {"doorplate", "none", "poi"}
    assert any(row["outside_grid"] for row in bulk["case"])
    assert any(row["component_id"] for row in bulk["case"])


def test_the_log_of_an_imported_case_is_chained_like_any_other(street: Town, chance: random.Random):
    write(decide(synthetic(street, chance, 5), MemoryGazetteer.from_database()), street.channel, NOW, lambda n: None)
    for step in Step.objects.select_related("case"):
        assert step.digest == chain.follow(chain.begin(step.case.number), link_of(step))
        assert step.case.head == step.digest
    assert Step.objects.count() == 5


def clear() -> None:
    """Takes the single rows away again; the log may not be deleted by the app, so its owner does it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("RESET ROLE")
        for model in (Event, Step, Report, Clock, Call, Case):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
        cursor.execute("SET ROLE gridmap_app")


def facts(**values: Any) -> Incoming:
    base = {"ref": "R1", "received_at": NOW, "text": "t", "address": "", "area": "", "given": None}
    return Incoming(**{**base, "category": None, "class_words": "", **values})


def decided(row: Incoming) -> Any:
    return decide([row], MemoryGazetteer.from_database())[0]


def test_the_given_point_never_decides(street: Town):
    row = facts(address="和平路5号", given=(ORIGIN[0] + 350, ORIGIN[1] + 50))
    found = decided(row)
    assert found.placed.cell_id == street.cells[0].pk
    assert decided(replace(row, given=None)) == replace(found, incoming=replace(row, given=None))


def test_an_empty_address_is_sought_in_the_text(street: Town):
    assert decided(facts(text="和平路25号门口漏水")).answer.level == "doorplate"


def test_a_report_keeps_the_cell_of_its_day(street: Town):
    Layout.objects.update(state="retired", active_from=date(2020, 1, 1), active_to=date(2026, 1, 1))
    assert decided(facts(address="和平路5号")).placed.outside
    early = facts(address="和平路5号", received_at=NOW - timedelta(days=600))
    assert decided(early).placed.cell_id == street.cells[0].pk


def line(code: str, y: float, owner: Any, category: Category) -> None:
    shape = LineString((ORIGIN[0], ORIGIN[1] + y), (ORIGIN[0] + 400, ORIGIN[1] + y), srid=at(0, 0).srid)
    Component.objects.create(code=code, category=category, geom=shape, owning_agency=owner)


def test_the_owner_of_the_nearest_line_answers(street: Town):
    lamp = Category.objects.create(
        dictionary=street.cover.dictionary, kind="component", code="01-37", name="路灯", major=street.cover.major
    )
    line("b", 40, street.water, lamp)
    line("a", 90, street.office, lamp)
    row = facts(address="和平路5号", category=ClassFact(lamp.pk, lamp.major_id, lamp.pk))
    found = decided(row)
    assert found.proposal.agency_id == street.water.pk
    assert found.line.component_id == Component.objects.get(code="b").pk


def test_of_equally_near_lines_the_lowest_code_counts(street: Town):
    lamp = Category.objects.create(
        dictionary=street.cover.dictionary, kind="component", code="01-37", name="路灯", major=street.cover.major
    )
    line("b", 40, street.water, lamp)
    line("a", 60, street.office, lamp)
    found = decided(facts(address="和平路5号", category=ClassFact(lamp.pk, lamp.major_id, lamp.pk)))
    assert found.line.component_id == Component.objects.get(code="a").pk


def test_rules_are_those_of_the_day(street: Town):
    RoutingRule.objects.filter(number="R900").update(valid_to=date(2026, 11, 18))
    rules, question = RuleBook(), Question(None, None, street.communities[0].code)
    assert rules.propose(question, NOW).agency_id == street.office.pk
    assert rules.propose(question, NOW + timedelta(days=1)).agency_id is None


@pytest.fixture
def folder(street: Town, tmp_path: Path, settings: Any) -> Path:
    settings.CITY = replace(settings.CITY, mapping=MAPPING)
    return tmp_path


def test_every_row_becomes_a_report_or_a_line_with_a_reason(folder: Path):
    x, y = ORIGIN
    (folder / "reports.csv").write_text(
        "\n".join(
            [
                HEADER,
                f"1,2026-11-01 08:00,测试区,公用设施,自来水井盖,井盖不见了,和平路5号,{x + 300},{y}",
                f"1,2026-11-01 08:00,测试区,公用设施,井盖,又来,和平路5号,{x},{y}",
                f"2,2026-13-01 08:00,测试区,,,坏日期,和平路5号,{x},{y}",
                f"3,2027-11-01 08:00,测试区,,,未来,和平路5号,{x},{y}",
                f"4,2026-11-01 08:00,测试区,,,,,{x},{y}",
                ",2026-11-01 08:00,测试区,,,无号,,1,1",
                "5,2026-11-01 08:00",
                "6,2026-11-01 08:00,测试区,谁,知道,无点,和平路7号,,",
            ]
        )
    )
    loaded = load_reports(folder, NOW, folder / "rejects")
    assert (loaded.run.read, loaded.run.kept, loaded.run.rejected) == (8, 2, 6)
    (rejected,) = (folder / "rejects").glob("*.csv")
    lines = list(csv.DictReader(rejected.read_text().splitlines()))
    assert [line["row"] for line in lines] == ["2", "3", "4", "5", "6", "7"]
    assert [line["field"] for line in lines] == ["id", "at", "at", "text", "id", ""]
    assert "又来" in lines[0]["values"]
    assert [change["row"] for change in loaded.run.changes] == [8]
    assert Import.objects.get(layer="reports").rows_kept == 2


def test_the_given_point_is_kept_beside(folder: Path):
    x, y = ORIGIN
    (folder / "reports.csv").write_text(f"{HEADER}\n1,2026-11-01 08:00,测试区,,井盖,没了,和平路5号,{x + 300},{y}\n")
    load_reports(folder, NOW)
    report = Report.objects.get()
    assert report.given_point is not None
    assert report.given_point.distance(at(300, 0)) < 0.01
    assert report.point is not None
    assert report.point.distance(at(50, 50)) < 0.01


def test_a_date_is_a_moment_of_the_citys_clock(folder: Path):
    (folder / "reports.csv").write_text(f"{HEADER}\n1,2026-11-01 08:00,,,,没了,和平路5号,,\n")
    load_reports(folder, NOW)
    assert Report.objects.get().received_at == datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
    assert Case.objects.get().number.startswith("20261101-")


def test_loading_a_file_again_adds_nothing(folder: Path):
    (folder / "reports.csv").write_text(f"{HEADER}\n1,2026-11-01 08:00,,,井盖,没了,和平路5号,,\n")
    load_reports(folder, NOW, folder)
    again = load_reports(folder, NOW, folder)
    assert Report.objects.count() == Case.objects.count() == Step.objects.count() == 1
    assert again.run.reasons == {"the reference was there before": 1}


def test_the_table_tells_levels_and_reasons(folder: Path, capsys: pytest.CaptureFixture[str]):
    x, y = ORIGIN
    row = f"1,2026-11-01 08:00,测试区,,井盖,没了,和平路5号,{x},{y}"
    (folder / "reports.csv").write_text(f"{HEADER}\n{row}\n{row}\n")
    call_command("import_reports", str(folder), "--rejects", str(folder))
    told = capsys.readouterr().out
    for words in ("read", "by doorplate", "in a cell", "outside", "routed", "1 × the reference was there before"):
        assert words in told


def test_the_narrower_word_decides_and_a_lonely_class_stands_for_its_group(town: Town):
    classes = classes_of("测试城市管理字典", {})
    assert classes["自来水井盖"].category_id == town.cover.pk
    assert classes["公用设施"].category_id == town.cover.pk
    assert "别的" not in classes


def test_an_empty_file_gives_an_empty_table(folder: Path):
    (folder / "reports.csv").write_text(HEADER + "\n")
    assert "located" in table(load_reports(folder, NOW))
