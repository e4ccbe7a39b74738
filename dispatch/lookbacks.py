"""回头看: which closed cases somebody should look at again, weeks later (P4.5).

All that went badly once (redone, reworked, a dissatisfied caller), and a sample of the others: one of so many by their
key, with a different offset each month that only this installation can compute, so that nobody can tell which.
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q

from dispatch.models import Callback, CaseQuerySet, LookBack
from dispatch.profile import LookBacks, profile
from dispatch.transitions import State


def offset(month: date, one_of: int, secret: str) -> int:
    """Pure: which remainder of a key is drawn in a month, 0 … one_of - 1; the same every time it is asked."""
    return int.from_bytes(sha256(f"{secret} {month:%Y-%m}".encode()).digest()[:8]) % one_of


def months(since: datetime, until: datetime, zone: ZoneInfo) -> list[tuple[date, datetime, datetime]]:
    """Pure: the local months that a span touches, each with its first day, start and end as instants."""
    day, last, found = since.astimezone(zone).date().replace(day=1), until.astimezone(zone).date(), []
    while day <= last:
        following = day + timedelta(days=monthrange(day.year, day.month)[1])
        found.append((day, datetime.combine(day, time.min, zone), datetime.combine(following, time.min, zone)))
        day = following
    return found


def due_for_look_back(cases: CaseQuerySet, at: datetime, rule: LookBacks | None = None) -> CaseQuerySet:
    """Those of `cases` that were closed so many days ago, are drawn or went badly, and were not looked at since."""
    rule = rule or profile().look_backs
    since, until = at - timedelta(days=rule.within_days), at - timedelta(days=rule.after_days)
    unhappy = Callback.objects.concluded().unhappy().filter(called_at__gte=since)
    wanted = Q(redos__gt=0) | Q(reworks__gt=0) | Q(pk__in=unhappy.values("case"))
    if rule.one_of:
        cases = cases.annotate(turn=F("pk") % rule.one_of)
        for month, start, end in months(since, until, settings.CITY.zone):
            drawn = offset(month, rule.one_of, settings.SECRET_KEY)
            wanted |= Q(turn=drawn, state_since__gte=start, state_since__lt=end)
    looked = LookBack.objects.filter(case=OuterRef("pk"), looked_at__gte=OuterRef("closed_at"))
    # a closed case has been in its state since it was closed: the index over state and date finds the window
    window = cases.filter(state=State.CLOSED, state_since__gte=since, state_since__lt=until)
    return window.filter(wanted).exclude(Exists(looked))
