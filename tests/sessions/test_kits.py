"""The facilitator's kit: a week before the turn, once, and to whoever holds it then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.common import clock
from core.common.errors import violated
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.models.partnerships import Seat
from programs.models.parts import Competency, MeetingRole
from sessions.actions import operations as actions_operations
from sessions.attendance.operations import recording, replies
from sessions.models.offers import TurnOffer
from sessions.models.replies import Kit
from sessions.models.sessions import RetrospectiveLines, Session, Turn
from sessions.page.operations import send_due_kits
from sessions.planning.operations import changes
from sessions.rotation.operations import turns as rotation_turns
from tests.cast import Cast, sign_in
from tests.sessions.build import NOON, hold_session, twice_at_once
from tests.sessions.conftest import Circle
from tests.work import everywhere


def leader(session: Session) -> Seat:
    turns = Turn.objects.select_related("seat__enrolment__member")
    return turns.get(session=session, role__leads=True).seat


def kits() -> list[tuple[str, bool]]:
    """Return the e-mails with a kit that were not taken back: to whom, and whether sent."""
    rows = Email.objects.filter(kind="sessions.kit", withdrawn_at=None).select_related("member")
    return sorted((row.member.given_name, row.sent_at is not None) for row in rows)


def sent() -> None:
    Email.objects.filter(withdrawn_at=None).update(sent_at=clock.now())


def test_it_comes_seven_days_before_and_once(cast: Cast, circle: Circle):
    third = circle.sessions[2]
    with tenant(cast.acme):
        name = leader(third).enrolment.member.given_name
        changes.cancel(session=circle.sessions[0], cause="other", by=None)
        changes.cancel(session=circle.sessions[1], cause="other", by=None)
        name = leader(third).enrolment.member.given_name
    for minutes in (-1, 0, 5, 60 * 24 * 3):
        with clock.at(third.starts_at - timedelta(days=7) + timedelta(minutes=minutes)):
            everywhere(send_due_kits)
            with tenant(cast.acme):
                assert kits() == ([] if minutes < 0 else [(name, False)])
    with tenant(cast.acme):
        email = Email.objects.get(kind="sessions.kit")
    assert email.link == {"page": f"/o/acme/sessions/{third.pk}/kit/"}
    assert email.context["duties"] == "Duties of the facilitator."
    assert [step["minutes"] for step in email.context["steps"]] == [5, 40, 15]


def test_it_follows_the_turn_and_is_taken_back_where_it_has_not_left(cast: Cast, circle: Circle):
    session = circle.sessions[0]  # in three days
    everywhere(send_due_kits)
    with tenant(cast.acme):
        first = leader(session)
        replies.declare_absence(session=session, seat=first, by=None)
        role = MeetingRole.objects.get(program=circle.cohort.program, leads=True)
        second = Seat.objects.filter(partnership=circle.partnership).exclude(pk=first.pk).first()
        assert TurnOffer.objects.open().filter(session=session).count() == 1
        rotation_turns.assign_turn(session=session, role=role, seat=second, by=None)
        assert not TurnOffer.objects.open().filter(session=session).exists()
    everywhere(send_due_kits)
    with tenant(cast.acme):
        assert kits() == [(second.enrolment.member.given_name, False)]
        sent()
        replies.withdraw_absence(session=session, seat=first, by=None)
        rotation_turns.assign_turn(session=session, role=role, seat=first, by=None)
    everywhere(send_due_kits)
    with tenant(cast.acme):
        # what the second holder has read stays read; the first gets it anew
        assert kits() == sorted(
            [
                (first.enrolment.member.given_name, False),
                (second.enrolment.member.given_name, True),
            ]
        )
        assert Kit.objects.filter(withdrawn_at=None).count() == 1


def test_a_session_that_is_cancelled_or_moves_away_takes_its_kit_back(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    everywhere(send_due_kits)
    with tenant(cast.acme):
        changes.reschedule(
            session=session, starts_at=session.starts_at + timedelta(days=8), by=None
        )
    everywhere(send_due_kits)
    with tenant(cast.acme):
        assert kits() == []
    with clock.at(session.starts_at - timedelta(days=2)):
        everywhere(send_due_kits)
        with tenant(cast.acme):
            assert len(kits()) == 1
            changes.cancel(session=session, cause="workload", by=None)
        everywhere(send_due_kits)
        with tenant(cast.acme):
            assert kits() == []


def test_one_kit_is_in_force_for_a_session_whoever_runs_the_sweep(cast: Cast, circle: Circle):
    everywhere(send_due_kits)
    with tenant(cast.acme):
        kit = Kit.objects.get()
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            Kit.objects.create(session=kit.session, seat=kit.seat)
        assert violated(error.value) == "kit_one_in_force"


def test_the_page_has_what_the_day_needs_and_is_the_partners_alone(cast: Cast, circle: Circle):
    program = circle.cohort.program
    with tenant(cast.acme):
        competency = Competency.objects.create(
            program=program, key="facilitation", name="Facilitation", rubric="Holds the time."
        )
        MeetingRole.objects.filter(program=program, leads=True).update(competency=competency)
    hold_session(circle.sessions[0])
    with tenant(cast.acme), clock.at(circle.sessions[0].ends_at):
        lines = RetrospectiveLines(worked="w", change="Fewer slides", thanks="Mei, for the tea")
        recording.write_retrospective(session=circle.sessions[0], lines=lines, by=cast.petra)
        actions_operations.promise_action(
            session=circle.sessions[0],
            seat=circle.seat("Petra"),
            words="Call the printer",
            by=cast.petra,
        )
        name = leader(circle.sessions[1]).enrolment.member
        away = next(m.given_name for m in circle.members if m.pk not in {name.pk, cast.petra.pk})
        replies.decline_invitation(session=circle.sessions[1], seat=circle.seat(away), by=None)
    url = f"/o/acme/sessions/{circle.sessions[1].pk}/kit/"
    page = sign_in(name).get(url).content.decode()

    for words in (
        "You lead on Thursday 19 March",
        "Duties of the facilitator.",
        f"Plan without {away}.",
        "Choose the topic",
        "Fewer slides",
        "Mei, for the tea",
        "Call the printer",
        "Holds the time.",
        "who has not been heard",
    ):
        assert words in page, words
    other = next(m for m in circle.members if m.pk != name.pk)
    assert f"{name.given_name} leads on" in sign_in(other).get(url).content.decode()
    assert sign_in(cast.cora).get(url).status_code == 404
    assert sign_in(cast.hugo).get(url).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_send_a_kit_once_and_take_it_back_once(cast: Cast, circle: Circle):
    session = circle.sessions[0]  # in three days
    assert twice_at_once(cast.acme, send_due_kits, at=NOON) == (1, 0)
    with tenant(cast.acme):
        assert kits() == [(leader(session).enrolment.member.given_name, False)]
        changes.cancel(session=session, cause="workload", by=None)
    assert twice_at_once(cast.acme, send_due_kits, at=NOON) == (0, 0)
    with tenant(cast.acme):
        assert kits() == []
        assert list(Kit.objects.values_list("withdrawn_at", flat=True)) == [NOON]
