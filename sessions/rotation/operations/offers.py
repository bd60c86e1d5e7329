"""Turns that change hands by agreement: swaps, stand-ins, turns declined, people coming forward."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.common.rows import row_by_row
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
from sessions.rotation.emails import ask_for_turn, tell_answer
from sessions.rotation.engine.standins import stand_ins
from sessions.rotation.operations.rotation import SOON, replan
from sessions.rotation.queries.rotation import read_rotation
from sessions.rotation.queries.trained import not_yet_to_lead, require_trained
from sessions.rotation.queries.turns import Holdings, turns_to_come

ANSWER_WITHIN = timedelta(days=3)
TIME_TO_ASK = timedelta(hours=48)  # a session sooner than that is filled by the rotation at once
SETTLED_BEFORE = timedelta(hours=36)  # no proposal for a stand-in stays open longer than until then


@transaction.atomic
def request_swap(*, mine: Turn, theirs: Turn, by: Member) -> TurnOffer:
    """Ask somebody to exchange one of their turns to come for one of mine; both stay until then.

    Where one of us has another role in the other's session, the two roles change hands there.
    Raises NotTheirs, NotPlanned, AlreadyBegun, HolderAbsent, NotTrainedToLead, TurnAlreadyAsked.
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
    require_trained(mine.role, theirs.seat)
    require_trained(theirs.role, seat)
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

    Raises NotTheirs, NotPlanned, AlreadyBegun, HolderAbsent, NotTrainedToLead, TurnsClash,
    TurnTaken.
    """
    partnership = lock_partnership(session.partnership)
    seat = require_seat(partnership, by)
    if role.program_id != partnership.cohort.program_id:
        raise NotTheirs
    require_to_come(session)
    _require_coming(session, seat)
    if mine := Turn.objects.filter(session=session, role=role, seat=seat).first():
        return mine  # pressed twice
    require_trained(role, seat)
    before = turns_to_come(partnership=partnership, at=clock.now())
    turn = _give(session, role, seat, reason=rotation_texts.VOLUNTEERED)
    for offer in TurnOffer.objects.open().filter(session=session, role=role):
        _withdrawn(offer)
    record(by=by, verb="turn.taken", target=session)
    replan(partnership=partnership, cause=session.pk, before=before)
    return turn


def free_turn(*, session: Session, role: MeetingRole, giver: Seat, by: Member | None) -> None:
    """Let go of a turn whose holder will not hold it, and ask the fairest other for it.

    Where there is no time to ask, or nobody to be asked, the rotation decides at once.
    """
    now = clock.now()
    before = turns_to_come(partnership=session.partnership, at=now)
    Turn.objects.filter(session=session, role=role, seat=giver).delete()
    Session.objects.filter(pk=session.pk).update(changed_at=now, sequence=F("sequence") + 1)
    _ask_next(session, role, giver, by=by, before=before)


def ask_another(*, session: Session, seat: Seat) -> None:
    """Ask the next where somebody who cannot come had been asked to stand in there."""
    offers = TurnOffer.objects.open().filter(session=session, asked=seat).for_list()
    for offer in offers:
        if _withdrawn(offer) and offer.kind == TurnOffer.Kind.STAND_IN:
            _ask_next(offer.session, offer.role, offer.giver, by=None)


def take_back(*, session: Session, seat: Seat) -> None:
    """Give a turn back to who let it go and can come after all, while nobody has taken it."""
    open_ones = TurnOffer.objects.open().filter(
        session=session, giver=seat, kind=TurnOffer.Kind.STAND_IN
    )
    for offer in open_ones.for_list():
        if not _withdrawn(offer) or Turn.objects.filter(session=session, role=offer.role).exists():
            continue
        _pass_on(session, offer.role, seat)


def ask_nobody_more(*, session: Session, role: MeetingRole) -> None:
    """Take back who was asked to stand in: the turn has been given by hand."""
    offers = TurnOffer.objects.open().filter(
        session=session, role=role, kind=TurnOffer.Kind.STAND_IN
    )
    for offer in offers.for_list():
        _withdrawn(offer)


@transaction.atomic
def settle_offers(*, at: datetime) -> int:
    """Close what was not answered in time, or has no answer any more; the rotation fills the gaps.

    Returns how many were closed; safe to repeat.
    """

    def expire(offer: TurnOffer) -> None:
        lock_partnership(offer.session.partnership)
        _close(offer, TurnOffer.State.EXPIRED, late=True)
        withdraw_emails(about=offer.pk)
        if offer.kind == TurnOffer.Kind.STAND_IN:
            replan(partnership=offer.session.partnership, cause=offer.session_id)

    closed = _close_overtaken()
    late = TurnOffer.objects.open().filter(expires_at__lte=at).for_list().order_by("id")
    return closed + row_by_row(late, expire, refusals=(OfferClosed,))


def stand_in_for_leavers(*, at: datetime) -> int:
    """Fill the turns of who has left in sessions that are on or begin within a day.

    The season is not dealt anew so late: beside a first-time leader sits a buddy, who leads then;
    for other turns somebody is asked to stand in.  Returns how many turns; safe to repeat.
    """
    soon = Turn.objects.filter(
        seat__left_at__isnull=False,
        session__state=Session.State.PLANNED,
        session__starts_at__lte=at + SOON,
        session__starts_at__gt=at - timedelta(days=1),
        session__partnership__state=Partnership.State.ACTIVE,
    ).select_related("session__partnership", "role", "seat__enrolment__member", "buddy")

    def fill(turn: Turn) -> int:
        lock_partnership(turn.session.partnership)
        if turn.session.ends_at > at and turn.seat.left_at < turn.session.ends_at:
            return _fill_for_leaver(turn, at)
        return 0

    return row_by_row(soon.order_by("session__starts_at", "role__priority"), fill)


def _fill_for_leaver(turn: Turn, at: datetime) -> bool:
    session, role = turn.session, turn.role
    before = turns_to_come(partnership=session.partnership, at=at)
    begun = session.starts_at <= at
    buddy = turn.buddy
    if buddy and (buddy.left_at or Absence.objects.filter(session=session, seat=buddy).exists()):
        buddy = None
    if begun and buddy is None:
        return False  # they sit together: the room is handed to somebody there
    turn.delete()
    if buddy:
        theirs = Turn.objects.filter(session=session, seat=buddy)
        given_up = [row.role for row in theirs.select_related("role")]
        theirs.delete()
        _pass_on(session, role, buddy)
    else:
        given_up = [role]
        Session.objects.filter(pk=session.pk).update(changed_at=at, sequence=F("sequence") + 1)
    if not begun:
        for open_role in given_up:
            _ask_soon(session, open_role, turn.seat, at)
    replan(
        partnership=session.partnership,
        before=before,
        mends=False,
        still_until=at + SOON,
    )
    return True


def _ask_soon(session: Session, role: MeetingRole, giver: Seat, at: datetime) -> None:
    """Ask who comes, holds nothing there and has held this role least, until it begins."""
    busy = Turn.objects.filter(session=session, seat=OuterRef("pk"))
    away = Absence.objects.filter(session=session, seat=OuterRef("pk"))
    held = Turn.objects.filter(session__partnership=session.partnership, role=role)
    counts = Counter(held.values_list("seat", flat=True))
    free = Seat.objects.open().filter(~Exists(busy), ~Exists(away), partnership=session.partnership)
    if role.leads:
        free = free.exclude(pk__in=not_yet_to_lead(free).values("pk"))
    stand_in = min(free.order_by("taken_at", "id"), key=lambda seat: counts[seat.pk], default=None)
    if stand_in is None:
        return
    _ask(
        TurnOffer(
            kind=TurnOffer.Kind.STAND_IN,
            session=session,
            role=role,
            giver=giver,
            asked=stand_in,
            asked_at=at,
            expires_at=session.starts_at,
        ),
        by=None,
    )


def _close_overtaken() -> int:
    """Take back what is asked in a partnership that is over, or of somebody who has left it."""
    open_ones = TurnOffer.objects.open().filter(
        ~Q(session__partnership__state__in=Partnership.OPEN)
        | ~Q(session__state=Session.State.PLANNED)
        | Q(giver__left_at__isnull=False, return_session__isnull=False)
        | Q(asked__left_at__isnull=False)
    )
    concerned = Partnership.objects.filter(pk__in=open_ones.values("session__partnership"))

    def close(partnership: Partnership) -> int:
        before = open_ones.filter(session__partnership=partnership).count()
        replan(partnership=partnership)
        return before

    return row_by_row(concerned.order_by("id"), close)


def _ask_next(
    session: Session,
    role: MeetingRole,
    giver: Seat,
    *,
    by: Member | None,
    before: Holdings | None = None,
) -> None:
    """Propose a turn to the fairest person who has not been asked for it yet.

    `before` are the turns to come before the act that has let go of it.
    """
    partnership = session.partnership
    at = clock.now()
    cause = None if giver.left_at else session.pk  # somebody who leaves, leaves more than this turn
    best = None
    rotation = read_rotation(partnership=partnership, at=at)
    if rotation.is_pair:
        _exchange_with_next(session, role, giver)
    elif session.starts_at - at >= TIME_TO_ASK:
        earlier = TurnOffer.objects.filter(session=session, role=role)
        already_asked = set(
            earlier.exclude(state=TurnOffer.State.WITHDRAWN).values_list("asked", flat=True)
        )
        if str(giver.pk) in rotation.seats and role.key in rotation.role_rows:
            candidates = stand_ins(
                rotation.season, meeting=str(session.pk), role=role.key, giver=str(giver.pk)
            )
            best = next(
                (c for c in candidates if rotation.seats[c.member].pk not in already_asked), None
            )
    if best is None:
        replan(partnership=partnership, cause=cause, before=before)
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
    replan(partnership=partnership, cause=cause, before=before, mends=False)


def _exchange_with_next(session: Session, role: MeetingRole, giver: Seat) -> None:
    """Let the two of a pair change places in this session and in the next that the other has.

    The other takes the turn and lets go of what they had there; all else stays.  For the last
    session it is the one before.
    """
    other = Seat.objects.open().filter(partnership=session.partnership).exclude(pk=giver.pk).get()
    if Absence.objects.filter(session=session, seat=other).exists():
        return
    if role.leads and not_yet_to_lead(Seat.objects.filter(pk=other.pk)).exists():
        return
    mine = Turn.objects.filter(session=session, seat=other).select_related("role").first()
    if mine and mine.locked:
        return
    if mine:
        mine.delete()
    _pass_on(session, role, other)
    theirs_to_come = Turn.objects.filter(
        session__in=Session.objects.upcoming(clock.now()).filter(partnership=session.partnership),
        role=role,
        seat=other,
        locked=False,
    ).exclude(session__absences__seat=giver)
    ordered = theirs_to_come.exclude(session=session).select_related("session")
    ordered = ordered.order_by("session__starts_at")
    following = ordered.filter(session__starts_at__gt=session.starts_at).first() or ordered.last()
    if following is None:
        return
    theirs = Turn.objects.filter(session=following.session, seat=giver).select_related("role")
    in_return = theirs.first()
    if in_return and in_return.locked:
        return
    following.delete()
    if in_return:
        in_return.delete()
        _pass_on(following.session, in_return.role, other)
    _pass_on(following.session, role, giver)


def _pass_on(session: Session, role: MeetingRole, seat: Seat) -> None:
    """Give a turn that the rotation may still move."""
    turn = _give(session, role, seat, reason=rotation_texts.TAKING_TURNS)
    Turn.objects.filter(pk=turn.pk).update(locked=False)


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


def _withdrawn(offer: TurnOffer) -> bool:
    """Take back an offer unless it has been closed meanwhile; say whether it was open."""
    try:
        _withdraw(offer)
    except OfferClosed:
        return False
    return True


def _exchange(offer: TurnOffer) -> None:
    require_to_come(offer.session)
    before = turns_to_come(partnership=offer.session.partnership, at=clock.now())
    swap = offer.kind == TurnOffer.Kind.SWAP
    mine = Turn.objects.filter(session=offer.session, role=offer.role, seat=offer.giver).first()
    theirs = _in_return(offer)
    if swap and (mine is None or theirs is None):
        raise OfferOutdated
    _hand_on(offer.session, offer.role, offer.giver if swap else None, offer.asked)
    if theirs:
        _hand_on(theirs.session, theirs.role, offer.asked, offer.giver)
    replan(partnership=offer.session.partnership, cause=offer.session_id, before=before)


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
    require_trained(role, taker)
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
