"""From the engine's season to Turn rows: few rows move, and calendars hear of those that do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Set
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import blake2s
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import QueryDict

from core.common import clock
from core.common.errors import DomainError
from core.common.rows import row_by_row
from pairing.models.partnerships import Partnership, Seat, SeatQuerySet
from pairing.partnerships.seats import cause_of_change, lock_partnership
from programs.models.programs import Program
from sessions.calendar.emails import invite
from sessions.models.sessions import Session, SessionQuerySet, Turn
from sessions.rotation.emails import tell_turns
from sessions.rotation.engine import plan
from sessions.rotation.engine.shapes import PlannedTurn, ReasonCode, SeasonPlan
from sessions.rotation.operations.overtaken import withdraw_overtaken
from sessions.rotation.queries.rotation import Rotation, read_rotation
from sessions.rotation.queries.trained import has_gates, led_too_soon, may_lead_since
from sessions.rotation.queries.turns import Difference, Holdings, differences, turns_to_come
from sessions.rotation.texts import ELECTED, TAKING_TURNS


@transaction.atomic
def replan(
    *,
    partnership: Partnership,
    cause: UUID | None = None,
    before: Holdings | None = None,
    newcomers: Set[UUID] = frozenset(),
    still_until: datetime | None = None,
    mends: bool = True,
    told: bool = True,
) -> None:
    """Mend the turns to come after something has changed, and tell those whose turns have.

    Turns held or begun stay as they are, hand-made choices too; absences are honoured.  Safe to
    repeat: a season that is right is left alone.  To each of the `newcomers`, seats by id, the
    others give up turns.  `before` are the turns to come before the act, where it moved some
    itself; `cause` is the row whose change is the reason; unless named each reader's enrolment, or
    that people have left.  What begins by `still_until` is left as it stands.  Without
    `mends` the other turns wait for an answer; without `told` the act writes to all about theirs.
    """
    partnership = lock_partnership(partnership)
    at = clock.now()
    cause = cause or cause_of_change(partnership)
    before = turns_to_come(partnership=partnership, at=at) if before is None else before
    still_until = still_until or at
    if mends:
        _mend(partnership, newcomers, at, still_until)
    if withdraw_overtaken(partnership=partnership, cause=cause):
        _mend(
            partnership, frozenset(), at, still_until
        )  # what somebody had been asked to take is open now
    if told and partnership.is_open:
        tell_turns(
            partnership=partnership,
            before=before,
            after=turns_to_come(partnership=partnership, at=at),
            cause=cause,
            but=newcomers,
        )


def _mend(
    partnership: Partnership, newcomers: Set[UUID], at: datetime, still_until: datetime
) -> None:
    rotation = read_rotation(partnership=partnership, at=at)
    if rotation.can_plan:
        current = rotation.with_sessions_still(still_until).with_room_for(newcomers)
        store(rotation, plan.replan(current.season), at=at, known=True)


SEEN = "seen"  # the field of a form whose moves were shown
CSRF = "csrfmiddlewaretoken"


class _UndoError(Exception):
    """Takes a savepoint back."""


def previewed(*, partnership: Partnership, act: Callable[[], object]) -> list[Difference]:
    """Return what an operation would change of the turns to come, without changing anything.

    It is done and taken back; what it refuses, it refuses here too.
    """
    at = clock.now()
    before = turns_to_come(partnership=partnership, at=at)
    after = before
    with suppress(_UndoError), transaction.atomic():
        act()
        after = turns_to_come(partnership=partnership, at=at)
        raise _UndoError
    return differences(before, after)


def unseen_moves(
    data: QueryDict, *, partnership: Partnership, act: Callable[[], object]
) -> tuple[list[str], str]:
    """Return what a sent form would move, and the mark with which it is confirmed once seen.

    Nothing where it was seen, moves nothing, or would be refused: then the act speaks for itself.
    """
    # what only says that something was read changes nothing of what was typed
    values = sorted((k, v) for k, v in data.lists() if k not in (SEEN, "anyway", CSRF))
    mark = blake2s(repr(values).encode(), digest_size=12).hexdigest()
    if data.get(SEEN) == mark:
        return [], mark
    with suppress(DomainError):
        return [moved.words() for moved in previewed(partnership=partnership, act=act)], mark
    return [], mark


def store(rotation: Rotation, season: SeasonPlan, *, at: datetime, known: bool) -> None:
    """Write the turns of the sessions to come; `known` says that calendars have them already."""
    wanted: dict[UUID, dict[UUID, PlannedTurn]] = defaultdict(dict)
    for turn in season.turns:
        wanted[UUID(turn.meeting)][rotation.role_rows[turn.role].pk] = turn
    standing: dict[UUID, list[Turn]] = defaultdict(list)
    for row in rotation.turns:
        standing[row.session_id].append(row)
    gone: list[UUID] = []
    added: list[Turn] = []
    reworded: list[Turn] = []
    changed: list[UUID] = []
    for session in rotation.to_plan:
        missing = dict(wanted[session.pk])
        moved = False
        for row in standing[session.pk]:
            planned = missing.get(row.role_id)
            if planned is None or planned.member != str(row.seat_id):
                gone.append(row.pk)
                moved = True
                continue
            del missing[row.role_id]
            if _reword(row, planned, rotation):
                reworded.append(row)
        added.extend(_row(session, role, turn, rotation) for role, turn in missing.items())
        if moved or missing:
            changed.append(session.pk)
    Turn.objects.filter(pk__in=gone).delete()
    Turn.objects.bulk_create(added)
    Turn.objects.bulk_update(reworded, ["reason", "reason_detail", "first_lead", "buddy"])
    if known and changed:
        Session.objects.filter(pk__in=changed).update(changed_at=at, sequence=F("sequence") + 1)


def _reword(row: Turn, planned: PlannedTurn, rotation: Rotation) -> bool:
    """Give a turn that stays its reason and its buddy of today; say whether anything is new."""
    before = (row.reason, row.reason_detail, row.first_lead, row.buddy_id)
    if not row.locked:
        row.reason, row.reason_detail = _reason(row.session_id, row.role_id, planned, rotation)
    row.first_lead, row.buddy = planned.first, rotation.seats.get(planned.buddy)
    return before != (row.reason, row.reason_detail, row.first_lead, row.buddy_id)


def _row(session: Session, role_id: UUID, turn: PlannedTurn, rotation: Rotation) -> Turn:
    reason, detail = _reason(session.pk, role_id, turn, rotation)
    return Turn(
        session=session,
        role_id=role_id,
        seat=rotation.seats[turn.member],
        reason=reason,
        reason_detail=detail,
        first_lead=turn.first,
        buddy=rotation.seats.get(turn.buddy),
    )


def _reason(
    session_id: UUID, role_id: UUID, turn: PlannedTurn, rotation: Rotation
) -> tuple[str, dict[str, object]]:
    election = rotation.elected.get((session_id, role_id))
    if election:
        return ELECTED, {"until": election.term_until.isoformat()}
    if rotation.is_pair and turn.reason not in (ReasonCode.LOCKED, ReasonCode.OPENS_A_ROLE):
        return TAKING_TURNS, {}
    return str(turn.reason), dict(turn.detail)


SOON = timedelta(days=1)  # a session sooner than that is not dealt anew when people change
AT_ONCE = 200  # partnerships in one round of the sweep: a transaction stays short


def replan_changed_tables(*, at: datetime) -> int:
    """Mend the seasons of active partnerships whose people have changed; return how many.

    It notices a turn to come on a seat that somebody has left, or whose person takes a break, a
    seat taken since the season was planned that holds no turn in it, and who may lead now or may
    not yet, as the program requires lessons.  What begins within a day
    is not dealt anew.  Who is expected at the sessions to come has
    changed as well, so their `changed_at` moves; that is what makes this safe to repeat where
    a newcomer cannot be given a turn.
    """
    coming = Session.objects.filter(state=Session.State.PLANNED, starts_at__gt=at)
    later = coming.filter(starts_at__gt=at + SOON)
    left = Turn.objects.filter(
        session__in=later, session__partnership=OuterRef("pk"), seat__left_at__isnull=False
    )
    at_the_table = Seat.objects.open().filter(partnership=OuterRef("pk"))
    changed = Partnership.objects.active().filter(
        Exists(at_the_table),
        Q(Exists(left))
        | Q(Exists(_on_a_break(coming)))
        | Q(Exists(_newcomers(coming).filter(partnership=OuterRef("pk"))))
        | _gate_has_moved(later),
    )

    def mend(partnership: Partnership) -> None:
        newcomers = _newcomers(coming).filter(partnership=partnership)
        people = [seat.enrolment.member for seat in newcomers.select_related("enrolment__member")]
        replan(
            partnership=partnership,
            newcomers=set(newcomers.values_list("pk", flat=True)),
            still_until=at + SOON,
        )
        theirs = coming.filter(partnership=partnership)
        theirs.update(changed_at=at)
        invite(partnership=partnership, sessions=theirs.order_by("starts_at"), by=None, to=people)

    return row_by_row(changed.order_by("id"), mend, most=AT_ONCE)


def _gate_has_moved(later: SessionQuerySet) -> Q:
    """Say of a partnership whether somebody may lead now, or may not yet."""
    if not has_gates():
        return Q(pk__in=[])
    too_soon = led_too_soon(later).filter(session__partnership=OuterRef("pk"))
    ready = may_lead_since(later).filter(partnership=OuterRef("pk"))
    return Q(Exists(too_soon)) | Q(Exists(ready))


def _on_a_break(coming: SessionQuerySet) -> QuerySet[Turn]:
    """Return the turns of people of a circle who take a break then."""
    return Turn.objects.filter(
        session__in=coming,
        session__partnership=OuterRef("pk"),
        session__partnership__cohort__program__format=Program.Format.CIRCLES,
        session__day__lt=F("seat__enrolment__paused_until"),
        session__starts_at__gt=clock.now() + SOON,
    )


def _newcomers(coming: SessionQuerySet) -> SeatQuerySet:
    """Return the open seats of which a session to come has not heard, without a turn in any."""
    unheard_of = coming.filter(
        partnership=OuterRef("partnership_id"), changed_at__lt=OuterRef("taken_at")
    )
    turns = Turn.objects.filter(session__in=coming, seat=OuterRef("pk"))
    return Seat.objects.open().filter(Exists(unheard_of), ~Exists(turns))
