"""News that is worth nothing a minute later: where an inspector is, who looks at which case.

Not in the outbox: whoever does not listen now has missed it, and asks for how things are when they begin to listen.
"""

import json
from typing import Any

from django.db import connection

CHANNEL = "gridmap_fleeting"


def tell(kind: str, facts: dict[str, Any]) -> None:
    """To whoever listens, when this transaction commits; at most some hundred bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps({"kind": kind, **facts}, ensure_ascii=False)])
