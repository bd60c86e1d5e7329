"""Nobody leads for the first time before they have done what the program requires."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.common import clock
from core.tenancy.context import tenant
from programs.errors import NotTrainedToLead
from programs.models.parts import MeetingRole
from programs.training import operations
from sessions.models.sessions import Turn
from sessions.rotation.operations import offers, turns
from sessions.rotation.operations.rotation import replan_changed_tables
from tests.cast import sign_in
from tests.programs.training.build import do, require
from tests.sessions.build import hold_session

LESSON = "facilitating"


def leaders(circle) -> list[str | None]:
    """Return who leads each session to come, nobody as None."""
    with tenant(circle.partnership.organisation_id):
        rows = Turn.objects.filter(
            session__partnership=circle.partnership, role__leads=True
        ).select_related("seat__enrolment__member")
        by_session = {turn.session_id: turn.seat.enrolment.member.given_name for turn in rows}
    return [by_session.get(session.pk) for session in circle.sessions]


def tick(circle, days: int = 1) -> int:
    at = clock.now() + timedelta(seconds=days)
    with tenant(circle.partnership.organisation_id), clock.at(at):
        return replan_changed_tables(at=at)


def lead_role(circle) -> MeetingRole:
    return MeetingRole.objects.get(program=circle.cohort.program_id, leads=True)


@pytest.mark.slow
def test_turns_go_to_who_may_lead_and_the_others_come_in_as_they_learn(cast, circle):
    assert sorted(filter(None, leaders(circle))) == [
        *("Amara", "Jonas", "Leila", "Mei", "Pavel", "Petra")
    ]
    step = require(circle.cohort.program, cast.cora, LESSON, "lead")
    do(cast.petra, LESSON)
    do(cast.pavel, LESSON)
    assert tick(circle) == 1
    # two of six take turns, and everybody still has the other roles
    assert sorted(leaders(circle)) == ["Pavel"] * 3 + ["Petra"] * 3
    assert tick(circle, 2) == 0  # safe to repeat
    amara = circle.seat("Amara").enrolment.member
    with clock.at(clock.now() + timedelta(hours=1)):
        do(amara, LESSON)
        assert tick(circle) == 1
        assert sorted(leaders(circle)) == ["Amara"] * 2 + ["Pavel"] * 2 + ["Petra"] * 2
        assert tick(circle, 2) == 0
    with clock.at(clock.now() + timedelta(hours=2)):
        with tenant(cast.acme):
            operations.remove_step(step=step, by=cast.cora)
        assert tick(circle) == 1
        assert len(set(leaders(circle))) == 6
        assert tick(circle, 2) == 0


def test_nobody_leads_where_nobody_may_until_somebody_has_learnt(cast, circle):
    require(circle.cohort.program, cast.cora, LESSON, "lead")
    assert tick(circle) == 1
    assert leaders(circle) == [None] * 6
    with clock.at(clock.now() + timedelta(hours=1)):
        do(cast.petra, LESSON)
        assert tick(circle) == 1
        assert leaders(circle) == ["Petra"] * 6


def test_by_hand_the_refusal_names_person_and_lesson(cast, circle):
    require(circle.cohort.program, cast.cora, LESSON, "lead")
    tick(circle)
    session = circle.sessions[0]
    with tenant(cast.acme):
        role = lead_role(circle)
        # who has another role there cannot take a second one, lesson or not
        busy = set(Turn.objects.filter(session=session).values_list("seat", flat=True))
        seat = next(seat for seat in circle.seats if seat.pk not in busy)
        member = seat.enrolment.member
        words = "has required lessons to do before a first lead: Facilitating a session."
        with pytest.raises(NotTrainedToLead, match=words):
            turns.assign_turn(session=session, role=role, seat=circle.seat("Mei"), by=cast.cora)
        with pytest.raises(NotTrainedToLead, match=words):
            offers.take_turn(session=session, role=role, by=member)
    take = f"/o/acme/sessions/{session.pk}/turns/take/"
    answer = sign_in(member).post(take, {"role": role.pk}, follow=True)
    assert answer.status_code == 200
    assert f"{member.full_name} {words}" in answer.content.decode()
    do(member, LESSON)
    with tenant(cast.acme):
        offers.take_turn(session=session, role=role, by=member)
    assert leaders(circle)[0] == member.given_name


def test_who_has_led_before_needs_no_lesson(cast, circle):
    first = leaders(circle)[0]
    assert first is not None
    hold_session(circle.sessions[0])
    require(circle.cohort.program, cast.cora, LESSON, "lead")
    with clock.at(circle.sessions[0].ends_at + timedelta(hours=1)):
        assert tick(circle) == 1
        assert leaders(circle)[1:] == [first] * 5
