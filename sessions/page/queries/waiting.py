"""What the sessions of somebody's partnerships ask of them now, one line each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.members.models import Member
from pairing.models.partnerships import Partnership, Seat, SeatQuerySet
from sessions.models.elections import Election, ElectionVote, Nomination
from sessions.models.offers import TurnOffer
from sessions.models.polls import PollAnswer, TimePoll
from sessions.models.replies import Rsvp
from sessions.models.sessions import Absence, Session, Turn

REPLY_WITHIN = timedelta(days=14)  # nobody is asked about a session that is further away
RECORD_WITHIN = timedelta(days=7)  # then it counts as missed


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for one person: what, where, until when, and the one verb."""

    title: str
    where: str
    verb: str | Promise
    url: str
    by: datetime | None = None


def waiting_for(member: Member, *, at: datetime) -> list[Waiting]:
    """Return what waits for this person, the most urgent kind first; a statement a kind."""
    seats = Seat.objects.filter(
        enrolment__member=member, left_at=None, partnership__state=Partnership.State.ACTIVE
    )
    return [
        *_offers(member, at),
        *_to_record(seats, at),
        *_polls(seats),
        *_elections(seats, at),
        *_replies(seats, at),
    ]


def _offers(member: Member, at: datetime) -> Iterator[Waiting]:
    rows = TurnOffer.objects.asked_of(member).filter(expires_at__gt=at).for_list()
    for offer in rows.order_by("expires_at", "id"):
        yield Waiting(
            _("Take a turn: %(role)s on %(day)s?")
            % {"role": offer.role.name, "day": _day(offer.session.starts_at)},
            _("%(name)s asks, %(where)s")
            % {
                "name": offer.giver.enrolment.member.given_name,
                "where": offer.session.partnership.name,
            },
            _("Answer"),
            offer.get_absolute_url(),
            offer.expires_at,
        )


def _to_record(seats: SeatQuerySet, at: datetime) -> Iterator[Waiting]:
    """Sessions that are over and that this person led, or that nobody did."""
    led = Turn.objects.filter(session=OuterRef("pk"), role__leads=True)
    mine = Exists(led.filter(seat__in=seats)) | ~Exists(led)
    for session in (
        Session.objects.filter(
            mine,
            partnership__in=seats.values("partnership"),
            state=Session.State.PLANNED,
            starts_at__lt=at - timedelta(hours=1),
            starts_at__gt=at - RECORD_WITHIN,
        )
        .select_related("organisation", "partnership")
        .order_by("starts_at", "id")
    ):
        yield Waiting(
            _("Record the session of %(day)s") % {"day": _day(session.starts_at)},
            session.partnership.name,
            _("Record"),
            session.get_absolute_url(),
        )


def _polls(seats: SeatQuerySet) -> Iterator[Waiting]:
    answered = PollAnswer.objects.filter(time__poll=OuterRef("pk"), seat__in=seats)
    rows = TimePoll.objects.filter(
        ~Exists(answered), state=TimePoll.State.OPEN, partnership__in=seats.values("partnership")
    )
    for poll in rows.for_list().order_by("closes_at", "id"):
        yield Waiting(
            _("When are you free?"),
            poll.partnership.name,
            _("Say when"),
            poll.get_absolute_url(),
            poll.closes_at,
        )


def _elections(seats: SeatQuerySet, at: datetime) -> Iterator[Waiting]:
    nominated = Nomination.objects.filter(election=OuterRef("pk"), seat__in=seats)
    voted = ElectionVote.objects.filter(
        election=OuterRef("pk"), seat__in=seats, lap=OuterRef("lap")
    )
    nominate = Q(state=Election.State.NOMINATING, nominate_until__gt=at) & ~Exists(nominated)
    consent = Q(state=Election.State.CONSENT) & ~Exists(voted)
    rows = Election.objects.filter(nominate | consent, partnership__in=seats.values("partnership"))
    for election in rows.for_list().order_by("nominate_until", "id"):
        asks = election.state == Election.State.NOMINATING
        yield Waiting(
            (_("Whom do you nominate: %(role)s?") if asks else _("Do you consent: %(role)s?"))
            % {"role": election.role.name},
            election.partnership.name,
            _("Nominate") if asks else _("Answer"),
            election.get_absolute_url(),
            election.nominate_until if asks else None,
        )


def _replies(seats: SeatQuerySet, at: datetime) -> Iterator[Waiting]:
    """Ask of the next session of each partnership alone: a season has many."""
    replied = Rsvp.objects.filter(session=OuterRef("pk"), seat__in=seats)
    away = Absence.objects.filter(session=OuterRef("pk"), seat__in=seats)
    upcoming = Session.objects.filter(
        partnership__in=seats.values("partnership"),
        state=Session.State.PLANNED,
        starts_at__gt=at,
        starts_at__lt=at + REPLY_WITHIN,
    )
    earlier = upcoming.filter(
        partnership=OuterRef("partnership"), starts_at__lt=OuterRef("starts_at")
    )
    rows = upcoming.filter(~Exists(replied), ~Exists(away), ~Exists(earlier))
    for session in rows.select_related("organisation", "partnership").order_by("starts_at", "id"):
        yield Waiting(
            _("Can you come on %(day)s?") % {"day": _day(session.starts_at)},
            session.partnership.name,
            _("Answer"),
            session.get_absolute_url(),
        )


def _day(instant: datetime) -> str:
    return date_format(localtime(instant), "l j F")
