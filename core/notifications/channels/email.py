"""E-mail over SMTP: the same row gives the same bytes, however often it is written.

What a mail server or a person would see differ between two sendings is derived: Message-ID and
boundary from the reason, Date from when the e-mail was enqueued.
See docs/adr/0008-outbox-with-envelopes.md.
"""

from __future__ import annotations

from contextlib import suppress
from email.utils import format_datetime, parseaddr
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.crypto import salted_hmac

from core.notifications.channels.base import Channel
from core.notifications.models import Email
from core.notifications.render import as_its_reader, context_of, rendered, subject_of
from core.tenancy.models import OrganisationSettings


class EmailChannel(Channel["Mail"]):
    """One connection to the mail server that is set, or to the one given."""

    name = "email"

    def __init__(self, server: BaseEmailBackend | None = None) -> None:
        self._server = server or get_connection()

    def open(self) -> None:
        self._server.open()  # SMTPException is an OSError

    def close(self) -> None:
        with suppress(OSError):
            self._server.close()

    def write(self, email: Email, chosen: OrganisationSettings) -> Mail:
        return mail_of(email, chosen)

    def send(self, message: Mail) -> None:
        if not self._server.send_messages([message]):
            raise SMTPException("nothing was sent")


class Mail(EmailMultiAlternatives):
    """A mail whose boundaries are given and not rolled, so that it can be made again."""

    boundary = ""

    def message(self, *args: Any, **kwargs: Any) -> Any:
        made = super().message(*args, **kwargs)
        holders = [part for part in made.walk() if part.is_multipart()]
        for depth, part in enumerate(holders):
            part.set_boundary(f"{self.boundary}{'.' * depth}")
        return made


def mail_of(email: Email, chosen: OrganisationSettings) -> Mail:
    """Return the e-mail as a mail, in the zone and language of its reader.

    Wants e-mail.member and e-mail.organisation; call it inside the e-mail's organisation.
    Raises ValueError for a link that leads nowhere, TemplateDoesNotExist for an unknown kind.
    """
    context = context_of(email)
    with as_its_reader(email, chosen):
        subject = subject_of(email)
        text = rendered(email, "txt", context, html=False)
        html = rendered(email, "html", context, html=True)
    mark = salted_hmac("email", f"{email.organisation_id}:{email.dedupe_key}").hexdigest()
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    headers = {
        "Message-ID": f"<{mark}@{address.rpartition('@')[2]}>",
        "Date": format_datetime(email.created_at),
        "Auto-Submitted": "auto-generated",
    }
    if email.mutable:
        headers["List-Unsubscribe"] = f"<{context['unsubscribe_link']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = Mail(subject=subject, body=text, to=[email.member.email], headers=headers)
    mail.attach_alternative(html, "text/html")
    _bring_calendar(mail, email.calendar)
    mail.boundary = f"=_{mark}"
    return mail


def _bring_calendar(mail: Mail, parts: list[dict[str, str]]) -> None:
    """Attach each event as a file; the first is an alternative too: what programs ask about.

    Source: RFC 6047 (iMIP), 2.4: a text/calendar part names its method.
    """
    if parts:
        mail.attach_alternative(parts[0]["text"], f"text/calendar; method={parts[0]['method']}")
    for part in parts:
        mail.attach(part["name"], part["text"].encode(), "application/ics")
