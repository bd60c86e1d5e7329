"""What a coordinator has tried in the matching studio: sets of criteria, and runs to compare."""

from __future__ import annotations

from datetime import datetime, timedelta

from mentoring.common import clock
from mentoring.identity.models import Member, Organisation
from mentoring.identity.tenancy import tenant
from pairing import operations as pairing
from pairing import tasks as pairing_tasks
from pairing.choices import Choice
from pairing.engine import Policy
from programs.models import Cohort


def try_in_the_studio(
    organisation: Organisation, cohort: Cohort, by: Member, *, at: datetime
) -> None:
    """Keep two sets, and run with one of them beside the run as designed."""
    with clock.at(at), tenant(organisation):
        program = cohort.program
        skills = pairing.keep_criteria_set(
            program=program,
            name="Skills first",
            choice=Choice(weights={"skills": 10, "interests": 1, "location": 0}),
            policy=Policy.BEST_TOTAL,
            by=by,
        )
        pairing.keep_criteria_set(
            program=program,
            name="Easy to meet",
            choice=Choice(weights={"availability": 10, "time_zone": 8, "skills": 4}),
            policy=Policy.FAIREST_WORST_CASE,
            by=by,
        )
    with clock.at(at + timedelta(minutes=5)):
        with tenant(organisation):
            run = pairing.start_match_run(
                cohort=cohort,
                policy=skills.policy,
                choice=Choice(weights=skills.choice["weights"]),
                criteria_set=skills,
                by=by,
            )
        pairing_tasks.compute_match_run(organisation.pk, str(run.job_id))
