"""What every template knows: the city and what the user may open."""

from django.conf import settings
from django.http import HttpRequest

from people.access import roles_of
from people.permissions import Group, grouped, rooms_for


def house(request: HttpRequest) -> dict[str, object]:
    """City, the user's roles and the rooms of the navigation that these roles may open."""
    roles = roles_of(request)
    rooms = rooms_for(roles)
    return {
        "city": settings.CITY,
        "roles": roles,
        "rooms": [room for room in rooms if room.group == Group.MAIN],
        "more": grouped(rooms),
    }
