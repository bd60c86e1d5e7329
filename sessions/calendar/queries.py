"""What a person's calendar holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef

from core.members.keys import find_key
from core.members.models import Key, Member
from core.tenancy.models import Organisation
from pairing.models.partnerships import Seat
from sessions.models import replies
from sessions.models.replies import CalendarFeed, Rsvp
from sessions.models.sessions import Absence, Session, Turn

PAST_SHOWN = timedelta(days=120)


def calendar_link(secret: str) -> tuple[Organisation, UUID] | None:
    """Return the organisation and feed that a calendar's secret opens; None for any other."""
    key = find_key(Key.Kind.CALENDAR, secret)
    return (key.organisation, key.object_id) if key else None


def calendar_member(feed_id: UUID) -> Member | None:
    feed = (
        CalendarFeed.objects.filter(pk=feed_id, revoked_at=None, member__state=Member.State.LIVE)
        .select_related("member__organisation")
        .first()
    )
    return feed.member if feed else None


def open_feed(member: Member) -> CalendarFeed | None:
    return CalendarFeed.objects.visible_to(member).filter(revoked_at=None).first()


def calendar_content(*, member: Member, at: datetime) -> tuple[list[Session], dict[UUID, Turn]]:
    """Return a person's sessions from four months ago on, and their turns by session.

    Cancelled ones are among them, so that calendars take them out.
    """
    mine = Seat.objects.open().filter(
        partnership=OuterRef("partnership_id"), enrolment__member=member
    )
    sessions = list(
        Session.objects.filter(Exists(mine), starts_at__gte=at - PAST_SHOWN)
        .for_list()
        .order_by("starts_at", "id")
    )
    turns = Turn.objects.filter(
        session__in=[session.pk for session in sessions], seat__enrolment__member=member
    ).select_related("role")
    return sessions, {turn.session_id: turn for turn in turns}


def turn_of(session: Session, member: Member) -> Turn | None:
    mine = Turn.objects.filter(session=session, seat__enrolment__member=member)
    return mine.select_related("role").first()


def answers_by_member(session: Session) -> dict[UUID, replies.PartStat]:
    """Return what each partner has answered, as calendars say it."""
    seats = dict(
        Seat.objects.open()
        .filter(partnership=session.partnership_id)
        .values_list("pk", "enrolment__member")
    )
    answers: dict[UUID, replies.PartStat] = {}
    for seat_id in Rsvp.objects.filter(session=session).values_list("seat", flat=True):
        answers[seat_id] = replies.PartStat.ACCEPTED
    for seat_id in Absence.objects.filter(session=session).values_list("seat", flat=True):
        answers[seat_id] = replies.PartStat.DECLINED
    return {member: answers[seat] for seat, member in seats.items() if seat in answers}
