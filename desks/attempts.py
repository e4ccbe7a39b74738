"""Attempts at callers as desks show them: how often, and from when on the next one counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.attempts import next_attempt
from dispatch.masks import mask_name, mask_phone
from dispatch.models import Callback, Report
from dispatch.profile import profile


@dataclass(frozen=True)
class Upcoming:
    """The attempt that comes next, in words; `now` where it may be made at once."""

    now: bool
    words: str

    @classmethod
    def after(cls, tried: Iterable[datetime], at: datetime) -> "Upcoming":
        """By the rule of the profile: “第 2 次，现在可以联系” or “下一次（第 2 次）：14:00 以后”."""
        following = next_attempt(tried, at, profile().callbacks.rule(settings.CITY.zone))
        if following.from_at <= at:
            return cls(True, _("第 %(n)s 次，现在可以联系") % {"n": following.number})
        told = {"n": following.number, "time": told_time(following.from_at, at)}
        return cls(False, _("下一次（第 %(n)s 次）：%(time)s 以后") % told)


@dataclass(frozen=True)
class Attempts:
    """One caller, masked, with the attempts since the case was closed; no `upcoming` once it is concluded."""

    report: Report
    name: str
    phone: str
    rows: list[Callback]
    upcoming: Upcoming | None

    @property
    def tries(self) -> int:
        return sum(not row.reached for row in self.rows)

    @property
    def last(self) -> Callback | None:
        return self.rows[-1] if self.rows else None


def attempts_of(reports: Sequence[Report], at: datetime) -> list[Attempts]:
    """The attempts at these reporters since their cases came into their states, in one query; needs case and person."""
    rows: dict[int, list[Callback]] = {}
    since = {report.pk: report.case.state_since for report in reports if report.case}
    called = Callback.objects.filter(report__in=reports).select_related("staff", "step__remark").order_by("called_at")
    for row in called:
        if row.called_at >= since[row.report_id]:
            rows.setdefault(row.report_id, []).append(row)
    return [_attempts(report, rows.get(report.pk, []), at) for report in reports]


def _attempts(report: Report, rows: list[Callback], at: datetime) -> Attempts:
    person = report.person
    done = any(row.concludes for row in rows)
    return Attempts(
        report,
        mask_name(person.name) if person else "",
        mask_phone(person.phone) if person else "",
        rows,
        None if done else Upcoming.after([row.called_at for row in rows], at),
    )


def told_time(at: datetime, now: datetime) -> str:
    """A time as short as it can be said, in the city's zone: 14:00, 明天 08:00, 11-20 08:00."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    days = (local.date() - today).days
    if days == 0:
        return f"{local:%H:%M}"
    return _("明天 %(time)s") % {"time": f"{local:%H:%M}"} if days == 1 else f"{local:%m-%d %H:%M}"
