"""Enrolling: applying, deciding, starting, completing, withdrawing; each is told to the person.

A place is taken when somebody is accepted and freed when they withdraw.  Whoever changes both
a cohort's places and an enrolment does it in that order, so that two of them never wait for
each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from programs.errors import (
    AlreadyDecided,
    AlreadyEnrolled,
    BadCapacity,
    ByInvitationOnly,
    CohortOver,
    EnrolmentInUse,
    ExpectationsNotAccepted,
    ManagerHasNotSaidYes,
    MentorsAreSelected,
    NoPlaceFree,
    NotEligible,
    NotEnrolling,
    NotThatPart,
    NotTheirWish,
    PeopleAreWaiting,
    ReasonMissing,
    TooLateToUndo,
)
from programs.models.parts import Answer, AnswerValue
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations.answers import checked, save_answers
from programs.operations.emails import take_back_applications, tell_coordinators, write_to
from programs.queries.eligibility import why_not_eligible
from programs.queries.enrolments import (
    cohorts_open_to,
    names_in_line,
    place_in_line,
    to_mentor_in,
)
from programs.selection.queries import lacking_yes

UNDECIDED = Enrolment.UNDECIDED
IN_PLACE = Enrolment.IN_PLACE
OVER = (Cohort.Phase.CLOSING, *Cohort.OVER)
MAX_CAPACITY = 20
STATE_EMAILS: Mapping[str, str] = {
    Enrolment.State.APPLIED: "programs.applied",
    Enrolment.State.WAITLISTED: "programs.waitlisted",
    Enrolment.State.DECLINED: "programs.declined",
    Enrolment.State.ACCEPTED: "programs.accepted",
}
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


def _take_places(cohort: Cohort, wanted: int, *, over_waiting: bool = False) -> int:
    """Take as many places as are free, at most those wanted; return how many that was.

    Free is what nobody waits for, unless these people go `over_waiting` people.
    """
    if wanted == 1 and over_waiting:
        free = Q(places=None) | Q(places__gt=F("places_taken"))
        taken = F("places_taken") + 1
        return Cohort.objects.filter(free, pk=cohort.pk).update(places_taken=taken)
    held = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    if held.places is None:
        granted = wanted
    else:
        line = Enrolment.objects.filter(cohort=held, state=Enrolment.State.WAITLISTED)
        promised = 0 if over_waiting else line.count()
        granted = max(0, min(wanted, held.places - held.places_taken - promised))
    Cohort.objects.filter(pk=cohort.pk).update(places_taken=F("places_taken") + granted)
    return granted


def _accepted_version(cohort: Cohort, accepted: bool, now: datetime) -> dict[str, object]:
    if not accepted:
        return {}
    version = cohort.program.expectations_version
    return {"expectations_accepted_at": now, "expectations_version": version}


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
    """Let a member ask for a place and write to them how it stands.

    Where enrolment is open they have it at once, else they have applied; where no place is free,
    or others wait for it, they stand on the waiting list.  Whoever withdrew before anything
    started may apply again, and who has completed a rolling cohort too.  Raises NotEnrolling,
    ByInvitationOnly, NotEligible, NotThatPart, BadCapacity, ExpectationsNotAccepted,
    AlreadyEnrolled, AnswerMissing, BadAnswer.
    """
    # locked: nobody takes the place between the look at the line and its taking
    now_held = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    if now_held.entry == Cohort.Entry.INVITATION:
        raise ByInvitationOnly
    if not now_held.is_open_to_all:
        raise NotEnrolling
    if hindrance := why_not_eligible(now_held, member):
        raise NotEligible(hindrance)
    _check(cohort, part, capacity)
    if cohort.program.expectations_for(part) and not accept_expectations:
        raise ExpectationsNotAccepted
    state = _state_at_entry(now_held, part)
    now = clock.now()
    fields = {
        "part": part,
        "capacity": capacity,
        "state": state,
        "applied_at": now,
        "accepted_at": now if state == Enrolment.State.ACCEPTED else None,
        "waiting_since": now if state == Enrolment.State.WAITLISTED else None,
        "expectations_accepted_at": None,
        "changed_at": now,
    } | _accepted_version(cohort, accept_expectations, now)
    again = Enrolment.objects.filter(
        cohort=cohort, member=member, state=Enrolment.State.WITHDRAWN, started_at=None
    ).update(**fields, ended_at=None, end_reason="", ended_by="", decision_words="")
    if again:
        enrolment = Enrolment.objects.for_list().get(
            cohort=cohort, member=member, state__in=(*UNDECIDED, *IN_PLACE)
        )
    else:
        _refuse_a_second(cohort, [member])
        with refusing("enrolment_once", AlreadyEnrolled()):
            enrolment = Enrolment.objects.create(cohort=cohort, member=member, **fields)
    if state == Enrolment.State.ACCEPTED:
        Cohort.objects.filter(pk=cohort.pk).update(places_taken=F("places_taken") + 1)
    save_answers(enrolment=enrolment, answers=answers, shown=shown)
    record(by=member, verb="enrolment.applied", target=enrolment, part=part)
    _tell_state(enrolment, by=member)
    if state == Enrolment.State.APPLIED:
        tell_coordinators(enrolment)
    return enrolment


def _state_at_entry(cohort: Cohort, part: str) -> Enrolment.State:
    waiting = Enrolment.objects.filter(cohort=cohort, state=Enrolment.State.WAITLISTED).exists()
    if not cohort.has_a_place_free or (waiting and cohort.places is not None):
        return Enrolment.State.WAITLISTED
    if cohort.entry == Cohort.Entry.OPEN and not cohort.program.selects(part):
        return Enrolment.State.ACCEPTED
    return Enrolment.State.APPLIED


def _refuse_a_second(cohort: Cohort, members: Collection[Member]) -> None:
    """Who has completed or finished is enrolled again in a rolling cohort alone."""
    if (
        not cohort.is_rolling
        and Enrolment.objects.filter(
            cohort=cohort, member__in=members, state__in=("completed", "finished")
        ).exists()
    ):
        raise AlreadyEnrolled


def _tell_state(enrolment: Enrolment, *, by: Member | None) -> None:
    """Write to somebody that they have applied, have a place, or wait and where in the line."""
    context: dict[str, object] = {}
    if enrolment.state == Enrolment.State.WAITLISTED:
        context["place"] = place_in_line(enrolment)
    write_to([enrolment], STATE_EMAILS[enrolment.state], by=by, context=context)


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
    """Change part, capacity and answers; a person's own until the cohort is closed (CohortOver).

    Matching and planning read the newest; partnerships that are published stay.  Who has not
    accepted the expectations, or not as they now are, accepts them here.
    """
    cohort = enrolment.cohort
    change_place(enrolment=enrolment, part=part, capacity=capacity, by=by)
    if accept_expectations:
        now = clock.now()
        newest = Q(expectations_version=cohort.program.expectations_version)
        Enrolment.objects.filter(pk=enrolment.pk).exclude(
            newest, expectations_accepted_at__isnull=False
        ).update(**_accepted_version(cohort, True, now))
    enrolment.refresh_from_db()
    save_answers(enrolment=enrolment, answers=answers, shown=shown)
    record(by=by, verb="enrolment.changed", target=enrolment, part=part)
    return enrolment


@transaction.atomic
def change_place(*, enrolment: Enrolment, part: str, capacity: int, by: Member) -> Enrolment:
    """Change part and capacity, by the person or a coordinator, until the cohort is closed.

    Raises CohortOver, NotThatPart, BadCapacity, AlreadyDecided, or MentorsAreSelected for who is
    in and would make themselves a mentor where a coordinator selects them.
    """
    cohort = enrolment.cohort
    if Cohort.objects.filter(pk=cohort.pk, phase__in=Cohort.OVER).exists():
        raise CohortOver
    _check(cohort, part, capacity)
    selected = cohort.program.selects(part) and not cohort.program.selects(enrolment.part)
    if selected and enrolment.state in IN_PLACE and by.pk == enrolment.member_id:
        raise MentorsAreSelected
    rows = Enrolment.objects.filter(pk=enrolment.pk, state__in=(*UNDECIDED, *IN_PLACE))
    was = (enrolment.part, enrolment.capacity)
    changes: dict[str, object] = {"part": part, "capacity": capacity, "changed_at": clock.now()}
    program = cohort.program
    if program.expectations_for(part) != program.expectations_for(enrolment.part):
        changes["expectations_version"] = 0  # what the new part expects has not been accepted
    if not rows.update(**changes):
        raise AlreadyDecided
    if was != (part, capacity):
        record(
            by=by, verb="enrolment.place_changed", target=enrolment, part=part, capacity=capacity
        )
    enrolment.refresh_from_db()
    return enrolment


@transaction.atomic
def accept_expectations(*, enrolment: Enrolment, by: Member) -> Enrolment:
    """Accept what the program expects of this part, as it now is; the person's own act."""
    now = clock.now()
    rows = Enrolment.objects.filter(pk=enrolment.pk, state__in=(*UNDECIDED, *IN_PLACE))
    version = _accepted_version(enrolment.cohort, True, now)
    if not rows.update(**version, changed_at=now):
        raise AlreadyDecided
    enrolment.refresh_from_db()
    record(
        by=by,
        verb="enrolment.expectations_accepted",
        target=enrolment,
        version=enrolment.expectations_version,
    )
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
    over_waiting: bool = False,
) -> Enrolment:
    """Enrol somebody accepted at once, or on the waiting list where no place is free.

    Raises PeopleAreWaiting where a place is free that others wait for, unless this person is to
    go `over_waiting` people; CohortOver, NotThatPart, BadCapacity, AlreadyEnrolled, BadAnswer.
    """
    person = NewPerson(member, part, capacity, answers or {})
    if not over_waiting:
        _refuse_over_waiting(cohort)
    with refusing("enrolment_once", AlreadyEnrolled()):
        return enrol_many(cohort=cohort, people=[person], by=by, over_waiting=over_waiting)[0]


