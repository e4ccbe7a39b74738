"""Words of people lose telephone and identity numbers, and nothing else."""

import pytest

from dispatch.masks import mask_text


@pytest.mark.parametrize(
    "words",
    [
        "挂账 至 2027-01-25 · 工程量大",
        "请于 2026-11-28 07:05 前回复",
        "2026-1-5 再看",
        "见 20261111-000202",
        "12 号楼 302 室",
        "补偿 80 元/亩，供水由 5:30–7:00 改为 6:30–8:00",
    ],
)
def test_dates_case_numbers_and_house_numbers_stay(words: str) -> None:
    assert mask_text(words) == words


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("请打 13900000001", "请打 139****0001"),
        ("139 0000 0001 在 2026-11-28 打过", "139****0001 在 2026-11-28 打过"),
        ("2026-11-28-5501", "202****5501"),
        ("身份证 32120119900101123X", "身份证 321****123X"),
    ],
)
def test_numbers_of_people_lose_their_middle(words: str, shown: str) -> None:
    assert mask_text(words) == shown
