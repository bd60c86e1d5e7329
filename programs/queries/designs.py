"""Programs: how they are doing, and who runs them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q

from core.members.models import Member
from programs.models.programs import Cohort, Enrolment, Program, ProgramStaff


@dataclass(frozen=True)
class _ProgramHealth:
    """A program and its cohorts: how many people, and what waits for somebody.

    enrolled: accepted or later, in cohorts that are under way.  undecided: applications.
    """

    program: Program
    cohorts: list[Cohort] = field(default_factory=list)
    enrolled: int = 0
    undecided: int = 0

    @property
    def under_way(self) -> list[Cohort]:
        return [cohort for cohort in self.cohorts if cohort.phase in Cohort.UNDER_WAY]


def programs_with_health(member: Member, *, archived: bool = False) -> list[_ProgramHealth]:
    """Return the programs this member may see, by name, in three statements for any number."""
    programs = Program.objects.visible_to(member).filter(archived_at__isnull=not archived)
    by_program: dict[object, list[Cohort]] = {}
    cohorts = Cohort.objects.visible_to(member).for_list().order_by("-starts_on", "id")
    for cohort in cohorts:
        by_program.setdefault(cohort.program_id, []).append(cohort)
    counted = Q(state__in=("accepted", "active", "completed"))
    people = {
        row["cohort"]: row
        for row in Enrolment.objects.visible_to(member)
        .filter(cohort__phase__in=Cohort.UNDER_WAY)
        .values("cohort")
        .annotate(
            enrolled=Count("id", filter=counted),
            undecided=Count("id", filter=Q(state="applied")),
        )
    }
    return [
        _ProgramHealth(
            program,
            own_cohorts := by_program.get(program.pk, []),
            sum(people[cohort.pk]["enrolled"] for cohort in own_cohorts if cohort.pk in people),
            sum(people[cohort.pk]["undecided"] for cohort in own_cohorts if cohort.pk in people),
        )
        for program in programs.select_related("organisation").order_by("name")
    ]


def coordinators_of(program: Program) -> list[Member]:
    """Return the coordinators who run this program: named on it, or named nowhere."""
    staffed = ProgramStaff.objects.filter(member=OuterRef("pk"))
    runs = Exists(staffed.filter(program=program)) | ~Exists(staffed)
    people = Member.objects.live().filter(runs, role=Member.Role.COORDINATOR)
    return list(people.order_by("given_name", "pk"))
