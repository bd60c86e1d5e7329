"""A coordinator's afternoon in the matching studio, with 240 imported people."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from core.common import clock
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership
from pairing.models.runs import MatchRun, Proposal
from pairing.partnerships.operations import partnerships
from programs.models.programs import Cohort, Enrolment
from programs.operations import cohorts, designs
from tests.browser import chromium, window
from tests.cast import Cast, make_cast, sign_in
from tests.journeys.desk import Desk, emails
from tests.journeys.matching import too_who_have_not_accepted
from tests.programs.imports import begin, confirm, upload, work
from tests.work import DISPATCH, run, work_off

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]

MENTEES, MENTORS = 150, 90
SKILLS = ("Coaching", "Delegation", "Facilitation", "Negotiation", "Active listening")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def people_csv() -> str:
    """Write a file of 240 people who differ, always the same."""
    draw = random.Random(240)
    head = "First name,Last name,Work email,Department,Level,Location,Languages,Role,Max mentees"
    lines = [head]
    for n in range(MENTEES + MENTORS):
        mentor = n >= MENTEES
        facts = [
            f"Given{n}",
            f"Family{n}",
            f"p{n}@acme.example",
            draw.choice(("Sales", "Finance", "Engineering")),
            str(draw.randint(4, 8) if mentor else draw.randint(1, 4)),
            draw.choice(("Berlin", "Lisbon", "Pune")),
            "English",
            "Mentor" if mentor else "Mentee",
            "2" if mentor else "1",
        ]
        lines.append(",".join(facts))
    return "\n".join(lines) + "\n"


def imported(cast: Cast) -> Cohort:
    """Import the file into a cohort that wants a second person to publish, and begin matching."""
    today = clock.now().date()
    with tenant(cast.acme):
        program = designs.create_program(template="mentor-and-mentee", name="Mentors", by=None)
        designs.edit_program(program=program, second_person=True, by=cast.cora)
        cohort = cohorts.create_cohort(
            program=program,
            name="Spring",
            starts_on=today,
            ends_on=today + timedelta(weeks=26),
            by=cast.cora,
        )
        cohort = cohorts.move_cohort(
            cohort=cohort, to=Cohort.Phase.ENROLLING, by=cast.cora, confirmed=True
        )
    client = sign_in(cast.cora)
    address = upload(client, people_csv())
    confirm(client, address, mentor=str(cohort.pk))
    with tenant(cast.acme):
        work(begin(client, address))
        people = Enrolment.objects.filter(cohort=cohort, state="accepted")
        assert people.count() == MENTEES + MENTORS
        return cohorts.move_cohort(
            cohort=cohort, to=Cohort.Phase.MATCHING, by=cast.cora, confirmed=True
        )


def finish(desk: Desk) -> None:
    """Let a worker compute the run that the page is waiting for."""
    desk.page.get_by_role("button", name="Stop").wait_for()
    # its time runs from here: a worker may compile first what it computes with
    with desk.page.expect_navigation(timeout=60_000):
        work_off()


def pairs_of(number: int) -> dict[str, str]:
    """Who is proposed with whom in that run, mentee to mentor."""
    found = {}
    for proposal in Proposal.objects.filter(run__number=number).prefetch_related(
        "seats__enrolment__member"
    ):
        by_part = {seat.part: seat.enrolment.member.full_name for seat in proposal.seats.all()}
        found[by_part["mentee"]] = by_part["mentor"]
    return found


@pytest.mark.slow
def test_two_runs_compared_locks_kept_published_by_two_and_one_pair_made_anew(
    live_server: LiveServer, browser: Browser
) -> None:
    cast = make_cast()
    cohort = imported(cast)
    studio = f"/o/acme/cohorts/{cohort.pk}/matching/"
    address = live_server.url
    with window(browser, address, who=cast.cora) as watched:
        desk = Desk(watched, address)
        page = desk.page

        desk.go(studio)
        too_who_have_not_accepted(desk, MENTEES + MENTORS)
        places = f"{MENTEES} mentees, {MENTORS} mentors with {2 * MENTORS} places"
        page.get_by_text(f"Waiting to be matched: {places}.").wait_for()
        assert f"{MENTEES * MENTORS} pairs are allowed." in desk.main
        desk.press("Run matching")
        finish(desk)
        assert desk.heading("Run 1") == f"Run 1: {MENTEES} pairs"

        # other weights, kept under a name; the counts follow the switch without a reload
        desk.go(studio)
        too_who_have_not_accepted(desk, MENTEES + MENTORS)
        page.get_by_label("At least one language in common").uncheck()
        page.get_by_text("Off. With it everybody could still be matched.").wait_for()
        page.get_by_label("At least one language in common").check()
        page.locator("[id^=count-language]").get_by_text("Rules out 0 of").wait_for()
        with page.expect_response("**/counts/*"):
            page.locator("input[name^=weight_level]").fill("10")
        page.get_by_text("Keep this as a new set").click()
        page.get_by_label("Name of the new set").fill("Levels first")
        with page.expect_navigation():
            page.get_by_role("button", name="Keep", exact=True).click()
        too_who_have_not_accepted(desk, MENTEES + MENTORS)
        desk.press("Run matching")
        finish(desk)
        assert "Criteria: Levels first." in desk.main
        desk.press("Compare with run 1")
        assert "is scored here as run 2 scores" in desk.main
        desk.clean("comparison")

        # two locks and one forbidden pair, then a run that keeps them
        with tenant(cast.acme):
            second = MatchRun.objects.get(number=2)
        desk.go(second.get_absolute_url())
        said = []
        for kind, at in (("Lock ", 0), ("Lock ", 1), ("Never pair ", 2)):
            button = page.get_by_role("button", name=kind).nth(at)
            said.append(str(button.get_attribute("aria-label")).removeprefix(kind))
            button.click()
            page.get_by_text("from the next run on").nth(at).wait_for()

        # a mentee dragged onto another pair: the price is shown before anything is done
        rows = page.locator("[data-pairs] tr[data-first]")
        carried = {"dataTransfer": page.evaluate_handle("() => new DataTransfer()")}
        rows.nth(4).locator("[data-drag=first]").dispatch_event("dragstart", carried)
        rows.nth(5).locator("td").first.dispatch_event("drop", carried)
        page.locator("#answer").wait_for(timeout=60_000)  # the whole matching, once more, exactly
        assert "Lock them and run again" in desk.main
        desk.clean("result with a price")

        with page.expect_navigation():
            page.get_by_role("button", name="Run again").last.click()
        finish(desk)
        with tenant(cast.acme):
            third = pairs_of(3)
        locked = [words.removesuffix(" together").split(" and ") for words in said[:2]]
        assert {mentee: third[mentee] for mentee, _mentor in locked} == dict(locked)
        never, mentor = said[2].split(" with ")
        assert third.get(never) != mentor

        desk.press(f"Publish {MENTEES} pairs")
        assert f"{MENTEES + len(set(third.values()))} people get an e-mail" in desk.main
        page.get_by_label(f"I know that {MENTEES} of these rest on no answers").check()
        desk.press(f"Ask to publish {MENTEES} pairs")
        assert "Withdraw the question" in desk.main
        summary = desk.place

    with window(browser, address, who=cast.olga, width=320) as watched:
        phone = Desk(watched, address)
        phone.go(summary)
        phone.clean("summary of the second person")
        phone.press(f"Approve and publish {MENTEES} pairs")
        run(DISPATCH)
        told = {email.to[0] for email in emails("You are working with")}
        assert len(told) == MENTEES + len(set(third.values()))

        # one pair ends, and the next run finds each somebody else
        with tenant(cast.acme):
            ended = Partnership.objects.order_by("id")[0]
            mentee = ended.seats.get(part="mentee").enrolment
            before = ended.seats.get(part="mentor").enrolment.member.full_name
            partnerships.end_partnership(partnership=ended, reason="fit", by=cast.cora)
        phone.go(studio)
        phone.page.locator("[name=unaccepted_too]").check()
        phone.page.get_by_text("Waiting to be matched: 1 mentee").wait_for()
        phone.press("Run matching")
        finish(phone)
        with tenant(cast.acme):
            (again,) = pairs_of(4).items()
            assert again[0] == str(mentee.member)
            assert again[1] != before
