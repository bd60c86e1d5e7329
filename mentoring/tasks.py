"""What the whole house does by itself, whoever is looking: beat's schedule is in the settings."""

from collections.abc import Callable
from datetime import timedelta

from celery import shared_task

from core.accounts.operations.pruning import prune_sign_ins
from core.jobs.operations import take_recurring
from core.notifications.pruning import empty_old_emails
from core.tenancy import due
from core.tenancy.pruning import prune_tombstones
from mentoring import (
    compiling,  # noqa: F401  it listens for the start of a worker
    follow_ups,
)
from mentoring.monitoring import BEAT, note_heard
from mentoring.privacy.closing import delete_closed


@shared_task(name="mentoring.heartbeat")
def heartbeat() -> None:
    """Every ten seconds: beat says it, and a worker takes work.

    That a queue's workers live they say themselves (mentoring/monitoring.py): a word in their
    queue would wait behind long work.
    """
    note_heard(BEAT)


@shared_task(name="mentoring.follow_up_due")
def follow_up_due() -> None:
    """Every ten seconds: what follows from the changes of the organisations that are due."""
    follow_ups.follow_up_due()


# what is done rarely, and how often: when next is a row, which outlives every container
RECURRING: dict[str, tuple[timedelta, Callable[[], int]]] = {
    # every organisation, for what only the hour makes due
    "everybody": (timedelta(hours=1), due.mark_hour),
    "sign-ins": (timedelta(days=1), prune_sign_ins),
    "old e-mails": (timedelta(days=1), empty_old_emails),
    "tombstones": (timedelta(days=1), prune_tombstones),
    "closed organisations": (timedelta(days=1), delete_closed),
}


@shared_task(name="mentoring.run_recurring")
def run_recurring() -> None:
    """Every minute: what is due of all that recurs."""
    for name, (every, run) in RECURRING.items():
        if take_recurring(name, every=every):
            run()
