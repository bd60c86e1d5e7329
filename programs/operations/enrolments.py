"""Enrolling: applying, deciding, starting, completing and withdrawing.

A place is taken when somebody is accepted and freed when they withdraw.  Whoever changes both
a cohort's places and an enrolment does it in that order, so that two of them never wait for
each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from programs.errors import (
    AlreadyDecided,
    AlreadyEnrolled,
    BadCapacity,
    CohortOver,
    ExpectationsNotAccepted,
    NoPlaceFree,
    NotEnrolling,
    NotThatPart,
)
from programs.models.parts import Answer, AnswerValue
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations.answers import checked, save_answers

UNDECIDED = (Enrolment.State.APPLIED, Enrolment.State.WAITLISTED)
IN_PLACE = (Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE)
OVER = (Cohort.Phase.CLOSING, Cohort.Phase.CLOSED)
MAX_CAPACITY = 20
BATCH = 500


def parts_of(program: Program) -> tuple[str, ...]:
    if program.format == Program.Format.MENTOR:
        return (Enrolment.Part.MENTOR, Enrolment.Part.MENTEE, Enrolment.Part.BOTH)
    return (Enrolment.Part.PEER,)


def _check(cohort: Cohort, part: str, capacity: int) -> None:
    if part not in parts_of(cohort.program):
        raise NotThatPart
    if not 0 <= capacity <= MAX_CAPACITY:
        raise BadCapacity


def _take_places(cohort: Cohort, wanted: int) -> int:
    """Take as many places as are free, at most those wanted; return how many that was."""
    enough = Q(places=None) | Q(places__gte=F("places_taken") + wanted)
    if Cohort.objects.filter(enough, pk=cohort.pk).update(places_taken=F("places_taken") + wanted):
        return wanted
    if wanted == 1:
        return 0
    held = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    granted = min(wanted, (held.places or 0) - held.places_taken)
    Cohort.objects.filter(pk=cohort.pk).update(places_taken=F("places_taken") + granted)
    return granted


@transaction.atomic
def apply(
    *,
    cohort: Cohort,
    member: Member,
    part: str,
    answers: Mapping[str, AnswerValue | None],
    accept_expectations: bool,
    capacity: int = 1,
    shown: Mapping[str, bool] | None = None,
) -> Enrolment:
    """Let a member apply; where no place is free they stand on the waiting list at once.

    Whoever withdrew before anything started may apply again.  Raises NotEnrolling,
    NotThatPart, BadCapacity, ExpectationsNotAccepted, AlreadyEnrolled, AnswerMissing, BadAnswer.
    """
    if not Cohort.objects.filter(pk=cohort.pk, phase=Cohort.Phase.ENROLLING).exists():
        raise NotEnrolling
    _check(cohort, part, capacity)
    if cohort.program.expectations and not accept_expectations:
        raise ExpectationsNotAccepted
    free = Q(places=None) | Q(places__gt=F("places_taken"))
    full = not Cohort.objects.filter(free, pk=cohort.pk).exists()
    now = clock.now()
    fields = {
        "part": part,
        "capacity": capacity,
        "state": Enrolment.State.WAITLISTED if full else Enrolment.State.APPLIED,
        "applied_at": now,
        "expectations_accepted_at": now if accept_expectations else None,
        "changed_at": now,
    }
    again = Enrolment.objects.filter(
        cohort=cohort, member=member, state=Enrolment.State.WITHDRAWN, started_at=None
    ).update(**fields, accepted_at=None, ended_at=None, end_reason="")
    if again:
        enrolment = Enrolment.objects.for_list().get(cohort=cohort, member=member)
    else:
        with refusing("enrolment_once", AlreadyEnrolled()):
            enrolment = Enrolment.objects.create(cohort=cohort, member=member, **fields)
    save_answers(enrolment=enrolment, answers=answers, shown=shown)
    record(by=member, verb="enrolment.applied", target=enrolment, part=part)
    return enrolment


@transaction.atomic
def change_application(
    *,
    enrolment: Enrolment,
    part: str,
    answers: Mapping[str, AnswerValue | None],
    capacity: int = 1,
    accept_expectations: bool = False,
    shown: Mapping[str, bool] | None = None,
    by: Member,
) -> Enrolment:
    """Change part, capacity and answers; a person's own until matching begins (NotEnrolling).

    Who was enrolled by somebody else accepts the expectations here.
    """
    cohort = enrolment.cohort
    if not Cohort.objects.filter(pk=cohort.pk, phase=Cohort.Phase.ENROLLING).exists():
        raise NotEnrolling
    _check(cohort, part, capacity)
    changed = Enrolment.objects.filter(
        pk=enrolment.pk, state__in=(*UNDECIDED, Enrolment.State.ACCEPTED)
    )
    now = clock.now()
    if not changed.update(part=part, capacity=capacity, changed_at=now):
        raise AlreadyDecided
    if accept_expectations:
        Enrolment.objects.filter(pk=enrolment.pk, expectations_accepted_at=None).update(
            expectations_accepted_at=now
        )
    enrolment.refresh_from_db()
    save_answers(enrolment=enrolment, answers=answers, shown=shown)
    record(by=by, verb="enrolment.changed", target=enrolment, part=part)
    return enrolment


@dataclass(frozen=True)
class NewPerson:
    """Somebody to be enrolled by a coordinator or an import."""

    member: Member
    part: str
    capacity: int = 1
    answers: Mapping[str, AnswerValue | None] = field(default_factory=dict)


def enrol_directly(
    *,
    cohort: Cohort,
    member: Member,
    part: str,
    by: Member | None,
    capacity: int = 1,
    answers: Mapping[str, AnswerValue | None] | None = None,
) -> Enrolment:
    """Enrol somebody accepted at once, or on the waiting list where no place is free.

    Raises CohortOver, NotThatPart, BadCapacity, AlreadyEnrolled, BadAnswer.
    """
    person = NewPerson(member, part, capacity, answers or {})
    with refusing("enrolment_once", AlreadyEnrolled()):
        return enrol_many(cohort=cohort, people=[person], by=by)[0]


@transaction.atomic
def enrol_many(
    *, cohort: Cohort, people: Sequence[NewPerson], by: Member | None
) -> list[Enrolment]:
    """Enrol many at once, in this order: accepted while places last, then on the waiting list.

    Required questions may stay open: these people can still answer them.  Raises as
    `enrol_directly`; ValueError for somebody who has left.
    """
    if Cohort.objects.filter(pk=cohort.pk, phase__in=OVER).exists():
        raise CohortOver
    for person in people:
        _check(cohort, person.part, person.capacity)
        if person.member.state == Member.State.LEFT:
            raise ValueError("who has left cannot be enrolled")
    questions = list(cohort.program.questions.all())
    places = _take_places(cohort, len(people)) if people else 0
    now = clock.now()
    enrolments = [
        Enrolment(
            cohort=cohort,
            member=person.member,
            part=person.part,
            capacity=person.capacity,
            state=Enrolment.State.ACCEPTED if at < places else Enrolment.State.WAITLISTED,
            applied_at=now,
            accepted_at=now if at < places else None,
            changed_at=now,
        )
        for at, person in enumerate(people)
    ]
    Enrolment.objects.bulk_create(enrolments, batch_size=BATCH)
    Answer.objects.bulk_create(
        (
            Answer(
                enrolment=enrolment,
                question=question,
                value=value,
                shown=question.shown_unless_said,
            )
            for enrolment, person in zip(enrolments, people, strict=True)
            for question, value in checked(
                questions, person.part, person.answers, complete=False
            ).items()
        ),
        batch_size=BATCH,
    )
    for enrolment in enrolments:
        record(by=by, verb="enrolment.entered", target=enrolment, part=str(enrolment.part))
    return enrolments


@transaction.atomic
def accept(*, enrolment: Enrolment, by: Member | None) -> Enrolment:
    """Give somebody a place; where none is free, they go to the waiting list instead.

    Raises AlreadyDecided, or NoPlaceFree for somebody who is on the waiting list already.
    """
    place = _take_places(enrolment.cohort, 1)
    now = clock.now()
    waiting = Enrolment.objects.filter(pk=enrolment.pk)
    if place:
        moved = waiting.filter(state__in=UNDECIDED).update(
            state=Enrolment.State.ACCEPTED, accepted_at=now, changed_at=now
        )
    else:
        if waiting.filter(state=Enrolment.State.WAITLISTED).exists():
            raise NoPlaceFree
        moved = waiting.filter(state=Enrolment.State.APPLIED).update(
            state=Enrolment.State.WAITLISTED, changed_at=now
        )
    if not moved:
        raise AlreadyDecided
    _reread(enrolment)
    record(by=by, verb=f"enrolment.{enrolment.state}", target=enrolment)
    return enrolment


@transaction.atomic
def decline(*, enrolment: Enrolment, by: Member) -> Enrolment:
    """Say no to an application; raises AlreadyDecided."""
    return _decide(enrolment, UNDECIDED, Enrolment.State.DECLINED, by)


@transaction.atomic
def waitlist(*, enrolment: Enrolment, by: Member) -> Enrolment:
    """Put an application on the waiting list; raises AlreadyDecided."""
    return _decide(enrolment, (Enrolment.State.APPLIED,), Enrolment.State.WAITLISTED, by)


def _decide(
    enrolment: Enrolment, states: Collection[str], state: str, by: Member | None
) -> Enrolment:
    rows = Enrolment.objects.filter(pk=enrolment.pk, state__in=states)
    if not rows.update(state=state, changed_at=clock.now()):
        raise AlreadyDecided
    _reread(enrolment)
    record(by=by, verb=f"enrolment.{state}", target=enrolment)
    return enrolment


@transaction.atomic
def withdraw(*, enrolment: Enrolment, by: Member | None, reason: str = "own_wish") -> Enrolment:
    """End an enrolment before it is completed; a place that was held is free again.

    Raises AlreadyDecided if it is over or was declined.
    """
    list(Cohort.objects.select_for_update(of=("self",)).filter(pk=enrolment.cohort_id))
    now = clock.now()
    ended = {
        "state": Enrolment.State.WITHDRAWN,
        "ended_at": now,
        "end_reason": reason[:60],
        "changed_at": now,
    }
    rows = Enrolment.objects.filter(pk=enrolment.pk)
    if rows.filter(state__in=IN_PLACE).update(**ended):
        Cohort.objects.filter(pk=enrolment.cohort_id).update(
            places_taken=Greatest(F("places_taken") - 1, 0)
        )
    elif not rows.filter(state__in=UNDECIDED).update(**ended):
        raise AlreadyDecided
    _reread(enrolment)
    record(by=by, verb="enrolment.withdrawn", target=enrolment, reason=reason)
    return enrolment


DECISIONS: Mapping[str, Callable[..., Enrolment]] = {
    "accept": accept,
    "decline": decline,
    "waitlist": waitlist,
    "withdraw": withdraw,
}


@transaction.atomic
def start_enrolments(
    *,
    cohort: Cohort,
    at: datetime,
    enrolments: Iterable[Enrolment] | None = None,
    by: Member | None = None,
) -> int:
    """Make every accepted enrolment of the cohort active (or only those given): publishing does.

    Returns how many became active; repeating it changes nothing.
    """
    rows = Enrolment.objects.filter(cohort=cohort, state=Enrolment.State.ACCEPTED)
    if enrolments is not None:
        rows = rows.filter(pk__in=[enrolment.pk for enrolment in enrolments])
    started = rows.update(state=Enrolment.State.ACTIVE, started_at=at, changed_at=clock.now())
    if started:
        record(by=by, verb="cohort.enrolments_started", target=cohort, count=started)
    return started


@transaction.atomic
def unstart_enrolments(
    *, cohort: Cohort, at: datetime, but: Collection[UUID] = (), by: Member | None = None
) -> int:
    """Make accepted again whom `start_enrolments` made active at that instant; return how many.

    Undoing a publication does; `but` are enrolments that have begun in another way since.
    """
    rows = Enrolment.objects.filter(cohort=cohort, state=Enrolment.State.ACTIVE, started_at=at)
    waiting = rows.exclude(pk__in=but).update(
        state=Enrolment.State.ACCEPTED, started_at=None, changed_at=clock.now()
    )
    if waiting:
        record(by=by, verb="cohort.enrolments_unstarted", target=cohort, count=waiting)
    return waiting


@transaction.atomic
def complete_enrolment(
    *, enrolment: Enrolment, by: Member | None = None, at: datetime | None = None
) -> Enrolment:
    """Complete an active enrolment; raises AlreadyDecided for any other."""
    now = clock.now()
    rows = Enrolment.objects.filter(pk=enrolment.pk, state=Enrolment.State.ACTIVE)
    if not rows.update(state=Enrolment.State.COMPLETED, ended_at=at or now, changed_at=now):
        raise AlreadyDecided
    _reread(enrolment)
    record(by=by, verb="enrolment.completed", target=enrolment)
    return enrolment


def decide_many(
    *, cohort: Cohort, enrolment_ids: Collection[UUID], decision: str, by: Member
) -> dict[str, int]:
    """Accept, decline, waitlist or withdraw several; return how many ended in which state.

    Those somebody else has decided meanwhile are left alone and counted under "unchanged".
    Raises ValueError for another decision.
    """
    if decision not in DECISIONS:
        raise ValueError(f"no such decision: {decision}")
    counts: dict[str, int] = {}
    rows = Enrolment.objects.for_list().filter(cohort=cohort, pk__in=enrolment_ids)
    for enrolment in rows.order_by("applied_at", "id"):
        try:
            state = DECISIONS[decision](enrolment=enrolment, by=by).state
        except (AlreadyDecided, NoPlaceFree):
            state = "unchanged"
        counts[state] = counts.get(state, 0) + 1
    return counts


def _reread(enrolment: Enrolment) -> None:
    enrolment.refresh_from_db(
        fields=["state", "accepted_at", "started_at", "ended_at", "end_reason", "changed_at"]
    )
