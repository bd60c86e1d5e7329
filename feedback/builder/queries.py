"""Reading what was built: a program's surveys, the questions of one, and what may be copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import Http404

from core.members.models import Member
from feedback.builder.forms import KINDS
from feedback.builder.moments import moment_words
from feedback.builder.suggested import SUGGESTIONS, Suggestion
from feedback.models.built import BuiltSurvey, SurveyVersion
from feedback.models.surveys import SurveyResponse
from feedback.surveys.built import BUILT, newest_versions, occasions_of, questionnaire_of
from feedback.surveys.items import Questionnaire, newly_due
from programs.models.programs import Program


@dataclass(frozen=True)
class SurveyLine:
    """A survey in a list: when it is asked, and how many were asked and answered."""

    survey: BuiltSurvey
    moments: list[str]
    questions: int
    asked: int = 0
    answered: int = 0


@dataclass(frozen=True)
class ItemLine:
    """A question in the builder, with what a person reads of it beside its words."""

    item: Mapping[str, Any]
    kind: str
    only_if: str = ""


@dataclass(frozen=True)
class SurveyPage:
    line: SurveyLine
    items: list[ItemLine]
    version: SurveyVersion
    settled: bool  # somebody was asked these questions: a change of them is a new version


def surveys_of(program: Program, member: Member) -> list[SurveyLine]:
    rows = BuiltSurvey.objects.visible_to(member).filter(program=program)
    return _lines(list(rows.for_list().order_by("title", "pk")))


def surveys_elsewhere(program: Program, member: Member) -> list[SurveyLine]:
    """Return the surveys of other programs that this member may see: what can be copied."""
    rows = BuiltSurvey.objects.visible_to(member).exclude(program=program)
    return _lines(list(rows.for_list().order_by("program__name", "title", "pk")))


def suggestion_for(program: Program) -> Suggestion | None:
    """Return the survey that goes with this program's template, unless it has one of that title."""
    suggestion = SUGGESTIONS.get(program.template)
    if (
        suggestion is None
        or BuiltSurvey.objects.filter(program=program, title=str(suggestion.title)).exists()
    ):
        return None
    return suggestion


def _lines(surveys: Sequence[BuiltSurvey]) -> list[SurveyLine]:
    newest = newest_versions(surveys)
    rows = (
        SurveyResponse.objects.filter(version__survey__in=surveys)
        .order_by()
        .values_list("version__survey")
        .annotate(asked=Count("pk"), answered=Count("pk", filter=~Q(answered_at=None)))
    )
    counts = {pk: (asked, answered) for pk, asked, answered in rows}
    return [
        SurveyLine(
            survey,
            [moment_words(code) for code in survey.moments],
            len(newest[survey.pk].items) if survey.pk in newest else 0,
            *counts.get(survey.pk, (0, 0)),
        )
        for survey in surveys
    ]


def page_of(survey: BuiltSurvey) -> SurveyPage:
    version = _newest(survey)
    asked = SurveyResponse.objects.filter(version=version).exists()
    return SurveyPage(_lines([survey])[0], item_lines(version.items), version, asked)


def item_lines(items: Sequence[Mapping[str, Any]]) -> list[ItemLine]:
    by_key = {item["key"]: item for item in items}
    return [ItemLine(item, str(dict(KINDS)[item["kind"]]), _after(item, by_key)) for item in items]


def _after(item: Mapping[str, Any], by_key: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the answer after which alone a question is asked, with its question."""
    key, _is, number = item["only_if"].partition("=")
    if key not in by_key:
        return ""
    earlier = by_key[key]
    return f"{earlier['question']} {earlier['choices'][int(number) - 1]}"


def _newest(survey: BuiltSurvey) -> SurveyVersion:
    return SurveyVersion.objects.filter(survey=survey).order_by("-number")[0]


def find_item(survey: BuiltSurvey, key: str) -> Mapping[str, Any]:
    """Return a question of the newest version, or 404."""
    for item in _newest(survey).items:
        if item["key"] == key:
            return dict(item)
    raise Http404


def answers_to(survey: BuiltSurvey) -> int:
    """Return how many have answered it so far: their answers stay."""
    return SurveyResponse.objects.filter(version__survey=survey).exclude(answered_at=None).count()


def bank(survey: BuiltSurvey, member: Member) -> list[tuple[BuiltSurvey, list[ItemLine]]]:
    """Return all other surveys that this member may see, with their questions."""
    rows = BuiltSurvey.objects.visible_to(member).exclude(pk=survey.pk)
    others = list(rows.for_list().order_by("program__name", "title", "pk"))
    newest = newest_versions(others)
    return [(row, item_lines(newest[row.pk].items)) for row in others if row.pk in newest]


def questionnaire(survey: BuiltSurvey) -> Questionnaire:
    version = _newest(survey)
    version.survey = survey
    return questionnaire_of(BUILT, version)


def example_facts(survey: BuiltSurvey, member: Member) -> dict[str, str]:
    """Return what fills the words of a survey where nobody in particular is asked."""
    program = survey.program.name
    return {"name": member.given_name, "program": program, "partnership": "", "day": ""}


def asked_at_once(survey: BuiltSurvey, *, at: datetime) -> int:
    """Return how many are asked as soon as it is started."""
    return len(newly_due(BUILT, occasions_of([survey], at), at))
