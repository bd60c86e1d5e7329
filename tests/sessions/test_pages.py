"""Pages of sessions: who may, how much they cost, and that a fragment is the page's own part."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.tenancy.context import tenant
from pairing.partnerships.operations import partnerships, repairing
from sessions.attendance.operations import recording, replies
from sessions.models.sessions import (
    Absence,
    Attendance,
    Retrospective,
    RetrospectiveLines,
    Session,
    Turn,
)
from sessions.planning.operations import changes
from tests.cast import Cast, make_member, sign_in
from tests.sessions.build import (
    everyone,
    hold_session,
    make_cohort,
    make_partnership,
    plan,
    seats_of,
)
from tests.sessions.conftest import Circle

HTMX = {"HX-Request": "true"}


def season_url(circle: Circle, tail: str = "") -> str:
    return f"/o/acme/partnerships/{circle.partnership.pk}/sessions/{tail}"


def session_url(session: Session, tail: str = "") -> str:
    return f"/o/acme/sessions/{session.pk}/{tail}"


def cohort_url(circle: Circle) -> str:
    return f"/o/acme/cohorts/{circle.cohort.pk}/sessions/"


@pytest.fixture
def petra(cast: Cast, circle: Circle) -> Client:
    return sign_in(cast.petra)


@pytest.mark.parametrize(
    ("who", "season", "cohort"),
    [
        ("petra", 200, 403),
        ("cora", 200, 200),
        ("olga", 200, 200),
        ("hugo", 404, 403),
        ("outsider", 404, 403),
        ("greta", 404, 404),
    ],
)
def test_who_sees_a_season_a_session_and_the_cohort_s_sessions(
    cast: Cast, circle: Circle, who: str, season: int, cohort: int
):
    outsider = make_member(cast.acme, "Outsider")
    browser = sign_in(outsider if who == "outsider" else getattr(cast, who))

    assert browser.get(season_url(circle)).status_code == season
    assert browser.get(session_url(circle.sessions[0])).status_code == season
    assert browser.get(cohort_url(circle)).status_code == cohort
    assert browser.get(cohort_url(circle).rstrip("/") + ".csv").status_code == cohort


@pytest.mark.parametrize(
    "tail", ["", "attendance/", "reschedule/", "cancel/", "turns/assign/", "invitation.ics"]
)
def test_outsiders_find_nothing_below_a_session(cast: Cast, circle: Circle, tail: str):
    for outsider in (make_member(cast.acme, "Outsider"), cast.hugo, cast.greta):
        assert sign_in(outsider).get(session_url(circle.sessions[0], tail)).status_code == 404


@pytest.mark.parametrize(
    "tail",
    ["record/", "attendance/", "retrospective/", "absence/declare/", "reschedule/", "cancel/"],
)
def test_outsiders_change_nothing(cast: Cast, circle: Circle, tail: str):
    for outsider in (make_member(cast.acme, "Outsider"), cast.hugo, cast.greta):
        answer = sign_in(outsider).post(session_url(circle.sessions[0], tail))
        assert answer.status_code == 404


def attendance_of(circle: Circle, away: str = "") -> dict[str, str]:
    return {
        f"seat_{seat.pk.hex}": "excused" if seat.enrolment.member.given_name == away else "present"
        for seat in circle.seats
    }


def test_a_partner_records_a_session_in_a_minute(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    with time_machine.travel(session.starts_at + timedelta(hours=2), tick=False):
        petra = sign_in(cast.petra)
        assert "seat_" in petra.get(session_url(session)).content.decode()
        form = attendance_of(circle, away="Jonas") | {"worked": "We began on time"}
        answer = petra.post(session_url(session, "record/"), form)
        again = petra.post(session_url(session, "record/"), form)

    assert answer.status_code == 302
    assert again.status_code == 422  # with all that was typed
    assert "We began on time" in again.content.decode()
    with tenant(circle.partnership.organisation_id):
        session.refresh_from_db()
        assert session.state == Session.State.HELD
        assert session.attendance.filter(kind="present").count() == 5
        assert Retrospective.objects.get(session=session).worked == "We began on time"


def test_what_is_typed_wrongly_is_said_and_kept(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    with time_machine.travel(session.starts_at + timedelta(hours=2), tick=False):
        petra = sign_in(cast.petra)
        answer = petra.post(session_url(session, "record/"), {"worked": "Kept words"})
    assert answer.status_code == 422
    assert "Kept words" in answer.content.decode()


@pytest.mark.slow
def test_coordinators_see_facts_and_partners_see_words(cast: Cast, circle: Circle, petra: Client):
    first, second = circle.sessions[:2]
    with tenant(cast.acme):
        changes.describe_session(
            session=first, topic="A secret topic", place="Room 7", by=cast.petra
        )
        with time_machine.travel(first.starts_at + timedelta(hours=2), tick=False):
            recording.record_session(
                session=first,
                attendance=everyone(first),
                retrospective=RetrospectiveLines(worked="Worked words", change="Change words"),
                by=cast.petra,
            )
    words = ("A secret topic", "Room 7", "Worked words", "Change words")
    cora = sign_in(cast.cora)
    for url in (session_url(first), session_url(second), season_url(circle), cohort_url(circle)):
        page = cora.get(url).content.decode()
        assert not [word for word in words if word in page], url
    assert all(word in petra.get(session_url(first)).content.decode() for word in words)
    # what was to change opens the next agenda
    following = petra.get(session_url(second)).content.decode()
    assert "Change words" in following
    assert "Worked words" not in following


def test_one_click_says_i_cannot_come_and_a_second_is_refused(circle: Circle, petra: Client):
    session = circle.sessions[0]
    answer = petra.post(session_url(session, "absence/declare/"), headers=HTMX)
    again = petra.post(session_url(session, "absence/declare/"), headers=HTMX)
    reload = petra.get(session_url(session)).content.decode()

    assert (answer.status_code, again.status_code) == (200, 409)
    assert same(answer.content.decode()) in same(reload)
    with tenant(circle.partnership.organisation_id):
        assert Absence.objects.filter(session=session, seat=circle.seat("Petra")).exists()
        assert not Turn.objects.filter(session=session, seat=circle.seat("Petra")).exists()
    back = petra.post(session_url(session, "absence/withdraw/"))
    assert back.status_code == 302
    assert petra.post(session_url(session, "absence/withdraw/")).status_code == 409


def same(html: str) -> str:
    """Return the page without what differs each time: the form's token."""
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", html).strip()


