"""Rows by COPY are the rows that were given, whatever characters they hold."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from django.db import DataError, transaction
from shapely import Point, box

from gridmap.copying import CHUNK, copy_all, copy_in, copy_out, new_keys
from gridmap.models import Import, Place
from tests.town import ORIGIN

NASTY = 'tab\there, line\nbreak, back\\slash, \\N, "quotes", {braces}, 龘'
PLACE = [field.attname for field in Place._meta.concrete_fields if not field.primary_key]
RUN = ("layer", "source", "datum", "started_at", "seconds", "rows_read", "rows_kept", "rows_rejected", "report")


def place(name: str, aliases: list[str], **other: object) -> list[object]:
    values = {field.attname: field.get_default() for field in Place._meta.concrete_fields}
    values |= {"kind": "poi", "name": name, "aliases": aliases, "source": "test", "geom": box(0, 0, 1, 1)}
    values |= {"point": Point(ORIGIN[0] + 1 / 3, ORIGIN[1] + 0.1), **other}
    return [values[name] for name in PLACE]


@pytest.mark.django_db
def test_text_and_lists_come_back_unchanged():
    copy_all(Place, PLACE, [place(NASTY, [NASTY, "", "a,b"])])
    stored = Place.objects.get()
    assert stored.name == NASTY
    assert stored.aliases == [NASTY, "", "a,b"]


@pytest.mark.django_db
def test_coordinates_are_not_rounded():
    copy_all(Place, PLACE, [place("x", [])])
    stored = Place.objects.get()
    assert (stored.point.x, stored.point.y) == (ORIGIN[0] + 1 / 3, ORIGIN[1] + 0.1)
    assert stored.point.srid == Place._meta.get_field("point").srid


@pytest.mark.django_db
def test_json_and_times_come_back_unchanged():
    at = datetime(2026, 11, 18, 1, 2, 3, 456789, tzinfo=UTC)
    report = {"text": NASTY, "list": [1, None, True]}
    copy_all(Import, RUN, [("a", "b", "c", at, 0.5, 1, 1, 0, report)])
    stored = Import.objects.get()
    assert stored.started_at == at
    assert stored.report == report


@pytest.mark.django_db
def test_a_nul_character_is_left_out():
    copy_all(Place, PLACE, [place("a\0b", [])])
    assert Place.objects.get().name == "ab"


@pytest.mark.django_db
def test_none_is_null():
    copy_all(Place, PLACE, [place("x", [], geom=None)])
    assert Place.objects.get().geom is None


@pytest.mark.django_db
def test_text_longer_than_its_column_fails_and_is_not_cut():
    with pytest.raises(DataError), transaction.atomic():
        copy_all(Place, PLACE, [place("x" * 101, [])])
    assert not Place.objects.exists()


@pytest.mark.django_db
def test_progress_is_told_chunk_by_chunk():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    rows: Iterator[Sequence[object]] = (("a", "b", "c", at, 0, 0, 0, 0, {}) for _ in range(CHUNK + 1))
    assert list(copy_in(Import, RUN, rows)) == [CHUNK, CHUNK + 1]


def test_an_unknown_column_is_an_error():
    with pytest.raises(ValueError, match="no column wrong"):
        copy_all(Place, ["wrong"], [])


@pytest.mark.django_db
def test_rows_come_out_as_they_went_in():
    copy_all(Place, PLACE, [place(NASTY, [])])
    assert list(copy_out("SELECT name, number FROM gridmap_place")) == [[NASTY, None]]


@pytest.mark.django_db
def test_new_keys_are_never_given_twice():
    first, second = new_keys(Place, 3), new_keys(Place, 2)
    assert len({*first, *second}) == 5
