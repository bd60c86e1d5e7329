"""Looks at a program: what is released, that it stays, what is refused, and what waits."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from agreements.goals.models import Goal
from core.audit.models import AuditEvent
from core.common import clock
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from feedback.models.fits import FitQuestion
from feedback.models.released import ReleasedStep
from metrics.fit.operations import NothingToLearn, look_at_fit
from metrics.fit.queries import gone, looks
from metrics.fit.study import LookRefusal
from metrics.fit.words import program_text
from metrics.models import FitLook
from metrics.queries.tallied import AsOf
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Cohort
from tests.cast import Cast
from tests.metrics.build import NOW, make_cohort, noon, release, set_threshold
from tests.metrics.fit.build import BEGUN, matched_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def look(cast: Cast, cohort: Cohort) -> dict[str, FitLook]:
    with tenant(cast.acme):
        return {row.outcome: row for row in look_at_fit(program=cohort.program, by=cast.cora)}


def test_a_criterion_that_carries_is_found_proposed_and_never_applied(cast: Cast) -> None:
    cohort = matched_cohort(cast.acme, count=60, meets=lambda points: points["goals"] > 50)

    made = look(cast, cohort)

    assert {outcome: row.refusal for outcome, row in made.items()} == {
        "fit": "",
        "contact": "",
        "goals": LookRefusal.FEW_PARTNERSHIPS,
    }
    with tenant(cast.acme):
        (text,) = [program_text(row) for row in looks(cast.cora)]
        weights = dict(cohort.program.criteria.values_list("key", "weight"))
        told = [one.details for one in AuditEvent.objects.filter(verb="fit.looked_at")]
    assert [{one.label: one.way for one in row.splits} for row in text.outcomes[:2]] == [
        {"Goals": 1, "Level": 0},
        {"Goals": 1, "Level": 0},
    ]
    assert [(row.criterion.key, row.criterion.weight, row.then) for row in text.weights] == [
        ("goals", 5, 6),
        ("level", 4, 4),
    ]
    assert weights == {"goals": 5, "level": 4}
    assert {row["outcome"]: row["result"] for row in told}["fit"] == "released"


@pytest.mark.parametrize("seed", [2, 3])
def test_released_counts_are_those_of_the_raw_rows(cast: Cast, seed: int) -> None:
    """Counted anew in SQL and dictionaries, with nothing of ours but the tables."""
    cohort = matched_cohort(
        cast.acme, count=60, seed=seed, chance=0.3, meets=lambda points: points["level"] > 40
    )
    made = look(cast, cohort)
    with tenant(cast.acme), connection.cursor() as cursor:
        cursor.execute("SELECT id, reasons FROM pairing_partnership")
        points = {
            pk: {one["criterion"]: one["points"] for one in json.loads(reasons)}
            for pk, reasons in cursor.fetchall()
        }
        cursor.execute(
            "SELECT s.partnership_id, bool_and(q.fits = 'yes') FROM feedback_fitquestion q"
            " JOIN pairing_seat s ON s.id = q.seat_id GROUP BY 1"
        )
        went = {"fit": dict(cursor.fetchall())}
        cursor.execute(
            "SELECT p.id, count(s.id) FILTER (WHERE s.day > %s AND s.day <= %s) >= 1"
            " FROM pairing_partnership p"
            " LEFT JOIN mentoring_sessions_session s ON s.partnership_id = p.id GROUP BY 1",
            [BEGUN + timedelta(days=60), BEGUN + timedelta(days=90)],
        )
        went["contact"] = dict(cursor.fetchall())
    for outcome, how in went.items():
        splits = made[outcome].splits
        assert set(splits) == {"goals", "level"}
        for key, numbers in splits.items():
            values = sorted(own[key] for own in points.values())
            sides = defaultdict(list)
            fewest = min(
                (abs(2 * sum(value >= cut for value in values) - len(values)), cut)
                for cut in set(values) - {values[0]}
            )
            for pk, own in points.items():
                sides[own[key] >= fewest[1]].append(how[pk])
            assert numbers == [
                len(sides[True]),
                sum(sides[True]),
                len(sides[False]),
                sum(sides[False]),
            ]


def test_what_is_released_stays_whatever_is_answered_later(cast: Cast) -> None:
    cohort = matched_cohort(cast.acme)
    before = look(cast, cohort)["fit"]
    with tenant(cast.acme):
        FitQuestion.objects.update(fits="no")

    again = look(cast, cohort)

    assert "contact" not in again  # refused, and nobody is new
    assert again["fit"].refusal == LookRefusal.FEW_PARTNERSHIPS
    assert again["fit"].partnerships == []
    with tenant(cast.acme):
        kept = FitLook.objects.get(pk=before.pk)
        (row,) = looks(cast.cora)
    assert kept.splits == before.splits
    assert row.outcomes[0].partnerships == 60


def test_newer_partnerships_are_released_by_themselves_and_added(cast: Cast) -> None:
    first = look(cast, matched_cohort(cast.acme))["fit"]
    later = matched_cohort(cast.acme, "Summer", seed=9)
    second = look(cast, later)["fit"]
    assert set(first.partnerships) & set(second.partnerships) == set()
    with tenant(cast.acme):
        (row,) = looks(cast.cora)
    added = row.outcomes[0].splits["goals"]
    assert added.more.n == first.splits["goals"][0] + second.splits["goals"][0]
    assert added.fewer.well == first.splits["goals"][3] + second.splits["goals"][3]


def test_after_a_refusal_the_next_look_waits_for_k_people_more(cast: Cast) -> None:
    cohort = matched_cohort(cast.acme, count=39)
    assert look(cast, cohort)["fit"].refusal == LookRefusal.FEW_PARTNERSHIPS
    set_threshold(cast.acme, 5)
    matched_cohort(cast.acme, "Two more", count=2, seed=5)
    assert "fit" not in look(cast, cohort)  # 41 partnerships, but only 4 new people
    matched_cohort(cast.acme, "Another", count=1, seed=6)
    made = look(cast, cohort)["fit"]
    assert made.refusal == ""
    assert len(made.partnerships) == 42
    with tenant(cast.acme):
        assert FitLook.objects.filter(outcome="fit").count() == 1


def test_what_cannot_carry_it_is_refused_with_its_reason(cast: Cast) -> None:
    flat = matched_cohort(cast.acme, flat=("goals", "level"))
    assert look(cast, flat)["fit"].refusal == LookRefusal.ALL_ALIKE
    happy = matched_cohort(cast.acme, "Happy", format="pairs", fits=lambda _points: True, chance=0)
    assert look(cast, happy)["fit"].refusal == LookRefusal.SMALL_CELLS
    with tenant(cast.acme):
        texts = {str(one.program): one for one in map(program_text, looks(cast.cora))}
    assert "hardly differ" in texts["Leading mentor"].outcomes[0].refusal
    assert "single people" in texts["Leading pairs"].outcomes[0].refusal
    assert "40 are needed" in texts["Leading pairs"].outcomes[2].refusal


def test_the_highest_threshold_since_the_cohort_began_holds(cast: Cast) -> None:
    cohort = matched_cohort(cast.acme)
    set_threshold(cast.acme, 200)
    release(cast.acme)  # the mark of the cohort remembers it
    with tenant(cast.acme):
        OrganisationSettings.objects.update(threshold=1)
    assert look(cast, cohort)["fit"].refusal == LookRefusal.SMALL_CELLS


def test_circles_are_refused(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme), pytest.raises(NothingToLearn):
        look_at_fit(program=cohort.program, by=cast.cora)


def of_fit(cast: Cast, cohort: Cohort) -> dict[str, bool]:
    with tenant(cast.acme):
        names = dict(Partnership.objects.values_list("pk", "name"))
        found = gone(cohort.program, "fit", AsOf(NOW, NOW.date(), "Europe/Berlin", 0))
        return {names[case.partnership].split()[-1]: case.well for case in found.cases}


def test_only_closed_questions_and_answers_that_coordinators_may_see_count(cast: Cast) -> None:
    cohort = matched_cohort(cast.acme, count=6, chance=0, fits=lambda _points: True)
    with tenant(cast.acme):
        seats = {
            name: list(Seat.objects.filter(partnership__name=f"Winter {name}").order_by("pk"))
            for name in "012345"
        }
        asked = FitQuestion.objects
        asked.filter(seat=seats["0"][0]).update(due_on=NOW.date() + timedelta(days=1))
        asked.filter(seat__in=seats["1"]).update(coordinator_sees=False)
        asked.filter(seat=seats["2"][0]).update(fits="mostly")
        asked.filter(seat=seats["3"][0]).update(fits="no", coordinator_sees=False)
        asked.filter(seat__in=seats["4"]).update(moment="first_session")
        Partnership.objects.filter(name="Winter 5").update(state="withdrawn", ended_at=NOW)

    # 0 may still be answered, 1 is for nobody to see, 4 is still to be asked, 5 was undone
    assert of_fit(cast, cohort) == {"2": False, "3": True}


def test_the_last_answer_of_each_counts(cast: Cast) -> None:
    cohort = matched_cohort(cast.acme, count=1, chance=0, fits=lambda _points: True)
    with tenant(cast.acme):
        for seat in Seat.objects.all():
            FitQuestion.objects.create(
                seat=seat,
                moment="first_session",
                opened_at=noon(BEGUN + timedelta(days=7)),
                due_on=BEGUN + timedelta(days=21),
                answered_at=noon(BEGUN + timedelta(days=8)),
                fits="no",
            )
    assert of_fit(cast, cohort) == {"0": True}


@pytest.mark.parametrize(
    ("uncounted", "refusal"),
    [
        (0, ""),
        # the report shows the goals of all, so what is shown of all others would tell of this one
        (1, LookRefusal.SMALL_CELLS),
        (3, ""),
    ],
)
def test_goals_count_once_the_report_has_counted_them_all(
    cast: Cast, uncounted: int, refusal: str
) -> None:
    cohort = matched_cohort(cast.acme, count=50, seed=4)
    with tenant(cast.acme):
        rows = Partnership.objects.order_by("pk")  # of one moment, so in no order of their own
        pairs = sorted(rows, key=lambda pair: [reason["points"] for reason in pair.reasons])
        for place, pair in enumerate(pairs):
            is_met = (pair.reasons[0]["points"] > 50) is (place % 5 > 0)
            Goal.objects.create(
                partnership=pair,
                title="Lead a meeting",
                state="met" if is_met else "active",
                due_on=BEGUN + timedelta(days=60),
                settled_at=noon(BEGUN) if is_met else None,
                settled_on=BEGUN if is_met else None,
            )
        Partnership.objects.update(state="completed", ended_at=NOW)
    assert (
        look(cast, cohort)["goals"].refusal == LookRefusal.FEW_PARTNERSHIPS
    )  # not in the report yet
    release(cast.acme)
    with tenant(cast.acme):
        assert ReleasedStep.objects.filter(key="goal_attainment", aside=False).exists()
        for pair in pairs[:uncounted]:
            Goal.objects.create(
                partnership=pair,
                title="One more, that no step has counted",
                due_on=BEGUN + timedelta(days=90),
            )

    made = look(cast, cohort)["goals"]

    assert made.refusal == refusal
    assert len(made.partnerships) == 50 - uncounted
    if not refusal:
        assert made.splits["goals"][1] > made.splits["goals"][3]


def test_a_look_by_another_organisation_finds_nothing(cast: Cast) -> None:
    cohort = matched_cohort(cast.acme)
    look(cast, cohort)
    with tenant(cast.globex):
        assert not FitLook.objects.exists()
        assert looks(cast.gustav) == []
    with tenant(cast.acme):
        assert FitLook.objects.visible_to(cast.hugo).count() == 3
        assert not FitLook.objects.visible_to(cast.petra).exists()
        cast.cora.runs_all = False
        assert not FitLook.objects.visible_to(cast.cora).exists()
