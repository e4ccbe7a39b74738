"""Whether an inspector was where the case is.

Pure. Judged on the server from what the phone measured; the answer never stops the work, it asks for a reason.
"""

from dataclasses import dataclass

# What a street allows beyond what the measurements explain: the other side of a junction, a photo from the pavement.
# The product's own choice; no source states a distance.
ALLOWANCE_M = 50.0
# A fix worse than this says little about where somebody is, so it may not excuse more than this either.
ACCURACY_COUNTS_M = 100.0


@dataclass(frozen=True)
class Presence:
    """Metres between person and case, how many the measurements explain, and how exactly the phone knew its place."""

    distance_m: float
    allowed_m: float
    accuracy_m: float = 0.0

    @property
    def far(self) -> bool:
        """Exactly at the limit is still near."""
        return self.distance_m > self.allowed_m

    @property
    def vague(self) -> bool:
        """The fix says too little about where somebody is; exactly at the limit is still good enough."""
        return self.accuracy_m > ACCURACY_COUNTS_M

    @property
    def doubtful(self) -> bool:
        """Whether somebody has to say why: too far away, or too inaccurate to tell."""
        return self.far or self.vague


def judge(distance_m: float, accuracy_m: float, uncertainty_m: float | None) -> Presence:
    """Judge a position by its own accuracy and by the uncertainty of the case's place, all in metres."""
    explained = min(accuracy_m, ACCURACY_COUNTS_M) + (uncertainty_m or 0.0)
    return Presence(distance_m, explained + ALLOWANCE_M, accuracy_m)
