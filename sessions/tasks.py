"""What happens to sessions by itself: seasons planned and mended, sessions missed."""

from core.common import clock
from core.jobs.sweeps import sweep
from sessions.attendance.operations import recording
from sessions.page import operations
from sessions.planning.operations import planning, polls
from sessions.rotation.operations import offers, rotation


@sweep(name="sessions.plan_missing_seasons")
def plan_missing_seasons() -> None:
    """Every minute: a season for active partnerships that never had a session."""
    planning.plan_missing_seasons()


@sweep(name="sessions.replan_changed_tables")
def replan_changed_tables() -> None:
    """Every minute: turns go to others where somebody has left a table or joined it."""
    rotation.replan_changed_tables()


@sweep(name="sessions.tend_polls")
def tend_polls() -> None:
    """Every minute: remind the undecided once, and close the polls whose time is over."""
    polls.tend_polls(at=clock.now())


@sweep(name="sessions.send_due_kits")
def send_due_kits() -> None:
    """Every five minutes: the kit to whoever leads a session of the next seven days."""
    operations.send_due_kits(at=clock.now())


@sweep(name="sessions.mark_missed_sessions")
def mark_missed_sessions() -> None:
    """Every five minutes: planned sessions that nobody recorded within a week are missed."""
    recording.mark_missed_sessions(at=clock.now())


@sweep(name="sessions.settle_offers")
def settle_offers() -> None:
    """Every minute: turns that nobody agreed to take in time go to whoever the rotation finds."""
    offers.settle_offers(at=clock.now())
