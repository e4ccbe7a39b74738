"""Makes one spelling of the many that residents, lists and maps use: for people, and for matching."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from opencc import OpenCC

_T2S: Final = OpenCC("t2s")
# variants that OpenCC keeps apart but addresses do not
_SAME: Final = {
    "汙": "污", "汚": "污", "邨": "村", "衖": "弄", "塩": "盐", "菓": "果", "坂": "阪", "廈": "厦",
    "〇": "零", "ㄧ": "一",
    "—": "-", "–": "-", "−": "-", "─": "-", "﹣": "-", "‧": "·", "・": "·", "〜": "~", "∼": "~",
    "「": '"', "」": '"', "“": '"', "”": '"', "【": "(", "】": ")", "〔": "(", "〕": ")", "、": ",", "。": ",",
    "；": ",", "：": ":", ";": ",",
}  # fmt: skip

_INITIAL: Final = r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
_FINAL: Final = r"[aeiouvüāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,3}(?:ng|n|r)?"
_PINYIN: Final = re.compile(rf"(?<=[一-鿿])[(（]\s*{_INITIAL}{_FINAL}\s*[)）]")
_SPAM: Final = re.compile(
    r"(?:365bet\S*|bet365\S*|(?:皇冠|澳门|澳門)(?:体育|體育|赌场|賭場)\S*|时时彩\S*|時時彩\S*)\s*$", re.IGNORECASE
)
_LINK: Final = re.compile(r"https?[:：]//[^\s\u3000-\u9fff，。；、（）]*", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ufffd]")
# a blank after the end of an address phrase separates (號前 路燈); elsewhere it is a typing habit (北 區)
_ENDS: Final = frozenset("号路街段巷弄楼前旁口侧近间边处面")
_BLANKS: Final = re.compile(r"[ \t\u00a0\u3000]+")

# words that a numeral numbers: 二段, 三十六巷, 五之一号; 十八亩 and 五里亭 stay names
_NUMBERED: Final = "段巷弄号邻楼栋幢座室街路村期区组队支横"
_NUMERAL: Final = re.compile(
    rf"[零一二三四五六七八九十百两]+(?=单元|号|社区|米|公尺|[{_NUMBERED}]|[之-][零一二三四五六七八九十\d])"
    r"|(?<=第)[零一二三四五六七八九十百]+|(?<=\d[之-])[零一二三四五六七八九十百]+(?=[号楼])"
)
_DIGIT: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}
# blanks, brackets and characters nobody sees
_LOOSE: Final = re.compile(r"[ (\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ufffd]")
_BETWEEN: Final = re.compile(r"(?<=\d)[之-](?=\d)")
_HASH: Final = re.compile(r"(?<=\d)#")
_DROP: Final = re.compile(r"[^0-9a-z\u3400-\u9fff~\-&.]")
_HYPHEN: Final = re.compile(r"(?<!\d)-|-(?!\d)|(?<!\d)\.|\.(?!\d)")


class _Fold(dict[int, str]):
    """One character to its matching form, asked of OpenCC once: without context, so a road's key is the same
    inside a sentence and alone."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if 0xFF01 <= code <= 0xFF5E and char not in _SAME:
            char = chr(code - 0xFEE0)
        elif char in "\r\n\u2028\u2029":
            char = ","
        elif char.isspace():
            char = " "
        char = char.lower()
        simple = str(_T2S.convert(char)) if code >= 0x2E80 else char
        folded = _SAME.get(char, _SAME.get(simple, simple))
        self[code] = folded if len(folded) == 1 else char
        return self[code]


_FOLD: Final = _Fold()


