"""Announcements: written, changed until they are sent, sent when it is time, and read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from core.accounts.errors import SegmentGone
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.common.rows import row_by_row
from core.members.models import Member, Segment
from core.notifications.markdown import as_text
from core.notifications.operations import Draft, Link, enqueue_all
from core.tenancy import due
from programs.community.queries import people_meant
from programs.errors import AnnouncementSent, NobodyToTell
from programs.models.community import Announcement, AnnouncementCopy
from programs.models.programs import Cohort, Program

KIND = "programs.announcement"
LONGEST = 4000  # characters of the text in an e-mail; the page has all of it
AT_ONCE = 1000


@transaction.atomic
def write_announcement(
    *,
    program: Program,
    cohort: Cohort | None,
    title: str,
    text: str,
    send_at: datetime | None,
    by: Member,
    part: str = "",
    state: str = "",
    answered: str = "",
    chosen: Sequence[UUID] = (),
    segment: Segment | None = None,
) -> Announcement:
    """Write one, to be sent at that moment or now.

    Raises NobodyToTell if it means nobody, SegmentGone if the segment was deleted meanwhile.
    """
    with _refusing_segment():
        announcement = Announcement.objects.create(
            program=program,
            cohort=cohort,
            author=by,
            title=title,
            text=text,
            part=part,
            state=state,
            answered=answered,
            chosen=list(chosen),
            segment=segment,
            send_at=send_at or clock.now(),
        )
    record(by=by, verb="announcement.written", target=announcement)
    _plan(announcement)
    return announcement


@transaction.atomic
def change_announcement(
    *,
    announcement: Announcement,
    title: str,
    text: str,
    send_at: datetime | None,
    by: Member,
    part: str = "",
    state: str = "",
    answered: str = "",
    segment: Segment | None = None,
) -> Announcement:
    """Change what has not been sent; raises AnnouncementSent, NobodyToTell, or SegmentGone."""
    row = _waiting(announcement)
    row.title, row.text, row.part, row.state, row.answered = title, text, part, state, answered
    row.send_at = send_at or clock.now()
    if row.segment_id and segment is None:
        row.chosen = []  # whom the segment meant
    row.segment = segment
    with _refusing_segment():
        row.save()
    record(by=by, verb="announcement.changed", target=row)
    _plan(row)
    return row


@transaction.atomic
def drop_announcement(*, announcement: Announcement, by: Member) -> None:
    """Delete what has not been sent; raises AnnouncementSent."""
    row = _waiting(announcement)
    record(by=by, verb="announcement.dropped", target=row)
    row.delete()


def _waiting(announcement: Announcement) -> Announcement:
    """Return it locked; a sending that comes at the same time waits, or was first."""
    row = Announcement.objects.select_for_update().filter(pk=announcement.pk).first()
    if row is None or row.is_sent:
        raise AnnouncementSent
    return row


def _refusing_segment() -> AbstractContextManager[None]:
    return refusing("programs_announcement_segment_id_same", SegmentGone())


def _plan(announcement: Announcement) -> None:
    if not people_meant(announcement).exists():
        raise NobodyToTell
    if announcement.segment_id:
        # what it goes by if the segment is deleted before, and what keeps it from everybody else
        announcement.chosen = list(people_meant(announcement).values_list("pk", flat=True))
        announcement.save(update_fields=["chosen"])
    if announcement.send_at <= clock.now():
        _send(announcement, clock.now())
    else:
        due.mark_once(at=announcement.send_at)


@transaction.atomic
def send_due_announcements(*, at: datetime) -> int:
    """Send those whose time has come, to whom they mean by then; return how many."""
    rows = Announcement.objects.filter(sent_at=None, send_at__lte=at).for_list()
    return row_by_row(rows.order_by("send_at", "id"), lambda row: _send(row, at))


def _send(announcement: Announcement, at: datetime) -> None:
    waiting = Announcement.objects.filter(pk=announcement.pk, sent_at=None)
    if not waiting.update(sent_at=at):
        return
    announcement.sent_at = at
    people = list(people_meant(announcement))
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        AnnouncementCopy.objects.bulk_create(
            [AnnouncementCopy(announcement=announcement, member=member) for member in some],
            ignore_conflicts=True,
        )
        enqueue_all([_email(announcement, member) for member in some])
    announcement.told = len(people)
    Announcement.objects.filter(pk=announcement.pk).update(told=len(people))
    record(by=None, verb="announcement.sent", target=announcement, people=len(people))


def _email(announcement: Announcement, member: Member) -> Draft:
    text = as_text(announcement.text)
    return Draft(
        member=member,
        kind=KIND,
        program=announcement.program_id,
        dedupe_key=f"{KIND}:{announcement.pk}:{member.pk}",
        link=Link(page=announcement.get_absolute_url()),
        context={
            "title": announcement.title,
            "text": text if len(text) <= LONGEST else f"{text[:LONGEST]} …",
            "by": announcement.author.full_name,
            "program": announcement.program.name,
        },
        about=announcement.pk,
    )


@transaction.atomic
def read_announcement(*, announcement: Announcement, by: Member) -> None:
    """Note that somebody has read it: it counts once, and pages show the number alone."""
    if not announcement.is_sent:
        return
    now = clock.now()
    copies = AnnouncementCopy.objects.filter(announcement=announcement, member=by)
    if copies.filter(read_at=None).update(read_at=now):
        Announcement.objects.filter(pk=announcement.pk).update(reads=F("reads") + 1)
