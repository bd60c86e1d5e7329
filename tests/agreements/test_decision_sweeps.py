"""What a decision does by itself, the e-mails it sends, and what its operations refuse."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client

from agreements.decisions.models import Adviser, Decision, Outcome, Step, Vote, Wording
from agreements.decisions.operations import deciding as decisions_deciding
from agreements.decisions.operations import ending, proposing, sweeps
from agreements.decisions.operations.proposing import Proposal
from agreements.decisions.queries import lists
from agreements.errors import (
    DecisionMoved,
    NobodyAsked,
    NoObjection,
    NotAsked,
    NothingAmended,
    NotYoursToSteer,
    OwnerDecides,
    VotingOver,
)
from core.accounts.operations.keys import create_token
from core.common import clock
from core.common.errors import violated
from core.members.permissions import Permission
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.errors import NotTheirs, ReasonMissing
from pairing.models.partnerships import Seat
from pairing.partnerships.operations.partnerships import leave_seat
from sessions.models.actions import Action
from tests.agreements.build import WORDS, deciding, draft, opened, reacting, vote
from tests.cast import Cast, make_member
from tests.sessions.build import NOON, make_partnership, seats_of
from tests.sessions.conftest import Circle


def emails(kind: str) -> Counter[str]:
    """Return how many e-mails of a kind each person was written that still stand."""
    rows = Email.objects.filter(kind=f"agreements.{kind}", withdrawn_at=None)
    return Counter(rows.values_list("member__given_name", flat=True))


def sweep(at: object) -> None:
    with clock.at(at):
        sweeps.remind_undecided(at=at)
        sweeps.close_due_decisions(at=at)
        sweeps.open_due_reviews(at=at)


def test_only_the_undecided_are_reminded_and_each_once(cast: Cast, circle: Circle):
    decision = deciding(circle, text="Two more people can come then.")
    with tenant(cast.acme):
        asked = emails("decision_vote")
        assert asked == Counter([m.given_name for m in circle.members])
    vote(circle, decision, Petra="consent", Pavel="consent")
    with tenant(cast.acme):
        # who has answered before the e-mail left is not asked any more
        assert "Petra" not in emails("decision_vote")
        for hours in (0, 1, 2):
            sweep(NOON + timedelta(days=4, hours=1 + hours))
        assert emails("decision_reminder") == Counter(["Amara", "Jonas", "Leila", "Mei"])
        written = Email.objects.filter(kind__startswith="agreements.")
        assert written.exists()
        for email in written:  # what it is about, and no more
            assert email.context["title"] == WORDS
            assert "Two more people" not in str(email.context)


def test_without_a_quorum_it_is_extended_once_then_not_adopted(cast: Cast, circle: Circle):
    decision = deciding(circle)
    vote(circle, decision, Petra="consent", Pavel="consent")
    with tenant(cast.acme):
        sweep(NOON + timedelta(days=5, minutes=1))
        decision = Decision.objects.get()
        assert (decision.state, decision.extended) == ("decide", True)
        assert decision.closes_at == NOON + timedelta(days=10, minutes=1)
        assert emails("decision_reminder")["Mei"] == 1
        for _twice in range(2):
            sweep(NOON + timedelta(days=11))
        decision = Decision.objects.get()
        assert (decision.state, decision.why) == ("not_adopted", "no_quorum")
        outcome = Outcome.objects.get()
        assert (outcome.adopted, outcome.count["counts"]) == (False, [])
        assert Vote.objects.count() == 2  # kept, and not counted
        assert [step.why for step in Step.objects.order_by("number")][-2:] == [
            "extended",
            "no_quorum",
        ]
        assert emails("decision_closed") == Counter([m.given_name for m in circle.members])


def test_a_decision_comes_back_on_its_review_date_to_the_agenda_with_one_email_each(
    cast: Cast, circle: Circle
):
    decision = deciding(circle, review_weeks=4, quorum="half")
    vote(circle, decision, Petra="consent", Pavel="consent", Amara="consent", Mei="consent")
    with tenant(cast.acme):
        decision = decisions_deciding.close_decision(decision=decision, by=cast.petra)
        due = decision.review_on
        assert due == (NOON + timedelta(weeks=4)).date()
        sweep(NOON + timedelta(weeks=4, days=-1))
        assert Decision.objects.get().state == "adopted"
        for _twice in range(2):
            sweep(NOON + timedelta(weeks=4, hours=1))
        assert Decision.objects.get().state == "review"
        assert set(emails("decision_review").values()) == {1}
        assert list(lists.for_agenda(circle.partnership)) == [decision]
        later = due + timedelta(weeks=20)
        with clock.at(NOON + timedelta(weeks=5)):
            ending.keep_decision(decision=decision, review_on=later, by=cast.pavel)
        decision = Decision.objects.get()
        assert (decision.state, decision.review_on) == ("adopted", later)
        assert list(lists.for_agenda(circle.partnership)) == []


def test_an_exercise_neither_writes_of_its_end_nor_comes_back(cast: Cast, circle: Circle):
    decision = deciding(circle, practice=True, quorum="half")
    vote(circle, decision, Petra="consent", Pavel="consent", Amara="consent", Mei="consent")
    with tenant(cast.acme):
        decision = decisions_deciding.close_decision(decision=decision, by=cast.petra)
        assert (decision.state, decision.review_on) == ("adopted", None)
        assert emails("decision_closed") == Counter()


@pytest.mark.slow
def test_the_emails_can_be_read_and_their_link_opens_the_answer(
    cast: Cast, circle: Circle, mailoutbox: list
):
    deciding(circle, text="Two more people can come then.")
    dispatch()
    subject = f"Please answer: {WORDS}"
    mail = next(m for m in mailoutbox if m.to == [cast.pavel.email] and m.subject == subject)
    assert "Two more people" not in mail.body
    link = next(line for line in mail.body.splitlines() if "/l/vote/" in line)
    page = Client().get("/l/vote/" + link.split("/l/vote/")[1])
    assert page.status_code == 200
    assert WORDS in page.content.decode()


def test_rest_gives_facts_never_words_answers_or_drafts(cast: Cast, circle: Circle):
    draft(circle, title="secretword")
    decision = deciding(circle, title="secretword")
    vote(circle, decision, Pavel=("object", "secretword reason"))
    with tenant(cast.acme):
        _, secret = create_token(name="t", scopes=[Permission.FACTS_READ], by=cast.hugo)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    answer = client.get("/api/v1/decisions/", {"state": "decide"})
    assert answer.status_code == 200
    body = answer.content.decode()
    assert "secretword" not in body
    assert "object" not in body
    (row,) = answer.json()["results"]
    assert (row["method"], row["answered"], row["number"]) == ("consent", 1, 2)
    assert len(client.get("/api/v1/decisions/").json()["results"]) == 1


@pytest.mark.django_db(transaction=True)
def test_six_phones_answering_while_somebody_closes_lose_no_answer(cast: Cast, circle: Circle):
    decision = deciding(circle, window_days=0, quorum="half")
    vote(circle, decision, Petra="consent", Pavel="consent", Amara="consent", Jonas="consent")
    answers = ["object", "consent", "object", "consent", "object", "consent"]
    said: dict[object, str] = {}

    def answer(number: int) -> None:
        seat = circle.seats[number]
        try:
            with tenant(cast.acme):
                given = decisions_deciding.cast_vote(
                    decision=decision,
                    by=seat.enrolment.member,
                    answer=answers[number],
                    reason="it harms our aim",
                )
            said[seat.pk] = given.answer
        except VotingOver:  # whoever comes after the closing is refused
            pass
        finally:
            connections.close_all()

    def close(_number: int) -> None:
        try:
            with tenant(cast.acme):
                decisions_deciding.close_decision(decision=decision, by=circle.members[0])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(7) as threads:
        jobs = [threads.submit(answer, n) for n in range(6)] + [threads.submit(close, 0)]
        for job in jobs:
            job.result()
    with tenant(cast.acme):
        kept = dict(Vote.objects.values_list("seat", "answer"))
        assert {seat: kept[seat] for seat in said} == said
        outcome = Outcome.objects.get()
        # what was counted is exactly what stands
        counted = dict(outcome.count["counts"])
        assert counted == {
            kind: sum(each == kind for each in kept.values()) for kind in ("consent", "object")
        }
        assert outcome.count["answered"] == len(kept)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "decide"}, "decision_closes_while_deciding"),
        ({"state": "adopted"}, "decision_closed_iff_over"),
        ({"opened_at": None}, "decision_opened_unless_draft"),
        ({"window_days": 4}, "decision_window_known"),
    ],
)
def test_the_database_refuses_a_decision_half_moved(
    cast: Cast, circle: Circle, change: dict[str, object], constraint: str
):
    decision = opened(circle)
    with tenant(cast.acme):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Decision.objects.filter(pk=decision.pk).update(**change)
        assert violated(refused.value) == constraint


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"answer": "object", "reason": ""}, "vote_that_binds_has_a_reason"),
        ({"marks": [1]}, "vote_answers_or_marks"),
    ],
)
def test_the_database_refuses_an_answer_that_is_none(
    cast: Cast, circle: Circle, change: dict[str, object], constraint: str
):
    decision = deciding(circle)
    vote(circle, decision, Petra="consent")
    with tenant(cast.acme):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Vote.objects.update(**change)
        assert violated(refused.value) == constraint


def advice(circle: Circle) -> Decision:
    """Let Petra ask Pavel and Amara for their advice."""
    asked = {circle.seat(name).pk: "affected" for name in ("Pavel", "Amara")}
    return deciding(circle, method="advice", quorum="all", advisers=asked)


def adopted(cast: Cast, circle: Circle) -> Decision:
    decision = deciding(circle, quorum="half")
    vote(circle, decision, Petra="consent", Pavel="consent", Amara="consent", Mei="consent")
    with tenant(cast.acme):
        return decisions_deciding.close_decision(decision=decision, by=cast.petra)


def foreign_seat(cast: Cast, circle: Circle) -> Seat:
    """Return a seat at another table of the same cohort."""
    people = [make_member(cast.acme, name) for name in ("Nils", "Ove")]
    table = make_partnership(circle.cohort, people)
    with tenant(cast.acme):
        return seats_of(table)[0]


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("consent", {"answer": "agree"}),
        ("consent", {"answer": "consent", "marks": [1]}),
        ("dots", {"marks": [4, 0]}),
        ("ranked", {"marks": [0, 0]}),
    ],
)
def test_an_answer_that_the_method_does_not_know_is_not_kept(
    cast: Cast, circle: Circle, method: str, given: dict[str, Any]
):
    decision = deciding(circle, method=method, options=["a", "b"])
    with tenant(cast.acme):
        with pytest.raises(ValueError, match=f"is no answer to {method}"):
            decisions_deciding.cast_vote(decision=decision, by=cast.pavel, **given)
        assert Vote.objects.count() == 0


@pytest.mark.parametrize(
    ("method", "answer"), [("consent", "object"), ("consensus", "block"), ("gradients", "8")]
)
def test_an_answer_that_binds_the_others_wants_a_reason(
    cast: Cast, circle: Circle, method: str, answer: str
):
    decision = deciding(circle, method=method)
    with tenant(cast.acme):
        with pytest.raises(ReasonMissing):
            decisions_deciding.cast_vote(
                decision=decision, by=cast.pavel, answer=answer, reason="  "
            )
        assert Vote.objects.count() == 0


def test_only_those_whose_advice_is_wanted_give_it_and_its_owner_never_does(
    cast: Cast, circle: Circle
):
    decision = advice(circle)
    with tenant(cast.acme):
        for by in (cast.petra, circle.seat("Mei").enrolment.member):
            with pytest.raises(NotAsked):
                decisions_deciding.cast_vote(
                    decision=decision, by=by, answer="advice", reason="wait"
                )
        with pytest.raises(NotTheirs):
            decisions_deciding.cast_vote(
                decision=decision, by=cast.cora, answer="advice", reason="wait"
            )
        assert Vote.objects.count() == 0


@pytest.mark.parametrize(
    ("method", "against", "becomes"),
    [("consent", "object", "consent"), ("consensus", "block", "agree")],
)
def test_an_objection_let_go_becomes_consent_and_a_block_agreement(
    cast: Cast, circle: Circle, method: str, against: str, becomes: str
):
    decision = deciding(circle, method=method)
    vote(circle, decision, Petra=becomes, Pavel=(against, "it harms our aim"))
    with tenant(cast.acme):
        given = decisions_deciding.withdraw_objection(decision=decision, by=cast.pavel)
        assert (given.seat_id, given.answer, given.reason) == (circle.seat("Pavel").pk, becomes, "")
        assert list(Vote.objects.values_list("answer", flat=True)) == [becomes, becomes]
        # there is none to let go any more, and Petra never had one
        for by in (cast.pavel, cast.petra):
            with pytest.raises(NoObjection):
                decisions_deciding.withdraw_objection(decision=decision, by=by)


def test_an_objection_is_not_let_go_when_the_ballot_is_over(cast: Cast, circle: Circle):
    decision = deciding(circle)
    vote(circle, decision, Pavel=("object", "it harms our aim"))
    with tenant(cast.acme):
        with clock.at(NOON + timedelta(days=5)), pytest.raises(VotingOver):
            decisions_deciding.withdraw_objection(decision=decision, by=cast.pavel)
        assert Vote.objects.get().answer == "object"


def test_whoever_s_objection_stands_may_amend_and_no_other_who_does_not_steer(
    cast: Cast, circle: Circle
):
    decision = deciding(circle)
    vote(circle, decision, Pavel=("object", "too long"), Amara="consent")
    with tenant(cast.acme):
        for name in ("Amara", "Mei"):
            with pytest.raises(NotYoursToSteer):
                decisions_deciding.amend(
                    decision=decision,
                    title="75 minutes",
                    text="",
                    by=circle.seat(name).enrolment.member,
                )
        assert Wording.objects.count() == 1
        objection = Vote.objects.get(answer="object")
        wording = decisions_deciding.amend(
            decision=decision, title=" 75 minutes ", text="", by=cast.pavel, integrates=[objection]
        )
        assert (wording.version, wording.title, wording.by_id) == (
            2,
            "75 minutes",
            circle.seat("Pavel").pk,
        )
        objection.refresh_from_db()
        assert objection.integrated_in == 2
        decision = Decision.objects.get()
        assert (decision.state, decision.version, decision.round) == ("react", 2, 2)


def test_amended_while_the_others_may_ask_it_stays_there_and_in_its_round(
    cast: Cast, circle: Circle
):
    decision = opened(circle)
    assert (decision.state, decision.version, decision.round) == ("clarify", 1, 0)
    with tenant(cast.acme):
        decisions_deciding.amend(decision=decision, title="75 minutes", text="", by=cast.petra)
        decision = Decision.objects.get()
        assert (decision.state, decision.version, decision.round) == ("clarify", 2, 0)


def test_an_amendment_that_changes_nothing_is_none(cast: Cast, circle: Circle):
    decision = reacting(circle, text="An hour is too short.")
    with tenant(cast.acme):
        with pytest.raises(NothingAmended):
            decisions_deciding.amend(
                decision=decision,
                title=f" {WORDS} ",
                text="An hour is too short.",
                by=cast.petra,
                options=["a", "b"],  # it is no choice, so it has none
            )
        assert Wording.objects.count() == 1
        assert Decision.objects.get().version == 1


def test_having_heard_the_advice_its_owner_alone_decides_says_why_and_may_say_no(
    cast: Cast, circle: Circle
):
    decision = advice(circle)
    vote(circle, decision, Pavel=("advice", "wait"), Amara=("advice", "go on"))
    with tenant(cast.acme):
        with pytest.raises(OwnerDecides):
            decisions_deciding.close_decision(
                decision=decision, by=cast.pavel, adopt=True, reason="I like it"
            )
        for adopt, reason in ((None, "heard"), (False, " ")):
            with pytest.raises(ReasonMissing):
                decisions_deciding.close_decision(
                    decision=decision, by=cast.petra, adopt=adopt, reason=reason
                )
        assert Outcome.objects.count() == 0
        decision = decisions_deciding.close_decision(
            decision=decision, by=cast.petra, adopt=False, reason=" Pavel is right "
        )
        assert (decision.state, decision.owner_id, decision.review_on) == (
            "not_adopted",
            None,
            None,
        )
        outcome = Outcome.objects.get()
        assert (outcome.adopted, outcome.why, outcome.reason) == (
            False,
            "owner_said_no",
            "Pavel is right",
        )
        assert outcome.count["counts"] == [["advice", 2]]


def test_who_does_not_steer_closes_only_what_all_have_answered(cast: Cast, circle: Circle):
    decision = deciding(circle, quorum="half")
    names = ["Petra", "Pavel", "Amara", "Jonas", "Leila"]
    vote(circle, decision, **dict.fromkeys(names, "consent"))
    with tenant(cast.acme):
        with pytest.raises(NotYoursToSteer):
            decisions_deciding.close_decision(decision=decision, by=cast.pavel)
        assert Outcome.objects.count() == 0
    vote(circle, decision, Mei="consent")
    with tenant(cast.acme):
        decision = decisions_deciding.close_decision(decision=decision, by=cast.pavel)
        assert decision.state == "adopted"


def test_who_does_not_steer_neither_asks_for_votes_nor_takes_a_proposal_back(
    cast: Cast, circle: Circle
):
    decision = reacting(circle)
    with tenant(cast.acme):
        for operation in (decisions_deciding.open_voting, decisions_deciding.withdraw_decision):
            with pytest.raises(NotYoursToSteer):
                operation(decision=decision, by=cast.pavel)
            with pytest.raises(NotTheirs):
                operation(decision=decision, by=cast.cora)
        decision = Decision.objects.get()
        assert (decision.state, decision.ballot) == ("react", 0)


def test_a_proposal_taken_back_keeps_what_was_said_and_asks_nobody_any_more(
    cast: Cast, circle: Circle
):
    decision = deciding(circle)
    vote(circle, decision, Pavel="consent")
    with tenant(cast.acme):
        assert emails("decision_vote")["Mei"] == 1
        decision = decisions_deciding.withdraw_decision(decision=decision, by=cast.petra)
        assert (decision.state, decision.closes_at) == ("withdrawn", None)
        assert (decision.closed_at, decision.closed_on) == (NOON, NOON.date())
        assert Vote.objects.get().answer == "consent"
        assert Outcome.objects.count() == 0
        assert emails("decision_vote") == Counter()
        with pytest.raises(DecisionMoved):
            decisions_deciding.withdraw_decision(decision=decision, by=cast.petra)


def test_advice_that_has_come_waits_for_its_owner_who_is_told_once(cast: Cast, circle: Circle):
    decision = advice(circle)
    vote(circle, decision, Pavel=("advice", "wait"), Amara=("advice", "go on"))
    with tenant(cast.acme):
        for days in (5, 6):
            at = NOON + timedelta(days=days, hours=1)
            with clock.at(at):
                assert sweeps.close_due_decisions(at=at) == 0
        decision = Decision.objects.get()
        assert (decision.state, decision.extended) == ("decide", False)
        assert Outcome.objects.count() == 0
        assert emails("decision_owner") == Counter(["Petra"])


@pytest.mark.parametrize(
    ("proposed", "said"),
    [
        ({"title": "  "}, "a proposal has a title"),
        ({"title": WORDS, "window_days": 4}, "a window that we know"),
        ({"title": WORDS, "method": "dots", "options": ["a", "a"]}, "two options or more"),
        ({"title": WORDS, "method": "ranked"}, "two options or more"),
        ({"title": WORDS, "method": "lots"}, "is not a valid Method"),
        ({"title": WORDS, "quorum": "few"}, "is not a valid Quorum"),
    ],
)
def test_what_no_form_lets_through_is_not_proposed(
    cast: Cast, circle: Circle, proposed: dict[str, Any], said: str
):
    with pytest.raises(ValueError, match=said):
        draft(circle, **proposed)
    with tenant(cast.acme):
        assert Decision.objects.count() == 0


def test_only_its_proposer_edits_opens_or_throws_away_a_draft_and_only_while_it_is_one(
    cast: Cast, circle: Circle
):
    decision = draft(circle)
    with tenant(cast.acme):
        for by, refused in ((cast.pavel, NotYoursToSteer), (cast.cora, NotTheirs)):
            with pytest.raises(refused):
                proposing.edit_draft(decision=decision, proposal=Proposal(title="Mine"), by=by)
            with pytest.raises(refused):
                proposing.open_decision(decision=decision, by=by)
            with pytest.raises(refused):
                proposing.discard_draft(decision=decision, by=by)
        assert (Decision.objects.get().state, Wording.objects.get().title) == ("draft", WORDS)
        proposing.open_decision(decision=decision, by=cast.petra)
        with pytest.raises(DecisionMoved):
            proposing.discard_draft(decision=decision, by=cast.petra)
        assert Decision.objects.get().state == "clarify"


def test_a_draft_thrown_away_leaves_nothing(cast: Cast, circle: Circle):
    decision = draft(circle, method="advice", advisers={circle.seat("Pavel").pk: "affected"})
    with tenant(cast.acme):
        proposing.discard_draft(decision=decision, by=cast.petra)
        for model in (Decision, Wording, Adviser):
            assert model.objects.count() == 0


def test_advice_is_not_opened_while_nobody_but_its_owner_is_named(cast: Cast, circle: Circle):
    decision = draft(circle, method="advice", advisers={circle.seat("Petra").pk: "affected"})
    with tenant(cast.acme):
        with pytest.raises(NobodyAsked):
            proposing.open_decision(decision=decision, by=cast.petra)
        assert Decision.objects.get().state == "draft"


def test_nobody_of_another_table_or_who_has_left_sees_to_a_decision(cast: Cast, circle: Circle):
    decision = adopted(cast, circle)
    stranger = foreign_seat(cast, circle)
    with tenant(cast.acme):
        gone = leave_seat(seat=Seat.objects.get(pk=circle.seat("Mei").pk), by=None)
        for owner in (stranger, gone):
            with pytest.raises(ValueError, match="another table"):
                ending.agree_outcome(
                    decision=decision, owner=owner, by=cast.pavel, action="Tell the others"
                )
        decision = Decision.objects.get()
        assert (decision.owner_id, decision.action_id) == (circle.seat("Petra").pk, None)
        assert Action.objects.count() == 0


def test_an_open_action_said_again_is_reworded_and_without_one_the_owner_alone_changes(
    cast: Cast, circle: Circle
):
    decision = adopted(cast, circle)
    pavel, mei = circle.seat("Pavel"), circle.seat("Mei")
    with tenant(cast.acme):
        decision = ending.agree_outcome(decision=decision, owner=pavel, by=cast.petra)
        assert (decision.owner_id, decision.action_id) == (pavel.pk, None)
        assert Action.objects.count() == 0
        for owner, words in ((pavel, "Tell the others"), (mei, " Write to the others ")):
            decision = ending.agree_outcome(
                decision=decision, owner=owner, by=cast.petra, action=words, due_on=date(2026, 4, 1)
            )
        action = Action.objects.get()
        assert decision.action_id == action.pk
        assert (action.words, action.seat_id, action.due_on) == (
            "Write to the others",
            mei.pk,
            date(2026, 4, 1),
        )
