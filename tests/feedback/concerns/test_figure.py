"""Days to settle a concern, and how many took too long: over five and more, without the words."""

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


def figure(desk: Desk, days: int = 60, key: str = "concern_days") -> Figure:
    cohort = desk.partnership.cohort
    at = build.noon(MONDAY + timedelta(days=days))
    return figures(cohort, at)[key, ""]


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


def test_past_their_day_are_those_closed_after_it_and_those_open_still(desk: Desk) -> None:
    close_after(desk, 2, 7, 8, 30)  # to be settled within 7 days
    with noon():
        desk.raise_it()  # open, and past its day from the eighth on
        desk.raise_it(urgency="weeks")  # open, and its day is to come
    assert figure(desk, 7, "concern_late").state == State.HIDDEN  # of two so far
    shown = figure(desk, 20, "concern_late")
    assert (shown.numerator, shown.denominator, shown.n) == (3, 5, 5)
    assert figure_text(shown).note == "3 of 5 · answers up to 26 April"


def test_that_no_concern_was_late_is_said_and_that_one_was_closed_moves_nothing(
    desk: Desk,
) -> None:
    close_after(desk, 1, 2, 3, 4)
    with noon():
        late = desk.raise_it()
    before = figure(desk, 10, "concern_late")
    assert (before.numerator, before.denominator) == (1, 5)
    cora = desk.cast.cora
    with noon(11), tenant(desk.cast.acme, member=cora.pk):
        operations.close_concern(file=late, by=cora, outcome="agreed", words="Well.")
    assert figure(desk, 12, "concern_late") == before
