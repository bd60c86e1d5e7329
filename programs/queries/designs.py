"""Programs: how they are doing, and who runs them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from core.common.own_words import Words, words_of
from core.members.models import Member
from programs.models.parts import Answer, Question
from programs.models.programs import (
    ENROLLED,
    WORD_FIELDS,
    Cohort,
    Enrolment,
    Program,
    ProgramStaff,
)


@dataclass(frozen=True)
class _ProgramHealth:
    """A program and its cohorts: how many people, and what waits for somebody.

    enrolled: ever accepted, in cohorts that are under way.  undecided: applications.
    """

    program: Program
    cohorts: list[Cohort] = field(default_factory=list)
    enrolled: int = 0
    undecided: int = 0

    @property
    def under_way(self) -> list[Cohort]:
        return [cohort for cohort in self.cohorts if cohort.phase not in Cohort.OVER]


def programs_with_health(member: Member, *, archived: bool = False) -> list[_ProgramHealth]:
    """Return the programs this member may see, by name, in three statements for any number."""
    programs = Program.objects.visible_to(member).filter(archived_at__isnull=not archived)
    by_program: dict[object, list[Cohort]] = {}
    cohorts = Cohort.objects.visible_to(member).for_list().order_by("-starts_on", "id")
    for cohort in cohorts:
        by_program.setdefault(cohort.program_id, []).append(cohort)
    people = {
        row["cohort"]: row
        for row in Enrolment.objects.visible_to(member)
        .filter(cohort__phase__in=Cohort.UNDER_WAY)
        .values("cohort")
        .annotate(
            enrolled=Count("id", filter=ENROLLED),
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
    """Return the coordinators who run this program: named on it, or running all."""
    return list(_who_run(program.pk).order_by("given_name", "pk"))


def reply_addresses(program_id: UUID) -> list[str]:
    """Return who reads an answer to an e-mail of this program: one who is named on it first.

    What NOTIFICATION_REPLIES names: the outbox lies below and knows of no program, and asks this
    for each e-mail, so that it is one statement.
    """
    people = _who_run(program_id).filter(Exists(Program.objects.filter(pk=program_id)))
    first = people.order_by(_named_on(program_id).desc(), "given_name", "pk")
    return list(first.values_list("email", flat=True)[:1])


def words_of_programs() -> dict[UUID, Words]:
    """Return the own words of each program that has any, in one statement.

    What PROGRAM_WORDS names, for the same reason.
    """
    ours = Q(**{name: notion for notion, name in WORD_FIELDS.items()})
    rows = Program.objects.exclude(ours).values_list("pk", *WORD_FIELDS.values())
    return {pk: words_of(dict(zip(WORD_FIELDS, words, strict=True))) for pk, *words in rows}


def _who_run(program_id: UUID) -> QuerySet[Member]:
    runs = _named_on(program_id) | Q(runs_all=True)
    return Member.objects.live().filter(runs, role=Member.Role.COORDINATOR)


def _named_on(program_id: UUID) -> Exists:
    return Exists(ProgramStaff.objects.filter(member=OuterRef("pk"), program=program_id))


def answered_options(question: Question) -> Counter[str]:
    """Return how many people have chosen each option of a question, by its key."""
    values = Answer.objects.filter(question=question).values_list("value", flat=True)
    return Counter(
        key for value in values for key in ([value] if isinstance(value, str) else value)
    )


def questions_to_copy(program: Program, member: Member) -> QuerySet[Question, Question]:
    """Return what other programs this person sees ask, without what this one asks already."""
    asked = Question.objects.filter(program=program, label=OuterRef("label"))
    rows: QuerySet[Question, Question] = (
        Question.objects.visible_to(member)
        .exclude(program=program)
        .exclude(Exists(asked))
        .select_related("program")
        .order_by("program__name", "position", "id")
    )
    return rows
