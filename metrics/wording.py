"""Figures in words: every page writes the Decimal of the definition, never one of its own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.common.numbers import decimal, signed
from core.ui.templatetags.design import NO_BREAK_SPACE, percent
from core.ui.templatetags.design import figure as thousands
from feedback.assessments.readings import PEERS
from metrics.definitions.feedback import EFFECT, END, START
from metrics.definitions.outcomes import OTHERS, PARTICIPANTS, UNMEASURED
from metrics.definitions.sessions import CAUSE
from metrics.definitions.shapes import Basis, Definition, Figure, State, Unit
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
    until: str
    quiet: bool

    @property
    def mark(self) -> str:
        """Name the figure for whoever compares page, CSV and REST."""
        return f"{self.figure.key}/{self.figure.part}"

    @property
    def part_words(self) -> str:
        return part_words(self.figure)

    @property
    def note(self) -> str:
        """Say beside the value what it was counted from."""
        return " · ".join(filter(None, (self.counts, self.until)))

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
        until=until(figure),
        quiet=figure.state != State.SHOWN,
    )


def until(figure: Figure) -> str:
    """Say until when a figure of answers was released; of facts nothing is to be said."""
    if figure.until is None:
        return ""
    return _("answers up to %(day)s") % {"day": date_format(figure.until, "j F")}


def share(value: Decimal, digits: int = 0) -> str:
    """Write a share of 1 as percent, halves to the even digit."""
    step = Decimal(1).scaleb(-digits)
    return percent((value * 100).quantize(step, ROUND_HALF_EVEN), digits)  # type: ignore[arg-type]  # formats Decimals as exactly


def percentage_points(value: Decimal, *, unit: bool = True) -> str:
    """Write a difference of two shares with its sign: `+11 percentage points`."""
    points = (value * 100).quantize(Decimal(1), ROUND_HALF_EVEN)
    sign = "−" if points < 0 else "+" if points > 0 else "±"  # a true minus sign
    words = f"{sign}{abs(points)}"
    return _("%(n)s percentage points") % {"n": words} if unit else words


def counts(figure: Figure, meaning: Definition) -> str:
    if figure.state == State.HIDDEN:
        return _("too few answers") if meaning.basis == Basis.ANSWERS else _("too few people")
    if meaning.unit == Unit.PEOPLE:
        return "" if figure.value is not None else _("nobody yet")
    if figure.n == 0 or figure.value is None:
        return ""
    if meaning.unit in (Unit.DAYS, Unit.HOURS):
        return str(meaning.counted % {"n": figure.denominator or 0})
    if meaning.counted:
        return str(meaning.counted % {"n": figure.n})
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
    if meaning.unit == Unit.SHARE or figure.part in (PARTICIPANTS, OTHERS):
        return share(figure.value)
    if meaning.unit == Unit.DIFFERENCE:
        ratio = figure.part == UNMEASURED
        return f"{figure.value:.2f}" if ratio else percentage_points(figure.value)
    if meaning.unit == Unit.PEOPLE:
        return thousands(int(figure.value))
    if meaning.unit in (Unit.DAYS, Unit.HOURS):
        return decimal(figure.value)
    if meaning.unit == Unit.TURNS:
        return str(int(figure.value))
    moved = meaning.unit == Unit.CHANGE and ":" not in figure.part.removeprefix(PEERS)
    return signed(figure.value) if moved else decimal(figure.value, 2)


def _interval(figure: Figure, meaning: Definition) -> str:
    if figure.low is None or figure.high is None:
        return ""
    if meaning.unit == Unit.SHARE:
        low = share(figure.low).removesuffix(f"{NO_BREAK_SPACE}%")
        return _("%(low)s to %(high)s") % {"low": low, "high": share(figure.high)}
    if meaning.unit == Unit.DIFFERENCE:
        low, high = (percentage_points(end, unit=False) for end in (figure.low, figure.high))
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    low, high = signed(figure.low), signed(figure.high)
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def part_words(figure: Figure) -> str:
    """Name a part in words, for tables: a competency's mean at start, a cause, a week.

    The whole has none, and of a figure about one scale its parts need not name it.
    """
    part = figure.part.removeprefix(PEERS)
    alone = {
        "": "",
        START: _("Mean at the start"),
        END: _("Mean at the end"),
        EFFECT: _("Effect size d_z"),
    }
    if part in alone:
        return alone[part]
    if part.startswith(START):
        return _("%(name)s, mean at the start") % {"name": figure.label}
    if part.startswith(END):
        return _("%(name)s, mean at the end") % {"name": figure.label}
    if part.startswith(EFFECT):
        return _("%(name)s, effect size d_z") % {"name": figure.label}
    if figure.part.startswith(CAUSE):
        return _("Cancelled: %(cause)s") % {"cause": figure.label}
    return figure.label
