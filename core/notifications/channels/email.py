"""E-mail over SMTP: the same row gives the same bytes, however often it is written.

What a mail server or a person would see differ between two sendings is derived: Message-ID and
boundary from the reason, Date from when the e-mail was enqueued.
See docs/adr/0008-outbox-with-envelopes.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from email.utils import format_datetime, formataddr, parseaddr
from smtplib import (
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import int_to_base36
from django.utils.module_loading import import_string

from core.notifications import batch
from core.notifications.channels.base import Channel, Deferred, Refused
from core.notifications.inbound.addresses import Purpose, reply_address
from core.notifications.inbound.readers import FORWARDED, reader_of
from core.notifications.models import Email
from core.notifications.render import as_its_reader, unsubscribe_link, words_of
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

    def write(
        self,
        email: Email,
        chosen: OrganisationSettings,
        *,
        others: Sequence[Email] = (),
        calendar: Sequence[Mapping[str, str]] = (),
    ) -> Mail:
        mail = mail_of(email, chosen, others=others, calendar=calendar)
        if settings.BOUNCE_ADDRESS:  # the mail server takes that as MAIL FROM
            mail.extra_headers.setdefault("From", mail.from_email)
            mailbox, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
            mail.from_email = f"{mailbox}+{token_of(email.pk)}@{domain}"
        return mail

    def send(self, message: Mail) -> None:
        try:
            if not self._server.send_messages([message]):
                raise SMTPException("nothing was sent")
        except SMTPRecipientsRefused as refusal:
            code, words = next(iter(refusal.recipients.values()))  # a mail of ours has one
            raise _answered(code, words) from None
        except SMTPSenderRefused as refusal:
            # that speaks of us and of every e-mail: nothing is given up for it
            raise Deferred(_answer(refusal.smtp_code, refusal.smtp_error)) from None
        except SMTPResponseException as refusal:
            raise _answered(refusal.smtp_code, refusal.smtp_error) from None


# An enhanced status code: class, subject, detail.  Source: RFC 3463, 2.
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# its subject is the address, its mailbox, or the way to it; the others are the message or policy
ABOUT_ADDRESS = frozenset({"1", "2", "4"})


def _answered(code: int, words: bytes | str) -> Refused | Deferred:
    answer = _answer(code, words)
    if not 500 <= code < 600:
        return Deferred(answer)
    return Refused(answer, address_is_wrong=about_address(answer))


def _answer(code: int, words: bytes | str) -> str:
    """Return the numbers of an answer: "550 5.1.1"."""
    text = words.decode("latin-1") if isinstance(words, bytes) else words
    status = STATUS.search(text[:200])
    return f"{code} {status[0]}" if status else str(code)


def about_address(answer: str) -> bool:
    """Say whether an answer condemns the address; one without a status is taken to."""
    status = STATUS.search(answer)
    return status is None or status[2] in ABOUT_ADDRESS


class Mail(EmailMultiAlternatives):
    """A mail whose boundaries are given and not rolled, so that it can be made again."""

    boundary = ""

    def message(self, *args: Any, **kwargs: Any) -> Any:
        made = super().message(*args, **kwargs)
        holders = [part for part in made.walk() if part.is_multipart()]
        for depth, part in enumerate(holders):
            part.set_boundary(f"{self.boundary}{'.' * depth}")
        return made


def mail_of(
    email: Email,
    chosen: OrganisationSettings,
    *,
    others: Sequence[Email] = (),
    calendar: Sequence[Mapping[str, str]] | None = None,
) -> Mail:
    """Return the e-mail as a mail, in the zone and language of its reader.

    `others` have a line in it; `calendar` are the events of all, without it those of the e-mail.
    Wants e-mail.member and e-mail.organisation; call it inside the e-mail's organisation.
    Raises ValueError for a link that leads nowhere, KeyError for an unknown kind.
    """
    with as_its_reader(email, chosen):
        words = words_of(email, others)
    reasons = "\n".join(each.dedupe_key for each in (email, *others))
    mark = salted_hmac("email", f"{email.organisation_id}:{reasons}").hexdigest()
    product, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    headers = {
        "Message-ID": f"<{token_of(email.pk)}@{sender_domain()}>",
        "Date": format_datetime(email.created_at),
        "Auto-Submitted": "auto-generated",
    }
    if email.mutable:
        headers["List-Unsubscribe"] = f"<{unsubscribe_link(email)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    to = email.address or email.member.email
    mail = Mail(
        subject=words.subject,
        body=words.text,
        from_email=sender_of(email, product, address),
        to=[to],
        reply_to=reply_to(email),
        headers=headers,
    )
    mail.attach_alternative(words.html, "text/html")
    _bring_calendar(mail, email.calendar if calendar is None else calendar)
    mail.boundary = f"=_{mark}"
    return mail


def sender_of(email: Email, product: str, address: str) -> str:
    """Return who it comes from, "Northwind (Roundtable)", at the one address that is ours."""
    name = " ".join(email.organisation.name.split())
    return formataddr((f"{name} ({product or 'Roundtable'})", address))


def reply_to(email: Email) -> list[str]:
    """Return where an answer goes: to where it is read, or to who runs its program."""
    if email.kind == FORWARDED:  # the answer of who reads it is for who wrote it
        return [email.context["address"]]
    if reader_of(email):
        return [reply_address(Purpose.EMAIL, email.pk)]
    return answering(email)


def answering(email: Email) -> list[str]:
    """Return who answers to this e-mail in person: who runs its program, or nobody."""
    if (program_id := email.program_id) is None:
        return []
    addresses: Callable[[UUID], list[str]] = import_string(settings.NOTIFICATION_REPLIES)
    return batch.once((answering, program_id), lambda: addresses(program_id))


# What a bounce brings back of us: the e-mail's id, and a proof that it is one.  In base 36, so that
# a Message-ID fits on its line: folded ones get lost on their way.
TOKEN = re.compile(r"(?<![0-9a-z])([0-9a-z]{25})([0-9a-z]{11})(?![0-9a-z])")


def token_of(email_id: UUID) -> str:
    proof = int(salted_hmac("bounce", email_id.hex).hexdigest()[:14], 16)
    return f"{int_to_base36(email_id.int):0>25}{int_to_base36(proof):0>11}"


def read_token(words: str) -> UUID | None:
    """Return the e-mail's id in an address or a Message-ID; None if it is none of ours."""
    for token in TOKEN.finditer(words[:1000].lower()):
        number = int(token[1], 36)
        if number < 2**128 and constant_time_compare(token[0], token_of(UUID(int=number))):
            return UUID(int=number)
    return None


