"""Which limit a case has, and the limits of the centre's own stages."""

from dispatch.clocks import Unit
from dispatch.models import Case, Condition
from dispatch.models.report import RequestType

# An inspector looks within half an hour, at an urgent place within ten minutes (A4 stage limits; P5.4).
FIELD_MINUTES = 30
URGENT_FIELD_MINUTES = 10

# Working days by request type where the class has no limit of its own (P1.4, P1.5; the others are not stated: as P1.5).
TYPE_DAYS = {
    RequestType.CONSULTATION: 3,
    RequestType.SUGGESTION: 3,
    RequestType.HELP: 3,
}
OTHER_TYPE_DAYS = 5

# The word by which a condition of a class says that it is meant for a request type (P1.3: limit per type).
TYPE_WORDS = {
    RequestType.COMPLAINT: "投诉",
    RequestType.DISCLOSURE: "举报",
    RequestType.APPEAL: "投诉",
    RequestType.OTHER: "投诉",
    RequestType.CONSULTATION: "咨询",
    RequestType.SUGGESTION: "建议",
    RequestType.PRAISE: "建议",
    RequestType.HELP: "求助",
}


def field_minutes(case: Case) -> int:
    """Minutes until an inspector must have looked."""
    return URGENT_FIELD_MINUTES if case.urgent else FIELD_MINUTES


def meant_for(condition: Condition, request_type: str) -> bool:
    """Whether a condition is the one of its class for a request type."""
    return TYPE_WORDS[RequestType(request_type)] in condition.words


def handling_limit(case: Case) -> tuple[int, str, Condition | None]:
    """Amount, unit and condition of the limit that the agency gets.

    The case's own condition; without one that of its class which is meant for its request type, or else the first
    one (the most urgent of the dictionary); without any the days of its request type.
    """
    condition = case.condition
    if condition is None and case.category_id is not None:
        found = list(Condition.objects.filter(category_id=case.category_id).order_by("number"))
        condition = next((c for c in found if meant_for(c, case.request_type)), found[0] if found else None)
    if condition is not None:
        return condition.limit_amount, condition.limit_unit, condition
    return TYPE_DAYS.get(RequestType(case.request_type), OTHER_TYPE_DAYS), Unit.WORK_DAY, None
