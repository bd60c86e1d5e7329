"""The one task that sends letters: on a hint after a commit, and every half minute by itself."""

from celery import shared_task

from mentoring.notifications import dispatch as dispatching


@shared_task(name="notifications.dispatch")
def dispatch() -> None:
    """Look now: letters that are due, in any organisation."""
    dispatching.dispatch()
