"""The sweeps that ask: each opens what is due, once, and may be run again at any time."""

from feedback import operations
from mentoring.common import clock
from mentoring.jobs.sweeps import sweep


@sweep(name="feedback.open_due_check_ins")
def open_due_check_ins() -> None:
    """Every minute: a CheckIn and its letter for each partner whose period has ended."""
    operations.open_due_check_ins(at=clock.now())


@sweep(name="feedback.remind_open_check_ins")
def remind_open_check_ins() -> None:
    """Every minute: reminders of what has no answer after three and six days."""
    operations.remind_open_check_ins(at=clock.now())


@sweep(name="feedback.open_due_ratings")
def open_due_ratings() -> None:
    """Every minute: a letter to each partner who came to a session that was held."""
    operations.open_due_ratings(at=clock.now())


@sweep(name="feedback.open_due_assessments")
def open_due_assessments() -> None:
    """Every minute: self-assessments at the start and at the end."""
    operations.open_due_assessments(at=clock.now())
