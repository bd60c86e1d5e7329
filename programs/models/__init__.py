"""Programs, their design, cohorts, who is enrolled, and imports of people."""

from programs.models.agenda import HOW_IT_WORKS, StepKind
from programs.models.imports import ImportReport, PeopleImport, PeopleImportQuerySet, ReportedRow
from programs.models.parts import Answer, Competency, Criterion, MeetingRole, Question
from programs.models.programs import (
    CadenceUnit,
    Cohort,
    CohortQuerySet,
    Enrolment,
    EnrolmentQuerySet,
    Program,
    ProgramQuerySet,
    ProgramStaff,
    cadence_words,
)

__all__ = [
    "HOW_IT_WORKS",
    "Answer",
    "CadenceUnit",
    "Cohort",
    "CohortQuerySet",
    "Competency",
    "Criterion",
    "Enrolment",
    "EnrolmentQuerySet",
    "ImportReport",
    "MeetingRole",
    "PeopleImport",
    "PeopleImportQuerySet",
    "Program",
    "ProgramQuerySet",
    "ProgramStaff",
    "Question",
    "ReportedRow",
    "StepKind",
    "cadence_words",
]