def test_the_season_s_fragment_is_a_part_of_its_page(cast: Cast, circle: Circle, petra: Client):
    hold_session(circle.sessions[0])
    with time_machine.travel(circle.sessions[2].starts_at + timedelta(hours=3), tick=False):
        fragment = petra.get(season_url(circle), headers=HTMX).content.decode()
        page = petra.get(season_url(circle)).content.decode()
    assert same(fragment) in same(page)
    assert "<html" not in fragment


def test_the_session_s_fragment_is_a_part_of_its_page(circle: Circle, petra: Client):
    fragment = petra.get(session_url(circle.sessions[0]), headers=HTMX).content.decode()
    page = petra.get(session_url(circle.sessions[0])).content.decode()
    assert same(fragment) in same(page)


def test_each_turn_of_the_season_says_why(circle: Circle, petra: Client):
    page = petra.get(season_url(circle)).content.decode()
    assert page.count('role="tooltip"') == 6 * 4
    assert "Leads for the first time." in page
    assert "Yes. Everyone leads once this season." in page


def statements(browser: Client, url: str, headers: dict[str, str] | None = None) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert browser.get(url, headers=headers or {}).status_code == 200
    return len(asked)


def test_one_session_and_many_cost_the_same(cast: Cast, circle: Circle, petra: Client):
    small = make_partnership(
        make_cohort(cast.acme, sessions_planned=1, roles=("facilitator",)),
        [cast.petra, cast.pavel],
    )
    only = plan(small)[0]
    few = statements(petra, f"/o/acme/partnerships/{small.pk}/sessions/")
    assert statements(petra, season_url(circle)) == few
    assert statements(petra, session_url(only)) == statements(
        petra, session_url(circle.sessions[0])
    )


