"""The log is verified against itself and against its seals: every kind of tampering is found, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dispatch import chain, sealfiles, sealing, verifying
from dispatch.findings import sentence
from dispatch.lifecycle import link_of
from dispatch.models import Case, Event, Seal, Step
from tests.town import NOW, Town, build_town

DAY = timedelta(days=1)


@contextmanager
def as_owner() -> Iterator[Any]:
    """The owner of the tables, against whom the database itself protects nothing."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        try:
            yield cursor
        finally:
            cursor.execute("SET ROLE gridmap_app")


def tamper(statement: str, *values: Any) -> None:
    with as_owner() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement, values)


def verify(number: str = "") -> list[tuple[str, str, int]]:
    """What a verification finds: (fault, case, version)."""
    check = verifying.begin(NOW + 9 * DAY, number)
    verifying.run(check)
    assert all(sentence(finding) for finding in check.findings)
    return [(f["fault"], f["number"], f["version"]) for f in check.findings]


@pytest.fixture
def closed(town: Town) -> Case:
    case = town.to_state("closed")
    town.report()
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def sealed(closed: Case) -> Case:
    sealing.seal(NOW)
    return closed


def rewrite(case: Case) -> None:
    """What a clever owner does: chain all rows of a case anew, and set its head."""
    previous = chain.begin(case.number)
    for step in Step.objects.filter(case=case).order_by("version"):
        previous = chain.follow(previous, link_of(step))
        tamper("UPDATE dispatch_step SET digest = %s WHERE id = %s", previous, step.pk)
    tamper("UPDATE dispatch_case SET head = %s WHERE id = %s", previous, case.pk)


def test_an_honest_log_has_no_findings(sealed: Case) -> None:
    assert verify() == []
    assert verify(sealed.number) == []


def test_a_changed_row_is_found(closed: Case) -> None:
    tamper("UPDATE dispatch_step SET reason_code = 'x' WHERE case_id = %s AND version = 4", closed.pk)
    assert verify() == [("changed", closed.number, 4)]


@pytest.mark.parametrize(
    "change", ["occurred_at = occurred_at - interval '1 hour'", "actor_id = NULL", "facts = '{\"a\": 1}'"]
)
def test_every_column_of_a_row_counts(closed: Case, change: str) -> None:
    tamper(f"UPDATE dispatch_step SET {change} WHERE case_id = %s AND version = 2", closed.pk)
    assert verify() == [("changed", closed.number, 2)]


def take_out(case: Case, version: int) -> None:
    for table in ("dispatch_event", "dispatch_remark", "dispatch_attachment"):
        tamper(
            f"DELETE FROM {table} WHERE step_id IN (SELECT id FROM dispatch_step WHERE case_id = %s AND version = %s)",
            case.pk,
            version,
        )
    tamper("DELETE FROM dispatch_step WHERE case_id = %s AND version = %s", case.pk, version)


def test_a_missing_row_is_found(closed: Case) -> None:
    take_out(closed, 4)
    assert verify() == [("missing", closed.number, 4)]


def test_an_inserted_row_is_found(closed: Case) -> None:
    tamper("UPDATE dispatch_step SET version = version + 100 WHERE case_id = %s AND version > 4", closed.pk)
    tamper("UPDATE dispatch_step SET version = version - 99 WHERE case_id = %s AND version > 100", closed.pk)
    tamper(
        """INSERT INTO dispatch_step (case_id, action, from_state, to_state, version, role, reason_code, facts,
               occurred_at, recorded_at, operation, words, digest)
           SELECT case_id, 'place', to_state, to_state, 5, role, '', '{}', recorded_at, recorded_at,
               gen_random_uuid(), '', repeat('a', 64) FROM dispatch_step WHERE case_id = %s AND version = 4""",
        closed.pk,
    )
    tamper("UPDATE dispatch_case SET version = version + 1 WHERE id = %s", closed.pk)
    assert verify() == [("inserted", closed.number, 5)]


def test_rows_that_were_cut_off_are_found(closed: Case) -> None:
    take_out(closed, 9)
    assert ("cut_off", closed.number, 9) in verify()


def test_rows_that_were_cut_off_with_the_case_set_back_are_found_by_the_seal(sealed: Case) -> None:
    take_out(sealed, 9)
    tamper(
        """UPDATE dispatch_case SET version = 8, state = 'to_close', closed_at = NULL,
           head = (SELECT digest FROM dispatch_step WHERE case_id = %s AND version = 8) WHERE id = %s""",
        sealed.pk,
        sealed.pk,
    )
    assert ("cut_off", sealed.number, 9) in verify()
    assert verify(sealed.number) == [("cut_off", sealed.number, 9)]


def test_swapped_rows_are_found(closed: Case) -> None:
    tamper(
        "UPDATE dispatch_step SET version = CASE version WHEN 3 THEN 1004 WHEN 4 THEN 1003 END"
        " WHERE case_id = %s AND version IN (3, 4)",
        closed.pk,
    )
    tamper("UPDATE dispatch_step SET version = version - 1000 WHERE case_id = %s AND version > 1000", closed.pk)
    assert {fault for fault, _number, _version in verify()} == {"moved"}


def test_a_state_that_does_not_follow_from_the_log_is_found(closed: Case) -> None:
    tamper("UPDATE dispatch_case SET state = 'to_close', closed_at = NULL WHERE id = %s", closed.pk)
    assert verify() == [("state", closed.number, 9)]


