"""Decisions through their pages: a whole one from draft to outcome, and who sees what of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agreements.decisions.models import Decision, Outcome, Remark, Vote, Wording
from agreements.decisions.operations import deciding as decisions_deciding
from agreements.decisions.operations import talking
from core.common import clock
from core.members.links import SignedLink, signed_path
from core.members.models import Member
from core.tenancy.context import tenant
from sessions.models.actions import Action
from tests.agreements.build import WORDS, deciding, draft, opened, reacting, vote
from tests.cast import Cast, sign_in
from tests.sessions.conftest import Circle

pytestmark = pytest.mark.slow

PROPOSAL = {
    "title": WORDS,
    "text": "An hour is too short.",
    "method": "consent",
    "options": "",
    "quorum": "two_thirds",
    "window_days": "5",
    "review_weeks": "12",
}


def page_of(circle: Circle, decision: Decision, part: str = "") -> str:
    return f"/o/acme/decisions/{decision.pk}/{part}"


def people(circle: Circle) -> dict[str, Member]:
    return {s.enrolment.member.given_name: s.enrolment.member for s in circle.seats}


def post(client: Client, url: str, data: dict[str, Any] | None = None) -> Any:
    response = client.post(url, data or {}, follow=True)
    assert response.status_code == 200, (url, response.status_code)
    return response


def test_a_proposal_goes_its_whole_way_by_its_pages(cast: Cast, circle: Circle):
    petra, pavel = sign_in(cast.petra), sign_in(cast.pavel)
    table = f"/o/acme/partnerships/{circle.partnership.pk}/decisions/"
    helped = petra.get(f"{table}new/", {"reversible": "no", "affected": "all"})
    assert helped.context["form"].initial["method"] == "consensus"
    post(petra, f"{table}new/", PROPOSAL)
    with tenant(cast.acme):
        decision = Decision.objects.get()
    # only she sees her draft
    assert pavel.get(page_of(circle, decision)).status_code == 404
    post(petra, page_of(circle, decision, "draft/"), {**PROPOSAL, "text": "An hour is short."})
    post(petra, page_of(circle, decision, "open/"))
    asked = post(pavel, page_of(circle, decision, "questions/ask/"), {"ask-words": "Every week?"})
    assert "Every week?" in asked.content.decode()
    # going on waits for the answer
    assert petra.post(page_of(circle, decision, "reactions/start/")).status_code == 409
    with tenant(cast.acme):
        question = Remark.objects.get()
    answer = page_of(circle, decision, f"questions/{question.pk}/answer/")
    assert petra.post(answer, {"answer-words": ""}).status_code == 422
    post(petra, answer, {"answer-words": "Every third week."})
    post(petra, page_of(circle, decision, "reactions/start/"))
    reacted = post(pavel, page_of(circle, decision, "react/"), {"words": "It suits me."})
    assert "Pavel" not in reacted.context["sheet"].waiting
    post(petra, page_of(circle, decision, "voting/open/"))
    # an objection needs its reason, and what was typed is kept
    wanting = pavel.post(page_of(circle, decision, "vote/"), {"answer": "object", "reason": ""})
    assert wanting.status_code == 422
    reason = "It leaves no time to learn"
    post(pavel, page_of(circle, decision, "vote/"), {"answer": "object", "reason": reason})
    # hidden from who has not answered, shown to who has
    assert reason not in petra.get(page_of(circle, decision)).content.decode()
    post(petra, page_of(circle, decision, "vote/"), {"answer": "consent"})
    assert reason in petra.get(page_of(circle, decision)).content.decode()
    # taken up by another text: back to reactions, then decided anew
    with tenant(cast.acme):
        objection = Vote.objects.get(answer="object")
    form = petra.get(page_of(circle, decision, "amend/")).context["form"]
    assert form.initial["integrates"] == [str(objection.pk)]
    post(
        petra,
        page_of(circle, decision, "amend/"),
        {
            "title": f"{WORDS} and one hour to learn",
            "text": "An hour is short.",
            "integrates": [str(objection.pk)],
        },
    )
    shown = petra.get(page_of(circle, decision)).content.decode()
    assert "<ins>" in shown
    assert "not counted" in shown
    post(petra, page_of(circle, decision, "voting/open/"))
    with tenant(cast.acme):
        decision = Decision.objects.get()
    assert petra.post(page_of(circle, decision, "close/")).status_code == 409  # no quorum yet
    vote(circle, decision, Petra="consent", Pavel="consent", Amara="consent", Jonas="consent")
    post(petra, page_of(circle, decision, "close/"))
    seat = circle.seat("Pavel")
    due = (clock.now() + timedelta(days=10)).date()
    post(
        petra,
        page_of(circle, decision, "outcome/"),
        {
            "owner": str(seat.pk),
            "action": "Move the dates",
            "due_on": due.isoformat(),
            "review_on": (due + timedelta(days=60)).isoformat(),
        },
    )
    with tenant(cast.acme):
        decision = Decision.objects.get()
        assert (decision.state, decision.owner_id) == ("adopted", seat.pk)
        outcome = Outcome.objects.get()
        assert (outcome.partners, outcome.voices, outcome.version) == (6, 4, 2)
        action = Action.objects.get()
        assert (action.words, action.due_on, action.seat_id) == ("Move the dates", due, seat.pk)
        assert Wording.objects.count() == 2
        assert Vote.objects.filter(ballot=1).count() == 2  # the answers of before are kept
    listed = petra.get(table).content.decode()
    assert "one hour to learn" in listed
    post(petra, page_of(circle, decision, "reopen/"))
    again = petra.get(page_of(circle, decision)).content.decode()
    assert "opened it again" in again
    assert reason in again


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("consensus", {"answer": "aside"}),
        ("gradients", {"answer": "3"}),
        ("sense_check", {"answer": "up"}),
        ("dots", {"option_0": "1", "option_1": "2", "option_2": "0"}),
        ("ranked", {"option_0": "2", "option_1": "1", "option_2": ""}),
        ("advice", {"reason": "Ask the night shift first"}),
    ],
)
def test_each_method_is_answered_counted_and_drawn(
    cast: Cast, circle: Circle, method: str, given: dict[str, str]
):
    advisers = {circle.seat("Pavel").pk: "affected"}
    decision = deciding(
        circle, method=method, options=["Rome", "Oslo", "Bern"], quorum="half", advisers=advisers
    )
    names = ["Pavel"] if method == "advice" else ["Petra", "Pavel", "Amara", "Jonas"]
    if method == "consensus":
        vote(circle, decision, Leila="agree", Mei="agree", Jonas="agree")
        names = ["Petra", "Pavel"]
    for name in names:
        client = sign_in(people(circle)[name])
        post(client, page_of(circle, decision, "vote/"), given)
        assert client.get(page_of(circle, decision)).context["sheet"].mine is not None
    petra = sign_in(cast.petra)
    post(petra, page_of(circle, decision, "close/"), {"adopt": "yes", "reason": "They know"})
    closed = petra.get(page_of(circle, decision))
    result = closed.context["sheet"].result
    assert result.adopted
    assert len(result.votes) == len(names) + 3 * (method == "consensus")
    if method in ("dots", "ranked"):
        assert result.winner == "Oslo"
        assert bool(result.dots) == (method == "dots")
        assert bool(result.rounds) == (method == "ranked")
    else:
        assert closed.content.decode().count('class="mark tone-') == len(result.shares) > 0
    assert result.dissents == () or method == "consensus"


@pytest.mark.parametrize(
    ("method", "given", "field"),
    [
        ("dots", {"option_0": "4"}, "option_0"),
        ("dots", {}, "option_0"),
        ("ranked", {"option_0": "1", "option_1": "1"}, "option_0"),
        ("ranked", {}, "option_0"),
        ("gradients", {"answer": "8", "reason": ""}, "reason"),
        ("consensus", {"answer": "block", "reason": " "}, "reason"),
        ("consent", {"answer": "yes"}, "answer"),
    ],
)
def test_an_answer_with_a_mistake_is_told_at_its_field(
    cast: Cast, circle: Circle, method: str, given: dict[str, str], field: str
):
    decision = deciding(circle, method=method, options=["Rome", "Oslo"])
    response = sign_in(cast.pavel).post(page_of(circle, decision, "vote/"), given)
    assert response.status_code == 422
    assert field in response.context["vote_form"].errors
    with tenant(cast.acme):
        assert not Vote.objects.exists()


def test_a_email_s_link_takes_an_answer_without_signing_in_and_looking_changes_nothing(
    cast: Cast, circle: Circle
):
    decision = deciding(circle)
    link = SignedLink("acme", cast.pavel.pk, decision.pk)
    link = signed_path("vote", link, at=clock.now())
    nobody = Client()
    first = nobody.get(link)
    assert first.status_code == 200
    assert WORDS in first.content.decode()
    with tenant(cast.acme):
        assert not Vote.objects.exists()
    assert nobody.post(link, {"answer": "object"}).status_code == 422
    assert nobody.post(link, {"answer": "consent"}).status_code == 302
    assert nobody.post(link, {"answer": "object", "reason": "it harms"}).status_code == 302
    with tenant(cast.acme):
        only = Vote.objects.get()
        assert (only.answer, only.seat_id) == ("object", circle.seat("Pavel").pk)
    # who has no seat there has no link, and a closed one says so
    outside = signed_path("vote", SignedLink("acme", cast.cora.pk, decision.pk), at=clock.now())
    assert nobody.get(outside).status_code == 404
    with clock.at(clock.now() + timedelta(days=6)):
        assert "This was answered" in nobody.get(link).content.decode()


def test_the_room_s_fragment_shows_the_open_decision_with_my_buttons(cast: Cast, circle: Circle):
    pavel = sign_in(cast.pavel)
    address = f"/o/acme/partnerships/{circle.partnership.pk}/decisions/in-room/"
    assert "No decision is open" in pavel.get(address).content.decode()
    decision = deciding(circle, window_days=0)
    assert WORDS in pavel.get(address).content.decode()
    answered = pavel.post(
        page_of(circle, decision, "vote/"),
        {"answer": "consent"},
        headers={"HX-Request": "true", "HX-Target": "decision-in-room"},
    ).content.decode()
    assert answered.strip().startswith('<div id="decision-in-room"')
    # the count is asked for alone while nothing else has changed; then all is shown anew
    seen = pavel.get(address).context["seen"]
    alone = pavel.get(address, {"seen": seen})
    assert "1 of 6" in alone.content.decode()
    assert "<form" not in alone.content.decode()
    # in a meeting anybody takes it further, once enough have answered
    vote(circle, decision, Petra="consent", Amara="consent", Jonas="consent")
    moved = pavel.get(address, {"seen": seen})
    assert moved.headers["HX-Retarget"] == "#decision-in-room"
    assert "Close it now" in moved.content.decode()


def test_coordinators_and_hr_see_facts_and_never_a_word(cast: Cast, circle: Circle):
    words = "secretword"
    running = reacting(circle, title=f"{words} title", text=f"{words} text")
    with tenant(cast.acme):
        talking.react(decision=running, words=f"{words} reaction", by=cast.pavel)
        decisions_deciding.open_voting(decision=running, by=cast.petra)
    vote(circle, running, Pavel=("object", f"{words} reason"))
    draft(circle, title=f"{words} draft")
    table = f"/o/acme/partnerships/{circle.partnership.pk}/"
    for member in (cast.cora, cast.olga):
        client = sign_in(member)
        for address in (
            f"{table}decisions/",
            f"{table}decisions/in-room/",
            f"{table}together/",
            page_of(circle, running),
        ):
            shown = client.get(address)
            assert shown.status_code == 200, address
            assert words not in shown.content.decode(), address
            assert "I object" not in shown.content.decode(), address
        assert client.get(f"{table}decisions/new/").status_code == 403
        for part in ("vote/", "react/", "close/", "withdraw/", "reopen/"):
            answer = client.post(page_of(circle, running, part), {"answer": "consent"})
            assert answer.status_code in {409, 422}, part
    facts = sign_in(cast.cora).get(page_of(circle, running)).content.decode()
    assert "1 of 6" in facts
    hugo = sign_in(cast.hugo)
    assert hugo.get(page_of(circle, running)).status_code == 404
    assert hugo.get(f"{table}decisions/").status_code == 404


def test_the_list_costs_the_same_with_one_decision_and_with_three(cast: Cast, circle: Circle):
    address = f"/o/acme/partnerships/{circle.partnership.pk}/decisions/"
    petra = sign_in(cast.petra)
    opened(circle)
    petra.get(address)
    with CaptureQueriesContext(connection) as one:
        petra.get(address)
    opened(circle)
    opened(circle)
    with CaptureQueriesContext(connection) as three:
        petra.get(address)
    assert len(one) == len(three)
    narrowed = petra.get(address, {"state": "running"})
    assert len(narrowed.context["decisions"]) == 3
    assert petra.get(address, {"state": "adopted"}).context["decisions"] == []


def test_a_session_s_page_borrows_what_is_to_be_decided(cast: Cast, circle: Circle):
    decision = deciding(circle)
    fragment = f"/o/acme/partnerships/{circle.partnership.pk}/decisions/on-agenda/"
    session = circle.sessions[0].get_absolute_url()
    petra, cora = sign_in(cast.petra), sign_in(cast.cora)
    for page in (session, f"{session}kit/"):
        shown = petra.get(page).content.decode()
        assert f'hx-get="{fragment}"' in shown, page
        assert WORDS not in shown
    shown = petra.get(fragment).content.decode()
    assert WORDS in shown
    assert page_of(circle, decision) in shown
    # her coordinator reads no words of theirs, and strangers do not find the table
    assert fragment not in cora.get(session).content.decode()
    assert cora.get(fragment).content.strip() == b""
    assert sign_in(cast.greta).get(fragment).status_code == 404
