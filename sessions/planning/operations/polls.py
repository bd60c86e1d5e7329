"""Asking everybody which time suits: opened, answered, closed once, and the best time taken.

The best time is the one at which most people can (yes, or if need be); of equals the one with
most plain yes; of those the earliest.  A meeting takes two, so fewer are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists

from core.audit.operations import record
from core.common import clock
from core.common.errors import DomainError, refusing
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.operations import Draft, Link, answered, enqueue, enqueue_all, withdraw
from core.notifications.render import written
from core.tenancy import due
from core.tenancy.queries import settings_in_force
from pairing.errors import NotTheirs, PartnershipNotActive
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import COORDINATING
from pairing.partnerships.seats import (
    lock_partnership,
    people_told,
    require_partner_or_coordinator,
    seats_not_awaited,
)
from sessions.calendar.emails import standing_events
from sessions.errors import (
    NoSuchTime,
    NotPlanned,
    NotYoursToDecide,
    PollClosed,
    PollInForce,
    PollNeedsTimes,
    StartsInThePast,
)
from sessions.models.polls import PollAnswer, PollTime, TimePoll
from sessions.models.sessions import Session
from sessions.planning.engine.cadence import Cadence
from sessions.planning.operations.changes import answer_for, reschedule, take_back_polls
from sessions.planning.operations.planning import move_season, plan_season
from sessions.planning.queries.availability import cadence_of
from sessions.planning.queries.polls import poll_results

LEAST_TIMES, MOST_TIMES = 3, 6
LAST_CALL = timedelta(days=1)
A_MEETING_TAKES = 2
TIMES = "times"  # the purpose of the signed link that asks which times suit


@transaction.atomic
def open_poll(
    *,
    partnership: Partnership,
    times: Sequence[datetime],
    closes_at: datetime,
    by: Member,
    session: Session | None = None,
    confirms_itself: bool = True,
    cadence: Cadence | None = None,
    count: int | None = None,
) -> TimePoll:
    """Put three to six times to the partners and write to them; return the poll.

    It is about one session that is to be moved, or without one about the season.  Raises
    NotTheirs, PartnershipNotActive, NotPlanned for a session that is over, PollNeedsTimes,
    StartsInThePast unless it closes before the first of the times, and PollInForce while
    another poll of this partnership is.
    """
    require_partner_or_coordinator(partnership=partnership, by=by)
    partnership = lock_partnership(partnership)
    if partnership.state != Partnership.State.ACTIVE:
        raise PartnershipNotActive
    if session and not session.is_planned:
        raise NotPlanned
    at, wanted = clock.now(), sorted(set(times))
    if not LEAST_TIMES <= len(wanted) <= MOST_TIMES:
        raise PollNeedsTimes
    if not at < closes_at <= wanted[0]:
        raise StartsInThePast
    program = partnership.cohort.program
    cadence = cadence or cadence_of(program)
    with refusing("time_poll_one_in_force", PollInForce()):
        poll = TimePoll.objects.create(
            partnership=partnership,
            session=session,
            opened_by=by,
            closes_at=closes_at,
            confirms_itself=confirms_itself,
            cadence_every=cadence.every,
            cadence_unit=cadence.unit,
            sessions_wanted=count or program.sessions_planned,
        )
    due.mark(at=_last_call(poll))
    due.mark(at=closes_at)
    PollTime.objects.bulk_create(PollTime(poll=poll, starts_at=starts_at) for starts_at in wanted)
    record(by=by, verb="poll.opened", target=partnership, times=len(wanted))
    _ask(poll, [m for m in people_told(partnership) if m.pk != by.pk], reminder=False)
    return poll


@transaction.atomic
def answer_poll(
    *, poll: TimePoll, seat: Seat, says: Mapping[PollTime, str], by: Member | None
) -> TimePoll:
    """Write down what somebody says to each of the times; the last one to answer closes it.

    Saying it again replaces what was said.  Raises NotTheirs, PollClosed, ValueError for a time
    of another poll or a word that is no answer.
    """
    if seat.partnership_id != poll.partnership_id or seat.left_at is not None:
        raise NotTheirs
    if by and by.role not in COORDINATING and seat.enrolment.member_id != by.pk:
        raise NotTheirs
    lock_partnership(poll.partnership)
    poll.refresh_from_db()
    if not poll.is_open or poll.closes_at <= clock.now():
        raise PollClosed
    if {time.poll_id for time in says} - {poll.pk}:
        raise ValueError("a time of another poll")
    for time, word in says.items():
        PollAnswer.objects.update_or_create(
            time=time, seat=seat, defaults={"says": PollAnswer.Says(word)}
        )
    answered(about=poll.pk, member=seat.enrolment.member)
    withdraw(about=poll.pk, member=seat.enrolment.member)
    if poll_results(poll).is_complete:
        _close(poll)
        poll.refresh_from_db()
    return poll


@transaction.atomic
def close_poll(*, poll: TimePoll, by: Member) -> TimePoll:
    """Close a poll before its time.  Raises NotYoursToDecide, PollClosed."""
    _require_decider(poll, by)
    lock_partnership(poll.partnership)
    if not _close(poll):
        raise PollClosed
    poll.refresh_from_db()
    return poll


@transaction.atomic
def withdraw_poll(*, poll: TimePoll, by: Member) -> TimePoll:
    """Take a poll back: nobody is asked any more.  Raises NotYoursToDecide, PollClosed."""
    _require_decider(poll, by)
    lock_partnership(poll.partnership)
    at = clock.now()
    in_force = TimePoll.objects.filter(pk=poll.pk, state__in=TimePoll.IN_FORCE)
    if not in_force.update(state=TimePoll.State.WITHDRAWN, closed_at=at, best_at=None):
        raise PollClosed
    withdraw(about=poll.pk)
    record(by=by, verb="poll.withdrawn", target=poll.partnership)
    poll.refresh_from_db()
    return poll


@transaction.atomic
def confirm_poll(*, poll: TimePoll, starts_at: datetime, by: Member) -> TimePoll:
    """Take one of the times of a closed poll: the session or the season moves there.

    Raises NotYoursToDecide, PollClosed if it was decided before, NoSuchTime, and what moving
    raises.
    """
    _require_decider(poll, by)
    lock_partnership(poll.partnership)
    if not PollTime.objects.filter(poll=poll, starts_at=starts_at).exists():
        raise NoSuchTime
    _confirm(poll, starts_at, by)
    poll.refresh_from_db()
    return poll


def tend_polls(*, at: datetime) -> int:
    """Remind the undecided once, and close what is due; return how many closed.  Safe to repeat.

    A poll of a partnership that is over is taken back.  Whoever has left, or takes a break, is
    waited for no more.

    The reminder comes a day before the end, of a short poll at half time.
    """
    over = TimePoll.objects.exclude(partnership__state__in=Partnership.OPEN)
    with transaction.atomic():
        closed = take_back_polls(over, at=at)
    # one that lies in a rest waits for its end
    running = TimePoll.objects.filter(partnership__state=Partnership.State.ACTIVE)
    open_polls = running.filter(state=TimePoll.State.OPEN).for_list().order_by("closes_at", "id")
    fewer = set(open_polls.filter(Exists(seats_not_awaited(at))).values_list("pk", flat=True))

    def tend(poll: TimePoll) -> int:
        if poll.closes_at <= at or (poll.pk in fewer and poll_results(poll).is_complete):
            lock_partnership(poll.partnership)
            return _close(poll)
        if poll.reminded_at is None and at >= _last_call(poll):
            _remind(poll, at)
        return 0

    return closed + row_by_row(open_polls, tend)


def _last_call(poll: TimePoll) -> datetime:
    return poll.closes_at - min(LAST_CALL, (poll.closes_at - poll.created_at) / 2)


@transaction.atomic
def _remind(poll: TimePoll, at: datetime) -> None:
    mine = TimePoll.objects.filter(pk=poll.pk, state=TimePoll.State.OPEN, reminded_at=None)
    if mine.update(reminded_at=at):
        undecided = {seat.enrolment.member_id for seat in poll_results(poll).undecided}
        people = [m for m in people_told(poll.partnership) if m.pk in undecided]
        _ask(poll, people, reminder=True)


def _ask(poll: TimePoll, people: Sequence[Member], *, reminder: bool) -> None:
    zone = settings_in_force().zone
    kind = "sessions.poll_reminder" if reminder else "sessions.poll"
    times = list(PollTime.objects.filter(poll=poll).order_by("starts_at"))
    for member in people:
        enqueue(
            member=member,
            kind=kind,
            program=poll.partnership.cohort.program_id,
            dedupe_key=f"{kind}:{poll.pk}:{member.pk}",
            link=Link(signed=TIMES, object_id=poll.pk),
            context={
                "partnership": poll.partnership.name,
                "by": poll.opened_by.full_name,
                "about": written(poll.session.starts_at, member, zone) if poll.session else "",
                "times": [written(time.starts_at, member, zone) for time in times],
                "until": written(poll.closes_at, member, zone),
            },
            about=poll.pk,
            needed_by=poll.closes_at,
        )


def _close(poll: TimePoll) -> bool:
    """Close an open poll and take the best time, or ask its opener; False if it was closed."""
    at = clock.now()
    best = poll_results(poll).best(after=at)
    lapses = best is None or best.can < A_MEETING_TAKES
    claimed = TimePoll.objects.filter(pk=poll.pk, state=TimePoll.State.OPEN).update(
        state=TimePoll.State.LAPSED if lapses else TimePoll.State.CLOSED,
        closed_at=at,
        best_at=None if best is None or lapses else best.time.starts_at,
    )
    if not claimed:
        return False
    withdraw(about=poll.pk)
    record(by=None, verb="poll.closed", target=poll.partnership)
    poll.refresh_from_db()
    if best is not None and not lapses and poll.confirms_itself:
        try:
            with transaction.atomic():
                _confirm(poll, best.time.starts_at, None)
            return True
        except DomainError:
            poll.refresh_from_db()  # it cannot move there any more: its opener decides
    _tell_opener(poll)
    if lapses:
        _tell_result(poll, [m for m in people_told(poll.partnership) if m.pk != poll.opened_by_id])
    return True


def _confirm(poll: TimePoll, starts_at: datetime, by: Member | None) -> None:
    claimed = TimePoll.objects.filter(pk=poll.pk, state=TimePoll.State.CLOSED).update(
        state=TimePoll.State.CONFIRMED, best_at=starts_at
    )
    if not claimed:
        raise PollClosed
    poll.refresh_from_db(fields=["state", "best_at"])
    record(by=by, verb="poll.confirmed", target=poll.partnership)
    withdraw(about=poll.pk)
    if poll.session is not None:
        _move_session(poll, poll.session, starts_at, by)
        return
    cadence = Cadence(poll.cadence_every, poll.cadence_unit)
    coming = Session.objects.upcoming(clock.now()).filter(partnership=poll.partnership)
    if coming.exists():
        before = dict(coming.values_list("pk", "sequence"))
        move_season(partnership=poll.partnership, first_at=starts_at, cadence=cadence, by=by)
        if dict(coming.values_list("pk", "sequence")) == before:  # it is there already
            _tell_result(poll, people_told(poll.partnership))
        return
    plan_season(
        partnership=poll.partnership,
        first_at=starts_at,
        cadence=cadence,
        count=poll.sessions_wanted,
        by=by,
    )


def _move_session(poll: TimePoll, session: Session, starts_at: datetime, by: Member | None) -> None:
    """Move the session, and keep what people have just said about that very time."""
    answers = PollAnswer.objects.filter(
        time__poll=poll, time__starts_at=starts_at, seat__left_at=None
    ).select_related("seat__enrolment")
    known = {answer.seat: answer.says != PollAnswer.Says.NO for answer in answers.order_by("id")}
    if session.starts_at == starts_at and session.is_planned:  # nothing moves, and all hear of it
        answer_for(session, known)
        _tell_result(poll, people_told(poll.partnership), session)
        return
    reschedule(session=session, starts_at=starts_at, by=by, known=known)


def _tell_result(poll: TimePoll, people: Sequence[Member], session: Session | None = None) -> None:
    """Write what came of a poll to those whom no moved event tells it."""
    zone = settings_in_force().zone
    enqueue_all(
        [
            Draft(
                member=member,
                kind="sessions.poll_result",
                program=poll.partnership.cohort.program_id,
                dedupe_key=f"sessions.poll_result:{poll.pk}:{member.pk}",
                link=Link(page=poll.get_absolute_url()),
                context={
                    "partnership": poll.partnership.name,
                    "best": written(poll.best_at, member, zone) if poll.best_at else "",
                    "season": poll.session_id is None,
                },
                about=poll.pk,
                calendar=standing_events(session=session, member=member) if session else (),
            )
            for member in people
        ]
    )


def _tell_opener(poll: TimePoll) -> None:
    if poll.opened_by.state == Member.State.LEFT:
        return
    zone = settings_in_force().zone
    best = written(poll.best_at, poll.opened_by, zone) if poll.best_at else ""
    enqueue(
        member=poll.opened_by,
        kind="sessions.poll_closed",
        program=poll.partnership.cohort.program_id,
        dedupe_key=f"sessions.poll_closed:{poll.pk}",
        link=Link(page=poll.get_absolute_url()),
        context={"partnership": poll.partnership.name, "best": best},
        about=poll.pk,
    )


def _require_decider(poll: TimePoll, by: Member) -> None:
    """Raise NotYoursToDecide unless `by` opened the poll or coordinates."""
    if by.pk != poll.opened_by_id and by.role not in COORDINATING:
        raise NotYoursToDecide
