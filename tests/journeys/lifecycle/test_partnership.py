"""Partnership and seat, row by row."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from agreements.charters import operations as charters
from agreements.decisions.models import Decision
from agreements.goals import operations as goals
from agreements.goals.models import Goal
from core.members.models import Member
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import ProposalSeat
from programs.models.programs import Cohort, Enrolment
from programs.operations import enrolments
from sessions.models.sessions import OffCause, Session, Turn
from tests.agreements.build import deciding
from tests.cast import Cast, make_member, sign_in
from tests.journeys.lifecycle.world import World, one_each, page, post
from tests.pairing import build
from tests.sessions.build import hold_session, make_cohort, make_partnership, plan
from tests.sessions.conftest import Circle

pytestmark = pytest.mark.slow

SIX = ("Petra", "Pavel", "Amara", "Jonas", "Leila", "Mei")
DUE = date(2026, 5, 20)
FOUR = ("Uma", "Vito", "Wanda", "Xaver")


def sessions(partnership: Partnership) -> list[tuple[str, str]]:
    with tenant(partnership.organisation_id):
        rows = Session.objects.filter(partnership=partnership).order_by("starts_at")
        return list(rows.values_list("state", "cause"))


def state(partnership: Partnership) -> tuple[str, str]:
    with tenant(partnership.organisation_id):
        partnership.refresh_from_db()
        return partnership.state, partnership.end_reason


def sitting(partnership: Partnership) -> set[str]:
    with tenant(partnership.organisation_id):
        rows = Seat.objects.open().filter(partnership=partnership)
        return set(rows.values_list("enrolment__member__given_name", flat=True))


def states_of(cohort: Cohort) -> dict[str, str]:
    with tenant(cohort.organisation_id):
        rows = Enrolment.objects.filter(cohort=cohort)
        return dict(rows.values_list("member__given_name", "state"))


def seat_of(partnership: Partnership, given_name: str) -> Seat:
    rows = Seat.objects.open().filter(
        partnership=partnership, enrolment__member__given_name=given_name
    )
    return rows.get()


def test_published_both_sides_are_told_why_and_what_is_next(cast: Cast, world: World) -> None:
    """Who has withdrawn since the run is left out, their partner becomes left over."""
    cohort = build.make_mentor_cohort(cast.acme, mentees=4, mentors=3)
    run = build.make_run(cohort, cast.cora)
    with tenant(cast.acme):
        seats = ProposalSeat.objects.filter(proposal__run=run).select_related("enrolment__member")
        gone = next(seat for seat in seats if seat.part == "mentee").enrolment
        enrolments.withdraw(enrolment=gone, by=gone.member, reason="work")
    world.minute()

    page(cast.cora, f"match-runs/{run.pk}/publish/")
    post(cast.cora, f"match-runs/{run.pk}/publish/")
    letters = world.minute()

    with tenant(cast.acme):
        pairs = [sitting(pair) for pair in Partnership.objects.all()]
        assert len(pairs) == 2
        seated = set().union(*pairs)
        everybody = {"Mentee0", "Mentee1", "Mentee2", "Mentee3", "Mentor0", "Mentor1", "Mentor2"}
        left_over = everybody - seated - {gone.member.given_name}
        mail = one_each(letters, [*seated, *left_over])
        assert {mail[name.lower()].subject.partition(" with ")[0] for name in seated} == {
            "You are working"
        }
        assert {mail[name.lower()].subject for name in left_over} == {
            f"No mentor for you yet in {cohort.program.name}",
            f"No mentee for you yet in {cohort.program.name}",
        }
        for name in seated:
            assert {event.method for event in mail[name.lower()].events} == {"PUBLISH"}
            assert {event.sequence for event in mail[name.lower()].events} == {0}
            assert len(mail[name.lower()].events) == cohort.program.sessions_planned
        assert states_of(cohort) == dict.fromkeys(everybody, "active") | {
            gone.member.given_name: "withdrawn"
        }
    waiting = page(cast.cora, f"cohorts/{cohort.pk}/waiting/")
    assert all(name in waiting for name in left_over)


def test_a_publication_is_undone_within_a_day_while_nobody_has_met(
    cast: Cast, world: World
) -> None:
    cohort = build.make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    run = build.make_run(cohort, cast.cora)
    world.minute()
    post(cast.cora, f"match-runs/{run.pk}/publish/")
    world.minute()
    page(cast.cora, f"match-runs/{run.pk}/undo/")

    post(cast.cora, f"match-runs/{run.pk}/undo/")
    mail = one_each(world.minute(), ("Mentee0", "Mentee1", "Mentor0", "Mentor1"))

    assert {letter.subject for letter in mail.values()} == {
        f"We are matching you again in {cohort.program.name}"
    }
    for letter in mail.values():
        assert {(e.method, e.sequence) for e in letter.events} == {("CANCEL", 1)}
        assert world.calendars[letter.to] == {}
    with tenant(cast.acme):
        assert {pair.state for pair in Partnership.objects.all()} == {"withdrawn"}
    assert set(states_of(cohort).values()) == {"accepted"}


def test_somebody_is_seated_in_a_running_circle(
    cast: Cast, world: World, met: Circle, nadia: Member
) -> None:
    """The price is shown; the members are told, the season is dealt anew, calendars follow."""
    with tenant(cast.acme):
        goal = words(met, "Speak up", cast.petra)
        charters.begin_charter(partnership=met.partnership, by=cast.petra)
    enrolment = build.enrol(met.cohort, nadia, "peer")
    world.minute()

    assert "with this person" in page(cast.cora, f"partnerships/{met.partnership.pk}/seats/")
    post(cast.cora, f"partnerships/{met.partnership.pk}/seats/", enrolment=enrolment.pk)
    mail = one_each(world.minute(), (*SIX, "Nadia"))

    assert mail["nadia"].subject == f"Your circle is {met.partnership.name}"
    assert mail["nadia"].methods == ["PUBLISH"] * 6
    assert {mail[name.lower()].subject for name in SIX} == {
        f"Nadia Acme joins {met.partnership.name}"
    }
    assert sitting(met.partnership) == {*SIX, "Nadia"}
    with tenant(cast.acme):
        assert Turn.objects.filter(seat__enrolment=enrolment).exists()
        dealt = Turn.objects.filter(session__partnership=met.partnership).count()
    assert dealt == 6 * 4
    changed = [mail[name.lower()].events for name in SIX]
    # one session asks; whose turns changed in several, which ids decide, gets them all as they are
    for events in changed:
        method = "REQUEST" if len(events) == 1 else "PUBLISH"
        assert [event.method for event in events] == [method] * len(events)
    assert min(event.sequence for events in changed for event in events) > 0
    assert {len(world.calendar(member)) for member in (*met.members, nadia)} == {6}
    # newcomers read the living texts, and these ask for their word
    assert goal.title in page(nadia, f"partnerships/{met.partnership.pk}/goals/")
    assert "Nadia" in page(cast.petra, f"partnerships/{met.partnership.pk}/")


def second_circle(cast: Cast, world: World, met: Circle) -> Partnership:
    people = [make_member(cast.acme, name) for name in FOUR]
    other = build.make_partnership(met.cohort, *people, name="Circle Oak")
    world.minute()
    return other


def test_somebody_moves_from_one_circle_to_another_as_one_act(
    cast: Cast, world: World, met: Circle
) -> None:
    other = second_circle(cast, world, met)
    mei = met.seat("Mei").enrolment
    before = set(world.calendar(mei.member))

    post(cast.cora, f"cohorts/{met.cohort.pk}/seat/{mei.pk}/", partnership=other.pk)
    mail = one_each(world.minute(), (*SIX, *FOUR))

    assert sitting(met.partnership) == {*SIX} - {"Mei"}
    assert sitting(other) == {*FOUR, "Mei"}
    assert mail["mei"].subject == "Your circle is Circle Oak"
    assert sorted(mail["mei"].methods) == ["CANCEL"] * 6 + ["PUBLISH"] * 6
    assert before.isdisjoint(world.calendar(mei.member))
    assert len(world.calendar(mei.member)) == 6
    for name in {*SIX} - {"Mei"}:
        assert mail[name.lower()].subject == f"Mei Acme has left {met.partnership.name}"
    for name in FOUR:
        assert mail[name.lower()].subject == "Mei Acme joins Circle Oak"


def test_two_circles_join_and_one_name_charter_and_calendar_stays(
    cast: Cast, world: World, met: Circle
) -> None:
    other = second_circle(cast, world, met)
    join = f"partnerships/{met.partnership.pk}/join/"
    page(cast.cora, join)

    post(cast.cora, join, other=other.pk, stays="this", name="this")
    mail = one_each(world.minute(), (*SIX, *FOUR))

    assert state(other) == ("ended", "joined")
    assert set(sessions(other)) == {("cancelled", OffCause.ENDED)}
    assert sitting(met.partnership) == {*SIX, *FOUR}
    for name in FOUR:
        assert sorted(mail[name.lower()].methods) == ["CANCEL"] * 6 + ["PUBLISH"] * 6
        assert mail[name.lower()].subject == f"Your circle is {met.partnership.name}"
    (subject,) = {mail[name.lower()].subject for name in SIX}
    assert subject == f"4 people join {met.partnership.name}"
    assert {len(kept) for kept in world.calendars.values()} == {6}


def test_a_seat_is_vacated_and_the_others_share_the_turns_to_come(
    cast: Cast, world: World, met: Circle
) -> None:
    """Who left the seat but not the organisation is rid of all to come, the rest get an update."""
    enrolment = met.seat("Mei").enrolment
    post(cast.cora, f"enrolments/{enrolment.pk}/withdraw/", reason="work", on_request="yes")
    mail = one_each(world.minute(), SIX)

    assert mail["mei"].methods == ["CANCEL"] * 6
    assert {event.sequence for event in mail["mei"].events} == {1}
    assert world.calendar(enrolment.member) == {}
    for name in {*SIX} - {"Mei"}:
        assert mail[name.lower()].subject == f"Mei Acme has left {met.partnership.name}"
        assert "CANCEL" not in mail[name.lower()].methods
    with tenant(cast.acme):
        turns = Turn.objects.filter(session__partnership=met.partnership)
        assert turns.filter(seat__enrolment=enrolment).count() == 0
        assert turns.count() == 6 * 4
        enrolment.refresh_from_db()
        assert (enrolment.state, enrolment.end_reason) == ("withdrawn", "work")


def test_a_circle_under_its_size_is_on_the_coordinators_list(
    cast: Cast, world: World, met: Circle
) -> None:
    for name in ("Mei", "Leila", "Jonas", "Amara"):
        enrolment = met.seat(name).enrolment
        with tenant(cast.acme):
            enrolments.withdraw(enrolment=enrolment, by=enrolment.member, reason="work")
    world.minute()
    home = page(cast.cora)
    assert met.partnership.name in home
    assert "Seat somebody" in home
    assert "or join two circles" in home


def test_a_circle_pauses_and_goes_on_by_itself(cast: Cast, world: World, met: Circle) -> None:
    """What lies in the pause is off and out of calendars, outside every figure, never missed."""
    until = date(2026, 4, 10)
    decision = deciding(met)
    with tenant(cast.acme):
        before = Decision.objects.get(pk=decision.pk).closes_at
    world.minute()
    post(cast.cora, f"partnerships/{met.partnership.pk}/pause/", until=until.isoformat())
    mail = one_each(world.minute(), SIX)

    assert {letter.subject for letter in mail.values()} == {
        f"{met.partnership.name} is paused for a while"
    }
    for letter in mail.values():
        assert {(e.method, e.sequence) for e in letter.events} == {("CANCEL", 1)}
        assert len(letter.events) == 3
    assert sessions(met.partnership) == [("cancelled", OffCause.PAUSED)] * 3 + [("planned", "")] * 3
    assert "paused" in page(cast.petra, f"partnerships/{met.partnership.pk}/").lower()

    world.pass_(days=20)
    assert world.minute() == {}  # no kits, no check-ins, no reminders
    world.at(datetime(2026, 4, 10, 9, tzinfo=UTC))
    mail = one_each(
        {
            # kits and check-ins come from no act: their day has come too
            name: [
                each for each in letters if not re.search("you lead on|Have you met", each.subject)
            ]
            for name, letters in world.minute().items()
        },
        SIX,
    )
    assert {letter.subject for letter in mail.values()} == {f"{met.partnership.name} goes on"}
    assert state(met.partnership)[0] == "active"
    assert sessions(met.partnership)[:3] == [("cancelled", OffCause.PAUSED)] * 3
    with tenant(cast.acme):
        after = Decision.objects.get(pk=decision.pk).closes_at
        assert before is not None
        assert after is not None
        assert (after - before).days in {38, 39}


def test_a_pair_pauses_by_either_and_all_comes_back_when_it_is_resumed(
    cast: Cast, world: World
) -> None:
    cohort = make_cohort(cast.acme, format="mentor")
    pair = make_partnership(cohort, [cast.petra, cast.pavel], parts=("mentor", "mentee"), name="PP")
    plan(pair)
    world.minute()
    post(cast.pavel, f"partnerships/{pair.pk}/pause/", until="2026-05-20")
    mail = one_each(world.minute(), ("Petra", "Pavel"))
    assert {letter.subject for letter in mail.values()} == {"PP is paused for a while"}
    off = {event.uid: event.sequence for event in mail["petra"].events}
    assert len(off) == 6

    world.pass_(days=1)
    post(cast.petra, f"partnerships/{pair.pk}/resume/")
    mail = one_each(world.minute(), ("Petra", "Pavel"))
    back = {event.uid: event.sequence for event in mail["petra"].events}
    assert mail["petra"].methods == ["PUBLISH"] * 6
    assert back == {uid: sequence + 1 for uid, sequence in off.items()}
    assert set(sessions(pair)) == {("planned", "")}


def test_ended_what_is_to_come_is_off_and_what_is_open_is_closed_with_a_word(
    cast: Cast, world: World, met: Circle
) -> None:
    decision = deciding(met)
    world.minute()
    with tenant(cast.acme):
        hold_session(met.sessions[0])
    world.at(met.sessions[0].starts_at + timedelta(hours=3))
    world.minute()
    post(cast.cora, f"partnerships/{met.partnership.pk}/end/", reason="fit")
    mail = one_each(world.minute(), SIX)

    assert {letter.subject for letter in mail.values()} == {f"{met.partnership.name} has ended"}
    for letter in mail.values():
        assert letter.methods == ["CANCEL"] * 5
    assert sessions(met.partnership) == [("held", "")] + [("cancelled", OffCause.ENDED)] * 5
    with tenant(cast.acme):
        decision.refresh_from_db()
        assert decision.state == Decision.State.WITHDRAWN
        later_session = Session.objects.get(pk=met.sessions[2].pk)
    # recording or moving afterwards is refused, on the page
    answer = sign_in(cast.petra).get(later_session.get_absolute_url())
    assert "Record this session" not in answer.content.decode()
    assert set(states_of(met.cohort).values()) == {"active"}
    for name in SIX:
        assert name in page(cast.cora, f"cohorts/{met.cohort.pk}/waiting/")


def words(circle: Circle, title: str, by: Member) -> Goal:
    """Write something that stays: a goal for all of them."""
    return goals.set_goal(
        partnership=circle.partnership, title=title, due_on=DUE, by=by, shared=True
    )


def test_who_has_left_reads_what_was_written_while_they_were_there(
    cast: Cast, world: World, met: Circle
) -> None:
    assert "Early words" in _goals_after_leaving(cast, world, met)


def test_who_has_left_reads_nothing_that_was_written_after(
    cast: Cast, world: World, met: Circle
) -> None:
    assert "Late words" not in _goals_after_leaving(cast, world, met)


def _goals_after_leaving(cast: Cast, world: World, met: Circle) -> str:
    mei = met.seat("Mei").enrolment
    with tenant(cast.acme):
        words(met, "Early words", cast.petra)
        enrolments.withdraw(enrolment=mei, by=None, reason="other")
    world.minute()
    with tenant(cast.acme):
        words(met, "Late words", cast.petra)
    answer = sign_in(mei.member).get(f"/o/acme/partnerships/{met.partnership.pk}/goals/")
    return answer.content.decode()


def test_place_and_video_link_are_for_those_who_come(cast: Cast, world: World, met: Circle) -> None:
    mei = met.seat("Mei").enrolment
    session = met.sessions[1]
    assert session.video_url
    with tenant(cast.acme):
        enrolments.withdraw(enrolment=mei, by=mei.member, reason="other")
    world.minute()
    for reader in (mei.member, cast.cora):
        shown = sign_in(reader).get(session.get_absolute_url()).content.decode()
        assert session.video_url not in shown, reader
    assert session.video_url in page(cast.petra, session.get_absolute_url())
