"""Signed links answer, they do not read: whoever is forwarded an e-mail learns nothing by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from agreements.decisions.models import Vote, Wording
from core.common import clock
from core.members.links import SITTING
from core.members.models import Member
from core.tenancy.context import tenant
from feedback.models.check_ins import CheckInNote
from feedback.models.fits import FitWords
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import PartnerRequest
from programs.models.programs import Enrolment
from sessions.models.offers import TurnOffer
from sessions.models.polls import TimePoll
from sessions.models.sessions import Session
from tests.cast import sign_in
from tests.walk.conftest import worlds
from tests.walk.forms import forms_of
from tests.walk.routes import Route, filling, organisation_routes, routes
from tests.walk.test_two_tenants import state_of
from tests.walk.world import World, Worlds

__all__ = ["worlds"]

# the room is no e-mail's link but what a phone asks; unsubscribing has no answer to read
SIGNED = {
    route.pattern.split("/")[1]: route
    for route in routes()
    if route.pattern.startswith("l/") and not route.pattern.startswith(("l/room/", "l/unsub"))
}
PLACE, LINK = "Behind the library", "https://video.example/ours"
# what is chosen where the first choice is none: everything else is chosen as the form offers it
ANSWERS = {
    "rsvp": {"comes": "no", "reason": "my own words"},
    "request": {"answer": "no", "words": "my own words"},
    "turn": {"answer": "no"},
}


@pytest.fixture
def acme(worlds: Worlds) -> World:
    """Acme with everything open, as the e-mails find it."""
    world = worlds.acme
    with tenant(world.organisation, member=world.participant.pk):
        Session.objects.update(place=PLACE, video_url=LINK)
        CheckInNote.objects.update(text="my own words")
        FitWords.objects.update(text="my own words")
    return world


def url_of(world: World, route: Route) -> str:
    return route.url("", filling(world, route))


def names_of(world: World) -> set[str]:
    with tenant(world.organisation):
        people = Member.objects.values_list("given_name", flat=True)
        return {*people, *Partnership.objects.values_list("name", flat=True), world.canary}


def answer(browser: Client, world: World, purpose: str) -> None:
    """Give an answer by the form that stands on the page, whichever it is."""
    url = url_of(world, SIGNED[purpose])
    (form, *_more) = [f for f in forms_of(browser.get(url).text, url) if f.method == "post"]
    values: dict[str, object] = dict(form.untouched())
    for control in form.controls:
        if control.kind in {"radio", "submit"}:
            values.setdefault(control.name, control.value)
        elif control.kind == "textarea":
            values[control.name] = "my own words"
    values |= ANSWERS.get(purpose, {})
    answered = browser.post(url, values)
    assert answered.status_code == 302, (purpose, values)


def words_on(browser: Client, url: str, words: set[str]) -> set[str]:
    page = browser.get(url)
    assert page.status_code in {200, 404}, url
    return {word for word in words if word in page.text}


# whether they met needs no answer here, a session says it: tests/feedback/voice/test_meetings.py;
# a manager answers who is no member and reads nothing again: tests/programs/selection
@pytest.mark.parametrize("purpose", sorted(SIGNED.keys() - {"meeting", "manager"}))
def test_what_was_answered_is_read_in_that_sitting_or_signed_in(acme: World, purpose: str):
    url, names = url_of(acme, SIGNED[purpose]), names_of(acme) | {PLACE, LINK, "my own words"}
    browser = Client()
    answer(browser, acme, purpose)
    assert not words_on(browser, url, {PLACE, LINK})
    before = state_of(acme)

    forwarded = Client()
    assert not words_on(forwarded, url, names)
    assert not words_on(forwarded, f"{url}?change=1", names)
    assert "This was answered" in forwarded.get(url).text
    assert forwarded.post(url, {"comes": "yes", "answer": "no"}).status_code in {200, 302, 422}
    assert not words_on(sign_in(acme.partner), url, names - {"Partner"})
    assert state_of(acme) == before

    assert words_on(sign_in(acme.participant), url, names)
    assert words_on(browser, url, names)
    with clock.at(clock.now() + SITTING + timedelta(minutes=1)):
        assert not words_on(browser, url, names)


@pytest.mark.parametrize("purpose", SIGNED)
def test_what_is_over_is_a_friendly_page_without_names(acme: World, purpose: str):
    url, names = url_of(acme, SIGNED[purpose]), names_of(acme) | {PLACE, LINK}
    with tenant(acme.organisation, member=acme.participant.pk):
        Partnership.objects.update(state=Partnership.State.ENDED, ended_at=clock.now())
        Seat.objects.filter(left_at=None).update(left_at=clock.now())
        Session.objects.filter(state="planned").update(state="cancelled")
        Enrolment.objects.update(state="withdrawn", ended_at=clock.now())
        PartnerRequest.objects.update(state="lapsed", decided_at=clock.now())
        TurnOffer.objects.update(expires_at=clock.now() - timedelta(hours=1))
        TimePoll.objects.update(closes_at=clock.now() - timedelta(hours=1))
    assert not words_on(Client(), url, names)


@pytest.mark.parametrize("purpose", SIGNED)
def test_what_is_open_shows_what_is_asked_and_no_word_from_before(acme: World, purpose: str):
    with tenant(acme.organisation, member=acme.participant.pk):
        Vote.objects.filter(seat=acme.rows["seat"]).delete()
        Wording.objects.update(title="What is proposed", text="Proposed")
        note = f"{acme.canary} note"
    assert not words_on(Client(), url_of(acme, SIGNED[purpose]), {PLACE, LINK, note})


def test_unsubscribing_says_the_kind_and_no_subject(acme: World):
    (route,) = [r for r in routes() if r.pattern.startswith("l/unsub")]
    url, names = url_of(acme, route), names_of(acme)
    assert not words_on(Client(), url, names)
    assert not {word for word in names if word in Client().post(url).text}


def test_the_room_s_link_tells_no_words(acme: World):
    """Its page is signed in; a phone asks by the link how turns and the clock stand."""
    (route,) = [r for r in routes() if r.pattern.startswith("l/room/")]
    words = {f"{acme.canary} card", f"{acme.canary} topic", f"{acme.canary} worked", PLACE, LINK}
    assert not words_on(Client(), url_of(acme, route), words)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["participant", "coordinator"])
def test_pages_of_who_is_signed_in_hand_out_no_signed_links(acme: World, who: str):
    browser, pages = sign_in(getattr(acme, who)), 0
    for route in organisation_routes():
        if route.name == "sessions:room":  # its phones ask by one
            continue
        page = browser.get(route.url("acme", filling(acme, route)))
        if page.status_code == 200 and not page.streaming:
            pages += 1
            assert b'"/l/' not in page.content, route.name
            assert b"/l/check" not in page.content, route.name
    assert pages > 10
