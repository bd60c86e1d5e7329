"""Plan a season of turns, and mend a published one after people have said they cannot come."""

from collections.abc import Iterable

from sessions.rotation.engine.buddies import with_buddies
from sessions.rotation.engine.cycle import cyclic_plan, is_undisturbed
from sessions.rotation.engine.explain import broken_rules, explain_turns, unfilled_turns
from sessions.rotation.engine.fairness import lead_spread
from sessions.rotation.engine.fill import fill_others
from sessions.rotation.engine.keep import give_back
from sessions.rotation.engine.leads import (
    LeadTable,
    bring_within,
    count_repeats,
    even_out,
    lead_bound,
    search_leaders,
    some_leaders,
    widest_quota,
)
from sessions.rotation.engine.mend import mend
from sessions.rotation.engine.problem import LEAD, Grid, Problem, read_problem
from sessions.rotation.engine.reading import published_grid
from sessions.rotation.engine.ready import NOBODY
from sessions.rotation.engine.shapes import (
    Absence,
    BrokenRule,
    LeftOpen,
    Lock,
    Meeting,
    Member,
    Role,
    Season,
    Turn,
)

REPEATED = (BrokenRule.TWICE_RUNNING,)


def plan_season(
    members: tuple[Member, ...],
    meetings: tuple[Meeting, ...],
    roles: tuple[Role, ...],
    absences: frozenset[Absence] = frozenset(),
    locks: frozenset[Lock] = frozenset(),
    *,
    seed: int = 0,
) -> Season:
    """Return who holds which role at which meeting, and why.

    Roles are filled by priority while people last and are ready, one each. In this order of
    importance: the lead spread is the smallest that any plan has; nobody holds a role twice
    running, nor again within three meetings, while another can; everybody holds every role once;
    the longest wait leads first; strengths and stretches alternate. The same input and seed give
    the same season. EngineError names the person and the rule that the input breaks.
    Source: docs/adr/0005-rotation-by-exact-then-repair.md, docs/adr/0015-rotation-by-annealing.md.
    """
    problem = read_problem(members, meetings, roles, absences, locks, seed)
    return _fresh_season(problem, seed)


def replan(
    members: tuple[Member, ...],
    meetings: tuple[Meeting, ...],
    roles: tuple[Role, ...],
    absences: frozenset[Absence],
    locks: frozenset[Lock],
    *,
    published: Iterable[Turn],
    left_open: frozenset[LeftOpen] = frozenset(),
    seed: int = 0,
) -> Season:
    """Return a season as fair as a new plan that moves few of the `published` turns.

    Where all of them can stay and nobody holds a role twice running, they do. Otherwise a turn
    moves for the lead spread, against repeats and so that everybody holds every role; waiting and
    alternation decide who takes what has come free. Turns held already must be among `locks`.
    Published turns of people, roles and meetings that are gone, or of somebody now absent, are
    filled anew, but for those `left_open`. EngineError as for `plan_season`.
    """
    problem = read_problem(members, meetings, roles, absences, locks, seed, left_open)
    before = published_grid(problem, published)
    table = LeadTable(problem, some_leaders(problem))
    even_out(table)
    quota = widest_quota(table)

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
    if whole == before and is_sound(whole):
        return _season(problem, whole, table, repeats_proved=False)  # no news, so no changes
    grid = mend(problem, whole, quota, published=before, seed=seed)
    grid = give_back(problem, grid, before, quota)

    repaired = _season(problem, grid, table, repeats_proved=False)
    if not any(fault.rule in (BrokenRule.LEAD_SPREAD, *REPEATED) for fault in repaired.broken):
        return repaired
    anew = _fresh_season(problem, seed)
    return anew if _hard_faults(problem, anew) < _hard_faults(problem, repaired) else repaired


def _fresh_season(problem: Problem, seed: int) -> Season:
    table = LeadTable(problem, some_leaders(problem))
    even_out(table)
    if is_undisturbed(problem):
        cyclic = cyclic_plan(problem)
        if cyclic is not None:
            return _season(problem, cyclic, table, repeats_proved=True)
    leaders, proved = search_leaders(problem, table)
    problem = problem.with_leaders(leaders)
    grid = problem.fixed_grid
    grid[LEAD] = leaders
    grid = fill_others(problem, grid)
    grid = mend(problem, grid, widest_quota(table), in_turn=leaders, seed=seed)
    return _season(problem, grid, table, repeats_proved=proved)


def _season(problem: Problem, grid: Grid, even: LeadTable, *, repeats_proved: bool) -> Season:
    counts = {problem.members[m].id: grid[LEAD].count(m) for m in problem.counted}
    spread = lead_spread(counts.values()) or 0
    repeats = count_repeats(grid[LEAD])
    return Season(
        turns=with_buddies(problem, grid, explain_turns(problem, grid)),
        lead_spread=spread,
        lead_counts=counts,
        lead_bound=lead_bound(even),
        repeats_proved=repeats_proved or repeats == 0,
        unfilled=unfilled_turns(problem, grid),
        broken=broken_rules(problem, grid, spread),
    )


def _kept_leaders(problem: Problem, before: Grid) -> list[int]:
    """Return the published leaders, and where one is missing whoever has led least."""
    leaders = before[LEAD][:]
    for meeting, people in enumerate(problem.can_lead):
        if leaders[meeting] == NOBODY and people:
            leaders[meeting] = min(people, key=lambda m: (leaders.count(m), problem.rank[m]))
    return leaders


def is_sound(grid: Grid) -> bool:
    """Return whether nobody holds a role twice running."""
    return not any(count_repeats(row) for row in grid)


def _hard_faults(problem: Problem, season: Season) -> tuple[int, int, int]:
    lead = problem.roles[LEAD].key
    repeated = [fault.role for fault in season.broken if fault.rule in REPEATED]
    return (season.lead_spread, repeated.count(lead), len(repeated))
