"""Numbers go in and out of the database unchanged, and anything else is refused."""

import numpy as np
import pytest
from django.db import connection

from gridmap.columns import numbers_in, numbers_out


@pytest.fixture
def table(db: None) -> str:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE some_numbers (key bigint, x double precision) ON COMMIT DROP")
    return "some_numbers"


def test_numbers_come_back_as_they_went_in(table: str):
    keys = np.array([1, -(2**62), 2**62], dtype=np.int64)
    values = np.array([0.1, np.nan, -1e300])
    assert numbers_in(table, ["key", "x"], [keys, values]) == 3
    found = numbers_out(f"SELECT key, x FROM {table}", {"key": int, "x": float})
    assert found["key"].tolist() == keys.tolist()
    np.testing.assert_array_equal(found["x"], values)


def test_no_rows_are_no_rows(table: str):
    assert numbers_in(table, ["key"], [np.array([], dtype=np.int64)]) == 0
    assert numbers_out(f"SELECT key FROM {table}", {"key": int})["key"].tolist() == []


@pytest.mark.parametrize("query", ["SELECT NULL::bigint", "SELECT 1::int", "SELECT 1::bigint, 2::bigint"])
def test_null_and_other_kinds_are_refused(db: None, query: str):
    with pytest.raises(ValueError, match="NULL"):
        numbers_out(f"{query} FROM generate_series(1, 38)", {"key": int})


def test_columns_of_different_lengths_are_refused(table: str):
    with pytest.raises(ValueError, match="same number"):
        numbers_in(table, ["key", "x"], [np.zeros(1, dtype=np.int64), np.zeros(2)])
