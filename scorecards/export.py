"""A month as a workbook: figures, the rows behind them, definitions. Every text is written as text, never a formula."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import xlsxwriter
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from dispatch.models import Callback, Case, Clock
from people.models import User
from scorecards.cards import Card, Edition, Sheet
from scorecards.columns import name_of
from scorecards.figures import members
from scorecards.formulas import COUNT, COUNTS, FIGURES, NONE, PLATFORM, RATE
from scorecards.models import Entry
from scorecards.rules import SWITCHES
from scorecards.scores import department
from scorecards.wording import bands_words, definitions, formula_words

# rows are fetched in slices, so that a big month needs little memory
SLICE = 5000
KEYS = (*COUNT, *RATE)


class Book:
    """A workbook whose cells are numbers, percents, times or plain text."""

    def __init__(self) -> None:
        self.file = io.BytesIO()
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(self.file, options)
        self.head = self.book.add_format({"bold": True, "bg_color": "#E9EDF2", "bottom": 1, "text_wrap": True})
        self.bold = self.book.add_format({"bold": True, "top": 1})
        # an apostrophe in front: stays text when somebody edits the cell
        self.text = self.book.add_format({"quote_prefix": True})
        self.percent = self.book.add_format({"num_format": "0.00%"})
        self.time = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm"})

    def sheet(self, name: str, heads: list[str], widths: list[int]) -> Any:  # noqa: ANN401 - xlsxwriter has no types
        """A sheet with a head line that stays in sight."""
        sheet = self.book.add_worksheet(name)
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        for index, head in enumerate(heads):
            sheet.write_string(0, index, head, self.head)
        sheet.freeze_panes(1, 1)
        return sheet

    def words(self, sheet: Any, line: int, column: int, text: object) -> None:  # noqa: ANN401
        sheet.write_string(line, column, str(text), self.text)

    def when(self, sheet: Any, line: int, column: int, at: datetime | None) -> None:  # noqa: ANN401
        """A time of the city's zone; an empty cell for none."""
        if at is not None:
            local = at.astimezone(settings.CITY.zone).replace(tzinfo=None, second=0, microsecond=0)
            sheet.write_datetime(line, column, local, self.time)


def workbook(sheet: Sheet, user: User) -> bytes:
    """The workbook's bytes; the second sheet has the rows of the cases that the user may see."""
    book = Book()
    _figures(book, sheet)
    _rows(book, sheet.edition, user)
    _definitions(book, sheet.edition)
    book.book.close()
    return book.file.getvalue()


def _figures(book: Book, sheet: Sheet) -> None:
    heads = [_("名次"), _("承办单位"), *(str(name_of(key)) for key in KEYS), _("综合得分"), _("等级")]
    page = book.sheet(_("指标"), heads, [6, 22] + [11] * (len(KEYS) + 2))
    for line, card in enumerate([*sheet.cards, sheet.total], start=1):
        if card.place is not None:
            page.write_number(line, 0, card.place)
        book.words(page, line, 1, card.agency.name if card.agency else _("合计"))
        for column, key in enumerate(KEYS, start=2):
            _figure(book, page, line, column, card, key)
        if card.score is not None:
            page.write_number(line, len(KEYS) + 2, float(card.score))
        page.write_string(line, len(KEYS) + 3, card.grade)


def _figure(book: Book, page: Any, line: int, column: int, card: Card, key: str) -> None:  # noqa: ANN401
    value = card.rates.get(key) if key in RATE else card.counts.get(key)
    if value is None:
        page.write_string(line, column, NONE)
    elif key in RATE:
        page.write_number(line, column, float(value) / 100, book.percent)
    else:
        page.write_number(line, column, int(value))


