"""Who leads which meeting: as even as the absences allow, and proved to be.

How often each person leads in some plan is a base of a polymatroid, so one plan has both the
smallest maximum and the largest minimum, and it is found by single chains of hand-overs.
Source: Frank and Murota, "Decreasing minimization on M-convex sets: background and
structures", Mathematical Programming 195 (2022); docs/adr/0005-rotation-by-exact-then-repair.md.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sessions.rotation.engine.problem import LEAD, NEVER, Problem
from sessions.rotation.engine.ready import NOBODY
from sessions.rotation.engine.shapes import LeadBound

NODE_LIMIT = 4_000  # partial plans of all searches for one season; circles need about a hundred


@dataclass(frozen=True, slots=True)
class Quota:
    """How often each member leads at least and at most."""

    low: tuple[int, ...]
    high: tuple[int, ...]


class LeadTable:
    """A full assignment of leaders to meetings, changed by chains of hand-overs."""

    def __init__(self, problem: Problem, holder: Sequence[int]) -> None:
        self.problem = problem
        self.holder = list(holder)
        self.count = [0] * len(problem.members)
        for member in self.holder:
            if member != NOBODY:
                self.count[member] += 1

    def copy(self) -> "LeadTable":
        twin = LeadTable.__new__(LeadTable)
        twin.problem, twin.holder, twin.count = self.problem, self.holder[:], self.count[:]
        return twin

    def reach(
        self, starts: Sequence[int], after: int = -1
    ) -> tuple[dict[int, tuple[int, int]], list[int]]:
        """Return everyone to whom a lead of `starts` can be handed, in order of chain length.

        The mapping gives, for each, who hands over and at which meeting. Only meetings later
        than `after` change hands.
        """
        held: dict[int, list[int]] = {}
        for meeting in range(after + 1, len(self.holder)):
            if self.problem.locked[LEAD][meeting] == NOBODY:
                held.setdefault(self.holder[meeting], []).append(meeting)
        came_from: dict[int, tuple[int, int]] = {}
        order: list[int] = list(starts)
        seen = set(starts)
        queue = deque(starts)
        while queue:
            giver = queue.popleft()
            for meeting in held.get(giver, ()):
                for taker in self.problem.can_lead[meeting]:
                    if taker not in seen:
                        seen.add(taker)
                        came_from[taker] = (giver, meeting)
                        order.append(taker)
                        queue.append(taker)
        return came_from, order

    def hand_over(
        self, starts: Sequence[int], ends: Callable[[int], bool], after: int = -1
    ) -> bool:
        """Move one lead along the shortest chain from `starts` to a member for whom `ends` holds.

        Only the first loses a lead and only the last gains one. Returns whether there was a chain.
        """
        came_from, order = self.reach(starts, after)
        end = next((member for member in order if member in came_from and ends(member)), None)
        if end is None:
            return False
        self.count[end] += 1
        member = end
        while member in came_from:
            giver, meeting = came_from[member]
            self.holder[meeting] = member
            member = giver
        self.count[member] -= 1
        return True

    def hand_over_below(self, giver: int, limit: int) -> bool:
        """Move one lead from `giver` to a member with fewer leads than `limit`, if there is one."""
        return self.hand_over([giver], lambda taker: self.count[taker] < limit)

    def hand_over_to(self, member: int, givers: Sequence[int], after: int = -1) -> bool:
        """Move one lead from any of `givers` to `member`, if there is a chain."""
        return self.hand_over(givers, lambda taker: taker == member, after)

    def force(self, meeting: int, member: int, quota: Quota) -> "LeadTable | None":
        """Return a table within `quota` in which `member` leads `meeting`, later meetings
        changed as needed; None if there is none."""
        before = self.holder[meeting]
        twin = self.copy()
        if before == member:
            return twin
        twin.holder[meeting] = member
        twin.count[member] += 1
        twin.count[before] -= 1
        if twin.count[member] > quota.high[member] and not twin.hand_over(
            [member], lambda taker: twin.count[taker] < quota.high[taker], meeting
        ):
            return None
        if twin.count[before] < quota.low[before]:
            givers = [m for m in range(len(twin.count)) if twin.count[m] > quota.low[m]]
            if not twin.hand_over_to(before, givers, meeting):
                return None
        return twin


def even_leads(problem: Problem) -> LeadTable:
    """Return leaders who lead as equally often as the absences allow."""
    anybody = [people[0] if people else NOBODY for people in problem.can_lead]
    table = LeadTable(problem, anybody)
    even_out(table)
    return table


def even_out(table: LeadTable) -> None:
    """Hand leads over until nobody can be relieved by someone who leads two or more fewer."""
    moved = True
    while moved:
        moved = False
        for giver in sorted(table.problem.counted, key=lambda member: -table.count[member]):
            if table.hand_over_below(giver, table.count[giver] - 1):
                moved = True
                break


def bring_within(table: LeadTable, quota: Quota) -> None:
    """Hand over as few leads as it takes to be within `quota`, which must be possible."""
    for member in table.problem.counted:
        while table.count[member] > quota.high[member]:
            if not table.hand_over([member], lambda m: table.count[m] < quota.high[m]):
                break
    for member in table.problem.counted:
        while table.count[member] < quota.low[member]:
            givers = [m for m in table.problem.counted if table.count[m] > quota.low[m]]
            if not table.hand_over_to(member, givers):
                break


def lead_bound(table: LeadTable) -> LeadBound | None:
    """Return the proof that an evened-out table has the smallest spread; None if nobody leads."""
    problem = table.problem
    if not problem.counted:
        return None
    most = max(table.count[member] for member in problem.counted)
    least = min(table.count[member] for member in problem.counted)
    busiest = [member for member in problem.counted if table.count[member] == most]
    takers = set(table.reach(busiest)[1])
    givers: set[int] = set()
    for member in problem.counted:
        if any(table.count[m] == least for m in table.reach([member])[1] if m in problem.counted):
            givers.add(member)
    return LeadBound(
        most=most,
        most_members=frozenset(problem.members[member].id for member in takers),
        most_meetings=frozenset(
            problem.meetings[meeting]
            for meeting, people in enumerate(problem.can_lead)
            if people and takers.issuperset(people)
        ),
        least=least,
        least_members=frozenset(problem.members[member].id for member in givers),
        least_meetings=frozenset(
            problem.meetings[meeting]
            for meeting, people in enumerate(problem.can_lead)
            if givers.intersection(people)
        ),
    )


def widest_quota(table: LeadTable) -> Quota:
    """Return the quota that every plan with the smallest spread keeps, from an evened-out table."""
    problem = table.problem
    counts = [table.count[member] for member in problem.counted]
    low, high = (min(counts), max(counts)) if counts else (0, 0)
    counted = set(problem.counted)
    people = range(len(problem.members))
    return Quota(
        low=tuple(low if member in counted else 0 for member in people),
        high=tuple(high if member in counted else len(problem.meetings) for member in people),
    )


def evenest_quota(table: LeadTable) -> Quota:
    """Return how often each member may lead in the most even plans, from an evened-out table.

    A member may trade one lead with somebody who has exactly one fewer or one more.
    """
    low, high = table.count[:], table.count[:]
    for giver in table.problem.counted:
        for taker in table.reach([giver])[1]:
            if table.count[taker] == table.count[giver] - 1:
                low[giver] = table.count[giver] - 1
                high[taker] = table.count[taker] + 1
    return Quota(tuple(low), tuple(high))


class _OutOfNodesError(Exception):
    """The search has looked at as many partial plans as it may."""


class _Search:
    """Depth first over the meetings, longest wait first; what failed once is not tried again."""

    def __init__(self, problem: Problem, quota: Quota, repeats: int, nodes: int) -> None:
        self.problem = problem
        self.quota = quota
        self.repeats = repeats
        self.nodes = nodes
        self.dead: set[tuple[int, int, int, tuple[int, ...]]] = set()
        self.forced_after = _forced_repeats(problem)

    def run(self, table: LeadTable) -> list[int] | None:
        """Return leaders within the quota and the allowed repeats, or None if there are none."""
        people = len(self.problem.members)
        return self._go(0, NOBODY, 0, table, [0] * people, [NEVER] * people)

    def _go(
        self,
        meeting: int,
        before: int,
        used: int,
        table: LeadTable,
        so_far: list[int],
        last_led: list[int],
    ) -> list[int] | None:
        if meeting == len(table.holder):
            return table.holder
        state = (meeting, before, used, tuple(so_far))
        if state in self.dead:
            return None
        self.nodes -= 1
        if self.nodes < 0:
            raise _OutOfNodesError
        for member in self._candidates(meeting, so_far, last_led):
            repeat = int(last_led[member] == meeting - 1)
            if used + repeat + self.forced_after[meeting] > self.repeats:
                continue
            forced = table.force(meeting, member, self.quota)
            if forced is None:
                continue
            memory, last_led[member] = last_led[member], meeting
            so_far[member] += 1
            leaders = self._go(meeting + 1, member, used + repeat, forced, so_far, last_led)
            if leaders is not None:
                return leaders
            so_far[member] -= 1
            last_led[member] = memory
        if not self.problem.can_lead[meeting]:
            leaders = self._go(meeting + 1, NOBODY, used, table, so_far, last_led)
            if leaders is not None:
                return leaders
        self.dead.add(state)
        return None

    def _candidates(self, meeting: int, so_far: list[int], last_led: list[int]) -> list[int]:
        problem = self.problem
        return sorted(
            problem.can_lead[meeting],
            key=lambda member: (
                last_led[member],
                so_far[member],
                -problem.level[LEAD][member],
                problem.rank[member],
            ),
        )


def _forced_repeats(problem: Problem) -> list[int]:
    """Return, by meeting, how many later meetings must repeat the leader of the one before."""
    forced = [0] * len(problem.meetings)
    for meeting in range(len(problem.meetings) - 2, -1, -1):
        now, then = problem.can_lead[meeting], problem.can_lead[meeting + 1]
        forced[meeting] = forced[meeting + 1] + int(len(now) == 1 and now == then)
    return forced


def count_repeats(row: Sequence[int]) -> int:
    """Return how often a holder of the role held it at the meeting before."""
    return sum(1 for before, now in pairwise(row) if now == before != NOBODY)


def search_leaders(problem: Problem, even: LeadTable) -> list[int]:
    """Return leaders with the smallest spread, then the fewest repeats, then the most even, then
    the longest wait first; the fewest repeats are proved unless the search runs out of nodes.

    `even` must have been evened out; it is not changed.
    """
    quotas = dict.fromkeys((evenest_quota(even), widest_quota(even)))
    nodes = NODE_LIMIT
    for repeats in range(_fewest(problem), count_repeats(even.holder) + 1):
        for quota in quotas:
            search = _Search(problem, quota, repeats, nodes // 2)
            try:
                leaders = search.run(even)
            except _OutOfNodesError:
                leaders = None
            nodes -= nodes // 2 - max(0, search.nodes)
            if leaders is not None:
                return leaders
    return even.holder[:]


def _fewest(problem: Problem) -> int:
    forced = _forced_repeats(problem)
    return forced[0] if forced else 0