def test_one_row_and_three_of_a_cohort_cost_the_same(cast: Cast, circle: Circle):
    cora = sign_in(cast.cora)
    other = make_cohort(cast.acme, sessions_planned=1)
    plan(make_partnership(other, [cast.petra, cast.pavel]))
    one = statements(cora, f"/o/acme/cohorts/{other.pk}/sessions/")
    assert statements(cora, cohort_url(circle)) == one


def test_the_cohort_s_list_is_filtered_paged_and_exported_alike(cast: Cast, circle: Circle):
    hold_session(circle.sessions[0], but=[circle.seat("Jonas")])
    with tenant(cast.acme):
        changes.cancel(session=circle.sessions[1], cause="workload", by=cast.cora)
    cora = sign_in(cast.cora)

    held = cora.get(cohort_url(circle), {"state": "held"}).content.decode()
    assert "5 of 6" in held
    assert "Too much other work" not in held
    export = cora.get(cohort_url(circle).rstrip("/") + ".csv", {"state": "cancelled"})
    lines = b"".join(export).decode().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("partnership,number,day,starts_at")
    assert lines[1].endswith("60,cancelled,workload,0,0,0,6")
    everything = cora.get(cohort_url(circle).rstrip("/") + ".csv", {"state": "odd"})
    assert len(b"".join(everything).decode().splitlines()) == 7


def test_a_long_list_goes_on_where_it_stopped(cast: Cast, circle: Circle, monkeypatch):
    monkeypatch.setattr(
        "core.common.pages.page.__kwdefaults__", {"order": "-id", "cursor": "", "size": 4}
    )
    cora = sign_in(cast.cora)
    first = cora.get(cohort_url(circle))
    assert len(first.context["rows"]) == 4
    second = cora.get(cohort_url(circle), QueryDict(first.context["more"][1:]).dict())
    seen = [row.number for row in (*first.context["rows"], *second.context["rows"])]
    assert seen == [1, 2, 3, 4, 5, 6]  # the next one first


@pytest.mark.slow
def test_moving_a_session_asks_in_my_time_and_refuses_the_past(circle: Circle, petra: Client):
    session = circle.sessions[0]
    url = session_url(session, "reschedule/")
    page = petra.get(url).content.decode()
    assert 'value="2026-03-05T13:00"' in page  # Berlin
    form = {"starts_at": "2026-03-06T15:00", "duration_minutes": 45, "topic": "", "place": "Room 1"}
    assert petra.post(url, form).status_code == 302
    assert petra.post(url, form | {"starts_at": "2026-03-01T15:00"}).status_code == 422
    for wrong in ("", "soon", "9999-12-31T23:59", "0001-01-01T00:00", "2026-03-29T02:30"):
        assert petra.post(url, form | {"starts_at": wrong}).status_code == 422, wrong
    with tenant(circle.partnership.organisation_id):
        session.refresh_from_db()
        assert session.starts_at.isoformat() == "2026-03-06T14:00:00+00:00"
        assert (session.duration_minutes, session.place) == (45, "Room 1")


def test_what_a_partner_has_changed_meanwhile_stays_and_of_the_same_field_i_am_told(
    circle: Circle, petra: Client
):
    """A form that was opened before the move would have moved the session back."""
    session = circle.sessions[0]
    url = session_url(session, "reschedule/")
    opened = petra.get(url).context["form"]
    typed = {
        "starts_at": "2026-03-05T13:00",
        "duration_minutes": session.duration_minutes,
        "topic": "Ties",
        "place": "",
        "video_url": session.video_url,
        "version": opened["version"].value(),
    }
    with tenant(circle.partnership.organisation_id):
        moved = session.starts_at + timedelta(hours=2)
        changes.reschedule(session=session, starts_at=moved, by=circle.members[1])
    assert petra.post(url, typed).status_code == 302
    with tenant(circle.partnership.organisation_id):
        session.refresh_from_db()
        assert (session.starts_at, session.topic) == (moved, "Ties")
    answer = petra.post(url, typed | {"topic": "Knots"})
    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == ["topic"]
    assert form["topic"].value() == "Knots"
    again = typed | {"topic": "Knots", "version": form["version"].value()}
    assert petra.post(url, again).status_code == 302
    with tenant(circle.partnership.organisation_id):
        session.refresh_from_db()
        assert (session.starts_at, session.topic) == (moved, "Knots")


