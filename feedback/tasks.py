"""The sweeps: each asks, reminds or ends what is due, once, and may be run again at any time."""

from collections.abc import Callable

from celery import shared_task

from core.common import clock
from core.jobs.sweeps import sweep
from feedback import operations
from feedback.surveys import check_in
from feedback.surveys.base import Survey, open_due
from feedback.surveys.table import SURVEYS


def _sweep_of(survey: Survey) -> Callable[[], None]:
    def visit() -> None:
        open_due(survey, at=clock.now())

    run: Callable[[], None] = sweep(name=f"feedback.open_due.{survey.name}")(visit)
    return run


SWEEPS = {survey.name: _sweep_of(survey) for survey in SURVEYS}


@shared_task(name="feedback.open_due_surveys")
def open_due_surveys() -> None:
    """Every minute: whatever is due to be asked; one that fails does not hold up the others."""
    for run in SWEEPS.values():
        run()


@sweep(name="feedback.remind_open_check_ins")
def remind_open_check_ins() -> None:
    """Every minute: reminders of what has no answer after three and six days."""
    check_in.remind_open_check_ins(at=clock.now())


@sweep(name="feedback.end_partnerships")
def end_partnerships() -> None:
    """Every hour: what is over ends, what is silent is warned, and lapses a month later."""
    now = clock.now()
    operations.end_partnerships_whose_time_is_over(at=now)
    operations.lapse_stale_partnerships(at=now)
    operations.warn_stale_partnerships(at=now)
