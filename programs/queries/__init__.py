"""What can be asked about programs, cohorts and the people in them."""

from programs.queries.agendas import READY_AGENDAS, ReadyAgenda
from programs.queries.designs import ProgramHealth, programs_with_health
from programs.queries.enrolments import (
    CohortCounts,
    answers_of,
    cohort_counts,
    compared_questions,
    enrolment_of,
    filtered_enrolments,
    open_cohorts,
    shown_answers,
)
from programs.queries.imports import ImportPreview, known_people, preview_import
from programs.queries.staff import coordinators_of
from programs.queries.words import answer_words

__all__ = [
    "READY_AGENDAS",
    "CohortCounts",
    "ImportPreview",
    "ProgramHealth",
    "ReadyAgenda",
    "answer_words",
    "answers_of",
    "cohort_counts",
    "compared_questions",
    "coordinators_of",
    "enrolment_of",
    "filtered_enrolments",
    "known_people",
    "open_cohorts",
    "preview_import",
    "programs_with_health",
    "shown_answers",
]
