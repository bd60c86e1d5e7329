"""Enrolment, row by row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.tenancy.context import tenant
from pairing.partnerships.operations import partnerships
from programs.models.programs import Cohort, Enrolment
from programs.operations import cohorts, enrolments
from sessions.models.sessions import Absence, Turn
from tests.cast import Cast, sign_in
from tests.journeys.lifecycle.world import World, one_each, page, post
from tests.pairing import build
from tests.programs.build import make_application, make_cohort, make_enrolment, make_program
from tests.sessions.conftest import Circle

pytestmark = pytest.mark.slow

REST = ("Petra", "Pavel", "Amara", "Jonas", "Leila")


def state(enrolment: Enrolment) -> str:
    with tenant(enrolment.organisation_id):
        return Enrolment.objects.get(pk=enrolment.pk).state


def test_who_applies_gets_a_confirmation_and_stands_on_the_coordinators_home(
    cast: Cast, world: World
) -> None:
    cohort = make_cohort(make_program(cast.acme, "Leading"))
    post(cast.petra, f"cohorts/{cohort.pk}/join/", part="peer", expectations="on")
    with tenant(cast.acme):
        enrolment = Enrolment.objects.get(member=cast.petra)
    letters = world.minute()
    assert [("Leading" in letter.text) for letter in letters.pop("petra")] == [True]
    assert set(letters) == {"cora"}  # who is told that it waits
    assert "pplication" in page(cast.cora)
    assert enrolment.state in {"applied", "accepted"}


def test_decided_the_person_is_told_at_once_with_the_coordinators_words(
    cast: Cast, world: World
) -> None:
    cohort = make_cohort(make_program(cast.acme))
    rows = [make_application(cohort, who) for who in (cast.petra, cast.pavel, cast.hugo)]
    world.minute()
    post(cast.cora, f"enrolments/{rows[0].pk}/accept/", words="Good to have you.", confirmed="yes")
    post(
        cast.cora,
        f"enrolments/{rows[1].pk}/decline/",
        reason="places",
        words="Next time.",
        confirmed="yes",
    )
    post(cast.cora, f"enrolments/{rows[2].pk}/waitlist/", words="Soon.", confirmed="yes")
    mail = one_each(world.minute(), ("Petra", "Pavel", "Hugo"))
    assert "Good to have you." in mail["petra"].text
    assert "Next time." in mail["pavel"].text
    assert "More people applied than there are places" in mail["pavel"].text
    assert "Soon." in mail["hugo"].text
    assert [state(row) for row in rows] == ["accepted", "declined", "waitlisted"]
    assert "waiting list" in page(cast.hugo)


def test_waitlisted_who_is_first_moves_up_when_a_place_is_freed(cast: Cast, world: World) -> None:
    cohort = make_cohort(make_program(cast.acme), places=1)
    with tenant(cast.acme):
        Cohort.objects.filter(pk=cohort.pk).update(entry=Cohort.Entry.OPEN)
        cohort.refresh_from_db()
    first = make_enrolment(cohort, cast.petra)
    world.pass_(hours=1)
    waiting = make_application(cohort, cast.pavel)
    assert waiting.state == "waitlisted"
    world.minute()
    post(cast.petra, f"cohorts/{cohort.pk}/join/leave/", reason="work")
    mail = one_each(world.minute(), ("Petra", "Pavel"))
    assert (state(first), state(waiting)) == ("withdrawn", "accepted")
    assert "place" in mail["pavel"].subject


def test_waitlisted_comes_ahead_of_everybody_new_in_the_next_cohort(
    cast: Cast, world: World
) -> None:
    program = make_program(cast.acme)
    spring = make_cohort(program, places=1)
    make_enrolment(spring, cast.petra)
    make_application(spring, cast.pavel)
    with tenant(cast.acme):
        for phase in ("matching", "running", "closing", "closed"):
            cohorts.move_cohort(cohort=spring, to=phase, by=cast.cora, confirmed=True)
    world.minute()
    autumn = make_cohort(program, "Autumn", places=1)
    mail = one_each(world.minute(), ["Pavel"])
    assert "first" in mail["pavel"].subject.lower()
    with tenant(cast.acme):
        assert Enrolment.objects.get(cohort=autumn).member_id == cast.pavel.pk


def test_entered_by_hand_somebody_is_told_and_asked_for_what_is_missing(
    cast: Cast, world: World
) -> None:
    cohort = make_cohort(make_program(cast.acme))
    with tenant(cast.acme):
        enrolments.enrol_directly(cohort=cohort, member=cast.petra, part="peer", by=cast.cora)
    mail = one_each(world.minute(), ["Petra"])
    assert "Cora Acme has given you a place in Leading" in mail["petra"].text
    assert "expectations" in page(cast.petra)


def test_answers_change_until_the_cohort_is_closed_and_published_partnerships_stay(
    cast: Cast, world: World, met: Circle
) -> None:
    answer = sign_in(cast.petra).get(f"/o/acme/cohorts/{met.cohort.pk}/join/")
    assert answer.status_code == 200
    post(cast.petra, f"cohorts/{met.cohort.pk}/join/", part="peer")
    assert world.minute() == {}
    with tenant(cast.acme):
        met.partnership.refresh_from_db()
        assert met.partnership.seats.filter(left_at=None).count() == 6


def test_not_this_month_is_a_break_in_a_circle_that_ends_by_itself(
    cast: Cast, world: World, met: Circle
) -> None:
    until = met.sessions[2].starts_at.date()
    post(cast.petra, f"cohorts/{met.cohort.pk}/join/pause/", until=until.isoformat())
    letters = world.minute()
    with tenant(cast.acme):
        away = Absence.objects.filter(seat=met.seat("Petra"), on_break=True)
        assert away.count() == 2
        turns = Turn.objects.filter(seat=met.seat("Petra"), session__in=met.sessions[:2])
        assert not turns.exists()
    assert "petra" in letters
    assert "pause" in page(cast.petra, f"cohorts/{met.cohort.pk}/join/").lower()
    world.at(met.sessions[2].starts_at - timedelta(hours=1))
    world.minute()
    with tenant(cast.acme):
        assert Enrolment.objects.get(pk=met.seat("Petra").enrolment_id).paused_until is None


def test_not_this_month_is_said_in_one_email(cast: Cast, world: World, met: Circle) -> None:
    until = met.sessions[2].starts_at.date()
    post(cast.petra, f"cohorts/{met.cohort.pk}/join/pause/", until=until.isoformat())
    assert {len(mail) for mail in world.minute().values()} == {1}


def test_withdrawn_within_a_day_it_is_undone_and_the_same_people_are_told(
    cast: Cast, world: World, met: Circle
) -> None:
    enrolment = met.seat("Mei").enrolment
    mei = enrolment.member
    post(mei, f"cohorts/{met.cohort.pk}/join/leave/", reason="work")
    one_each(world.minute(), (*REST, "Mei"))
    assert state(enrolment) == "withdrawn"
    post(mei, f"cohorts/{met.cohort.pk}/join/leave/undo/")
    letters = world.minute()
    assert state(enrolment) in {"accepted", "active"}
    assert "mei" in letters


def test_a_coordinators_act_is_never_stored_as_the_persons_wish(
    cast: Cast, world: World, met: Circle
) -> None:
    enrolment = met.seat("Mei").enrolment
    answer = sign_in(cast.cora).post(
        f"/o/acme/enrolments/{enrolment.pk}/withdraw/", {"reason": "own_wish", "on_request": "no"}
    )
    assert answer.status_code == 422
    assert state(enrolment) == "active"


def test_left_over_after_publishing_is_told_why_and_goes_first_in_the_next_run(
    cast: Cast, world: World
) -> None:
    cohort = build.make_mentor_cohort(cast.acme, mentees=2, mentors=1)
    run = build.make_run(cohort, cast.cora)
    world.minute()
    build.publish(run, cast.cora)
    mail = world.minute()
    (alone,) = [name for name, each in mail.items() if each[0].subject.startswith("No mentor")]
    assert "first" in mail[alone][0].text
    build.person(cohort, "Late", "mentee")
    build.person(cohort, "Free", "mentor")
    world.minute()
    build.publish(build.make_run(cohort, cast.cora), cast.cora)
    assert "working with Free" in " ".join(each.subject for each in world.minute()[alone])


def test_completed_when_the_last_partnership_of_it_is_over_and_one_was_completed(
    cast: Cast, world: World, met: Circle
) -> None:
    with tenant(cast.acme):
        partnerships.end_partnership(
            partnership=met.partnership, reason="goals_met", by=None, state="completed"
        )
    mail = one_each(world.minute(), (*REST, "Mei"))
    assert {state(seat.enrolment) for seat in met.seats} == {"completed"}
    assert {tuple(letter.methods) for letter in mail.values()} == {("CANCEL",) * 6}
    with tenant(cast.acme):
        assert not Enrolment.objects.filter(state="active").exists()