@dataclass(frozen=True, slots=True)
class Keyed:
    """A matching key with, for every character of it, the offset in the original text."""

    text: str
    offsets: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that a span of the key came from."""
        if start >= end or start >= len(self.offsets):
            return (0, 0)
        return self.offsets[start], self.offsets[min(end, len(self.offsets)) - 1] + 1


def clean(text: str) -> str:
    """The text as people should read it: without spam tails, stray links, control characters and doubled
    blanks; pinyin in brackets goes, the script stays as it was. The caller keeps the original."""
    text = _PINYIN.sub("", _CONTROL.sub("", text.replace("\r\n", "\n")))
    text = _LINK.sub("", text)
    previous = None
    while previous != text:
        previous, text = text, _SPAM.sub("", text).rstrip()
    lines = [_BLANKS.sub(" ", line).strip() for line in text.split("\n")]
    return "\n".join(line for line in lines if line)


def numeral(text: str) -> int | None:
    """The value of a Chinese or Arabic numeral below 1,000: 二十一, 百二十, 一二八, 128; None for others."""
    if text.isdigit():
        return int(text)
    if not text or any(c not in _DIGIT and c not in "十百" for c in text):
        return None
    if "十" not in text and "百" not in text:
        return int("".join(str(_DIGIT[c]) for c in text))
    total = unit = 0
    for char in text:
        if char in _DIGIT:
            unit = _DIGIT[char]
        else:
            total += (unit or 1) * (10 if char == "十" else 100)
            unit = 0
    return total + unit


def keyed(text: str) -> Keyed:
    """The matching form of a text with punctuation kept for the parser, and the way back to the original.

    Simplified characters, half-width, lower case, no bracketed pinyin, no blanks (one stays between digits, a
    comma after the end of an address phrase), Arabic where a numeral numbers something, "-" for 之 between
    numbers, 号 for # after a number.
    """
    chars, offsets = _compact(text.translate(_FOLD))  # folding keeps one character for one
    pieces: list[str] = []
    origins: list[int] = []
    at = 0
    for match in _NUMERAL.finditer(chars):
        value = numeral(match.group())
        if value is None:
            continue
        digits = str(value)
        pieces += (chars[at : match.start()], digits)
        origins += offsets[at : match.start()]
        # the last digit stands for the end of the numeral, so that highlighting covers all of it
        origins += [offsets[match.start()]] * (len(digits) - 1) + [offsets[match.end() - 1]]
        at = match.end()
    pieces.append(chars[at:])
    origins += offsets[at:]
    return Keyed(_HASH.sub("号", _BETWEEN.sub("-", "".join(pieces))), tuple(origins))


def _compact(folded: str) -> tuple[str, list[int]]:
    """Without blanks and bracketed pinyin, with the offsets of what stayed."""
    if not _LOOSE.search(folded):
        return folded, list(range(len(folded)))
    keep = [True] * len(folded)
    for match in _PINYIN.finditer(folded):
        keep[match.start() : match.end()] = [False] * (match.end() - match.start())
    chars = list(folded)
    for match in _LOOSE.finditer(folded):
        i = match.start()
        if folded[i] == " ":
            before, after = folded[i - 1 : i], folded[i + 1 : i + 2]
            chars[i] = "," if before in _ENDS else " "
            keep[i] = keep[i] and (before in _ENDS or (before.isdigit() and after.isdigit()))
        elif folded[i] != "(":
            keep[i] = False
    offsets = [i for i, kept in enumerate(keep) if kept]
    return "".join([chars[i] for i in offsets]), offsets


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """The matching key of a name: `keyed` without punctuation, so equal for every spelling of one name."""
    return _HYPHEN.sub("", _DROP.sub("", keyed(text).text))


def key_with_offsets(text: str) -> Keyed:
    """The matching key of a text, with the offset in the original of every character of it."""
    whole = keyed(text)
    chars, offsets = whole.text, whole.offsets
    for dropped in (_DROP, _HYPHEN):
        out = {match.start() for match in dropped.finditer(chars)}
        offsets = tuple(offset for i, offset in enumerate(offsets) if i not in out)
        chars = dropped.sub("", chars)
    return Keyed(chars, offsets)


def bigrams(text: str) -> list[str]:
    """The distinct two-character pieces of a matching key, sorted; a single character is its own piece."""
    if len(text) < 2:
        return [text] if text else []
    return sorted({text[i : i + 2] for i in range(len(text) - 1)})


def figures(text: str) -> str:
    """The digits of a text, in their order: 140巷 and 150巷 are no spellings of one name."""
    return "".join(character for character in text if character.isdigit())
