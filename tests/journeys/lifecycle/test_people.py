"""People, row by row."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agreements.decisions.queries.ballots import turnout
from core.accounts.operations import invitations, people
from core.accounts.queries import successor_of
from core.common import clock
from core.members.keys import derived_secret
from core.members.models import Key, Member, MergeProposal
from core.tenancy.context import tenant
from programs.models.programs import Enrolment
from sessions.calendar import operations as calendars
from sessions.models.offers import TurnOffer
from sessions.models.sessions import Attendance, Turn
from tests.agreements.build import deciding
from tests.cast import Cast, make_member, sign_in
from tests.core.accounts.build import make_directory_token
from tests.core.accounts.test_scim import Directory, user
from tests.journeys.lifecycle.world import Letter, World, one_each, page, post
from tests.programs.build import make_cohort as open_cohort
from tests.programs.build import make_enrolment, make_program
from tests.programs.imports import begin, confirm, do_waiting_work, upload, work
from tests.sessions.build import hold_session, make_cohort, make_partnership
from tests.sessions.conftest import Circle

pytestmark = pytest.mark.slow

REST = ("Petra", "Pavel", "Amara", "Jonas", "Leila")
INVITE = "people/invite-chosen/"


def link(letter: Letter) -> str:
    found = re.search(r"https?://[^/\s]+(/invitation/\S+)", letter.text)
    assert found, letter.text
    return found[1]


def test_invited_the_email_names_all_that_somebody_wants_to_know(cast: Cast, world: World) -> None:
    cohort = open_cohort(make_program(cast.acme, "Leading"))
    nadia = make_member(cast.acme, "Nadia", live=False)
    make_enrolment(cohort, nadia)
    world.minute()

    post(cast.cora, INVITE, confirm="yes", person=str(nadia.pk))
    letter = one_each(world.minute(), ["Nadia"])["nadia"]

    for words in ("Acme", "Cora Acme", "Leading", "11 January 2027", "25 June 2027", "9 March"):
        assert words in letter.text, words
    assert "Peer" in letter.text or "peer" in letter.text
    assert "nvited" in page(cast.cora, f"cohorts/{cohort.pk}/people/")


def test_who_has_not_accepted_is_reminded_with_a_fresh_link_and_nobody_else(
    cast: Cast, world: World
) -> None:
    """Expired ones too; never waitlisted, declined, withdrawn or left people."""
    cohort = open_cohort(make_program(cast.acme), places=6)
    names = ("Expired", "Waiting", "Declined", "Gone", "Left", "Refuses")
    members = {name: make_member(cast.acme, name, live=False) for name in names}
    rows = {name: make_enrolment(cohort, member) for name, member in members.items()}
    with tenant(cast.acme):
        for name in ("Expired", "Refuses"):
            invitations.send_invitation(member=members[name], by=cast.cora)
        people.mark_left(member=members["Left"], by=cast.cora)
        for name, state in (("Waiting", "waitlisted"), ("Declined", "declined")):
            Enrolment.objects.filter(pk=rows[name].pk).update(state=state)
        Enrolment.objects.filter(pk=rows["Gone"].pk).update(state="withdrawn", ended_at=clock.now())
    letters = world.minute()
    old = link(next(each for each in letters["expired"] if "/invitation/" in each.text))
    no = link(next(each for each in letters["refuses"] if "/invitation/" in each.text))
    assert Client().post(no, {"decline": "yes"}).status_code < 400
    world.pass_(days=9)

    post(cast.cora, INVITE, all="yes")
    post(cast.cora, INVITE, confirm="yes", person=[str(each.pk) for each in members.values()])
    letter = one_each(world.minute(), ["Expired"])["expired"]

    assert link(letter) != old
    assert Client().get(link(letter)).status_code == 200
    assert "eclined" in page(cast.cora, "people/?search=Refuses")


def test_accepting_makes_live_and_asks_for_expectations_next(cast: Cast, world: World) -> None:
    cohort = open_cohort(make_program(cast.acme))
    nadia = make_member(cast.acme, "Nadia", live=False)
    make_enrolment(cohort, nadia)
    world.minute()
    post(cast.cora, INVITE, confirm="yes", person=str(nadia.pk))
    address = link(one_each(world.minute(), ["Nadia"])["nadia"])

    said = {"password": "a long password", "time_zone": "Asia/Kolkata"}
    browser = Client()
    answer = browser.post(address, said, follow=True)

    assert answer.status_code == 200
    with tenant(cast.acme):
        nadia.refresh_from_db()
    assert (nadia.state, nadia.time_zone) == ("live", "Asia/Kolkata")
    home = browser.get("/o/acme/").content.decode()
    assert "expectations" in home.lower()
    assert Client().get(address).status_code in {404, 410}


def test_read_from_a_file_who_is_known_stays_the_same_and_a_conflict_is_one_line(
    cast: Cast, world: World
) -> None:
    head = "Employee ID,First name,Last name,Work email\n"
    browser = sign_in(cast.cora)
    with tenant(cast.acme):
        address = upload(browser, head + "1,Ada,Byron,ada@acme.example\n")
        confirm(browser, address)
        world.pass_(seconds=5)  # ids of one instant have no order
        work(begin(browser, address))
        ada = Member.objects.get(employee_id="1")
        again = upload(
            browser,
            head
            + "1,Ada,Byron,ada.byron@acme.example\n"  # the id and both names agree
            + "1b,Ada,Byron,ada@acme.example\n"  # another id at her address
            + "2,Bo,Chen,bo@acme.example\n",
        )
        confirm(browser, again)
        world.pass_(seconds=5)
        shown = " ".join(re.sub(r"<[^>]+>", " ", browser.get(again).content.decode()).split())
        assert "Ada" in shown
        work(begin(browser, again))
        assert Member.objects.filter(employee_id="2").exists()
        assert Member.objects.get(pk=ada.pk).employee_id == "1"
        assert not Member.objects.filter(employee_id="1b").exists()
        browser.post(f"{again}undo/")
        do_waiting_work()
        assert not Member.objects.filter(employee_id="2").exists()


def test_read_by_scim_who_is_known_stays_the_same_and_who_has_left_is_not_revived_silently(
    cast: Cast, world: World
) -> None:
    gone = make_member(cast.acme, "Gone", employee_id="7")
    with tenant(cast.acme):
        people.mark_left(member=gone, by=cast.olga)
    world.minute()
    directory = Directory(make_directory_token(cast.olga)[1])
    petra = user(cast.petra.email, name={"givenName": "Petra", "familyName": "Acme"})

    status, shown = directory("POST", "Users", petra)
    assert (status, shown["id"]) == (201, str(cast.petra.pk))
    status, _refusal = directory("POST", "Users", user(gone.email, externalId="x"))
    assert status == 409
    with tenant(cast.acme):
        gone.refresh_from_db()
        assert gone.state == "left"
        assert Member.objects.filter(email=cast.petra.email).count() == 1
    assert world.minute() == {}


def test_let_go_by_scim_everything_ends_as_if_by_hand(
    cast: Cast, world: World, met: Circle
) -> None:
    mei = met.seat("Mei").enrolment.member
    directory = Directory(make_directory_token(cast.olga)[1])
    assert directory("DELETE", f"Users/{mei.pk}")[0] == 204
    one_each(world.minute(), REST)
    with tenant(cast.acme):
        assert Enrolment.objects.get(member=mei).end_reason == "left"
        assert met.partnership.seats.filter(left_at=None).count() == 5


def leave(cast: Cast, who: Member) -> None:
    """Mark somebody as left, from the page that counts what goes with them."""
    address = reverse("people:mark_left", args=["acme", who.pk])
    page(cast.olga, address)
    post(cast.olga, address.removeprefix("/o/acme/"))


def test_left_everything_ends_at_once_and_the_partners_are_told_once(
    cast: Cast, world: World, met: Circle
) -> None:
    mei = met.seat("Mei").enrolment.member
    second = make_partnership(make_cohort(cast.acme), [mei, cast.petra, cast.pavel], name="Oak")
    ballot = deciding(met)
    browser = sign_in(mei)
    with tenant(cast.acme):
        feed = calendars.open_calendar(by=mei)
    address = f"/calendar/{derived_secret(Key.Kind.CALENDAR, feed.pk)}.ics"
    world.minute()
    assert Client().get(address).status_code == 200

    leave(cast, mei)
    letters = world.minute()

    assert "mei" not in letters
    assert browser.get("/o/acme/").status_code == 404
    assert Client().get(address).status_code == 404
    with tenant(cast.acme):
        rows = Enrolment.objects.filter(member=mei)
        assert set(rows.values_list("state", "end_reason")) == {("withdrawn", "left")}
        turns = Turn.objects.filter(session__partnership=met.partnership)
        assert turns.filter(seat__enrolment__member=mei).count() == 0
        assert turns.count() == 6 * 4
        assert turnout(ballot).people == 5
        second.refresh_from_db()
    assert {name for name in letters if "left" in letters[name][0].subject} == {
        name.lower() for name in REST
    }


def test_left_who_shared_two_partnerships_hears_of_it_in_one_email(
    cast: Cast, world: World, met: Circle
) -> None:
    mei = met.seat("Mei").enrolment.member
    make_partnership(make_cohort(cast.acme), [mei, cast.petra, cast.pavel], name="Oak")
    world.minute()
    leave(cast, mei)
    one_each(world.minute(), REST)


def test_left_within_a_day_of_a_session_a_stand_in_is_asked(
    cast: Cast, world: World, met: Circle
) -> None:
    session = met.sessions[0]
    with tenant(cast.acme):
        turns = Turn.objects.filter(session=session, role__leads=False)
        turn = turns.select_related("seat__enrolment__member")[0]
        before = set(Turn.objects.filter(session=session).values_list("role", "seat"))
    world.at(session.starts_at - timedelta(hours=20))
    world.minute()
    leave(cast, turn.seat.enrolment.member)
    letters = world.minute()
    with tenant(cast.acme):
        offer = TurnOffer.objects.for_list().get()
        asked = offer.asked.enrolment.member.given_name
        after = set(Turn.objects.filter(session=session).values_list("role", "seat"))
    assert offer.kind == TurnOffer.Kind.STAND_IN
    assert after == before - {(turn.role_id, turn.seat_id)}
    assert asked.lower() in letters


def test_left_what_a_coordinator_looked_after_passes_to_somebody_named(
    cast: Cast, world: World
) -> None:
    carl = make_member(cast.acme, "Carl", Member.Role.COORDINATOR)
    address = reverse("people:mark_left", args=["acme", cast.cora.pk]).removeprefix("/o/acme/")
    post(cast.olga, address, successor=str(carl.pk))
    mail = one_each(world.minute(), ["Carl"])
    assert "Cora Acme" in mail["carl"].text
    with tenant(cast.acme):
        assert successor_of(Member.objects.get(pk=cast.cora.pk)) == carl


def test_left_rows_stay_readable_by_hr(cast: Cast, world: World, met: Circle) -> None:
    mei = met.seat("Mei").enrolment.member
    leave(cast, mei)
    world.minute()
    with tenant(cast.acme):
        rows = Member.objects.visible_to(cast.hugo).filter(state="left")
        assert [row.pk for row in rows] == [mei.pk]


def test_left_a_tombstone_stands_for_who_is_erased(cast: Cast, world: World, met: Circle) -> None:
    """What happened stays, under a name that says nothing."""
    mei = met.seat("Mei").enrolment.member
    with tenant(cast.acme):
        hold_session(met.sessions[0])
    leave(cast, mei)
    world.minute()
    post(cast.olga, f"people/{mei.pk}/erase/")
    assert world.minute() == {}
    with tenant(cast.acme):
        erased = Member.objects.get(pk=mei.pk)
        assert erased.state == "left"
        assert "Mei" not in f"{erased.full_name} {erased.email}"
        assert Attendance.objects.filter(seat__enrolment__member=erased, kind="present").exists()
    shown = page(cast.petra, met.sessions[0].get_absolute_url())
    assert "Mei" not in shown
    assert "Former member" in shown


def test_the_last_owner_cannot_leave_or_be_demoted(cast: Cast, world: World) -> None:
    browser = sign_in(cast.olga)
    for name, data in (("people:mark_left", {}), ("accounts:change_role", {"role": "hr"})):
        answer = browser.post(reverse(name, args=["acme", cast.olga.pk]), data)
        assert (answer.status_code, "needs an owner" in answer.content.decode()) == (422, True)
    assert world.minute() == {}


def test_comes_back_by_a_new_invitation_and_what_was_closed_stays_closed(
    cast: Cast, world: World, met: Circle
) -> None:
    mei = met.seat("Mei").enrolment.member
    with tenant(cast.acme):
        feed = calendars.open_calendar(by=mei)
    leave(cast, mei)
    world.minute()
    post(cast.cora, f"people/{mei.pk}/invite/")
    letter = one_each(world.minute(), ["Mei"])["mei"]
    said = {"password": "a long password", "time_zone": "Europe/Berlin"}
    assert sign_in(mei).post(link(letter), said).status_code == 302
    world.minute()
    with tenant(cast.acme):
        mei.refresh_from_db()
        assert mei.state == "live"
        assert Enrolment.objects.get(member=mei).state == "withdrawn"
        assert met.partnership.seats.filter(left_at=None).count() == 5
    address = f"/calendar/{derived_secret(Key.Kind.CALENDAR, feed.pk)}.ics"
    assert Client().get(address).status_code == 404


def test_a_manager_change_that_puts_a_reporting_line_in_a_partnership_is_on_the_list(
    cast: Cast, world: World, met: Circle
) -> None:
    with tenant(cast.acme):
        people.update_member(member=cast.pavel, by=cast.cora, manager=cast.petra)
    world.minute()
    home = page(cast.cora)
    assert met.partnership.name in home
    assert "manage" in home or "report" in home


def test_two_who_are_one_person_are_merged_when_both_say_so(
    cast: Cast, world: World, met: Circle
) -> None:
    mei = met.seat("Mei").enrolment.member
    world.pass_(days=1)
    again = make_member(cast.acme, "Meimei", employee_id="M-1")
    post(cast.olga, f"people/{mei.pk}/merge/{again.pk}/", stays=str(mei.pk))
    asked = world.minute()  # both have joined: each of them says whether they are the other
    assert {mail[0].subject for name, mail in asked.items() if name in ("mei", "meimei")} == {
        f"Are you {again.full_name} ({again.email}) as well?",
        f"Are you {mei.full_name} ({mei.email}) as well?",
    }
    with tenant(cast.acme):
        proposal = MergeProposal.objects.get()
    for person in (mei, again):
        page(person, f"merges/{proposal.pk}/")
        post(person, f"merges/{proposal.pk}/", is_me="on")
    assert not {name for name, mail in world.minute().items() if "left" in mail[0].subject}
    with tenant(cast.acme):
        kept, gone = Member.objects.get(pk=mei.pk), Member.objects.get(pk=again.pk)
        assert (kept.state, kept.email, kept.employee_id) == ("live", mei.email, "M-1")
        assert (gone.state, gone.merged_into_id) == ("left", kept.pk)
        assert met.partnership.seats.filter(left_at=None).count() == 6
    assert sign_in(kept).get("/o/acme/").status_code == 200
