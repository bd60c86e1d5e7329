"""From the engine's season to Turn rows: few rows move, and calendars hear of those that do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Set
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from core.common import clock
from pairing.models.partnerships import Partnership, Seat, SeatQuerySet
from pairing.partnerships.seats import lock_partnership
from sessions.calendar.emails import invite
from sessions.models.sessions import Session, SessionQuerySet, Turn
from sessions.rotation.engine import plan
from sessions.rotation.engine.shapes import PlannedTurn, SeasonPlan
from sessions.rotation.queries.rotation import Rotation, read_rotation
from sessions.rotation.queries.turns import Difference, differences, turns_to_come
from sessions.rotation.texts import ELECTED


@transaction.atomic
def replan(*, partnership: Partnership, newcomers: Set[UUID] = frozenset()) -> None:
    """Mend the turns to come after something has changed.

    Turns held or begun stay as they are, hand-made choices too; absences are honoured.  Safe to
    repeat: a season that is right is left alone.  To each of the `newcomers`, seats by id, the
    others give up turns.
    """
    partnership = lock_partnership(partnership)
    at = clock.now()
    rotation = read_rotation(partnership=partnership, at=at)
    if rotation.can_plan:
        store(rotation, plan.replan(rotation.with_room_for(newcomers).season), at=at, known=True)


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
    return str(turn.reason), dict(turn.detail)


AT_ONCE = 200  # partnerships in one round of the sweep: a transaction stays short


def replan_changed_tables(*, at: datetime) -> int:
    """Mend the seasons of active partnerships whose people have changed; return how many.

    It notices a turn to come on a seat that somebody has left, and a seat taken since the
    season was planned that holds no turn in it.  Who is expected at the sessions to come has
    changed as well, so their `changed_at` moves; that is what makes this safe to repeat where
    a newcomer cannot be given a turn.
    """
    coming = Session.objects.filter(state=Session.State.PLANNED, starts_at__gt=at)
    left = Turn.objects.filter(
        session__in=coming, session__partnership=OuterRef("pk"), seat__left_at__isnull=False
    )
    at_the_table = Seat.objects.open().filter(partnership=OuterRef("pk"))
    changed = Partnership.objects.active().filter(
        Exists(at_the_table),
        Q(Exists(left)) | Q(Exists(_newcomers(coming).filter(partnership=OuterRef("pk")))),
    )
    mended = 0
    for partnership in changed.order_by("id")[:AT_ONCE]:
        newcomers = _newcomers(coming).filter(partnership=partnership)
        people = [seat.enrolment.member for seat in newcomers.select_related("enrolment__member")]
        replan(partnership=partnership, newcomers=set(newcomers.values_list("pk", flat=True)))
        theirs = coming.filter(partnership=partnership)
        theirs.update(changed_at=at)
        invite(partnership=partnership, sessions=theirs.order_by("starts_at"), by=None, to=people)
        mended += 1
    return mended


def _newcomers(coming: SessionQuerySet) -> SeatQuerySet:
    """Return the open seats of which a session to come has not heard, without a turn in any."""
    unheard_of = coming.filter(
        partnership=OuterRef("partnership_id"), changed_at__lt=OuterRef("taken_at")
    )
    turns = Turn.objects.filter(session__in=coming, seat=OuterRef("pk"))
    return Seat.objects.open().filter(Exists(unheard_of), ~Exists(turns))
