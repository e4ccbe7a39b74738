"""What every page of the field app knows of the shift: unread messages, and whether the way is recorded."""

from typing import Any

from django import template
from django.utils import timezone

from dispatch.profile import profile
from inspectors.models import MessageCopy, Shift
from inspectors.tracks import consent_of
from people.models import User

register = template.Library()


@register.simple_tag
def photo_edge() -> int:
    """Pixels of the long edge to which the phone brings a photo before it sends it."""
    return profile().field.photo_edge


@register.inclusion_tag("inspectors/_duty_marks.html", takes_context=True)
def duty_marks(context: dict[str, Any]) -> dict[str, Any]:
    """For the page's scripts: whose way is recorded and how often; three queries at most."""
    user = context["request"].user
    if not isinstance(user, User):
        return {}
    at, rules = timezone.now(), profile().patrol
    tracked = consent_of(user) is not None and Shift.objects.on_duty(at).filter(inspector=user).exists()
    here = context["request"].resolver_match
    reading = here is not None and here.url_name == "field_messages"
    return {
        "unread": 0 if reading else MessageCopy.objects.visible_to(user).unread().count(),
        "tracked": tracked,
        "who": user.pk,
        "every_s": rules.track_every_s,
        "tolerance_m": rules.track_tolerance_m,
    }