def _refuse_over_waiting(cohort: Cohort, but: Collection[UUID] = ()) -> None:
    """Raise PeopleAreWaiting where a place is free and somebody waits for it."""
    held = Cohort.objects.get(pk=cohort.pk)
    scarce = held.places is not None and held.has_a_place_free
    if scarce and (names := names_in_line(held, but=but)):
        raise PeopleAreWaiting(names)


@transaction.atomic
def enrol_many(
    *,
    cohort: Cohort,
    people: Sequence[NewPerson],
    by: Member | None,
    over_waiting: bool = False,
) -> list[Enrolment]:
    """Enrol many at once, in this order: accepted while places last, then on the waiting list.

    Places that others wait for are not given away, unless these people go `over_waiting` people.
    Required questions and expectations may stay open: the e-mail asks for them.  Raises as
    `enrol_directly`; ValueError for somebody who has left.
    """
    if Cohort.objects.filter(pk=cohort.pk, phase__in=OVER).exists():
        raise CohortOver
    for person in people:
        _check(cohort, person.part, person.capacity)
        if person.member.state == Member.State.LEFT:
            raise ValueError("who has left cannot be enrolled")
    _refuse_a_second(cohort, [person.member for person in people])
    questions = list(cohort.program.questions.all())
    places = _take_places(cohort, len(people), over_waiting=over_waiting) if people else 0
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
            waiting_since=None if at < places else now,
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
    _tell_entered(enrolments, by)
    return enrolments


