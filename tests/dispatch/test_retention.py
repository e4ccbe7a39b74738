"""Personal data goes after its years; what happened stays, and the log still verifies."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from dispatch import sealing, verifying
from dispatch.evidence import original_path, public_path
from dispatch.masks import mask_text
from dispatch.models import Anonymisation, Case, Person, Remark, Report
from dispatch.retention import anonymise, due
from tests.scorecards.play import call
from tests.town import NOW, Town

YEARS = timedelta(days=5 * 366)


def findings() -> Any:
    check = verifying.begin(NOW)
    verifying.run(check)
    return check.findings


def test_after_its_years_a_case_knows_nobody_and_its_log_verifies(town: Town) -> None:
    case = town.to_state("closed", town.report("王女士 13900000001：井盖丢失", address="西仓路9号"))
    call(town, case, "dissatisfied")
    sealing.seal(NOW)
    row = anonymise(NOW + YEARS, by="root")
    assert row is not None
    assert (row.cases, row.reports, row.persons, row.by) == (1, 1, 1, "root")
    case = Case.objects.get(pk=case.pk)
    report = Report.objects.get(case=case)
    assert (case.text, case.address, report.text, report.address) == ("上水井盖", "", "上水井盖", "")
    assert (Person.objects.get().name, Person.objects.get().phone) == ("", "")
    assert set(Remark.objects.values_list("text", "salt")) == {("", "")}
    assert case.callbacks.get().reason == "（已匿名）"
    assert findings() == []


def test_the_day_before_nothing_is_due_and_twice_does_it_once(town: Town) -> None:
    case = town.to_state("closed")
    ended = Case.objects.get(pk=case.pk).state_since
    exactly = ended.replace(year=ended.year + 5)
    assert not due(exactly).exists()
    later = exactly + timedelta(seconds=1)
    assert anonymise(later) is not None
    assert anonymise(later) is None
    assert Anonymisation.objects.count() == 1


def test_open_cases_and_people_with_a_newer_case_stay(town: Town) -> None:
    town.to_state("closed")
    town.report(when=NOW + timedelta(days=1))
    anonymise(NOW + YEARS)
    assert Person.objects.get().name == "王女士"


def test_originals_of_photos_go_and_public_copies_stay(town: Town) -> None:
    case = town.to_state("closed")
    digests = list(case.attachments.values_list("evidence__sha256", flat=True))
    assert all(original_path(sha256).exists() for sha256 in digests)
    row = anonymise(NOW + YEARS)
    assert row is not None
    assert row.photos == len(digests)
    assert not any(original_path(sha256).exists() for sha256 in digests)
    assert all(public_path(sha256).exists() for sha256 in digests)


def test_a_dry_run_changes_nothing(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.to_state("closed")
    call_command("anonymise", dry_run=True)
    assert "0 件案件" in capsys.readouterr().out
    assert not Anonymisation.objects.exists()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("请打13912345678找王女士", "请打139****5678找王女士"),
        ("电话 139 1234 5678", "电话 139****5678"),
        ("固话0523-8812319", "固话052****2319"),
        ("身份证32010119900101123X", "身份证320****123X"),
        ("西仓路88号3幢1201室", "西仓路88号3幢1201室"),
        ("见案件20261111-000202", "见案件20261111-000202"),
        ("每月150.5元，2026年11月", "每月150.5元，2026年11月"),
    ],
)
def test_numbers_of_people_in_free_words_lose_their_middle(said: str, shown: str) -> None:
    assert mask_text(said) == shown
