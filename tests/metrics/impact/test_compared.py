"""Comparing cohorts: who is compared, what is released once, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.audit.models import AuditEvent
from core.common import clock
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from metrics.comparing import Refusal
from metrics.definitions.outcomes import OTHERS, PARTICIPANTS, UNMEASURED
from metrics.definitions.shapes import Figure, State
from metrics.figures import figures_of
from metrics.impact.operations import compare_participants
from metrics.impact.queries import impact, waiting
from metrics.models import Comparison, HrRecord
from metrics.queries.compared import JOB_SATISFACTION, PROMOTION, STAY, Records, ripe_on
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast
from tests.metrics.build import enrol, make_cohort
from tests.metrics.impact.build import (
    NOW,
    STARTED,
    colleagues,
    compared_cohort,
    know,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def acme(cast: Cast) -> Iterator[None]:
    with clock.at(NOW), tenant(cast.acme):
        yield


def figures(cohort: Cohort) -> dict[tuple[str, str], Figure]:
    rows = Cohort.objects.filter(pk=cohort.pk).for_list()
    found = figures_of(list(rows), OrganisationSettings.objects.get(), NOW)[cohort.pk]
    return {(one.key, one.part): one for one in found if one.key.startswith("outcome_")}


def test_a_cohort_is_compared_with_colleagues_of_its_group(cast: Cast) -> None:
    cohort = compared_cohort(cast.acme)
    elsewhere = colleagues(cast.acme, 30, "level6")
    know(elsewhere, promoted=30, level="6")  # beside nobody: they change nothing

    made = compare_participants(program=cohort.program, by=cast.hugo)

    row = next(one for one in made if one.key == PROMOTION)
    assert (row.refusal, row.cohorts, row.groups) == ("", [cohort.pk], [25, 10, 40, 6])
    whole, ours, others, e_value = (
        figures(cohort)[PROMOTION, part] for part in ("", PARTICIPANTS, OTHERS, UNMEASURED)
    )
    assert (whole.value, whole.n) == (Decimal("0.2500"), 25)
    assert (ours.value, others.value, others.n) == (Decimal("0.4000"), Decimal("0.1500"), 40)
    assert (whole.low, whole.high) == (Decimal("0.0284"), Decimal("0.4716"))
    assert e_value.value == Decimal("1.4481")


def test_what_is_too_small_is_refused_with_its_reason_and_has_no_figure(cast: Cast) -> None:
    cohort = compared_cohort(cast.acme)

    made = {row.key: row for row in compare_participants(program=cohort.program, by=cast.hugo)}

    # nobody of the participants left: that too would be said of each of them
    assert made[STAY].refusal == Refusal.SMALL_CELLS
    assert made[JOB_SATISFACTION].refusal == ""
    assert figures(cohort)[STAY, ""].state == State.NO_DATA
    assert (made[STAY].groups, made[STAY].participants_so, made[STAY].balance) == ([], 0, [])


def test_what_is_released_never_changes_whatever_records_come_later(cast: Cast) -> None:
    cohort = compared_cohort(cast.acme)
    compare_participants(program=cohort.program, by=cast.hugo)
    before = figures(cohort)

    HrRecord.objects.update(promoted_on=None)
    more = colleagues(cast.acme, 6, "late")
    for member in more:
        enrol(cohort, member, started=STARTED)
    know(more, promoted=6)
    compare_participants(program=cohort.program, by=cast.hugo)

    assert figures(cohort) == before
    assert Comparison.objects.filter(key=PROMOTION).count() == 1


def test_a_refused_outcome_is_compared_again_once_more_is_known(cast: Cast) -> None:
    cohort = compared_cohort(cast.acme)
    compare_participants(program=cohort.program, by=cast.hugo)
    gone = Enrolment.objects.filter(cohort=cohort).values("member")[:6]
    HrRecord.objects.filter(member__in=list(gone.values_list("member", flat=True))).exclude(
        known_on=date(2025, 1, 1)
    ).update(status="left", left_on=date(2025, 8, 1))

    made = compare_participants(program=cohort.program, by=cast.hugo)

    assert [(row.key, row.refusal) for row in made] == [(STAY, "")]
    assert Comparison.objects.filter(key=STAY).count() == 1


def test_small_cohorts_are_compared_together_and_have_nothing_of_their_own(cast: Cast) -> None:
    one = compared_cohort(cast.acme, "One", ours=12, promoted=5)
    two = compared_cohort(cast.acme, "Two", ours=12, promoted=5, others=0)

    compare_participants(program=one.program, by=cast.hugo)

    row = Comparison.objects.get(key=PROMOTION)
    assert (set(row.cohorts), row.participants, row.refusal) == ({one.pk, two.pk}, 24, "")
    assert figures(one)[PROMOTION, ""].state == figures(two)[PROMOTION, ""].state == State.NO_DATA
    (program,) = impact(cast.hugo, TODAY)
    assert (program.totals[0].key, program.totals[0].participants) == (PROMOTION, 24)


def test_two_comparisons_of_a_program_add_up_over_their_groups(cast: Cast) -> None:
    one = compared_cohort(cast.acme, "One")
    compare_participants(program=one.program, by=cast.hugo)
    compared_cohort(cast.acme, "Two", promoted=15, others=0)
    compare_participants(program=one.program, by=cast.hugo)

    (program,) = impact(cast.hugo, TODAY)

    total = next(whole for whole in program.totals if whole.key == PROMOTION)
    assert (total.participants, total.participants_so) == (50, 25)
    # two groups of equal size: (0.4 + 0.6) / 2 beside 0.15
    assert total.estimate.difference == Decimal("0.35")


def test_who_started_in_any_program_in_those_months_is_no_colleague(cast: Cast) -> None:
    cohort = compared_cohort(cast.acme)
    other = make_cohort(cast.acme, "Pairs", format="pairs")
    beside = [subject.person for subject in Records().subjects([cohort.pk], PROMOTION)]
    colleague = next(pk for pk in beside if not Enrolment.objects.filter(member_id=pk).exists())
    member = type(cast.petra).objects.get(pk=colleague)
    enrol(other, member, started=date(2025, 11, 1))

    after = {subject.person for subject in Records().subjects([cohort.pk], PROMOTION)}

    assert set(beside) - after == {colleague}


def test_who_left_without_a_promotion_was_not_promoted_and_is_asked_nothing(cast: Cast) -> None:
    cohort = make_cohort(cast.acme, "Winter")
    (member,) = colleagues(cast.acme, 1, "gone")
    enrol(cohort, member, started=STARTED)
    know([member], left=1)

    by_key = {
        key: [one.happened for one in Records().subjects([cohort.pk], key)]
        for key in (PROMOTION, STAY, JOB_SATISFACTION)
    }

    assert by_key == {PROMOTION: [False], STAY: [False], JOB_SATISFACTION: []}


def test_what_a_record_does_not_say_the_one_before_it_does(cast: Cast) -> None:
    cohort = make_cohort(cast.acme, "Winter")
    (member,) = colleagues(cast.acme, 1, "quiet")
    enrol(cohort, member, started=STARTED)
    know([member])
    HrRecord.objects.create(
        member=member, known_on=date(2024, 6, 1), level="4", in_role_since=date(2023, 1, 1)
    )

    (subject,) = Records().subjects([cohort.pk], PROMOTION)

    assert subject.level == "5"
    assert round(float(subject.in_role or 0), 2) == 2.0
    assert (subject.department, subject.location) == ("sales", "bonn")


@pytest.mark.parametrize(
    "facts",
    [{"known_on": date(2023, 12, 31)}, {"status": "left", "left_on": date(2024, 12, 1)}],
    ids=["too old", "already gone"],
)
def test_without_a_record_of_the_start_nobody_is_compared(
    cast: Cast, facts: dict[str, object]
) -> None:
    cohort = make_cohort(cast.acme, "Winter")
    (member,) = colleagues(cast.acme, 1, "unknown")
    enrol(cohort, member, started=STARTED)
    know([member])
    HrRecord.objects.filter(known_on=date(2025, 1, 1)).update(**facts)

    assert Records().subjects([cohort.pk], PROMOTION) == []


def test_a_cohort_waits_a_year_and_a_month(cast: Cast) -> None:
    cohort = compared_cohort(cast.acme)
    assert ripe_on(date(2025, 1, 1)) == date(2026, 2, 2)

    with clock.at(NOW - timedelta(days=120)):  # 1 February
        assert compare_participants(program=cohort.program, by=cast.hugo) == []
    (program,) = impact(cast.hugo, date(2026, 2, 1))
    assert ([one.cohort for one in program.later], program.waits) == ([cohort], False)
    (program,) = impact(cast.hugo, date(2026, 2, 2))
    assert (list(program.later), program.waits) == ([], True)


def test_before_comparing_it_is_counted_what_the_records_know(cast: Cast) -> None:
    cohort = compared_cohort(cast.acme)

    counted = waiting(cohort.program, TODAY)

    assert (counted.cohorts, counted.started) == ([cohort], 25)
    assert [(one.key, one.participants, one.others) for one in counted.coverage] == [
        (PROMOTION, 25, 40),
        (STAY, 25, 40),
        (JOB_SATISFACTION, 25, 32),
    ]


def test_that_was_compared_stands_in_the_audit_trail(cast: Cast) -> None:
    cohort = compared_cohort(cast.acme)

    compare_participants(program=cohort.program, by=cast.hugo)

    events = AuditEvent.objects.filter(verb="comparison.made", actor_id=cast.hugo.pk)
    assert {row.details["outcome"]: row.details["result"] for row in events} == {
        PROMOTION: "released",
        STAY: "small_cells",
        JOB_SATISFACTION: "released",
    }
