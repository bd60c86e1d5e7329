"""What a coordinator has tried in the matching studio: sets of criteria, and runs to compare."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from pairing import tasks as pairing_tasks
from pairing.engine.shapes import Policy
from pairing.inputs.snapshot import Choice
from pairing.runs.operations import rules, runs
from programs.models.programs import Cohort


def try_in_the_studio(
    organisation: Organisation, cohort: Cohort, by: Member, *, at: datetime
) -> None:
    """Keep two sets, and run with one of them beside the run as designed."""
    with clock.at(at), tenant(organisation):
        program = cohort.program
        skills = rules.keep_criteria_set(
            program=program,
            name="Skills first",
            choice=Choice(weights={"skills": 10, "interests": 1, "location": 0}),
            policy=Policy.BEST_TOTAL,
            by=by,
        )
        rules.keep_criteria_set(
            program=program,
            name="Easy to meet",
            choice=Choice(weights={"availability": 10, "time_zone": 8, "skills": 4}),
            policy=Policy.FAIREST_WORST_CASE,
            by=by,
        )
    with clock.at(at + timedelta(minutes=5)):
        with tenant(organisation):
            run = runs.start_match_run(
                cohort=cohort,
                policy=skills.policy,
                choice=Choice(weights=skills.choice["weights"]),
                criteria_set=skills,
                by=by,
            )
        pairing_tasks.compute_match_run(organisation.pk, str(run.job_id))
