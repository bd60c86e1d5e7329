"""What a decision does by itself, and the e-mails it sends: each once, and no word in any."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client

from agreements.decisions.models import Decision, Outcome, Step, Vote
from agreements.decisions.operations import deciding as decisions_deciding
from agreements.decisions.operations import ending, sweeps
from agreements.decisions.queries import lists
from agreements.errors import VotingOver
from core.accounts.operations.keys import create_token
from core.common import clock
from core.common.errors import violated
from core.members.permissions import Permission
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.tenancy.context import tenant
from tests.agreements.build import WORDS, deciding, draft, opened, vote
from tests.cast import Cast
from tests.sessions.build import NOON
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
    decision = deciding(circle)
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
        for email in written:
            assert WORDS not in str(email.context)


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


def test_the_emails_can_be_read_and_their_link_opens_the_answer(
    cast: Cast, circle: Circle, mailoutbox: list
):
    deciding(circle)
    dispatch()
    mail = next(m for m in mailoutbox if m.to == [cast.pavel.email] and "your answer" in m.subject)
    assert WORDS not in mail.body
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
