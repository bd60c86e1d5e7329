"""Small problems, made by hand or by hypothesis, and the answer found by trying everything."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from hypothesis import strategies as st

from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.explain import explain
from pairing.engine.rules import blocked_by
from pairing.engine.shapes import (
    FULL_POINTS,
    Bonus,
    Criterion,
    Kind,
    Missing,
    People,
    Policy,
    Problem,
    Rule,
    RuleKind,
)

SKILLS = ("coaching", "delegation", "facilitation", "feedback")

CRITERIA = (
    Criterion("skills", Kind.LEVELS, "sought", "offered", 10),
    Criterion("interests", Kind.OVERLAP, "interests", "interests", 3, missing=Missing.ZERO),
    Criterion("grade", Kind.GAP, "grade", "grade", 5),
    Criterion("free", Kind.AVAILABILITY, "free", "free", 4, enough_overlap=180),
)
RULES = (
    Rule("language", RuleKind.MUST_SHARE, "languages", "languages"),
    Rule("line", RuleKind.NEVER_MANAGER),
)


def make_people(names, *, capacity=(), **columns):
    return People(tuple(names), columns, tuple(capacity))


def make_table(table, *, capacity=(), **kwargs):
    """A problem whose scores stand in a table of 0–100: offerers by name, wanted by gap."""
    n, m = len(table), len(table[0])
    # One criterion cannot hold any table; a text per seeker and a criterion per offerer can.
    seekers = {f"for {j}": tuple(float(table[i][j]) for i in range(n)) for j in range(m)}
    offerers = {f"for {j}": tuple(0.0 if k == j else None for k in range(m)) for j in range(m)}
    criteria = tuple(
        Criterion(f"{j}", Kind.GAP, f"for {j}", f"for {j}", 1, Missing.ZERO, (-100, -100), 100)
        for j in range(m)
    )
    return Problem(
        make_people([f"s{i}" for i in range(n)], **seekers),
        make_people([f"o{j}" for j in range(m)], capacity=capacity, **offerers),
        criteria,
        **kwargs,
    )


@st.composite
def problems(draw, most=5):
    """Problems with rules, capacities, people in both parts, locks and forbidden pairs."""
    n, m = draw(st.integers(1, most)), draw(st.integers(1, most))
    both = draw(st.integers(0, min(n, m)))

    def side(prefix, size, capacity):
        def column(values):
            return tuple(draw(st.lists(values, min_size=size, max_size=size)))

        ids = tuple(f"both{k}" if k < both else f"{prefix}{k}" for k in range(size))
        levels = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5), max_size=3)
        return People(
            tuple(f"{prefix}{k}" for k in range(size)),
            {
                "identity": ids,
                "manager": column(st.sampled_from([None, None, "both0", "m1"])),
                "sought": column(st.one_of(st.none(), levels)),
                "offered": column(st.one_of(st.none(), levels)),
                "interests": column(st.one_of(st.none(), st.frozensets(st.sampled_from("abc")))),
                "grade": column(st.one_of(st.none(), st.integers(1, 6))),
                "free": column(st.one_of(st.none(), st.integers(0, 255))),
                "languages": column(st.frozensets(st.sampled_from(["de", "en"]), min_size=1)),
            },
            capacity,
        )

    places = draw(st.lists(st.integers(0, 3), min_size=m, max_size=m))
    seekers, offerers = side("s", n, ()), side("m", m, tuple(places))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, m - 1))
    liked = draw(st.dictionaries(pairs, st.integers(1, FULL_POINTS), max_size=3))
    problem = Problem(
        seekers,
        offerers,
        CRITERIA,
        RULES,
        forbidden=draw(st.frozensets(pairs, max_size=2)),
        bonuses=(Bonus("preferred", liked),),
    )
    wanted = draw(st.one_of(st.none(), pairs))
    if wanted is not None and places[wanted[1]] and not blocked_by(problem, *wanted):
        problem = replace(problem, locked=frozenset({wanted}))
    together = draw(st.dictionaries(st.integers(0, n - 1), st.integers(0, m - 1), max_size=2))
    return replace(
        problem,
        incumbent=frozenset(together.items()),
        stability=draw(st.sampled_from([0, 0.005, 0.3])),
    )


def score_table(problem):
    """The scores by another way than the engine's: the parts each pair is shown, and the bonus."""

    def score(i, j):
        points = sum(part.points for part in explain(problem, i, j))
        return points + round(problem.stability * FULL_POINTS) * ((i, j) in problem.incumbent)

    n, m = len(problem.seekers), len(problem.offerers)
    return [[score(i, j) for j in range(m)] for i in range(n)]


