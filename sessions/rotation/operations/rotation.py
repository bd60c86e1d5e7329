"""From the engine's season to Turn rows: few rows move, and calendars hear of those that do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Set
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from core.common import clock
from pairing.models.partnerships import Partnership
from pairing.partnerships.seats import lock_partnership
from sessions.models.sessions import Session, Turn
from sessions.rotation.engine import plan
from sessions.rotation.engine.shapes import PlannedTurn, SeasonPlan
from sessions.rotation.queries.differences import Difference, differences, turns_to_come
from sessions.rotation.queries.rotation import Rotation, read_rotation
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
