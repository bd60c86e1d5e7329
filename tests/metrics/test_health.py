"""Each reason opens by its rule, shows its evidence, and clears when its cause is gone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from agreements.charters.models import Charter, CharterSignature
from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from feedback.models.check_ins import CheckIn
from metrics.health import Reason
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import MeetingRole
from programs.models.programs import Cohort, Enrolment, Program
from sessions.models.offers import TurnDecline
from sessions.models.sessions import Session, Turn
from tests.cast import Cast, make_member, sign_in
from tests.metrics.build import partnership_alerts
from tests.programs.build import run_only

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Circle:
    """A circle of three at Acme, published 60 days ago, and what happened to it."""

    def __init__(self, cast: Cast) -> None:
        program = Program.objects.create(
            name="Circles", format="circles", cadence_every=2, circle_min=3
        )
        self.role = MeetingRole.objects.create(
            program=program, key="facilitator", name="Facilitator", leads=True
        )
        cohort = Cohort.objects.create(
            program=program, name="Spring", starts_on="2026-04-01", ends_on="2026-12-01"
        )
        self.partnership = Partnership.objects.create(
            cohort=cohort,
            name="Circle Wye",
            starts_on="2026-04-01",
            ends_on="2026-12-01",
            published_at=NOW - timedelta(days=60),
        )
        self.seats = [
            Seat.objects.create(
                partnership=self.partnership,
                enrolment=Enrolment.objects.create(
                    cohort=cohort, member=member, part="peer", applied_at=NOW
                ),
                part="peer",
                taken_at=NOW,
            )
            for member in (cast.petra, cast.pavel, make_member(cast.acme, "Pia"))
        ]
        # their charter is signed, or that would be a reason too: tests/metrics/test_agreed.py
        charter = Charter.objects.create(partnership=self.partnership, revision=1)
        for seat in self.seats:
            CharterSignature.objects.create(
                charter=charter, seat=seat, revision=1, signed=True, at=NOW
            )

    def session(self, days_ago: int, state: str = "held", leader: int | None = None) -> Session:
        at = NOW - timedelta(days=days_ago)
        session = Session.objects.create(
            partnership=self.partnership,
            number=100 - days_ago,
            starts_at=at,
            day=at.date(),
            duration_minutes=60,
            state=state,
            held_at=at if state == "held" else None,
        )
        if leader is not None:
            Turn.objects.create(
                session=session, role=self.role, seat=self.seats[leader], reason="in_turn"
            )
        return session

    def check_in(
        self, period: int, mood: int | None, sees: bool = True, seat: int = 0, met: bool = True
    ) -> None:
        opens = (NOW - timedelta(days=100 - 14 * period)).date()
        answered = (
            {} if mood is None else {"met": met, "mood": mood, "progress": 4 if met else None}
        )
        if answered:
            answered |= {"answered_at": NOW, "answered_on": opens}
        CheckIn.objects.create(
            seat=self.seats[seat],
            period=period,
            opens_on=opens,
            due_on=opens + timedelta(days=14),
            opened_at=NOW,
            coordinator_sees=sees,
            **answered,
        )


@pytest.fixture
def circle(cast: Cast):
    with tenant(cast.acme), clock.at(NOW):
        yield Circle(cast)


def reasons(cast: Cast) -> list[Reason]:
    return [alert.reason for alert in partnership_alerts(cast.cora, now=NOW)]


def test_a_circle_that_met_lately_needs_nobody(cast, circle):
    circle.session(5)
    assert reasons(cast) == []


def test_a_circle_under_size_offers_to_seat_somebody_and_to_join_two(cast, circle):
    circle.session(5)
    Program.objects.update(circle_min=4)
    (alert,) = partnership_alerts(cast.cora, now=NOW)
    page = f"/o/acme/partnerships/{circle.partnership.pk}"
    assert (alert.reason, alert.opens, alert.verb) == (
        Reason.UNDER_SIZE,
        f"{page}/seats/",
        "Seat somebody",
    )
    assert alert.also == (f"{page}/join/", "Join two circles")
    shown = sign_in(cast.cora).get(reverse("metrics:todo", args=["acme"])).text
    assert f'href="{page}/seats/"' in shown
    assert f'href="{page}/join/"' in shown


def test_a_reporting_line_offers_to_move_one_of_them(cast, circle):
    circle.session(5)
    Member.objects.filter(pk=cast.petra.pk).update(manager=cast.pavel)
    (alert,) = partnership_alerts(cast.cora, now=NOW)
    petra = circle.seats[0].enrolment
    assert (alert.reason, alert.verb) == (Reason.REPORTING_LINE, "Move")
    assert alert.opens == f"/o/acme/cohorts/{petra.cohort_id}/seat/{petra.pk}/"


def test_no_first_session_opens_after_14_days_and_clears_with_the_first(cast, circle):
    [alert] = partnership_alerts(cast.cora, now=NOW)
    assert alert.reason == Reason.NO_FIRST_SESSION
    assert "60 days ago" in alert.why
    assert partnership_alerts(cast.cora, now=NOW - timedelta(days=47)) == []

    circle.session(1)
    assert reasons(cast) == []


@pytest.mark.parametrize(("days", "expected"), [(20, []), (21, [Reason.QUIET])])
def test_quiet_begins_at_21_days(cast, circle, days, expected):
    circle.session(days)
    assert reasons(cast) == expected


def test_a_slow_cadence_is_not_quiet_before_one_and_a_half_of_it(cast, circle):
    Program.objects.update(cadence_every=4)
    circle.session(41)
    assert reasons(cast) == []


def test_two_sessions_missed_running(cast, circle):
    circle.session(15)
    circle.session(10, "missed")
    assert reasons(cast) == []
    circle.session(3, "missed")
    assert reasons(cast) == [Reason.TWO_MISSED]
    circle.session(1)
    assert reasons(cast) == []


def test_the_same_person_led_three_of_the_last_four(cast, circle):
    for days_ago, leader in [(50, 1), (20, 0), (15, 0), (10, 1), (5, 0)]:
        circle.session(days_ago, leader=leader)
    [alert] = partnership_alerts(cast.cora, now=NOW)
    assert (alert.reason, alert.person) == (Reason.ONE_LEADS, cast.petra)


def test_who_declined_three_turns_is_named_as_a_fact_with_their_reasons(cast, circle):
    declined = [(100, "workload"), (30, "workload"), (20, "not_ready"), (9, "workload")]
    for days_ago, reason in declined:
        session = circle.session(days_ago, leader=1)
        TurnDecline.objects.create(
            session=session,
            role=circle.role,
            seat=circle.seats[0],
            reason=reason,
            declined_at=NOW - timedelta(days=days_ago),
        )
    found = [
        alert for alert in partnership_alerts(cast.cora, now=NOW) if alert.reason == Reason.DECLINES
    ]
    assert [alert.person for alert in found] == [circle.seats[0].enrolment.member]
    assert "i do not feel ready" in found[0].why
    assert "fault" not in found[0].title


def test_two_check_ins_unanswered_running(cast, circle):
    circle.session(1)
    circle.check_in(1, None)
    assert reasons(cast) == []
    circle.check_in(2, None)
    [alert] = partnership_alerts(cast.cora, now=NOW)
    assert (alert.reason, alert.person) == (Reason.SILENT, cast.petra)
    circle.check_in(3, 4)
    assert reasons(cast) == []


@pytest.mark.parametrize(
    ("moods", "expected"), [((2, 2), True), ((5, 3), True), ((4, 3), False), ((2, 3), False)]
)
def test_mood_low_twice_or_falling_by_two(cast, circle, moods, expected):
    circle.session(1)
    for period, mood in enumerate(moods, start=1):
        circle.check_in(period, mood)
    assert reasons(cast) == ([Reason.FALLING] if expected else [])


def test_progress_of_who_did_not_meet_is_unknown_and_not_low(cast, circle):
    circle.session(1)
    for period, met in enumerate((True, False, False), start=1):
        circle.check_in(period, 4, met=met)
    assert reasons(cast) == []


def test_nobody_reads_of_a_partner_as_their_coordinator(cast, circle):
    for period, mood in ((1, 2), (2, 1)):
        circle.check_in(period, mood)
    circle.session(days_ago=3)
    mood = [
        alert for alert in partnership_alerts(cast.cora, now=NOW) if alert.reason is Reason.FALLING
    ]
    assert len(mood) == 1

    Seat.objects.filter(pk=circle.seats[1].pk).update(
        enrolment=Enrolment.objects.create(
            cohort=circle.partnership.cohort, member=cast.cora, part="peer", applied_at=NOW
        )
    )
    assert partnership_alerts(cast.cora, now=NOW) == []
    assert partnership_alerts(cast.olga, now=NOW) != []

    elsewhere = Program.objects.create(name="Elsewhere", format="mentor")
    run_only(cast.cora, elsewhere)
    Seat.objects.filter(enrolment__member=cast.cora).update(left_at=NOW)
    assert partnership_alerts(cast.cora, now=NOW) == []


def test_mood_is_kept_from_coordinators_where_the_person_said_so(cast, circle):
    circle.session(1)
    circle.check_in(1, 1, sees=False)
    circle.check_in(2, 1, sees=False)
    assert reasons(cast) == []


def test_participants_and_hr_are_not_shown_the_list_of_others(cast, circle):
    outsider = make_member(cast.acme, "Otto")
    assert partnership_alerts(outsider, now=NOW) == []
    assert partnership_alerts(cast.hugo, now=NOW) == []


def test_the_number_of_statements_does_not_grow(cast, circle, django_assert_num_queries):
    partnership_alerts(cast.cora, now=NOW)  # reads the settings, once
    # what is due of sessions, charters, seats and check-ins in one; goals, reviews, months, fits,
    # refusals; of which cohort each is; who is named, in two
    with django_assert_num_queries(9):
        partnership_alerts(cast.cora, now=NOW)
    for number in range(3):
        twin = Partnership.objects.get(pk=circle.partnership.pk)
        twin.pk, twin.name = None, f"Circle {number}"
        twin.id = None
        from core.common.ids import new_id

        twin.id = new_id()
        twin._state.adding = True
        twin.save()
    with django_assert_num_queries(9):
        assert len(partnership_alerts(cast.cora, now=NOW)) == 1 + 3 * 2  # theirs are empty
    assert Cohort.objects.count() == 1


def test_days_are_those_of_the_organisation_not_of_greenwich(cast, circle):
    OrganisationSettings.objects.update(time_zone="Pacific/Auckland")
    circle.check_in(1, None)
    circle.check_in(2, None)
    last = CheckIn.objects.latest("period")
    CheckIn.objects.filter(pk=last.pk).update(due_on="2026-06-02")
    Partnership.objects.update(published_at=NOW - timedelta(days=20))

    found = {alert.reason: alert for alert in partnership_alerts(cast.cora, now=NOW)}
    # published at noon of 12 May in Greenwich: past midnight, so on the 13th, in Auckland
    assert found[Reason.NO_FIRST_SESSION].since == date(2026, 5, 13)
    # due on 2 June, which has begun there
    assert Reason.SILENT in found
