"""Stored calendars: which days and hours count as working time."""

from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from dispatch.clocks import WorkCalendar


def standard_periods() -> list[list[str]]:
    return [["08:00", "12:00"], ["14:00", "18:00"]]


class Calendar(models.Model):
    """计时方案: working periods, weekdays and dated exceptions; clocks remember the version that they used."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    periods = models.JSONField(_("工作时段"), default=standard_periods)
    # one digit per weekday, Monday first
    workdays = models.CharField(_("工作日"), max_length=7, default="1111100")
    active = models.BooleanField(_("启用"), default=True)
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("计时方案")
        verbose_name_plural = _("计时方案")
        constraints = [
            models.UniqueConstraint(name="one_active_calendar", fields=["active"], condition=models.Q(active=True)),
            models.CheckConstraint(name="workdays_are_seven_flags", condition=models.Q(workdays__regex=r"^[01]{7}$")),
        ]

    def __str__(self) -> str:
        return self.name

    def as_work_calendar(self) -> WorkCalendar:
        """The calendar as the value that the rules in clocks.py take; one query for its days."""
        days: list[tuple[date, bool, bool]] = list(self.days.values_list("day", "works", "provisional"))
        zone: ZoneInfo = settings.CITY.zone
        periods: list[Any] = self.periods
        return WorkCalendar(
            zone=zone,
            periods=tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in periods),
            workdays=frozenset(i for i, flag in enumerate(self.workdays) if flag == "1"),
            overrides={day: works for day, works, _guess in days},
            provisional_from=min((day.replace(month=1, day=1) for day, _works, guess in days if guess), default=None),
        )


class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday, or a make-up workday 调休."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="days")
    day = models.DateField(_("日期"))
    works = models.BooleanField(_("是否工作日"))
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