def _tell_entered(enrolments: Sequence[Enrolment], by: Member | None) -> None:
    accepted = [row for row in enrolments if row.state == Enrolment.State.ACCEPTED]
    if accepted:
        program = accepted[0].cohort.program
        asks = {"questions": program.questions.exists()}
        for expects in (True, False):
            rows = [row for row in accepted if bool(program.expectations_for(row.part)) == expects]
            write_to(rows, "programs.entered", by=by, context=asks | {"expectations": expects})
    waiting = [row for row in enrolments if row.state == Enrolment.State.WAITLISTED]
    if waiting:
        first = place_in_line(waiting[0])
        for place, row in enumerate(waiting, start=first):
            write_to([row], "programs.waitlisted", by=by, context={"place": place})


@transaction.atomic
def accept(
    *,
    enrolment: Enrolment,
    by: Member | None,
    words: str = "",
    over_waiting: bool = False,
    without_manager: bool = False,
) -> Enrolment:
    """Give somebody a place; where none is free, they go to the waiting list instead.

    Also somebody who was declined.  Raises AlreadyDecided, NoPlaceFree for somebody who is on the
    waiting list already, PeopleAreWaiting where others stand before them in the line, unless
    they are to go `over_waiting` people, CohortOver, and ManagerHasNotSaidYes where mentors are
    selected, unless it is to be `without_manager`.
    """
    _refuse_when_over(enrolment.cohort)
    if not without_manager and lacking_yes([enrolment]):
        raise ManagerHasNotSaidYes
    waiting = Enrolment.objects.filter(pk=enrolment.pk)
    if not over_waiting and waiting.filter(state__in=(*UNDECIDED, "declined")).exists():
        first = enrolment.state == Enrolment.State.WAITLISTED and place_in_line(enrolment) == 1
        if not first:
            _refuse_over_waiting(enrolment.cohort, but=[enrolment.pk])
    place = _take_places(enrolment.cohort, 1, over_waiting=True)
    now = clock.now()
    was_waiting = waiting.filter(state=Enrolment.State.WAITLISTED).exists()
    decided = {"decision_words": words[:1000], "end_reason": "", "changed_at": now}
    if place:
        moved = waiting.filter(state__in=(*UNDECIDED, Enrolment.State.DECLINED)).update(
            state=Enrolment.State.ACCEPTED, accepted_at=now, **decided
        )
    else:
        if was_waiting:
            raise NoPlaceFree
        moved = waiting.filter(
            state__in=(Enrolment.State.APPLIED, Enrolment.State.DECLINED)
        ).update(state=Enrolment.State.WAITLISTED, waiting_since=now, **decided)
    if not moved:
        raise AlreadyDecided
    _reread(enrolment)
    more = {"without_manager": True} if without_manager else {}
    record(by=by, verb=f"enrolment.{enrolment.state}", target=enrolment, **more)
    if was_waiting:
        write_to([enrolment], "programs.moved_up", by=by)
    else:
        _tell_state(enrolment, by=by)
    return enrolment


