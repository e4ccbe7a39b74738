"""What the parts of a profile are made of: values with units, and no key that nobody knows."""

import msgspec

from dispatch.clocks import Unit


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a profile; a key that it does not know is an error, not a silent no."""


class Limit(Settings, frozen=True, kw_only=True):
    """An amount of time; the unit `work_day` is read as `clocks.work_day` says."""

    amount: int
    unit: Unit


def minutes(amount: int) -> Limit:
    return Limit(amount=amount, unit=Unit.MINUTE)


def work_days(amount: int) -> Limit:
    return Limit(amount=amount, unit=Unit.WORK_DAY)
