"""Who stays is told once, kindly, with what happens next; who has gone is not written to."""

from __future__ import annotations

import pytest

from core.accounts.operations.people import mark_left
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership
from pairing.partnerships.operations import repairing
from pairing.partnerships.operations.partnerships import free_seats_of_the_gone
from programs.models.programs import Enrolment
from programs.operations import enrolments
from tests.cast import Cast, sign_in
from tests.pairing import build
from tests.work import everywhere

pytestmark = pytest.mark.django_db
KINDS = ("pairing.parted", "pairing.changed")


def told(partnership: Partnership) -> dict[str, tuple[str, dict[str, object]]]:
    """Return for each person told of a change the kind and what it says; never two to one."""
    with tenant(partnership.organisation):
        rows = list(Email.objects.filter(kind__in=KINDS).select_related("member"))
        places = dict(Enrolment.objects.values_list("pk", "member"))
        assert all(places[row.cause_id] == row.member_id for row in rows)
        names = [row.member.given_name for row in rows]
        assert len(names) == len(set(names))
        return {row.member.given_name: (row.kind, row.context) for row in rows}


def leave(cast: Cast, partnership: Partnership, *names: str, how: str) -> None:
    with tenant(cast.acme):
        for name in names:
            enrolment = Enrolment.objects.select_related("cohort", "member").get(
                cohort=partnership.cohort, member__given_name=name
            )
            if how == "left":
                mark_left(member=enrolment.member, by=cast.olga)
            else:
                enrolments.withdraw(enrolment=enrolment, by=enrolment.member)
    everywhere(free_seats_of_the_gone)
    everywhere(free_seats_of_the_gone)  # safe to repeat


@pytest.mark.parametrize("how", ["left", "withdrawn"])
def test_the_partner_who_stays_in_a_pair_is_told_and_goes_first(cast: Cast, how: str) -> None:
    pair = build.make_partnership(build.make_cohort(cast.acme), cast.petra, cast.pavel)
    leave(cast, pair, "Pavel", how=how)
    said = told(pair)
    assert set(said) == {"Petra"}
    kind, words = said["Petra"]
    assert kind == "pairing.parted"
    assert (words["gone"], words["waits"], words["first"]) == ("Pavel Acme", True, True)


def test_a_mentor_with_another_mentee_is_not_said_to_wait(cast: Cast) -> None:
    cohort = build.make_cohort(cast.acme)
    mentor = build.enrol(cohort, cast.petra, "mentor", capacity=2)
    pair = build.make_partnership(cohort, mentor.member, cast.pavel)
    build.make_partnership(cohort, mentor.member, build.person(cohort, "Mia", "mentee").member)
    leave(cast, pair, "Pavel", how="withdrawn")
    _kind, words = told(pair)["Petra"]
    assert (words["waits"], words["first"]) == (False, False)


@pytest.mark.parametrize("how", ["left", "withdrawn"])
def test_a_circle_hears_once_who_has_gone(cast: Cast, how: str) -> None:
    cohort = build.make_circles_cohort(cast.acme, peers=6)
    with tenant(cast.acme):
        people = [e.member for e in Enrolment.objects.select_related("member").order_by("id")]
    circle = build.make_partnership(cohort, *people, name="Circle Ash")
    leave(cast, circle, "Peer1", "Peer4", how=how)
    said = told(circle)
    assert set(said) == {"Peer0", "Peer2", "Peer3", "Peer5"}
    kind, words = said["Peer0"]
    assert kind == "pairing.changed"
    assert (words["left"], words["joined"], words["people"]) == (
        ["Peer1 Acme", "Peer4 Acme"],
        [],
        4,
    )


def test_who_is_left_of_three_reads_of_the_others_in_their_own_language(cast: Cast) -> None:
    cohort = build.make_circles_cohort(cast.acme, peers=3)
    with tenant(cast.acme):
        people = [e.member for e in Enrolment.objects.select_related("member").order_by("id")]
        Member.objects.filter(pk=people[0].pk).update(language="de")
    circle = build.make_partnership(cohort, *people, name="Circle Ash")
    leave(cast, circle, "Peer1", "Peer2", how="withdrawn")
    kind, words = told(circle)["Peer0"]
    assert (kind, words["gone"]) == ("pairing.parted", "Peer1 Acme und Peer2 Acme")


def test_both_of_a_pair_who_go_are_not_written_to(cast: Cast) -> None:
    pair = build.make_partnership(build.make_cohort(cast.acme), cast.petra, cast.pavel)
    leave(cast, pair, "Pavel", "Petra", how="withdrawn")
    assert told(pair) == {}


def test_who_parts_from_a_circle_is_told_and_the_circle_too(cast: Cast) -> None:
    cohort = build.make_circles_cohort(cast.acme, peers=4)
    with tenant(cast.acme):
        people = [e.member for e in Enrolment.objects.select_related("member").order_by("id")]
    circle = build.make_partnership(cohort, *people, name="Circle Ash")
    with tenant(cast.acme):
        circle = Partnership.objects.select_related("organisation", "cohort__program").get()
        repairing.part_ways(partnership=circle, by=people[0], cause="time")
    said = told(circle)
    assert said["Peer0"][0] == "pairing.parted"
    assert (said["Peer0"][1]["left"], said["Peer0"][1]["waits"]) == (True, True)
    assert {
        name: kind for name, (kind, _words) in said.items() if name != "Peer0"
    } == dict.fromkeys(("Peer1", "Peer2", "Peer3"), "pairing.changed")


def test_both_are_told_when_a_coordinator_ends_a_pair(cast: Cast) -> None:
    pair = build.make_partnership(build.make_cohort(cast.acme), cast.petra, cast.pavel)
    url = f"/o/acme/partnerships/{pair.pk}/end/"
    browser = sign_in(cast.cora)
    page = browser.get(url).content.decode()
    assert "2 people are told by e-mail" in " ".join(page.split())
    browser.post(url, {"reason": "fit"})
    assert {name: kind for name, (kind, _words) in told(pair).items()} == {
        "Petra": "pairing.parted",
        "Pavel": "pairing.parted",
    }
    # who comes too late reads on the page that it has ended
    assert browser.post(url, {"reason": "fit"}).status_code == 422
