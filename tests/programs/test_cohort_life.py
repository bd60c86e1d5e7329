"""A cohort's phases: by date and by hand, what hinders, what asks, what follows, what is undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from programs.errors import MoveAsks, MoveHindered, ReasonMissing, TooLateToUndo
from programs.models.programs import Cohort, Enrolment
from programs.operations import cohorts, designs, enrolments
from programs.queries.moves import moves_that_ask
from tests.cast import sign_in
from tests.programs.build import (
    ENDS_ON,
    STARTS_ON,
    make_application,
    make_cohort,
    make_enrolment,
    make_program,
)
from tests.programs.test_pages import read, url
from tests.work import catch_up

BEFORE = datetime(2026, 12, 1, 12, tzinfo=UTC)
FIRST_DAY = datetime(2027, 1, 11, 12, tzinfo=UTC)
LAST_DAY = datetime(2027, 6, 25, 12, tzinfo=UTC)


@pytest.fixture
def circles(cast):
    return make_program(cast.acme)


def phase_of(cohort: Cohort) -> str:
    with tenant(cohort.organisation):
        return Cohort.objects.get(pk=cohort.pk).phase


def states(cohort: Cohort) -> list[str]:
    with tenant(cohort.organisation):
        rows = Enrolment.objects.filter(cohort=cohort).order_by("applied_at", "id")
        return list(rows.values_list("state", flat=True))


def kinds(cohort: Cohort) -> list[str]:
    with tenant(cohort.organisation):
        places = Enrolment.objects.filter(cohort=cohort).values("pk")
        rows = Email.objects.filter(cause_id__in=places).exclude(kind="programs.accepted")
        rows = rows.order_by("kind")
        return [row.kind.removeprefix("programs.") for row in rows]


def active(cohort: Cohort, *members) -> list[Enrolment]:
    """Enrol people who take part, as publishing does."""
    rows = [make_enrolment(cohort, member) for member in members]
    with tenant(cohort.organisation):
        enrolments.start_enrolments(cohort=cohort, at=BEFORE)
    return rows


def test_before_enrolling_a_page_says_what_is_missing(cast, circles):
    cohort = make_cohort(circles, phase="draft")
    with tenant(cast.acme):
        designs.edit_program(program=circles, by=cast.cora, expectations="")
    cora = sign_in(cast.cora)
    address = url("move_cohort", cohort.pk)
    page = read(cora.get(address + "?to=enrolling"))
    assert "The program has no expectations: nobody accepts anything." in page
    assert cora.post(address, {"to": "enrolling"}).status_code == 422
    assert phase_of(cohort) == "draft"
    assert cora.post(address, {"to": "enrolling", "confirmed": "on"}).status_code == 302
    assert phase_of(cohort) == "enrolling"


def test_nobody_runs_without_partners_or_closes_early_without_being_asked(cast, circles):
    cohort = make_cohort(circles, phase="matching")
    cora = sign_in(cast.cora)
    address = url("move_cohort", cohort.pk)
    assert "Nobody has a partner: nothing is published." in read(cora.get(address + "?to=running"))
    with tenant(cast.acme):
        with pytest.raises(MoveAsks):
            cohorts.move_cohort(cohort=cohort, to="running", by=cast.cora)
        cohorts.move_cohort(cohort=cohort, to="running", by=cast.cora, confirmed=True)
        with pytest.raises(MoveAsks):
            cohorts.move_cohort(cohort=cohort, to="closing", by=cast.cora)
    assert "The last day is only 25 June 2027." in read(cora.get(address + "?to=closing"))


def test_a_cohort_does_not_go_back_to_matching_under_people_who_take_part(cast, circles):
    cohort = make_cohort(circles, phase="running")
    active(cohort, cast.petra)
    with tenant(cast.acme), pytest.raises(MoveHindered):
        cohorts.move_cohort(cohort=cohort, to="matching", by=cast.cora, confirmed=True)
    page = read(sign_in(cast.cora).get(url("move_cohort", cohort.pk) + "?to=matching"))
    assert ("1 person takes part already." in page, "<form" in page.split("<main")[1]) == (
        True,
        False,
    )


@pytest.mark.slow
def test_dates_move_a_cohort_where_nothing_asks_and_else_it_tops_the_list(cast, circles):
    cohort = make_cohort(circles, enrol_until=STARTS_ON - timedelta(days=14))
    enrolment = make_application(cohort, cast.petra)
    with time_machine.travel(FIRST_DAY - timedelta(days=14), tick=False):
        catch_up()
        assert phase_of(cohort) == "enrolling"  # its last day
    with time_machine.travel(FIRST_DAY - timedelta(days=13), tick=False):
        catch_up()
        assert phase_of(cohort) == "enrolling"
        with tenant(cast.acme):
            [due] = moves_that_ask(cast.cora, STARTS_ON)
            assert (due.to, "1 application is not decided." in due.sentences) == ("matching", True)
            enrolments.accept(enrolment=enrolment, by=cast.cora)
        catch_up()
        assert phase_of(cohort) == "matching"
    with time_machine.travel(FIRST_DAY, tick=False):
        catch_up()
        assert phase_of(cohort) == "matching"  # nothing is published
        page = read(sign_in(cast.cora).get(url("cohort", cohort.pk)))
        assert "Nobody has a partner: nothing is published." in page
        with tenant(cast.acme):
            enrolments.start_enrolments(cohort=cohort, at=FIRST_DAY)
        catch_up()
        assert phase_of(cohort) == "running"
    with time_machine.travel(LAST_DAY, tick=False):
        catch_up()
        assert phase_of(cohort) == "closing"
        assert kinds(cohort) == ["feedback.survey", "closing"]  # what it was like is asked, too


def test_who_is_undecided_when_it_runs_waits_and_is_told(cast, circles):
    cohort = make_cohort(circles)
    make_application(cohort, cast.petra)
    with tenant(cast.acme):
        for phase in ("matching", "running"):
            cohorts.move_cohort(cohort=cohort, to=phase, by=cast.cora, confirmed=True)
    assert (states(cohort), kinds(cohort)) == (["waitlisted"], ["not_in"])


@pytest.mark.slow
def test_closed_finishes_who_never_completed_and_is_undone_within_the_day(cast, circles):
    cohort = make_cohort(circles, phase="running")
    active(cohort, cast.petra)
    make_enrolment(cohort, cast.pavel)
    with tenant(cast.acme):
        for phase in ("closing", "closed"):
            cohorts.move_cohort(cohort=cohort, to=phase, by=cast.cora, confirmed=True)
    catch_up()
    assert states(cohort) == ["finished", "finished"]
    assert kinds(cohort) == ["closing", "closing", "finished", "finished"]
    cora = sign_in(cast.cora)
    assert "Undo: back to Closing" in read(cora.get(url("cohort", cohort.pk)))
    cora.post(url("undo_move", cohort.pk))
    catch_up()
    assert (phase_of(cohort), states(cohort)) == ("closing", ["active", "accepted"])
    later = clock.now() + timedelta(days=1, minutes=1)
    with time_machine.travel(later), tenant(cast.acme), pytest.raises(TooLateToUndo):
        cohorts.undo_move(cohort=Cohort.objects.get(), by=cast.cora)


@pytest.mark.slow
def test_called_off_needs_words_tells_everybody_and_can_be_undone(cast, circles):
    cohort = make_cohort(circles, places=1)
    make_enrolment(cohort, cast.petra)
    make_application(cohort, cast.pavel)
    with tenant(cast.acme), pytest.raises(ReasonMissing):
        cohorts.move_cohort(cohort=cohort, to="called_off", by=cast.cora, confirmed=True)
    cora = sign_in(cast.cora)
    address = url("move_cohort", cohort.pk)
    page = read(cora.get(address + "?to=called_off"))
    assert "2 people are told, with your words." in page
    said = {"to": "called_off", "confirmed": "on", "words": "Too few mentors."}
    assert cora.post(address, said).status_code == 302
    assert states(cohort) == ["withdrawn", "waitlisted"]
    assert kinds(cohort) == ["called_off", "called_off"]
    with tenant(cast.acme):
        petras, pavels = (Email.objects.get(member=m) for m in (cast.petra, cast.pavel))
        assert (petras.context["called_off"], pavels.context["waits"]) == ("Too few mentors.", True)
    assert sign_in(cast.petra).get(url("join", cohort.pk)).status_code == 200
    catch_up()
    cora.post(url("undo_move", cohort.pk))
    assert (phase_of(cohort), states(cohort)) == ("enrolling", ["accepted", "waitlisted"])
    with tenant(cast.acme):
        assert Cohort.objects.get().places_taken == 1
    catch_up()


def test_a_form_makes_a_rolling_cohort_with_rules_and_keeps_them(cast, circles):
    cora = sign_in(cast.cora)
    said = {
        "name": "All year",
        "entry": "open",
        "starts_on": "2027-01-11",
        "length_days": "180",
        "only_department": "Sales\n IT \n\nSales",
    }
    assert cora.post(url("new_cohort", circles.pk), said).status_code == 302
    both = said | {"ends_on": "2027-06-01", "name": "Both"}
    assert cora.post(url("new_cohort", circles.pk), both).status_code == 422
    with tenant(cast.acme):
        cohort = Cohort.objects.get()
        assert (cohort.ends_on, cohort.length_days, cohort.entry) == (None, 180, "open")
        assert cohort.eligibility == [{"fact": "department", "values": ["Sales", "IT"]}]
    page = read(cora.get(url("edit_cohort", cohort.pk)))
    assert "Sales\nIT</textarea>" in page
    assert "the department is Sales or IT" in read(cora.get(url("cohort", cohort.pk)))
    assert ENDS_ON > STARTS_ON
