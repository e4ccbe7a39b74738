"""What an address of this room asks for: the month, the agency."""

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from people.models import Agency
from scorecards.cards import Edition, edition_of
from scorecards.periods import Month

# instead of an agency's code: all together
ALL = "all"


def month_in(text: str) -> Month:
    """The month that a text names, the running one for none. Raises Http404 for anything else."""
    if not text:
        return Month.of(timezone.now(), settings.CITY.zone)
    try:
        return Month.parse(text)
    except ValueError as error:
        raise Http404 from error


def edition_asked(request: HttpRequest) -> Edition:
    """The edition of the month in the address, frozen or of this moment."""
    return edition_of(month_in(request.GET.get("month", "")), timezone.now())


def agency_in(code: str) -> Agency | None:
    """The agency of a code; None for all together. Raises Http404."""
    return None if code == ALL else get_object_or_404(Agency, code=code)
