"""Every page of an organisation, read by its own people: what is not theirs is on none of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from core.accounts.operations.people import change_role
from core.members.models import Member
from core.tenancy.context import tenant
from tests.cast import sign_in
from tests.figures import Figure
from tests.walk.leaving import EARLY, LATE, NEWCOMER, Left, kept_left
from tests.walk.routes import filling, organisation_routes
from tests.walk.test_two_tenants import body_of

pytestmark = pytest.mark.slow

ROUTES = organisation_routes()
Pages = Callable[[str, Left, Member], dict[str, int]]
# who accompanies the circle reads where it meets
BESIDE = {"sessions:accompanied_sessions": 200}


@pytest.fixture
def left(db: None) -> Left:
    return kept_left()


@pytest.fixture
def pages_with(figure: Callable[[str], Figure]) -> Pages:
    """Return the pages on which somebody reads a text, of all that can be asked for."""
    counted = figure("former partner, demoted, unscoped: every route")

    def pages(text: str, left: Left, reader: Member) -> dict[str, int]:
        browser, found, read = sign_in(reader), {}, 0
        for world, route in itertools.product((left.world, left.before), ROUTES):
            filled = filling(world, route)
            if world is left.before and filled == filling(left.world, route):
                continue
            url = route.url("acme", filled)
            if route.name == "sessions:open_poll":
                url += f"?session={left.world.id_of('session')}"
            answer = browser.get(url)
            counted.tried += 1
            assert answer.status_code < 500, url
            read += answer.status_code == 200
            if text.encode() in body_of(answer):
                found[route.name] = answer.status_code
        assert read > 5
        return found

    return pages


def test_who_sits_there_reads_what_was_written(left: Left, pages_with: Pages):
    """The positive control: the texts are on pages, many of them."""
    assert len(pages_with(LATE, left, left.world.participant)) > 15


def test_a_former_partner_reads_nothing_that_was_written_after(left: Left, pages_with: Pages):
    assert pages_with(LATE, left, left.former) == {}


def test_a_former_partner_does_not_see_who_came_after(left: Left, pages_with: Pages):
    assert pages_with(NEWCOMER, left, left.former) == {}


def test_a_former_partner_reads_what_was_written_before(left: Left):
    partnership = left.world.id_of("partnership")
    browser = sign_in(left.former)
    for path in (
        f"sessions/{left.early.pk}/",
        f"partnerships/{partnership}/goals/",
        f"partnerships/{partnership}/decisions/",
    ):
        answer = browser.get(f"/o/acme/{path}")
        assert (answer.status_code, EARLY in answer.content.decode()) == (200, True), path


@pytest.mark.parametrize("who", ["coordinator", pytest.param("owner", marks=pytest.mark.slow)])
def test_a_coordinator_who_is_no_partner_reads_no_words(left: Left, pages_with: Pages, who: str):
    assert pages_with(LATE, left, getattr(left.world, who)) == (BESIDE if who != "owner" else {})


def test_a_demoted_coordinator_reads_no_words_and_sees_no_table(left: Left, pages_with: Pages):
    with tenant(left.world.organisation):
        change_role(
            member=left.world.coordinator, role=Member.Role.PARTICIPANT, by=left.world.owner
        )
    assert pages_with(LATE, left, left.world.coordinator) == BESIDE
    # the title of work that they asked for themselves, what the sign-in is called, what everybody
    # is asked to agree to, the lessons, and whom they accompany
    seen = pages_with(left.world.canary, left, left.world.coordinator)
    own = ("jobs:job", "accounts:me", "accounts:connect_sso", "privacy:consent")
    lessons = ("programs:learn", "programs:lesson", "programs:lesson_file")
    beside = ("home", "pairing:accompanied")
    assert seen == dict.fromkeys((*own, *lessons, *beside), 200)


@pytest.mark.slow
def test_hr_reads_no_words(left: Left, pages_with: Pages):
    assert pages_with(LATE, left, left.hr) == {}