@pytest.mark.slow
def test_cancelling_asks_for_the_cause_and_happens_once(circle: Circle, petra: Client):
    url = session_url(circle.sessions[0], "cancel/")
    assert petra.get(url).status_code == 200
    assert petra.post(url, {"cause": "rude words"}).status_code == 422
    assert petra.post(url, {"cause": "holiday"}).status_code == 302
    assert petra.post(url, {"cause": "holiday"}).status_code == 409
    assert "Holiday" in petra.get(session_url(circle.sessions[0])).content.decode()


def test_what_somebody_holds_coordinators_give_to_others_and_partners_ask_for(
    cast: Cast, circle: Circle
):
    session = circle.sessions[0]
    with tenant(cast.acme):
        lead = Turn.objects.get(session=session, role__leads=True)
        leader = lead.seat.enrolment.member
        other = next(seat for seat in circle.seats if seat.pk != lead.seat_id)
        form = {"role": str(lead.role_id), "seat": str(other.pk)}
    url = session_url(session, "turns/assign/")
    assert sign_in(other.enrolment.member).get(url).status_code == 409
    for member in (leader, other.enrolment.member):
        refused = sign_in(member).post(url, form)
        assert refused.status_code == 422
        assert "ask them for a swap" in refused.content.decode()
    cora = sign_in(cast.cora)
    shown = cora.post(url, form)
    assert shown.status_code == 200
    assert "Nothing has changed yet" in shown.content.decode()
    with tenant(cast.acme):
        assert Turn.objects.get(session=session, role__leads=True).seat_id == lead.seat_id
    assert cora.post(url, form | {"seen": "another"}).status_code == 200
    assert cora.post(url, form | {"seen": shown.context["seen"]}).status_code == 302
    with tenant(cast.acme):
        assert Turn.objects.get(session=session, role__leads=True).seat_id == other.pk


def test_the_facilitator_gives_what_nobody_holds(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    with tenant(cast.acme):
        lead = Turn.objects.get(session=session, role__leads=True)
        open_turn = Turn.objects.filter(session=session, role__leads=False).first()
        Turn.objects.filter(pk=open_turn.pk).delete()
        leader = lead.seat.enrolment.member
        busy = set(Turn.objects.filter(session=session).values_list("seat", flat=True))
        free = next(seat for seat in circle.seats if seat.pk not in busy)
    form = {"role": str(open_turn.role_id), "seat": str(free.pk)}
    url = session_url(session, "turns/assign/")
    facilitator = sign_in(leader)
    shown = facilitator.post(url, form)
    assert facilitator.post(url, form | {"seen": shown.context["seen"]}).status_code == 302
    with tenant(cast.acme):
        assert Turn.objects.get(session=session, role=open_turn.role_id).seat_id == free.pk


def test_a_season_is_planned_from_a_page_and_once(cast: Cast, circle: Circle):
    pair = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel])
    url = f"/o/acme/partnerships/{pair.pk}/sessions/"
    petra = sign_in(cast.petra)
    assert "No session is planned yet" in petra.get(url).content.decode()
    assert petra.get(f"{url}plan/").status_code == 200
    form = {
        "first_at": "2026-03-10T09:00",
        "cadence_every": "2",
        "cadence_unit": "weeks",
        "count": "6",
    }
    assert petra.post(f"{url}plan/", form).status_code == 302
    assert petra.post(f"{url}plan/", form).status_code == 409


def test_a_past_session_that_was_never_planned_is_recorded(cast: Cast, circle: Circle):
    url = season_url(circle, "record/")
    with time_machine.travel(circle.sessions[1].starts_at - timedelta(days=1), tick=False):
        petra = sign_in(cast.petra)
        assert petra.get(url).status_code == 200
        form = attendance_of(circle) | {"held_at": "2026-03-10T09:00", "thanks": "All of you"}
        assert petra.post(url, form).status_code == 302
        assert petra.post(url, form | {"held_at": "2026-03-01T09:00"}).status_code == 422
    with tenant(circle.partnership.organisation_id):
        extra = Session.objects.get(held_at__isnull=False)
        assert extra.number == 2
        assert Attendance.objects.filter(session=extra).count() == 6
        assert Retrospective.objects.get(session=extra).thanks == "All of you"


