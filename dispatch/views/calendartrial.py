"""A change of working time on trial: the ended clocks of past cases, counted as they would have been."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from dispatch.calendarforms import ChangeForm, WithdrawForm
from dispatch.clocks import WorkCalendar
from dispatch.models import Calendar
from dispatch.recompute import tried
from dispatch.trialfacts import judged, period_of, periods
from dispatch.trials import rejudge
from dispatch.trialwords import limit_shown, period_words
from people.access import current_user


def period_choices(form: ChangeForm | None) -> list[tuple[str, str]]:
    """The periods that a change can be tried on; none for a scheme that is only taken back."""
    if isinstance(form, WithdrawForm):
        return []
    return [(each.key, period_words(each)) for each in periods(timezone.localdate())]


def tried_on_cases(request: HttpRequest, form: ChangeForm) -> dict[str, Any]:
    """What a change would have done to the cases of the period that is asked for. Raises CalendarEmpty."""
    before = {each.pk: each.as_work_calendar() for each in Calendar.objects.all()}
    after = tried(form.calendar, form.change())
    made = next((work for pk, work in after.items() if pk not in before), None)
    pairs = {pk: (work, _instead(work, made or after[pk], new=made is not None)) for pk, work in before.items()}
    period = period_of(request.POST.get("period", ""), timezone.localdate())
    rows = list(judged(period))
    held = {id(clock): pairs[calendar] for clock, calendar in rows}
    trial = rejudge((clock for clock, _calendar in rows), None, lambda clock: held[id(clock)])
    day_seconds = (made or after.get(form.calendar.pk) or next(iter(before.values()))).day_seconds
    return {"shown": limit_shown(trial, period, current_user(request), day_seconds), "period": period.key}


def _instead(before: WorkCalendar, after: WorkCalendar, *, new: bool) -> WorkCalendar:
    """The calendar on trial for clocks of another one.

    A new scheme begins later: its hours are tried on days before it, with the holidays as they were. One that is no
    other than before is the same value, so that nothing is counted anew.
    """
    if new:
        days = {**before.overrides, **after.overrides}
        return replace(
            after, overrides=days, hours={}, since=date.min, until=date.max, others=(), _years={}
        )  # fmt: skip
    return before if before == after else after
