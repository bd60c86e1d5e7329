"""A break of one person in a circle: away and excused while it lasts, and back by itself.

Programs know the break (`Enrolment.paused_until`) and no sessions; this notices it.  In a pair
the pair rests instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from core.common.rows import row_by_row
from core.tenancy.days import day_of
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import lock_partnership
from programs.models.programs import Program
from sessions.models.replies import Rsvp
from sessions.models.sessions import Absence, Session, SessionQuerySet
from sessions.rotation.operations.rotation import replan

AT_ONCE = 200  # seats in one round of the sweep: a transaction stays short


def keep_breaks(*, at: datetime) -> int:
    """Let breaks be absences of the sessions to come, and end with them; return how many changed.

    Turns even out.  Safe to repeat: the absence itself is what was done.
    """
    on_break = Seat.objects.open().filter(
        partnership__state=Partnership.State.ACTIVE,
        partnership__cohort__program__format=Program.Format.CIRCLES,
        enrolment__paused_until__gt=day_of(at),
    )
    missing = _coming(at).filter(
        ~Exists(Absence.objects.filter(session=OuterRef("pk"), seat=OuterRef(OuterRef("pk")))),
        partnership=OuterRef("partnership"),
        day__lt=OuterRef("enrolment__paused_until"),
    )
    rows = on_break.filter(Exists(missing)).select_related("partnership", "enrolment")
    begun = row_by_row(rows.order_by("id"), lambda seat: _begin(seat, at), most=AT_ONCE)
    return begun + _end(at)


def _coming(at: datetime) -> SessionQuerySet:
    return Session.objects.filter(state=Session.State.PLANNED, starts_at__gt=at)


@transaction.atomic
def _begin(seat: Seat, at: datetime) -> int:
    lock_partnership(seat.partnership)
    away = Absence.objects.filter(session=OuterRef("pk"), seat=seat)
    sessions = _coming(at).filter(
        ~Exists(away), partnership=seat.partnership_id, day__lt=seat.enrolment.paused_until
    )
    ids = list(sessions.values_list("pk", flat=True))
    Absence.objects.bulk_create([Absence(session_id=pk, seat=seat, on_break=True) for pk in ids])
    Rsvp.objects.filter(session__in=ids, seat=seat).delete()
    _mend(seat.partnership, ids, at)
    return len(ids)


def _end(at: datetime) -> int:
    """Let people come again to what lies behind a break that was shortened or is over."""
    over = Absence.objects.filter(
        Q(seat__enrolment__paused_until=None)
        | Q(seat__enrolment__paused_until__lte=F("session__day")),
        session__in=_coming(at),
        on_break=True,
    ).select_related("session__partnership")
    by_table: dict[UUID, list[Absence]] = {}
    for absence in over.order_by("id"):
        by_table.setdefault(absence.session.partnership_id, []).append(absence)

    def end(absences: list[Absence]) -> int:
        partnership = lock_partnership(absences[0].session.partnership)
        Absence.objects.filter(pk__in=[absence.pk for absence in absences]).delete()
        _mend(partnership, [absence.session_id for absence in absences], at)
        return len(absences)

    return row_by_row(by_table.values(), end)


def _mend(partnership: Partnership, sessions: Iterable[UUID], at: datetime) -> None:
    Session.objects.filter(pk__in=list(sessions)).update(changed_at=at)
    replan(partnership=partnership)
