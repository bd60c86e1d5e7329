"""The matching is the best there is, keeps every rule, and proves it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairing.engine.matching import match
from pairing.engine.rules import blocked_by
from pairing.engine.shapes import (
    FULL_POINTS,
    Bonus,
    Criterion,
    Kind,
    LeftOverReason,
    Pair,
    People,
    Policy,
    Problem,
    Side,
)
from tests.pairing.engine.builders import (
    CRITERIA,
    RULES,
    allowed_matchings,
    make_people,
    make_table,
    problems,
    score_table,
    value,
)
from tests.pairing.engine.certificate import check_certificate
from tests.pairing.engine.verify import ProofFailed, verify
from tests.profile import cases

policies = st.sampled_from(list(Policy))


def pairs_of(matching):
    return tuple((pair.seeker, pair.offerer) for pair in matching.pairs)


@pytest.mark.slow
@cases(56)
@given(problems(), policies)
def test_a_matching_is_as_good_as_any_found_by_trying_everything(problem, policy):
    scores = score_table(problem)
    best = max(value(problem, scores, policy, pairs) for pairs in allowed_matchings(problem))

    matching = match(problem, policy=policy)

    assert value(problem, scores, policy, pairs_of(matching)) == best
    assert matching.objective == sum(scores[i][j] for i, j in pairs_of(matching))
    assert matching.proved
    assert matching.gap_ppm == 0 or policy is Policy.STABLE


# What the search on the graph takes for the floor stands on two people who hold both parts to
# each other: it has to be sought between what is sure and that.
FLOORS = [
    (((40, 60, 60, 60), (0, 20, 0, 30), (60, 30, 30, 50), (30, 60, 10, 0)), (2, 1, 2, 2)),
    (((20, 20, 40, 30), (60, 40, 30, 40), (60, 0, 30, 10), (50, 60, 30, 30)), (1, 1, 1, 1)),
]


@pytest.mark.parametrize(("table", "places"), FLOORS)
def test_the_highest_floor_is_found_where_everybody_stands_on_both_sides(table, places):
    problem = make_table(table, capacity=places)
    people = {"identity": tuple(f"person {i}" for i in range(len(table)))}
    sides = (
        replace(side, columns=side.columns | people) for side in (problem.seekers, problem.offerers)
    )
    problem = replace(problem, **dict(zip(("seekers", "offerers"), sides, strict=True)))
    scores = score_table(problem)
    policy = Policy.FAIREST_WORST_CASE

    matching = match(problem, policy=policy)

    verify(problem, matching)
    best = max(value(problem, scores, policy, pairs) for pairs in allowed_matchings(problem))
    assert value(problem, scores, policy, pairs_of(matching)) == best
    assert matching.proved


@cases(24)
@given(problems(most=6), policies)
def test_no_rule_is_broken_and_every_matching_verifies(problem, policy):
    matching = match(problem, policy=policy)

    pairs = pairs_of(matching)
    assert not any(blocked_by(problem, i, j) for i, j in pairs)
    assert problem.locked <= set(pairs)
    assert not problem.forbidden & set(pairs)
    assert len({i for i, _ in pairs}) == len(pairs)
    for j, places in enumerate(problem.offerers.places()):
        assert sum(1 for _, other in pairs if other == j) <= places
    verify(problem, matching)


@cases(24)
@given(problems(), policies, st.randoms(use_true_random=False))
def test_the_order_of_people_never_changes_the_objective(problem, policy, random):
    n, m = len(problem.seekers), len(problem.offerers)
    rows, columns = random.sample(range(n), n), random.sample(range(m), m)

    def reorder(people, order):
        return People(
            tuple(people.names[k] for k in order),
            {key: tuple(values[k] for k in order) for key, values in people.columns.items()},
            tuple(people.places()[k] for k in order),
        )

    def moved(pairs):
        return frozenset((rows.index(i), columns.index(j)) for i, j in pairs)

    other = replace(
        problem,
        seekers=reorder(problem.seekers, rows),
        offerers=reorder(problem.offerers, columns),
        locked=moved(problem.locked),
        forbidden=moved(problem.forbidden),
        bonuses=tuple(
            Bonus(each.key, {next(iter(moved([pair]))): n for pair, n in each.pairs.items()})
            for each in problem.bonuses
        ),
        incumbent=moved(problem.incumbent),
    )
    one, two = match(problem, policy=policy), match(other, policy=policy)

    assert one.people == two.people or policy in {Policy.BEST_TOTAL, Policy.STABLE}
    assert one.bound == two.bound
    if policy is not Policy.STABLE:  # equal scores may make several matchings stable
        assert one.objective == two.objective


@cases(24)
@given(problems(), policies, st.data())
def test_one_more_allowed_pair_never_makes_it_worse(problem, policy, data):
    if not problem.forbidden or policy is Policy.STABLE:
        return
    freed = data.draw(st.sampled_from(sorted(problem.forbidden)))
    more = replace(problem, forbidden=problem.forbidden - {freed})

    before, after = match(problem, policy=policy), match(more, policy=policy)

    if policy is Policy.BEST_TOTAL:
        assert after.objective >= before.objective
    elif policy is Policy.NOBODY_LEFT_OUT:
        assert (after.people, after.objective) >= (before.people, before.objective)
    else:
        full = FULL_POINTS
        assert (after.people, after.floor or full) >= (before.people, before.floor or full)


@cases(10)
@given(problems())
def test_the_certificate_adds_up_by_other_arithmetic(problem):
    problem = replace(problem, locked=frozenset())
    for policy in (Policy.BEST_TOTAL, Policy.NOBODY_LEFT_OUT):
        matching = match(problem, policy=policy)
        if len(matching.proof.total) == 1:
            check_certificate(problem, matching)


@cases(10)
@given(problems(), st.integers(0, 3))
def test_the_same_seed_gives_the_same_matching(problem, seed):
    first = match(problem, policy=Policy.NOBODY_LEFT_OUT, seed=seed)
    assert match(problem, policy=Policy.NOBODY_LEFT_OUT, seed=seed) == first


def test_each_policy_answers_its_own_question():
    table = [[90, 60], [80, 10]]
    answers = {policy: match(make_table(table), policy=policy) for policy in Policy}

    # 0–100 in one of two equally weighted criteria is half of the points.
    assert answers[Policy.BEST_TOTAL].objective == (60 + 80) * 500
    assert pairs_of(answers[Policy.FAIREST_WORST_CASE]) == ((0, 1), (1, 0))
    assert pairs_of(answers[Policy.STABLE]) == ((0, 0), (1, 1))
    assert answers[Policy.STABLE].bound == 70_000
    assert answers[Policy.STABLE].gap_ppm == 285_715
    assert answers[Policy.BEST_TOTAL].blocking_pairs == 1


def test_the_fairest_matching_gives_up_total_for_its_worst_pair():
    problem = make_table([[100, 50], [50, 2]])

    assert match(problem, policy=Policy.BEST_TOTAL).floor == 2 * 500
    assert match(problem, policy=Policy.FAIREST_WORST_CASE).floor == 50 * 500


def test_nobody_left_out_spreads_seekers_before_it_counts_points():
    problem = make_table([[100, 10], [100, 10]], capacity=(2, 1))

    assert match(problem, policy=Policy.BEST_TOTAL).people == 3
    assert match(problem, policy=Policy.NOBODY_LEFT_OUT).people == 4


def test_pairs_that_work_together_stay_for_a_small_gain_and_part_for_a_large_one():
    problem = make_table([[60, 60.5], [60.5, 60]], incumbent=frozenset({(0, 0), (1, 1)}))

    stays = match(problem, policy=Policy.BEST_TOTAL)
    parts = match(replace(problem, stability=0.001), policy=Policy.BEST_TOTAL)

    # Half a point of 100 in one of two criteria is 250 points; the bonus is 500 or 100 a pair.
    assert set(pairs_of(stays)) == {(0, 0), (1, 1)}
    assert set(pairs_of(parts)) == {(0, 1), (1, 0)}
    verify(problem, stays)


def test_who_comes_late_parts_nobody_for_a_small_gain():
    table = [[90, 50, 60], [50, 90, 60], [70, 70, 39]]
    problem = make_table(table, incumbent=frozenset({(0, 0), (1, 1)}))

    late = match(problem, policy=Policy.NOBODY_LEFT_OUT)
    free = match(replace(problem, stability=0), policy=Policy.NOBODY_LEFT_OUT)

    # Parting one pair would gain 334, one of 100 in one of three criteria; the bonus is 500.
    assert set(pairs_of(late)) == {(0, 0), (1, 1), (2, 2)}
    assert len(problem.incumbent - set(pairs_of(free))) == 1
    assert free.objective > sum(pair.total for pair in late.pairs)


def test_two_people_never_hold_both_parts_towards_each_other():
    pool = {"identity": ("ada", "bo", "cy"), "city": ("x", "x", "y")}
    seekers, offerers = make_people("abc", **pool), make_people("def", **pool)
    problem = Problem(seekers, offerers, (Criterion("city", Kind.SAME, "city", "city", 1),))

    matching = match(problem, policy=Policy.NOBODY_LEFT_OUT)

    # Only ada and bo share a city; once they are paired one way, the three go round.
    assert set(pairs_of(matching)) in ({(0, 1), (1, 2), (2, 0)}, {(1, 0), (0, 2), (2, 1)})
    assert matching.objective == 100_000
    assert matching.proved
    verify(problem, matching)
    # For points alone the flow wants both ways, and the proof has a bound without each.
    split = match(problem, policy=Policy.BEST_TOTAL)
    assert (split.objective, split.bound, split.proved) == (100_000, 100_000, True)
    assert len(split.proof.total) == 2
    verify(problem, split)
    one_sided = replace(split.proof, total=split.proof.total[:1])
    with pytest.raises(ProofFailed):
        verify(problem, replace(split, proof=one_sided))
    locked = replace(problem, locked=frozenset({(0, 1)}))
    assert (1, 0) not in pairs_of(match(locked, policy=Policy.NOBODY_LEFT_OUT))


def test_two_people_alone_in_both_parts_are_told_why_one_is_left_over():
    pool = {"identity": ("ada", "bo"), "city": ("x", "x")}
    problem = Problem(
        make_people("ab", **pool),
        make_people("cd", **pool),
        (Criterion("city", Kind.SAME, "city", "city", 1),),
    )

    matching = match(problem, policy=Policy.NOBODY_LEFT_OUT)

    assert len(matching.pairs) == 1
    assert {left.reason for left in matching.left_over} == {LeftOverReason.BOTH_PARTS}


def test_a_large_board_is_solved_in_rounds_and_still_proved(monkeypatch):
    table = [[(7 * i * i + 13 * j * j + i * j) % 101 for j in range(30)] for i in range(40)]
    problem = make_table(table, capacity=(1,) * 29 + (3,))
    whole = {policy: match(problem, policy=policy) for policy in Policy}
    monkeypatch.setattr("pairing.engine.flow.ALL_PAIRS_UP_TO", 0)
    monkeypatch.setattr("pairing.engine.flow.BEST_PER_SEEKER", 2)
    monkeypatch.setattr("pairing.engine.flow.ADDED_PER_SEEKER", 2)

    for policy in Policy:
        in_rounds = match(problem, policy=policy)
        assert in_rounds.objective == whole[policy].objective
        assert in_rounds.rounds > whole[policy].rounds
        assert in_rounds.proved
        verify(problem, in_rounds)


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize(
    "change",
    [
        lambda found: {"objective": found.objective + 1},
        lambda found: {"bound": found.bound - 1},
        lambda found: {"gap_ppm": found.gap_ppm + 1},
        lambda found: {"pairs": found.pairs[1:]},
        lambda found: {"pairs": (*found.pairs, found.pairs[0])},
        lambda found: {"pairs": (replace(found.pairs[0], total=1), *found.pairs[1:])},
        lambda found: {"pairs": (Pair(0, 0, (0, 0, 0), 0), *found.pairs[1:])},
        lambda found: {"left_over": found.left_over[1:]},
        lambda found: {"proof": replace(found.proof, total=())},
        lambda found: {
            "proof": replace(
                found.proof, total=tuple(replace(leaf, prices=()) for leaf in found.proof.total)
            )
        },
        lambda found: {"proved": not found.proved},
        lambda found: {"blocking_pairs": found.blocking_pairs + 1},
        lambda found: {"people": found.people + 1},
    ],
)
def test_a_matching_that_was_tampered_with_fails(policy, change):
    problem = make_table([[90, 60, 5], [80, 10, 20], [70, 71, 3], [1, 2, 3]])
    matching = match(problem, policy=policy)
    verify(problem, matching)

    with pytest.raises(ProofFailed):
        verify(problem, replace(matching, **change(matching)))


def test_a_worse_matching_cannot_borrow_the_proof_of_the_best():
    problem = make_table([[90, 60], [80, 10]])
    best = match(problem, policy=Policy.BEST_TOTAL)
    worse = match(problem, policy=Policy.STABLE)

    with pytest.raises(ProofFailed):
        verify(problem, replace(worse, policy=Policy.BEST_TOTAL, bound=best.bound, proved=True))


def test_left_over_people_learn_the_reason_that_binds():
    seekers = make_people(
        "abcd",
        capacity=(1, 1, 1, 0),
        languages=(frozenset({"de"}), frozenset({"en"}), frozenset({"en"}), frozenset({"en"})),
    )
    offerers = make_people(
        "xyz", capacity=(1, 0, 1), languages=(frozenset({"en"}),) * 2 + (frozenset({"fr"}),)
    )
    problem = Problem(seekers, offerers, (), RULES[:1])
    matching = match(problem, policy=Policy.NOBODY_LEFT_OUT)

    reasons = {(left.side, left.index): left.reason for left in matching.left_over}
    taken = matching.pairs[0].seeker
    assert taken in {1, 2}
    assert reasons == {
        (Side.SEEKER, 0): LeftOverReason.NO_ALLOWED_PARTNER,
        (Side.SEEKER, 3 - taken): LeftOverReason.FEWER_OFFERERS,
        (Side.SEEKER, 3): LeftOverReason.NO_CAPACITY,
        (Side.OFFERER, 1): LeftOverReason.NO_CAPACITY,
        (Side.OFFERER, 2): LeftOverReason.NO_ALLOWED_PARTNER,
    }
    assert matching.left_over[0].detail == {"language": 3}


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 2), (2, 0)])
def test_an_empty_side_is_an_answer_not_an_error(policy, n, m):
    def side(size, prefix):
        columns = ("sought", "offered", "interests", "grade", "free")
        return make_people(
            [f"{prefix}{k}" for k in range(size)], **dict.fromkeys(columns, (None,) * size)
        )

    problem = Problem(side(n, "s"), side(m, "o"), CRITERIA)
    matching = match(problem, policy=policy)

    assert (matching.pairs, matching.objective, matching.bound) == ((), 0, 0)
    assert len(matching.left_over) == n + m
    verify(problem, matching)


def test_progress_is_told_and_can_cancel():
    class Cancelled(Exception):
        pass

    calls = []

    def watch(done, of, what):
        calls.append((done, of, what))
        if len(calls) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        match(make_table([[1, 2], [3, 4]]), policy=Policy.FAIREST_WORST_CASE, progress=watch)
    assert len(calls) == 3
    assert all(0 <= done <= of for done, of, _ in calls)
