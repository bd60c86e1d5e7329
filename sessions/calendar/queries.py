"""What a person's calendar holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef

from core.common import clock
from core.common.secrets import unseal
from core.members.keys import derived_secret, find_key
from core.members.links import absolute
from core.members.models import Key, Member
from core.notifications.inbound.addresses import Purpose, reply_address
from core.tenancy.models import Organisation
from pairing.models.partnerships import Partnership, PartnershipQuerySet, Seat
from programs.queries.designs import reply_addresses
from sessions.models import replies
from sessions.models.replies import BusyCalendar, CalendarFeed, Rsvp
from sessions.models.sessions import Absence, Session, Turn

PAST_SHOWN = timedelta(days=120)
SEALED = "busy calendar"  # what the address of one is sealed for
# programs look between every five minutes and once a week: who is silent longer reads no more
SUBSCRIBED = timedelta(days=8)


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


@dataclass(frozen=True)
class Subscription:
    """Where calendar programs subscribe to a feed."""

    address: str
    name: str

    @property
    def webcal(self) -> str:
        """Return what makes a calendar program open by itself."""
        return f"webcal://{self.address.partition('://')[2]}"

    @property
    def google(self) -> str:
        query = urlencode({"cid": self.webcal})
        return f"https://calendar.google.com/calendar/render?{query}"

    @property
    def outlook(self) -> str:
        query = urlencode({"url": self.address, "name": self.name})
        return f"https://outlook.office.com/calendar/addfromweb?{query}"

    @property
    def outlook_at_home(self) -> str:
        query = urlencode({"url": self.address, "name": self.name})
        return f"https://outlook.live.com/calendar/0/addfromweb?{query}"


def subscription_to(feed: CalendarFeed, *, name: str) -> Subscription:
    path = f"/calendar/{derived_secret(Key.Kind.CALENDAR, feed.pk)}.ics"
    return Subscription(absolute(path), name)


def busy_calendar_of(member: Member) -> BusyCalendar | None:
    return BusyCalendar.objects.visible_to(member).first()


def address_of(calendar: BusyCalendar) -> str:
    """Return where it is, for its owner's eyes."""
    return unseal(calendar.sealed_address, purpose=SEALED) or ""


def subscribers(people: Iterable[Member]) -> frozenset[UUID]:
    """Return whose calendar program reads their address: events by e-mail would double there."""
    feeds = CalendarFeed.objects.filter(
        member__in=[member.pk for member in people],
        revoked_at=None,
        read_at__gt=clock.now() - SUBSCRIBED,
    )
    return frozenset(feeds.values_list("member", flat=True))


def organizers_of(sessions: Iterable[Session]) -> dict[UUID, str]:
    """Return the address behind each program of these sessions: where answers to its e-mails go."""
    site = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    programs = {session.partnership.cohort.program_id for session in sessions}
    return {program_id: next(iter(reply_addresses(program_id)), site) for program_id in programs}


def organizer_for(member: Member, address: str) -> str:
    """Return where one person's calendar answers instead of that address, if answers are read.

    It is theirs alone, so that nobody can answer for another, and the same for all their events.
    """
    return reply_address(Purpose.CALENDAR, member.pk) or address


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


def left_by(member: Member, session_id: UUID) -> PartnershipQuerySet:
    """Return the partnership of a session to come, if this person has sat there."""
    sat = Seat.objects.filter(partnership=OuterRef("pk"), enrolment__member=member)
    meets = Session.objects.filter(pk=session_id, partnership=OuterRef("pk"))
    rows = Partnership.objects.visible_to(member).select_related("organisation")
    return rows.filter(Exists(sat), Exists(meets))


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
