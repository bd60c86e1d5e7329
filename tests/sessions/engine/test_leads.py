"""The search for leaders on its own, before any repair could hide a fault of it."""

import random

from sessions.engine.leads import (
    LeadTable,
    count_repeats,
    even_out,
    search_leaders,
    some_leaders,
    widest_quota,
)
from sessions.engine.problem import LEAD, read_problem
from tests.sessions.engine.builders import (
    best_leads,
    meetings,
    members,
    random_absences,
    roles,
)


def test_the_search_alone_keeps_the_counts_and_has_the_fewest_repeats() -> None:
    chance = random.Random(5)
    for seed in range(250):
        people, times = chance.randint(2, 5), chance.randint(2, 5)
        away = random_absences(people, times, chance.choice([0.3, 0.5, 0.6]), seed)
        circle = (members(people), meetings(times), roles(1))
        problem = read_problem(*circle, away, frozenset(), (), seed)
        even = LeadTable(problem, some_leaders(problem))
        even_out(even)
        quota = widest_quota(even)

        leaders, proved = search_leaders(problem, even)

        counts = LeadTable(problem, leaders).count
        assert all(
            quota.low[member] <= counts[member] <= quota.high[member] for member in problem.counted
        )
        assert proved
        best = best_leads(members(people), meetings(times), away)
        assert count_repeats(leaders, problem.last_held[LEAD]) == best[1]


def test_the_evened_out_table_is_not_changed_by_the_search() -> None:
    problem = read_problem(
        members(4), meetings(8), roles(2), random_absences(4, 8, 0.3, 1), frozenset(), (), 0
    )
    even = LeadTable(problem, some_leaders(problem))
    even_out(even)
    holder, count = even.holder[:], even.count[:]

    search_leaders(problem, even)

    assert (even.holder, even.count) == (holder, count)
