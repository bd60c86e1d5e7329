"""How even the turns are: the figures of the fairness panel."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sessions.engine.shapes import Member, Role, Turn


def lead_spread(counts: Iterable[int]) -> int | None:
    """Return the largest minus the smallest number of turns led; None where nobody counts."""
    numbers = list(counts)
    return max(numbers) - min(numbers) if numbers else None


def gini(amounts: Iterable[float]) -> float:
    """Return how unevenly amounts are shared: 0 when all have the same, towards 1 when one has all.

    The mean difference between two people, over twice the mean; 0 where nobody has anything.
    Source: C. Gini, Variabilità e mutabilità (1912).
    """
    ordered = sorted(amounts)
    whole = sum(ordered)
    if not whole:
        return 0.0
    people = len(ordered)
    return sum((2 * place - people - 1) * x for place, x in enumerate(ordered, 1)) / (
        people * whole
    )


def debts(turns: Iterable[tuple[str, Collection[str]]]) -> dict[str, float]:
    """Return how many turns each person is owed, from (holder, all who could have held it).

    Whoever could have held a turn is due an equal share of it; a debt is what was due less what
    was held, so those of all people add up to nothing. Below nothing, somebody is ahead.
    """
    owed: dict[str, float] = defaultdict(float)
    for holder, could in turns:
        for member in could:
            owed[member] += 1 / len(could)
        owed[holder] -= 1
    return dict(owed)


@dataclass(frozen=True, slots=True)
class Share:
    """How often one member holds each role, by role key."""

    member: str
    turns: Mapping[str, int] = field(hash=False)

    @property
    def total(self) -> int:
        """Return the turns of this member in all roles together."""
        return sum(self.turns.values())


@dataclass(frozen=True, slots=True)
class Fairness:
    """The fairness panel. `spread` and `next_in_line` are by role key; `have_led` counts the
    members who lead at least once."""

    shares: tuple[Share, ...]
    spread: Mapping[str, int | None] = field(hash=False)
    next_in_line: Mapping[str, tuple[str, ...]] = field(hash=False)
    have_led: int


def fairness(
    turns: Iterable[Turn], members: tuple[Member, ...], roles: tuple[Role, ...]
) -> Fairness:
    """Return how the given turns, in order of meeting, share the roles among `members`.

    Next in line is who held a role least often, then who has waited longest. Turns of people
    who are no longer members are passed over. Those who may not lead are left out of the
    leading role's spread and line.
    """
    count = {role.key: {member.id: 0 for member in members} for role in roles}
    last = {role.key: {member.id: -1 for member in members} for role in roles}
    for place, turn in enumerate(turns):
        if turn.role in count and turn.member in count[turn.role]:
            count[turn.role][turn.member] += 1
            last[turn.role][turn.member] = place
    eligible = {
        role.key: [member.id for member in members if member.may_facilitate or not role.leads]
        for role in roles
    }
    return Fairness(
        shares=tuple(
            Share(member.id, {role.key: count[role.key][member.id] for role in roles})
            for member in members
        ),
        spread={
            key: lead_spread(count[key][member] for member in people)
            for key, people in eligible.items()
        },
        next_in_line={
            key: tuple(sorted(people, key=lambda id_: (count[key][id_], last[key][id_])))
            for key, people in eligible.items()
        },
        have_led=sum(
            1
            for member in members
            if any(count[role.key][member.id] for role in roles if role.leads)
        ),
    )
