"""The outbox: an e-mail is a row first; the broker only ever carries "look now"."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from celery import current_app
from django.db import connection, transaction
from django.db.models import Q

from core.common import clock
from core.common.dates import settled
from core.members.languages import in_language_of
from core.members.models import Member
from core.notifications.channels import CHANNELS
from core.notifications.channels.base import Channel
from core.notifications.channels.in_app import shown_from
from core.notifications.kinds import KINDS, NUDGES
from core.notifications.models import (
    Email,
    Envelope,
    IncomingWebhook,
    KindPace,
    MutedKind,
    QuietHours,
)
from core.notifications.pacing import Hours, Pace
from core.notifications.timetable import DIGEST, LATELY, Timetable, held_for, unclaimed
from core.notifications.words import in_words_of
from core.tenancy.context import current_organisation_id

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True)
class Link:
    """What the one button of an e-mail opens.

    `page` is a path below `/o/`; `signed` a purpose with the row it leads to (no sign-in);
    `key` a kind of Key with its row.  Links are made when the e-mail is written out.
    """

    page: str = ""
    signed: str = ""
    key: str = ""
    object_id: UUID | None = None

    def as_json(self) -> dict[str, str]:
        object_id = str(self.object_id) if self.object_id else ""
        parts = {"page": self.page, "signed": self.signed, "key": self.key, "object": object_id}
        return {name: value for name, value in parts.items() if value}


@dataclass(frozen=True)
class CalendarPart:
    """One event for the reader's calendar: a whole iCalendar text, with its METHOD."""

    name: str
    method: str
    text: str

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "method": self.method, "text": self.text}


@dataclass(frozen=True)
class Draft:
    """An e-mail that is about to be written; the fields are those of `enqueue`."""

    member: Member
    kind: str
    dedupe_key: str
    link: Link
    context: Mapping[str, object] = field(default_factory=dict)
    about: UUID | None = None
    due_at: datetime | None = None
    calendar: Sequence[CalendarPart] = ()
    cause: UUID | None = None
    address: str = ""
    needed_by: datetime | None = None
    program: UUID | None = None
    webhook: IncomingWebhook | None = None


def enqueue(
    *,
    member: Member,
    kind: str,
    dedupe_key: str,
    link: Link,
    context: Mapping[str, object] | None = None,
    about: UUID | None = None,
    due_at: datetime | None = None,
    calendar: Sequence[CalendarPart] = (),
    cause: UUID | None = None,
    address: str = "",
    needed_by: datetime | None = None,
    program: UUID | None = None,
    webhook: IncomingWebhook | None = None,
) -> Email | None:
    """Write an e-mail to be sent when it is due; None if this reason has had its e-mail.

    When that is, its kind, its reader's clock and their choices say, not before `due_at`;
    `needed_by` is when what it speaks of begins, or is answered no more.

    `kind` is `<app>.<name>`: its text is templates/<app>/mail/<name>.md, see texts.py.
    `context` holds plain values for them, never a private body.  `calendar` are events that it
    brings along, the first of them shown by mail programs as an invitation.  `cause` is the id of
    the row whose change is the reason (a partnership that ended, an enrolment withdrawn): it is
    held for a moment, and what that act has to say to one person goes as one message.
    `address` is the mailbox where it is not the person's own.  `program` is whose texts it has,
    and whose coordinator an answer to it goes to.  With `webhook` it is posted there alone, for
    which `member` is the one with whose eyes it was written.
    """
    draft = Draft(
        member=member,
        kind=kind,
        dedupe_key=dedupe_key,
        link=link,
        context=context or {},
        about=about,
        due_at=due_at,
        calendar=calendar,
        cause=cause,
        address=address,
        needed_by=needed_by,
        program=program,
        webhook=webhook,
    )
    written = enqueue_all([draft])
    return written[0] if written else None


