"""Turns that change hands by agreement: swaps, stand-ins, turns declined, people coming forward."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from core.notifications.operations import withdraw as withdraw_emails
from core.tenancy import due
from pairing.errors import NotTheirs
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import lock_partnership, require_seat
from programs.models.parts import MeetingRole
from sessions.errors import (
    AlreadyBegun,
    HolderAbsent,
    NotPlanned,
    OfferClosed,
    OfferOutdated,
    TurnAlreadyAsked,
    TurnDeclined,
    TurnsClash,
    TurnTaken,
)
from sessions.models.offers import DeclineReason, DeclineWords, TurnDecline, TurnOffer
from sessions.models.sessions import Absence, Session, Turn
from sessions.rotation import texts as rotation_texts
from sessions.rotation.emails import ask_for_turn, tell_answer, tell_turns
from sessions.rotation.engine.shapes import ReasonCode
from sessions.rotation.engine.standins import stand_ins
from sessions.rotation.operations.rotation import replan
from sessions.rotation.queries.rotation import read_rotation
from sessions.rotation.queries.turns import differences, turns_to_come

ANSWER_WITHIN = timedelta(days=3)
TIME_TO_ASK = timedelta(hours=48)  # a session sooner than that is filled by the rotation at once
SETTLED_BEFORE = timedelta(hours=36)  # no proposal for a stand-in stays open longer than until then


@transaction.atomic
def request_swap(*, mine: Turn, theirs: Turn, by: Member) -> TurnOffer:
    """Ask somebody to exchange one of their turns to come for one of mine; both stay until then.

    Where one of us has another role in the other's session, the two roles change hands there.
    Raises NotTheirs, NotPlanned, AlreadyBegun, HolderAbsent, TurnAlreadyAsked.
    """
    partnership = lock_partnership(mine.session.partnership)
    seat = require_seat(partnership, by)
    if mine.seat_id != seat.pk or theirs.session.partnership_id != partnership.pk:
        raise NotTheirs
    if theirs.seat_id == seat.pk or theirs.seat.left_at is not None:
        raise NotTheirs
    for session in (mine.session, theirs.session):
        require_to_come(session)
    _require_coming(mine.session, theirs.seat)
    _require_coming(theirs.session, seat)
    starts = min(mine.session.starts_at, theirs.session.starts_at)
    return _ask(
        TurnOffer(
            kind=TurnOffer.Kind.SWAP,
            session=mine.session,
            role=mine.role,
            giver=seat,
            asked=theirs.seat,
            return_session=theirs.session,
            return_role=theirs.role,
            asked_at=clock.now(),
            expires_at=min(clock.now() + ANSWER_WITHIN, starts),
        ),
        by=by,
    )


@transaction.atomic
def answer_offer(*, offer: TurnOffer, accepts: bool, by: Member) -> TurnOffer:
    """Agree to take a turn, or decline; only who was asked may.

    Agreed, the turns change hands and stay so; the turns to come even out. A stand-in declined is
    proposed to the next. Raises NotTheirs, OfferClosed, OfferOutdated, TurnsClash, HolderAbsent.
    """
    partnership = lock_partnership(offer.session.partnership)
    if require_seat(partnership, by).pk != offer.asked_id:
        raise NotTheirs
    _close(offer, TurnOffer.State.ACCEPTED if accepts else TurnOffer.State.DECLINED)
    record(by=by, verb="turn_offer.accepted" if accepts else "turn_offer.declined", target=offer)
    if accepts:
        _exchange(offer)
    tell_answer(offer=offer, accepted=accepts)
    if not accepts and offer.kind == TurnOffer.Kind.STAND_IN:
        _ask_next(offer.session, offer.role, offer.giver, by=None)
    return offer


@transaction.atomic
def withdraw_offer(*, offer: TurnOffer, by: Member) -> TurnOffer:
    """Take back a swap that I asked for; raises NotTheirs, OfferClosed."""
    lock_partnership(offer.session.partnership)
    if offer.kind != TurnOffer.Kind.SWAP or offer.giver.enrolment.member_id != by.pk:
        raise NotTheirs
    _withdraw(offer)
    record(by=by, verb="turn_offer.withdrawn", target=offer)
    return offer


@transaction.atomic
def decline_turn(*, turn: Turn, reason: str, by: Member, words: str = "") -> TurnDecline:
    """Give up one's own turn in a session that one comes to; somebody else is asked.

    `words` go to the circle alone. Raises NotTheirs, NotPlanned, AlreadyBegun, TurnDeclined;
    ValueError for a reason that is not a DeclineReason.
    """
    session, role = turn.session, turn.role
    partnership = lock_partnership(session.partnership)
    seat = require_seat(partnership, by)
    if turn.seat_id != seat.pk:
        raise NotTheirs
    require_to_come(session)
    with refusing("turn_decline_once", TurnDeclined()):
        declined = TurnDecline.objects.create(
            session=session,
            role=role,
            seat=seat,
            reason=DeclineReason(reason),
            declined_at=clock.now(),
        )
    if words.strip():
        seats = Seat.objects.open().filter(partnership=partnership).select_related("enrolment")
        DeclineWords.objects.create(
            partnership=partnership,
            decline=declined,
            text=words.strip(),
            readers=[other.enrolment.member_id for other in seats],
        )
    record(by=by, verb="turn.declined", target=session)
    free_turn(session=session, role=role, giver=seat, by=by)
    return declined


@transaction.atomic
def take_turn(*, session: Session, role: MeetingRole, by: Member) -> Turn:
    """Come forward for a role that nobody holds; whoever is first has it, and it stays.

    Raises NotTheirs, NotPlanned, AlreadyBegun, HolderAbsent, TurnsClash, TurnTaken.
    """
    partnership = lock_partnership(session.partnership)
    seat = require_seat(partnership, by)
    if role.program_id != partnership.cohort.program_id:
        raise NotTheirs
    require_to_come(session)
    _require_coming(session, seat)
    turn = _give(session, role, seat, reason=rotation_texts.VOLUNTEERED)
    for offer in TurnOffer.objects.open().filter(session=session, role=role):
        _withdraw(offer)
    record(by=by, verb="turn.taken", target=session)
    replan(partnership=partnership)
    return turn


def free_turn(*, session: Session, role: MeetingRole, giver: Seat, by: Member | None) -> None:
    """Let go of a turn whose holder will not hold it, and ask the fairest other for it.

    Where there is no time to ask, or nobody to be asked, the rotation decides at once.
    """
    Turn.objects.filter(session=session, role=role, seat=giver).delete()
    now = clock.now()
    Session.objects.filter(pk=session.pk).update(changed_at=now, sequence=F("sequence") + 1)
    _ask_next(session, role, giver, by=by)


def ask_another(*, session: Session, seat: Seat) -> None:
    """Ask the next where somebody who cannot come had been asked to stand in there."""
    offers = TurnOffer.objects.open().filter(session=session, asked=seat).for_list()
    for offer in offers:
        _withdraw(offer)
        if offer.kind == TurnOffer.Kind.STAND_IN:
            _ask_next(offer.session, offer.role, offer.giver, by=None)


def take_back(*, session: Session, seat: Seat) -> None:
    """Give a turn back to who let it go and can come after all, while nobody has taken it."""
    open_ones = TurnOffer.objects.open().filter(
        session=session, giver=seat, kind=TurnOffer.Kind.STAND_IN
    )
    for offer in open_ones.for_list():
        _withdraw(offer)
        if Turn.objects.filter(session=session, role=offer.role).exists():
            continue
        turn = _give(session, offer.role, seat, reason=str(ReasonCode.IN_TURN))
        Turn.objects.filter(pk=turn.pk).update(locked=False)


def ask_nobody_more(*, session: Session, role: MeetingRole) -> None:
    """Take back who was asked to stand in: the turn has been given by hand."""
    offers = TurnOffer.objects.open().filter(
        session=session, role=role, kind=TurnOffer.Kind.STAND_IN
    )
    for offer in offers.for_list():
        _withdraw(offer)


@transaction.atomic
def settle_offers(*, at: datetime) -> int:
    """Close what was not answered in time; the rotation fills what nobody has taken.

    Returns how many were closed; safe to repeat.
    """
    late = TurnOffer.objects.open().filter(expires_at__lte=at).for_list().order_by("id")
    closed = 0
    for offer in late:
        lock_partnership(offer.session.partnership)
        try:
            _close(offer, TurnOffer.State.EXPIRED, late=True)
        except OfferClosed:
            continue
        closed += 1
        withdraw_emails(about=offer.pk)
        if offer.kind == TurnOffer.Kind.STAND_IN:
            decide(partnership=offer.session.partnership)
    return closed


def decide(*, partnership: Partnership, by: Member | None = None) -> None:
    """Let the rotation fill what is open, and write to those whose turns move by it."""
    at = clock.now()
    before = turns_to_come(partnership=partnership, at=at)
    replan(partnership=partnership)
    after = turns_to_come(partnership=partnership, at=at)
    tell_turns(partnership=partnership, moved=differences(before, after), by=by)


def _ask_next(session: Session, role: MeetingRole, giver: Seat, *, by: Member | None) -> None:
    """Propose a turn to the fairest person who has not been asked for it yet."""
    partnership = session.partnership
    at = clock.now()
    best = None
    if session.starts_at - at >= TIME_TO_ASK:
        already_asked = set(
            TurnOffer.objects.filter(session=session, role=role).values_list("asked", flat=True)
        )
        rotation = read_rotation(partnership=partnership, at=at)
        if str(giver.pk) in rotation.seats and role.key in rotation.role_rows:
            candidates = stand_ins(
                rotation.season, meeting=str(session.pk), role=role.key, giver=str(giver.pk)
            )
            best = next(
                (c for c in candidates if rotation.seats[c.member].pk not in already_asked), None
            )
    if best is None:
        decide(partnership=partnership, by=by)
        return
    returns = next((s for s in rotation.to_plan if str(s.pk) == best.returns), None)
    _ask(
        TurnOffer(
            kind=TurnOffer.Kind.STAND_IN,
            session=session,
            role=role,
            giver=giver,
            asked=rotation.seats[best.member],
            return_session=returns,
            return_role=role if returns else None,
            asked_at=at,
            expires_at=min(at + ANSWER_WITHIN, session.starts_at - SETTLED_BEFORE),
        ),
        by=by,
    )


def _ask(offer: TurnOffer, *, by: Member | None) -> TurnOffer:
    with refusing("turn_offer_one_open", TurnAlreadyAsked()):
        offer.save(force_insert=True)
    due.mark(at=offer.expires_at)
    record(by=by, verb="turn_offer.made", target=offer)
    ask_for_turn(offer=offer)
    return offer


def _close(offer: TurnOffer, state: str, *, late: bool = False) -> None:
    """Close an offer exactly once: who comes second, or too late, is refused."""
    now = clock.now()
    still = TurnOffer.objects.open().filter(pk=offer.pk)
    if not late and state != TurnOffer.State.WITHDRAWN:
        still = still.filter(expires_at__gt=now)
    if not still.update(state=state, answered_at=now):
        raise OfferClosed
    offer.state, offer.answered_at = state, now


def _withdraw(offer: TurnOffer) -> None:
    _close(offer, TurnOffer.State.WITHDRAWN)
    withdraw_emails(about=offer.pk)


def _exchange(offer: TurnOffer) -> None:
    require_to_come(offer.session)
    swap = offer.kind == TurnOffer.Kind.SWAP
    mine = Turn.objects.filter(session=offer.session, role=offer.role, seat=offer.giver).first()
    theirs = _in_return(offer)
    if swap and (mine is None or theirs is None):
        raise OfferOutdated
    _hand_on(offer.session, offer.role, offer.giver if swap else None, offer.asked)
    if theirs:
        _hand_on(theirs.session, theirs.role, offer.asked, offer.giver)
    replan(partnership=offer.session.partnership)


def _in_return(offer: TurnOffer) -> Turn | None:
    """Return the turn that the asked gives in return, if they still hold it and the giver comes."""
    if offer.return_session is None:
        return None
    theirs = Turn.objects.filter(
        session=offer.return_session, role=offer.return_role, seat=offer.asked
    )
    turn = theirs.select_related("session", "role").first()
    try:
        if turn:
            require_to_come(turn.session)
            _require_coming(turn.session, offer.giver)
    except (NotPlanned, AlreadyBegun, HolderAbsent):
        if offer.kind == TurnOffer.Kind.SWAP:
            raise
        return None  # a stand-in helps out; what was to come in return is no longer possible
    return turn


def _hand_on(session: Session, role: MeetingRole, giver: Seat | None, taker: Seat) -> None:
    """Give a turn to `taker`; the role they have there already goes to `giver`, who is there."""
    _require_coming(session, taker)
    other = Turn.objects.filter(session=session, seat=taker).select_related("role").first()
    if other and giver is None:
        raise TurnsClash
    Turn.objects.filter(session=session, role=role).delete()
    if other:
        Turn.objects.filter(pk=other.pk).delete()
    _give(session, role, taker, reason=rotation_texts.AGREED)
    if other and giver and other.role_id != role.pk:
        _give(session, other.role, giver, reason=rotation_texts.AGREED)


def _give(session: Session, role: MeetingRole, seat: Seat, *, reason: str) -> Turn:
    with (
        refusing("turn_one_holder", TurnTaken()),
        refusing("turn_one_role_each", TurnsClash()),
    ):
        turn = Turn.objects.create(
            session=session, role=role, seat=seat, reason=reason, locked=True
        )
    Session.objects.filter(pk=session.pk).update(changed_at=clock.now(), sequence=F("sequence") + 1)
    return turn


def require_to_come(session: Session) -> None:
    """Read the session again; raise NotPlanned or AlreadyBegun if nobody can say any more."""
    session.refresh_from_db(fields=["state", "starts_at"])
    if not session.is_planned:
        raise NotPlanned
    if session.starts_at <= clock.now():
        raise AlreadyBegun


def _require_coming(session: Session, seat: Seat) -> None:
    if Absence.objects.filter(session=session, seat=seat).exists():
        raise HolderAbsent
