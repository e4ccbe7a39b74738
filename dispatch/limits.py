"""Which limit a case has, and why; and the limits of the field tasks."""

from dataclasses import dataclass
from typing import Any

from dispatch.models import Case, Condition, ConditionLimit
from dispatch.models.report import RequestType
from dispatch.profile import profile

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


@dataclass(frozen=True)
class Given:
    """A handling limit: amount, unit, the condition that it belongs to, and what decided, as code and parameters."""

    amount: int
    unit: str
    condition: Condition | None
    why: dict[str, Any]


def field_minutes(case: Case, kind: str = "verify") -> int:
    """Minutes until an inspector must have looked: half an hour, at an urgent place ten (A4; P5.4).

    Looks beside the main road, at what is hard or suspended, have the limit of a check.
    """
    name = "verify" if kind == "verify" else "check"
    return int(getattr(profile().clocks.stages, f"{name}_urgent" if case.urgent else name).amount)


def meant_for(condition: Condition, request_type: str) -> bool:
    """Whether a condition is the one of its class for a request type."""
    return TYPE_WORDS[RequestType(request_type)] in condition.words


def condition_of(case: Case) -> tuple[Condition | None, str]:
    """The condition whose limit counts and how it was found.

    The case's own; without one that of its class which is meant for its request type, or else the first one (the most
    urgent of the dictionary).
    """
    if case.condition is not None:
        return case.condition, "condition"
    if case.category_id is None:
        return None, ""
    found = list(Condition.objects.filter(category_id=case.category_id).order_by("number"))
    meant = next((c for c in found if meant_for(c, case.request_type)), None)
    if meant is not None:
        return meant, "type_condition"
    return (found[0], "first_condition") if found else (None, "")


def handling_limit(case: Case) -> Given:
    """The limit that the agency gets.

    One set for this very case; that of the condition, in areas of a class with its own limit that one; without a
    condition what its request type says of urgent, complex and simple cases. The dictionary has units of its own for
    what is urgent, so urgency does not cut the limit of a condition.
    """
    condition, how = condition_of(case)
    if case.limit_amount is not None:
        return Given(case.limit_amount, case.limit_unit, condition, {"code": "own"})
    if condition is not None:
        area_class = case.community.area_class if case.community else ""
        special = (
            ConditionLimit.objects.filter(condition=condition, area_class=area_class).first() if area_class else None
        )
        if special is not None:
            why = {"code": "area_class", "area_class": area_class}
            return Given(special.limit_amount, special.limit_unit, condition, why)
        why = {"code": how}
        if how == "type_condition":
            why["type"] = case.request_type
        return Given(condition.limit_amount, condition.limit_unit, condition, why)
    rule = profile().types[case.request_type or RequestType.COMPLAINT]
    is_complex = case.complexity == Case.Complexity.COMPLEX
    limit, code = (rule.complex, "type_complex") if is_complex else (rule.simple, "type")
    if case.urgent and rule.urgent is not None:
        limit, code = rule.urgent, "type_urgent"
    return Given(limit.amount, limit.unit, None, {"code": code, "type": case.request_type or RequestType.COMPLAINT})
