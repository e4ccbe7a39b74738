"""Who looks at which case now, in the memory of the process that streams: forgotten when it ends."""

from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from dispatch.models import Case
from people.models import User

FORGET_SECONDS = 60.0  # pages tell it again every 25 s

Here = dict[str, Any]  # {"kind": "here", "user": key, "name": words, "case": number or ""}


@dataclass
class Presence:
    """The last word of each user, and when it was said, in seconds of the process."""

    told: dict[int, tuple[Here, float]] = field(default_factory=dict)

    def note(self, here: Here) -> bool:
        """Keep what a page told; whether anything has changed by it."""
        before = self.told.get(here["user"])
        if here["case"]:
            self.told[here["user"]] = (here, monotonic())
        else:
            self.told.pop(here["user"], None)
        return bool((before[0]["case"] if before else "") != here["case"])

    def gone(self) -> list[Here]:
        """Those of whom nothing was heard any more, as words that they have left."""
        late = monotonic() - FORGET_SECONDS
        found = [here for here, at in self.told.values() if at < late]
        for here in found:
            del self.told[here["user"]]
        return [{**here, "case": ""} for here in found]

    def others(self, user: User) -> list[Here]:
        """What a page that begins to listen has to know."""
        return seen_only(user, [here for here, _at in list(self.told.values()) if here["user"] != user.pk])


def seen_only(user: User, rows: list[Here]) -> list[Here]:
    """A case that the user may not see counts as none: somebody has gone there."""
    numbers = {here["case"] for here in rows if here["case"]}
    seen = Case.objects.visible_to(user).filter(number__in=numbers).values_list("number", flat=True) if numbers else ()
    known = set(seen)
    return [here if here["case"] in known else {**here, "case": ""} for here in rows]
