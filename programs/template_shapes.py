"""What a program template says: its parts as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class CompetencyPlan:
    key: str
    name: Text
    rubric: Text


@dataclass(frozen=True)
class RolePlan:
    """`grows` is the key of the competency that holding this role exercises."""

    key: str
    name: Text
    duties: Text
    leads: bool = False
    grows: str = ""


@dataclass(frozen=True)
class QuestionPlan:
    key: str
    kind: str
    label: Text
    help: Text = ""
    options: tuple[tuple[str, Text], ...] = ()
    required: bool = False
    asked_of: str = "everyone"


@dataclass(frozen=True)
class CriterionPlan:
    key: str
    kind: str
    label: Text
    seeker_field: str
    offerer_field: str
    weight: int = 5
    sort: str = "score"
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class StepPlan:
    """One step of a session's agenda."""

    title: Text
    minutes: int
    kind: str


@dataclass(frozen=True)
class ProgramTemplate:
    key: str
    name: Text
    summary: Text
    purpose: Text
    format: str
    expectations: Text
    agenda: tuple[StepPlan, ...]
    competencies: tuple[CompetencyPlan, ...]
    roles: tuple[RolePlan, ...]
    questions: tuple[QuestionPlan, ...]
    criteria: tuple[CriterionPlan, ...]
    cadence_weeks: int
    session_minutes: int
    sessions_planned: int
    sessions_agreed: int
    check_in_weeks: int
    circle_min: int = 6
    circle_max: int = 8
