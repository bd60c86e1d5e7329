"""What is thrown away of e-mails that are over: their words and their envelopes; and of webhooks.

The bare row stays, with its reason: it is what keeps the same e-mail from being sent again.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from core.common import clock
from core.notifications.models import Email, Envelope, InboundMessage, WebhookMessage
from core.tenancy.context import tenant
from core.tenancy.queries import live_organisations

OVER = (Envelope.State.SENT, Envelope.State.WITHDRAWN, Envelope.State.DEAD)


def empty_old_emails() -> int:
    """Empty what was sent, withdrawn or given up KEEP_EMAILS_DAYS ago; return how much."""
    long_ago = clock.now() - timedelta(days=settings.KEEP_EMAILS_DAYS)
    emptied = 0
    for organisation in live_organisations():
        with tenant(organisation):
            waiting = Envelope.objects.filter(
                organisation=organisation, state=Envelope.State.DUE
            ).values("email_id")
            old = Email.objects.filter(created_at__lt=long_ago).exclude(pk__in=waiting)
            full = old.exclude(context={}, link={}, calendar=[], address="", shown_at=None)
            emptied += full.update(context={}, link={}, calendar=[], address="", shown_at=None)
            InboundMessage.objects.filter(created_at__lt=long_ago).delete()
            told = WebhookMessage.objects.filter(created_at__lt=long_ago)
            told.exclude(state=WebhookMessage.State.DUE).delete()
    Envelope.objects.filter(created_at__lt=long_ago, state__in=OVER).delete()
    return emptied
