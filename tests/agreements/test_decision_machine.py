"""Whatever a table does to a decision: no vote lost, no outcome without quorum, history kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from agreements.decisions import counting
from agreements.decisions.models import Decision, Outcome, Remark, Step, Vote, Wording
from agreements.decisions.operations import deciding, ending, proposing, sweeps, talking
from agreements.decisions.operations.proposing import Proposal
from core.common import clock
from core.common.errors import DomainError
from core.tenancy.context import tenant
from tests.cast import Cast
from tests.profile import is_random
from tests.sessions.build import NOON
from tests.sessions.conftest import Circle

WHO = st.integers(0, 5)
# the first proposed it; others try what is not theirs to do now and then
STEERING = st.sampled_from([0, 0, 0, 1])
METHODS = ["consent", "consensus", "gradients", "sense_check", "dots", "ranked", "advice"]


class Deciding(RuleBasedStateMachine):
    """One table and a proposal to it; what it should have kept is written down beside it."""

    cast: ClassVar[Cast]
    circle: ClassVar[Circle]
    reached: ClassVar[set[str]]

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.members = [seat.enrolment.member for seat in self.circle.seats]
        self.votes: dict[tuple[int, Any], tuple[str, tuple[int, ...]]] = {}
        self.kept: dict[type, list[Any]] = {}
        self.looked: tuple[Any, ...] = ()

    def attempt(self, act: Any, **given: Any) -> bool:
        """Try something; a refusal is an answer too.  Everything else is a fault."""
        self.now += timedelta(minutes=1)
        try:
            with tenant(self.cast.acme), clock.at(self.now):
                act(**given)
        except DomainError:
            return False
        with tenant(self.cast.acme):
            self.decision.refresh_from_db()
        self.reached.add(str(self.decision.state))
        return True

    @initialize(
        method=st.sampled_from(METHODS),
        quorum=st.sampled_from(["half", "two_thirds", "all"]),
        window=st.sampled_from([0, 3]),
    )
    def propose(self, method: str, quorum: str, window: int) -> None:
        with tenant(self.cast.acme), clock.at(self.now):
            self.decision = proposing.propose(
                partnership=self.circle.partnership,
                proposal=Proposal(
                    title="Text 0",
                    method=method,
                    quorum=quorum,
                    window_days=window,
                    options=["a", "b", "c"],
                    advisers={seat.pk: "affected" for seat in self.circle.seats[1:4]},
                ),
                by=self.members[0],
            )
            proposing.open_decision(decision=self.decision, by=self.members[0])
            self.decision.refresh_from_db()
        self.go_on(0)  # most of what may go wrong comes after everybody was asked

    @rule(who=STEERING)
    def go_on(self, who: int) -> None:
        for act in (talking.start_reactions, deciding.open_voting):
            self.attempt(act, decision=self.decision, by=self.members[who])

    @rule(who=WHO, words=st.sampled_from(["", "It troubles me"]))
    def react(self, who: int, words: str) -> None:
        self.attempt(talking.react, decision=self.decision, by=self.members[who], words=words)

    @rule(data=st.data(), who=WHO, reason=st.sampled_from(["", "our aim is rest"]))
    def vote(self, data: st.DataObject, who: int, reason: str) -> None:
        method = counting.Method(self.decision.method)
        given: dict[str, Any] = {"reason": reason}
        if method == counting.Method.DOTS:
            given["marks"] = data.draw(st.sampled_from([[1, 0, 2], [0, 3, 0], [1, 1, 0]]))
        elif method == counting.Method.RANKED:
            given["marks"] = data.draw(st.permutations([0, 1, 2]))
        else:
            given["answer"] = data.draw(st.sampled_from(counting.ANSWERS[method]))
        cast_ = self.attempt(
            deciding.cast_vote, decision=self.decision, by=self.members[who], **given
        )
        if cast_:
            key = (self.decision.ballot, self.circle.seats[who].pk)
            self.votes[key] = (given.get("answer", ""), tuple(given.get("marks", ())))

    @rule(for_it=st.booleans())
    def everybody_votes(self, for_it: bool) -> None:
        method = counting.Method(self.decision.method)
        for seat, member in zip(self.circle.seats, self.members, strict=True):
            given: dict[str, Any] = {"reason": "our aim is rest"}
            if method in counting.CHOICES:
                given["marks"] = [0, 1, 2]
            else:
                given["answer"] = counting.ANSWERS[method][0 if for_it else -1]
            if self.attempt(deciding.cast_vote, decision=self.decision, by=member, **given):
                said = (given.get("answer", ""), tuple(given.get("marks", ())))
                self.votes[(self.decision.ballot, seat.pk)] = said

    @rule(who=WHO)
    def withdraw_objection(self, who: int) -> None:
        if self.attempt(deciding.withdraw_objection, decision=self.decision, by=self.members[who]):
            consent = "consent" if self.decision.method == "consent" else "agree"
            self.votes[(self.decision.ballot, self.circle.seats[who].pk)] = (consent, ())

    @rule(who=STEERING)
    def amend(self, who: int) -> None:
        self.attempt(
            deciding.amend,
            decision=self.decision,
            by=self.members[who],
            title=f"Text {self.decision.version}",
            text="",
            options=["a", "b", "c"],
        )

    @rule(who=STEERING, adopt=st.booleans())
    def close(self, who: int, adopt: bool) -> None:
        self.attempt(
            deciding.close_decision,
            decision=self.decision,
            by=self.members[who],
            adopt=adopt,
            reason="because",
        )

    @precondition(lambda self: self.decision.ballot > 1)
    @rule(who=STEERING)
    def withdraw(self, who: int) -> None:
        self.attempt(deciding.withdraw_decision, decision=self.decision, by=self.members[who])

    @rule(who=WHO)
    def reopen(self, who: int) -> None:
        self.attempt(ending.reopen_decision, decision=self.decision, by=self.members[who])

    @rule(who=WHO)
    def keep(self, who: int) -> None:
        self.attempt(
            ending.keep_decision,
            decision=self.decision,
            by=self.members[who],
            review_on=self.now.date() + timedelta(days=30),
        )

    @rule(days=st.sampled_from([1, 3, 90]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        for sweep in (
            sweeps.remind_undecided,
            sweeps.close_due_decisions,
            sweeps.open_due_reviews,
        ):
            self.attempt(sweep, at=self.now)

    @invariant()
    def no_vote_is_lost(self) -> None:
        with tenant(self.cast.acme):
            stored = {
                (vote.ballot, vote.seat_id): (vote.answer, tuple(vote.marks))
                for vote in Vote.objects.filter(decision=self.decision)
            }
        assert stored == self.votes

    @invariant()
    def no_outcome_without_a_quorum(self) -> None:
        with tenant(self.cast.acme):
            outcomes = list(Outcome.objects.filter(decision=self.decision))
        for outcome in outcomes:
            answered = sum(ballot == outcome.ballot for ballot, _seat in self.votes)
            people = 3 if self.decision.method == "advice" else 6
            needed = counting.needed(counting.Quorum(self.decision.quorum), people)
            assert outcome.count["answered"] == answered
            assert (answered >= needed) == (outcome.why != "no_quorum")
            assert not (outcome.adopted and answered < needed)
        if self.decision.state in ("adopted", "review"):
            assert outcomes
            assert outcomes[-1].adopted

    @invariant()
    def history_only_grows(self) -> None:
        with tenant(self.cast.acme):
            for model, fields in (
                (Wording, ("version", "title")),
                (Outcome, ("ballot", "adopted", "why")),
                (Step, ("number", "state", "version", "ballot", "why")),
                (Remark, ("round", "seat")),
            ):
                rows = list(
                    model.objects.filter(decision=self.decision).order_by("id").values_list(*fields)
                )
                before = self.kept.get(model, [])
                assert rows[: len(before)] == before
                self.kept[model] = rows

    @invariant()
    def hidden_answers_stay_hidden(self) -> None:
        open_ = self.decision.state == Decision.State.DECIDE
        ballot = self.decision.ballot
        standing = {seat for at, seat in self.votes if at == ballot}
        looked = (self.decision.state, ballot, frozenset(standing))
        if looked == self.looked:
            return  # nothing that matters here has changed
        self.looked = looked
        with tenant(self.cast.acme):
            votes = Vote.objects.filter(decision=self.decision, ballot=ballot)
            for seat, member in zip(self.circle.seats, self.members, strict=True):
                seen = set(votes.visible_to(member).values_list("seat", flat=True))
                owner = self.decision.method == "advice" and seat == self.circle.seats[0]
                if open_ and seat.pk not in standing and not owner:
                    assert seen == set()
                else:
                    assert seen == standing
            for outsider in (self.cast.cora, self.cast.olga, self.cast.hugo):
                assert not votes.visible_to(outsider).exists()


@pytest.mark.slow
def test_whatever_a_table_does_no_vote_is_lost_and_no_outcome_lacks_a_quorum(
    cast: Cast, circle: Circle
):
    reached: set[str] = set()
    run_state_machine_as_test(
        type("Here", (Deciding,), {"cast": cast, "circle": circle, "reached": reached}),
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=not is_random(),
            # a failing run is short enough to read, and to shrink it would take minutes
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),  # a database is slower than what it expects
        ),
    )
    # what is not adopted, and why, is in test_decision_sweeps.py
    assert is_random() or reached >= {"react", "decide", "adopted"}
