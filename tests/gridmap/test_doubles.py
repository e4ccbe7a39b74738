"""Several lists that tell one place give one answer, and no list loses a row."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.gazetteer import DatabaseGazetteer, MemoryGazetteer, place_row
from gridmap.geocode import locate
from gridmap.loaders.doubles import Told, answering, settle_doubles
from gridmap.loaders.places import load_places
from gridmap.models import Import, Place
from tests.town import ORIGIN, at

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)


def told(kind: str | None, name: str, x: float, y: float, source: str, **more: Any) -> Place:
    row = place_row(kind, name, at(x, y), source=source, **{"area": "甲区", **more})
    row.save()
    return row


def merged() -> list[tuple[str, str]]:
    """(row, row that answers for it), by their sources."""
    return list(Place.objects.exclude(same_as=None).order_by("source").values_list("source", "same_as__source"))


@pytest.mark.parametrize(
    ("kind", "first", "second", "metres", "one"),
    [
        ("poi", "银春旅馆", "银春旅馆", 90, True),
        ("poi", "银春旅馆", "银春旅馆", 110, False),
        ("poi", "银春旅馆", "银春宾馆", 5, False),
        ("compound", "湖美名園社區", "湖美名园社区", 20, True),
        (None, "西仓路14号", "甲区西仓路14號", 90, True),
        (None, "西仓路14号", "西仓路14之1号", 5, False),
        (None, "西仓路14号", "西仓路14号", 110, False),
        ("road", "西仓路", "西仓路", 5000, True),
        ("lane", "西仓路14巷", "西仓路14巷", 400, False),
    ],
)
def test_rows_of_two_lists_are_one_place(db, kind, first, second, metres, one):
    told(kind, first, 0, 0, "a")
    told(kind, second, metres, 0, "b")
    settle_doubles("b")
    assert merged() == ([("b", "a")] if one else [])


def test_places_of_different_areas_kinds_or_validity_stay_apart(db):
    told("poi", "银春旅馆", 0, 0, "a")
    told("poi", "银春旅馆", 5, 0, "b", area="乙区")
    told("building", "银春旅馆", 5, 0, "c")
    told("poi", "银春旅馆", 5, 0, "d", valid_to=date(2020, 1, 1))
    assert settle_doubles("a") == []


def test_roads_without_an_area_are_one_only_where_their_lines_are_close(db):
    told("road", "西仓路", 0, 0, "a", area="")
    told("road", "西仓路", 290, 0, "b", area="")
    told("road", "西仓路", 900, 0, "c", area="")
    settle_doubles("c")
    assert merged() == [("b", "a")]


def test_the_better_list_answers_whichever_was_loaded_first(db):
    told("poi", "银春旅馆", 0, 0, "a", source_rank=2)
    told("poi", "银春旅馆", 30, 0, "b", source_rank=1)
    settle_doubles("b")
    assert merged() == [("a", "b")]


def test_one_list_may_tell_a_place_twice_and_lessons_are_no_list(db):
    told("poi", "银春旅馆", 0, 0, "a")
    told("poi", "银春旅馆", 5, 0, "a")
    told("poi", "银春旅馆", 5, 0, "confirmed positions", source_rank=3)
    assert settle_doubles("a") == []


def test_the_one_answer_is_found_by_every_name_and_is_the_same_from_memory(db):
    best = told("poi", "银春旅馆", 0, 0, "a", source_rank=1)
    told("poi", "银春大酒店", 30, 0, "b", aliases=["银春旅馆"])
    settle_doubles("b")
    for gazetteer in (DatabaseGazetteer(), MemoryGazetteer.from_database()):
        answers = [locate(text, gazetteer) for text in ("银春旅馆", "银春大酒店", "银春大洒店")]
        assert {(a.place_id, a.x, len(a.alternatives)) for a in answers} == {(best.pk, ORIGIN[0], 0)}
        assert [entry.name for entry, _ in gazetteer.near(*ORIGIN, 100)] == ["银春旅馆"]


def test_a_row_that_is_corrected_answers_for_itself_again(db):
    told("poi", "银春旅馆", 0, 0, "a")
    told("poi", "银春旅馆", 30, 0, "b")
    settle_doubles("b")
    Place.objects.filter(source="b").update(keys=["金河饭店"])
    settle_doubles("b")
    assert merged() == []


def test_a_number_told_twice_is_the_place_of_the_list_that_answers(db):
    best = told(None, "西仓路14号", 0, 0, "a")
    told(None, "西仓路14号", -30, 0, "b")
    settle_doubles("b")
    for gazetteer in (DatabaseGazetteer(), MemoryGazetteer.from_database()):
        assert locate("西仓路14号", gazetteer).place_id == best.pk


def test_a_number_told_twice_has_the_point_of_the_better_list(db):
    best = told(None, "西仓路14号", 0, 0, "a", source_rank=1)
    told(None, "西仓路14号", 30, 0, "b")
    settle_doubles("b")
    for gazetteer in (DatabaseGazetteer(), MemoryGazetteer.from_database()):
        answer = locate("西仓路14号", gazetteer)
        assert (answer.place_id, answer.x, answer.alternatives) == (best.pk, ORIGIN[0], ())


MAPPING = {"datum": "city", "x": "x", "y": "y", "name": "name", "aliases": "other", "former": "old", "kind": "poi"}
MAPPING |= {"former_until": "until", "valid_to": "closed"}
HEAD = "name,other,old,until,closed,x,y\n"


@pytest.fixture
def lists(tmp_path: Path, settings: Any, db: None) -> Path:
    both = [MAPPING | {"file": f"{name}.csv", "source": name, "rank": rank} for rank, name in ((1, "a"), (2, "b"))]
    settings.CITY = replace(settings.CITY, mapping={"places": both})
    (tmp_path / "a.csv").write_text(HEAD + f"银春旅馆,,,,,{ORIGIN[0]},{ORIGIN[1]}\n")
    (tmp_path / "b.csv").write_text(HEAD + f"银春旅馆,,,,,{ORIGIN[0] + 20},{ORIGIN[1]}\n")
    return tmp_path


def test_loading_again_loses_no_row_and_doubles_none(lists: Path):
    for _ in range(2):
        load_places(lists, NOW)
        assert (Place.objects.count(), merged()) == (2, [("b", "a")])


def test_the_report_names_each_merged_row_and_the_other_list(lists: Path):
    load_places(lists, NOW)
    book = Import.objects.get(source="b.csv")
    assert book.report["changes"] == [{"row": "银春旅馆", "field": "place", "reason": "told by a too"}]


def test_a_row_answers_again_when_the_better_list_drops_its_own(lists: Path):
    load_places(lists, NOW)
    (lists / "a.csv").write_text(HEAD + f"金河饭店,,,,,{ORIGIN[0]},{ORIGIN[1]}\n")
    load_places(lists, NOW)
    assert merged() == []
    assert locate("银春旅馆", DatabaseGazetteer()).x == ORIGIN[0] + 20


def test_names_and_days_come_from_the_columns_of_the_list(lists: Path):
    row = f"银春旅馆,银春宾馆；银春,人民旅社,2001/6/30,2030-01-01,{ORIGIN[0]},{ORIGIN[1]}\n"
    (lists / "a.csv").write_text(HEAD + row + f"金河饭店,,,,明年,{ORIGIN[0]},{ORIGIN[1]}\n")
    run = load_places(lists, NOW, lists / "rejects")[0]
    place = Place.objects.get(source="a")
    assert (place.aliases, place.former_names) == (["银春宾馆", "银春"], {"人民旅社": "2001-06-30"})
    assert (place.valid_to, dict(run.reasons)) == (date(2030, 1, 1), {"not a day: expected 2019-05-01": 1})


ROWS = [Told(i % 3, 10.0, chr(97 + i), i) for i in range(8)]


@given(st.sets(st.tuples(st.sampled_from(ROWS), st.sampled_from(ROWS)).filter(lambda pair: pair[0] != pair[1])))
def test_whoever_answers_for_another_answers_itself_and_is_its_better_twin(pairs):
    first = answering(pairs)
    by_id = {row.id: row for row in ROWS}
    for pk, best in first.items():
        assert best not in first
        assert by_id[best] < by_id[pk]
        assert {(by_id[pk], by_id[best]), (by_id[best], by_id[pk])} & pairs
    left = {row.id for pair in pairs for row in pair} - first.keys()
    assert not any(one.id in left and other.id in left for one, other in pairs)
