"""Plan a season of turns, and mend a published one after people have said they cannot come."""

from sessions.rotation.engine.cycle import cyclic_plan, is_undisturbed
from sessions.rotation.engine.evenness import lead_spread
from sessions.rotation.engine.explain import explain_turns
from sessions.rotation.engine.fill import fill_others
from sessions.rotation.engine.keep import give_back
from sessions.rotation.engine.leads import (
    LeadTable,
    bring_within,
    count_repeats,
    even_leads,
    lead_bound,
    search_leaders,
    widest_quota,
)
from sessions.rotation.engine.mend import mend
from sessions.rotation.engine.problem import LEAD, Grid, Problem, read_problem
from sessions.rotation.engine.ready import NOBODY
from sessions.rotation.engine.shapes import SeasonInput, SeasonPlan

A_PAIR = 2


def plan_season(season: SeasonInput) -> SeasonPlan:
    """Return who holds which role at which meeting, and why; `published` turns do not matter.

    Roles are filled by priority while people last and are ready, one each. In this order of
    importance: the lead spread is the smallest that any plan has; nobody holds a role twice
    running, nor again within three meetings, while another can; everybody holds every role once;
    the longest wait leads first; strengths and stretches alternate. The same input gives the same
    season. EngineError names the person and the rule that the input breaks.
    Source: docs/adr/0005-rotation-by-exact-then-repair.md, docs/adr/0015-rotation-by-annealing.md.
    """
    problem = read_problem(season)
    even = even_leads(problem)
    return _explained(*_fresh_grid(problem, even, season.seed), even)


def replan(season: SeasonInput) -> SeasonPlan:
    """Return a season as fair as a new plan that moves few of the `published` turns.

    Where all of them can stay and nobody holds a role twice running, they do. Otherwise a turn
    moves for the lead spread, against repeats and so that everybody holds every role; waiting and
    alternation decide who takes what has come free. Turns held already must be among `locks`.
    Two people take turns anyway: between them nothing moves but for the lead spread.
    Published turns of people, roles and meetings that are gone, or of somebody now absent, are
    filled anew, but for those `left_open`. EngineError as for `plan_season`.
    """
    problem = read_problem(season)
    before = problem.grid_of(season.published)
    even = even_leads(problem)
    quota = widest_quota(even)

    kept = LeadTable(problem, _kept_leaders(problem, before))
    bring_within(kept, quota)
    problem = problem.with_leaders(kept.holder)
    grid = problem.fixed_grid
    grid[LEAD] = kept.holder
    for meeting in range(len(problem.meetings)):
        for role in range(LEAD + 1, len(grid)):
            member = before[role][meeting]
            taken = {row[meeting] for row in grid}
            if member not in (NOBODY, *taken) and not problem.is_fixed(role, meeting):
                grid[role][meeting] = member
    whole = fill_others(problem, grid)
    no_news = whole == before and not any(map(count_repeats, whole))
    if no_news or sum(member.may_facilitate for member in problem.members) == A_PAIR:
        return _explained(problem, whole, even)
    grid = mend(problem, whole, quota, published=before, seed=season.seed)
    grid = give_back(problem, grid, before, quota)
    spread, _lead_repeats, repeats = _hard_faults(problem, grid)
    if spread <= 1 and not repeats:
        return _explained(problem, grid, even)
    anew = _fresh_grid(problem, even, season.seed)
    best = min((problem, grid), anew, key=lambda plan: _hard_faults(*plan))  # of equals, the first
    return _explained(*best, even)


def _fresh_grid(problem: Problem, even: LeadTable, seed: int) -> tuple[Problem, Grid]:
    """Return a plan from nothing, and the problem in which readiness follows its leaders."""
    if is_undisturbed(problem):
        return problem, cyclic_plan(problem)
    leaders = search_leaders(problem, even)
    problem = problem.with_leaders(leaders)
    grid = problem.fixed_grid
    grid[LEAD] = leaders
    grid = fill_others(problem, grid)
    return problem, mend(problem, grid, widest_quota(even), in_turn=leaders, seed=seed)


def _explained(problem: Problem, grid: Grid, even: LeadTable) -> SeasonPlan:
    return SeasonPlan(
        turns=explain_turns(problem, grid),
        lead_spread=_lead_spread(problem, grid),
        lead_bound=lead_bound(even),
    )


def _lead_spread(problem: Problem, grid: Grid) -> int:
    return lead_spread(grid[LEAD].count(member) for member in problem.counted) or 0


def _kept_leaders(problem: Problem, before: Grid) -> list[int]:
    """Return the published leaders, and where one is missing whoever has led least."""
    leaders = before[LEAD][:]
    for meeting, people in enumerate(problem.can_lead):
        if leaders[meeting] == NOBODY and people:
            leaders[meeting] = min(people, key=lambda m: (leaders.count(m), problem.rank[m]))
    return leaders


def _hard_faults(problem: Problem, grid: Grid) -> tuple[int, int, int]:
    """Return the lead spread, leads twice running, and roles held twice running."""
    repeats = [count_repeats(row) for row in grid]
    return _lead_spread(problem, grid), repeats[LEAD], sum(repeats)