def _rows(book: Book, edition: Edition, user: User) -> None:
    heads = [_("承办单位"), _("案件编号"), _("类别"), _("地址"), _("派遣时间"), _("到期时间"), _("处置时间"), _("结论")]
    heads += [_("案件状态"), _("回访时间"), _("满意度"), _("是否解决"), _("计入指标")]
    page = book.sheet(_("案件明细"), heads, [22, 18, 14, 30, 16, 16, 16, 8, 10, 16, 10, 9, 60])
    for line, (clock, callback, keys) in enumerate(_behind(edition, user), start=1):
        case, part = clock.case, clock.part
        assert part is not None  # noqa: S101 - every row behind a figure is a part's clock
        for column, text in enumerate((part.agency.name, case.number, case.category or "", case.address)):
            book.words(page, line, column, text)
        for column, at in enumerate((part.dispatched_at, clock.due_at, part.handled_at), start=4):
            book.when(page, line, column, at)
        book.words(page, line, 7, clock.get_verdict_display())
        book.words(page, line, 8, case.get_state_display())
        if callback is not None:
            book.when(page, line, 9, callback.called_at)
            book.words(page, line, 10, callback.get_satisfaction_display())
            book.words(page, line, 11, "" if callback.solved is None else _("是") if callback.solved else _("否"))
        book.words(page, line, 12, "、".join(str(count.name) for count in COUNTS if count.key in keys))


def _behind(edition: Edition, user: User) -> Iterator[tuple[Clock, Callback | None, frozenset[str]]]:
    """Every row of a month, live or frozen, with the counts that it is in; a fixed number of statements a slice."""
    found: list[tuple[int, int | None, frozenset[str]]]
    if edition.frozen_at is not None:
        found = [
            (clock, callback, frozenset(figures))
            for clock, callback, figures in Entry.objects.of_month(edition.month)
            .order_by("scorecard__agency__code", "pk")
            .values_list("clock", "callback", "figures")
        ]
    else:
        found = [(member.clock, member.callback, member.figures) for member in members(edition.question)]
    for start in range(0, len(found), SLICE):
        part = found[start : start + SLICE]
        seen = Case.objects.visible_to(user)
        clocks = (
            Clock.objects.filter(Q(case__in=seen), pk__in={clock for clock, _callback, _keys in part})
            .select_related("case__category", "part__agency")
            .in_bulk()
        )
        callbacks = Callback.objects.in_bulk({callback for _clock, callback, _keys in part if callback})
        for clock, callback, keys in part:
            if clock in clocks:
                yield clocks[clock], callbacks.get(callback or 0), keys


def _definitions(book: Book, edition: Edition) -> None:
    page = book.sheet(_("指标说明"), [_("指标"), _("归月依据"), _("说明"), _("版本"), _("来源")], [18, 20, 70, 6, 50])
    page.freeze_panes(1, 0)
    lines: list[tuple[object, ...]] = [
        (item.name, item.when, item.meaning, item.version, item.source) for item in definitions(KEYS, edition)
    ]
    formula = department(edition.rules)
    score = f"{formula_words(formula, FIGURES)}；{bands_words(formula, FIGURES)}"
    lines += [(_("综合得分"), "", score, edition.versions.get("score", ""), PLATFORM), ()]
    lines += [
        (switch.name, "", switch.said[bool(getattr(edition.rules, switch.key))], "", switch.source)
        for switch in SWITCHES
    ]
    lines.append((_("最小样本"), "", edition.rules.minimum_sample, "", ""))
    lines.append((_("月份"), "", edition.month, "", ""))
    lines.append((_("状态"), "", _state(edition), "", ""))
    for line, texts in enumerate(lines, start=1):
        for column, text in enumerate(texts):
            book.words(page, line, column, text)


def _state(edition: Edition) -> str:
    zone = settings.CITY.zone
    if edition.frozen_at is not None:
        at = edition.frozen_at.astimezone(zone)
        return _("%(by)s 于 %(at)s 发布，不再改动") % {"by": edition.frozen_by, "at": f"{at:%Y-%m-%d %H:%M}"}
    at = edition.question.at.astimezone(zone)
    kind = _("进行中，数据暂定") if edition.running else _("尚未发布，数据可能变动")
    return _("%(state)s；统计至 %(at)s") % {"state": kind, "at": f"{at:%Y-%m-%d %H:%M}"}
