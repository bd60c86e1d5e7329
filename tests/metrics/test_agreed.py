"""Days to decide, voices in decisions and goals met, against counts by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from agreements.charters import operations as charters_operations
from agreements.decisions.operations import deciding as decisions_deciding
from agreements.goals import operations as goals_operations
from core.common import clock
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from metrics.definitions.shapes import Figure
from metrics.figures import figures_of
from metrics.health import Reason
from programs.models.programs import Cohort
from tests.agreements.build import deciding, vote
from tests.cast import Cast
from tests.metrics.build import partnership_alerts, release
from tests.sessions.build import NOON, hold_session
from tests.sessions.conftest import Circle


def figures(circle: Circle) -> dict[str, Figure]:
    release(circle.partnership.organisation, clock.now())
    with tenant(circle.partnership.organisation_id):
        cohort = Cohort.objects.for_list().get(pk=circle.cohort.pk)
        found = figures_of([cohort], OrganisationSettings.objects.get(), clock.now())
    return {f"{each.key}/{each.part}": each for each in found[cohort.pk]}


def decide(circle: Circle, days: int, voters: int, *, practice: bool = False) -> None:
    """Let one decision take so many days and so many people's answers."""
    began = clock.now()
    with clock.at(began):
        decision = deciding(circle, quorum="half", window_days=7, practice=practice)
    with clock.at(began + timedelta(days=days)):
        names = [seat.enrolment.member.given_name for seat in circle.seats][:voters]
        vote(circle, decision, **dict.fromkeys(names, "consent"))
        with tenant(circle.partnership.organisation_id):
            decisions_deciding.close_decision(decision=decision, by=circle.members[0])


@pytest.mark.slow
def test_days_to_decide_and_voices_leave_exercises_out(cast: Cast, circle: Circle):
    assert figures(circle)["decision_days/"].value is None
    decide(circle, days=1, voters=4)
    decide(circle, days=2, voters=6)
    decide(circle, days=6, voters=5)
    decide(circle, days=0, voters=4, practice=True)
    with clock.at(NOON + timedelta(days=9)):
        found = figures(circle)
    days, voices = found["decision_days/"], found["decision_voice/"]
    assert (days.value, days.denominator, days.n) == (Decimal("2.0000"), 3, 6)
    assert (voices.numerator, voices.denominator) == (15, 18)
    assert voices.value == Decimal("0.8333")


def test_goals_met_are_counted_personal_and_shared_apart(cast: Cast, circle: Circle):
    today = NOON.date()
    people = circle.members

    def personal(n: int, days: int) -> object:
        with tenant(cast.acme, member=people[n].pk):
            return goals_operations.set_goal(
                partnership=circle.partnership,
                title="words",
                due_on=today + timedelta(days=days),
                by=people[n],
            )

    made = [personal(n, days) for n, days in enumerate((5, 5, 50, 50, 5, 50))]
    with tenant(cast.acme, member=people[2].pk):
        goals_operations.declare_met(goal=made[2], by=people[2])  # before its day
    with tenant(cast.acme, member=people[3].pk):
        goals_operations.drop_goal(goal=made[3], word="no more", by=people[3])  # before its day
    for n in (0, 1):
        with tenant(cast.acme, member=people[n].pk):
            goals_operations.declare_met(goal=made[n], by=people[n])
    with clock.at(NOON + timedelta(days=10)):
        found = figures(circle)
    assert found["goal_attainment/personal"].suppressed  # four people are too few to show
    assert found["goal_attainment/shared"].suppressed  # of none as of few
    with clock.at(NOON + timedelta(days=60)):
        own = figures(circle)["goal_attainment/personal"]
    # due: all but the one that was let go before its day; met: three
    assert (own.numerator, own.denominator, own.n) == (3, 5, 5)


def test_a_coordinator_hears_that_a_goal_is_past_due_and_no_charter_is_signed(
    cast: Cast,
    circle: Circle,
):
    def reasons(at: object) -> dict[Reason, str]:
        with tenant(cast.acme), time_machine.travel(at, tick=False):
            return {
                alert.reason: alert.title + alert.why
                for alert in partnership_alerts(cast.cora, now=at)
            }

    with tenant(cast.acme, member=cast.petra.pk):
        goals_operations.set_goal(
            partnership=circle.partnership,
            title="secretword",
            due_on=NOON.date() + timedelta(days=20),
            by=cast.petra,
        )
    hold_session(circle.sessions[0])
    after_one = circle.sessions[0].starts_at + timedelta(days=1)
    assert Reason.CHARTER_UNSIGNED not in reasons(after_one)
    hold_session(circle.sessions[1])
    after_two = circle.sessions[1].starts_at + timedelta(days=5)
    found = reasons(after_two)
    assert found[Reason.CHARTER_UNSIGNED].endswith("None was begun.")
    assert "a goal is past due" in found[Reason.GOALS_PAST_DUE]
    assert "secretword" not in "".join(found.values())
    with tenant(cast.acme):
        charter = charters_operations.begin_charter(partnership=circle.partnership, by=cast.petra)
        section = charter.sections.first()
        charters_operations.edit_section(section=section, text="We meet", version=0, by=cast.petra)
        charter.refresh_from_db()
        for member in circle.members:
            charters_operations.sign_charter(charter=charter, revision=1, by=member)
    assert Reason.CHARTER_UNSIGNED not in reasons(after_two)
