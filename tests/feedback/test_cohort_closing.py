"""What a cohort's end means for its partnerships and for the people in them, and its undoing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.days import today
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations import completing, partnerships, repairing
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations import cohorts, enrolments
from tests.cast import make_member, sign_in
from tests.feedback.build import START, enrol, make_cohort, make_held_session, make_partnership
from tests.meanwhile import meanwhile
from tests.work import catch_up

LATER = datetime.combine(START, datetime.min.time(), UTC) + timedelta(days=40, hours=12)


def states(cohort: Cohort) -> dict[str, str]:
    with tenant(cohort.organisation):
        rows = Enrolment.objects.filter(cohort=cohort).select_related("member")
        return {row.member.given_name: row.state for row in rows}


def make_three_circles(cast) -> tuple[Cohort, list[Seat]]:
    """One circle that has met as agreed, one that met once, one that never met, and one person."""
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        Program.objects.update(sessions_agreed=2)
    names = ("Ada", "Bo", "Cy", "Dee", "Eli", "Flo")
    people = [make_member(cast.acme, name) for name in names]
    met = make_partnership(cohort, *people[:2], name="Met")
    once = make_partnership(cohort, *people[2:4], name="Once")
    make_partnership(cohort, *people[4:], name="Never")
    for number in (1, 2):
        make_held_session(*met, day=START + timedelta(days=7 * number), number=number)
    make_held_session(*once, day=START + timedelta(days=7))
    enrol(cohort, cast.petra)
    return cohort, met


def close(cast, cohort: Cohort) -> None:
    with tenant(cast.acme):
        cohort = Cohort.objects.for_list().get(pk=cohort.pk)
        for phase in ("closing", "closed"):
            cohorts.move_cohort(cohort=cohort, to=phase, by=cast.cora, confirmed=True)


@pytest.mark.slow
def test_a_closed_cohort_ends_its_partnerships_and_completes_or_finishes_its_people(cast):
    with time_machine.travel(LATER):
        cohort, _met = make_three_circles(cast)
        close(cast, cohort)
        catch_up()
        with tenant(cast.acme):
            ends = {row.name: (row.state, row.end_reason) for row in Partnership.objects.all()}
            completed = Email.objects.filter(kind="programs.completed")
            causes = set(completed.values_list("cause_id", flat=True))
            met = Seat.objects.filter(partnership__name="Met")
            assert causes == set(met.values_list("enrolment_id", flat=True))
        assert ends == {
            "Met": ("completed", "cohort_closed"),
            "Once": ("ended", "too_few_sessions"),
            "Never": ("never_started", "cohort_closed"),
        }
        rest = dict.fromkeys(("Cy", "Dee", "Eli", "Flo", "Petra"), "finished")
        assert states(cohort) == {"Ada": "completed", "Bo": "completed"} | rest


@pytest.mark.slow
def test_reopened_within_the_day_all_goes_on_as_it_was(cast):
    with time_machine.travel(LATER):
        cohort, _met = make_three_circles(cast)
        close(cast, cohort)
        catch_up()
        with tenant(cast.acme):
            cohorts.undo_move(cohort=Cohort.objects.for_list().get(pk=cohort.pk), by=cast.cora)
        catch_up()
        with tenant(cast.acme):
            assert set(Partnership.objects.values_list("state", flat=True)) == {"active"}
            assert Seat.objects.open().count() == 6
        assert set(states(cohort).values()) == {"active"}


@pytest.mark.slow
def test_reopened_what_rested_until_a_day_to_come_rests_on(cast):
    with time_machine.travel(LATER):
        cohort, _met = make_three_circles(cast)
        with tenant(cast.acme):
            for partnership in Partnership.objects.filter(name__in=("Met", "Once")):
                repairing.pause_partnership(
                    partnership=partnership, by=None, until=today() + timedelta(days=10)
                )
        close(cast, cohort)
        catch_up()
        with tenant(cast.acme):
            cohorts.undo_move(cohort=Cohort.objects.for_list().get(pk=cohort.pk), by=cast.cora)
        catch_up()
        with tenant(cast.acme):
            states_now = dict(Partnership.objects.values_list("name", "state"))
        assert states_now == {"Met": "paused", "Once": "paused", "Never": "active"}


@pytest.mark.slow
def test_who_completes_does_so_with_the_last_partnership_and_not_by_having_left_one(cast):
    """`completed` was never set by anything but tests (HR report B1)."""
    with time_machine.travel(LATER):
        cohort, met = make_three_circles(cast)
        ada, bo = met
        gone = enrol(cohort, cast.pavel)
        with tenant(cast.acme):
            seat = partnerships.take_seat(
                partnership=ada.partnership, enrolment=gone, part="peer", by=None
            )
            partnerships.leave_seat(seat=seat, by=None)
        second = make_partnership(cohort, bo.enrolment.member, cast.pavel, name="Second")[0]
        with tenant(cast.acme):
            partnerships.end_partnership(
                partnership=ada.partnership, reason="goals_met", state="completed", by=None
            )
        catch_up()
        now = states(cohort)
        assert (now["Ada"], now["Bo"], now["Pavel"]) == ("completed", "active", "active")
        with tenant(cast.acme):
            partnerships.end_partnership(partnership=second.partnership, reason="fit", by=cast.cora)
        catch_up()
        now = states(cohort)
        assert (now["Bo"], now["Pavel"]) == ("completed", "active")


@pytest.mark.slow
def test_who_is_seated_in_a_running_cohort_becomes_active(cast):
    with time_machine.travel(LATER):
        cohort = make_cohort(cast.acme)
        seats = make_partnership(cohort, cast.petra, cast.pavel)
        with tenant(cast.acme):
            Enrolment.objects.filter(pk=seats[0].enrolment_id).update(
                state="accepted", started_at=None
            )
        catch_up()
        assert states(cohort) == {"Petra": "active", "Pavel": "active"}


def test_the_question_before_closing_counts_what_ends(cast):
    with time_machine.travel(LATER):
        cohort, _met = make_three_circles(cast)
        page = sign_in(cast.cora).get(f"/o/acme/cohorts/{cohort.pk}/ending/").content.decode()
        words = " ".join(page.split("<main")[1].split())
        for label, number in (("Open partnerships", 3), ("Completed by then", 1), ("Never met", 1)):
            after = words.split(label)[1][:60]
            assert str(number) in after, label


def test_partnerships_outside_changed_dates_are_named_and_follow_if_the_coordinator_wants(cast):
    with time_machine.travel(LATER):
        cohort = make_cohort(cast.acme)
        make_partnership(cohort, cast.petra, cast.pavel)
        cora = sign_in(cast.cora)
        said = {"name": "Spring", "starts_on": cohort.starts_on, "ends_on": "2027-03-31"}
        page = cora.post(f"/o/acme/cohorts/{cohort.pk}/edit/", said, follow=True).content.decode()
        assert "1 partnership ends on another day." in page
        assert "Circle Wye" in page
        with tenant(cast.acme):
            assert str(Partnership.objects.get().ends_on) == "2026-12-31"
        cora.post(f"/o/acme/cohorts/{cohort.pk}/partnerships/dates/")
        with tenant(cast.acme):
            assert str(Partnership.objects.get().ends_on) == "2027-03-31"


def test_the_question_before_withdrawing_counts_whom_it_concerns(cast):
    with time_machine.travel(LATER):
        cohort, met = make_three_circles(cast)
        ada = met[0].enrolment
        page = f"/o/acme/cohorts/{cohort.pk}/leaving/"
        html = sign_in(cast.cora).get(f"{page}?enrolment={ada.pk}&enrolment=odd").content.decode()
        assert "1" in " ".join(html.split("Partners who are told")[1].split())[:60]
        assert sign_in(ada.member).get(page).status_code == 200


def test_who_was_completed_by_somebody_faster_is_not_completed_twice(cast):
    with time_machine.travel(LATER, tick=False):
        seats = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
        first = seats[0].enrolment

        def complete() -> None:
            enrolments.complete_enrolment(enrolment=first, by=cast.cora)

        with tenant(cast.acme):
            partnerships.end_partnership(
                partnership=seats[0].partnership, reason="goals_met", state="completed", by=None
            )
            with meanwhile(Enrolment, complete):
                assert completing.complete_enrolments(at=LATER) == 1
            assert Email.objects.filter(kind="programs.completed").count() == 2
        assert states(first.cohort) == {"Petra": "completed", "Pavel": "completed"}


def test_who_was_finished_by_somebody_faster_is_not_finished_twice(cast):
    with time_machine.travel(LATER, tick=False):
        cohort = make_cohort(cast.acme)
        first, second = (enrol(cohort, member) for member in (cast.petra, cast.pavel))
        close(cast, cohort)

        def withdraw() -> None:
            enrolments.withdraw(enrolment=first, by=cast.petra)

        with tenant(cast.acme):
            with meanwhile(Enrolment, withdraw):
                assert completing.finish_enrolments(at=LATER) == 1
            told = Email.objects.filter(kind="programs.finished").values_list("member", flat=True)
            assert list(told) == [second.member_id]
        assert states(cohort) == {"Petra": "withdrawn", "Pavel": "finished"}
