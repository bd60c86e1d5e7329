"""The search for leaders on its own, before any repair could hide a fault of it."""

import random

from sessions.rotation.engine.evenness import lead_spread
from sessions.rotation.engine.leads import (
    LeadTable,
    count_repeats,
    even_leads,
    search_leaders,
    widest_quota,
)
from tests.sessions.engine.builders import (
    absences,
    best_leads,
    meetings,
    members,
    problem_of,
    random_absences,
    roles,
)


def test_the_search_alone_keeps_the_counts_and_has_the_fewest_repeats() -> None:
    chance = random.Random(5)
    for seed in range(250):
        people, times = chance.randint(2, 5), chance.randint(2, 5)
        away = random_absences(people, times, chance.choice([0.3, 0.5, 0.6]), seed)
        circle = (members(people), meetings(times), roles(1))
        problem = problem_of(*circle, away, seed=seed)
        even = even_leads(problem)
        quota = widest_quota(even)

        leaders = search_leaders(problem, even)

        counts = LeadTable(problem, leaders).count
        assert all(
            quota.low[member] <= counts[member] <= quota.high[member] for member in problem.counted
        )
        best = best_leads(members(people), meetings(times), away)
        assert count_repeats(leaders) == best[1]


def test_the_evened_out_table_is_not_changed_by_the_search() -> None:
    problem = problem_of(members(4), meetings(8), roles(2), random_absences(4, 8, 0.3, 1))
    even = even_leads(problem)
    holder, count = even.holder[:], even.count[:]

    search_leaders(problem, even)

    assert (even.holder, even.count) == (holder, count)


def test_counts_less_even_within_the_smallest_spread_are_taken_to_save_a_repeat() -> None:
    # Who can lead, by meeting. m2 forces the spread of 2 (5 against 3 of m3). For 4 and 4, m0 would
    # have to lead next to a meeting that only m0 can lead; m1 takes all three instead: 3 and 5.
    can_lead = ["0", "01", "0", "01", "0", "01", *"2121232323"]
    away = absences(
        *(
            (member, meeting)
            for meeting, there in enumerate(can_lead)
            for member in range(4)
            if str(member) not in there
        )
    )

    problem = problem_of(members(4), meetings(16), roles(1), away)
    even = even_leads(problem)

    leaders = search_leaders(problem, even)

    assert even.count == [4, 4, 5, 3]
    assert LeadTable(problem, leaders).count == [3, 5, 5, 3]
    assert count_repeats(leaders) == 0


def test_lead_spread_is_most_minus_least_and_none_for_nobody() -> None:
    assert lead_spread([3, 1, 2]) == 2
    assert lead_spread([4]) == 0
    assert lead_spread([]) is None