@transaction.atomic
def enqueue_all(drafts: Sequence[Draft]) -> list[Email]:
    """Write many e-mails in few statements; return those whose reason had none before.

    Of a nudge that would be the third of a week only the row is written: a coordinator sees it.
    """
    emails = [
        Email(
            member=draft.member,
            address=draft.address,
            kind=draft.kind,
            about_id=draft.about,
            cause_id=draft.cause,
            program_id=draft.program,
            webhook=draft.webhook,
            context=_context_of(draft),
            link=draft.link.as_json(),
            calendar=[part.as_json() for part in draft.calendar],
            dedupe_key=draft.dedupe_key,
            needed_by=draft.needed_by,
        )
        for draft in drafts
    ]
    if not emails:
        return []
    earliest = {
        email.pk: draft.due_at or email.created_at + held_for(email)
        for email, draft in zip(emails, drafts, strict=True)
    }
    for email, draft in zip(emails, drafts, strict=True):
        email.shown_at = shown_from(email, draft.due_at)
    written = _kept(emails)
    table = Timetable(written, earliest)
    _post([*written, *_kept(table.heads)], table)
    if written:
        _hint_once()
    return written


def _context_of(draft: Draft) -> object:
    """Return the values of an e-mail, what is said in words in the language of its reader."""
    with in_language_of(draft.member), in_words_of(draft.program):
        return settled(draft.context)


def _kept(emails: Sequence[Email]) -> list[Email]:
    """Save these and return those whose reason had none before, also between two workers."""
    if not emails:
        return []
    Email.objects.bulk_create(emails, ignore_conflicts=True, batch_size=1000)
    ids = Email.objects.filter(pk__in=[email.pk for email in emails]).values_list("pk", flat=True)
    kept = set(ids)
    return [email for email in emails if email.pk in kept]


def _post(emails: Sequence[Email], table: Timetable) -> None:
    """Write when each is due by each channel, and of which nothing is to be sent."""
    Envelope.objects.bulk_create(
        [
            Envelope(
                organisation_id=current_organisation_id(),
                email_id=email.pk,
                channel=channel.name,
                due_at=place.due_at,
                bundle_id=place.bundle_id,
            )
            for email in emails
            if (place := table.places.get(email.pk))
            for channel in CHANNELS.values()
            if _takes(channel, email)
        ],
        batch_size=1000,
    )
    now = clock.now()
    if table.escalated:
        rows = Email.objects.filter(pk__in=[email.pk for email in table.escalated])
        rows.update(escalated_at=now, withdrawn_at=now, shown_at=None)
    if table.moot:
        rows = Email.objects.filter(pk__in=[email.pk for email in table.moot])
        rows.update(withdrawn_at=now, shown_at=None)


def _takes(channel: type[Channel[Any]], email: Email) -> bool:
    if email.webhook:
        return str(email.webhook.service) == channel.name
    return channel.reaches(email.member)


def _hint_once() -> None:
    """Say "look now" after this commit, once however many e-mails it brings."""
    if all(waiting[1] is not _look_now for waiting in connection.run_on_commit):
        transaction.on_commit(_look_now, robust=True)


def _look_now() -> None:
    # An old hint is worth nothing, and nobody waits for a broker that is away: the sweep looks.
    current_app.send_task("notifications.dispatch", expires=60, retry=False)


def unsent_about() -> set[UUID]:
    """Return what the e-mails are about that still wait to be sent by some channel."""
    waiting = Envelope.objects.filter(
        organisation_id=current_organisation_id(), state=Envelope.State.DUE
    )
    emails = Email.objects.filter(pk__in=list(waiting.values_list("email_id", flat=True)))
    return {about for about in emails.values_list("about_id", flat=True) if about}


@transaction.atomic
def withdraw(*, about: UUID | None = None, kind: str = "", member: Member | None = None) -> int:
    """Take back every unsent e-mail about that row, or to that person; return how many that were.

    With `kind` only those of that kind.
    """
    assert about or member, "everybody's e-mails at once is never meant"
    emails = Email.objects.filter(withdrawn_at=None)
    if about:
        emails = emails.filter(about_id=about)
    if kind:
        emails = emails.filter(kind=kind)
    if member:
        emails = emails.filter(member=member)
    return _take_back(emails)


def withdraw_all_but(kept: Q) -> int:
    """Take back every unsent e-mail but these, as when an organisation is closed."""
    return _take_back(Email.objects.filter(withdrawn_at=None).exclude(kept))


def _take_back(emails: QuerySet[Email]) -> int:
    # what one channel has brought may still wait for another
    Envelope.objects.filter(
        organisation_id=current_organisation_id(),
        email_id__in=emails.values("pk"),
        state=Envelope.State.DUE,
    ).update(state=Envelope.State.WITHDRAWN, lease_until=None)
    return emails.filter(sent_at=None).update(withdrawn_at=clock.now(), shown_at=None)


