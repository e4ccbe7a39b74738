"""Drafts, publication and history of components."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from gridmap.components import RefusedError, change_by_hand, change_state, discard, publish
from gridmap.loaders.components import load_file
from gridmap.models import Component, ComponentBatch, ComponentChange
from people.models import Agency, RoleGrant
from tests.town import NOW, ORIGIN, Town

X, Y = ORIGIN
LATER = NOW + timedelta(days=1)
NEW = "3299110101000002"


def load(town: Town, folder: Path, *lines: str, at=NOW) -> ComponentBatch:
    """Take lines of a table in as drafts: code, x and y in the picture, owner, state."""
    path = folder / "parts.csv"
    rows = []
    for line in lines:
        code, x, y, *rest = line.split(",")
        rows.append(",".join([code, str(X + float(x)), str(Y + float(y)), *rest]))
    path.write_text("ObjID,X,Y,DeptCode2,ObjState\n" + "\n".join(rows))
    batch, _run = load_file(path, at=at, datum="city", rejects=folder)
    return batch


def published(code: str) -> Component:
    return Component.objects.published().get(code=code)


def test_a_draft_is_seen_by_data_managers_only(town: Town, tmp_path: Path) -> None:
    load(town, tmp_path, f"{NEW},20,20,water,完好")
    for role, user in town.people.items():
        seen = Component.objects.visible_to(user).filter(code=NEW).exists()
        assert seen == (role in ("data_manager", "admin")), role


def test_a_data_manager_of_another_district_does_not_see_it(town: Town, tmp_path: Path) -> None:
    RoleGrant.objects.filter(user=town.people["data_manager"]).update(area_code="329922")
    assert not Component.objects.visible_to(town.people["data_manager"]).exists()


def test_publishing_is_an_action_with_a_history(town: Town, tmp_path: Path) -> None:
    batch = load(town, tmp_path, f"{NEW},20,20,water,完好")
    manager = town.people["data_manager"]
    assert publish(batch.components.drafts(), by=manager, at=LATER, why="普查") == (1, 0, 0)
    change = published(NEW).changes.get()
    assert (change.by, change.at, change.why, change.cause) == (manager, LATER, "普查", "published")
    assert (change.from_state, change.to_state) == ("", "intact")
    batch.refresh_from_db()
    assert (batch.stage, batch.decided_by, batch.decided_at) == ("published", manager, LATER)


def test_publishing_an_update_changes_the_row_that_cases_point_at(town: Town, tmp_path: Path) -> None:
    Component.objects.update(note="井口偏低")
    batch = load(town, tmp_path, f"{town.component.code},58,54,,破损")
    assert published(town.component.code).state == "intact"
    assert publish(batch.components.drafts(), by=None, at=LATER) == (0, 1, 0)
    row = Component.objects.get(pk=town.component.pk)
    assert (row.state, row.owning_agency, row.note, row.draft) == ("damaged", None, "井口偏低", False)
    assert row.changed_on == date(2026, 11, 19)
    change = row.changes.get()
    assert change.moved_m == 5.0
    assert change.geom_before == town.component.geom
    assert change.values == {"owning_agency_id": [town.water.pk, None]}
    assert not Component.objects.drafts().exists()


def test_a_state_seen_on_the_street_is_newer_than_the_file(town: Town, tmp_path: Path) -> None:
    batch = load(town, tmp_path, f"{town.component.code},55,50,water,破损")
    change_state(town.component, "missing", at=NOW + timedelta(hours=1), by=None, cause="verified", reference="1")
    assert publish(batch.components.drafts(), by=None, at=LATER).kept_states == 1
    assert published(town.component.code).state == "missing"


def test_a_later_file_takes_the_place_of_an_earlier_draft(town: Town, tmp_path: Path) -> None:
    first = load(town, tmp_path, f"{NEW},20,20,water,完好")
    second = load(town, tmp_path, f"{NEW},30,20,water,完好")
    assert Component.objects.drafts().get(code=NEW).batch == second
    assert (second.report["replaced_drafts"], first.components.count()) == (1, 0)
    first.refresh_from_db()
    assert (first.stage, second.stage) == ("discarded", "draft")


def test_only_chosen_drafts_are_published(town: Town, tmp_path: Path) -> None:
    batch = load(town, tmp_path, f"{NEW},20,20,water,完好", "3299110101000003,25,20,water,完好")
    publish(Component.objects.drafts().filter(code=NEW), by=None, at=LATER)
    batch.refresh_from_db()
    assert (batch.stage, batch.components.drafts().count()) == ("draft", 1)


def test_giving_up_deletes_the_drafts_and_nothing_else(town: Town, tmp_path: Path) -> None:
    batch = load(town, tmp_path, f"{NEW},20,20,water,完好", f"{town.component.code},60,50,water,完好")
    assert discard(batch, by=town.people["data_manager"], at=LATER) == 2
    assert list(Component.objects.all()) == [town.component]
    with pytest.raises(RefusedError, match="已放弃"):
        discard(batch, by=None, at=LATER)


def test_others_neither_publish_nor_correct(town: Town, tmp_path: Path) -> None:
    batch = load(town, tmp_path, f"{NEW},20,20,water,完好")
    with pytest.raises(PermissionDenied):
        publish(batch.components.drafts(), by=town.people["dispatcher"], at=LATER)
    with pytest.raises(PermissionDenied):
        change_by_hand(town.component, "missing", by=town.people["operator"], at=LATER, why="没了")


def test_a_correction_by_hand_needs_a_reason(town: Town) -> None:
    manager = town.people["data_manager"]
    with pytest.raises(RefusedError, match="理由"):
        change_by_hand(town.component, "missing", by=manager, at=LATER, why=" ")
    change = change_by_hand(town.component, "missing", by=manager, at=LATER, why="普查登记错误")
    assert change is not None
    assert (published(town.component.code).state, change.why) == ("missing", "普查登记错误")


def test_the_same_state_again_is_no_change(town: Town) -> None:
    assert change_state(town.component, "intact", at=NOW, by=None, cause="checked") is None
    assert not ComponentChange.objects.exists()


def test_the_history_cannot_be_rewritten(town: Town) -> None:
    change_state(town.component, "missing", at=NOW, by=None, cause="verified")
    for rewrite in (lambda: ComponentChange.objects.update(to_state="intact"), ComponentChange.objects.all().delete):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            rewrite()


def test_a_code_is_published_once_and_drafted_once(town: Town) -> None:
    values = {"code": town.component.code, "category": town.cover, "geom": town.component.geom}
    Component.objects.create(**values, draft=True)
    for draft in (True, False):
        with pytest.raises(IntegrityError, match="component_code_once"), transaction.atomic():
            Component.objects.create(**values, draft=draft)


def test_every_row_of_a_batch_is_accounted_for(town: Town, tmp_path: Path) -> None:
    batch = load(town, tmp_path, f"{NEW},20,20,water,完好", f"{NEW},20,20,water,完好", "1,20,20,water,完好")
    counts = (batch.rows_new, batch.rows_changed, batch.rows_same, batch.rows_rejected)
    assert (batch.rows_read, counts) == (3, (1, 0, 0, 2))
    with pytest.raises(IntegrityError, match="batch_rows_add_up"):
        ComponentBatch.objects.filter(pk=batch.pk).update(rows_read=4)


def test_many_drafts_are_published_in_few_statements(town: Town, tmp_path: Path, django_assert_max_num_queries) -> None:
    Agency.objects.create(code="gas", name="燃气公司")
    lines = [f"32991101010{n:05d},{20 + n % 50},{20 + n % 40},water,完好" for n in range(10, 210)]
    batch = load(town, tmp_path, *lines)
    publish(batch.components.drafts(), by=None, at=LATER)
    batch = load(town, tmp_path, *[line.replace("water", "gas") for line in lines])
    with django_assert_max_num_queries(30):
        assert publish(batch.components.drafts(), by=None, at=LATER).changed == 200
