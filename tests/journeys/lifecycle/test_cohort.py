"""Cohort, row by row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from feedback.surveys.base import open_due
from feedback.surveys.closing import CLOSING
from feedback.surveys.items import midnight, my_open_surveys
from pairing.models.partnerships import Partnership
from programs.models.programs import Cohort, Enrolment
from programs.operations import cohorts
from sessions.models.sessions import Attendance, Session
from tests.cast import Cast
from tests.journeys.lifecycle.world import World, one_each, page, post
from tests.pairing import build
from tests.programs.build import make_cohort, make_enrolment, make_program
from tests.sessions.conftest import Circle

pytestmark = pytest.mark.slow

SIX = ("Petra", "Pavel", "Amara", "Jonas", "Leila", "Mei")


def phase(cohort: Cohort) -> str:
    with tenant(cohort.organisation_id):
        return Cohort.objects.get(pk=cohort.pk).phase


def test_before_enrolling_the_launch_check_names_what_is_missing(cast: Cast, world: World) -> None:
    program = make_program(cast.acme)
    with tenant(cast.acme):
        program.expectations = ""
        program.save(update_fields=["expectations"])
    cohort = make_cohort(program, phase="draft")
    assert "xpectations" in page(cast.cora, f"cohorts/{cohort.pk}/move/?to=enrolling")


def test_publishing_never_moves_the_phase_ahead_of_the_date(cast: Cast, world: World) -> None:
    starts_on = world.now().date() + timedelta(days=14)
    cohort = build.make_cohort(cast.acme, starts_on=starts_on)
    for name, part in (("Ada", "mentee"), ("Mo", "mentor")):
        build.person(cohort, name, part)
    build.publish(build.make_run(cohort, cast.cora), cast.cora)
    world.minute()
    assert phase(cohort) == "matching"
    world.pass_(days=14)
    world.minute()
    assert phase(cohort) == "running"


def test_running_with_nobody_partnered_asks(cast: Cast, world: World) -> None:
    cohort = build.make_cohort(cast.acme)
    build.person(cohort, "Ada", "mentee")
    assert "Nobody" in page(cast.cora, f"cohorts/{cohort.pk}/move/?to=running")
    assert phase(cohort) == "matching"


def close(cast: Cast, world: World, met: Circle) -> None:
    for to in ("closing", "closed"):
        page(cast.cora, f"cohorts/{met.cohort.pk}/move/?to={to}")
        post(cast.cora, f"cohorts/{met.cohort.pk}/move/", to=to, confirmed="on")
        if to == "closing":
            world.minute()


def test_closing_partners_are_told_once(cast: Cast, world: World, met: Circle) -> None:
    post(cast.cora, f"cohorts/{met.cohort.pk}/move/", to="closing", confirmed="on")
    one_each(world.minute(), SIX)


def test_closing_a_survey_is_asked_at_the_end_date_and_outlives_closed(
    cast: Cast, world: World, met: Circle
) -> None:
    close(cast, world, met)
    world.minute()
    assert phase(met.cohort) == "closed"
    with tenant(cast.acme):
        ends_on = Cohort.objects.get(pk=met.cohort.pk).ends_on
        assert ends_on is not None
        last_day = midnight(ends_on, settings_in_force().zone)
        assert open_due(CLOSING.survey, at=last_day - timedelta(hours=1)) == 0
        assert open_due(CLOSING.survey, at=last_day + timedelta(hours=9)) == len(met.members)
        still = my_open_surveys(met.members[0], at=last_day + timedelta(days=27))
        assert [response.survey for response in still] == ["closing"]


def test_closed_everything_open_ends_and_leaves_calendars(
    cast: Cast, world: World, met: Circle
) -> None:
    close(cast, world, met)
    letters = world.minute()
    assert phase(met.cohort) == "closed"
    with tenant(cast.acme):
        circle = Partnership.objects.get(pk=met.partnership.pk)
        assert (circle.state, circle.end_reason) == ("never_started", "cohort_closed")
        assert set(Session.objects.values_list("state", flat=True)) == {"cancelled"}
        assert set(Enrolment.objects.values_list("state", flat=True)) == {"finished"}
    assert {len(world.calendar(member)) for member in met.members} == {0}
    one_each(letters, SIX)


def test_reopened_within_the_day_sessions_come_back_with_the_next_sequence(
    cast: Cast, world: World, met: Circle
) -> None:
    close(cast, world, met)
    letters = world.minute()
    off = {e.uid: e.sequence for each in letters["petra"] for e in each.events}
    post(cast.cora, f"cohorts/{met.cohort.pk}/move/undo/")
    letters = world.minute()
    back = {e.uid: e.sequence for each in letters["petra"] for e in each.events}
    assert back == {uid: sequence + 1 for uid, sequence in off.items()}
    assert len(back) == 6
    assert {len(world.calendar(member)) for member in met.members} == {6}


def test_closed_a_day_later_certificates_follow(cast: Cast, world: World, met: Circle) -> None:
    hold(met, met.cohort.program.sessions_agreed)
    close(cast, world, met)
    told = [each.subject for mail in world.minute().values() for each in mail]
    assert not any("ertificate" in subject for subject in told), "it can be undone for a day"
    world.pass_(days=2)
    letters = one_each(world.minute(), SIX)
    assert {each.subject for each in letters.values()} == {
        f"Your certificate of {met.cohort.program.name} is ready"
    }


def test_closed_who_never_met_gets_no_certificate(cast: Cast, world: World, met: Circle) -> None:
    close(cast, world, met)
    world.minute()
    world.pass_(days=2)
    assert world.minute() == {}


def hold(met: Circle, number: int) -> None:
    """Let the first sessions have been held by everybody."""
    with tenant(met.cohort.organisation_id):
        for session in met.sessions[:number]:
            Session.objects.filter(pk=session.pk).update(state="held", held_at=session.ends_at)
            for seat in met.seats:
                Attendance.objects.create(session=session, seat=seat, kind="present")


def test_called_off_everybody_is_told_with_the_coordinators_words(cast: Cast, world: World) -> None:
    cohort = make_cohort(make_program(cast.acme))
    make_enrolment(cohort, cast.petra)
    world.minute()
    said = {"to": "called_off", "confirmed": "on", "words": "Too few mentors."}
    post(cast.cora, f"cohorts/{cohort.pk}/move/", **said)
    mail = one_each(world.minute(), ["Petra"])
    assert "Too few mentors." in mail["petra"].text
    with tenant(cast.acme):
        row = Enrolment.objects.get()
        assert (row.state, row.end_reason) == ("withdrawn", "called_off")


def test_dates_changed_the_partnerships_outside_are_named_and_may_move_too(
    cast: Cast, world: World, met: Circle
) -> None:
    with tenant(cast.acme):
        cohort = Cohort.objects.get(pk=met.cohort.pk)
        ends_on = cohort.ends_on - timedelta(days=60)
        cohorts.edit_cohort(
            cohort=cohort,
            name=cohort.name,
            starts_on=cohort.starts_on,
            ends_on=ends_on,
            places=None,
            by=cast.cora,
        )
    address = f"cohorts/{met.cohort.pk}/partnerships/dates/"
    assert met.partnership.name in page(cast.cora, address)
    post(cast.cora, address, partnership=str(met.partnership.pk))
    world.minute()
    with tenant(cast.acme):
        assert Partnership.objects.get(pk=met.partnership.pk).ends_on == ends_on
