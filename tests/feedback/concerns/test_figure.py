"""Days to settle a concern: a median over five and more, which outlives the words."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from core.tenancy.context import tenant
from feedback.concerns import operations
from metrics.definitions.shapes import Figure, State
from metrics.wording import figure_text
from tests.feedback import build
from tests.feedback.concerns.build import Desk
from tests.feedback.concerns.test_seeing_to_it import MONDAY, noon
from tests.metrics.build import figures
from tests.work import everywhere


def close_after(desk: Desk, *days: int) -> None:
    """Raise concerns on the same day, and close each after so many days."""
    cora = desk.cast.cora
    with noon():
        files = [desk.raise_it() for _day in days]
    for file, day in zip(files, days, strict=True):
        with noon(day), tenant(desk.cast.acme, member=cora.pk):
            operations.close_concern(file=file, by=cora, outcome="agreed", words="Well.")


def figure(desk: Desk, days: int = 60) -> Figure:
    cohort = desk.partnership.cohort
    at = build.noon(MONDAY + timedelta(days=days))
    return figures(cohort, at)["concern_days", ""]


def test_the_median_of_five_is_shown_and_of_four_is_not(desk: Desk) -> None:
    with noon():
        desk.raise_it()  # open: not counted
    close_after(desk, 2, 30, 5, 9)
    assert figure(desk).state == State.HIDDEN
    close_after(desk, 4)
    shown = figure(desk)
    assert figure_text(shown).counts == "5 concerns"
    assert (shown.value, shown.n, shown.denominator) == (Decimal("5.0000"), 5, 5)


def test_it_stays_when_the_words_are_deleted(desk: Desk) -> None:
    close_after(desk, 2, 30, 5, 9, 6, 7)
    with noon(365):
        everywhere(operations.delete_old_files)
    assert figure(desk, 366).value == Decimal("6.5000")
