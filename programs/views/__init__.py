"""Pages of programs, cohorts, the people in them, and imports."""

from programs.views.cohorts import cohort, edit_cohort, move_cohort, new_cohort
from programs.views.imports import (
    apply_import,
    import_problems_csv,
    map_import,
    new_import,
    people_import,
    people_imports,
)
from programs.views.join import join, leave, set_shown
from programs.views.people import (
    accept_enrolment,
    cohort_people,
    decide_people,
    decline_enrolment,
    enrol_person,
    enrolment,
    invite_people,
    people_csv,
    waitlist_enrolment,
    withdraw_enrolment,
)
from programs.views.programs import (
    archive_program,
    design,
    duplicate_program,
    new_program,
    program,
    programs,
    set_weights,
    unarchive_program,
)

__all__ = [
    "accept_enrolment",
    "apply_import",
    "archive_program",
    "cohort",
    "cohort_people",
    "decide_people",
    "decline_enrolment",
    "design",
    "duplicate_program",
    "edit_cohort",
    "enrol_person",
    "enrolment",
    "import_problems_csv",
    "invite_people",
    "join",
    "leave",
    "map_import",
    "move_cohort",
    "new_cohort",
    "new_import",
    "new_program",
    "people_csv",
    "people_import",
    "people_imports",
    "program",
    "programs",
    "set_shown",
    "set_weights",
    "unarchive_program",
    "waitlist_enrolment",
    "withdraw_enrolment",
]
