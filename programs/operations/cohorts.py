"""Opening cohorts, changing their dates and places, and moving them through their phases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from core.audit.operations import changes_of, record
from core.common import clock
from core.common.dates import day_words
from core.common.errors import refusing
from core.common.rows import row_by_row
from core.members.models import Member
from core.tenancy.days import day_of
from programs.errors import (
    BadDates,
    CohortHasPeople,
    FewerPlacesThanTaken,
    MoveAsks,
    MoveHindered,
    NameTaken,
    NoSuchStep,
    ProgramArchived,
    ReasonMissing,
    TooLateToUndo,
)
from programs.models.programs import Cohort, Enrolment, EnrolmentQuerySet, Program
from programs.operations.emails import DAY, write_to
from programs.operations.line import carry_over
from programs.queries.enrolments import TAKES_A_PLACE
from programs.queries.moves import STEPS, due_moves, matters_of_move

UNDO_WITHIN = timedelta(days=1)
Phase = Cohort.Phase


@transaction.atomic
def create_cohort(
    *,
    program: Program,
    name: str,
    starts_on: date,
    ends_on: date | None = None,
    length_days: int | None = None,
    places: int | None = None,
    entry: str = Cohort.Entry.APPLICATION,
    enrol_until: date | None = None,
    eligibility: Sequence[dict[str, object]] = (),
    by: Member | None,
) -> Cohort:
    """Open a cohort as a draft; `places` None means as many as come.

    Without a last day it is rolling, and each partnership lasts `length_days`.
    Raises NameTaken, BadDates or ProgramArchived.
    """
    if program.archived_at:
        raise ProgramArchived
    _check_dates(starts_on, ends_on, length_days)
    with refusing("cohort_name_once", NameTaken()):
        cohort = Cohort.objects.create(
            program=program,
            name=name.strip(),
            starts_on=starts_on,
            ends_on=ends_on,
            length_days=length_days,
            places=places,
            entry=entry,
            enrol_until=enrol_until,
            eligibility=list(eligibility),
        )
    record(by=by, verb="cohort.created", target=cohort)
    return cohort


def _check_dates(starts_on: date, ends_on: date | None, length_days: int | None) -> None:
    """A cohort has a last day after the first, or a length: one of the two."""
    if (ends_on is None) == (length_days is None) or (ends_on and ends_on <= starts_on):
        raise BadDates


@transaction.atomic
def edit_cohort(
    *,
    cohort: Cohort,
    name: str,
    starts_on: date,
    ends_on: date | None,
    places: int | None,
    length_days: int | None = None,
    entry: str | None = None,
    enrol_until: date | None = None,
    eligibility: Sequence[dict[str, object]] | None = None,
    by: Member,
) -> Cohort:
    """Change what a cohort is; raises NameTaken, BadDates or FewerPlacesThanTaken.

    Partnerships keep their dates: the page that follows names those that fall outside.
    """
    _check_dates(starts_on, ends_on, length_days)
    fields = {
        "name": name.strip(),
        "starts_on": starts_on,
        "ends_on": ends_on,
        "length_days": length_days,
        "places": places,
        "entry": cohort.entry if entry is None else entry,
        "enrol_until": enrol_until,
        "eligibility": cohort.eligibility if eligibility is None else list(eligibility),
    }
    changes = changes_of(cohort, fields)
    with (
        refusing("cohort_name_once", NameTaken()),
        refusing("cohort_places_hold", FewerPlacesThanTaken()),
    ):
        Cohort.objects.filter(pk=cohort.pk).update(**fields)
    cohort.refresh_from_db(fields=list(fields))
    record(by=by, verb="cohort.edited", target=cohort, fields=list(changes), changes=changes)
    return cohort


@transaction.atomic
def move_cohort(
    *, cohort: Cohort, to: str, by: Member | None, confirmed: bool = False, words: str = ""
) -> Cohort:
    """Take a cohort to a phase next to its own, do what follows, and return it as it now is.

    `confirmed`: somebody has read what comes of it.  `words` go to everybody when it is called
    off.  Raises NoSuchStep for any other step or if somebody moved it meanwhile, MoveHindered or
    one of its kind, and MoveAsks where it has to be confirmed.
    """
    was = cohort.phase
    if to not in STEPS[was]:
        raise NoSuchStep
    now = clock.now()
    matters = matters_of_move(cohort, to, day_of(now))
    for matter in matters:
        if matter.hinders:
            raise _refusal(cohort, to, matter.sentence)
    if not confirmed and any(matter.asks for matter in matters):
        raise MoveAsks
    if to == Phase.CALLED_OFF and not words.strip():
        raise ReasonMissing
    _set_phase(cohort, to, by, now)
    match to:
        case Phase.ENROLLING if was == Phase.DRAFT:
            carry_over(cohort=cohort, by=by)
        case Phase.RUNNING if was == Phase.MATCHING:
            _put_undecided_in_line(cohort)
        case Phase.CLOSING:
            _tell_closing(cohort)
        case Phase.CALLED_OFF:
            _call_off(cohort, words.strip(), by, now)
    return cohort


def _refusal(cohort: Cohort, to: str, sentence: str) -> Exception:
    if to == Phase.DRAFT:
        return CohortHasPeople()
    return ProgramArchived() if cohort.program.archived_at else MoveHindered(sentence)


def _set_phase(cohort: Cohort, to: str, by: Member | None, now: datetime) -> None:
    was = cohort.phase
    moved = Cohort.objects.filter(pk=cohort.pk, phase=was)
    if not moved.update(phase=to, moved_at=now, moved_from=was):
        raise NoSuchStep
    record(by=by, verb="cohort.moved", target=cohort, was=str(was), now=str(to))
    cohort.refresh_from_db(fields=["phase", "moved_at", "moved_from"])


def _put_undecided_in_line(cohort: Cohort) -> None:
    """Who applied and was never decided on is not in: they wait, and are told so."""
    rows = Enrolment.objects.filter(cohort=cohort, state=Enrolment.State.APPLIED)
    late = list(rows.for_list().order_by("applied_at", "id"))
    rows.update(
        state=Enrolment.State.WAITLISTED, waiting_since=F("applied_at"), changed_at=clock.now()
    )
    write_to(late, "programs.not_in")


def _tell_closing(cohort: Cohort) -> None:
    rows = Enrolment.objects.filter(cohort=cohort).for_list()
    day = day_words(cohort.ends_on, DAY) if cohort.ends_on else ""
    for waits, people in ((False, rows.in_place()), (True, rows.in_line())):
        write_to(people, "programs.closing", context={"ends_on": day, "waits": waits})


def _call_off(cohort: Cohort, words: str, by: Member | None, now: datetime) -> None:
    rows = Enrolment.objects.filter(cohort=cohort)
    out = rows.filter(state__in=(Enrolment.State.APPLIED, *Enrolment.IN_PLACE))
    people = list(out.for_list())
    waiting = list(rows.in_line().for_list())
    out.update(
        state_before=F("state"),
        state=Enrolment.State.WITHDRAWN,
        ended_at=now,
        end_reason=Enrolment.EndReason.CALLED_OFF,
        changed_at=now,
    )
    Cohort.objects.filter(pk=cohort.pk).update(places_taken=0)
    for waits, told in ((False, people), (True, waiting)):
        context = {"called_off": words, "waits": waits}
        write_to(told, "programs.called_off", by=by, context=context)


@transaction.atomic
def undo_move(*, cohort: Cohort, by: Member) -> Cohort:
    """Take a cohort back to the phase it came from, within a day.

    Re-opened, people who completed or finished by the closing are in again; called off and
    undone, they are in again and told.  The apps above put right what they did.
    Raises TooLateToUndo, or MoveHindered where people have begun meanwhile.
    """
    now = clock.now()
    if cohort.moved_at is None or cohort.moved_at <= now - UNDO_WITHIN or not cohort.moved_from:
        raise TooLateToUndo
    was, back, since = cohort.phase, cohort.moved_from, cohort.moved_at
    for matter in matters_of_move(cohort, back, day_of(now)):
        if matter.hinders:
            raise _refusal(cohort, back, matter.sentence)
    _set_phase(cohort, back, by, now)
    if was == Phase.CLOSED:
        ended = Enrolment.objects.filter(
            cohort=cohort, ended_at__gte=since, state__in=("completed", "finished")
        )
        _restore(ended, now)
    elif was == Phase.CALLED_OFF:
        ended = Enrolment.objects.filter(
            cohort=cohort, ended_at=since, end_reason=Enrolment.EndReason.CALLED_OFF
        )
        people = list(ended.for_list())
        _restore(ended, now)
        taken = Enrolment.objects.filter(cohort=cohort, state__in=TAKES_A_PLACE).count()
        Cohort.objects.filter(pk=cohort.pk).update(places_taken=taken)
        context = {"state": "", "cohort_again": True}
        write_to(people, "programs.reinstated", by=by, context=context)
    return cohort


def _restore(rows: EnrolmentQuerySet, now: datetime) -> None:
    rows.exclude(state_before="").update(
        state=F("state_before"), state_before="", ended_at=None, end_reason="", changed_at=now
    )


def move_cohorts_by_date(*, at: datetime) -> int:
    """Move the cohorts whose date has come and where nothing hinders or asks; how many.

    What asks waits on the coordinator's list: see `moves_that_ask`.
    """
    return row_by_row(
        [move for move in due_moves(day_of(at)) if move.goes_by_itself],
        lambda move: move_cohort(cohort=move.cohort, to=move.to, by=None),
    )
