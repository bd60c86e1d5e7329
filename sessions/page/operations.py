"""The facilitator's kit: seven days before a session, to whoever is to lead it then.

A row says that it went; the turn itself says to whom it should go.  Where the two differ, the
kit goes to the new holder, and an e-mail that has not left yet is taken back from the old one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from core.common import clock
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.operations import Link, enqueue, withdraw
from core.notifications.render import written
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Partnership
from pairing.partnerships.seats import cause_of_change
from sessions.models.replies import Kit
from sessions.models.sessions import Session, Turn
from sessions.page.queries.kits import kit_path

DAYS_BEFORE = timedelta(days=7)


def send_due_kits(*, at: datetime) -> int:
    """Send the kits that are due and take back those that are not any more; return how many went.

    Safe to repeat: one kit in force for each session, held by a constraint.
    """
    due = Turn.objects.filter(
        role__leads=True,
        seat__left_at=None,
        session__partnership__state=Partnership.State.ACTIVE,
        session__state=Session.State.PLANNED,
        session__starts_at__gt=at,
        session__starts_at__lte=at + DAYS_BEFORE,
    ).exclude(seat__enrolment__member__state=Member.State.LEFT)
    turns = {
        turn.session_id: turn
        for turn in due.select_related(
            "session__organisation",
            "session__partnership__cohort",
            "role",
            "seat__enrolment__member",
        ).order_by("session__starts_at", "id")
    }
    went = Kit.objects.filter(withdrawn_at=None, session__starts_at__gt=at).exclude(
        # it lies behind the rest of its table, and stands
        session__partnership__state=Partnership.State.PAUSED,
        session__state=Session.State.PLANNED,
    )
    in_force = {kit.session_id: kit for kit in went}
    overtaken = [
        kit
        for session_id, kit in in_force.items()
        if session_id not in turns or turns[session_id].seat_id != kit.seat_id
    ]
    row_by_row(overtaken, _take_back)
    due_now = [
        turn
        for session_id, turn in turns.items()
        if session_id not in in_force or in_force[session_id].seat_id != turn.seat_id
    ]
    return row_by_row(due_now, _send)


@transaction.atomic
def _take_back(kit: Kit) -> None:
    if Kit.objects.filter(pk=kit.pk, withdrawn_at=None).update(withdrawn_at=clock.now()):
        withdraw(about=kit.pk, kind="sessions.kit")


@transaction.atomic
def _send(turn: Turn) -> bool:
    kit, is_new = Kit.objects.get_or_create(
        session=turn.session, withdrawn_at=None, defaults={"seat": turn.seat}
    )
    if not is_new:
        return False
    session, member = turn.session, turn.seat.enrolment.member
    enqueue(
        member=member,
        kind="sessions.kit",
        program=session.partnership.cohort.program_id,
        dedupe_key=f"sessions.kit:{kit.pk}",
        link=Link(page=kit_path(session)),
        context={
            "partnership": session.partnership.name,
            "role": turn.role.name,
            "duties": turn.role.duties,
            "when": written(session.starts_at, member, settings_in_force().zone),
            "minutes": session.duration_minutes,
            "steps": [
                {"minutes": step.get("minutes", 0), "title": step.get("title", "")}
                for step in (session.agenda if isinstance(session.agenda, list) else [])
                if isinstance(step, dict)
            ],
        },
        about=kit.pk,
        # who comes to lead at short notice reads both at once
        cause=cause_of_change(session.partnership) or turn.seat.enrolment_id,
    )
    return True
