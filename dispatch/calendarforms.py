"""Changes of working time as forms: one day, the holidays of a year, the hours of a scheme, a new scheme.

Each says in words what it does and gives the change that recompute.py previews and makes.
"""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.calendars import ANNOUNCED_TO, Special
from dispatch.models import Calendar, CalendarDay
from dispatch.recompute import announce

Change = Callable[[Calendar], None]

WHOLE, FIRST_HALF, SECOND_HALF, OFF, USUAL = "whole", "first", "second", "off", "usual"
HOURS: Final = [
    (OFF, gettext_lazy("不上班（节假日）")),
    (WHOLE, gettext_lazy("上班（调休）")),
    (FIRST_HALF, gettext_lazy("只上第一个时段")),
    (SECOND_HALF, gettext_lazy("只上最后一个时段")),
    (USUAL, gettext_lazy("恢复平常")),
]
YEARS: Final = (2004, 2100)
ANNOUNCED_LINE: Final = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})(?:\s*(?:至|到|to|~|～|—)\s*(\d{4}-\d{1,2}-\d{1,2}))?\s*(休|放假|off|班|上班|调休|work)\s*(\S*)"
)
PERIOD: Final = re.compile(r"(\d{1,2}:\d{2})\s*(?:-|–|—|~|～|至|到)\s*(\d{1,2}:\d{2})")


def day_input() -> forms.DateInput:
    """A date that browsers show with their own picker."""
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class ChangeForm(forms.Form):
    """A change of a scheme, with its reason and the version that its author has seen."""

    do: ClassVar[str] = ""
    title: ClassVar[str | Promise] = ""

    version = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.CharField(label=gettext_lazy("理由"), max_length=200)

    def __init__(self, data: Any = None, *, calendar: Calendar) -> None:  # noqa: ANN401 - what Django's forms take
        self.calendar = calendar
        # several forms stand on one page: each has ids of its own
        super().__init__(data, initial=self.first(calendar) | {"version": calendar.version}, auto_id=f"{self.do}_%s")
        self.order_fields([name for name in self.fields if name != "why"])

    @classmethod
    def first(cls, calendar: Calendar) -> dict[str, Any]:
        """What stands in the fields before anything is typed."""
        return {}

    def what(self) -> str:
        """The change in words, as the record keeps it."""
        raise NotImplementedError

    def change(self) -> Change:
        """What saving does to the scheme."""
        raise NotImplementedError

    @property
    def shown_year(self) -> int | None:
        """The year that the page shows after it."""
        return None


class DayForm(ChangeForm):
    """One day that differs from its weekday."""

    do = "day"
    title = gettext_lazy("修改一天")

    day = forms.DateField(label=gettext_lazy("日期"), widget=day_input())
    hours = forms.ChoiceField(label=gettext_lazy("这一天"), choices=HOURS, initial=OFF)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=40, required=False)

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not self.calendar.holds_on(day):
            other = Calendar.objects.on(day).first()
            if other is None:
                raise forms.ValidationError(_("这一天不在任何方案的有效期内。"))
            raise forms.ValidationError(_("这一天不在本方案的有效期内，请到“%(other)s”修改。") % {"other": other.name})
        return day

    def what(self) -> str:
        hours = dict(HOURS)[self.cleaned_data["hours"]]
        return " ".join(filter(None, [f"{self.cleaned_data['day']}", str(hours), self.cleaned_data["name"]]))

    def change(self) -> Change:
        given = self.cleaned_data

        def apply(found: Calendar) -> None:
            found.days.filter(day=given["day"]).delete()
            if given["hours"] == USUAL:
                return
            half = {FIRST_HALF: found.periods[:1], SECOND_HALF: found.periods[-1:]}.get(given["hours"], [])
            CalendarDay.objects.create(
                calendar=found, day=given["day"], works=given["hours"] != OFF, periods=half, name=given["name"]
            )

        return apply

    @property
    def shown_year(self) -> int | None:
        day: date | None = self.cleaned_data.get("day")
        return day.year if day else None


