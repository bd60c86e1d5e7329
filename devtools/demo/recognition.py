"""A pair that reaches its goal and completes early: its people get certificates."""

from __future__ import annotations

from datetime import timedelta

from agreements.goals import operations as goals
from agreements.goals.models import Goal
from core.tenancy.days import today
from devtools.demo.history import Events, Life
from pairing.models.partnerships import Partnership
from pairing.partnerships.seats import people_told
from programs.models.programs import Cohort


def complete_a_pair(cohort: Cohort) -> Events:
    """Let one of its pairs have a goal of both, meet it, and agree that it is time to close."""

    def want(_life: Life) -> None:
        pairs = Partnership.objects.active().filter(cohort=cohort)
        for pair in pairs.for_list().order_by("id")[:1]:
            people = people_told(pair)
            goal = goals.set_goal(
                partnership=pair,
                title="Each of us hands over one thing for good",
                due_on=today() + timedelta(weeks=8),
                shared=True,
                by=people[0],
            )
            for member in people:
                goals.take_on_goal(goal=goal, by=member)

    def close(_life: Life) -> None:
        shared = Goal.objects.active().filter(
            seat=None, partnership__state="active", partnership__cohort=cohort
        )
        for goal in shared.for_list().order_by("id")[:1]:
            people = people_told(goal.partnership)
            for member in people:
                goals.declare_met(goal=goal, by=member)
            for member in people:
                goals.agree_to_close(partnership=goal.partnership, by=member)

    return {12: want, 57: close}
