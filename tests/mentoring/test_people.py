"""Inviting many and leaving: who exactly, what goes with it, and who takes over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from core.accounts.errors import NotAsSuccessor
from core.accounts.operations import invitations, people
from core.accounts.queries import successor_of
from core.common import clock
from core.members.keys import derived_secret
from core.members.models import Invitation, Key, Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from programs.models.programs import Enrolment
from sessions.calendar import operations as calendars
from tests.cast import Cast, make_member, sign_in
from tests.core.accounts.build import make_token
from tests.programs.build import make_cohort as open_cohort
from tests.programs.build import make_enrolment, make_program
from tests.sessions.build import NOON, make_cohort, make_partnership, plan
from tests.work import catch_up

INVITE = "/o/acme/people/invite-chosen/"


def in_state(member: Member, state: str) -> None:
    over = {"ended_at": clock.now()} if state == "withdrawn" else {}
    with tenant(member.organisation_id):
        Enrolment.objects.filter(member=member).update(state=state, **over)


@pytest.fixture
def crowd(cast: Cast) -> dict[str, Member]:
    """One of each: whom an invitation would be right for, and whom not."""
    cohort = open_cohort(make_program(cast.acme))
    found = {
        name: make_member(cast.acme, name, live=False, department="Tide")
        for name in (
            *("Accepted", "Plain", "Late", "Waitlisted", "Declined", "Withdrawn", "No", "Dry"),
            "Boss",
        )
    }
    for name in ("Accepted", "Waitlisted", "Declined", "Withdrawn"):
        make_enrolment(cohort, found[name])
        in_state(found[name], name.lower())
    with tenant(cast.acme):
        Member.objects.filter(pk=found["Dry"].pk).update(department="Dry land")
        Member.objects.filter(pk=found["Boss"].pk).update(role="owner")
        with clock.at(clock.now() - timedelta(days=9)):
            invitations.send_invitation(member=found["Late"], by=cast.cora)
        no = invitations.send_invitation(member=found["No"], by=cast.cora)
    Client().post(f"/invitation/{derived_secret(Key.Kind.INVITATION, no.pk)}/", {"decline": "y"})
    return found


def test_a_place_is_said_in_the_language_of_who_is_invited_whoever_invites(cast: Cast):
    ines = make_member(cast.acme, "Ines", live=False)
    cohort = open_cohort(make_program(cast.acme))
    make_enrolment(cohort, ines)
    with tenant(cast.acme):
        Member.objects.filter(pk=ines.pk).update(language="es")
    sign_in(cast.cora).post(
        f"/o/acme/cohorts/{cohort.pk}/people/invite-chosen/",
        {"confirm": "yes", "person": [ines.pk]},
    )
    with tenant(cast.acme):
        place = Invitation.objects.get().place
    with translation.override("es"):
        first = date_format(cohort.starts_on, "j F Y")
    assert (place["part"], place["dates"].partition(" – ")[0]) == ("Par", first)
    assert " de " in first


def test_exactly_the_filtered_are_invited_and_the_page_says_who_is_not(cast: Cast, crowd):
    browser = sign_in(cast.cora)
    page = browser.post(f"{INVITE}?department=Tide", {"all": "yes"}).content.decode()
    assert "2 people get a first invitation." in page
    assert "1 person is reminded" in page
    for words in ("on a waiting list", "not accepted", "withdrawn", "declined the invitation"):
        assert f"1 {words}" in page
    assert "1 to be invited by an owner" in page
    assert "Send 3 e-mails" in page
    with tenant(cast.acme):
        before = Email.objects.count()
    shown = [crowd[name].pk for name in ("Accepted", "Plain", "Late")]
    assert all(f'value="{pk}"' in page for pk in shown)
    answer = browser.post(
        f"{INVITE}?department=Tide", {"confirm": "yes", "person": [str(pk) for pk in shown]}
    )
    assert answer.headers["Location"] == "/o/acme/people/?department=Tide"
    with tenant(cast.acme):
        assert Email.objects.count() == before + 3
        invited = Invitation.objects.open().filter(declined_at=None)
        assert {row.member_id for row in invited} == set(shown)
        place = invited.get(member=crowd["Accepted"]).place
    assert place["program"]
    assert place["part"] == "Peer"
    assert place["dates"] == "11 January 2027 – 25 June 2027"
    again = browser.post(f"{INVITE}?department=Tide", {"all": "yes"}).content.decode()
    assert "0 people get a first invitation." in again
    assert "3 people are reminded" in again


def test_only_those_ticked_and_nobody_by_a_forged_form(cast: Cast, crowd):
    browser = sign_in(cast.cora)
    ticked = [str(crowd["Plain"].pk), str(crowd["Waitlisted"].pk), "nonsense", str(cast.greta.pk)]
    page = browser.post(INVITE, {"person": ticked}).content.decode()
    assert "Send 1 e-mail" in page
    assert browser.post(INVITE, {"person": ticked, "confirm": "yes"}).status_code == 302
    with tenant(cast.acme):
        fresh = Invitation.objects.filter(created_at__gt=clock.now() - timedelta(minutes=5))
        assert {row.member_id for row in fresh} == {crowd["Plain"].pk, crowd["No"].pk}
    with tenant(cast.acme):
        assert invitations.send_invitations(members=[cast.petra, crowd["No"]], by=cast.cora) == 0


@pytest.mark.parametrize("who", ["hugo", "petra", "greta"])
def test_others_invite_and_mark_nobody(cast: Cast, who: str):
    browser = sign_in(getattr(cast, who))
    wanted = 404 if who == "greta" else 403
    assert browser.post(INVITE, {"all": "yes", "confirm": "yes"}).status_code == wanted
    url = reverse("people:mark_left", args=["acme", cast.pavel.pk])
    assert browser.get(url).status_code == browser.post(url).status_code == wanted
    with tenant(cast.acme):
        cast.pavel.refresh_from_db()
    assert cast.pavel.state == "live"


def test_a_foreign_person_is_not_marked(cast: Cast):
    url = reverse("people:mark_left", args=["acme", cast.greta.pk])
    assert sign_in(cast.olga).post(url).status_code == 404


def test_the_page_counts_what_goes_with_a_person(cast: Cast):
    with clock.at(NOON):
        circle = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel, cast.hugo])
        coming = len(plan(circle))
        page = sign_in(cast.cora).get(reverse("people:mark_left", args=["acme", cast.petra.pk]))
    words = " ".join(page.content.decode().split())
    assert "1 partnership loses a partner: 2 people are concerned" in words
    assert f"{coming} sessions to come" in words
    assert "1 place or application in a cohort" in words
    assert 'name="successor"' not in words


def test_somebody_leaves_by_themselves_and_is_out(cast: Cast):
    browser = sign_in(cast.petra)
    assert "Leave Acme?" in browser.get(reverse("people:leave", args=["acme"])).content.decode()
    assert browser.post(reverse("people:leave", args=["acme"])).status_code == 302
    assert browser.get("/o/acme/me/").status_code == 404
    assert browser.get("/organisations/").status_code == 200


def test_the_last_owner_is_refused_where_they_are(cast: Cast):
    browser = sign_in(cast.olga)
    for url, typed in (
        (reverse("people:leave", args=["acme"]), {}),
        (reverse("people:mark_left", args=["acme", cast.olga.pk]), {}),
        (reverse("accounts:change_role", args=["acme", cast.olga.pk]), {"role": "participant"}),
    ):
        answer = browser.post(url, typed)
        assert answer.status_code == 422
        assert "needs an owner" in answer.content.decode()


def test_who_leaves_names_who_takes_over_and_they_are_told(cast: Cast):
    make_token(cast.cora, name="HR pull")
    carl = make_member(cast.acme, "Carl", "coordinator")
    browser = sign_in(cast.olga)
    url = reverse("people:mark_left", args=["acme", cast.cora.pk])
    page = browser.get(url).content.decode()
    assert "1 API token stops" in page
    assert f'value="{carl.pk}"' in page
    assert f'value="{cast.hugo.pk}"' not in page
    assert browser.post(url, {"successor": str(cast.hugo.pk)}).status_code == 422
    assert browser.post(url, {"successor": str(carl.pk)}).status_code == 302
    with tenant(cast.acme):
        cora = Member.objects.get(pk=cast.cora.pk)
        assert successor_of(cora) == carl
        email = Email.objects.get(kind="accounts.taken_over")
        assert (email.member_id, email.context["tokens"]) == (carl.pk, ["HR pull"])
    assert "Carl Acme" in browser.get(cora.get_absolute_url()).content.decode()
    with tenant(cast.acme):
        people.mark_left(member=carl, by=cast.olga)
        assert successor_of(Member.objects.get(pk=cora.pk)) == cast.olga
        assert successor_of(cast.olga) == cast.olga
        with pytest.raises(NotAsSuccessor):
            people.mark_left(member=cast.petra, by=cast.olga, successor=cora)


@pytest.mark.slow
def test_a_calendar_from_before_stays_dead_when_somebody_is_back(cast: Cast):
    with tenant(cast.acme):
        feed = calendars.open_calendar(by=cast.petra)
    address = f"/calendar/{derived_secret(Key.Kind.CALENDAR, feed.pk)}.ics"
    assert Client().get(address).status_code == 200
    with tenant(cast.acme):
        people.mark_left(member=cast.petra, by=cast.cora)
    assert Client().get(address).status_code == 404
    with tenant(cast.acme):
        invitation = invitations.send_invitation(member=cast.petra, by=cast.cora)
    secret = derived_secret(Key.Kind.INVITATION, invitation.pk)
    assert sign_in(cast.petra).post(f"/invitation/{secret}/").status_code == 302
    catch_up()
    assert Client().get(address).status_code == 404
