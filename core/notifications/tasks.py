"""The tasks that send: on a hint after a commit, and by themselves every few seconds."""

from celery import shared_task

from core.notifications import dispatch as notifications_dispatch
from core.notifications import outgoing, sign_in


@shared_task(name="notifications.dispatch")
def dispatch() -> None:
    """Look now: e-mails that are due, in any organisation."""
    notifications_dispatch.dispatch()


@shared_task(name="notifications.send_sign_in")
def send_sign_in() -> None:
    """Look now: codes and links that somebody waits for."""
    sign_in.send_due()


@shared_task(name=outgoing.TASK)
def send_webhooks(organisation_id: int) -> None:
    """Look now: webhook messages that are due in one organisation."""
    outgoing.send(organisation_id)