@transaction.atomic
def answered(*, about: UUID, member: Member | None = None) -> None:
    """Note that somebody has done what was asked about that row, and ask again no more.

    Without `member` one answer is everybody's.
    """
    emails = Email.objects.filter(about_id=about, kind__in=NUDGES, answered_at=None)
    if member:
        emails = emails.filter(member=member)
    _take_back(emails.filter(withdrawn_at=None))
    emails.update(answered_at=clock.now())


@transaction.atomic
def choose(
    *,
    member: Member,
    hours: Hours,
    paces: Mapping[str, str],
    muted: Collection[tuple[str, str]],
    unmuted: Collection[tuple[str, str]] = (),
) -> None:
    """Keep when somebody is left in peace, how often each kind comes, and which not, by channel.

    What waits for them already is placed anew.  Raises ValueError for what nobody may choose.
    """
    for kind in paces:
        if not KINDS[kind].can_be_paced:
            raise ValueError(f"{kind} has a time of its own")
    values = {
        "quiet_from": hours.quiet_from,
        "quiet_until": hours.quiet_until,
        "weekends": hours.weekends,
    }
    QuietHours.objects.update_or_create(member=member, defaults=values)
    for kind, pace in paces.items():
        KindPace.objects.update_or_create(member=member, kind=kind, defaults={"pace": Pace(pace)})
    for kind, channel in muted:
        mute(member=member, kind=kind, channel=channel)
    for kind, channel in unmuted:
        unmute(member=member, kind=kind, channel=channel)
    _place_anew(member)


def _place_anew(member: Member) -> None:
    """Give what waits for somebody the time that their choices now say."""
    emails = Email.objects.filter(
        member=member, sent_at=None, withdrawn_at=None, created_at__gt=clock.now() - LATELY
    )
    heads = list(emails.filter(kind=DIGEST).values_list("pk", flat=True))
    waiting = unclaimed().filter(email_id__in=list(emails.values_list("pk", flat=True)))
    envelopes = list(waiting.exclude(email_id__in=heads).select_for_update(skip_locked=True))
    rows = emails.filter(pk__in={envelope.email_id for envelope in envelopes})
    again = list(rows.select_related("member").order_by("created_at", "pk"))
    now = clock.now()
    table = Timetable(
        again, {email.pk: max(now, email.created_at + held_for(email)) for email in again}, heads
    )
    for envelope in envelopes:
        if place := table.places.get(envelope.email_id):
            envelope.due_at, envelope.bundle_id = place.due_at, place.bundle_id
    Envelope.objects.bulk_update(envelopes, ["due_at", "bundle_id"])
    # they lead nothing any more
    waiting.filter(email_id__in=heads).delete()
    emails.filter(pk__in=heads).delete()
    _post(_kept(table.heads), table)


@transaction.atomic
def mute(*, member: Member, kind: str, channel: str) -> None:
    """Send this person no more e-mails of that kind by that channel.

    Raises ValueError for a kind that cannot be turned off.
    """
    if not KINDS[kind].can_be_muted:
        raise ValueError(f"{kind} cannot be turned off")
    MutedKind.objects.get_or_create(member=member, kind=kind, channel=channel)


@transaction.atomic
def unmute(*, member: Member, kind: str, channel: str) -> None:
    """Send e-mails of that kind by that channel again."""
    MutedKind.objects.filter(member=member, kind=kind, channel=channel).delete()


@transaction.atomic
def open_bell(*, by: Member) -> None:
    """Note that somebody has seen all that they have been told until now."""
    Member.objects.filter(pk=by.pk).update(bell_opened_at=clock.now())


@transaction.atomic
def forget(*, member: Member) -> None:
    """Drop all e-mails to somebody who is about to be removed; those unsent never go out."""
    emails = Email.objects.filter(member=member)
    Envelope.objects.filter(
        organisation_id=current_organisation_id(),
        email_id__in=list(emails.values_list("pk", flat=True)),
        state=Envelope.State.DUE,
    ).update(state=Envelope.State.WITHDRAWN, lease_until=None)
    emails.delete()
