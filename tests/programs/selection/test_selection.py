"""Mentors are selected: criteria, a statement, and their manager's yes by a signed link."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from core.common import clock
from core.members.links import SignedLink, signed_path
from core.notifications.models import Email
from core.tenancy.context import tenant
from programs.errors import (
    AskedTooOften,
    CandidacyEnded,
    ManagerHasNotSaidYes,
    ManagerIsYou,
    MentorsAreSelected,
    NotSelected,
)
from programs.models.programs import Cohort, Enrolment
from programs.models.selection import Candidacy
from programs.operations import designs, enrolments, line
from programs.queries.enrolments import enrolment_of
from programs.selection import operations
from programs.selection.queries import to_ask_manager
from tests.cast import sign_in
from tests.programs.build import make_cohort, make_enrolment, make_program
from tests.work import DISPATCH, run

MANAGER = "dana@elsewhere.example"


@pytest.fixture
def cohort(cast) -> Cohort:
    program = make_program(cast.acme, "Guides", "mentor-and-mentee")
    with tenant(cast.acme):
        designs.edit_program(
            program=program, mentor_criteria="Two years here.\nLeads a team.", by=cast.cora
        )
    return make_cohort(program, entry="open")


def url(name: str, *args: object) -> str:
    return reverse(f"programs:{name}", args=["acme", *args])


def apply(cohort: Cohort, member, part: str = "mentor") -> Enrolment:
    with tenant(cohort.organisation):
        return enrolments.apply(
            cohort=cohort, member=member, part=part, answers={}, accept_expectations=True
        )


def ask(enrolment: Enrolment, address: str = MANAGER) -> Candidacy:
    with tenant(enrolment.organisation):
        return operations.ask_manager(
            enrolment=enrolment,
            statement="I led the move to Porto.",
            manager_address=address,
            by=enrolment.member,
        )


def link_to(candidacy: Candidacy, member) -> str:
    link = SignedLink(member.organisation.slug, member.pk, candidacy.pk)
    return signed_path("manager", link, at=candidacy.asked_at)


def test_from_the_application_to_the_place_by_pages_and_e_mail(cast, cohort):
    petra = sign_in(cast.petra)
    page = petra.get(url("join", cohort.pk) + "?part=mentor").text
    assert "Leads a team." in page
    assert "You have a place at once" not in page
    sent = {"part": "mentor", "capacity": 1, "expectations": "on"}
    applied = petra.post(url("join", cohort.pk), sent)
    assert applied["Location"] == url("candidacy", cohort.pk)
    assert "have your manager asked" in petra.get("/o/acme/").text
    words = {"statement": "I led the move to Porto.", "manager_address": MANAGER}
    assert petra.post(url("candidacy", cohort.pk), words).status_code == 302
    assert MANAGER in petra.get(url("candidacy", cohort.pk)).text
    assert "have your manager asked" not in petra.get("/o/acme/").text
    run(DISPATCH)
    (email,) = [email for email in mail.outbox if email.to == [MANAGER]]
    assert email.subject == "Petra Acme would like to be a mentor: do you agree?"
    assert "Porto" not in str(email.body)
    link = re.search(r"/l/manager/[^\s)>]+", str(email.body))[0]
    with tenant(cast.acme):
        enrolment = enrolment_of(cohort, cast.petra)
        assert enrolment.state == "applied"
    cora = sign_in(cast.cora)
    assert "I led the move to Porto." in cora.get(url("enrolment", enrolment.pk)).text
    refused = cora.post(url("accept_enrolment", enrolment.pk), {"words": ""})
    assert refused.status_code == 422
    assert "Accept them without their manager&#x27;s yes" in refused.text

    own = petra.get(link).text
    assert "You are signed in as the person who asks" in own
    assert petra.post(link, {"answer": "yes"}).status_code == 200
    dana = Client()
    asked = dana.get(link).text
    assert "Petra Acme would like to be a mentor in Guides" in asked
    assert "Porto" not in asked
    with tenant(cast.acme):
        assert Candidacy.objects.get().answer == ""
    assert dana.post(link, {}).status_code == 422
    assert "This was answered. Thank you." in dana.post(link, {"answer": "yes"}).text
    again = dana.get(link).text
    assert "This was answered. Thank you." in again
    assert "Petra" not in again
    with tenant(cast.acme):
        assert Candidacy.objects.get().answer == "yes"
        told = Email.objects.filter(kind="programs.manager_answered")
        assert {email.member_id for email in told} >= {cast.cora.pk}
    assert "Your manager has said yes" in petra.get(url("candidacy", cohort.pk)).text
    accepted = cora.post(url("accept_enrolment", enrolment.pk), {"words": ""})
    assert accepted.status_code == 302
    with tenant(cast.acme):
        assert enrolment_of(cohort, cast.petra).state == "accepted"


def test_a_coordinator_may_accept_without_it_and_the_trail_says_so(cast, cohort):
    enrolment = apply(cohort, cast.petra)
    cora = sign_in(cast.cora)
    many = {"decision": "accept", "enrolment": str(enrolment.pk), "confirmed": "yes"}
    assert cora.post(url("decide_people", cohort.pk), many).status_code == 422
    done = cora.post(url("decide_people", cohort.pk), many | {"without_manager": "on"})
    assert done.status_code == 302
    with tenant(cast.acme):
        assert enrolment_of(cohort, cast.petra).state == "accepted"


def test_mentees_are_not_selected_and_nobody_makes_themselves_a_mentor(cast, cohort):
    enrolment = apply(cohort, cast.petra, "mentee")
    assert enrolment.state == "accepted"
    with pytest.raises(NotSelected):
        ask(enrolment)
    with tenant(cast.acme):
        change = {"enrolment": enrolment, "part": "both", "capacity": 1}
        with pytest.raises(MentorsAreSelected):
            enrolments.change_place(**change, by=cast.petra)
        assert enrolments.change_place(**change, by=cast.cora).part == "both"
    assert sign_in(cast.pavel).get(url("candidacy", cohort.pk)).status_code == 404


def test_asking_again_kills_the_first_link_and_has_a_limit(cast, cohort):
    enrolment = apply(cohort, cast.petra)
    with pytest.raises(ManagerIsYou):
        ask(enrolment, cast.petra.email.upper())
    first = ask(enrolment)
    second = ask(enrolment, "other@elsewhere.example")
    assert Client().get(link_to(first, cast.petra)).status_code == 404
    assert Client().get(link_to(second, cast.petra)).status_code == 200
    ask(enrolment)
    with pytest.raises(AskedTooOften):
        ask(enrolment)


def test_the_link_ends_with_its_days_and_with_the_decision(cast, cohort):
    enrolment = apply(cohort, cast.petra)
    candidacy = ask(enrolment)
    with time_machine.travel(clock.now() + Candidacy.ANSWERED_WITHIN + timedelta(minutes=1)):
        assert Client().get(link_to(candidacy, cast.petra)).status_code == 404
        with tenant(cast.acme):
            assert [row.pk for row in to_ask_manager(cast.petra)] == [enrolment.pk]
            with pytest.raises(CandidacyEnded):
                operations.answer(candidacy=candidacy, answer="yes")
    with tenant(cast.acme):
        assert to_ask_manager(cast.petra) == []
        enrolments.decline(
            enrolment=enrolment, by=cast.cora, reason=Enrolment.DeclineReason.values[0]
        )
    ended = Client().get(link_to(candidacy, cast.petra)).text
    assert "This has ended" in ended
    assert "Petra" not in ended


def test_the_line_passes_who_waits_for_their_manager(cast, cohort):
    """Who stands first without a yes keeps nobody else from the free place."""
    with tenant(cast.acme):
        Cohort.objects.filter(pk=cohort.pk).update(places=1)
    hugo = make_enrolment(cohort, cast.hugo, "mentee")
    first = apply(cohort, cast.petra)
    second = apply(cohort, cast.pavel, "mentee")
    assert (first.state, second.state) == ("waitlisted", "waitlisted")
    with tenant(cast.acme):
        enrolments.withdraw(enrolment=hugo, by=cast.cora)
        assert line.move_up_waiting(at=clock.now()) == 1
        states = [enrolment_of(cohort, member).state for member in (cast.petra, cast.pavel)]
        assert states == ["waitlisted", "accepted"]
        with pytest.raises(ManagerHasNotSaidYes):
            enrolments.accept(enrolment=first, by=cast.cora, over_waiting=True)
