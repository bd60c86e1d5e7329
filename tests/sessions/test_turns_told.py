"""Whoever's turns change hears of it: only theirs, with the events, whatever moved them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import translation

from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.render import as_its_reader, words_of
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from pairing.partnerships.operations.partnerships import leave_seat
from sessions.attendance.operations import replies
from sessions.elections import operations as elections
from sessions.models.elections import Election
from sessions.models.sessions import Session, Turn
from sessions.planning.operations import changes
from sessions.rotation import texts
from sessions.rotation.operations import offers, rotation
from sessions.rotation.operations import turns as rotation_turns
from sessions.rotation.queries.turns import parts_changed, turns_to_come
from tests.cast import Cast, sign_in
from tests.sessions.build import NOON, hold_session
from tests.sessions.conftest import Circle

KIND = "sessions.turns_changed"


@pytest.fixture(autouse=True)
def _at_acme(cast: Cast):
    with tenant(cast.acme):
        yield


def lead_of(session: Session) -> Turn:
    return Turn.objects.select_related(
        "session__partnership", "role", "seat__enrolment__member"
    ).get(session=session, role__leads=True)


def told() -> dict[object, Email]:
    rows = Email.objects.filter(kind=KIND, withdrawn_at=None)
    return {email.member_id: email for email in rows}


def free_in(session: Session, circle: Circle):
    busy = set(Turn.objects.filter(session=session).values_list("seat", flat=True))
    return next(seat for seat in circle.seats if seat.pk not in busy)


def cancel(circle: Circle, cast: Cast) -> None:
    changes.cancel(session=circle.sessions[2], cause="workload", by=cast.cora)


def assign(circle: Circle, cast: Cast) -> None:
    lead = lead_of(circle.sessions[3])
    seat = free_in(lead.session, circle)
    rotation_turns.assign_turn(session=lead.session, role=lead.role, seat=seat, by=cast.cora)


def swap(circle: Circle, cast: Cast) -> None:
    first, second = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    Turn.objects.filter(session=first.session, seat=second.seat).delete()
    Turn.objects.filter(session=second.session, seat=first.seat).delete()
    rotation_turns.swap_turns(first=first, second=second, by=cast.cora)


def absent_at_once(circle: Circle, cast: Cast) -> None:
    session = circle.sessions[0]
    with clock.at(session.starts_at - timedelta(hours=40)):
        replies.declare_absence(session=session, seat=lead_of(session).seat, by=None)


def nobody_came(circle: Circle, cast: Cast) -> None:
    with clock.at(circle.sessions[0].ends_at):
        changes.mark_nobody_came(session=circle.sessions[0], by=cast.cora)


def leaver(circle: Circle, cast: Cast) -> None:
    leave_seat(seat=lead_of(circle.sessions[3]).seat, by=None)
    rotation.replan_changed_tables(at=clock.now())


def unanswered(circle: Circle, cast: Cast) -> None:
    session = circle.sessions[2]
    replies.declare_absence(session=session, seat=lead_of(session).seat, by=None)
    with clock.at(NOON + timedelta(days=10)):
        offers.settle_offers(at=clock.now())


def come_forward(circle: Circle, cast: Cast) -> None:
    session = circle.sessions[2]
    lead = lead_of(session)
    replies.declare_absence(session=session, seat=lead.seat, by=None)
    taker = free_in(session, circle)
    if taker.pk == lead.seat_id:
        taker = next(
            seat
            for seat in circle.seats
            if seat.pk != lead.seat_id and not session.turns.filter(seat=seat).exists()
        )
    offers.take_turn(session=session, role=lead.role, by=taker.enrolment.member)


def elected(circle: Circle, cast: Cast) -> None:
    role = circle.cohort.program.meeting_roles.get(key="timekeeper")
    election = elections.open_election(
        partnership=circle.partnership,
        role=role,
        description="",
        term_until=(NOON + timedelta(days=80)).date(),
        by=circle.members[0],
    )
    for member in circle.members:
        elections.nominate(election=election, nominee=circle.seats[3], by=member)
    election.refresh_from_db()
    elections.open_changes(election=election, by=circle.members[0])
    elections.propose(election=election, by=circle.members[0])
    for member in circle.members:
        elections.consent(election=election, consents=True, by=member)
    assert Election.objects.get().state == Election.State.ELECTED


@pytest.mark.parametrize(
    "act",
    [cancel, assign, swap, absent_at_once, nobody_came, leaver, unanswered, come_forward, elected],
)
def test_everybody_whose_turns_change_is_told_theirs_with_the_events(
    circle: Circle, cast: Cast, act: Callable[[Circle, Cast], None]
):
    before = turns_to_come(partnership=circle.partnership, at=NOON)
    act(circle, cast)
    coming = set(Session.objects.filter(state="planned").values_list("pk", flat=True))
    away = set(Session.objects.values_list("pk", "absences__seat"))
    after = turns_to_come(partnership=circle.partnership, at=NOON)
    people = {seat.pk: seat.enrolment.member_id for seat in circle.seats}
    wanted = {
        people[seat]: {
            part.session_id
            for part in parts
            if part.session_id in coming and (part.now or (part.session_id, seat) not in away)
        }
        for seat, parts in parts_changed(before, after).items()
    }
    gone = {seat.enrolment.member_id for seat in circle.seats if seat.left_at}
    wanted = {who: at for who, at in wanted.items() if at and who not in gone}
    open_members = {
        seat.enrolment.member_id
        for seat in circle.partnership.seats.filter(left_at=None).select_related("enrolment")
    }

    emails = told()
    assert set(emails) == set(wanted) & open_members
    for who, email in emails.items():
        names = {f"session-{Session.objects.get(pk=pk).number}.ics" for pk in wanted[who]}
        assert {part["name"] for part in email.calendar} == names
        assert len(email.context["lines"]) + email.context["more"] == len(wanted[who])
        assert len(email.context["lines"]) <= 5
        assert email.cause_id
        assert not any("SEQUENCE:0" in part["text"] for part in email.calendar)


def test_an_unsent_email_gives_way_to_one_that_says_both_changes(circle: Circle, cast: Cast):
    first, second = lead_of(circle.sessions[2]), lead_of(circle.sessions[3])
    loses = first.seat.enrolment.member
    rotation_turns.assign_turn(
        session=first.session, role=first.role, seat=free_in(first.session, circle), by=cast.cora
    )
    mine = free_in(second.session, circle)
    if mine.enrolment.member != loses:
        Turn.objects.filter(session=second.session, seat__enrolment__member=loses).delete()
        mine = first.seat
    rotation_turns.assign_turn(session=second.session, role=second.role, seat=mine, by=cast.cora)

    email = told()[loses.pk]
    days = {
        line["when"].split(",")[0]: (line["was"], line["now"]) for line in email.context["lines"]
    }
    assert ("Facilitator", "") in days.values()
    assert any(now == "Facilitator" for _was, now in days.values())


def test_what_is_put_back_before_it_was_told_is_not_told(circle: Circle, cast: Cast):
    lead = lead_of(circle.sessions[3])
    taker = free_in(lead.session, circle)
    rotation_turns.assign_turn(session=lead.session, role=lead.role, seat=taker, by=cast.cora)
    rotation_turns.assign_turn(session=lead.session, role=lead.role, seat=lead.seat, by=cast.cora)

    days = [line["when"] for email in told().values() for line in email.context["lines"]]
    assert not [day for day in days if day.startswith("Thursday 16 April")]


def test_nobody_is_told_of_turns_in_a_partnership_that_is_over(circle: Circle, cast: Cast):
    hold_session(circle.sessions[0])
    leave_seat(seat=circle.seats[0], by=None)
    circle.partnership.state = "ended"
    circle.partnership.ended_at = clock.now()
    circle.partnership.save()
    rotation.replan(partnership=circle.partnership, cause=circle.partnership.pk)
    assert told() == {}


def test_the_email_reads_as_sentences_about_me_alone(circle: Circle, cast: Cast):
    lead = lead_of(circle.sessions[3])
    taker = free_in(lead.session, circle)
    rotation_turns.assign_turn(session=lead.session, role=lead.role, seat=taker, by=cast.cora)
    email = told()[lead.seat.enrolment.member_id]
    with as_its_reader(email, settings_in_force()):
        words = words_of(email)
    assert "turn" in words.subject
    assert "Thursday 16 April 2026" in words.text
    assert "Facilitator no longer, you have no role there." in words.text
    assert "{" not in words.text
    assert taker.enrolment.member.given_name not in words.text
    assert "Facilitator no longer, you have no role there." in " ".join(words.html.split())


def test_why_is_said_in_the_language_of_who_reads_it_whoever_has_changed_it(
    circle: Circle, cast: Cast
):
    Member.objects.update(language="de")
    assign(circle, cast)
    why = {line["why"] for email in told().values() for line in email.context["lines"]}
    with translation.override("de"):
        german = {texts.why(turn.reason, turn.reason_detail) for turn in Turn.objects.all()}
    assert why - {""}
    assert why - {""} <= german


def test_what_a_reschedule_moves_is_shown_before_it_is_confirmed(
    circle: Circle, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    moves = [SimpleNamespace(words=lambda: "Mei leads on 2 April.")]
    monkeypatch.setattr(rotation, "previewed", lambda **_act: moves)
    first, last = circle.sessions[0], circle.sessions[-1]
    after = (last.starts_at + timedelta(days=7)).date()
    form = {
        "starts_at": f"{after.isoformat()}T12:00",
        "duration_minutes": 60,
        "topic": "",
        "place": "",
    }
    cora = sign_in(cast.cora)
    page = f"/o/acme/sessions/{first.pk}/reschedule/"
    shown = cora.post(page, form)
    assert shown.status_code == 200
    assert "Nothing has changed yet" in shown.content.decode()
    assert "Mei leads on 2 April." in shown.content.decode()
    assert Session.objects.get(pk=first.pk).starts_at == first.starts_at
    assert cora.post(page, form | {"seen": shown.context["seen"]}).status_code == 302
    assert Session.objects.get(pk=first.pk).starts_at != first.starts_at


def test_two_who_change_an_agenda_at_once_are_told(circle: Circle, cast: Cast):
    session = circle.sessions[0]
    page = f"/o/acme/sessions/{session.pk}/agenda/"
    cora = sign_in(cast.cora)
    opened = steps_of(cora.get(page))
    title = next(name for name, value in opened.items() if value == "Arrive")
    assert cora.post(page, opened | {title: "Come in"}).status_code == 302
    late = cora.post(page, opened | {title: "Sit down"})
    assert late.status_code == 422
    assert "Somebody changed this agenda meanwhile" in late.content.decode()
    assert cora.post(page, steps_of(late)).status_code == 302


def steps_of(page) -> dict[str, str]:
    """Return what a browser would send of the agenda's form."""
    form = page.context["form"]
    return {field.html_name: str(field.value() or "") for field in form}
