"""月度审阅: which closed cases are a leader's to look at, and how far he is (P3.11)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef

from dispatch.models import Case, CaseQuerySet, Part, Review
from people.access import of_agencies, scope_of
from people.models import User


@dataclass(frozen=True)
class Progress:
    """So many of so many closings of the month are reviewed."""

    done: int
    total: int


def line_of(user: User) -> CaseQuerySet:
    """Cases of the agencies that the user's grants name, with all below them; of every agency where they name none."""
    seen, scope = Case.objects.visible_to(user), scope_of(user)
    if not scope.agencies:
        return seen
    return seen.filter(pk__in=Part.objects.filter(of_agencies(scope), stage=Part.Stage.ACCEPTED).values("case"))


def to_review(user: User, first: datetime, end: datetime) -> CaseQuerySet:
    """Closed in the month, from `first` until before `end`, and not looked at since."""
    reviewed = Review.objects.filter(case=OuterRef("pk"), closed_at=OuterRef("closed_at"))
    return line_of(user).filter(~Exists(reviewed), closed_at__gte=first, closed_at__lt=end)


def progress(user: User, first: datetime, end: datetime) -> Progress:
    """Reviewed n of m; what was sent back counts as looked at."""
    rows, scope = Review.objects.filter(closed_at__gte=first, closed_at__lt=end), scope_of(user)
    if scope.agencies:
        # also what was sent back, whose part is withdrawn now
        rows = rows.filter(case__in=Part.objects.filter(of_agencies(scope)).values("case"))
    else:
        rows = rows.filter(case__in=Case.objects.visible_to(user).values("pk"))
    done = rows.count()
    return Progress(done, done + to_review(user, first, end).count())


def by_closing(cases: CaseQuerySet) -> CaseQuerySet:
    """The order of the list: as they were closed."""
    return cases.order_by(F("closed_at").asc(), "pk")
