"""What happens to decisions by itself: ballots counted, reviews opened."""

from agreements.decisions.operations import sweeps
from core.common import clock
from core.jobs.sweeps import sweep


@sweep(name="agreements.close_due_decisions")
def close_due_decisions() -> None:
    """Every minute: ballots whose time is over are counted, or extended once."""
    sweeps.close_due_decisions(at=clock.now())


@sweep(name="agreements.remind_undecided")
def remind_undecided() -> None:
    """Every minute: who has not answered hears of it a day before a ballot ends."""
    sweeps.remind_undecided(at=clock.now())


@sweep(name="agreements.open_due_reviews")
def open_due_reviews() -> None:
    """Every five minutes: adopted decisions come back on their review date."""
    sweeps.open_due_reviews(at=clock.now())