def test_changed_deleted_and_added_words_are_found(closed: Case) -> None:
    handled = closed.steps.get(action="handled")
    tamper("UPDATE dispatch_remark SET text = '没有更换' WHERE step_id = %s", handled.pk)
    assert verify() == [("words_changed", closed.number, handled.version)]
    tamper("DELETE FROM dispatch_remark WHERE step_id = %s", handled.pk)
    assert verify() == [("words_gone", closed.number, handled.version)]
    tamper(
        "INSERT INTO dispatch_remark (step_id, text, salt) SELECT id, '后加的', repeat('0', 32) FROM dispatch_step"
        " WHERE case_id = %s AND action = 'file'",
        closed.pk,
    )
    assert ("words_added", closed.number, 4) in verify()


def test_words_that_were_wiped_without_a_run_of_the_retention_are_found(closed: Case) -> None:
    tamper("UPDATE dispatch_remark SET text = '', salt = '', anonymised_at = now()")
    assert {fault for fault, _number, _version in verify()} == {"words_unlogged"}


def test_a_whole_case_that_was_removed_is_found_by_the_seal(sealed: Case) -> None:
    other = Case.objects.exclude(pk=sealed.pk).get()
    for table in ("dispatch_event", "dispatch_clock", "dispatch_report"):
        tamper(f"DELETE FROM {table} WHERE case_id = %s", other.pk)
    tamper("DELETE FROM dispatch_step WHERE case_id = %s", other.pk)
    tamper("DELETE FROM dispatch_case WHERE id = %s", other.pk)
    found = verify()
    assert ("case_gone", other.number, 1) in found
    assert {fault for fault, _number, _version in found} == {"case_gone", "seal_count"}


def test_an_owner_who_chains_a_whole_case_anew_is_found_by_the_seal(sealed: Case) -> None:
    tamper("UPDATE dispatch_step SET reason_code = 'x' WHERE case_id = %s AND version = 9", sealed.pk)
    rewrite(sealed)
    assert verify() == [("changed", sealed.number, 9)]


def test_without_a_seal_a_rewritten_case_cannot_be_told(closed: Case) -> None:
    """What the seal is there for."""
    tamper("UPDATE dispatch_step SET reason_code = 'x' WHERE case_id = %s AND version = 9", closed.pk)
    rewrite(closed)
    assert verify() == []


def test_what_goes_on_after_the_seal_is_fine(sealed: Case, town: Town) -> None:
    town.report(when=NOW + timedelta(hours=1))
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_only_what_has_changed_is_sealed_the_next_day() -> None:
    town = build_town()
    old = town.report()
    sealing.seal(NOW)
    upto = sealfiles.read(seal_path()).upto
    case = town.report(when=NOW + timedelta(hours=1))
    sealing.seal(NOW + DAY)
    newest = sorted(sealing.folder().glob("*.seal"))[-1]
    sealed = [head.number for head in sealfiles.heads(newest, 0, 100)[0]]
    # a transaction of another database that was open meanwhile makes it seal a little more, never less
    again = Event.objects.filter(case=old, xid__gte=upto).exists()
    assert sealed == [old.number, case.number] if again else sealed == [case.number]


def seal_path() -> Path:
    return next(iter(sealfiles.paths(sealing.folder())))


def change(path: Path, old: bytes, new: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(old, new))


def test_a_seal_file_that_is_edited_missing_or_half_is_found(sealed: Case) -> None:
    path = seal_path()
    whole = path.read_bytes()
    change(path, sealed.head.encode(), b"0" * 64)
    assert {fault for fault, _n, _v in verify()} == {"seal_changed", "changed"}
    path.write_bytes(whole[: len(whole) // 2])
    assert {fault for fault, _n, _v in verify()} == {"seal_broken"}
    path.unlink()
    assert {fault for fault, _n, _v in verify()} == {"seal_missing"}


def test_a_file_taken_out_of_the_row_of_files_is_found(sealed: Case, town: Town) -> None:
    town.report()
    sealing.seal(NOW + DAY)
    town.report()
    sealing.seal(NOW + 2 * DAY)
    sorted(sealfiles.paths(sealing.folder()))[1].unlink()
    assert {fault for fault, _n, _v in verify()} == {"seal_chain", "seal_missing"}


def test_a_signed_seal_that_somebody_forges_with_its_row_is_found(closed: Case, settings: Any) -> None:
    settings.SEAL_KEY = "k" * 40
    sealing.seal(NOW)
    path = seal_path()
    tamper("UPDATE dispatch_step SET reason_code = 'x' WHERE case_id = %s AND version = 9", closed.pk)
    old = closed.head
    rewrite(closed)
    change(path, old.encode(), Case.objects.get(pk=closed.pk).head.encode())
    tamper("UPDATE dispatch_seal SET sha256 = %s", sealfiles.read(path).sha256)
    assert {fault for fault, _n, _v in verify()} == {"seal_forged"}


def test_sealing_twice_a_day_seals_once(sealed: Case) -> None:
    before = seal_path().read_bytes()
    assert sealing.seal(NOW + timedelta(hours=2)) == Seal.objects.get()
    assert seal_path().read_bytes() == before


def test_a_seal_whose_row_was_lost_in_a_crash_is_remembered_by_the_next_call(sealed: Case) -> None:
    tamper("DELETE FROM dispatch_seal")
    sealing.seal(NOW)
    assert verify() == []


def test_the_command_says_what_it_found_and_fails(closed: Case, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_log")
    tamper("UPDATE dispatch_step SET reason_code = 'x' WHERE case_id = %s AND version = 4", closed.pk)
    with pytest.raises(CommandError) as told:
        call_command("verify_log", case=closed.number)
    assert told.value.returncode == 1
    assert f"案件 {closed.number} 第 4 条记录被改动" in capsys.readouterr().out
    with pytest.raises(CommandError, match="没有编号"):
        call_command("verify_log", case="20000101-000001")
