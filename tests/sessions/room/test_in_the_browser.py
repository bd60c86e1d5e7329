"""Two phones in one meeting: both tap, one is away for a while, nothing is lost or doubled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from agreements.decisions.operations import deciding, proposing, talking
from agreements.decisions.operations.proposing import Proposal
from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from sessions.models.rooms import Round, Tap, Voice
from sessions.models.sessions import Retrospective, Session, Turn
from tests.browser import Watched, chromium, window
from tests.cast import Cast, make_member
from tests.sessions.build import make_cohort, make_partnership, plan
from tests.sessions.room.build import live_of, tap

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PICTURES", "")
NAMES = ("Petra", "Pavel", "Amara", "Jonas", "Leila", "Mei-Ling")
AGENDA = [
    {"title": "Arrive: one word each", "minutes": 6, "kind": "check_in"},
    {"title": "Think and write", "minutes": 5, "kind": "silent_write"},
    {"title": "In trios", "minutes": 24, "kind": "troika"},
    {"title": "Look back", "minutes": 5, "kind": "retrospective"},
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def session(cast: Cast) -> Session:
    """A session of a circle of six that began ten minutes ago."""
    begins = clock.now() - timedelta(minutes=10)
    with clock.at(begins - timedelta(days=2)):
        names = ("Amara", "Jonas", "Leila", "Mei-Ling")
        members = [cast.petra, cast.pavel, *(make_member(cast.acme, name) for name in names)]
        cohort = make_cohort(cast.acme, starts_on=begins.date() - timedelta(days=7))
        circle = make_partnership(cohort, members, name="Circle Wye")
        first = plan(circle, first_at=begins)[0]
    with tenant(cast.acme):
        Session.objects.filter(pk=first.pk).update(agenda=AGENDA)
        return Session.objects.for_list().get(pk=first.pk)


def holder(session: Session, role: str):
    with tenant(session.organisation_id):
        turn = Turn.objects.select_related("seat__enrolment__member__user").get(
            session=session, role__key=role
        )
        return turn.seat.enrolment.member


def picture(watched: Watched, name: str) -> None:
    if PICTURES:
        watched.page.screenshot(path=Path(PICTURES) / f"room-{name}.png", full_page=True)


def press(page: Page, name: str) -> None:
    page.locator("#room-acts").get_by_role("button", name=name).click()


def test_a_meeting_on_two_phones_from_the_first_word_to_the_record(
    live_server: LiveServer, cast: Cast, browser: Browser, session: Session
) -> None:
    host, watcher = holder(session, "facilitator"), holder(session, "voice_watcher")
    room = f"/o/acme/sessions/{session.pk}/room/"
    with (
        window(browser, live_server.url, who=host, width=390) as one,
        window(browser, live_server.url, who=watcher, width=320, theme="dark") as two,
    ):
        one.open(room)
        two.open(room)
        expect(one.page.locator("#room-here")).to_have_text("2 of 6 here")
        for name in sorted({*NAMES} - {host.given_name, watcher.given_name}):
            one.page.locator("#room-counters button", has_text=name).click()
        expect(two.page.locator("#room-here")).to_have_text("6 of 6 here")
        picture(one, "before")
        complaints = one.look()

        # it begins, and the other phone follows by itself
        press(one.page, "Begin")
        title = one.page.locator("#room-title")
        expect(title).to_contain_text("speaks")
        expect(two.page.locator("#room-title")).to_have_text(title.inner_text())

        # both tap at once, as fast as they can
        guest = live_of_(session).host  # who speaks last in the round
        counter = f'#room-counters [data-seat="{guest}"]'
        for page in (one.page, two.page):
            page.evaluate(
                "s => { for (let n = 0; n < 5; n++) document.querySelector(s).click() }", counter
            )
        for page in (one.page, two.page):
            expect(page.locator(f"{counter} b")).to_have_text("10")

        # one is away: its taps are kept and shown, and it catches up without doubling any
        two.page.context.set_offline(True)
        two.page.locator(counter).click()
        two.page.locator(counter).click()
        expect(two.page.locator("#room-net")).to_have_text("Offline. Taps kept: 2")
        expect(two.page.locator(f"{counter} b")).to_have_text("12")
        picture(two, "offline")
        press(one.page, "Next")
        two.page.context.set_offline(False)
        expect(two.page.locator("#room-net")).to_be_hidden()
        expect(two.page.locator("#room-title")).to_have_text(title.inner_text())
        for page in (one.page, two.page):
            expect(page.locator(f"{counter} b")).to_have_text("12")
        picture(one, "round")
        complaints += one.look()
        one.page.locator("#room-acts").get_by_role("button", name="Pass").click()
        while (speaking := title.inner_text()) != "Everybody was asked":
            one.page.locator("#room-acts .primary").click()
            expect(title).not_to_have_text(speaking)

        # cards lie face down until all are shown
        press(one.page, "Next: Think and write")
        for watched, words in ((one, "Fewer topics"), (two, "More silence")):
            card = watched.page.get_by_label("Your card")
            card.fill(words)
            watched.page.get_by_role("button", name="Send my card").click()
            expect(watched.page.get_by_text("Nobody sees your card yet")).to_be_visible()
        expect(one.page.locator("#room-then")).to_have_text("2 of 6 have written")
        expect(two.page.get_by_text("Fewer topics")).to_have_count(0)
        picture(two, "writing")
        complaints += two.look()
        press(one.page, "Show 2 of 6 cards")
        for page in (one.page, two.page):
            expect(page.locator(".card")).to_have_text(
                [f"Fewer topics {host.given_name}", f"More silence {watcher.given_name}"]
            )
        picture(one, "cards")

        # one tap hands the room over, and everybody is told
        one.page.get_by_text("Hand the room over").click()
        one.page.locator("#room-hosts").get_by_text(watcher.full_name).click()
        expect(two.page.locator("#room-hand")).to_have_text("You run the meeting")
        said = f"{watcher.given_name} now runs the meeting; {host.given_name} has handed it over."
        expect(one.page.locator("#room-notice")).to_have_text(said)
        expect(one.page.locator("#room-acts button")).to_have_count(0)
        press(two.page, "Next: In trios")
        expect(one.page.locator("#room-groups > div")).to_have_count(2)
        picture(one, "trios")
        complaints += one.look()

        # by the keys, to the end; then who was there, and one line each
        two.page.locator("#room-title").click()
        for comes in ("In trios, the second tells", "In trios, the third tells", "Look back"):
            two.page.keyboard.press("n")
            expect(two.page.locator("#room-title")).to_have_text(comes)
        two.page.get_by_label("What worked").fill("The cards")
        two.page.get_by_role("button", name="Keep my lines").click()
        expect(two.page.get_by_text("1 has written.")).to_be_visible()
        press(two.page, "End the session")
        expect(one.page.locator("#room-title")).to_have_text("Thank you, all")
        picture(one, "ended")
        two.page.get_by_role("link", name="Who was here").click()
        expect(two.page.get_by_label("What worked")).to_have_value("The cards")
        two.page.get_by_role("button", name="Record this session").click()
        expect(two.page.get_by_text("Who got to speak")).to_be_visible()
        picture(two, "session")
        complaints += two.look()
    assert [each for each in complaints if "ERR_INTERNET_DISCONNECTED" not in each] == []
    the_rows_say_the_same(session, watcher)


def live_of_(session: Session):
    with tenant(session.organisation_id):
        return live_of(session)


def the_rows_say_the_same(session: Session, watcher) -> None:
    with tenant(session.organisation_id, member=watcher.pk):
        session.refresh_from_db()
        assert session.is_held
        assert Tap.objects.filter(session=session, kind="heard").count() == 12
        turns = Voice.objects.filter(session=session).values_list("seat", "turns")
        assert sorted(n for _seat, n in turns) == [1, 1, 1, 1, 1, 13]
        assert [row.passed for row in Round.objects.filter(session=session)] == [[]]
        assert Retrospective.objects.get().worked == "The cards"


A_STEP_OF_EACH_KIND = [
    {"title": "Arrive", "minutes": 6, "kind": "check_in"},
    {"title": "What is in our way?", "minutes": 5, "kind": "silent_write"},
    {"title": "Last promises", "minutes": 5, "kind": "actions"},
    {"title": "Decide now", "minutes": 10, "kind": "decision"},
    {"title": "In trios", "minutes": 24, "kind": "troika"},
    {"title": "One action each", "minutes": 5, "kind": "promises"},
    {"title": "Look back", "minutes": 5, "kind": "retrospective"},
]
# what a guest has to do in each of them, and that must be seen without scrolling
TO_DO = {
    "silent_write": ["textarea", "button[type=submit]"],
    "actions": ["li"],
    "decision": ["label:has-text('consent')", "label:has-text('object')", ".vote [type=submit]"],
    "troika": [".groups .own"],
    "promises": ["[name=words]", "button[type=submit]"],
    "retrospective": ["[name=worked]", "button[type=submit]"],
}
# and how many of them on the smallest phones
SMALLEST = {"decision": 2, "retrospective": 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "height", "theme"),
    [(390, 844, "light"), (390, 844, "dark"), (320, 640, "light"), (1280, 800, "dark")],
)
def test_what_is_to_do_is_seen_without_scrolling(
    live_server: LiveServer,
    cast: Cast,
    browser: Browser,
    session: Session,
    width: int,
    height: int,
    theme: str,
) -> None:
    with tenant(cast.acme):
        session.agenda = A_STEP_OF_EACH_KIND
        session.save(update_fields=["agenda"])
    host, guest = holder(session, "facilitator"), holder(session, "voice_watcher")
    room = f"/o/acme/sessions/{session.pk}/room/"
    with (
        window(browser, live_server.url, who=host, width=width, theme=theme) as one,
        window(browser, live_server.url, who=guest, width=width, theme=theme) as two,
    ):
        for watched in (one, two):
            watched.page.set_viewport_size({"width": width, "height": height})
            watched.open(room)
        decide(session, host)
        expect(one.page.locator("#room-here")).to_have_text("2 of 6 here")
        seen_at_once(one.page, "#room-acts .primary")
        press(one.page, "Begin")
        for place, step in enumerate(A_STEP_OF_EACH_KIND):
            kind = str(step["kind"])
            if place:
                tap(session, host, "step", to=place)
            for watched in (one, two):
                expect(watched.page.locator("#room-line")).to_contain_text(f"Step {place + 1} of")
            seen = TO_DO.get(kind, [])[: SMALLEST.get(kind) if width == 320 else None]
            for selector in seen:
                seen_at_once(two.page, f"#room-pane {selector}")
            seen_at_once(one.page, "#room-acts .primary")
            for watched, name in ((one, "host"), (two, "guest")):
                if PICTURES:
                    path = Path(PICTURES) / f"do-{width}-{theme}-{place}-{kind}-{name}.png"
                    watched.page.screenshot(path=path)


def decide(session: Session, who: Member) -> None:
    """Let somebody propose, and all be asked."""
    with tenant(session.organisation_id, member=who.pk):
        decision = proposing.propose(
            partnership=session.partnership,
            proposal=Proposal(title="We meet every second week, for 90 minutes", window_days=0),
            by=who,
        )
        decision = proposing.open_decision(decision=decision, by=who)
        decision = talking.start_reactions(decision=decision, by=who)
        deciding.open_voting(decision=decision, by=who)


def seen_at_once(page: Page, selector: str) -> None:
    """Check that this ends above the fold of a page that nobody has scrolled."""
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(selector).first).to_be_in_viewport(ratio=1)


@pytest.mark.slow
def test_what_is_typed_outlives_the_cards_being_shown_and_the_next_step(
    live_server: LiveServer, cast: Cast, browser: Browser, session: Session
) -> None:
    with tenant(cast.acme):
        session.agenda = A_STEP_OF_EACH_KIND
        session.save(update_fields=["agenda"])
    host, guest = holder(session, "facilitator"), holder(session, "voice_watcher")
    tap(session, host, "start")
    tap(session, host, "step", to=1)
    with window(browser, live_server.url, who=guest, width=390, theme="dark") as two:
        two.open(f"/o/acme/sessions/{session.pk}/room/")
        page = two.page
        page.get_by_label("Your card").fill("Half a thou")
        tap(session, host, "reveal")
        kept = page.locator("#room-kept")
        expect(kept).to_contain_text("Half a thou")
        picture(two, "kept")
        kept.get_by_role("button", name="Send it now").click()
        expect(page.locator(".card")).to_contain_text("Half a thou")
        expect(kept).to_be_hidden()

        tap(session, host, "step", to=5)
        promise = page.locator("#room-words [name=words]")
        promise.fill("Ask fir")
        tap(session, host, "step", to=6)
        expect(kept).to_contain_text("Ask fir")
        page.get_by_label("What worked").fill("The ca")
        page.reload()
        expect(page.get_by_label("What worked")).to_have_value("The ca")
        expect(kept).to_contain_text("Ask fir")
        tap(session, host, "back")
        expect(promise).to_have_value("Ask fir")
        page.get_by_role("button", name="Write it down").click()
        expect(page.locator("#room-words .voice")).to_have_text("Ask fir")
        expect(promise).to_have_value("")
        complaints = two.look()
    assert complaints == []
