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


@sweep(name="feedback.open_due_fit_questions")
def open_due_fit_questions() -> None:
    """Every minute: whether it works, after the first session and after a month."""
    operations.open_due_fit_questions(at=clock.now())


@sweep(name="feedback.end_partnerships")
def end_partnerships() -> None:
    """Every hour: what is over ends, what is silent is warned, and lapses a month later."""
    now = clock.now()
    operations.end_partnerships_whose_time_is_over(at=now)
    operations.lapse_stale_partnerships(at=now)
    operations.warn_stale_partnerships(at=now)


@sweep(name="feedback.open_due_assessments")
def open_due_assessments() -> None:
    """Every minute: self-assessments at the start and at the end."""
    operations.open_due_assessments(at=clock.now())
