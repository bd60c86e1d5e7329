"""A season is planned: when, with whom leading, and who is told."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from pairing.errors import NotTheirs, PartnershipNotActive
from pairing.models.partnerships import Partnership
from programs.models.parts import Answer, Question
from programs.models.programs import Enrolment, Program
from sessions.attendance.operations import replies
from sessions.errors import AfterItsEnd, SeasonAlreadyPlanned, StartsInThePast
from sessions.models.sessions import Absence, Session, Turn
from sessions.planning.operations import changes, planning
from sessions.planning.queries import availability
from tests.cast import Cast, make_member, sign_in
from tests.sessions.build import (
    AGENDA,
    NOON,
    leaders,
    make_cohort,
    make_partnership,
    plan,
    seats_of,
    twice_at_once,
)
from tests.work import everywhere

TUESDAY = NOON + timedelta(days=8)


@pytest.fixture(autouse=True)
def _noon():
    with clock.at(NOON):
        yield


@pytest.fixture
def circle(cast: Cast) -> Partnership:
    others = [make_member(cast.acme, name) for name in ("Amara", "Jonas", "Leila", "Mei")]
    return make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel, *others])


def test_a_season_has_the_program_s_sessions_with_agenda_day_and_numbers(cast: Cast, circle):
    sessions = plan(circle, first_at=datetime(2026, 3, 5, 23, 30, tzinfo=UTC))

    assert [s.number for s in sessions] == [1, 2, 3, 4, 5, 6]
    assert sessions[0].agenda == AGENDA
    # half past midnight in Berlin is the organisation's next day
    assert sessions[0].day == date(2026, 3, 6)
    assert {s.duration_minutes for s in sessions} == {60}
    assert sessions[1].starts_at - sessions[0].starts_at == timedelta(weeks=2)


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Berlin", time(14, 0)),
        ("America/New_York", time(14, 0)),
    ],
)
def test_sessions_keep_their_wall_time_when_the_clocks_change(cast: Cast, circle, zone, first):
    here = ZoneInfo(zone)
    with tenant(cast.acme):
        OrganisationSettings.objects.update(time_zone=zone)

    sessions = plan(circle, first_at=datetime.combine(date(2026, 3, 5), first, here))

    walls = [s.starts_at.astimezone(here) for s in sessions]
    assert {wall.time() for wall in walls} == {first}
    assert len({wall.utcoffset() for wall in walls}) == 2
    assert [s.day for s in sessions] == [wall.date() for wall in walls]


def test_a_wall_time_that_the_clocks_skip_comes_an_hour_later(cast: Cast, circle):
    berlin = ZoneInfo("Europe/Berlin")
    sessions = plan(circle, first_at=datetime(2026, 3, 15, 2, 30, tzinfo=berlin))
    assert sessions[1].starts_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30 in Berlin


def test_everyone_leads_once_and_each_turn_says_why(cast: Cast, circle):
    sessions = plan(circle)

    with tenant(cast.acme):
        assert sorted(leaders(circle)) == ["Amara", "Jonas", "Leila", "Mei", "Pavel", "Petra"]
        turns = list(Turn.objects.filter(session__in=[s.pk for s in sessions]))
    assert len(turns) == 6 * 4
    assert all(turn.reason for turn in turns)


def test_mentor_and_mentee_lead_in_turn(cast: Cast):
    cohort = make_cohort(
        cast.acme, format=Program.Format.MENTOR, roles=("facilitator", "note_taker")
    )
    pair = make_partnership(cohort, [cast.petra, cast.pavel], parts=("mentor", "mentee"))

    plan(pair)

    with tenant(cast.acme):
        led = leaders(pair)
    assert Counter(led) == {"Petra": 3, "Pavel": 3}
    assert all(first != second for first, second in pairwise(led))


def test_a_program_without_roles_has_sessions_without_turns(cast: Cast):
    pair = make_partnership(make_cohort(cast.acme, roles=()), [cast.petra, cast.pavel])
    assert len(plan(pair)) == 6
    with tenant(cast.acme):
        assert not Turn.objects.exists()


def test_sessions_after_the_partnership_s_end_are_left_out_but_never_the_first(cast: Cast):
    pair = make_partnership(make_cohort(cast.acme, days=30), [cast.petra, cast.pavel])
    assert len(plan(pair)) == 2
    short = make_partnership(make_cohort(cast.acme, days=5), [cast.petra, cast.pavel])
    assert len(plan(short)) == 1


def test_a_season_is_refused_twice_in_the_past_and_for_partnerships_not_active(cast: Cast, circle):
    with pytest.raises(StartsInThePast):
        plan(circle, first_at=NOON - timedelta(hours=1))
    plan(circle)
    with pytest.raises(SeasonAlreadyPlanned):
        plan(circle)
    paused = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel])
    with tenant(cast.acme):
        Partnership.objects.filter(pk=paused.pk).update(state="paused")
    with pytest.raises(PartnershipNotActive):
        plan(paused)


def test_only_partners_and_coordinators_plan_a_season(cast: Cast, circle):
    stranger = make_member(cast.acme, "Stranger")
    with tenant(cast.acme):
        for outsider in (stranger, cast.hugo):
            with pytest.raises(NotTheirs):
                planning.plan_season(partnership=circle, by=outsider)
        assert len(planning.plan_season(partnership=circle, by=cast.petra)) == 6


def test_each_partner_gets_one_email_with_all_dates_and_their_roles(cast: Cast, circle):
    plan(circle)

    with tenant(cast.acme):
        emails = list(Email.objects.filter(kind="sessions.invitation"))
        assert len(emails) == 6
        assert len({email.member_id for email in emails}) == 6
        hers = next(email for email in emails if email.member_id == cast.petra.pk)
        session = Session.objects.order_by("starts_at")[0]
    assert len(hers.context["dates"]) == 6
    assert hers.context["dates"][0]["when"] == "Thursday 5 March 2026, 13:00 (Berlin time)"
    assert [each["role"] for each in hers.context["dates"]].count("Facilitator") == 1
    assert hers.link == {"signed": "rsvp", "object": str(session.pk)}


def test_the_sweep_plans_what_is_missing_once(cast: Cast, circle):
    greta = make_partnership(make_cohort(cast.globex), [cast.greta, cast.gina])
    everywhere(planning.plan_missing_seasons)
    everywhere(planning.plan_missing_seasons)

    for organisation, partnership in ((cast.acme, circle), (cast.globex, greta)):
        with tenant(organisation):
            assert Session.objects.filter(partnership=partnership).count() == 6
            assert Session.objects.count() == 6


@pytest.mark.slow
def test_the_sweep_leaves_alone_what_has_had_a_season_or_is_over(cast: Cast, circle):
    sessions = plan(circle)
    with tenant(cast.acme):
        for session in sessions:
            changes.cancel(session=session, cause="other", by=None)
        over = make_partnership(make_cohort(cast.acme, days=1), [cast.petra, cast.pavel])
        with clock.at(NOON + timedelta(days=5)):
            assert planning.plan_missing_seasons(at=clock.now()) == 0
        assert not Session.objects.filter(partnership=over).exists()


def _availability(partnership: Partnership, member, spans) -> None:
    program = partnership.cohort.program
    question, _ = Question.objects.get_or_create(
        program=program,
        key="availability",
        defaults={"kind": Question.Kind.AVAILABILITY, "label": "When?"},
    )
    enrolment = Enrolment.objects.get(member=member, cohort=partnership.cohort)
    Answer.objects.create(enrolment=enrolment, question=question, value=spans)


def test_the_first_session_is_proposed_when_all_are_free(cast: Cast):
    lima = make_member(cast.acme, "Lima", time_zone="America/Lima")
    pair = make_partnership(make_cohort(cast.acme), [cast.petra, lima])
    with tenant(cast.acme):
        _availability(pair, cast.petra, [[3, 13 * 60, 18 * 60], [4, 9 * 60, 12 * 60]])
        _availability(pair, lima, [[3, 9 * 60, 11 * 60], ["odd"], 7])
        # 9:00 in Lima is 15:00 in Berlin, but 16:00 once Berlin has changed its clocks
        expected = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
        gathering = availability.gather(partnership=pair, at=NOON)
        assert availability.proposed_times(gathering=gathering, limit=1)[0].starts_at == expected


def test_where_nothing_suits_all_it_is_the_time_that_suits_most(cast: Cast, circle):
    with tenant(cast.acme):
        _availability(circle, cast.petra, [[0, 540, 600]])
        _availability(circle, cast.pavel, [[1, 540, 600]])
        gathering = availability.gather(partnership=circle, at=NOON)
        best, second, *_others = availability.proposed_times(gathering=gathering)

    here = ZoneInfo("Europe/Berlin")
    assert best.starts_at == datetime(2026, 3, 9, 9, 0, tzinfo=here)
    assert (best.can, [each.member for each in best.absentees]) == (5, [cast.pavel])
    assert best.absentees[0].why == "is not free then: Monday, 09:00 (Berlin time)"
    assert second.starts_at == datetime(2026, 3, 10, 9, 0, tzinfo=here)
    assert [each.member for each in second.absentees] == [cast.petra]


def test_a_season_does_not_begin_after_its_partnership_s_last_day(cast: Cast, circle):
    with pytest.raises(AfterItsEnd):
        plan(circle, first_at=NOON + timedelta(days=181))
    with tenant(cast.acme):
        assert Session.objects.count() == 0


def test_a_season_of_a_partnership_that_pauses_is_not_moved(cast: Cast, circle):
    sessions = plan(circle)
    with tenant(cast.acme):
        Partnership.objects.filter(pk=circle.pk).update(state="paused")
        with pytest.raises(PartnershipNotActive):
            planning.move_season(partnership=circle, first_at=TUESDAY, by=None)
        stands = Session.objects.order_by("number").values_list("starts_at", flat=True)
        assert list(stands) == [session.starts_at for session in sessions]


def test_a_season_that_moves_to_another_room_alone_keeps_what_people_have_said(cast: Cast, circle):
    sessions = plan(circle)
    with tenant(cast.acme):
        replies.decline_invitation(session=sessions[2], seat=seats_of(circle)[0], by=None)
        moved = planning.move_season(
            partnership=circle, first_at=sessions[0].starts_at, place="Room 4", by=cast.petra
        )
        assert [s.starts_at for s in moved] == [s.starts_at for s in sessions]
        assert {s.place for s in moved} == {"Room 4"}
        assert [absence.session_id for absence in Absence.objects.all()] == [sessions[2].pk]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_plan_a_missing_season_once(cast: Cast, circle):
    assert twice_at_once(cast.acme, planning.plan_missing_seasons, at=NOON) == (1, 0)
    with tenant(cast.acme):
        assert Session.objects.filter(partnership=circle).count() == 6
        assert Email.objects.filter(kind="sessions.invitation").count() == 6


@pytest.mark.parametrize(
    "first_at", ["2026-02-30T10:00:00Z", "9999-12-31T23:59:00-10:00", "2026-03-05T23:30:00+19:16"]
)
def test_an_odd_time_in_the_address_or_typed_is_no_error(
    cast: Cast, circle: Partnership, first_at: str
) -> None:
    browser, url = sign_in(cast.cora), f"/o/acme/partnerships/{circle.pk}/sessions/plan/"
    assert browser.get(url, {"first_at": first_at}).status_code == 200
    typed = {"first_at": first_at, "cadence_every": "2", "cadence_unit": "weeks", "count": "2"}
    assert browser.post(url, typed).status_code < 500
