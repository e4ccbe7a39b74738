"""值班电话: which telephone of an agency counts at an instant. Pure but for `now_of`."""

from datetime import datetime
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.clocks import WorkCalendar
from dispatch.models import Calendar
from people.models import Agency


class Hours(models.TextChoices):
    """The part of the week in which a telephone is answered."""

    DAY = "day", gettext_lazy("工作时间")
    NIGHT = "night", gettext_lazy("夜间")
    HOLIDAY = "holiday", gettext_lazy("节假日")


class DutyPhone(NamedTuple):
    """A number, and whose hours it is for: `number` is empty where the agency has given none at all."""

    hours: Hours
    number: str
    asked: Hours  # what the hour would ask for; another one than `hours` where that number is missing

    @property
    def words(self) -> str:
        """Which number this is; says so where it stands in for the one of the hour."""
        if not self.number:
            return _("没有登记值班电话")
        kind = {Hours.DAY: _("工作电话"), Hours.NIGHT: _("夜间值班电话"), Hours.HOLIDAY: _("节假日值班电话")}
        told = {"kind": kind[self.hours], "number": self.number, "asked": self.asked.label}
        return (
            _("%(kind)s %(number)s") if self.hours == self.asked else _("%(kind)s %(number)s（未登记%(asked)s电话）")
        ) % told


def hours_of(work: WorkCalendar, at: datetime) -> Hours:
    """工作时间 from the first opening to the last closing of a working day, its noon too; a day off is 节假日."""
    day = at.astimezone(work.zone).date()
    if not work.works(day):
        return Hours.HOLIDAY
    periods = work.of_day(day)
    if periods and periods[0][0] <= at < periods[-1][1]:
        return Hours.DAY
    return Hours.NIGHT


# who is called where the number of the hour is missing: the other duty phones first
INSTEAD = {
    Hours.DAY: (Hours.DAY, Hours.NIGHT, Hours.HOLIDAY),
    Hours.NIGHT: (Hours.NIGHT, Hours.HOLIDAY, Hours.DAY),
    Hours.HOLIDAY: (Hours.HOLIDAY, Hours.NIGHT, Hours.DAY),
}


def phone_of(agency: Agency, hours: Hours) -> DutyPhone:
    """The agency's number for these hours, or the one that stands in for it."""
    numbers = {Hours.DAY: agency.phone, Hours.NIGHT: agency.night_phone, Hours.HOLIDAY: agency.holiday_phone}
    found = next((kind for kind in INSTEAD[hours] if numbers[kind]), hours)
    return DutyPhone(found, numbers[found], hours)


def now_of(at: datetime) -> Hours:
    """The hours of the city at an instant; a city without a calendar has working hours always."""
    try:
        return hours_of(Calendar.objects.at(at).as_work_calendar(), at)
    except Calendar.DoesNotExist:
        return Hours.DAY
