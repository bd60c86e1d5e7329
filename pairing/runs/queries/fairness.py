"""Whom a run treated how, by the attributes a coordinator names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from core.tenancy.queries import settings_in_force
from pairing.inputs.snapshot import Snapshot
from pairing.models.runs import MatchRun, ProposalSeat
from pairing.runs.fairness import Report, Treated, report_on
from programs.models.parts import Answer, Question
from programs.models.programs import Enrolment, Program
from programs.queries.words import answer_words

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Breakdown:
    """One attribute's report for the people of one part."""

    attribute: str
    part: str
    report: Report


def attributes_of(program: Program) -> list[tuple[str, str]]:
    """Return what a report may be broken down by: work facts, and questions with one choice."""
    facts = [
        ("member:department", _("Department")),
        ("member:level", _("Level")),
        ("member:location", _("Location")),
    ]
    questions = program.questions.filter(kind=Question.Kind.CHOICE).order_by("position", "id")
    return facts + [(f"answer:{question.key}", question.label) for question in questions]


def fairness_of(run: MatchRun, attributes: Sequence[tuple[str, str]]) -> list[Breakdown]:
    """Return for each attribute and part how a finished run treated each group.

    Candidates are those who took somebody and had nobody yet.  Groups are as people stand
    today; the number of statements does not grow with people or attributes.
    """
    k = settings_in_force().threshold
    seats = _seats(run)
    candidates = _candidates(Snapshot.from_json(run.snapshot))
    wanted = {who for people in candidates.values() for who in people}
    enrolments = {
        enrolment.pk: enrolment
        for enrolment in Enrolment.objects.filter(pk__in=wanted).select_related("member")
    }
    groups = _groups(enrolments, [name for name, _words in attributes])
    breakdowns = []
    for name, words in attributes:
        for part, candidate_ids in candidates.items():
            people = [
                _treated(
                    run,
                    enrolments[enrolment_id],
                    groups[name].get(enrolment_id, ""),
                    seats.get((enrolment_id, part), []),
                )
                for enrolment_id in candidate_ids
                if enrolment_id in enrolments
            ]
            if people:
                breakdowns.append(Breakdown(words, part, report_on(people, k=k)))
    return breakdowns


def _candidates(snapshot: Snapshot) -> dict[str, list[UUID]]:
    """Return by part who took somebody and had nobody yet."""
    return {
        part: [
            UUID(enrolment)
            for enrolment, capacity, seated in zip(
                side.enrolments, side.capacity, side.seated, strict=True
            )
            if capacity and not seated
        ]
        for part, side in snapshot.by_part.items()
    }


Given = tuple[int, int | None]  # a pair's score, and which choice it is to this person


def _seats(run: MatchRun) -> dict[tuple[UUID, str], list[Given]]:
    seats: dict[tuple[UUID, str], list[Given]] = {}
    rows = ProposalSeat.objects.filter(proposal__run=run)
    for enrolment, part, score, choice in rows.values_list(
        "enrolment_id", "part", "proposal__score", "choice"
    ):
        seats.setdefault((enrolment, part), []).append((score, choice))
    return seats


def _treated(run: MatchRun, enrolment: Enrolment, group: str, pairs: Sequence[Given]) -> Treated:
    choices = [choice for _score, choice in pairs if choice is not None]
    waited = None
    if enrolment.accepted_at and run.finished_at:
        waited = max(0, (run.finished_at - enrolment.accepted_at) // DAY)
    return Treated(
        group,
        matched=bool(pairs),
        score=sum(score for score, _choice in pairs) / len(pairs) if pairs else None,
        choice=sum(choices) / len(choices) if choices else None,
        waited=waited,
    )


def _groups(
    enrolments: dict[UUID, Enrolment], attributes: Sequence[str]
) -> dict[str, dict[UUID, str]]:
    """Return for each attribute the group of each enrolment."""
    groups: dict[str, dict[UUID, str]] = {name: {} for name in attributes}
    for name in attributes:
        source, _colon, key = name.partition(":")
        if source == "member":
            groups[name] = {
                pk: str(getattr(enrolment.member, key)) for pk, enrolment in enrolments.items()
            }
    keys = [name.removeprefix("answer:") for name in attributes if name.startswith("answer:")]
    if keys:
        rows = Answer.objects.filter(enrolment__in=enrolments, question__key__in=keys)
        for answer in rows.select_related("question"):
            words = answer_words(answer.question, answer.value)
            groups[f"answer:{answer.question.key}"][answer.enrolment_id] = words
    return groups
