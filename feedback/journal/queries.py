"""A person's own journal, and the session that they may want to think about."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from core.members.models import Member
from core.tenancy.days import day_of
from feedback.journal.prompts import CAME, HELD, LED, prompt_of
from feedback.models.journal import JournalEntry, JournalEntryQuerySet
from sessions.models.sessions import Attendance, Session, SessionQuerySet, Turn

LATELY = timedelta(days=7)  # so long after a session home asks what stays of it


def entries_of(member: Member, words: str = "") -> JournalEntryQuerySet:
    """Return this person's entries, those with these words in them; a deleted one is empty."""
    rows = JournalEntry.objects.visible_to(member).exclude(text="").for_list()
    return rows.filter(text__icontains=words) if words else rows


def attended(member: Member) -> SessionQuerySet:
    """Return the sessions that were held and at which this person was."""
    present = Attendance.objects.filter(
        session=OuterRef("pk"), seat__enrolment__member=member, kind=Attendance.Kind.PRESENT
    )
    rows = Session.objects.visible_to(member).filter(Exists(present), state=Session.State.HELD)
    return rows.select_related("organisation", "partnership")


def to_reflect_on(member: Member, *, at: datetime) -> Session | None:
    """Return the last session of these days of which this person has written nothing yet.

    What they wrote and deleted counts: they have thought about it.
    """
    written = JournalEntry.objects.visible_to(member).filter(session=OuterRef("pk"))
    rows = attended(member).filter(~Exists(written), day__gt=day_of(at - LATELY))
    return rows.order_by("-starts_at", "-id").first()


def prompt_for(session: Session, member: Member) -> str:
    """Return the key of the question for this person: by the role they held in the session."""
    turns = Turn.objects.filter(session=session, seat__enrolment__member=member)
    roles = set(turns.values_list("role__leads", flat=True))
    kind = LED if True in roles else HELD if roles else CAME
    return prompt_of(kind, session.number)
