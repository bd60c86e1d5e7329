"""Figures of a part of a cohort: they are the whole's, and no sum of them tells of few people."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations, product
from random import Random
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from metrics.cells import BY_GROUP, BY_WEEK, Cell, cells_to_hide, group_cells, weekly_cells
from metrics.definitions.shapes import Figure, State
from metrics.definitions.weeks import Period, added_up
from metrics.queries.groups import GROUPS
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast
from tests.metrics.build import NOW, TODAY, enrol, figures, full_cohort, people, set_threshold


def differences(who: dict[Cell, set[UUID]], hidden: set[Cell]) -> set[int]:
    """Return how many people each difference is about that cells of two breakdowns can make."""
    sums: dict[str, list[frozenset[UUID]]] = {}
    for group in GROUPS:
        own = [cell for cell in who if cell[0] == group]
        known = [who[cell] for cell in own if cell not in hidden]
        rest = set[UUID]().union(*(who[cell] for cell in own if cell in hidden))
        known += [rest] if rest else []  # the whole less what is shown
        sums[group] = [
            frozenset[UUID]().union(*chosen)
            for size in range(len(known) + 1)
            for chosen in combinations(known, size)
        ]
    return {
        len(one ^ other)
        for first, second in combinations(GROUPS, 2)
        for one, other in product(sums[first], sums[second])
    }


@given(seed=st.integers(0, 10**6), size=st.integers(6, 60), k=st.integers(3, 6))
@settings(max_examples=60, deadline=None)
def test_no_difference_of_two_breakdowns_is_about_fewer_than_k(
    seed: int, size: int, k: int
) -> None:
    random = Random(seed)
    who: dict[Cell, set[UUID]] = {}
    for _n in range(size):
        person, department = uuid4(), random.choices("abcd", (6, 4, 2, 1))[0]
        # most of a department are of one level, as in life
        level = department.upper() if random.random() < 0.8 else random.choice("ABC")
        for cell in zip(GROUPS, (department, level, random.choice("xy")), strict=True):
            who.setdefault(cell, set()).add(person)
    hidden = cells_to_hide(who, k)
    assert not differences(who, hidden) & set(range(1, k))
    assert all(len(who[cell]) >= k for cell in who.keys() - hidden)


def test_a_department_within_a_level_does_not_tell_of_the_level_s_others() -> None:
    sales, others = {uuid4() for _n in range(6)}, {uuid4() for _n in range(10)}
    two = set(list(others)[:2])
    who: dict[Cell, set[UUID]] = {
        ("department", "Sales"): sales,
        ("department", "Works"): others,
        ("level", "Lead"): sales | two,  # all of Sales, and two more
        ("level", "Staff"): others - two,
        ("location", "Bern"): sales | others,
    }
    assert len(differences(who, set())) > 1
    assert 2 in differences(who, set())
    hidden = cells_to_hide(who, 5)
    assert hidden
    assert not differences(who, hidden) & {1, 2, 3, 4}


def cells(cohort: Cohort) -> dict[Cell, list[Figure]]:
    with tenant(cohort.organisation_id), clock.at(NOW):
        rows = list(Cohort.objects.filter(pk=cohort.pk).for_list())
        return group_cells(rows, OrganisationSettings.objects.get(), NOW)[cohort.pk]


def members_in(cohort: Cohort) -> list[UUID]:
    return list(Enrolment.objects.filter(cohort=cohort).values_list("member", flat=True))


def weeks(cohort: Cohort) -> dict[str, list[Figure]]:
    with tenant(cohort.organisation_id), clock.at(NOW):
        rows = list(Cohort.objects.filter(pk=cohort.pk).for_list())
        return weekly_cells(rows, OrganisationSettings.objects.get(), NOW)[cohort.pk]


def test_cells_of_a_group_add_up_to_the_figure(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    set_threshold(cast.acme, 1)
    with tenant(cast.acme):
        mine = Member.objects.filter(pk__in=members_in(cohort)).order_by("pk")
        for place, member in enumerate(mine):
            Member.objects.filter(pk=member.pk).update(
                department=("Sales", "Works", "")[place % 3], level=f"L{place // 3}"
            )
    whole, by_cell = figures(cohort), cells(cohort)
    for group in GROUPS:
        own = [row for cell, row in by_cell.items() if cell[0] == group]
        for place, key in enumerate(BY_GROUP):
            column = [row[place] for row in own]
            assert {figure.key for figure in column} == {key}
            total = whole[key, ""]
            assert sum(figure.numerator or 0 for figure in column) == total.numerator
            if key != "enrolled":
                assert sum(figure.denominator or 0 for figure in column) == total.denominator
            assert sum(figure.n or 0 for figure in column) == total.n
    assert [figure.label for figure in by_cell["department", ""]] == ["not known"] * 4


def test_a_small_group_is_hidden_and_so_is_what_it_follows_from(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    set_threshold(cast.acme, 5)
    with tenant(cast.acme):
        for place, member in enumerate(people(cast.acme, 12, "More")):
            Member.objects.filter(pk=member.pk).update(department="AB"[place % 2])
            enrol(cohort, member)
        first = Member.objects.filter(pk__in=members_in(cohort)).order_by("pk")[:2]
        Member.objects.filter(pk__in=[member.pk for member in first]).update(department="Law")
    by_cell = cells(cohort)
    enrolled = {cell[1]: row[0] for cell, row in by_cell.items() if cell[0] == "department"}
    # Law is two people, '' four: together six, so neither follows from the total of 18
    assert {value for value, figure in enrolled.items() if figure.state == State.HIDDEN} == {
        "Law",
        "",
    }
    assert enrolled["A"].numerator == enrolled["B"].numerator == 6
    assert (enrolled["Law"].n, enrolled["Law"].value) == (None, None)


def test_weeks_add_up_to_the_figure_and_a_period_to_its_weeks(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    whole, by_key = figures(cohort), weeks(cohort)
    assert tuple(by_key) == BY_WEEK
    for key, row in by_key.items():
        total = added_up(key, row)
        assert (total.numerator, total.denominator) == (
            whole[key, ""].numerator,
            whole[key, ""].denominator,
        )
    first = TODAY - timedelta(days=21)
    attended = by_key["attendance_rate"]
    assert [week.part for week in attended] == [
        first.isoformat(),
        (TODAY - timedelta(days=7)).isoformat(),
    ]
    held = Period(since=first, until=first + timedelta(days=6))
    assert [week.numerator for week in attended if held.holds(week)] == [5]
    assert not Period()


def test_a_period_of_hidden_weeks_is_hidden_and_one_of_none_is_no_data(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    set_threshold(cast.acme, 7)
    row = weeks(cohort)["attendance_rate"]
    assert added_up("attendance_rate", row).state == State.HIDDEN
    assert added_up("attendance_rate", []).state == State.NO_DATA


def test_every_group_has_every_figure_in_its_place(cast: Cast) -> None:
    """Who was accepted and never seated stands behind no attendance: their group says hidden."""
    cohort = full_cohort(cast.acme)
    with tenant(cast.acme):
        for member in people(cast.acme, 6, "Late"):
            Member.objects.filter(pk=member.pk).update(department="Late")
            enrol(cohort, member, "accepted")
    by_cell = cells(cohort)
    late = by_cell["department", "Late"]
    assert [figure.key for figure in late] == [*BY_GROUP]
    assert [figure.state for figure in late] == [State.SHOWN, *[State.HIDDEN] * 3]
    assert all(len(row) == len(BY_GROUP) for row in by_cell.values())
