"""How a figure explains itself on pages and papers."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from django.utils.translation import gettext as _

from scorecards.cards import Edition
from scorecards.formulas import COUNT, RATE, versions
from scorecards.rules import Text
from scorecards.scores import Formula


class Definition(NamedTuple):
    """A formula in words: name, what decides the month, what counts, where it was read, version."""

    key: str
    name: Text
    when: Text
    meaning: Text
    source: Text
    version: str
    rate: bool


def definitions(keys: Iterable[str], edition: Edition | None) -> list[Definition]:
    """The formulas of these figures, with the versions of an edition (today's without one)."""
    in_force = versions() if edition is None else edition.versions
    return [_definition(key, in_force.get(key, "")) for key in keys]


def _definition(key: str, version: str) -> Definition:
    if key in COUNT:
        count = COUNT[key]
        return Definition(key, count.name, count.base.label, count.meaning, count.source, version, rate=False)
    rate = RATE[key]
    numerator, denominator = COUNT[rate.numerator], COUNT[rate.denominator]
    meaning = _("%(numerator)s ÷ %(denominator)s") % {"numerator": numerator.name, "denominator": denominator.name}
    return Definition(key, rate.name, denominator.base.label, meaning, rate.source, version, rate=True)


class Named(Protocol):
    """A figure of any table of formulas."""

    @property
    def name(self) -> Text: ...


def formula_words(formula: Formula, figures: Mapping[str, Named]) -> str:
    """A composite score in one sentence, with its weights."""
    said = []
    for term in formula.terms:
        told = {"figure": figures[term.figure].name, "weight": term.weight}
        if term.bands is not None:
            said.append(_("%(figure)s分 × %(weight)s%%") % told)
        elif term.left:
            said.append(_("（1 − %(figure)s）× %(weight)s%%") % told)
        else:
            said.append(_("%(figure)s × %(weight)s%%") % told)
    return " + ".join(said)


def bands_words(formula: Formula, figures: Mapping[str, Named]) -> str:
    """The points for how many there are, of each term that counts so."""
    said = []
    for term in formula.terms:
        if term.bands is not None:
            bands = "，".join(f"≤{most} → {points}" for most, points in term.bands.steps)
            told = {"figure": figures[term.figure].name, "bands": bands, "beyond": term.bands.beyond}
            said.append(_("%(figure)s分：%(bands)s，更多为 %(beyond)s") % told)
    return "；".join(said)
