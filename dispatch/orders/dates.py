"""Reads moments as other systems write them; one that can be read in two ways, or has lost a part, is not guessed.

Pure. "77日" for 7 July and "1430" for half past two are refused (trap 9 of the domain sheet).
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

_DAY: Final = r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?"
_PART: Final = r"(?P<part>上午|下午|晚上|凌晨|早上|中午|夜里)?"
_MINUTE: Final = r"[:时点]\s*(?P<minute>\d{1,2})\s*分?(?:\s*:?\s*(?P<second>\d{1,2})\s*秒?)?"
_TIME: Final = rf"{_PART}\s*(?P<hour>\d{{1,2}})\s*(?:{_MINUTE}|[时点])"
_ZONE: Final = r"(?:\.\d{1,9})?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_WRITTEN: Final = re.compile(rf"{_DAY}(?:[T\s]*{_TIME}{_ZONE})?", re.IGNORECASE)
_COMPACT: Final = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:\s?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?"
)
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?")
_FIRST: Final = date(1899, 12, 30)  # day 0 of a spreadsheet, counted from 1 March 1900 on
_SERIALS: Final = (36526.0, 73051.0)  # 2000 to 2099
_AFTERNOON: Final = {"下午", "晚上", "夜里"}
_WIDE: Final = str.maketrans("０１２３４５６７８９：／－．", "0123456789:/-.")


class Moment(NamedTuple):
    """A moment, and the codes of what had to be assumed: "serial" (a spreadsheet's number), "day_only"."""

    at: datetime
    assumed: tuple[str, ...] = ()


def moment(text: str, zone: ZoneInfo, *, ends: bool = False) -> Moment | None:
    """The moment that a text states in the city's zone, or None where it is not whole.

    A day without a time begins it; with `ends`, for deadlines, its last minute is meant.
    """
    said = text.translate(_WIDE).strip()
    found = _WRITTEN.fullmatch(said) or _COMPACT.fullmatch(said)
    try:
        if found is not None:
            return _stated(found.groupdict(), zone, ends)
        if _SERIAL.fullmatch(said) and _SERIALS[0] <= float(said) < _SERIALS[1]:
            return _serial(float(said), zone, ends)
    except (ValueError, OverflowError):
        return None
    return None


def _stated(parts: dict[str, str | None], zone: ZoneInfo, ends: bool) -> Moment:
    """The written parts as a moment; raises ValueError for what no calendar has."""
    year, month, day = (int(parts[name] or 0) for name in ("year", "month", "day"))
    if not 1990 <= year <= 2099:
        raise ValueError(year)
    if parts.get("hour") is None:
        return Moment(_of_day(date(year, month, day), zone, ends), ("day_only",))
    hour = int(parts["hour"] or 0)
    if parts.get("part") in _AFTERNOON and hour < 12:
        hour += 12
    minute, second = int(parts.get("minute") or 0), int(parts.get("second") or 0)
    at = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    offset = (parts.get("zone") or "").upper().replace("Z", "+00:00")
    return Moment(datetime.fromisoformat(f"{at:%Y-%m-%dT%H:%M:%S}{offset}") if offset else at)


def _serial(number: float, zone: ZoneInfo, ends: bool) -> Moment:
    day, seconds = _FIRST + timedelta(days=int(number)), round((number % 1) * 86_400)
    if number.is_integer():
        return Moment(_of_day(day, zone, ends), ("serial", "day_only"))
    return Moment(datetime.combine(day, time(0), zone) + timedelta(seconds=seconds), ("serial",))


def _of_day(day: date, zone: ZoneInfo, ends: bool) -> datetime:
    return datetime.combine(day, time(23, 59) if ends else time(0), zone)
