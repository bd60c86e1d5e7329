"""Figures in words: every page writes the Decimal of the definition, never one of its own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.ui.charts import signed
from core.ui.templatetags.design import NO_BREAK_SPACE, percent
from core.ui.templatetags.design import figure as thousands
from metrics.definitions.feedback import EFFECT, END, START
from metrics.definitions.sessions import CAUSE
from metrics.definitions.shapes import Definition, Figure, State, Unit
from metrics.figures import definition


@dataclass(frozen=True)
class FigureText:
    """A figure as a page writes it: the value in words, its exact Decimal, and its counts."""

    figure: Figure
    name: str
    words: str
    exact: str
    counts: str
    interval: str
    quiet: bool

    @property
    def mark(self) -> str:
        """Name the figure for whoever compares page, CSV and REST."""
        return f"{self.figure.key}/{self.figure.part}"

    @property
    def part_words(self) -> str:
        return part_words(self.figure)

    @property
    def title(self) -> str:
        """Name the figure with its part: `Goals met: shared goals`."""
        return f"{self.name}: {self.part_words.lower()}" if self.part_words else self.name


def figure_text(figure: Figure) -> FigureText:
    """Write a figure: `82 %`, its exact value, `41 of 50`; or the word that stands for none."""
    meaning = definition(figure.key)
    assert meaning is not None  # a figure without a definition does not leave queries
    return FigureText(
        figure=figure,
        name=str(meaning.name),
        words=_words(figure, meaning),
        exact="" if figure.value is None else str(figure.value),
        counts=counts(figure, meaning),
        interval=_interval(figure, meaning),
        quiet=figure.state != State.SHOWN,
    )


def share(value: Decimal, digits: int = 0) -> str:
    """Write a share of 1 as percent, halves to the even digit."""
    step = Decimal(1).scaleb(-digits)
    return percent((value * 100).quantize(step, ROUND_HALF_EVEN), digits)  # type: ignore[arg-type]  # formats Decimals as exactly


def counts(figure: Figure, meaning: Definition) -> str:
    if figure.state == State.HIDDEN:
        return _("too few people")
    if meaning.unit == Unit.PEOPLE:
        return "" if figure.value is not None else _("nobody yet")
    if figure.n == 0 or figure.value is None:
        return ""
    if meaning.unit == Unit.POINTS:
        return ngettext("n = %(n)d pair", "n = %(n)d pairs", figure.n or 0) % {"n": figure.n}
    if meaning.unit == Unit.DAYS:
        whole = figure.denominator or 0
        return ngettext("%(n)d decision", "%(n)d decisions", whole) % {"n": whole}
    if figure.numerator is None or figure.denominator is None:
        return _("n = %(n)s") % {"n": thousands(figure.n or 0)}
    return _("%(part)s of %(whole)s") % {
        "part": thousands(figure.numerator),
        "whole": thousands(figure.denominator),
    }


def _words(figure: Figure, meaning: Definition) -> str:
    if figure.state == State.HIDDEN:
        return _("hidden")
    if figure.value is None:
        return _("no data yet")
    if meaning.unit == Unit.SHARE:
        return share(figure.value)
    if meaning.unit == Unit.PEOPLE:
        return thousands(int(figure.value))
    if meaning.unit == Unit.DAYS:
        return f"{figure.value:.1f}"
    return f"{figure.value:.2f}" if ":" in figure.part else signed(float(figure.value))


def _interval(figure: Figure, meaning: Definition) -> str:
    if figure.low is None or figure.high is None:
        return ""
    if meaning.unit == Unit.SHARE:
        low = share(figure.low).removesuffix(f"{NO_BREAK_SPACE}%")
        return _("%(low)s to %(high)s") % {"low": low, "high": share(figure.high)}
    low, high = signed(float(figure.low)), signed(float(figure.high))
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def part_words(figure: Figure) -> str:
    """Name a part in words, for tables: a competency's mean at start, a cause, a week."""
    if figure.part.startswith(START):
        return _("%(name)s, mean at the start") % {"name": figure.label}
    if figure.part.startswith(END):
        return _("%(name)s, mean at the end") % {"name": figure.label}
    if figure.part.startswith(EFFECT):
        return _("%(name)s, effect size d_z") % {"name": figure.label}
    if figure.part.startswith(CAUSE):
        return _("Cancelled: %(cause)s") % {"cause": figure.label}
    return figure.label
