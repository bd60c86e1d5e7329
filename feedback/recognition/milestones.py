"""When there is something to celebrate: a rule for each kind of Milestone, over the facts.

Another one is a kind in feedback/models/recognition.py and a rule here.  A rule stays true once it
is: nobody loses a milestone because somebody joins, a role is added or a month is quiet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    DateField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.expressions import Combinable

from agreements.decisions.models import Step
from agreements.goals.models import Goal
from feedback.models.recognition import Milestone, MilestoneQuerySet
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import MeetingRole
from programs.models.programs import Program
from sessions.models.sessions import Attendance, Session, Turn

LOOKED_BACK = timedelta(days=14)  # how long after an end a correction is still followed
MONTH = timedelta(days=31)
MONTHS = 3
Kind = Milestone.Kind


@dataclass(frozen=True)
class Rule:
    """What a kind asks of a seat, or of a partnership; `told` unless its fact is told anyway.

    `lost` says when a row is no longer true, where that is not simply the rule read again.
    """

    kind: Kind
    of: type[Seat] | type[Partnership]
    reached: Callable[[], Q]
    lost: Callable[[], Q] | None = None
    told: bool = True

    def new(self, at: datetime) -> QuerySet[Seat] | QuerySet[Partnership]:
        """Return the seats, or partnerships, that have reached it and have no row yet."""
        own = Milestone.objects.filter(kind=self.kind)
        if self.of is Seat:
            seats = Seat.objects.filter(self.reached(), _alive(at, "partnership__"))
            seats = seats.filter(~Exists(own.filter(seat=OuterRef("pk"))))
            return seats.select_related("partnership__cohort", "enrolment__member").order_by("id")
        rows = Partnership.objects.filter(self.reached(), _alive(at, ""))
        rows = rows.filter(~Exists(own.filter(seat=None, partnership=OuterRef("pk"))))
        return rows.select_related("cohort").order_by("id")

    def gone(self, at: datetime) -> MilestoneQuerySet:
        """Return the rows that are not true any more, since a fact was corrected."""
        is_of_seats = self.of is Seat
        rows = Milestone.objects.filter(
            _alive(at, "partnership__"), kind=self.kind, seat__isnull=not is_of_seats
        )
        if self.lost:
            return rows.filter(self.lost())
        about = OuterRef("seat" if is_of_seats else "partnership")
        still = self.of._default_manager.filter(self.reached(), pk=about)
        return rows.filter(~Exists(still))


def _alive(at: datetime, path: str) -> Q:
    """Say which partnerships are looked at: open ones, and those that ended lately."""
    lately = {f"{path}ended_at__gt": at - LOOKED_BACK}
    return Q(**{f"{path}state__in": Partnership.OPEN}) | (
        Q(**lately) & ~Q(**{f"{path}state": Partnership.State.WITHDRAWN})
    )


def _turns() -> QuerySet[Turn]:
    """Return the turns that were really held: in a session at which their holder was present."""
    present = Attendance.objects.filter(
        session=OuterRef("session"), seat=OuterRef("seat"), kind=Attendance.Kind.PRESENT
    )
    return Turn.objects.filter(Exists(present), session__state=Session.State.HELD)


def _held(after: int) -> QuerySet[Session]:
    """Return held sessions in the `after`th month after the one in the outer query."""
    day = {
        "day__gt": _day_plus(MONTH * (after - 1)),
        "day__lte": _day_plus(MONTH * after),
    }
    return Session.objects.filter(
        partnership=OuterRef("partnership"), state=Session.State.HELD, **day
    )


def _day_plus(days: timedelta) -> Combinable:
    return ExpressionWrapper(OuterRef("day") + days, output_field=DateField())


def _contact_kept() -> Q:
    """After some session, another one in each of three months."""
    first = Session.objects.filter(partnership=OuterRef("pk"), state=Session.State.HELD)
    for month in range(1, MONTHS + 1):
        first = first.filter(Exists(_held(month)))
    return Q(Exists(first))


def _shared_goal_met() -> Q:
    goals = Goal.objects.filter(partnership=OuterRef("pk"), seat=None, state=Goal.State.MET)
    return Q(Exists(goals))


def _own_goal_met() -> Q:
    """A goal that the partners know of: a private one stays its owner's."""
    goals = Goal.objects.filter(seat=OuterRef("pk"), private=False, state=Goal.State.MET)
    return Q(Exists(goals))


def _has_led() -> Q:
    return Q(Exists(_turns().filter(seat=OuterRef("pk"), role__leads=True)))


def _everybody_led() -> Q:
    """In a circle, whoever sits there now."""
    seats = Seat.objects.open().filter(partnership=OuterRef("pk"))
    circles = Q(cohort__program__format=Program.Format.CIRCLES)
    return circles & Q(Exists(seats)) & ~Q(Exists(seats.filter(~_has_led())))


def _somebody_had_not_led() -> Q:
    there = Q(left_at=None) | Q(left_at__gt=OuterRef("reached_at"))
    seats = Seat.objects.filter(
        there, partnership=OuterRef("partnership"), taken_at__lte=OuterRef("reached_at")
    )
    return Q(Exists(seats.filter(~_has_led())))


def _all_roles_held() -> Q:
    """Every role of the program; with a single one there is nothing to rotate."""
    roles = MeetingRole.objects.filter(program=OuterRef("partnership__cohort__program"))
    held = _turns().filter(seat=OuterRef(OuterRef("pk")), role=OuterRef("pk"))
    several = Q(Exists(roles.filter(leads=True))) & Q(Exists(roles.filter(leads=False)))
    return several & ~Q(Exists(roles.filter(~Exists(held))))


def _a_role_not_held() -> Q:
    """One of the roles that there were then."""
    roles = MeetingRole.objects.filter(
        program=OuterRef("partnership__cohort__program"), created_at__lte=OuterRef("reached_at")
    )
    held = _turns().filter(seat=OuterRef(OuterRef("seat")), role=OuterRef("pk"))
    return Q(Exists(roles.filter(~Exists(held))))


def _decision_kept() -> Q:
    steps = Step.objects.filter(
        decision__partnership=OuterRef("pk"), decision__practice=False, why="kept"
    )
    return Q(Exists(steps))


RULES = (
    Rule(Kind.CONTACT_KEPT, Partnership, _contact_kept),
    Rule(Kind.GOAL_MET, Partnership, _shared_goal_met, told=False),
    Rule(Kind.GOAL_MET, Seat, _own_goal_met, told=False),
    Rule(Kind.FIRST_LEAD, Seat, _has_led),
    Rule(Kind.EVERYBODY_LED, Partnership, _everybody_led, lost=_somebody_had_not_led),
    Rule(Kind.ALL_ROLES_HELD, Seat, _all_roles_held, lost=_a_role_not_held),
    Rule(Kind.DECISION_KEPT, Partnership, _decision_kept),
    Rule(
        Kind.CLOSING_DONE,
        Partnership,
        lambda: Q(state=Partnership.State.COMPLETED),
        told=False,
    ),
)