def allowed_matchings(problem) -> Iterator[tuple[tuple[int, int], ...]]:
    """Every matching that keeps all rules, by trying everything."""
    n, places = len(problem.seekers), list(problem.offerers.places())
    seeker_ids, offerer_ids = problem.seekers.identities(), problem.offerers.identities()
    free = [[j for j in range(len(places)) if not blocked_by(problem, i, j)] for i in range(n)]

    def extend(i, pairs):
        if i == n:
            people = {(seeker_ids[a], offerer_ids[b]) for a, b in pairs}
            if problem.locked <= set(pairs) and not any((b, a) in people for a, b in people):
                yield tuple(pairs)
            return
        yield from extend(i + 1, pairs)
        for j in free[i]:
            if places[j]:
                places[j] -= 1
                yield from extend(i + 1, [*pairs, (i, j)])
                places[j] += 1

    yield from extend(0, [])


def value(problem, scores, policy, pairs):
    """What the policy compares: a tuple, the larger the better (stable: its blocking pairs)."""
    total = sum(scores[i][j] for i, j in pairs)
    people = len(pairs) + len({j for _, j in pairs})
    unlocked = [scores[i][j] for i, j in pairs if (i, j) not in problem.locked]
    floor = min(unlocked, default=FULL_POINTS)
    return {
        Policy.BEST_TOTAL: (total, len(pairs)),
        Policy.NOBODY_LEFT_OUT: (people, total),
        Policy.FAIREST_WORST_CASE: (people, floor, total),
        Policy.STABLE: (-blocking(problem, scores, pairs),),
    }[policy]


def blocking(problem, scores, pairs):
    """Allowed pairs that both would rather have, counted one by one."""
    seeker_ids, offerer_ids = problem.seekers.identities(), problem.offerers.identities()
    partner = dict(pairs)
    people = {(seeker_ids[i], offerer_ids[j]) for i, j in pairs}
    locked = {i for i, _ in problem.locked}
    count = 0
    for i in range(len(problem.seekers)):
        for j, places in enumerate(problem.offerers.places()):
            if i in locked or not places or blocked_by(problem, i, j):
                continue
            if (offerer_ids[j], seeker_ids[i]) in people:
                continue
            theirs = [scores[a][j] for a, b in pairs if b == j and a not in locked]
            taken = sum(1 for _, b in pairs if b == j)
            seeker_gains = i not in partner or scores[i][j] > scores[i][partner[i]]
            offerer_gains = taken < places or (bool(theirs) and scores[i][j] > min(theirs))
            count += seeker_gains and offerer_gains
    return count


LINE = Rule("line", RuleKind.NEVER_MANAGER)


def make_peers(count, seed=0, managers=0):
    random = Random(seed)
    skills = [f"skill {k}" for k in range(16)]
    names = tuple(f"p{i}" for i in range(count))
    return People(
        names,
        {
            "skills": tuple(
                {s: random.randint(1, 5) for s in random.sample(skills, 3)} for _ in names
            ),
            "grade": tuple(random.choice([None, 1, 2, 3, 4, 5, 6]) for _ in names),
            "department": tuple(random.choice("ABCDEF") for _ in names),
            "location": tuple(random.choice(["Lima", "Oslo", "Pune"]) for _ in names),
            "manager": tuple(
                None if i < managers or not managers else f"p{i % managers}" for i in range(count)
            ),
        },
    )


def make_circles(people, **changes):
    return CirclesProblem(
        people, ("skills",), ("grade",), ("department", "location"), rules=(LINE,), **changes
    )
