"""Components, from a line of a file to a row with a history.

columns: what headers and words mean. rows: judges each row. changes: what is done to components, the verbs below.
export: files out. forms: what the pages ask. Their codes are in gridmap/componentcodes.py: the model asks those too.
"""

from gridmap.components.changes import (
    VALUES,
    Published,
    RefusedError,
    accept,
    change_by_hand,
    change_state,
    discard,
    log_edit,
    publish,
    recheck,
    record,
)

__all__ = [
    "VALUES",
    "Published",
    "RefusedError",
    "accept",
    "change_by_hand",
    "change_state",
    "discard",
    "log_edit",
    "publish",
    "recheck",
    "record",
]