def _refuse_when_over(cohort: Cohort) -> None:
    if Cohort.objects.filter(pk=cohort.pk, phase__in=OVER).exists():
        raise CohortOver


@transaction.atomic
def decline(*, enrolment: Enrolment, by: Member, reason: str, words: str = "") -> Enrolment:
    """Say no to an application, with a DeclineReason and words that the person reads.

    Raises AlreadyDecided; ReasonMissing for no such reason.
    """
    if reason not in Enrolment.DeclineReason.values:
        raise ReasonMissing
    decided = {"end_reason": reason, "decision_words": words[:1000]}
    return _decide(enrolment, UNDECIDED, Enrolment.State.DECLINED, by, **decided)


@transaction.atomic
def waitlist(*, enrolment: Enrolment, by: Member | None, words: str = "") -> Enrolment:
    """Put an application on the waiting list; raises AlreadyDecided."""
    decided = {"waiting_since": clock.now(), "decision_words": words[:1000]}
    applied = (Enrolment.State.APPLIED,)
    return _decide(enrolment, applied, Enrolment.State.WAITLISTED, by, **decided)


def _decide(
    enrolment: Enrolment,
    states: Collection[str],
    state: str,
    by: Member | None,
    **fields: object,
) -> Enrolment:
    rows = Enrolment.objects.filter(pk=enrolment.pk, state__in=states)
    if not rows.update(state=state, changed_at=clock.now(), **fields):
        raise AlreadyDecided
    _reread(enrolment)
    record(by=by, verb=f"enrolment.{state}", target=enrolment)
    _tell_state(enrolment, by=by)
    return enrolment