@pytest.mark.slow
def test_where_absences_forbid_evenness_the_panel_says_what_they_force(cast: Cast, circle: Circle):
    pair = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel])
    sessions = plan(pair)
    with tenant(cast.acme):
        pavel = next(s for s in seats_of(pair) if s.enrolment.member_id == cast.pavel.pk)
        for session in sessions[:5]:
            replies.declare_absence(session=session, seat=pavel, by=cast.pavel)
    page = sign_in(cast.petra).get(f"/o/acme/partnerships/{pair.pk}/sessions/").content.decode()

    assert "As even as it can be. Petra leads 5 times this season, Pavel once." in page
    assert "Only Petra can lead on 5 Mar, 19 Mar, 2 Apr, 16 Apr and 30 Apr." in page
    assert "Pavel can lead on 14 May only." in page
    assert "No plan is more even than this." in page


def test_the_menu_of_every_page_leads_to_my_calendar_and_to_the_lines_i_may_read(petra: Client):
    page = petra.get("/o/acme/calendar/").content.decode()
    menu = page[page.index('class="menu me"') :]
    assert '<a href="/o/acme/calendar/">My calendar</a>' in menu
    assert '<a href="/o/acme/notes/">Messages for you</a>' in menu


@pytest.mark.parametrize(
    ("state", "said", "planning"),
    [
        ("active", "No session is planned yet", True),
        ("paused", "Sessions are planned for partnerships that are active.", False),
        ("over", "No session was held", False),
    ],
)
def test_a_table_without_sessions_is_drawn_and_says_what_can_be_done(
    cast: Cast, circle: Circle, petra: Client, state: str, said: str, planning: bool
):
    pair = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel])
    with tenant(cast.acme):
        if state == "paused":
            repairing.pause_partnership(partnership=pair, by=cast.cora)
        elif state == "over":
            partnerships.end_partnership(partnership=pair, reason="", by=cast.cora)
    page = petra.get(f"/o/acme/partnerships/{pair.pk}/sessions/", headers=HTMX).content.decode()
    assert page.count('class="motif') == 1
    assert "Pavel" in page
    assert said in page
    assert ("sessions/plan/" in page) is planning


def test_coordinators_swap_two_turns_across_sessions(cast: Cast, circle: Circle, petra: Client):
    with tenant(cast.acme):
        first, second = (
            Turn.objects.get(session=session, role__leads=True) for session in circle.sessions[:2]
        )
        # neither has another role where the other leads
        Turn.objects.filter(session__in=circle.sessions[:2], role__leads=False).delete()
    url = season_url(circle, "turns/swap/")
    cora = sign_in(cast.cora)
    assert "turns/swap/" in cora.get(season_url(circle)).content.decode()
    assert "5 March, Facilitator: " in cora.get(url).content.decode()

    form = {"first": str(first.pk), "second": str(second.pk)}
    assert cora.post(url, form | {"second": str(first.pk)}).status_code == 422
    shown = cora.post(url, form)
    assert "turns move" in shown.content.decode()
    form["seen"] = shown.context["seen"]
    assert cora.post(url, form).status_code == 302
    again = cora.post(url, form)

    assert again.status_code == 422
    assert "This turn has changed. Choose again." in again.content.decode()
    with tenant(cast.acme):
        led = [
            Turn.objects.get(session=session, role__leads=True).seat_id
            for session in circle.sessions[:2]
        ]
    assert led == [second.seat_id, first.seat_id]


def test_partners_swap_no_turns_of_others(cast: Cast, circle: Circle, petra: Client):
    url = season_url(circle, "turns/swap/")
    assert "turns/swap/" not in petra.get(season_url(circle)).content.decode()
    assert petra.get(url).status_code == 409
    with tenant(cast.acme):
        first, second = Turn.objects.filter(role__leads=True).exclude(seat=circle.seat("Petra"))[:2]
    assert petra.post(url, {"first": first.pk, "second": second.pk}).status_code == 409
    with tenant(cast.acme):
        assert Turn.objects.filter(pk__in=[first.pk, second.pk]).count() == 2
    assert sign_in(make_member(cast.acme, "Outsider")).get(url).status_code == 404
    assert sign_in(cast.greta).get(url).status_code == 404
