"""Choosing a partner from the page and from the mail, without a script and without signing in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.common import clock
from core.members.links import SignedLink, signed_path
from core.tenancy.context import tenant
from pairing.models.requests import PartnerRequest
from tests.cast import make_member, sign_in
from tests.pairing.build import person
from tests.pairing.requests.build import ask, make_self_match, mentee, mentor, states, wish, wishes

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cohort(cast):
    return make_self_match(cast.acme)


def at(cohort, end: str = "") -> str:
    return f"/o/{cohort.organisation.slug}/cohorts/{cohort.pk}/self-match/{end}"


def test_five_suggestions_with_reasons_the_best_first(cohort):
    jonas = mentee(cohort, "Jonas")
    for number in range(7):
        mentor(cohort, f"M{number}", level=str(5 + number % 3))
    mentor(cohort, "Unsuited", languages=["fr"])

    page = sign_in(jonas.member).get(at(cohort))

    shown = page.context["choices"].suggestions
    assert len(shown) == 5
    assert [each.score for each in shown] == sorted((s.score for s in shown), reverse=True)
    assert "offers" in page.text or "coaching" in page.text.lower()
    assert "Unsuited" not in page.text


@pytest.mark.slow
@pytest.mark.parametrize("format", ["mentor", "pairs"])
def test_wish_reorder_ask_and_answer_in_both_formats(cast, format):
    cohort = make_self_match(cast.acme, format=format)
    if format == "pairs":
        jonas, amara, bela = (person(cohort, name, "peer") for name in ("Jonas", "Amara", "Bela"))
    else:
        jonas = mentee(cohort, "Jonas")
        amara, bela = mentor(cohort, "Amara"), mentor(cohort, "Bela")
    browser = sign_in(jonas.member)

    def act(act: str, whom) -> int:
        return browser.post(at(cohort, "wish/"), {"act": act, "wished": str(whom.pk)}).status_code

    assert [act("add", amara), act("add", bela), act("up", bela)] == [302, 302, 302]
    assert wishes(jonas) == [bela, amara]
    assert act("remove", amara) == 302
    assert "Move" not in browser.get(at(cohort)).text.replace(
        "Remove", ""
    )  # one alone has no order

    long = {"asked": str(bela.pk), "words": "x" * 1001}
    refused = browser.post(at(cohort, "ask/"), long)
    assert refused.status_code == 422
    assert "x" * 1001 in refused.text
    assert browser.post(at(cohort, "ask/"), {"asked": str(bela.pk)}).status_code == 302
    again = browser.post(at(cohort, "ask/"), {"asked": str(bela.pk), "words": "Please"})
    assert again.status_code == 422
    assert "has been asked already" in again.text

    with tenant(cast.acme):
        request = PartnerRequest.objects.for_list().get()
    link = signed_path(
        "request", SignedLink(cast.acme.slug, bela.member_id, request.pk), at=clock.now()
    )
    assert "would like to work with you" in Client().get(link).text
    says_parts = "You would be the mentor, and Jonas the mentee." in Client().get(link).text
    assert says_parts == (format == "mentor")
    assert Client().post(link, {"answer": "more", "words": ""}).status_code == 422
    assert Client().post(link, {"answer": "more", "words": "Why?"}).status_code == 302
    mine = f"/o/acme/requests/{request.pk}/"
    assert "Why?" in browser.get(mine).text
    assert browser.post(mine, {"words": "Because."}).status_code == 302
    assert "Because." not in Client().get(link).text  # words are read signed in
    assert "Because." in sign_in(bela.member).get(link).text
    here = Client()
    assert here.post(link, {"answer": "yes"}).status_code == 302
    assert "are partners" in here.get(link).text
    late = Client().post(link, {"answer": "no"})
    assert (late.status_code, "Jonas" in late.text) == (200, False)
    assert "This was answered. Thank you." in late.text
    assert states(cohort) == [("Bela", "accepted")]


@pytest.mark.slow
def test_the_pages_are_for_those_who_take_part_and_for_coordinators(cast, cohort):
    jonas, amara = mentee(cohort, "Jonas"), mentor(cohort, "Amara")
    request = ask(jonas, amara)
    row, waiting = f"/o/acme/requests/{request.pk}/", f"/o/acme/cohorts/{cohort.pk}/waiting/"
    stranger = make_member(cast.acme, "Stan")

    for member, status in ((jonas.member, 200), (amara.member, 200), (stranger, 404)):
        assert sign_in(member).get(row).status_code == status
        assert sign_in(member).get(at(cohort)).status_code == status
    assert sign_in(cast.cora).get(row).status_code == 404  # facts on the queue, no page of theirs
    assert sign_in(cast.gina).get(row.replace("acme", "globex")).status_code == 404
    assert "Jonas Acme asks Amara Acme" in sign_in(cast.cora).get(waiting).text
    for member in (jonas.member, cast.hugo):
        assert sign_in(member).get(waiting).status_code == 403
        assert sign_in(member).post(f"{row}accept/").status_code == 403
    assert sign_in(cast.cora).post(f"{row}accept/").status_code == 302
    late = sign_in(cast.cora).post(f"{row}close/", follow=True)
    assert "This request has been answered, or its time is over." in late.text


def test_ids_of_others_are_unknown(cast, cohort):
    jonas = mentee(cohort, "Jonas")
    elsewhere = mentor(make_self_match(cast.globex), "Far")
    browser = sign_in(jonas.member)
    for whom in (elsewhere, mentee(cohort, "Kim")):
        said = {"act": "add", "wished": str(whom.pk), "asked": str(whom.pk)}
        assert browser.post(at(cohort, "wish/"), said).status_code == 404
        assert browser.post(at(cohort, "ask/"), said).status_code == 404
    assert browser.post(at(cohort, "wish/"), {"act": "up", "wished": "x"}).status_code == 404


def test_more_people_cost_no_more_statements(cohort):
    jonas = mentee(cohort, "Jonas")
    browser, counts = sign_in(jonas.member), []
    for number in range(3):
        wish(jonas, mentor(cohort, f"W{number}"))
        mentor(cohort, f"M{number}")
        if number != 1:
            ask(jonas, mentor(cohort, f"A{number}")) if number < 2 else None
            with CaptureQueriesContext(connection) as statements:
                assert browser.get(at(cohort)).status_code == 200
            counts.append(len(statements))
    assert counts[0] == counts[1]


def test_the_home_page_leads_to_what_waits(cohort):
    jonas, amara = mentee(cohort, "Jonas"), mentor(cohort, "Amara")
    assert "See suggestions" in sign_in(jonas.member).get("/o/acme/").text
    ask(jonas, amara)
    assert "Jonas Acme asks you" in sign_in(amara.member).get("/o/acme/").text


def test_who_has_enough_requests_is_shown_as_such_and_nothing_typed_is_lost(cast):
    cohort = make_self_match(cast.acme, requests_asked=1)
    amara, bela = mentor(cohort, "Amara"), mentor(cohort, "Bela")
    jonas, other = mentee(cohort, "Jonas"), mentee(cohort, "Other")
    ask(other, amara)
    browser = sign_in(jonas.member)
    page = browser.get(at(cohort)).text
    assert "Amara has enough requests at present." in page
    assert f"words-{amara.pk}" not in page
    assert f"words-{bela.pk}" in page

    refused = browser.post(at(cohort, "ask/"), {"asked": str(amara.pk), "words": "Dear Amara"})

    assert refused.status_code == 422
    assert "Many ask this person at present." in refused.text
    assert "Dear Amara" in refused.text
    wish(jonas, amara)
    assert "Has enough requests at present: passed over until then." in browser.get(at(cohort)).text


def test_what_does_not_speak_for_two_is_no_reason_on_their_pages(cast, cohort):
    jonas, amara = mentee(cohort, "Jonas", level="6"), mentor(cohort, "Amara", level="6")
    browser = sign_in(jonas.member)
    assert "Ahead by 0" not in browser.get(at(cohort)).text
    request = ask(jonas, amara)
    assert "Ahead by 0" not in sign_in(amara.member).get(f"/o/acme/requests/{request.pk}/").text
