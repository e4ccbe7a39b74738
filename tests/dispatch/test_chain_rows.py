"""The migration that chained the rows which were there before there was a chain."""

from importlib import import_module

import pytest
from django.db import connection

from dispatch import verifying
from dispatch.actions import filing
from dispatch.models import Case, Remark, Step
from tests.town import NOW, Town

migration = import_module("dispatch.migrations.0009_chain_rows")


def chain_again() -> None:
    """Take the chain away, as its owner, and let the migration make it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("RESET ROLE")
        cursor.execute("ALTER TABLE dispatch_step DROP CONSTRAINT step_is_chained")
        cursor.execute("ALTER TABLE dispatch_remark DROP CONSTRAINT remark_anonymised_says_nothing")
        cursor.execute("UPDATE dispatch_step SET digest = '', words = ''")
        cursor.execute("UPDATE dispatch_remark SET salt = ''")
        cursor.execute("UPDATE dispatch_case SET head = ''")
        with connection.schema_editor(atomic=False) as editor:
            migration.chain_rows(None, editor)
        cursor.execute("SET ROLE gridmap_app")


def test_rows_from_before_the_chain_verify_after_the_migration_and_go_on(town: Town) -> None:
    town.to_state("closed")
    case = town.to_state("to_file", town.report("井盖没了"))
    chain_again()
    assert not Step.objects.filter(digest="").exists()
    assert not Remark.objects.filter(salt="").exists()
    case = Case.objects.get(pk=case.pk)
    filing.file(case, town.doing(case, "shift_lead", note="属实"))
    check = verifying.begin(NOW)
    verifying.run(check)
    assert (check.findings, check.cases) == ([], 2)


def test_more_cases_than_a_batch_are_all_chained(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "CASES", 2)
    for number in range(5):
        town.report(f"井盖{number}")
    chain_again()
    assert not Case.objects.filter(head="").exists()
    check = verifying.begin(NOW)
    verifying.run(check)
    assert (check.findings, check.steps) == ([], 5)
