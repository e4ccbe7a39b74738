"""Who calls: what is known of a number, masked, with earlier reports and calls that nobody answered."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from dispatch.calls import Day, per_day, written
from dispatch.masks import mask_name, mask_phone, mask_text
from dispatch.models import Call, Case, Channel, Person, Report, Sitting
from dispatch.transitions import OPEN
from people.models import User

SHORTEST = 5  # digits of a number that is looked up
SHOWN = 5
PEOPLE = 2
SHIFT = timedelta(hours=12)  # a state that has lasted longer was left behind


@dataclass(frozen=True)
class Known:
    """Somebody who has given this number, without their full name."""

    person: Person
    name: str


@dataclass(frozen=True)
class CallerFile:
    """What the desk shows of a number; `reports` are the latest of all that the reader may see."""

    phone: str
    people: list[Known]
    reports: list[tuple[Report, str]]  # with the masked words
    total: int
    open: int
    waiting: int  # abandoned calls of this number that nobody has called back


def read_caller(phone: str, user: User) -> CallerFile | None:
    """The file of a number; None for one too short to look up. Five queries, however much there is."""
    numbers = written(phone)
    if sum(letter.isdigit() for letter in phone) < SHORTEST:
        return None
    theirs = Case.objects.visible_to(user).filter(reports__person__phone__in=numbers)
    found = Report.objects.filter(person__phone__in=numbers, case__in=theirs)
    counts = found.aggregate(total=Count("pk"), open=Count("pk", filter=Q(case__state__in=sorted(OPEN))))
    latest = found.select_related("case__category", "channel", "person").order_by("-received_at", "-pk")
    return CallerFile(
        mask_phone(numbers[0]),
        [Known(person, mask_name(person.name)) for person in people_of(numbers)[:PEOPLE]],
        [(report, mask_text(report.text, [report.person.name] if report.person else [])) for report in latest[:SHOWN]],
        counts["total"],
        counts["open"],
        Call.objects.to_return().of_number(numbers).count(),
    )


def people_of(numbers: list[str]) -> list[Person]:
    """Those of whom more is known than the number, the latest first."""
    named = Person.objects.filter(phone__in=numbers, anonymised_at=None).exclude(name="", company="")
    return list(named.order_by("-pk")[:PEOPLE])


@dataclass(frozen=True)
class Strip:
    """The line above the desk: one's own state, today's calls of the centre and one's own, who is at the telephone."""

    sitting: Sitting | None
    day: Day
    mine: int
    waiting: int
    others: list[tuple[str, int]]


def read_strip(user: User, at: datetime) -> Strip:
    """Four queries; a state that somebody left behind is no state."""
    today = timezone.localtime(at, settings.CITY.zone).date()
    midnight = datetime.combine(today, time(0), settings.CITY.zone)
    seated = Sitting.objects.now().filter(since__gte=at - SHIFT)
    rows = list(seated.values_list("user", "state"))
    at_work = {state: sum(1 for who, now in rows if now == state and who != user.pk) for state in Sitting.State.values}
    line = Call.objects.filter(channel__kind=Channel.Kind.HOTLINE, outcome=Call.Outcome.ANSWERED)
    spoken = line.filter(operator=user, started_at__gte=midnight)
    return Strip(
        seated.filter(user=user).first(),
        per_day(today, today)[0],
        spoken.count(),
        Call.objects.to_return().count(),
        [(str(label), at_work[value]) for value, label in Sitting.State.choices if at_work[value]],
    )
