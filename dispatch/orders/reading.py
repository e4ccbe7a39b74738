"""Turns a row into what an operator would have typed, or says which field is wrong and why. Pure.

Every row comes out as one or the other: nothing is guessed, nothing is lost.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from dispatch.models.report import RequestType
from dispatch.orders.cleaning import BOX, tidy
from dispatch.orders.columns import FIELDS
from dispatch.orders.dates import moment
from dispatch.orders.tables import REST


class Reason(models.TextChoices):
    """Why a row is no report yet."""

    NO_WORDS = "no_words", _("没有诉求内容，也没有标题和地址")
    NO_REF = "no_ref", _("上级交办件没有编号")
    NO_DUE = "no_due", _("上级交办件没有时限")
    BAD_DUE = "bad_due", _("时限读不出来，请写成 2026-07-07 17:30")
    TOO_LONG = "too_long", _("超过这一栏的长度")
    MORE_CELLS = "more_cells", _("单元格比列名多，可能错位")
    OTHER_TEXT = "other_text", _("这个编号已经登记，但内容不同")
    FAILED = "failed", _("登记时出错，请核对后重试")
    ABOVE = "above", _("在列名行的上面，不是诉求")


class Note(models.TextChoices):
    """What was changed or left out of a row that is kept."""

    CONTROL = "control", _("去掉看不见的字符")
    WIDE = "wide", _("全角数字和字母改为半角")
    PINYIN = "pinyin", _("去掉括号里的拼音")
    TRADITIONAL = "traditional", _("繁体改为简体")
    SPAM = "spam", _("去掉夹带的广告")
    LINK = "link", _("去掉网址")
    LOST = "lost", _("有丢失的字，以“□”占位")
    BAD_TIME = "bad_time", _("时间读不出来，原文记入发生时间")
    FUTURE = "future", _("时间在将来，按登记时间受理")
    DAY_ONLY = "day_only", _("只有日期没有时刻")
    SERIAL = "serial", _("表格里的数字按日期读出")
    NO_REF = "made_ref", _("没有编号，按内容生成")
    OTHER_TYPE = "other_type", _("诉求类型不认识，按渠道默认")
    OTHER_CLASS = "other_class", _("类别不认识，待人工归类")
    PAST_DUE = "past_due", _("时限已过")
    KNOWN_REF = "known_ref", _("此前已登记过这个编号")
    SAME_REF = "same_ref", _("文件里有几行是这个编号")


TYPES: Final = {str(label): value for value, label in (
    ("complaint", "投诉"), ("consultation", "咨询"), ("appeal", "申诉"), ("disclosure", "举报"),
    ("suggestion", "建议"), ("help", "求助"), ("praise", "表扬"), ("other", "其他"),
)}  # fmt: skip
_YES: Final = frozenset({"是", "有", "1", "y", "yes", "true", "匿名", "需要", "要"})
_NO: Final = frozenset({"否", "无", "0", "n", "no", "false", "不需要", "不要", "实名"})
# fields whose words people read; the others are codes, numbers and times
_PROSE: Final = ("title", "text", "address", "unit_involved", "clues", "company", "name", "upper_body", "happened")


@dataclass(frozen=True)
class Rules:
    """What does not change from row to row: the channel's wishes, the city's zone, which script, and now."""

    zone: ZoneInfo
    at: datetime
    default_type: str
    needs_upper: bool
    simplify: bool


@dataclass(frozen=True)
class Fault:
    """Why a row cannot be a report, with the field that somebody has to look at."""

    field: str
    reason: Reason


@dataclass(frozen=True)
class Order:
    """A row that can be a report; `raw_text` only where cleaning has changed what was said."""

    ref: str
    text: str
    raw_text: str
    request_type: str
    called_at: datetime | None
    upper_due_at: datetime | None
    category: str
    anonymous: bool
    wants_callback: bool
    words: Mapping[str, str]  # the other fields as they are stored
    notes: tuple[tuple[str, str, int], ...] = field(default=())


def read_row(
    values: Mapping[str, str], columns: Mapping[str, str], corrected: Mapping[str, str], rules: Rules
) -> Order | Fault:
    """What a row says; `corrected` are fields that a person has put right and that win over the file."""
    raw = {name: corrected.get(name, values.get(columns.get(name, ""), "")).strip() for name in FIELDS}
    if values.get(REST, "").strip() and not corrected:
        return Fault("", Reason.MORE_CELLS)
    notes: list[tuple[str, str, int]] = []
    said = dict(raw)
    for name in _PROSE:
        cleaned = tidy(raw[name], simplify=rules.simplify)
        said[name] = cleaned.text
        notes += [(name, kind, count) for kind, count in sorted(cleaned.changes.items())]
    text = _text(said)
    if not any(c.isalnum() for c in text.replace(BOX, "")):
        return Fault("text", Reason.NO_WORDS)
    for name, known in FIELDS.items():
        if len(said[name]) > known.most:
            return Fault(name, Reason.TOO_LONG)
    due = moment(said["upper_due"], rules.zone, ends=True)
    fault = _upper_fault(said, known_due=due is not None, needed=rules.needs_upper)
    if fault is not None:
        return fault
    if due is not None:
        notes += [("upper_due", one, 1) for one in due.assumed]
        notes += [("upper_due", Note.PAST_DUE, 1)] if due.at < rules.at else []
    called = _called(said, rules, notes)
    if not said["ref"]:
        notes.append(("ref", Note.NO_REF, 1))
    return Order(
        ref=said["ref"] or made_ref(values, corrected),
        text=text,
        raw_text=raw["text"] if raw["text"] != said["text"] else "",
        request_type=_type(said["type"], rules, notes),
        called_at=called,
        upper_due_at=due.at if due is not None else None,
        category=said["category"],
        anonymous=said["anonymous"].lower() in _YES,
        wants_callback=said["wants_callback"].lower() not in _NO,
        words={name: said[name] for name in _STORED},
        notes=tuple(notes),
    )


_STORED: Final = (
    "name", "phone", "callback_phone", "company", "address", "unit_involved", "happened", "clues", "upper_body",
)  # fmt: skip


def _text(said: Mapping[str, str]) -> str:
    """What the operator would read: title and text, where that does not begin with it; else the address."""
    title, text = said["title"], said["text"]
    if title and not text.startswith(title):
        text = f"{title}\n{text}".strip()
    return text or said["address"]


def _upper_fault(said: Mapping[str, str], *, known_due: bool, needed: bool) -> Fault | None:
    """An order from above has a number and a deadline that can be read: a wrong deadline is worse than none."""
    if needed and not said["ref"]:
        return Fault("ref", Reason.NO_REF)
    if said["upper_due"] and not known_due:
        return Fault("upper_due", Reason.BAD_DUE)
    return Fault("upper_due", Reason.NO_DUE) if needed and not known_due else None


def _called(said: dict[str, str], rules: Rules, notes: list[tuple[str, str, int]]) -> datetime | None:
    """When the caller called, where that can be read; what cannot be read stays as words, and is not guessed."""
    words = said["received"]
    if not words:
        return None
    found = moment(words, rules.zone)
    if found is None:
        notes.append(("received", Note.BAD_TIME, 1))
        said["happened"] = said["happened"] or words[:60]
        return None
    notes += [("received", one, 1) for one in found.assumed]
    if found.at > rules.at:
        notes.append(("received", Note.FUTURE, 1))
        return None
    return found.at


def _type(words: str, rules: Rules, notes: list[tuple[str, str, int]]) -> str:
    if not words:
        return rules.default_type
    for label, value in TYPES.items():
        if label in words:
            return value
    if words in RequestType.values:
        return words
    notes.append(("type", Note.OTHER_TYPE, 1))
    return rules.default_type


def made_ref(values: Mapping[str, str], corrected: Mapping[str, str]) -> str:
    """A number from what a row says: the same row makes the same one, so that it is registered once."""
    said = json.dumps([sorted(values.items()), sorted(corrected.items())], ensure_ascii=False)
    return "#" + hashlib.sha256(said.encode("utf-8", errors="replace")).hexdigest()[:20]


def tally(notes: Sequence[Sequence[object]]) -> Counter[str]:
    """How many rows have each kind of note."""
    return Counter({str(kind) for _name, kind, _count in notes})