def sender_domain() -> str:
    """Return the domain of the address that e-mails come from: Message-IDs end with it."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]


def _bring_calendar(mail: Mail, parts: Sequence[Mapping[str, str]]) -> None:
    """Attach the events: what is published as one file, what is asked or cancelled as one each.

    The first of the latter is an alternative too: what programs ask about.
    Source: RFC 6047 (iMIP), 2.4: a text/calendar part names its method.
    """
    published = [part for part in parts if part["method"] == "PUBLISH"]
    single = [part for part in parts if part["method"] != "PUBLISH"]
    if single:
        mail.attach_alternative(single[0]["text"], f"text/calendar; method={single[0]['method']}")
    if published:
        mail.attach("sessions.ics", _joined(published), "text/calendar; method=PUBLISH")
    for part in single:
        mail.attach(part["name"], part["text"], f"text/calendar; method={part['method']}")


def _joined(parts: Sequence[Mapping[str, str]]) -> str:
    """Return calendars of one event each, with one head, as one calendar of all of them."""
    begin, end = "BEGIN:VEVENT", "END:VCALENDAR"
    head = parts[0]["text"].partition(begin)[0]
    events = [part["text"].partition(begin)[2].partition(end)[0] for part in parts]
    return f"{head}{begin}{begin.join(events)}{end}\r\n"
