"""Storm mode: many cases under one event, a standard reply, a limit by notice."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from desks.progressfile import find_report, read_progress
from dispatch.actions.gathering import gather
from dispatch.actions.handling import Assignment, dispatch_case
from dispatch.explain import clock_sentences
from dispatch.models import Case, Clock, Undertaking
from dispatch.transitions import IllegalStep
from tests.town import NOW, Town

REPLY = "台风“海棠”影响较大，正在全力抢修，请耐心等待。"
UNTIL = NOW + timedelta(days=12)


def event(town: Town, **more: Any) -> Undertaking:
    told = {
        "kind": "event",
        "title": "台风海棠",
        "why": "台风",
        "begins_on": NOW.date(),
        "made_by": town.people["leader"],
    }
    told |= {"reply": REPLY, "limit_at": UNTIL, "made_at": NOW, "operation": uuid.uuid4()} | more
    return Undertaking.objects.create(**told)


def test_a_running_clock_that_ends_before_the_notice_ends_with_it(town: Town) -> None:
    case = town.to_state("handling")
    used = Clock.objects.get(case=case, kind="handle").used_seconds
    gather(case, town.doing(case, "dispatcher", case.state_since), event=event(town))
    clock = Clock.objects.get(case=case, kind="handle")
    assert abs((clock.due_at - UNTIL).total_seconds()) < 1
    assert clock.used_seconds == used
    assert any("台风海棠" in sentence for sentence in clock_sentences(clock))


def test_a_longer_limit_stays(town: Town) -> None:
    case = town.to_state("handling")
    before = Clock.objects.get(case=case, kind="handle")
    soon = event(town, limit_at=before.due_at - timedelta(minutes=1))
    gather(case, town.doing(case, "dispatcher", case.state_since), event=soon)
    after = Clock.objects.get(case=case, kind="handle")
    assert (after.due_at, after.limit_seconds, after.why) == (before.due_at, before.limit_seconds, before.why)


def test_a_case_gathered_before_its_dispatch_gets_the_notices_limit_then(town: Town) -> None:
    case = town.to_state("to_dispatch")
    gather(case, town.doing(case, "dispatcher", case.state_since), event=event(town))
    case = Case.objects.get(pk=case.pk)
    dispatch_case(case, town.doing(case, "dispatcher", case.state_since), to=[Assignment(town.water)])
    assert abs((Clock.objects.get(case=case, kind="handle").due_at - UNTIL).total_seconds()) < 1


def test_every_caller_reads_the_standard_reply(town: Town) -> None:
    case = town.report()
    gather(case, town.doing(case, "dispatcher", NOW + timedelta(minutes=5)), event=event(town))
    report = find_report(town.first_report(case).query_key)
    assert report is not None
    told = [line.text for line in read_progress(report).lines]
    assert REPLY in told


def test_twice_after_its_end_or_under_a_campaign_nothing_is_gathered(town: Town) -> None:
    case, going = town.report(), event(town)
    gather(case, town.doing(case, "dispatcher"), event=going)
    ended = event(town, ended_on=NOW.date(), outcome="过去了")
    campaign = event(town, kind="campaign", reply="", limit_at=None)
    for other in (going, ended, campaign):
        case = Case.objects.get(pk=case.pk)
        with pytest.raises(IllegalStep):
            gather(case, town.doing(case, "dispatcher"), event=other)
    assert list(going.cases.all()) == [case]


def test_only_an_event_has_reply_and_limit(town: Town) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        event(town, kind="campaign")
