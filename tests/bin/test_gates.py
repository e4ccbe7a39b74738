"""The gates of bin/test: none hides another, and a run without tests fails."""

import os

import pytest
from setup import gates
from setup.folders import Folders


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("======= 12 passed, 1 skipped in 3.21s =======", 12),
        ("\x1b[32m=== \x1b[1m7 passed\x1b[0m in 1.00s ===\x1b[0m", 7),
        ("======= 3 skipped in 0.10s =======", 0),
        ("======= no tests ran in 0.01s =======", 0),
        ("", 0),
    ],
)
def test_the_closing_line_tells_how_many_tests_passed(line: str, count: int):
    assert gates.passed_count(line) == count


def fake_pytest(house: Folders, closing: str, code: int) -> None:
    house.python.parent.mkdir(parents=True)
    house.python.write_text(f"#!/bin/sh\necho '{closing}'\nexit {code}\n")
    house.python.chmod(0o755)


def test_a_run_without_a_passed_test_fails_even_when_pytest_is_content(house: Folders):
    fake_pytest(house, "==== 3 skipped in 0.10s ====", 0)
    result, _ = gates.pytest_gate(house, {"PATH": os.defpath}, long=False, words=[])
    assert not result.passed


def test_the_closing_line_of_the_tests_is_kept(house: Folders):
    fake_pytest(house, "==== 3 passed in 0.10s ====", 0)
    result, closing = gates.pytest_gate(house, {"PATH": os.defpath}, long=False, words=[])
    assert result.passed
    assert closing == "==== 3 passed in 0.10s ===="


def test_the_long_tests_run_only_when_asked_for(house: Folders):
    assert "not long" in gates.pytest_words(house, long=False, words=[])
    assert "not long" not in gates.pytest_words(house, long=True, words=["-x"])


def test_one_failed_gate_fails_the_run_but_the_others_still_run(house: Folders, monkeypatch: pytest.MonkeyPatch):
    fake_pytest(house, "==== 3 passed in 0.10s ====", 0)
    seen = house.root / "seen"
    monkeypatch.setattr(gates, "commands", lambda _: [("bad", ["/bin/false"]), ("good", ["/usr/bin/touch", str(seen)])])
    assert gates.run_all(house, {"PATH": os.defpath}, long=False, words=[]) == 1
    assert seen.exists()
