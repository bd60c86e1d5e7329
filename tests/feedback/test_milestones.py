"""Milestones: each rule on real rows, once, and undone when the fact is corrected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agreements.decisions.models import Decision, Step
from agreements.goals.models import Goal
from core.common import clock
from core.members.models import Member
from core.notifications.kinds import KINDS
from core.notifications.models import Email
from core.notifications.pacing import Pace
from core.tenancy.context import tenant
from feedback.models.recognition import Milestone
from feedback.recognition.milestones import RULES
from feedback.recognition.operations import keep_milestones
from mentoring.privacy.export import data_of
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import MeetingRole
from sessions.models.sessions import Attendance, Session, Turn
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import (
    START,
    enrol,
    make_cohort,
    make_held_session,
    make_partnership,
    noon,
)

LATER = noon(START + timedelta(days=120))


@pytest.fixture
def seats(cast: Cast) -> list[Seat]:
    """Petra and Pavel in a circle whose program has two roles."""
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme), clock.at(noon(START)):
        for leads, key in ((True, "facilitator"), (False, "timekeeper")):
            MeetingRole.objects.create(program=cohort.program, key=key, name=key, leads=leads)
    return make_partnership(cohort, cast.petra, cast.pavel)


def meet(seats: list[Seat], days: int, number: int, **roles: Seat) -> Session:
    """Hold a session so many days after the start, with these roles held."""
    session = make_held_session(*seats, day=START + timedelta(days=days), number=number)
    with tenant(session.organisation_id):
        for key, seat in roles.items():
            role = MeetingRole.objects.get(key=key)
            Turn.objects.create(session=session, role=role, seat=seat, reason="least_often")
    return session


def sweep(cast: Cast, at: Any = LATER) -> int:
    with clock.at(at), tenant(cast.acme):
        return keep_milestones(at=at)


def reached(cast: Cast) -> list[tuple[str, str]]:
    with tenant(cast.acme):
        rows = Milestone.objects.for_list()
        return sorted(
            (str(row.kind), row.seat.enrolment.member.given_name if row.seat else "")
            for row in rows
        )


def absent(cast: Cast, session: Session, seat: Seat) -> None:
    with tenant(cast.acme):
        Attendance.objects.filter(session=session, seat=seat).update(kind="absent")


def test_every_kind_has_a_rule():
    assert {rule.kind for rule in RULES} == set(Milestone.Kind)


@pytest.mark.parametrize(
    ("days", "kept"),
    [
        ((0, 20, 45, 80), True),
        ((0, 31, 62, 93), True),
        ((0, 20, 45, 61), False),  # the third month has none
        ((0, 40, 80, 110), False),  # nor has the first
        ((0, 60, 75, 100, 130), True),  # counted from the second session
    ],
)
def test_contact_kept_is_a_session_in_each_of_three_months(
    cast: Cast, seats: list[Seat], days: tuple[int, ...], kept: bool
):
    for number, day in enumerate(days, start=1):
        meet(seats, day, number)
    sweep(cast, noon(START + timedelta(days=200)))
    assert (("contact_kept", "") in reached(cast)) == kept


def test_leading_counts_where_one_was_present_and_everybody_means_all_who_sit_there(
    cast: Cast, seats: list[Seat]
):
    petra, pavel = seats
    first = meet(seats, 5, 1, facilitator=petra)
    absent(cast, first, petra)
    assert (sweep(cast), reached(cast)) == (0, [])
    meet(seats, 10, 2, facilitator=petra)
    assert (sweep(cast), reached(cast)) == (1, [("first_lead", "Petra")])
    meet(seats, 15, 3, facilitator=pavel)
    everybody = [("everybody_led", ""), ("first_lead", "Pavel"), ("first_lead", "Petra")]
    assert (sweep(cast), reached(cast)) == (2, everybody)
    assert sweep(cast) == 0


def test_everybody_has_led_stays_true_when_somebody_joins_and_goes_by_a_correction(
    cast: Cast, seats: list[Seat]
):
    petra, pavel = seats
    meet(seats, 5, 1, facilitator=petra)
    last = meet(seats, 10, 2, facilitator=pavel)
    sweep(cast)
    with tenant(cast.acme):
        Seat.objects.create(
            partnership=petra.partnership,
            enrolment=enrol(petra.enrolment.cohort, make_member(cast.acme, "Mia")),
            part="peer",
            taken_at=LATER + timedelta(days=1),
        )
    assert sweep(cast, LATER + timedelta(days=2)) == 0
    absent(cast, last, pavel)
    assert sweep(cast, LATER + timedelta(days=2)) == 2
    assert reached(cast) == [("first_lead", "Petra")]


def test_all_roles_held_stays_true_when_a_role_is_added(cast: Cast, seats: list[Seat]):
    petra, pavel = seats
    meet(seats, 5, 1, facilitator=petra, timekeeper=pavel)
    sweep(cast)
    assert ("all_roles_held", "Petra") not in reached(cast)
    second = meet(seats, 10, 2, timekeeper=petra)
    sweep(cast)
    assert ("all_roles_held", "Petra") in reached(cast)
    with tenant(cast.acme), clock.at(LATER + timedelta(days=1)):
        program = petra.enrolment.cohort.program
        MeetingRole.objects.create(program=program, key="host", name="Host")
    assert sweep(cast, LATER + timedelta(days=2)) == 0
    absent(cast, second, petra)
    sweep(cast, LATER + timedelta(days=2))
    assert ("all_roles_held", "Petra") not in reached(cast)


def met_goal(seat: Seat, *, shared: bool = False, private: bool = False) -> Goal:
    with tenant(seat.organisation_id):
        return Goal.objects.create(
            partnership=seat.partnership,
            seat=None if shared else seat,
            private=private,
            state="met",
            title="" if private else "Speak up",
            due_on=START,
            settled_at=noon(START),
            settled_on=START,
        )


def test_goals_met_are_the_tables_or_a_persons_but_never_a_private_one(
    cast: Cast, seats: list[Seat]
):
    petra, pavel = seats
    met_goal(petra, private=True)
    assert sweep(cast) == 0
    met_goal(pavel)
    met_goal(petra, shared=True)
    assert (sweep(cast), reached(cast)) == (2, [("goal_met", ""), ("goal_met", "Pavel")])
    with tenant(cast.acme):
        # told at once by agreements, and not again
        assert not Email.objects.filter(kind="feedback.celebration").exists()
        # what somebody wanted for themselves is their partners' to know
        assert Milestone.objects.visible_to(cast.cora).count() == 1
        assert Milestone.objects.visible_to(cast.petra).count() == 2


def test_a_decision_kept_at_its_review(cast: Cast, seats: list[Seat]):
    with tenant(cast.acme):
        facts = {"partnership": seats[0].partnership, "proposer": seats[0], "method": "consent"}
        closed = {"state": "adopted", "closed_at": noon(START), "closed_on": START}
        opened = {"opened_at": noon(START)}
        for number, practice in enumerate((True, False), start=1):
            decision = Decision.objects.create(
                **facts, **closed, **opened, number=number, practice=practice
            )
            assert sweep(cast) == 0
            Step.objects.create(
                decision=decision,
                number=1,
                state="adopted",
                version=1,
                ballot=1,
                why="kept",
                at=noon(START),
            )
    assert (sweep(cast), reached(cast)) == (1, [("decision_kept", "")])


def test_completed_as_agreed_and_undone_with_the_end(cast: Cast, seats: list[Seat]):
    with tenant(cast.acme):
        Partnership.objects.update(state="completed", ended_at=LATER)
    assert (sweep(cast), reached(cast)) == (1, [("closing_done", "")])
    with tenant(cast.acme):
        Partnership.objects.update(state="active", ended_at=None)
    assert (sweep(cast), reached(cast)) == (1, [])


def test_what_ended_long_ago_is_left_as_it_is(cast: Cast, seats: list[Seat]):
    meet(seats, 5, 1, facilitator=seats[0])
    with tenant(cast.acme):
        Partnership.objects.update(state="completed", ended_at=LATER - timedelta(days=15))
    assert sweep(cast) == 0


def test_the_table_is_told_once_a_week_and_not_of_what_is_undone(cast: Cast, seats: list[Seat]):
    assert KINDS["feedback.celebration"].pace == Pace.WEEKLY
    session = meet(seats, 5, 1, facilitator=seats[0])
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.pavel.pk).update(language="de")
    sweep(cast)
    with tenant(cast.acme):
        emails = Email.objects.filter(kind="feedback.celebration")
        assert {(email.member, email.context["what"]) for email in emails} == {
            (cast.petra, "Petra Acme: A session led for the first time"),
            (cast.pavel, "Petra Acme: Zum ersten Mal ein Treffen geleitet"),
        }
    absent(cast, session, seats[0])
    sweep(cast)
    with tenant(cast.acme):
        assert {email.withdrawn_at is None for email in emails.all()} == {False}


def test_pages_of_the_table_of_the_person_and_of_the_cohort(cast: Cast, seats: list[Seat]):
    meet(seats, 5, 1, facilitator=seats[0])
    sweep(cast)
    words = "Petra Acme: A session led for the first time"
    table = f"/o/acme/partnerships/{seats[0].partnership_id}/celebrations/"
    cohort = f"/o/acme/cohorts/{seats[0].enrolment.cohort_id}/recognition/"

    def says(member: Member, path: str) -> bool:
        return words in sign_in(member).get(path).text

    assert [says(member, table) for member in (cast.petra, cast.pavel, cast.cora)] == [True] * 3
    assert [says(member, "/o/acme/recognition/") for member in (cast.petra, cast.pavel)] == [
        True,
        False,
    ]
    assert says(cast.cora, cohort)
    with tenant(cast.acme, member=cast.petra.pk):
        assert len(data_of(cast.petra)["feedback_milestone"]) == 1
