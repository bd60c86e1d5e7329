"""Whose profile somebody reads, and what of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from core.members.models import Member
from programs.models.profiles import ProfileEntry
from programs.models.programs import BELONGS, RUN_PROGRAMS, Enrolment, Program

Field = ProfileEntry.Field


@dataclass(frozen=True)
class Profile:
    """What one person says of themselves, as far as somebody reads it."""

    member: Member
    entries: Sequence[ProfileEntry]


def person_met(member: Member, person_id: UUID) -> Member | None:
    """Return somebody whose profile this member may open: themselves, who is in a cohort with
    them, and for who runs programs everybody whom the directory names.
    """
    rows = Member.objects.reachable().filter(pk=person_id)
    if member.role in RUN_PROGRAMS:
        return rows.visible_to(member).first()
    theirs = Enrolment.objects.filter(BELONGS, member=OuterRef("pk"))
    mine = Enrolment.objects.filter(BELONGS, member=member, cohort=OuterRef("cohort"))
    return rows.filter(Q(pk=member.pk) | Exists(theirs.filter(Exists(mine)))).first()


def profile_of(person: Member, by: Member) -> Profile:
    """Return what `by` reads of somebody whom they need not work with."""
    return profiles_of([person], by=by)[0]


def profiles_of(
    people: Iterable[Member], *, by: Member, partners: Collection[UUID] = ()
) -> list[Profile]:
    """Return what `by` reads of these people, of whom `partners` work with them now."""
    people = list(people)
    rows = ProfileEntry.objects.visible_to(by)
    if partners:
        rows = rows | ProfileEntry.objects.for_partners().filter(member__in=partners)
    by_person: dict[UUID, list[ProfileEntry]] = {person.pk: [] for person in people}
    for entry in rows.filter(member__in=by_person).for_list():
        if entry.words:
            by_person[entry.member_id].append(entry)
    order = list(Field)
    return [
        Profile(person, sorted(by_person[person.pk], key=lambda row: order.index(Field(row.field))))
        for person in people
    ]


@dataclass(frozen=True)
class Bound:
    """Whom a program of somebody's lets them show their profile to."""

    program: str
    audiences: Sequence[str]


def bounds_of(member: Member) -> list[Bound]:
    """Return what each program of this person allows."""
    mine = Enrolment.objects.filter(BELONGS, cohort__program=OuterRef("pk"), member=member)
    rows = Program.objects.filter(Exists(mine)).order_by("name")
    return [Bound(program.name, _audiences(program)) for program in rows]


def _audiences(program: Program) -> list[str]:
    audiences = ProfileEntry.Audience
    allowed = [audiences.PARTNERS]
    allowed += [audiences.COHORT] * program.profiles_to_cohort
    allowed += [audiences.COORDINATORS] * program.profiles_to_coordinators
    return [str(audience.label) for audience in allowed]


def own_entries(member: Member) -> dict[str, ProfileEntry]:
    """Return somebody's own fields by name."""
    rows = ProfileEntry.objects.filter(member=member).for_list()
    return {entry.field: entry for entry in rows}
