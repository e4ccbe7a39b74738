"""The data page: layers with sources and age, and the report of each import row by row."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gridmap import importwords
from gridmap.confirmed import SOURCE, confirm
from gridmap.layerfacts import LayerFacts, is_old, layers
from gridmap.models import Area, Import, Place
from gridmap.views import data as dataviews
from people.permissions import Role
from tests.town import Town, at

NOW = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
Login = Callable[[str], Client]
FIT = {"who": "file", "datum": "wgs84", "agrees": 0.953, "metres": None, "better": 0, "worse": 0}
BETTER = {"who": "file", "datum": "gcj02", "agrees": 0.998, "metres": None, "better": 827, "worse": 12}
FINDING = {"evidence": "district", "rows": 18290, "stated": "wgs84", "fits": [FIT, BETTER], "suspect": BETTER}


def imported(layer: str = "areas:district", at: datetime = NOW, **report: Any) -> Import:
    counts = {"rows_read": 120, "rows_kept": 118, "rows_rejected": 2}
    return Import.objects.create(layer=layer, source="d.geojson", datum="wgs84", started_at=at, report=report, **counts)


def facts(key: str, at: datetime = NOW) -> LayerFacts:
    return next(layer for layer in layers(at) if layer.key == key)


@pytest.mark.parametrize(
    ("updated", "today", "old"),
    [
        (date(2025, 11, 18), date(2026, 11, 18), False),
        (date(2025, 11, 17), date(2026, 11, 18), True),
        (date(2024, 2, 29), date(2025, 3, 1), False),
        (date(2024, 2, 29), date(2025, 3, 2), True),
        (None, date(2026, 11, 18), False),
    ],
)
def test_a_layer_is_old_from_the_day_after_a_year(updated: date | None, today: date, old: bool) -> None:
    assert is_old(updated, today) == old


def test_a_layer_knows_its_rows_its_source_and_its_age(town: Town) -> None:
    imported(at=NOW - timedelta(days=400))
    district = facts("areas:district")
    assert (district.rows, district.sources[0].name, district.sources[0].datum) == (1, "d.geojson", "WGS84")
    assert district.old
    imported(at=NOW)
    assert not facts("areas:district").old


def test_the_day_of_the_data_counts_more_than_the_day_of_the_import(town: Town) -> None:
    imported(as_of="2019-06-30")
    district = facts("areas:district")
    assert (district.updated_on, district.old) == (date(2019, 6, 30), True)


def test_places_are_shown_by_what_the_map_draws_with_the_lists_they_came_from(town: Town) -> None:
    Place.objects.all().delete()
    for kind, source in (("road", "道路"), ("lane", "道路"), ("road", "规划"), ("poi", "普查")):
        Place.objects.create(kind=kind, name="西仓路", point=at(0, 0), source=source)
    imported("places", list="道路")
    streets = facts("streets")
    assert (streets.rows, streets.parts) == (3, [("道路", 2), ("街巷", 1)])
    assert [(source.name, source.rows, source.last is not None) for source in streets.sources] == [
        ("道路", 2, True),
        ("规划", 1, False),
    ]
    assert facts("places").rows == 1


def test_cells_are_those_in_force_and_date_from_their_layout(town: Town) -> None:
    cells = facts("cells")
    assert cells.rows == len(town.cells)
    assert cells.updated_on is not None
    assert facts("cells", NOW.replace(year=2001)).rows == 0


def test_the_page_shows_old_layers_warnings_and_what_was_refused(login: Login, town: Town) -> None:
    imported(
        at=timezone.now() - timedelta(days=500), datum=[FINDING], warnings=["these coordinates look like GCJ02: x"]
    )
    page = login("data_manager").get("/data/").content.decode()
    assert "一年以上未更新" in page
    assert "这份数据的坐标像是 GCJ-02，而不是所写的 WGS84。" in page
    assert "拒绝 2" in page
    assert page.count("GCJ-02") == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in ("data_manager", "admin")])
def test_nobody_else_opens_it(login: Login, role: str) -> None:
    assert login(role).get("/data/").status_code == 403


def test_the_page_asks_as_many_questions_for_many_imports_as_for_one(
    login: Login, town: Town, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = login("data_manager")
    for number in range(30):
        imported(f"areas:{'district' if number % 2 else 'community'}", NOW - timedelta(days=number))
    with django_assert_max_num_queries(20):
        client.get("/data/")


def test_every_change_of_an_import_is_shown_fifty_to_a_page(login: Login, town: Town) -> None:
    changes = [
        {"row": f"99010{i:03}", "field": "geometry", "reason": f"lost from overlaps: {i}.5 m²"} for i in range(120)
    ]
    found, client = imported(changes=changes), login("data_manager")
    first, last = (client.get(f"/data/imports/{found.pk}/?page={page}").content.decode() for page in (1, 3))
    assert "99010049" in first
    assert "99010050" not in first
    assert "重叠部分划给相邻区域 100.5 平方米" in last
    assert "99010119" in last
    assert "重叠 120" in first


def test_the_figures_of_another_datum_are_shown_and_the_better_one_is_marked(login: Login, town: Town) -> None:
    found = imported(datum=[FINDING])
    page = login("data_manager").get(f"/data/imports/{found.pk}/").content.decode()
    for words in ("按所写的 WGS84", "假如这份数据是 GCJ-02", "95.3%", "99.8%", "明显更吻合"):
        assert words in page


def with_rejects(folder: Path, monkeypatch: pytest.MonkeyPatch, layer: str = "places") -> Import:
    monkeypatch.setattr(dataviews, "rejects_folder", lambda: folder)
    (folder / "r.csv").write_text(
        'file,row,field,reason,values\nd.geojson,7,name,no name,"{""a"": 1}"\nother.csv,8,name,no name,{}\n', "utf-8"
    )
    return imported(layer, rejects={"no name": 1}, rejects_file="r.csv")


def test_the_rejected_rows_of_this_file_can_be_downloaded(
    login: Login, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, client = with_rejects(tmp_path, monkeypatch), login("data_manager")
    assert "下载被拒绝的行" in client.get(f"/data/imports/{found.pk}/").content.decode()
    response = client.get(f"/data/imports/{found.pk}/rejects.csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines == ["file,row,field,reason,values", 'd.geojson,7,name,no name,"{""a"": 1}"']


@pytest.mark.parametrize("name", ["../r.csv", "gone.csv", ""])
def test_only_a_file_of_the_folder_of_rejects_is_given_out(
    login: Login, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "r.csv").write_text("secret")
    monkeypatch.setattr(dataviews, "rejects_folder", lambda: tmp_path / "inner")
    found = imported(rejects_file=name)
    assert login("data_manager").get(f"/data/imports/{found.pk}/rejects.csv").status_code == 404


def test_what_residents_wrote_is_not_given_out(
    login: Login, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = with_rejects(tmp_path, monkeypatch, "reports")
    assert login("data_manager").get(f"/data/imports/{found.pk}/rejects.csv").status_code == 404


def test_an_import_that_is_not_there_is_not_found(login: Login) -> None:
    assert login("data_manager").get("/data/imports/987654/").status_code == 404


@pytest.mark.parametrize(
    ("book", "words"),
    [
        ("the code of a district has 6 digits", "该层级的编码应为 6 位"),
        ("made valid: Self-intersection[1 2]: 12.5 m²", "图形无效，已修复（Self-intersection[1 2]），变动 12.5 平方米"),
        ("3 columns, expected 2", "有 3 列，应为 2 列"),
        ("something new", "something new"),
    ],
)
def test_reasons_are_in_the_readers_words(book: str, words: str) -> None:
    assert importwords.reason(book) == words


def test_changes_are_summed_by_kind() -> None:
    reasons = [
        "lost from overlaps: 10.0 m²",
        "lost from overlaps: 5.5 m²",
        "made valid: Ring: 1.0 m²",
        "joined from 3 pieces",
    ]
    kinds = importwords.kinds_of([{"row": 1, "field": "geometry", "reason": reason} for reason in reasons])
    assert [(kind["what"], kind["count"], kind["m2"]) for kind in kinds] == [
        ("重叠", 2, 15.5),
        ("分段合并", 1, 0.0),
        ("无效图形", 1, 1.0),
    ]


def test_every_sentence_of_the_loaders_has_words(settings: Any) -> None:
    """Whatever a loader writes into its book is found in the table of words."""
    import re

    folder = Path(settings.BASE_DIR) / "gridmap" / "loaders"
    texts = [(folder / f"{name}.py").read_text() for name in ("areas", "places")]
    reasons = [
        m
        for text in texts
        for m in re.findall(r'run\.(?:reject|change)\([^"\n]*(?:"[^"]*")?[^"\n]*f?"([^"]+)"\)', text)
    ]
    assert len(reasons) > 8
    mended = ["made valid: Ring Self-intersection: 1.5 m²", "gained from gaps and overlaps: 1.5 m²"]
    mended += ["lost from overlaps: 1.5 m²", "detached sliver given to its neighbour: 0.1 m²"]
    for sentence in [*mended, *(reason for reason in reasons if not reason.startswith("{"))]:
        plain = re.sub(r"{[^{}]*}", "12", sentence)
        assert importwords.reason(plain) != plain, sentence


def test_levels_of_areas_have_a_layer_of_their_own(town: Town) -> None:
    assert Area.objects.count() > 2
    assert [layer.key for layer in layers(NOW)][:3] == ["areas:city", "areas:district", "areas:subdistrict"]


def test_learned_places_are_named_in_words_and_lead_to_their_page(town: Town, login: Login) -> None:
    confirm("西仓路14号", "", at(280, 100), how="operator", by=None, at=NOW, reference="A1")
    page = login("data_manager").get("/data/")
    layer = next(layer for layer in page.context["layers"] if layer.key == "places")
    assert [str(source.name) for source in layer.sources if source.link] == ["学到的位置"]
    assert SOURCE not in page.content.decode()