class YearForm(ChangeForm):
    """The holidays of a year, as they were announced; they hold in every scheme of the city."""

    do = "year"
    title = gettext_lazy("采用全年节假日安排")

    year = forms.IntegerField(label=gettext_lazy("年份"), min_value=YEARS[0], max_value=YEARS[1])
    text = forms.CharField(
        label=gettext_lazy("公布的安排"),
        required=False,
        widget=forms.Textarea({"rows": 5, "placeholder": "2027-02-05 至 2027-02-11 休 春节\n2027-02-20 班"}),
        help_text=gettext_lazy("每行一个或一段日期，写明“休”或“班”。留空则采用系统自带的安排。"),
    )

    @classmethod
    def first(cls, calendar: Calendar) -> dict[str, Any]:
        # the next year that somebody has to announce
        return {"why": _("国务院办公厅节假日安排通知"), "year": ANNOUNCED_TO + 1}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        year, text = given.get("year"), given.get("text", "").strip()
        if year is None:
            return given
        given["days"] = read_announcement(text, year) if text else None
        if given["days"] is None and year > ANNOUNCED_TO:
            told = {"year": year}
            self.add_error("text", _("系统自带的安排还没有 %(year)s 年，请粘贴公布的日期。") % told)
        return given

    def what(self) -> str:
        return _("采用 %(year)s 年节假日安排") % {"year": self.cleaned_data["year"]}

    def change(self) -> Change:
        given = self.cleaned_data

        def apply(found: Calendar) -> None:
            for each in Calendar.objects.filter(Q(active=True) | Q(pk=found.pk)):
                announce(each, given["year"], given["days"])

        return apply

    @property
    def shown_year(self) -> int | None:
        year: int | None = self.cleaned_data.get("year")
        return year


def read_announcement(text: str, year: int) -> list[Special]:
    """The days of an announcement, line by line; ValidationError names each line that cannot be read."""
    found: dict[date, Special] = {}
    errors = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            days = _days_of(line.strip(), year)
        except ValueError as error:
            errors.append(_("第 %(number)s 行：%(reason)s") % {"number": number, "reason": error})
            continue
        for day in days:
            if day[0] in found and found[day[0]][1] != day[1]:
                told = {"number": number, "day": day[0]}
                errors.append(_("第 %(number)s 行：%(day)s 在前面另有说法。") % told)
            found[day[0]] = day
    if errors:
        raise forms.ValidationError({"text": errors})
    return list(found.values())


def _days_of(line: str, year: int) -> list[Special]:
    read = ANNOUNCED_LINE.fullmatch(line)
    if read is None:
        raise ValueError(_("要写成“日期 休 名称”或“日期 至 日期 班”。"))
    first, last = _date(read[1]), _date(read[2] or read[1])
    if (first.year, last.year) != (year, year):
        raise ValueError(_("日期不在 %(year)s 年。") % {"year": year})
    if last < first:
        raise ValueError(_("后一个日期早于前一个。"))
    works = read[3] in ("班", "上班", "调休", "work")
    return [(first + timedelta(days=n), works, read[4][:40]) for n in range((last - first).days + 1)]


def _date(text: str) -> date:
    try:
        return date(*(int(part) for part in text.split("-")))
    except ValueError as error:
        raise ValueError(_("没有 %(day)s 这一天。") % {"day": text}) from error


