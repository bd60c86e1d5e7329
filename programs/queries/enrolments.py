"""Who is in a cohort, and what they answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import ngettext

from core.members.models import Member
from programs.models.parts import Answer, AnswerValue, Criterion, Question
from programs.models.programs import Cohort, Enrolment, EnrolmentQuerySet, Program
from programs.operations.answers import is_asked
from programs.queries.eligibility import why_not_eligible


def answers_of(enrolments: Iterable[Enrolment]) -> dict[UUID, dict[str, AnswerValue]]:
    answers: dict[UUID, dict[str, AnswerValue]] = {enrolment.pk: {} for enrolment in enrolments}
    rows = Answer.objects.filter(enrolment__in=list(answers))
    for enrolment_id, key, value in rows.values_list("enrolment_id", "question__key", "value"):
        answers[enrolment_id][key] = value
    return answers


TAKES_A_PLACE = ("accepted", "active", "completed", "finished")
NAMED = 3  # of the people who wait; the rest is counted


@dataclass(frozen=True)
class _CohortCounts:
    states: dict[str, int]
    parts: dict[str, int]

    @property
    def with_a_place(self) -> int:
        """Accepted or later, and not withdrawn: who was ever accepted are the enrolled."""
        return sum(self.states.get(state, 0) for state in TAKES_A_PLACE)


def cohort_counts(cohort: Cohort) -> _CohortCounts:
    """Return the counts of a cohort in one statement."""
    states: dict[str, int] = {}
    parts: dict[str, int] = {}
    rows = (
        Enrolment.objects.filter(cohort=cohort)
        .values("state", "part")
        .annotate(n=Count("id"))
        .order_by("state", "part")
    )
    for row in rows:
        states[row["state"]] = states.get(row["state"], 0) + row["n"]
        parts[row["part"]] = parts.get(row["part"], 0) + row["n"]
    return _CohortCounts(states, parts)


def compared_questions(program: Program) -> list[Question]:
    """Return the questions whose answers count in the matching and so may be given as a reason."""
    compared = set()
    rows = Criterion.objects.filter(program=program, sort=Criterion.Sort.SCORE)
    for fields in rows.values_list("seeker_field", "offerer_field"):
        compared |= {name.removeprefix("answer:") for name in fields if name.startswith("answer:")}
    return [name for name in program.questions.all() if name.key in compared]


def shown_answers(enrolments: Collection[UUID]) -> dict[UUID, dict[str, bool]]:
    """Return for each enrolment its answers by question key: whether partners may read them."""
    shown_by_enrolment: dict[UUID, dict[str, bool]] = {enrolment: {} for enrolment in enrolments}
    rows = Answer.objects.filter(enrolment__in=enrolments)
    for enrolment, key, shown in rows.values_list("enrolment_id", "question__key", "shown"):
        shown_by_enrolment[enrolment][key] = shown
    return shown_by_enrolment


def enrolment_of(cohort: Cohort, member: Member) -> Enrolment | None:
    """Return how somebody stands in a cohort: the latest, where they enrolled again."""
    rows = Enrolment.objects.for_list().filter(cohort=cohort, member=member)
    return rows.order_by("-applied_at", "-id").first()


def place_in_line(enrolment: Enrolment) -> int:
    """Return which place somebody has in the waiting list, from 1."""
    line = Enrolment.objects.filter(cohort=enrolment.cohort_id).in_line()
    ids = list(line.values_list("pk", flat=True))
    return ids.index(enrolment.pk) + 1 if enrolment.pk in ids else len(ids) + 1


def names_in_line(cohort: Cohort, but: Collection[UUID] = ()) -> str:
    """Return who waits for a place, the first by name; "" if nobody does."""
    line = Enrolment.objects.filter(cohort=cohort).exclude(pk__in=but).in_line()
    names = [row.member.full_name for row in line.select_related("member")[: NAMED + 1]]
    if len(names) <= NAMED:
        return ", ".join(names)
    more = line.count() - NAMED
    return ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more) % {
        "names": ", ".join(names[:NAMED]),
        "n": more,
    }


def cohorts_open_to(member: Member) -> list[Cohort]:
    """Return where somebody may ask for a place: open, fitting, and not a program they run."""
    rows = (
        Cohort.objects.open_to_all()
        .exclude(
            Exists(
                Enrolment.objects.filter(cohort=OuterRef("pk"), member=member).exclude(
                    cohort__ends_on=None, state__in=("completed", "finished")
                )
            )
        )
        .for_list()
        .order_by("starts_on", "id")
    )
    if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
        rows = rows.exclude(program__in=Program.objects.visible_to(member))
    return [cohort for cohort in rows if not why_not_eligible(cohort, member)]


def to_mentor_in(member: Member, cohorts: Sequence[Cohort]) -> list[Cohort]:
    """Return those of the cohorts whose program this person has completed as a mentee alone."""
    if not cohorts:
        return []
    completed = Enrolment.objects.filter(
        member=member,
        state=Enrolment.State.COMPLETED,
        part=Enrolment.Part.MENTEE,
        cohort__program__in={cohort.program_id for cohort in cohorts},
    )
    programs = set(completed.values_list("cohort__program", flat=True))
    return [cohort for cohort in cohorts if cohort.program_id in programs]


def waiting_with_a_place_free(member: Member | None) -> EnrolmentQuerySet:
    """Return, for the coordinator's list or all, who is first in a line though a place is free.

    In open cohorts they move up by themselves.
    """
    free = Cohort.objects.with_a_place_free().exclude(entry=Cohort.Entry.OPEN)
    rows = Enrolment.objects.visible_to(member) if member else Enrolment.objects.all()
    line = rows.filter(
        cohort__in=free.exclude(phase__in=(Cohort.Phase.CLOSING, *Cohort.OVER)),
        cohort__places__isnull=False,
    )
    return line.in_line().for_list()


def silent_about_expectations(cohort: Cohort) -> int:
    """Count who has a place and has never accepted what is expected of them."""
    return Enrolment.objects.filter(cohort=cohort).in_place().without_expectations().count()


def to_accept_expectations(member: Member) -> list[Enrolment]:
    """Return the enrolments for which this person has the expectations still to accept."""
    rows = Enrolment.objects.filter(
        member=member, state__in=(*Enrolment.UNDECIDED, *Enrolment.IN_PLACE)
    ).exclude(cohort__phase__in=Cohort.OVER)
    return list(rows.to_accept_again().for_list().order_by("applied_at", "id"))


def not_answered(cohort: Cohort) -> list[Enrolment]:
    """Return who has a place and has left open what the matching compares, in four statements."""
    compared = compared_questions(cohort.program)
    rows = Enrolment.objects.filter(cohort=cohort).in_place().for_list()
    people = list(
        rows.exclude(member__state=Member.State.LEFT).order_by("member__family_name", "id")
    )
    answers = answers_of(people)
    return [
        person
        for person in people
        if any(
            is_asked(question, person.part)
            and question.applies(answers[person.pk])
            and question.key not in answers[person.pk]
            for question in compared
        )
    ]