@transaction.atomic
def withdraw(
    *,
    enrolment: Enrolment,
    by: Member | None,
    reason: str = Enrolment.EndReason.OTHER,
    on_request: bool = False,
    words: str = "",
) -> Enrolment:
    """End an enrolment before it is completed; a place that was held is free again.

    `reason` is an EndReason.  A coordinator says whether the person asked for it (`on_request`);
    their own wish it can only be then: else NotTheirWish.  Raises AlreadyDecided if it is over or
    was declined, ValueError for no such reason.  What follows for partners, the apps above notice.
    """
    if reason not in Enrolment.EndReason.values:
        raise ValueError(f"no such reason: {reason}")
    ended_by = _ended_by(enrolment, by, on_request)
    if reason == Enrolment.EndReason.OWN_WISH and ended_by == Enrolment.EndedBy.PROGRAM:
        raise NotTheirWish
    list(Cohort.objects.select_for_update(of=("self",)).filter(pk=enrolment.cohort_id))
    now = clock.now()
    ended = {
        "state_before": F("state"),
        "state": Enrolment.State.WITHDRAWN,
        "ended_at": now,
        "end_reason": reason,
        "ended_by": ended_by,
        "decision_words": words[:1000],
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
    record(
        by=by, verb="enrolment.withdrawn", target=enrolment, reason=str(reason), asked=on_request
    )
    take_back_applications([enrolment])
    if reason in Enrolment.CHOSEN_REASONS:  # of what the others follow from they read there
        write_to([enrolment], "programs.withdrawn", by=by, context={"asked": on_request})
    return enrolment


def _ended_by(enrolment: Enrolment, by: Member | None, on_request: bool) -> str:
    if by is None:
        return ""
    if by.pk == enrolment.member_id:
        return Enrolment.EndedBy.PERSON
    return Enrolment.EndedBy.ON_REQUEST if on_request else Enrolment.EndedBy.PROGRAM


@transaction.atomic
def reinstate(*, enrolment: Enrolment, by: Member) -> Enrolment:
    """Undo a withdrawal within a day: accepted again if a place is free, else first in line.

    Who had no place yet stands where they stood.  An old seat comes back only if it is still
    free: the apps above see to that.  Raises AlreadyDecided, CohortOver or TooLateToUndo.
    """
    _refuse_when_over(enrolment.cohort)
    now = clock.now()
    rows = Enrolment.objects.filter(
        pk=enrolment.pk,
        state=Enrolment.State.WITHDRAWN,
        end_reason__in=Enrolment.CHOSEN_REASONS,
    ).exclude(member__state=Member.State.LEFT)
    if not rows.exists():
        raise AlreadyDecided
    if not rows.filter(ended_at__gt=now - Enrolment.UNDO).exists():
        raise TooLateToUndo
    fields: dict[str, object] = {
        "state": enrolment.state_before or Enrolment.State.ACCEPTED,
        "ended_at": None,
        "end_reason": "",
        "ended_by": "",
        "decision_words": "",
        "changed_at": now,
    }
    if enrolment.state_before in IN_PLACE:
        if _take_places(enrolment.cohort, 1, over_waiting=True):
            fields["state"] = Enrolment.State.ACCEPTED
        else:
            # before everybody who waits, since when ever they do
            first = Enrolment.objects.filter(cohort=enrolment.cohort_id).in_line().first()
            since = first.waiting_since if first and first.waiting_since else now
            fields["state"] = Enrolment.State.WAITLISTED
            fields["waiting_since"] = since - timedelta(milliseconds=1)
    if not rows.update(**fields):
        raise AlreadyDecided
    _reread(enrolment)
    record(by=by, verb="enrolment.reinstated", target=enrolment, state=str(enrolment.state))
    write_to([enrolment], "programs.reinstated", by=by, context={"state": str(enrolment.state)})
    return enrolment


DECISIONS: Mapping[str, Callable[..., Enrolment]] = {
    "accept": accept,
    "decline": decline,
    "waitlist": waitlist,
    "withdraw": withdraw,
    "reinstate": reinstate,
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
    """Complete an active enrolment and write to the person; raises AlreadyDecided for any other."""
    _end(enrolment, Enrolment.State.COMPLETED, at, by)
    cohorts = to_mentor_in(enrolment.member, cohorts_open_to(enrolment.member))
    mentor_in = [
        str(cohort) for cohort in cohorts if cohort.program_id == enrolment.cohort.program_id
    ]
    write_to([enrolment], "programs.completed", context={"mentor_in": mentor_in})
    return enrolment


@transaction.atomic
def finish_enrolment(*, enrolment: Enrolment, at: datetime | None = None) -> Enrolment:
    """End what was still in place when the cohort closed and did not complete; AlreadyDecided."""
    _end(enrolment, Enrolment.State.FINISHED, at, None)
    write_to([enrolment], "programs.finished")
    return enrolment


def _end(enrolment: Enrolment, state: str, at: datetime | None, by: Member | None) -> None:
    now = clock.now()
    ending = IN_PLACE if state == Enrolment.State.FINISHED else (Enrolment.State.ACTIVE,)
    rows = Enrolment.objects.filter(pk=enrolment.pk, state__in=ending)
    ended = {"state_before": F("state"), "state": state, "ended_at": at or now, "changed_at": now}
    if not rows.update(**ended):
        raise AlreadyDecided
    _reread(enrolment)
    record(by=by, verb=f"enrolment.{state}", target=enrolment)


@transaction.atomic
def decide_many(
    *,
    cohort: Cohort,
    enrolment_ids: Collection[UUID],
    decision: str,
    by: Member,
    **said: object,
) -> dict[str, int]:
    """Decide on several at once; return how many ended in which state.

    `said` is what that decision takes: words, a reason.  Those somebody else has decided
    meanwhile, or for whom no place is left, are left alone and counted under "unchanged"; who
    waits is served first, in the order of the line.  Raises ValueError for another decision.
    """
    if decision not in DECISIONS:
        raise ValueError(f"no such decision: {decision}")
    counts: dict[str, int] = {}
    rows = Enrolment.objects.for_list().filter(cohort=cohort, pk__in=enrolment_ids)
    in_line = Case(When(state=Enrolment.State.WAITLISTED, then=0), default=1)
    for enrolment in rows.order_by(in_line, "waiting_since", "applied_at", "id"):
        try:
            state = DECISIONS[decision](enrolment=enrolment, by=by, **said).state
        except (AlreadyDecided, NoPlaceFree, TooLateToUndo):
            state = "unchanged"
        counts[state] = counts.get(state, 0) + 1
    return counts


def _reread(enrolment: Enrolment) -> None:
    """Read again what an operation may have changed; what was joined to the row stays."""
    enrolment.refresh_from_db(
        fields=[
            "state",
            "state_before",
            "accepted_at",
            "started_at",
            "waiting_since",
            "ended_at",
            "end_reason",
            "ended_by",
            "decision_words",
            "changed_at",
        ]
    )


@transaction.atomic
def remove_enrolment(*, enrolment: Enrolment) -> None:
    """Remove an enrolment that was a mistake as a whole, as when an import is undone.

    Raises EnrolmentInUse once it has come further than its place, or a row holds it.
    """
    if enrolment.state not in {Enrolment.State.ACCEPTED, Enrolment.State.WAITLISTED}:
        raise EnrolmentInUse
    if enrolment.state == Enrolment.State.ACCEPTED:
        Cohort.objects.filter(pk=enrolment.cohort_id).update(places_taken=F("places_taken") - 1)
    Answer.objects.filter(enrolment=enrolment).delete()
    rows = Enrolment.objects.filter(pk=enrolment.pk)
    try:
        with transaction.atomic():
            rows._raw_delete(rows.db)  # the database refuses what is held: see remove_member
    except IntegrityError as error:
        raise EnrolmentInUse from error
