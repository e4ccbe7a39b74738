"""Which flow a report takes: by its class, and by its request type (P1.3)."""

from dispatch.profile import profile
from dispatch.transitions import Flow
from gridmap.models import Category


def flow_for(category: Category | None, request_type: str) -> Flow:
    """Matters run their own flow, and so do types of which there is nothing to see, as the profile says.

    Everything else, also what has no class yet, is a street case.
    """
    matter = category is not None and category.kind == Category.Kind.MATTER
    return Flow.MATTER if matter or profile().types[request_type].flow == "matter" else Flow.STREET
