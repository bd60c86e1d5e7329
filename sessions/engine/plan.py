"""Plan a season of turns, and mend a published one after people have said they cannot come."""

from collections.abc import Iterable
from dataclasses import dataclass

from sessions.engine.cycle import cyclic_plan, is_undisturbed
from sessions.engine.explain import broken_rules, explain_turns, unfilled_turns
from sessions.engine.fairness import lead_spread
from sessions.engine.leads import (
    LeadTable,
    bring_within,
    count_repeats,
    even_out,
    lead_bound,
    search_leaders,
    some_leaders,
    widest_quota,
)
from sessions.engine.others import fill_others
from sessions.engine.problem import LEAD, NOBODY, Grid, Problem, read_problem
from sessions.engine.repair import Repair
from sessions.engine.shapes import (
    Absence,
    EngineError,
    Lock,
    Meeting,
    Member,
    PastTurn,
    Role,
    Season,
    Turn,
)


def plan_season(
    members: tuple[Member, ...],
    meetings: tuple[Meeting, ...],
    roles: tuple[Role, ...],
    absences: frozenset[Absence] = frozenset(),
    locks: frozenset[Lock] = frozenset(),
    history: tuple[PastTurn, ...] = (),
    *,
    seed: int = 0,
) -> Season:
    """Return who holds which role at which meeting, and why.

    Roles are filled by priority while people last, one each. In this order of importance: the
    lead spread is the smallest that any plan has; nobody holds a role twice running while
    another can; the longest wait comes first; strengths and stretches alternate. The same input
    and seed give the same season. EngineError names the person and the rule that the input breaks.
    Source: docs/adr/0005-rotation-by-exact-then-repair.md.
    """
    problem = read_problem(members, meetings, roles, absences, locks, history, seed)
    return _fresh_season(problem)


def replan(
    members: tuple[Member, ...],
    meetings: tuple[Meeting, ...],
    roles: tuple[Role, ...],
    absences: frozenset[Absence],
    locks: frozenset[Lock],
    history: tuple[PastTurn, ...],
    *,
    published: Iterable[Turn],
    seed: int = 0,
) -> Season:
    """Return a season as fair as a new plan that moves few of the `published` turns.

    Turns held already must be among `locks`. Published turns of people, roles and meetings that
    are gone, or of somebody now absent, are filled anew. EngineError as for `plan_season`.
    """
    problem = read_problem(members, meetings, roles, absences, locks, history, seed)
    before = _published_grid(problem, published)
    table = LeadTable(problem, some_leaders(problem))
    even_out(table)
    quota = widest_quota(table)

    kept = LeadTable(problem, _kept_leaders(problem, before))
    bring_within(kept, quota)
    grid = problem.empty_grid
    grid[LEAD] = kept.holder
    for meeting, open_roles in enumerate(problem.open_roles):
        for role in open_roles:
            member = before[role][meeting]
            taken = {row[meeting] for row in grid}
            if role != LEAD and member not in (NOBODY, *taken):
                grid[role][meeting] = member
    grid = Repair(problem, fill_others(problem, grid), quota, before).run()

    anew = _fresh_season(problem)
    repaired = _season(problem, grid, table, repeats_proved=False)
    return anew if _hard_faults(problem, anew) < _hard_faults(problem, repaired) else repaired


@dataclass(frozen=True, slots=True)
class Change:
    """One turn that goes to somebody else; an empty member means nobody."""

    meeting: str
    role: str
    was: str
    now: str


def changes(before: Iterable[Turn], after: Iterable[Turn]) -> tuple[Change, ...]:
    """Return the turns in which two plans differ, in the order of the later plan."""
    was = {(turn.meeting, turn.role): turn.member for turn in before}
    now = {(turn.meeting, turn.role): turn.member for turn in after}
    return tuple(
        Change(meeting, role, was.get((meeting, role), ""), now.get((meeting, role), ""))
        for meeting, role in (now | was)
        if was.get((meeting, role)) != now.get((meeting, role))
    )


def _fresh_season(problem: Problem) -> Season:
    table = LeadTable(problem, some_leaders(problem))
    even_out(table)
    if is_undisturbed(problem):
        cyclic = cyclic_plan(problem)
        if cyclic is not None:
            return _season(problem, cyclic, table, repeats_proved=True)
    grid = problem.empty_grid
    grid[LEAD], proved = search_leaders(problem, table)
    grid = Repair(problem, fill_others(problem, grid), widest_quota(table), None).run()
    return _season(problem, grid, table, repeats_proved=proved)


def _season(problem: Problem, grid: Grid, even: LeadTable, *, repeats_proved: bool) -> Season:
    counts = {problem.members[m].id: grid[LEAD].count(m) for m in problem.counted}
    spread = lead_spread(counts.values()) or 0
    repeats = count_repeats(grid[LEAD], problem.last_held[LEAD])
    return Season(
        turns=explain_turns(problem, grid),
        lead_spread=spread,
        lead_counts=counts,
        lead_bound=lead_bound(even),
        repeats_proved=repeats_proved or repeats == 0,
        unfilled=unfilled_turns(problem, grid),
        broken=broken_rules(problem, grid, spread),
    )


def _published_grid(problem: Problem, published: Iterable[Turn]) -> Grid:
    """Return the published turns that can still be held; locked turns are the locks' own."""
    member_at = {member.id: position for position, member in enumerate(problem.members)}
    meeting_at = {meeting.id: position for position, meeting in enumerate(problem.meetings)}
    role_at = {role.key: position for position, role in enumerate(problem.roles)}
    grid = problem.empty_grid
    seen: set[tuple[str, str]] = set()
    for turn in published:
        if (turn.meeting, turn.role) in seen:
            raise EngineError(turn.member, f"{turn.role} at {turn.meeting} is published twice")
        seen.add((turn.meeting, turn.role))
        if turn.member in member_at and turn.meeting in meeting_at and turn.role in role_at:
            role, meeting = role_at[turn.role], meeting_at[turn.meeting]
            member = member_at[turn.member]
            if role in problem.open_roles[meeting] and problem.may_take(role, meeting, member):
                grid[role][meeting] = member
    return grid


def _kept_leaders(problem: Problem, before: Grid) -> list[int]:
    """Return the published leaders, and where one is missing whoever has led least."""
    leaders = before[LEAD][:]
    for meeting, people in enumerate(problem.can_lead):
        if leaders[meeting] == NOBODY and people:
            leaders[meeting] = min(people, key=lambda m: (leaders.count(m), problem.rank[m]))
    return leaders


def _hard_faults(problem: Problem, season: Season) -> tuple[int, int, int]:
    lead = problem.roles[LEAD].key
    repeated = [fault.role for fault in season.broken if fault.rule == "twice_running"]
    return (season.lead_spread, repeated.count(lead), len(repeated))
