"""What has happened since a cursor, for pages that are open: the events of cases that the reader may see.

A cursor is the number of an event. Numbers are given before transactions commit, so a later look may find a smaller
number: readers overlap by OVERLAP and tell by the number what they already had.
"""

from typing import Any

from dispatch.models import Case, Event
from people.models import User

OVERLAP = 200
MOST = 500


def newest() -> int:
    """The number of the last event that is there; 0 before the first."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def known_now() -> list[int]:
    """Numbers of the events that a page which is made now already shows: the overlap brings them again."""
    return list(Event.objects.order_by("-pk").values_list("pk", flat=True)[:OVERLAP])


def as_message(event: Event) -> dict[str, Any]:
    """What a page is told: which case changed how; it asks for the rest with its own rights."""
    case = event.case
    return {
        "id": event.pk,
        "kind": event.kind,
        "case": case.number if case else None,
        "state": case.state if case else None,
        "urgent": bool(case and case.urgent),
    }


def seen_by(user: User, events: list[Event]) -> list[Event]:
    """Those about cases that the user may see."""
    wanted = {event.case_id for event in events if event.case_id is not None}
    seen = set(Case.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    return [event for event in events if event.case_id in seen]


def read_after(number: int, overlap: int = OVERLAP) -> list[Event]:
    """Events after a number and a little before it, oldest first; the newest MOST if there are more."""
    found = Event.objects.filter(pk__gt=max(number - overlap, 0)).select_related("case").order_by("-pk")[:MOST]
    return list(reversed(found))


def read_changes(user: User, after: str) -> tuple[list[dict[str, Any]], int]:
    """Messages for a page that polls, and its next cursor; a page without a cursor begins now."""
    if not after.isdecimal() or len(after) > 18:
        return [], newest()
    events = read_after(int(after))
    cursor = max([int(after), *(event.pk for event in events)])
    return [as_message(event) for event in seen_by(user, events)], cursor
