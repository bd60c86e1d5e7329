"""Pages of turns that change hands and of elections: two links, who may, second clicks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from core.common import clock
from core.members.links import SignedLink, signed_path
from core.tenancy.context import tenant
from sessions.attendance.operations import replies
from sessions.errors import TurnTaken
from sessions.models.elections import Election
from sessions.models.offers import TurnDecline, TurnOffer
from sessions.models.sessions import Turn
from tests.cast import Cast, sign_in
from tests.sessions.build import NOON
from tests.sessions.conftest import Circle


def offered(circle: Circle, cast: Cast, number: int = 2) -> TurnOffer:
    """Let the leader of a session be absent, and return what is proposed to whom."""
    with tenant(cast.acme):
        session = circle.sessions[number]
        seat = Turn.objects.get(session=session, role__leads=True).seat
        replies.declare_absence(session=session, seat=seat, by=None)
        return TurnOffer.objects.for_list().get(session=session)


def state_of(offer: TurnOffer, cast: Cast) -> str:
    with tenant(cast.acme):
        return TurnOffer.objects.get(pk=offer.pk).state


def test_an_offer_is_answered_from_its_email_without_signing_in(circle: Circle, cast: Cast):
    offer = offered(circle, cast)
    asked = offer.asked.enrolment.member
    link = signed_path("turn", SignedLink("acme", asked.pk, offer.pk), at=clock.now())
    visitor = Client()

    page = visitor.get(link)
    assert page.status_code == 200
    assert "Will you lead on" in page.content.decode()
    assert "takes yours" in page.content.decode()
    assert state_of(offer, cast) == "asked"  # nothing is changed by looking

    answered = visitor.post(link, {"answer": "yes"}, follow=True)
    assert "takes this turn" in answered.content.decode()
    assert state_of(offer, cast) == "accepted"
    late = visitor.post(link, {"answer": "no"})
    assert late.status_code == 422
    assert "Your answer was not taken" in late.content.decode()
    assert "takes this turn" in late.content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("asked", 302), ("giver", 409), ("cora", 409), ("outsider", 404)]
)
def test_only_who_was_asked_answers_signed_in(circle: Circle, cast: Cast, who: str, status: int):
    offer = offered(circle, cast)
    member = {
        "asked": offer.asked.enrolment.member,
        "giver": offer.giver.enrolment.member,
        "cora": cast.cora,
        "outsider": cast.hugo,
    }[who]
    answer = sign_in(member).post(f"/o/acme/turns/{offer.pk}/", {"answer": "yes"})
    assert answer.status_code == status


def test_before_somebody_is_absent_the_page_says_who_is_asked(circle: Circle, cast: Cast):
    with tenant(cast.acme):
        turn = Turn.objects.select_related("seat__enrolment__member").get(
            session=circle.sessions[2], role__leads=True
        )
    mine = sign_in(turn.seat.enrolment.member)

    page = mine.get(f"/o/acme/sessions/{circle.sessions[2].pk}/absence/declare/").content.decode()

    assert "We ask " in page
    assert "In return you would be" in page
    with tenant(cast.acme):
        assert not TurnOffer.objects.exists()
        assert Turn.objects.filter(pk=turn.pk).exists()


def test_declining_asks_for_a_reason_and_keeps_what_was_typed(circle: Circle, cast: Cast):
    with tenant(cast.acme):
        turn = Turn.objects.select_related("seat__enrolment__member").get(
            session=circle.sessions[3], role__leads=True
        )
    url = f"/o/acme/sessions/{circle.sessions[3].pk}/turns/decline/"
    mine = sign_in(turn.seat.enrolment.member)

    wrong = mine.post(url, {"words": "Another time."})
    assert wrong.status_code == 422
    assert "Another time." in wrong.content.decode()
    assert mine.post(url, {"reason": "workload", "words": "Another time."}).status_code == 302
    assert mine.post(url, {"reason": "workload"}).status_code == 409
    with tenant(cast.acme):
        assert TurnDecline.objects.count() == 1
    seen = sign_in(cast.cora).get(f"/o/acme/sessions/{circle.sessions[3].pk}/").content.decode()
    assert "Another time." not in seen


def test_an_open_role_is_taken_from_the_session_s_page(circle: Circle, cast: Cast):
    offer = offered(circle, cast)
    with tenant(cast.acme):
        busy = set(Turn.objects.filter(session=offer.session).values_list("seat", flat=True))
        free = [s for s in circle.seats if s.pk not in busy | {offer.giver_id}]
    mine = sign_in(free[0].enrolment.member)
    page = mine.get(f"/o/acme/sessions/{offer.session_id}/").content.decode()
    assert "I take it" in page
    assert "has been asked" in page
    url = f"/o/acme/sessions/{offer.session_id}/turns/take/"
    assert mine.post(url, {"role": str(offer.role_id)}).status_code == 302
    again = mine.post(url, {"role": str(offer.role_id)}, follow=True)
    assert {str(message) for message in again.context["messages"]} == {
        f"The role {offer.role.name} is yours."
    }
    late = next(s for s in circle.seats if s.pk not in busy | {offer.giver_id, free[0].pk})
    answer = sign_in(late.enrolment.member).post(url, {"role": str(offer.role_id)}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [str(TurnTaken.message)]
    assert mine.post(url, {"role": "nonsense"}).status_code == 422


@pytest.mark.slow
def test_an_election_goes_from_description_to_consent_by_its_pages(circle: Circle, cast: Cast):
    with tenant(cast.acme):
        role = circle.cohort.program.meeting_roles.get(key="timekeeper")
    base = f"/o/acme/partnerships/{circle.partnership.pk}/elections/"
    people = [sign_in(member) for member in circle.members]
    term = (NOON + timedelta(days=60)).date().isoformat()

    assert "No election yet" in people[0].get(base).content.decode()
    wrong = people[0].post(
        base + "open/", {"role": role.pk, "description": "", "term_until": "2020-01-01"}
    )
    assert wrong.status_code == 422
    form = {"role": role.pk, "description": "Says when time is up.", "term_until": term}
    opened = people[0].post(base + "open/", form)
    url = opened["Location"]
    again = people[1].post(base + "open/", form)
    assert again.status_code == 422
    assert "This role is being elected already." in again.content.decode()

    nominee = str(circle.seats[2].pk)
    for number, person in enumerate(people):
        page = person.get(url).content.decode()
        assert "Heard all" not in page
        data = {"nominee": nominee, "reason": f"Reason {number}"}
        assert person.post(url + "nominate/", data).status_code == 302
        if number < 5:
            assert person.post(url + "nominate/", data).status_code == 409
            assert "Reason 0" not in people[5].get(url).content.decode()
    assert "Reason 0" in people[5].get(url).content.decode()

    assert people[0].post(url + "step/").status_code == 302
    assert people[0].post(url + "propose/", {"candidate": nominee}).status_code == 302
    unreasoned = people[4].post(url + "consent/", {"answer": "object", "objection": ""})
    assert unreasoned.status_code == 422
    for person in people:
        assert person.post(url + "consent/", {"answer": "consent"}).status_code == 302
    assert "Elected as Timekeeper" in people[3].get(url).content.decode()
    with tenant(cast.acme):
        assert Election.objects.get().state == "elected"
    assert sign_in(cast.cora).get(url).status_code == 404
    assert sign_in(cast.cora).get(base).status_code == 200
