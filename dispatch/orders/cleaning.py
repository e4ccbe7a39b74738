"""Makes the text of other systems readable, and says what it changed, by kind and number; the raw text is kept.

Pure. Source: traps 2 and 9 of the domain sheet, P2.18, P5.19.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from opencc import OpenCC

from gridmap.normalise import blemishes, clean

# half-width digits and Latin letters; Chinese punctuation stays as wide as it is
_WIDE: Final = {
    code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
# what is left where a system has lost characters: their place keeps a box
_LOST: Final = re.compile("\ufffd+|(?:锟斤拷)+|(?:烫烫)+|\\?{3,}|[\ud800-\udfff]+")
BOX: Final = "□"
_CONVERTER: Final = OpenCC("t2s")


@dataclass(frozen=True)
class Cleaned:
    """A text as people should read it, and how often what was changed."""

    text: str
    changes: Counter[str] = field(default_factory=Counter)


def tidy(text: str, *, simplify: bool) -> Cleaned:
    """Clean line by line: a spam tail can end any of them. Bracketed pinyin goes before the script is converted.

    `simplify` off leaves traditional characters: a place that writes them must not get other words than it wrote.
    """
    changes: Counter[str] = Counter()
    lost = _LOST.findall(text)
    changes["lost"] = len(lost)
    text = _LOST.sub(BOX, text)
    wide = text.translate(_WIDE)
    changes["wide"] = sum(one != other for one, other in zip(text, wide, strict=True))
    lines = wide.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in lines:
        changes.update(blemishes(line))
    cleaned = "\n".join(line for line in map(clean, lines) if line)
    if simplify:
        simple = simplified(cleaned)
        changes["traditional"] = sum(one != other for one, other in zip(cleaned, simple, strict=False))
        cleaned = simple
    return Cleaned(cleaned, Counter({kind: count for kind, count in changes.items() if count}))


@cache
def _simple(character: str) -> str:
    return str(_CONVERTER.convert(character))


def simplified(text: str) -> str:
    """The text in simplified characters, phrase by phrase."""
    return str(_CONVERTER.convert(text))


def is_traditional(text: str) -> bool:
    """Whether a text has characters that simplified Chinese writes otherwise, beside those that stand before pinyin."""
    return any("\u3400" <= c <= "\u9fff" and _simple(c) != c for c in clean(text))


def storable(text: str) -> str:
    """The same text as the database can keep it: no NUL and no half of a surrogate pair."""
    return _SURROGATE.sub("\ufffd", text.replace("\x00", "\u2400"))


_SURROGATE: Final = re.compile("[\ud800-\udfff]")
