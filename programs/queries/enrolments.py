"""Who is in a cohort, and what they answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from core.members.models import Member
from programs.models.parts import Answer, AnswerValue, Criterion, Question
from programs.models.programs import Cohort, Enrolment, EnrolmentQuerySet, Program


def answers_of(enrolments: Iterable[Enrolment]) -> dict[UUID, dict[str, AnswerValue]]:
    answers: dict[UUID, dict[str, AnswerValue]] = {enrolment.pk: {} for enrolment in enrolments}
    rows = Answer.objects.filter(enrolment__in=list(answers))
    for enrolment_id, key, value in rows.values_list("enrolment_id", "question__key", "value"):
        answers[enrolment_id][key] = value
    return answers


@dataclass(frozen=True)
class _CohortCounts:
    states: dict[str, int]
    parts: dict[str, int]
    invited: int

    @property
    def enrolled(self) -> int:
        """Accepted or later, and not withdrawn."""
        return sum(self.states.get(state, 0) for state in ("accepted", "active", "completed"))

    @property
    def everybody(self) -> int:
        return sum(self.states.values())


def cohort_counts(cohort: Cohort) -> _CohortCounts:
    """Return the counts of a cohort in one statement; `invited` have not yet come in."""
    states: dict[str, int] = {}
    parts: dict[str, int] = {}
    invited = 0
    rows = (
        Enrolment.objects.filter(cohort=cohort)
        .values("state", "part")
        .annotate(n=Count("id"), waiting=Count("id", filter=Q(member__state=Member.State.INVITED)))
        .order_by("state", "part")
    )
    for row in rows:
        states[row["state"]] = states.get(row["state"], 0) + row["n"]
        parts[row["part"]] = parts.get(row["part"], 0) + row["n"]
        invited += row["waiting"]
    return _CohortCounts(states, parts, invited)


def filtered_enrolments(
    rows: EnrolmentQuerySet, *, part: str = "", state: str = "", search: str = ""
) -> EnrolmentQuerySet:
    """Narrow enrolments as the people page and its file do; every word must be in a name."""
    if part in Enrolment.Part.values:
        rows = rows.filter(part=part)
    if state in Enrolment.State.values:
        rows = rows.filter(state=state)
    for word in search.replace("\x00", "").split()[:5]:
        rows = rows.filter(
            Q(member__given_name__icontains=word)
            | Q(member__family_name__icontains=word)
            | Q(member__email__icontains=word)
            | Q(member__department__icontains=word)
        )
    return rows


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
    return Enrolment.objects.for_list().filter(cohort=cohort, member=member).first()
