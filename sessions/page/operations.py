"""The facilitator's kit: seven days before a session, to whoever is to lead it then.

A row says that it went; the turn itself says to whom it should go.  Where the two differ, the
kit goes to the new holder, and an e-mail that has not left yet is taken back from the old one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation

from core.common import clock
from core.members.models import Member
from core.notifications.operations import Link, enqueue, withdraw
from core.notifications.render import written
from core.tenancy.queries import settings_in_force
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
        session__state=Session.State.PLANNED,
        session__starts_at__gt=at,
        session__starts_at__lte=at + DAYS_BEFORE,
    ).exclude(seat__enrolment__member__state=Member.State.LEFT)
    turns = {
        turn.session_id: turn
        for turn in due.select_related(
            "session__organisation", "session__partnership", "role", "seat__enrolment__member"
        ).order_by("session__starts_at", "id")
    }
    went = Kit.objects.filter(withdrawn_at=None, session__starts_at__gt=at)
    in_force = {kit.session_id: kit for kit in went}
    for session_id, kit in in_force.items():
        turn = turns.get(session_id)
        if turn is None or turn.seat_id != kit.seat_id:
            _take_back(kit)
    sent = 0
    for session_id, turn in turns.items():
        in_hand = in_force.get(session_id)
        if in_hand is None or in_hand.seat_id != turn.seat_id:
            sent += _send(turn)
    return sent


@transaction.atomic
def _take_back(kit: Kit) -> None:
    if Kit.objects.filter(pk=kit.pk, withdrawn_at=None).update(withdrawn_at=clock.now()):
        withdraw(about=kit.pk)


@transaction.atomic
def _send(turn: Turn) -> bool:
    kit, is_new = Kit.objects.get_or_create(
        session=turn.session, withdrawn_at=None, defaults={"seat": turn.seat}
    )
    if not is_new:
        return False
    session, member = turn.session, turn.seat.enrolment.member
    chosen = settings_in_force()
    with translation.override(chosen.locale):
        when = written(session.starts_at, member, chosen.zone)
    enqueue(
        member=member,
        kind="sessions.kit",
        dedupe_key=f"sessions.kit:{kit.pk}",
        link=Link(page=kit_path(session)),
        context={
            "partnership": session.partnership.name,
            "role": turn.role.name,
            "duties": turn.role.duties,
            "when": when,
            "minutes": session.duration_minutes,
            "steps": [
                {"minutes": step.get("minutes", 0), "title": step.get("title", "")}
                for step in (session.agenda if isinstance(session.agenda, list) else [])
                if isinstance(step, dict)
            ],
        },
        about=kit.pk,
    )
    return True
