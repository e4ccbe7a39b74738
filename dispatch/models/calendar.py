"""Stored calendars: which days and hours count as working time."""

from datetime import date, datetime, time
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import connection
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dispatch.clocks import Periods, WorkCalendar
from people.models import DateRange

# values of calendars by database, key and version: whoever changes a day raises the version (dispatch/recompute.py)
_WORKS: dict[tuple[str, int, int], WorkCalendar] = {}
KEPT = 100


def standard_periods() -> list[list[str]]:
    return [["08:00", "12:00"], ["14:00", "18:00"]]


class CalendarQuerySet(models.QuerySet["Calendar"]):
    def on(self, day: date) -> Self:
        """The scheme in force on a day of the city's calendar: one, because validity never overlaps."""
        return self.filter(active=True, valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))

    def at(self, at: datetime) -> "Calendar":
        """The scheme in force at an instant; DoesNotExist where the city has none."""
        return self.on(at.astimezone(settings.CITY.zone).date()).get()


class Calendar(models.Model):
    """计时方案: working periods, weekdays and dated exceptions; clocks remember the version that they used."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    periods = models.JSONField(_("工作时段"), default=standard_periods)
    # one digit per weekday, Monday first
    workdays = models.CharField(_("工作日"), max_length=7, default="1111100")
    active = models.BooleanField(_("启用"), default=True)
    valid_from = models.DateField(_("生效日期"), default=date(2000, 1, 1))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)
    version = models.IntegerField(default=1)

    objects = CalendarQuerySet.as_manager()

    class Meta:
        verbose_name = _("计时方案")
        verbose_name_plural = _("计时方案")
        constraints = [
            ExclusionConstraint(
                name="one_calendar_a_day",
                expressions=[(DateRange(F("valid_from"), F("valid_to")), RangeOperators.OVERLAPS)],
                condition=Q(active=True),
            ),
            models.CheckConstraint(name="workdays_are_seven_flags", condition=Q(workdays__regex=r"^[01]{7}$")),
        ]

    def __str__(self) -> str:
        return self.name

    def holds_on(self, day: date) -> bool:
        """Whether the scheme is valid on a day, in force or not."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def as_work_calendar(self) -> WorkCalendar:
        """The calendar as the value that the rules in clocks.py take; two queries, once for each version."""
        key = (connection.settings_dict["NAME"], self.pk, self.version)
        if key not in _WORKS:
            if len(_WORKS) > KEPT:
                _WORKS.clear()
            _WORKS[key] = self.read()
        return _WORKS[key]

    def read(self) -> WorkCalendar:
        """The value as the rows are now; beyond its own validity with the other schemes in force there.

        Changing one scheme therefore raises the version of all of them (dispatch/recompute.py).
        """
        others = Calendar.objects.filter(active=True).exclude(pk=self.pk).prefetch_related("days")
        return self._value(tuple(other._value(()) for other in others.order_by("valid_from")))

    def _value(self, others: tuple[WorkCalendar, ...]) -> WorkCalendar:
        rows = list(self.days.all())
        zone: ZoneInfo = settings.CITY.zone
        periods: list[Any] = self.periods
        return WorkCalendar(
            zone=zone,
            periods=_times(periods),
            workdays=frozenset(i for i, flag in enumerate(self.workdays) if flag == "1"),
            overrides={row.day: row.works for row in rows},
            hours={row.day: _times(row.periods) for row in rows if row.works and row.periods},
            provisional_from=min((row.day.replace(month=1, day=1) for row in rows if row.provisional), default=None),
            since=self.valid_from,
            until=self.valid_to or date.max,
            others=others,
        )


def _times(periods: Any) -> Periods:  # noqa: ANN401 - JSON
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in periods)


class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday, or a make-up workday 调休."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="days")
    day = models.DateField(_("日期"))
    works = models.BooleanField(_("是否工作日"))
    # hours of its own, where they differ: [["08:00", "12:00"]]
    periods = models.JSONField(_("当日时段"), default=list, blank=True)
    name = models.CharField(_("说明"), max_length=40, blank=True)
    # the year has not been announced yet: every page that uses it says so
    provisional = models.BooleanField(_("暂定"), default=False)

    class Meta:
        verbose_name = _("特殊日期")
        verbose_name_plural = _("特殊日期")
        ordering = ["day"]
        constraints = [models.UniqueConstraint(name="calendar_day_once", fields=["calendar", "day"])]

    def __str__(self) -> str:
        return f"{self.day}"


class CalendarEdit(models.Model):
    """One change of a calendar: who, when, what, why, and which open clocks moved by it."""

    append_only = True

    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="edits")
    version = models.IntegerField()
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField(_("修改时间"))
    what = models.CharField(_("修改内容"), max_length=200)
    why = models.CharField(_("理由"), max_length=200, blank=True)
    # rows of [case number, kind, due before, due now], the first of them; `moved` counts all
    clocks = models.JSONField(default=list, blank=True)
    moved = models.IntegerField(_("变动的计时"), default=0)

    class Meta:
        verbose_name = _("计时方案修改")
        verbose_name_plural = _("计时方案修改")
        ordering = ["-edited_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.calendar_id} {self.version}"
