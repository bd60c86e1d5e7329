"""What happens to sessions by itself: seasons planned and mended, sessions missed."""

from mentoring.common import clock
from mentoring.jobs.sweeps import sweep
from sessions import operations
from sessions.operations import decisions


@sweep(name="sessions.plan_missing_seasons")
def plan_missing_seasons() -> None:
    """Every minute: a season for active partnerships that never had a session."""
    operations.plan_missing_seasons()


@sweep(name="sessions.replan_changed_tables")
def replan_changed_tables() -> None:
    """Every minute: turns go to others where somebody has left a table or joined it."""
    operations.replan_changed_tables()


@sweep(name="sessions.tend_polls")
def tend_polls() -> None:
    """Every minute: remind the undecided once, and close the polls whose time is over."""
    operations.tend_polls(at=clock.now())


@sweep(name="sessions.send_due_kits")
def send_due_kits() -> None:
    """Every five minutes: the kit to whoever leads a session of the next seven days."""
    operations.send_due_kits(at=clock.now())


@sweep(name="sessions.mark_missed_sessions")
def mark_missed_sessions() -> None:
    """Every five minutes: planned sessions that nobody recorded within a week are missed."""
    operations.mark_missed_sessions(at=clock.now())


@sweep(name="sessions.close_due_decisions")
def close_due_decisions() -> None:
    """Every minute: ballots whose time is over are counted, or extended once."""
    decisions.close_due_decisions(at=clock.now())


@sweep(name="sessions.remind_undecided")
def remind_undecided() -> None:
    """Every minute: who has not answered hears of it a day before a ballot ends."""
    decisions.remind_undecided(at=clock.now())


@sweep(name="sessions.open_due_reviews")
def open_due_reviews() -> None:
    """Every five minutes: adopted decisions come back on their review date."""
    decisions.open_due_reviews(at=clock.now())


@sweep(name="sessions.settle_offers")
def settle_offers() -> None:
    """Every minute: turns that nobody agreed to take in time go to whoever the rotation finds."""
    operations.settle_offers(at=clock.now())
