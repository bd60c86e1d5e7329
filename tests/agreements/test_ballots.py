"""Counts by hand, and what no count may do whatever is answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.decisions.counting import (
    ANSWERS,
    CHOICES,
    DOTS_EACH,
    Ballot,
    Method,
    Quorum,
    Why,
    count,
    needed,
    proposed_method,
    valid,
)


def answers(*given: str) -> list[Ballot]:
    return [Ballot(each) for each in given]


@pytest.mark.parametrize(
    ("quorum", "people", "wanted"),
    [
        (Quorum.HALF, 6, 4),
        (Quorum.HALF, 5, 3),
        (Quorum.HALF, 2, 2),
        (Quorum.TWO_THIRDS, 6, 4),
        (Quorum.TWO_THIRDS, 5, 4),
        (Quorum.TWO_THIRDS, 0, 1),
        (Quorum.ALL, 6, 6),
    ],
)
def test_a_quorum_is_a_number_of_people(quorum: Quorum, people: int, wanted: int):
    assert needed(quorum, people) == wanted


@pytest.mark.parametrize(
    ("method", "given", "why"),
    [
        (Method.CONSENT, ["consent"] * 5, None),
        (Method.CONSENT, ["consent"] * 5 + ["object"], Why.OBJECTION),
        (Method.CONSENSUS, ["agree", "agree", "aside"], None),
        (Method.CONSENSUS, ["agree", "aside"], Why.STAND_ASIDES),
        (Method.CONSENSUS, ["agree"] * 5 + ["block"], Why.BLOCK),
        # four of the six who do not abstain support it: two thirds
        (Method.GRADIENTS, ["1", "2", "3", "6", "5", "7", "4"], None),
        (Method.GRADIENTS, ["1", "2", "5", "7", "4"], Why.TOO_LITTLE_SUPPORT),
        (Method.GRADIENTS, ["4", "4"], Why.TOO_LITTLE_SUPPORT),
        (Method.GRADIENTS, ["1"] * 7 + ["8"], Why.VETO),
        (Method.SENSE_CHECK, ["up", "up", "down"], None),
        (Method.SENSE_CHECK, ["up", "sideways"], Why.TOO_LITTLE_SUPPORT),
    ],
)
def test_each_method_by_hand(method: Method, given: list[str], why: Why | None):
    counted = count(method, answers(*given))
    assert (counted.adopted, counted.why) == (why is None, why)
    assert sum(n for _answer, n in counted.counts) == len(given)


def test_dots_most_win_then_more_givers_then_what_was_named_first():
    assert count(Method.DOTS, [Ballot(marks=(1, 2)), Ballot(marks=(0, 3))], options=2).winner == 1
    # three dots each, but the second from two people
    tied = count(
        Method.DOTS, [Ballot(marks=(3, 0)), Ballot(marks=(0, 2)), Ballot(marks=(0, 1))], options=2
    )
    assert (tied.winner, tied.tied) == (1, True)
    assert count(Method.DOTS, [Ballot(marks=(1, 1))], options=2).winner == 0


def test_ranked_goes_round_by_round():
    # the Tennessee example: Memphis 42, Nashville 26, Chattanooga 15, Knoxville 17
    ballots = (
        [Ballot(marks=(0, 1, 2, 3))] * 42
        + [Ballot(marks=(1, 2, 3, 0))] * 26
        + [Ballot(marks=(2, 3, 1, 0))] * 15
        + [Ballot(marks=(3, 2, 1, 0))] * 17
    )
    counted = count(Method.RANKED, ballots, options=4)
    assert [each.out for each in counted.rounds] == [2, 1, None]
    assert [each.votes for each in counted.rounds] == [
        (42, 26, 15, 17),
        (42, 26, None, 32),
        (42, None, None, 58),
    ]
    assert counted.winner == 3


def test_a_tie_for_last_is_broken_by_the_round_before_then_by_the_list():
    even = count(Method.RANKED, [Ballot(marks=(0,)), Ballot(marks=(1,))], options=2)
    assert (even.winner, even.tied) == (0, True)
    ballots = (
        [Ballot(marks=(0,))] * 4
        + [Ballot(marks=(1,))] * 3
        + [Ballot(marks=(2, 1))] * 1
        + [Ballot(marks=(3,))] * 4
    )
    # in the second round all have four; the second had three before
    assert [each.out for each in count(Method.RANKED, ballots, options=4).rounds][:2] == [2, 1]


@given(st.data())
def test_no_ballot_is_lost_and_the_order_of_ballots_never_matters(data: st.DataObject):
    method = data.draw(st.sampled_from(list(Method)))
    options = data.draw(st.integers(1, 5))
    if method == Method.DOTS:
        marks = st.lists(st.integers(0, DOTS_EACH), min_size=options, max_size=options)
        one = marks.map(lambda m: Ballot(marks=tuple(m)))
    elif method == Method.RANKED:
        one = st.permutations(range(options)).flatmap(
            lambda order: st.integers(1, options).map(lambda n: Ballot(marks=tuple(order[:n])))
        )
    else:
        one = st.sampled_from(ANSWERS[method]).map(Ballot)
    ballots = data.draw(st.lists(one.filter(lambda b: valid(method, b, options)), max_size=9))
    counted = count(method, ballots, options=options)
    again = count(method, data.draw(st.permutations(ballots)), options=options)
    assert counted == again
    assert counted.adopted == (counted.why is None)
    if method not in CHOICES:
        assert sum(n for _answer, n in counted.counts) == len(ballots)
    elif counted.adopted:
        assert counted.winner is not None
    for each in counted.rounds:
        assert sum(votes or 0 for votes in each.votes) <= len(ballots)


def test_a_strange_answer_is_a_caller_s_mistake():
    with pytest.raises(ValueError, match="no answer"):
        count(Method.CONSENT, answers("agree"))
    with pytest.raises(ValueError, match="no answer"):
        count(Method.RANKED, [Ballot(marks=(0, 0))], options=2)


def test_two_questions_propose_a_method():
    assert [
        proposed_method(reversible=reversible, few_affected=few)
        for reversible in (True, False)
        for few in (True, False)
    ] == [Method.ADVICE, Method.CONSENT, Method.GRADIENTS, Method.CONSENSUS]