class HoursForm(ChangeForm):
    """Name, weekdays and hours of a scheme, for as long as it is valid."""

    do = "hours"
    title = gettext_lazy("修改方案")

    name = forms.CharField(label=gettext_lazy("名称"), max_length=60)
    periods = forms.CharField(
        label=gettext_lazy("工作时段"),
        max_length=100,
        help_text=gettext_lazy("例如 08:00-12:00 14:00-18:00，同一天内先后排列。"),
    )
    workdays = forms.MultipleChoiceField(
        label=gettext_lazy("每周工作日"),
        choices=[(str(number), name) for number, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def first(cls, calendar: Calendar) -> dict[str, Any]:
        return {
            "name": calendar.name,
            "periods": " ".join(f"{start}-{end}" for start, end in calendar.periods),
            "workdays": [str(number) for number, flag in enumerate(calendar.workdays) if flag == "1"],
        }

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if Calendar.objects.filter(name=name).exclude(pk=self.calendar.pk).exists():
            raise forms.ValidationError(_("已有同名的方案。"))
        return name

    def clean_periods(self) -> list[list[str]]:
        return read_periods(self.cleaned_data["periods"])

    def what(self) -> str:
        days = "、".join(str(WEEKDAYS[int(number)]) for number in self.cleaned_data["workdays"])
        hours = " ".join(f"{start}–{end}" for start, end in self.cleaned_data["periods"])
        return f"{self.cleaned_data['name']}：{days} {hours}"

    def change(self) -> Change:
        return self._fill

    def _fill(self, found: Calendar) -> None:
        given = self.cleaned_data
        found.name, found.periods = given["name"], given["periods"]
        found.workdays = "".join("1" if str(number) in given["workdays"] else "0" for number in range(7))


def read_periods(text: str) -> list[list[str]]:
    """Periods of a day, one after the other; ValidationError says what is wrong with them."""
    found = PERIOD.findall(text)
    if not found or PERIOD.sub("", text).strip(" ,，;；、"):
        raise forms.ValidationError(_("请写成 08:00-12:00 14:00-18:00 的样子。"))
    try:
        read = [(time.fromisoformat(start.zfill(5)), time.fromisoformat(end.zfill(5))) for start, end in found]
    except ValueError as error:
        raise forms.ValidationError(_("时间要在 00:00 到 23:59 之间。")) from error
    edges = [edge for period in read for edge in period]
    if any(later <= earlier for earlier, later in pairwise(edges)):
        raise forms.ValidationError(_("时段要先后排列、互不重叠，夜班请分成两天。"))
    return [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in read]


class SchemeForm(HoursForm):
    """A new scheme from a day on, such as the hours of summer; the one in force ends before it and goes on after it."""

    do = "scheme"
    title = gettext_lazy("新建方案")

    valid_from = forms.DateField(label=gettext_lazy("生效日期"), widget=day_input())
    valid_to = forms.DateField(
        label=gettext_lazy("失效日期"),
        widget=day_input(),
        required=False,
        help_text=gettext_lazy("填写后，到期恢复原方案；不填则长期有效。"),
    )

    @classmethod
    def first(cls, calendar: Calendar) -> dict[str, Any]:
        return super().first(calendar) | {"name": ""}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("valid_from"), given.get("valid_to")
        if first is None:
            return given
        if first <= timezone.localdate():
            self.add_error("valid_from", _("新方案最早从明天起生效，过去的时间不改写。"))
        if last is not None and last < first:
            self.add_error("valid_to", _("失效日期早于生效日期。"))
            return given
        later = Calendar.objects.filter(active=True, valid_from__gte=first)
        overlapping = (later.filter(valid_from__lte=last) if last else later).order_by("valid_from").first()
        if overlapping is not None:
            told = {"other": overlapping.name, "day": overlapping.valid_from}
            self.add_error("valid_from", _("与 %(day)s 起的“%(other)s”重叠。") % told)
        return given

    def what(self) -> str:
        until = self.cleaned_data["valid_to"] or _("长期")
        return f"{super().what()} {self.cleaned_data['valid_from']} – {until}"

    def change(self) -> Change:
        given = self.cleaned_data

        def apply(found: Calendar) -> None:
            before = Calendar.objects.on(given["valid_from"]).first()
            days: list[CalendarDay] = list(before.days.all()) if before else []
            if before is not None:
                last, before.valid_to = before.valid_to, given["valid_from"] - timedelta(days=1)
                before.save(update_fields=["valid_to"])
                if given["valid_to"] is not None and given["valid_to"] != last:
                    _copy(before, days, given["valid_to"] + timedelta(days=1), last)
            self._fill(found)
            found.valid_from, found.valid_to = given["valid_from"], given["valid_to"]
            found.save()
            _copy_days(found, days)

        return apply


class WithdrawForm(ChangeForm):
    """A scheme that has not begun is taken back; the one before it goes on in its place."""

    do = "withdraw"
    title = gettext_lazy("撤销方案")

    def clean(self) -> dict[str, Any]:
        if self.calendar.valid_from <= timezone.localdate():
            raise forms.ValidationError(_("方案已经生效，不能撤销；可以另建方案接替它。"))
        return super().clean() or {}

    def what(self) -> str:
        return _("撤销“%(name)s”") % {"name": self.calendar.name}

    def change(self) -> Change:
        def apply(found: Calendar) -> None:
            before = Calendar.objects.on(found.valid_from - timedelta(days=1)).first()
            found.active = False
            found.save(update_fields=["active"])
            if before is not None:
                before.valid_to = found.valid_to
                before.save(update_fields=["valid_to"])

        return apply


def _copy(calendar: Calendar, days: list[CalendarDay], first: date, last: date | None) -> None:
    """The same hours again, from a later day on."""
    told = {"name": calendar.name.partition("（")[0], "day": first}
    again = Calendar.objects.create(
        name=_("%(name)s（%(day)s 起）") % told,
        periods=calendar.periods,
        workdays=calendar.workdays,
        valid_from=first,
        valid_to=last,
    )
    _copy_days(again, days)


def _copy_days(to: Calendar, days: list[CalendarDay]) -> None:
    CalendarDay.objects.bulk_create(
        CalendarDay(calendar=to, day=d.day, works=d.works, periods=d.periods, name=d.name, provisional=d.provisional)
        for d in days
    )
