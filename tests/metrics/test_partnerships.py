"""Whether partnerships meet, how they end, who has led, how long people wait: by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.tenancy.context import tenant
from feedback.models.check_ins import CheckIn
from metrics.definitions.shapes import Figure, State, shown_whole
from metrics.queries.partnerships import window_of
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import MeetingRole
from programs.models.programs import Enrolment, Program
from sessions.models.sessions import Session, Turn
from tests.cast import Cast
from tests.metrics.build import (
    NOW,
    TODAY,
    ask,
    circle,
    enrol,
    figures,
    make_cohort,
    meet,
    noon,
    people,
    set_threshold,
)


def counts(figure: Figure) -> tuple[object, ...]:
    return figure.numerator, figure.denominator, figure.value, figure.n


def lead(session: Session, seat: Seat) -> None:
    role, _ = MeetingRole.objects.get_or_create(
        program=session.partnership.cohort.program,
        key="facilitator",
        defaults={"name": "Facilitator", "leads": True},
    )
    Turn.objects.create(session=session, role=role, seat=seat, reason="drawn")


def seats_of(partnership: Partnership) -> list[Seat]:
    return list(Seat.objects.filter(partnership=partnership).order_by("id"))


@pytest.mark.parametrize(
    ("cadence", "window", "times"), [(7, 30, 3), (14, 30, 1), (1, 30, 29), (28, 56, 1), (21, 42, 1)]
)
def test_how_often_a_cadence_means(cadence: int, window: int, times: int) -> None:
    assert window_of(cadence) == (window, times)


def test_partnerships_in_contact_are_counted_by_sessions_and_by_what_enough_say(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 17)
    with tenant(cast.acme):
        Program.objects.update(cadence_every=1)  # weekly: three times in 30 days
        rows = [enrol(cohort, member) for member in members]
        often, seldom = circle(cohort, rows[:5], "Often"), circle(cohort, rows[5:10], "Seldom")
        told, paused = circle(cohort, rows[10:15], "Told"), circle(cohort, rows[15:], "Paused")
        for days in (1, 8, 29, 30):
            meet(often, TODAY - timedelta(days=days), came="ppppp")
        meet(seldom, TODAY - timedelta(days=29), came="ppppp")
        meet(seldom, TODAY - timedelta(days=30), came="ppppp")  # before the window
        Partnership.objects.filter(pk=paused.pk).update(state="paused")
        for place, seat in enumerate(seats_of(told)):
            if place < 2:  # two of five are no half
                ask(seat, 1, TODAY - timedelta(days=6), TODAY - timedelta(days=9))

    found = figures(cohort)
    assert counts(found["regular_contact", ""]) == (1, 3, Decimal("0.3333"), 15)
    assert counts(found["contact_30d", ""]) == (2, 3, Decimal("0.6667"), 15)

    with tenant(cast.acme):
        ask(seats_of(told)[2], 1, TODAY - timedelta(days=6), TODAY - timedelta(days=8))
    assert counts(figures(cohort)["contact_30d", ""]) == (3, 3, Decimal("1.0000"), 15)
    with tenant(cast.acme):
        Partnership.objects.filter(pk=told.pk).update(resumed_at=NOW - timedelta(days=29))
    assert counts(figures(cohort)["contact_30d", ""]) == (2, 2, Decimal("1.0000"), 10)


def test_partnerships_that_are_over_are_counted_by_how_they_ended(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 12)
    ends = ["completed", "completed", "ended", "lapsed", "never_started", "withdrawn"]
    with tenant(cast.acme):
        rows = [enrol(cohort, member) for member in members]
        for place, state in enumerate(ends):
            table = circle(cohort, rows[2 * place : 2 * place + 2], state + str(place))
            Partnership.objects.filter(pk=table.pk).update(state=state, ended_at=NOW)
        joined = circle(cohort, rows[:2], "Joined")
        Partnership.objects.filter(pk=joined.pk).update(
            state="ended", ended_at=NOW, end_reason="joined"
        )

    found = figures(cohort)
    assert counts(found["completion", ""]) == (2, 5, Decimal("0.4000"), 10)
    for state in ("ended", "lapsed", "never_started"):
        assert counts(found["completion", state]) == (1, 5, Decimal("0.2000"), 10)


def test_who_still_waits_for_a_partner_is_not_dropped(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)  # accepted on 2 January, matched from the 5th on
    members = people(cast.acme, 7)
    with tenant(cast.acme):
        rows = [enrol(cohort, member) for member in members]
        circle(cohort, rows[:3])
    assert counts(figures(cohort)["time_to_match", ""]) == (None, 3, None, 7)
    with tenant(cast.acme):
        late = circle(cohort, rows[3:4], "Late")
        Partnership.objects.filter(pk=late.pk).update(published_at=noon(date(2026, 2, 1)))
        Enrolment.objects.filter(pk=rows[6].pk).update(
            state="withdrawn", ended_at=noon(date(2026, 1, 10))
        )
    # 7 at risk: 3 matched on day 3, one gone on day 8, of the 3 left one on day 30
    # S = 4/7 · 2/3 = 8/21
    assert counts(figures(cohort)["time_to_match", ""]) == (None, 4, Decimal("30.0000"), 7)


def test_leading_is_counted_of_those_who_were_there(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 12)
    with tenant(cast.acme):
        rows = [enrol(cohort, member) for member in members]
        first, second = circle(cohort, rows[:6], "Alder"), circle(cohort, rows[6:], "Birch")
        for table, leaders in ((first, [0, 0, 0, 1]), (second, [0, 1, 2, 3])):
            for week, place in enumerate(leaders):
                session = meet(table, TODAY - timedelta(days=40 - 7 * week), came="pppppp")
                lead(session, seats_of(table)[place])
        # who was away did not lead, and who is to lead next has not yet
        lead(meet(first, TODAY - timedelta(days=2), came="ppappp"), seats_of(first)[2])
        lead(meet(first, TODAY + timedelta(days=2), "planned"), seats_of(first)[4])

    found = figures(cohort)
    assert counts(found["lead_coverage", ""]) == (6, 12, Decimal("0.5000"), 12)
    assert counts(found["lead_coverage", f"circle:{first.pk}"]) == (2, 6, Decimal("0.3333"), 6)
    assert counts(found["lead_coverage", f"circle:{second.pk}"]) == (4, 6, Decimal("0.6667"), 6)
    assert counts(found["lead_spread", ""]) == (3, 2, Decimal("3.0000"), 12)
    # turns (0,0,0,0,1,3): Σ over pairs of |x−y| = 4·1 + 4·3 + 2 = 18, G = 18/24, 1 − G·6/5 = 1/10
    # turns (0,0,1,1,1,1): 8, G = 8/24, 1 − G·6/5 = 6/10
    even = found["shared_leadership", "even"]
    assert (even.value, even.n) == (Decimal("0.3500"), 12)
    assert found["shared_leadership", "led"].value == Decimal("0.5000")
    assert found["shared_leadership", ""].state == State.HIDDEN  # nobody has spoken or decided yet


def test_mood_adds_the_check_ins_that_are_released(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 6)
    with tenant(cast.acme):
        table = circle(cohort, [enrol(cohort, member) for member in members])
        for period, answers in ((1, 6), (2, 5), (3, 3)):
            for place, seat in enumerate(seats_of(table)[:answers]):
                row = ask(seat, period, TODAY - timedelta(days=7), TODAY - timedelta(days=9))
                CheckIn.objects.filter(pk=row.pk).update(mood=1 + place % 5)

    found = figures(cohort)
    assert counts(found["mood", "period:1"]) == (16, 6, Decimal("2.6667"), 6)
    assert counts(found["mood", "period:2"]) == (15, 5, Decimal("3.0000"), 5)
    assert ("mood", "period:3") not in found  # three are too few
    assert counts(found["mood", ""]) == (31, 11, Decimal("2.8182"), 6)
    assert found["mood", ""].until == TODAY
    assert found["progress", ""].state == State.HIDDEN  # all gave the same answer


def test_hours_to_answer_are_the_median_of_what_is_due(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = people(cast.acme, 6)
    with tenant(cast.acme):
        table = circle(cohort, [enrol(cohort, member) for member in members])
        for place, seat in enumerate(seats_of(table)):
            row = ask(seat, 1, TODAY, TODAY - timedelta(days=1) if place else None)
            if place:
                CheckIn.objects.filter(pk=row.pk).update(
                    answered_at=row.opened_at + timedelta(minutes=90 * place)
                )
        ask(seats_of(table)[0], 2, TODAY + timedelta(days=1), TODAY)  # can be answered still
    assert counts(figures(cohort)["checkin_hours", ""]) == (None, 5, Decimal("4.5000"), 5)


def test_a_value_over_nobody_is_about_too_few() -> None:
    nobody = Figure.ratio("checkin_response", "", 56, 56, 0)
    nothing = Figure.ratio("checkin_response", "", 0, 0, 0)
    assert [figure.state for figure in shown_whole([nobody, nothing], 1)] == ["hidden", "no_data"]


def test_nothing_is_no_data(cast: Cast) -> None:
    set_threshold(cast.acme, 1)
    found = figures(make_cohort(cast.acme))
    keys = ("regular_contact", "contact_30d", "completion", "time_to_match", "checkin_hours")
    for key in (*keys, "lead_coverage", "lead_spread"):
        assert found[key, ""].state == State.NO_DATA, key
