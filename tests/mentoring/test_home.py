"""Home: what is next for each person, and who needs a coordinator, at a steady cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.common import clock
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from feedback.models.assessments import Assessment
from pairing.models.partnerships import Partnership, Seat
from programs.operations.enrolments import enrol_directly
from tests.cast import Cast, make_member, sign_in
from tests.kept import kept
from tests.programs.build import make_program
from tests.walk.world import LOGO, LOGO_DIGEST, World, make_world


@pytest.fixture
def world(cast: Cast) -> World:
    with tenant(cast.acme):  # before: what is there already is not kept
        OrganisationSettings.objects.update(logo=LOGO, logo_digest=LOGO_DIGEST)
    again, world = kept(("world", cast.acme.pk), lambda: (cast, make_world(cast, mirror=False)))
    vars(cast).update(vars(again))  # the same people as in the world
    return world


def page(member) -> str:
    response = sign_in(member).get(f"/o/{member.organisation.slug}/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_partner_finds_the_next_session_its_role_and_the_check_in(world: World):
    shown = page(world.participant)
    assert "you lead on" in shown
    assert "canaryacme circle" in shown
    assert "Your check-in is due" in shown
    assert "/o/acme/check-ins/" in shown
    assert "/l/" not in shown


def test_a_partner_who_is_away_is_not_told_of_a_role(world: World):
    assert "You have said that you cannot come." in page(world.partner)


def test_somebody_new_is_told_that_nothing_waits(cast: Cast):
    assert "Nothing waits for you" in page(cast.pavel)


def test_a_coordinator_finds_the_cohorts_and_what_waits(world: World):
    shown = page(world.coordinator)
    assert "canaryacme cohort" in shown
    assert "Items disappear when they are solved" in shown
    assert "Open the matching studio" in shown


def test_an_empty_list_says_what_would_stand_there(cast: Cast):
    make_program(cast.acme)
    shown = page(cast.cora)
    assert "Nothing to do today" in shown
    assert "Applications, people without a partner" in shown


def test_only_coordinators_and_owners_are_shown_the_list(world: World, cast: Cast):
    assert "Items disappear when they are solved" in page(world.owner)
    for member in (cast.hugo, world.participant):
        assert "Items disappear when they are solved" not in page(member)


def test_an_organisation_without_a_program_says_what_to_do(cast: Cast):
    shown = page(cast.olga)
    assert "No cohort yet" in shown
    assert "/o/acme/programs/new/" in shown


@pytest.mark.parametrize("who", ["participant", "coordinator"])
def test_one_partnership_and_three_cost_the_same_statements(world: World, who: str):
    browser = sign_in(getattr(world, who))

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get("/o/acme/")
        return len(queries)

    cost()
    one = cost()
    with tenant(world.organisation):
        for name in ("Uli", "Vera"):
            other = enrol_directly(
                cohort=world.rows["cohort"],
                member=make_member(world.organisation, name),
                part="peer",
                by=None,
            )
            twin = Partnership.objects.get(pk=world.id_of("partnership"))
            seat = twin.seats.first()
            copy = Partnership.objects.create(
                cohort=twin.cohort,
                name=f"{twin.name} {name}",
                starts_on=twin.starts_on,
                ends_on=twin.ends_on,
                published_at=twin.published_at,
            )
            copy.seats.create(enrolment=seat.enrolment, part="peer", taken_at=seat.taken_at)
            copy.seats.create(enrolment=other, part="peer", taken_at=seat.taken_at)
    assert cost() == one


def test_a_self_assessment_is_offered_only_while_it_can_be_answered(world: World):
    assert "Rate myself" in page(world.participant)
    with tenant(world.organisation):
        long_ago = clock.now() - timedelta(days=60)
        Assessment.objects.filter(pk=world.id_of("assessment")).update(opened_at=long_ago)
    assert "Rate myself" not in page(world.participant)


def test_who_has_left_a_circle_is_not_asked_how_it_goes(world: World):
    assert "Your check-in is due" in page(world.participant)
    with tenant(world.organisation):
        Seat.objects.filter(pk=world.id_of("seat")).update(left_at=clock.now())
    assert "Your check-in is due" not in page(world.participant)


def test_who_begins_is_led_to_a_program_and_then_to_its_cohort(cast: Cast):
    assert "Begin with a program." in page(cast.cora)

    program = make_program(cast.acme, name="Circles")
    shown = page(cast.cora)

    assert "Nothing to do today" in shown
    assert f"/programs/{program.pk}/cohorts/new/" in shown
