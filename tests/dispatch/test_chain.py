"""The chain's form: the same bytes for a row in memory and for the row that the database gives back."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from dispatch import chain
from dispatch.actions import filing
from dispatch.lifecycle import Doing, StaleStepError, link_of
from dispatch.models import Case, Remark, Step
from people.access import scope_of
from tests.town import NOW, Town

LINK = chain.Link(
    version=2,
    action="file",
    from_state="to_file",
    to_state="to_dispatch",
    part_id=None,
    actor_id=7,
    role="shift_lead",
    agency_id=None,
    reason_code="",
    facts={"b": 1, "a": [1.5, "井盖"]},
    words="",
    occurred_at=datetime(2026, 11, 18, 1, 0, tzinfo=UTC),
    recorded_at=datetime(2026, 11, 18, 1, 0, 0, 5, tzinfo=UTC),
    operation=UUID(int=1),
)
numbers = st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False, width=64)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
facts = st.dictionaries(
    texts,
    st.recursive(st.none() | st.booleans() | numbers | texts, lambda inner: st.lists(inner, max_size=3)),
    max_size=4,
)


def test_the_form_of_the_chain_never_changes() -> None:
    """These digests stand in sealed files: if this test fails, no log that was ever written verifies any more."""
    assert chain.begin("20261118-000001") == "874923e9f81f19d96e3ad3e2f787641e698d44806256d527d76403cb59054ead"
    assert (
        chain.follow(chain.begin("20261118-000001"), LINK)
        == "f40bd5484fc80bb59baa6b8e004aad70c4e2b5142e7c0a26951d8d5802438951"
    )
    assert (
        chain.digest_of_words("00" * 16, "井盖已更换")
        == "c195e140ff15b2eb74892f38ebbe60e9f73c89f5add3566ed43a9aa344a5dbf9"
    )


@pytest.mark.parametrize("field", chain.Link._fields)
def test_every_field_counts(field: str) -> None:
    other: Any = {
        "facts": {"b": 2, "a": [1.5, "井盖"]},
        "occurred_at": NOW + timedelta(microseconds=1),
        "recorded_at": NOW - timedelta(microseconds=1),
        "operation": UUID(int=2),
        "version": 3,
    }.get(field, 8 if field.endswith("_id") else "other")
    assert chain.follow("x", LINK._replace(**{field: other})) != chain.follow("x", LINK)


def test_zone_order_and_notation_do_not_count() -> None:
    there = LINK._replace(
        occurred_at=LINK.occurred_at.astimezone(ZoneInfo("Asia/Shanghai")), facts={"a": (1.5, "井盖"), "b": 1.0}
    )
    assert chain.canonical(there) == chain.canonical(LINK)


def test_a_time_without_zone_and_a_number_that_is_none_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        chain.canonical(LINK._replace(occurred_at=datetime(2026, 1, 1)))  # noqa: DTZ001
    with pytest.raises(ValueError, match="JSON"):
        chain.canonical(LINK._replace(facts={"m": float("nan")}))


@pytest.mark.django_db
@given(facts=facts)
def test_facts_are_the_same_after_they_were_stored(facts: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(facts)])
        (stored,) = cursor.fetchone()
    back = LINK._replace(facts=json.loads(stored))
    assert chain.canonical(back) == chain.canonical(LINK._replace(facts=facts))


def test_each_row_follows_the_one_before_it_also_when_read_again(town: Town) -> None:
    case = town.to_state("closed")
    previous = chain.begin(case.number)
    for step in Step.objects.filter(case=case).order_by("version"):
        assert step.digest == chain.follow(previous, link_of(step)), step
        previous = step.digest
    assert Case.objects.get(pk=case.pk).head == previous


def test_cases_have_chains_of_their_own(town: Town) -> None:
    one, other = town.report(), town.report()
    assert one.head != other.head
    assert {one.head, other.head} == set(Step.objects.values_list("digest", flat=True))


def test_words_are_in_the_log_as_a_salted_digest_only(town: Town) -> None:
    case = town.to_state("to_file")
    step = filing.file(case, town.doing(case, "shift_lead", note=" 请尽快处置 "))
    remark = Remark.objects.get(step=step)
    assert step.words == chain.digest_of_words(remark.salt, "请尽快处置")
    assert "请尽快" not in chain.canonical(link_of(step))
    assert len(remark.salt) == 32


def test_a_row_in_memory_with_an_old_head_breaks_no_chain(town: Town) -> None:
    """Version and state fit, only the head does not: nothing is written over a chain that is not known."""
    case = town.to_state("to_file")
    case.head = "0" * 64
    with pytest.raises(StaleStepError):
        filing.file(case, town.doing(case, "shift_lead"))
    assert case.steps.count() == 3


def test_a_step_takes_few_statements_and_none_for_its_chain(town: Town, django_assert_num_queries: Any) -> None:
    """Savepoint, operation, swap, petitions, four for two clocks, step, event, task, release."""
    case = town.to_state("to_file")
    doing: Doing = town.doing(case, "shift_lead")
    _ = town.people["shift_lead"].grants.count()
    scope_of(town.people["shift_lead"])
    with django_assert_num_queries(12):
        filing.file(case, doing)
    with django_assert_num_queries(1):
        filing.file(case, replace(doing))
