"""Opening cohorts, changing their dates and places, and moving them through their phases."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from core.audit.operations import record
from core.common.errors import refusing
from core.members.models import Member
from programs.errors import (
    BadDates,
    CohortHasPeople,
    FewerPlacesThanTaken,
    NameTaken,
    NoSuchStep,
    ProgramArchived,
)
from programs.models.programs import Cohort, Enrolment, Program

ORDER: tuple[str, ...] = tuple(Cohort.Phase.values)


@transaction.atomic
def create_cohort(
    *,
    program: Program,
    name: str,
    starts_on: date,
    ends_on: date,
    places: int | None = None,
    by: Member | None,
) -> Cohort:
    """Open a cohort as a draft; `places` None means as many as come.

    Raises NameTaken, BadDates or ProgramArchived.
    """
    if program.archived_at:
        raise ProgramArchived
    if ends_on <= starts_on:
        raise BadDates
    with refusing("cohort_name_once", NameTaken()):
        cohort = Cohort.objects.create(
            program=program, name=name.strip(), starts_on=starts_on, ends_on=ends_on, places=places
        )
    record(by=by, verb="cohort.created", target=cohort)
    return cohort


@transaction.atomic
def edit_cohort(
    *,
    cohort: Cohort,
    name: str,
    starts_on: date,
    ends_on: date,
    places: int | None,
    by: Member,
) -> Cohort:
    """Change name, dates and places; raises NameTaken, BadDates or FewerPlacesThanTaken."""
    if ends_on <= starts_on:
        raise BadDates
    with (
        refusing("cohort_name_once", NameTaken()),
        refusing("cohort_places_hold", FewerPlacesThanTaken()),
    ):
        Cohort.objects.filter(pk=cohort.pk).update(
            name=name.strip(), starts_on=starts_on, ends_on=ends_on, places=places
        )
    cohort.refresh_from_db(fields=["name", "starts_on", "ends_on", "places"])
    record(by=by, verb="cohort.edited", target=cohort)
    return cohort


def steps_from(phase: str) -> tuple[str, ...]:
    """Return the phases next to this one: the one before, then the one after."""
    at = ORDER.index(phase)
    return ORDER[max(at - 1, 0) : at] + ORDER[at + 1 : at + 2]


@transaction.atomic
def move_cohort(*, cohort: Cohort, to: str, by: Member | None) -> Cohort:
    """Take a cohort one phase on or back, and return it as it now is.

    Raises NoSuchStep for any other step or if somebody moved it meanwhile, CohortHasPeople for
    a way back to draft, ProgramArchived when an archived program would enrol.
    """
    was = cohort.phase
    if to not in steps_from(was):
        raise NoSuchStep
    if to == Cohort.Phase.DRAFT and Enrolment.objects.filter(cohort=cohort).exists():
        raise CohortHasPeople
    if to == Cohort.Phase.ENROLLING and cohort.program.archived_at:
        raise ProgramArchived
    if not Cohort.objects.filter(pk=cohort.pk, phase=was).update(phase=to):
        raise NoSuchStep
    record(by=by, verb="cohort.moved", target=cohort, was=str(was), now=str(to))
    cohort.refresh_from_db(fields=["phase"])
    return cohort
