"""Personal data as it is shown before somebody has said why they need it. Pure."""

import re
from collections.abc import Iterable

# seven digits or more, also in groups; a case number of ours (20261111-000202) and a date (2026-11-28) are none
_OURS = r"20\d{6}-\d{6}(?!\d)|(?:19|20)\d\d-\d{1,2}-\d{1,2}(?![\d-])"
_NUMBER = re.compile(rf"(?<![\d-])(?!{_OURS})(?:\+?86[ -]?)?\d(?:[ -]?\d){{6,}}[\dXx]?(?![\d-])")
SHOWN_HEAD, SHOWN_TAIL = 3, 4


def mask_name(name: str) -> str:
    """The family name, or the first letter, and stars: 王女士 → 王**."""
    return f"{name[0]}**" if name else ""


def mask_phone(phone: str) -> str:
    """The first three and the last four digits of a long number, the last two of a short one."""
    if len(phone) >= 11:
        return f"{phone[:SHOWN_HEAD]}****{phone[-SHOWN_TAIL:]}"
    return f"****{phone[-2:]}" if phone else ""


def mask_text(text: str, names: Iterable[str] = ()) -> str:
    """Telephone and identity numbers in free words lose their middle; house numbers and case numbers stay.

    `names` of people who are known, the callers of the case, lose all but their first letter.
    """
    for name in names:
        if len(name) > 1:
            text = text.replace(name, mask_name(name))
    return _NUMBER.sub(lambda found: mask_phone(re.sub(r"[ -]", "", found[0])), text)
