"""The one task that sends e-mails: on a hint after a commit, and every half minute by itself."""

from celery import shared_task

from core.notifications import dispatch as notifications_dispatch


@shared_task(name="notifications.dispatch")
def dispatch() -> None:
    """Look now: e-mails that are due, in any organisation."""
    notifications_dispatch.dispatch()
