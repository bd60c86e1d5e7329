"""Session, sentence by sentence."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from core.accounts.operations import people
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from sessions.attendance.operations import replies
from sessions.models.sessions import Session
from sessions.planning.operations import changes
from tests.cast import Cast, sign_in
from tests.journeys.lifecycle.world import Letter, World, one_each, page, post
from tests.sessions.build import hold_session, make_partnership, plan
from tests.sessions.conftest import Circle

pytestmark = pytest.mark.slow

SIX = ("Petra", "Pavel", "Amara", "Jonas", "Leila", "Mei")


def state(session: Session) -> str:
    with tenant(session.organisation_id):
        return Session.objects.get(pk=session.pk).state


def leader(session: Session) -> Member:
    with tenant(session.organisation_id):
        turn = session.turns.select_related("seat__enrolment__member").get(role__leads=True)
        member: Member = turn.seat.enrolment.member
        return member


def of(letters: dict[str, list[Letter]], words: str) -> dict[str, list[Letter]]:
    """Return the mail whose subject has these words."""
    found = {
        name: [each for each in mail if words in each.subject] for name, mail in letters.items()
    }
    return {name: mail for name, mail in found.items() if mail}


def test_the_day_before_everybody_is_reminded_in_their_own_zone(
    cast: Cast, world: World, met: Circle
) -> None:
    with tenant(cast.acme):
        people.update_member(member=cast.pavel, by=cast.pavel, time_zone="Asia/Kolkata")
    session = met.sessions[0]
    world.at(session.starts_at - timedelta(hours=23))
    mail = one_each(world.minute(), SIX)
    local = session.starts_at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert f"{local:%H:%M}" in mail["pavel"].text
    assert f"{session.starts_at.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" in mail["petra"].text
    assert world.minute() == {}


def test_the_event_brings_an_alarm_of_its_own(world: World, met: Circle) -> None:
    for file in world.folder.glob("*.eml"):
        assert "BEGIN:VALARM" in file.read_text()


def test_the_facilitator_is_asked_that_evening_and_once_more_two_days_later_to_record(
    cast: Cast, world: World, met: Circle
) -> None:
    session = met.sessions[0]
    asked = leader(session).given_name.lower()
    world.at(session.starts_at + timedelta(hours=9))
    first = one_each(world.minute(), [asked])
    assert "ecord" in first[asked].subject
    world.pass_(days=1)
    assert of(world.minute(), "ecord") == {}
    world.pass_(days=1)
    assert list(of(world.minute(), "ecord")) == [asked]
    world.pass_(days=2)
    assert of(world.minute(), "ecord") == {}


def test_what_nobody_recorded_for_a_week_is_missed_and_correctable_for_thirty_days(
    cast: Cast, world: World, met: Circle
) -> None:
    session = met.sessions[0]
    world.at(session.starts_at + timedelta(days=7, hours=2))
    world.minute()
    assert state(session) == "missed"
    world.at(session.starts_at + timedelta(days=29))
    seats = {f"seat_{seat.pk.hex}": "present" for seat in met.seats}
    post(cast.petra, f"sessions/{session.pk}/record/", **seats)
    assert state(session) == "held"


def test_corrected_below_two_it_is_missed_and_both_are_told(
    cast: Cast, world: World, met: Circle
) -> None:
    with tenant(cast.acme):
        session = hold_session(met.sessions[0], by=cast.petra)
    world.at(session.starts_at + timedelta(hours=2))
    world.minute()
    alone = {f"seat_{seat.pk.hex}": "absent" for seat in met.seats}
    alone |= {f"seat_{met.seat('Petra').pk.hex}": "present"}
    post(cast.cora, f"sessions/{session.pk}/attendance/", **alone)
    letters = world.minute()
    assert state(session) == "missed"
    assert sorted(of(letters, "missed")) == sorted(name.lower() for name in SIX)


def test_present_is_preset_only_for_who_said_yes(cast: Cast, world: World, met: Circle) -> None:
    session = met.sessions[0]
    with tenant(cast.acme):
        replies.accept_invitation(session=session, seat=met.seat("Pavel"), by=cast.pavel)
    world.at(session.starts_at + timedelta(hours=2))
    shown = page(cast.petra, session.get_absolute_url())
    checked = re.findall(r'name="seat_(\w+)" value="present"[^>]*checked', shown)
    assert checked == [met.seat("Pavel").pk.hex]


def test_a_plan_that_puts_somebody_into_two_sessions_at_once_says_so_before_it_is_saved(
    cast: Cast, world: World, met: Circle, nadia: Member
) -> None:
    other = make_partnership(met.cohort, [cast.petra, nadia], name="Circle Oak")
    session = plan(other, first_at=met.sessions[0].starts_at + timedelta(days=1))[0]
    at = met.sessions[0].starts_at.astimezone(ZoneInfo("Europe/Berlin"))
    moved = {"starts_at": f"{at:%Y-%m-%dT%H:%M}", "duration_minutes": "60", "topic": "Ties"}
    said = sign_in(nadia).post(f"/o/acme/sessions/{session.pk}/reschedule/", moved)
    words = said.content.decode()
    assert "Petra Acme has another session on" in words
    assert 'value="Ties"' in words
    with tenant(cast.acme):
        assert Session.objects.get(pk=session.pk).starts_at == session.starts_at


def test_moved_it_keeps_its_place_in_calendars_with_the_next_sequence(
    cast: Cast, world: World, met: Circle
) -> None:
    session = met.sessions[1]
    uids = {uid for uid, event in world.calendar(cast.petra).items()}
    with tenant(cast.acme):
        changes.reschedule(
            session=session, starts_at=session.starts_at + timedelta(hours=1), by=cast.pavel
        )
    mail = one_each(world.minute(), SIX)
    for letter in mail.values():
        assert [(event.method, event.sequence) for event in letter.events] == [("REQUEST", 1)]
    assert set(world.calendar(cast.petra)) == uids


def test_cancelled_it_leaves_calendars_with_a_named_cause(
    cast: Cast, world: World, met: Circle
) -> None:
    with tenant(cast.acme):
        changes.cancel(session=met.sessions[1], cause="workload", by=cast.pavel)
    letters = world.minute()
    off = [event for mail in letters.values() for each in mail for event in each.events]
    assert [(e.method, e.sequence) for e in off if e.method == "CANCEL"] == [("CANCEL", 1)] * 6
    assert {len(world.calendar(member)) for member in met.members} == {5}
    one_each(letters, SIX)


def test_a_changed_zone_changes_what_a_person_reads_and_of_an_organisation_what_is_planned(
    cast: Cast, world: World, met: Circle, nadia: Member
) -> None:
    before = met.sessions[0].starts_at
    with tenant(cast.acme):
        chosen = OrganisationSettings.objects.get()
        OrganisationSettings.objects.filter(pk=chosen.pk).update(time_zone="America/New_York")
        people.update_member(member=cast.petra, by=cast.petra, time_zone="Asia/Kolkata")
    world.minute()
    with tenant(cast.acme):
        assert Session.objects.get(pk=met.sessions[0].pk).starts_at == before
    local = before.astimezone(ZoneInfo("Asia/Kolkata"))
    assert f"{local:%H:%M}" in page(cast.petra, met.sessions[0].get_absolute_url())
