"""Sign-in mail: codes and links that somebody waits for, written in the request, sent by a worker.

The page never waits for a mail server.  A row lives until it is sent, three tries or a quarter of
an hour at most: whoever still waits then asks for another.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from email.utils import format_datetime
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from celery import current_app
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F

from core.common import clock
from core.notifications.channels.email import sender_domain
from core.notifications.models import SignInEmail

log = logging.getLogger(__name__)

TRIES = 3
# no shorter than a try may take: until then nobody else sends it
PAUSE = timedelta(seconds=40)
LIFE = timedelta(minutes=15)


@transaction.atomic
def enqueue(*, address: str, subject: str, text: str, html: str) -> SignInEmail:
    """Write down an e-mail that is to go now, and say so once this is committed."""
    email = SignInEmail.objects.create(
        address=address, subject=subject[:300], text=text, html=html, due_at=clock.shared()
    )
    transaction.on_commit(_look_now, robust=True)
    return email


def _look_now() -> None:
    # nobody waits for a broker that is away: the sweep looks every few seconds
    current_app.send_task("notifications.send_sign_in", expires=60, retry=False)


def send_due() -> int:
    """Send what is due; return how much.  Raises nothing: whoever calls has work of their own."""
    if not SignInEmail.objects.filter(due_at__lte=clock.shared()).exists():
        return 0
    _drop_old()
    server, sent = get_connection(), 0
    try:
        server.open()
        while email := _claimed():
            sent += _send(email, server)
    except OSError as error:  # SMTPException is one
        log.warning("sign-in mail: the server cannot be reached: %s", type(error).__name__)
    finally:
        _close(server)
    return sent


def _claimed() -> SignInEmail | None:
    """Take one; its next try is put off by what this one may last."""
    now = clock.shared()
    with transaction.atomic():
        due = SignInEmail.objects.select_for_update(skip_locked=True).filter(due_at__lte=now)
        email = due.order_by("due_at", "id").first()
        if email:
            SignInEmail.objects.filter(pk=email.pk).update(
                due_at=now + PAUSE, attempts=F("attempts") + 1
            )
            email.attempts += 1
    return email


def _send(email: SignInEmail, server: BaseEmailBackend) -> bool:
    try:
        server.send_messages([_mail_of(email)])
    except Exception as error:
        # never its words, which repeat the address
        log.warning("sign-in mail %s, try %d: %s", email.pk, email.attempts, type(error).__name__)
        refused = _code_of(error) >= 500
        if refused or email.attempts >= TRIES:
            log.error("sign-in mail %s is given up", email.pk)
            email.delete()
        _close(server)
        return False
    email.delete()
    return True


def _code_of(error: Exception) -> int:
    if isinstance(error, SMTPRecipientsRefused):
        return min(code for code, _words in error.recipients.values())
    return error.smtp_code if isinstance(error, SMTPResponseException) else 0


def _mail_of(email: SignInEmail) -> EmailMultiAlternatives:
    headers = {
        "Message-ID": f"<{email.pk.hex}@{sender_domain()}>",
        "Date": format_datetime(email.created_at),
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMultiAlternatives(email.subject, email.text, to=[email.address], headers=headers)
    mail.attach_alternative(email.html, "text/html")
    return mail


def _drop_old() -> None:
    """Let no code lie about: neither one whose worker died at each try, nor an old one."""
    worn = SignInEmail.objects.filter(attempts__gte=TRIES, due_at__lte=clock.shared())
    old = SignInEmail.objects.filter(created_at__lt=clock.now() - LIFE)
    dropped = (worn | old).delete()[0]
    if dropped:
        log.error("sign-in mail: %d given up", dropped)


def _close(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except OSError:
        log.info("sign-in mail: the server hung up first")
