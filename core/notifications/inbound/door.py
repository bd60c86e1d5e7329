"""The one door for what comes in: bounces, answers in words, answers of calendars.

The key in the address gives the right, and who writes must be whose key it is.  Each message counts
once.  What cannot be read goes on to a coordinator; nothing is ever answered that no person has
written, and what we write ourselves is dropped, so that nothing can loop.
"""

from __future__ import annotations

from datetime import timedelta
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.common import clock
from core.common.errors import DomainError
from core.members.languages import in_language_of
from core.members.models import Member
from core.notifications import bounces
from core.notifications.channels.email import answering, read_token
from core.notifications.inbound.addresses import Purpose
from core.notifications.inbound.message import EventReply, InboundMail, parse
from core.notifications.inbound.phrases import NotUnderstood
from core.notifications.inbound.readers import FORWARDED, reader_of, readers
from core.notifications.models import Email, InboundMessage
from core.notifications.operations import Link, enqueue
from core.notifications.render import subject_of
from core.tenancy import due
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from core.tenancy.queries import settings_in_force

Outcome = InboundMessage.Outcome
MOST_A_DAY = 20  # messages by one key; who writes more is a program
READ, UNREAD = "notifications.reply_read", "notifications.reply_unread"


def take(raw: bytes) -> str:
    """Do what a message asks for, once; return what came of it, in one word."""
    if bounces.take(raw):
        return "bounce"
    message = parse(raw)
    if message is None or _is_ours(message):
        return "ignored"
    organisation = Organisation.objects.filter(
        pk=message.address.organisation_id, closed_at=None
    ).first()
    if organisation is None:
        return "ignored"
    with tenant(organisation):
        email = _email_of(message)
        member_id = email.member_id if email else message.address.object_id
    try:
        with tenant(organisation, member=member_id):
            member = (
                Member.objects.reachable()
                .select_related("organisation")
                .filter(pk=member_id)
                .first()
            )
            if member is None or (message.address.purpose == Purpose.EMAIL and email is None):
                return "ignored"
            due.mark()  # what an answer has changed is followed up, as after a page
            return _taken(message, member, email)
    except IntegrityError:
        with tenant(organisation):
            if InboundMessage.objects.filter(digest=message.digest).exists():
                return "repeated"
        raise


def _is_ours(message: InboundMail) -> bool:
    """Say whether we have written it: by its Message-ID, or by our own address."""
    ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].casefold()
    by_key = message.sender.endswith(f"@{settings.INBOUND_DOMAIN}")
    return bool(read_token(message.message_id)) or message.sender == ours or by_key


def _email_of(message: InboundMail) -> Email | None:
    rows = Email.objects.select_related("member", "organisation")
    if message.address.purpose == Purpose.EMAIL:
        return rows.filter(pk=message.address.object_id).first()
    return None


def _taken(message: InboundMail, member: Member, email: Email | None) -> str:
    about = message.address.object_id
    lately = InboundMessage.objects.filter(
        about_id=about, created_at__gt=clock.now() - timedelta(days=1)
    )
    if lately.count() >= MOST_A_DAY:
        return "ignored"
    if InboundMessage.objects.filter(digest=message.digest).exists():
        return "repeated"
    # the row comes first: of two workers with the same message one waits here, and is refused
    row = InboundMessage.objects.create(
        member=member, digest=message.digest, about_id=about, outcome=Outcome.UNREAD
    )
    chosen = settings_in_force()
    zone = member.time_zone or chosen.time_zone
    with timezone.override(zone), in_language_of(member):
        outcome = _followed(message, member, email, row)
    InboundMessage.objects.filter(pk=row.pk).update(outcome=outcome)
    return str(outcome)


def _followed(
    message: InboundMail, member: Member, email: Email | None, row: InboundMessage
) -> Outcome:
    if message.sender != member.email.casefold():
        if email and not message.automatic:
            _tell_unread(email, row, why="foreign")
        return Outcome.FOREIGN
    if message.event:
        return _event_followed(message.event, member)
    if message.automatic:
        return Outcome.AUTOMATIC
    if email is None:
        return _forward(message.text, member, _last_of_a_program(member), row)
    return _answered(message.text, member, email, row)


def _event_followed(event: EventReply, member: Member) -> Outcome:
    if event.attendee != member.email.casefold():
        return Outcome.FOREIGN
    try:
        with transaction.atomic():
            readers().event(member, event)
    except NotUnderstood:
        return Outcome.UNREAD
    except DomainError:
        return Outcome.REFUSED  # it has moved, or is over: an e-mail of ours has said so
    return Outcome.READ


def _answered(text: str, member: Member, email: Email, row: InboundMessage) -> Outcome:
    reader = reader_of(email)
    if reader is None:
        return _forward(text, member, email, row)
    try:
        with transaction.atomic():
            understood = reader.read(email, text)
    except NotUnderstood:
        return _forward(text, member, email, row)
    except DomainError as refusal:
        _tell_unread(email, row, why=str(refusal))
        return Outcome.REFUSED
    enqueue(
        member=member,
        kind=READ,
        program=email.program_id,
        dedupe_key=f"reply-read:{row.pk}",
        link=_same_link(email),
        context={"subject": _subject(email), "understood": understood},
        about=row.pk,
    )
    return Outcome.READ


def _last_of_a_program(member: Member) -> Email | None:
    rows = Email.objects.select_related("member", "organisation").filter(member=member)
    return rows.exclude(program_id=None).order_by("-created_at").first()


def _forward(text: str, member: Member, email: Email | None, row: InboundMessage) -> Outcome:
    """Send somebody's words on to who runs the program; tell them once what can be read."""
    addresses = answering(email) if email else []
    people = Member.objects.reachable().exclude(pk=member.pk)
    coordinator = people.filter(email__in=addresses).first() if text else None
    if email and coordinator:
        enqueue(
            member=coordinator,
            kind=FORWARDED,
            program=email.program_id,
            dedupe_key=f"reply-forwarded:{row.pk}",
            link=Link(page=member.get_absolute_url()),
            context={
                "who": member.full_name,
                "address": member.email,
                "about": _subject(email),
                "words": text,
            },
            about=row.pk,
        )
    if email:
        _tell_unread(email, row, why="", went_to=coordinator)
    return Outcome.FORWARDED if coordinator else Outcome.UNREAD


def _tell_unread(
    email: Email, row: InboundMessage, *, why: str, went_to: Member | None = None
) -> None:
    """Tell the person whose key it is, at their own address, once for each e-mail."""
    reader = reader_of(email)
    enqueue(
        member=email.member,
        kind=UNREAD,
        program=email.program_id,
        dedupe_key=f"reply-unread:{email.pk}",
        link=_same_link(email),
        context={
            "subject": _subject(email),
            "foreign": why == "foreign",
            "why": "" if why == "foreign" else why,
            "went_to": went_to.full_name if went_to else "",
            "hint": str(reader.hint) if reader and why in {"", "foreign"} else "",
        },
        about=row.pk,
    )


def _same_link(email: Email) -> Link:
    """Return the button of the e-mail that was answered; of one that is emptied the home page."""
    link = email.link
    if link.get("signed"):
        return Link(signed=link["signed"], object_id=UUID(link["object"]))
    return Link(page=link.get("page", ""))


def _subject(email: Email) -> str:
    """Return what an e-mail said that it was about; '' of one that is emptied."""
    return subject_of(email) if email.context else ""
