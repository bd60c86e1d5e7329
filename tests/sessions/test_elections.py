"""Electing somebody to a role: nominations hidden, reasons, changes, consent, a term."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.errors import NotTheirs, PartnershipNotActive
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations.partnerships import leave_seat
from programs.models.parts import MeetingRole
from programs.models.programs import Enrolment
from sessions.attendance.operations import replies
from sessions.elections import operations as elections_operations
from sessions.elections import queries as elections_queries
from sessions.errors import (
    ElectionAlreadyOpen,
    ElectionMovedOn,
    NominationMade,
    NotAllNominated,
    ObjectionNeedsReason,
)
from sessions.models.elections import Election, Nomination
from sessions.models.sessions import Turn
from sessions.rotation.operations import offers
from tests.cast import Cast, make_member
from tests.sessions.build import NOON, make_cohort, make_partnership, seats_of
from tests.sessions.conftest import Circle

State = Election.State


@pytest.fixture(autouse=True)
def _at_acme(cast: Cast):
    with tenant(cast.acme):
        yield


@pytest.fixture
def role(circle: Circle) -> MeetingRole:
    return MeetingRole.objects.get(program=circle.cohort.program_id, key="note_taker")


@pytest.fixture
def election(circle: Circle, role: MeetingRole) -> Election:
    return elections_operations.open_election(
        partnership=circle.partnership,
        role=role,
        description="Writes down what we decide.",
        term_until=NOON.date() + timedelta(days=60),
        by=circle.members[0],
    )


def everybody_nominates(election: Election, circle: Circle, nominee: Seat) -> None:
    for member in circle.members:
        elections_operations.nominate(
            election=election, nominee=nominee, reason="Listens.", by=member
        )
        election.refresh_from_db()


def propose_to(election: Election, circle: Circle, seat: Seat) -> None:
    everybody_nominates(election, circle, seat)
    elections_operations.open_changes(election=election, by=circle.members[0])
    elections_operations.propose(election=election, by=circle.members[0])


def elect(election: Election, circle: Circle, seat: Seat) -> None:
    propose_to(election, circle, seat)
    for member in circle.members:
        elections_operations.consent(election=election, consents=True, by=member)
    election.refresh_from_db()


def sheet(election: Election, circle: Circle, person: int = 0, **later: int):
    row = Election.objects.for_list().get(pk=election.pk)
    at = NOON + timedelta(**later)
    return elections_queries.election_sheet(election=row, member=circle.members[person], at=at)


def test_nominations_are_hidden_until_all_have_made_theirs(election: Election, circle: Circle):
    nominee = circle.seats[3]
    elections_operations.nominate(
        election=election, nominee=nominee, reason="Calm.", by=circle.members[1]
    )

    theirs, mine = sheet(election, circle, 0), sheet(election, circle, 1)
    assert (theirs.nominations, theirs.mine, theirs.nominated) == ((), None, 1)
    assert mine.nominations == ()
    assert mine.mine is not None
    assert mine.mine.nominee_id == nominee.pk
    with pytest.raises(NotAllNominated):
        elections_operations.hear_reasons(election=election, by=circle.members[0])
    with pytest.raises(NominationMade), transaction.atomic():
        elections_operations.nominate(election=election, nominee=None, by=circle.members[1])

    for member in [m for n, m in enumerate(circle.members) if n != 1]:
        elections_operations.nominate(election=election, nominee=None, by=member)
    election.refresh_from_db()
    assert election.state == State.REASONS
    assert len(sheet(election, circle).nominations) == 6


def test_when_time_is_up_the_reasons_can_be_heard(election: Election, circle: Circle):
    elections_operations.nominate(election=election, nominee=circle.seats[2], by=circle.members[1])
    with clock.at(election.nominate_until + timedelta(minutes=1)):
        elections_operations.hear_reasons(election=election, by=circle.members[4])
    assert election.state == State.REASONS


def test_a_reason_may_change_minds_and_the_most_nominated_is_proposed(
    election: Election, circle: Circle
):
    everybody_nominates(election, circle, circle.seats[2])
    elections_operations.open_changes(election=election, by=circle.members[0])
    for member in circle.members[:4]:
        elections_operations.change_nomination(
            election=election, nominee=circle.seats[5], reason="Grows by it.", by=member
        )
    elections_operations.propose(election=election, by=circle.members[0])

    assert election.proposed_id == circle.seats[5].pk
    assert [(s.pk, n) for s, n in sheet(election, circle).tally] == [
        (circle.seats[5].pk, 4),
        (circle.seats[2].pk, 2),
    ]
    asked = Email.objects.filter(kind="sessions.election_consent", withdrawn_at=None)
    assert asked.count() == 5  # all but who proposed


def test_with_everybody_s_consent_the_role_is_theirs_in_every_session_of_the_term(
    election: Election, circle: Circle, role: MeetingRole
):
    elect(election, circle, circle.seats[3])

    assert election.state == State.ELECTED
    turns = Turn.objects.filter(role=role, session__partnership=circle.partnership)
    inside = turns.filter(session__day__lte=election.term_until)
    assert inside.count() >= 4
    assert set(inside.values_list("seat", "reason")) == {(circle.seats[3].pk, "elected")}
    after = turns.filter(session__day__gt=election.term_until)
    assert set(after.values_list("reason", flat=True)) & {"elected"} == set()
    assert election.review_on == NOON.date() + timedelta(days=30)


def test_the_elected_who_cannot_come_is_stood_in_for_and_the_term_goes_on(
    election: Election, circle: Circle, role: MeetingRole
):
    elect(election, circle, circle.seats[3])
    session = circle.sessions[1]
    replies.declare_absence(session=session, seat=circle.seats[3], by=None)
    offers.settle_offers(at=NOON + timedelta(days=400))

    there = Turn.objects.filter(session=session, role=role).first()
    assert there is None or there.seat_id != circle.seats[3].pk
    assert Turn.objects.get(session=circle.sessions[2], role=role).seat_id == circle.seats[3].pk


def test_an_objection_needs_a_reason_and_stops_the_decision_until_it_is_integrated(
    election: Election, circle: Circle
):
    propose_to(election, circle, circle.seats[3])
    with pytest.raises(ObjectionNeedsReason):
        elections_operations.consent(
            election=election, consents=False, objection=" ", by=circle.members[5]
        )
    elections_operations.consent(
        election=election, consents=False, objection="Two roles are too many.", by=circle.members[5]
    )
    for member in circle.members[:5]:
        elections_operations.consent(election=election, consents=True, by=member)
    election.refresh_from_db()
    assert election.state == State.CONSENT
    assert [v.objection for v in sheet(election, circle).votes.objections] == [
        "Two roles are too many."
    ]

    elections_operations.propose(election=election, candidate=circle.seats[1], by=circle.members[0])
    assert len(sheet(election, circle).votes.waiting) == 6
    for member in circle.members:
        elections_operations.consent(election=election, consents=True, by=member)
    election.refresh_from_db()
    assert (election.state, election.proposed_id) == (State.ELECTED, circle.seats[1].pk)


def test_each_act_belongs_to_its_step(election: Election, circle: Circle):
    me = circle.members[0]
    for act in (
        lambda: elections_operations.open_changes(election=election, by=me),
        lambda: elections_operations.change_nomination(
            election=election, nominee=circle.seats[1], by=me
        ),
        lambda: elections_operations.propose(election=election, by=me),
        lambda: elections_operations.consent(election=election, consents=True, by=me),
    ):
        with pytest.raises(ElectionMovedOn):
            act()
    elections_operations.end_election(election=election, by=me)
    with pytest.raises(ElectionMovedOn):
        elections_operations.nominate(election=election, nominee=None, by=me)
    with pytest.raises(ElectionMovedOn):
        elections_operations.end_election(election=election, by=me)


def test_one_role_is_elected_once_at_a_time_and_only_by_the_table(
    election: Election, circle: Circle, role: MeetingRole, cast: Cast
):
    term = NOON.date() + timedelta(days=30)
    with pytest.raises(ElectionAlreadyOpen), transaction.atomic():
        elections_operations.open_election(
            partnership=circle.partnership,
            role=role,
            description="Again",
            term_until=term,
            by=circle.members[1],
        )
    with pytest.raises(NotTheirs):
        elections_operations.nominate(election=election, nominee=None, by=cast.cora)
    assert not Election.objects.visible_to(cast.cora).exists()


def test_ending_a_term_gives_the_role_back_to_the_rotation(
    election: Election, circle: Circle, role: MeetingRole
):
    elect(election, circle, circle.seats[3])
    elections_operations.end_election(election=election, by=circle.members[2])

    held = Turn.objects.filter(role=role, session__partnership=circle.partnership)
    assert "elected" not in set(held.values_list("reason", flat=True))
    assert len(set(held.values_list("seat", flat=True))) > 1


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"review_on": NOON.date() + timedelta(days=900)}, "election_term_in_order"),
        ({"state": "elected"}, "election_closed_at_iff_closed"),
        ({"state": "consent"}, "election_proposes_somebody"),
    ],
)
def test_the_database_refuses_what_cannot_be(election: Election, values, constraint):
    with transaction.atomic(), pytest.raises(IntegrityError, match=constraint):
        Election.objects.filter(pk=election.pk).update(**values)


def _open(circle: Circle, role: MeetingRole, *, days: int = 60, **parts: date) -> Election:
    return elections_operations.open_election(
        partnership=circle.partnership,
        role=role,
        description="Writes down what we decide.",
        term_until=NOON.date() + timedelta(days=days),
        by=circle.members[0],
        **parts,
    )


def test_a_table_that_pauses_elects_nobody(circle: Circle, role: MeetingRole):
    Partnership.objects.filter(pk=circle.partnership.pk).update(state="paused")
    with pytest.raises(PartnershipNotActive):
        _open(circle, role)
    assert Election.objects.count() == 0


def test_a_role_of_another_program_is_not_elected(circle: Circle, cast: Cast):
    other = make_cohort(cast.acme)
    theirs = MeetingRole.objects.get(program=other.program_id, key="note_taker")
    with pytest.raises(NotTheirs):
        _open(circle, theirs)
    assert Election.objects.count() == 0


def test_a_term_ends_after_today_and_its_review_is_in_it(circle: Circle, role: MeetingRole):
    today = NOON.date()
    with pytest.raises(ValueError, match="review must be in the term"):
        _open(circle, role, days=0)
    for review_on in (today, today + timedelta(days=61)):
        with pytest.raises(ValueError, match="review must be in the term"):
            _open(circle, role, review_on=review_on)
    assert Election.objects.count() == 0
    last = today + timedelta(days=60)
    assert _open(circle, role, review_on=last).review_on == last


def test_where_nobody_is_nominated_somebody_must_be_named(election: Election, circle: Circle):
    me = circle.members[0]
    for member in circle.members:
        elections_operations.nominate(election=election, nominee=None, by=member)
    elections_operations.open_changes(election=election, by=me)
    with pytest.raises(ValueError, match="must be named"):
        elections_operations.propose(election=election, by=me)
    election.refresh_from_db()
    assert (election.state, election.lap, election.proposed_id) == (State.CHANGES, 0, None)

    elections_operations.propose(election=election, by=me, candidate=circle.seats[4])
    assert (election.state, election.proposed_id) == (State.CONSENT, circle.seats[4].pk)


def test_who_sits_at_another_table_or_has_left_this_one_is_not_nominated(
    election: Election, circle: Circle, cast: Cast
):
    elsewhere = make_partnership(circle.cohort, [make_member(cast.acme, "Nele")])
    leave_seat(seat=circle.seats[5], by=cast.cora)
    circle.seats[5].refresh_from_db()
    for seat in (seats_of(elsewhere)[0], circle.seats[5]):
        with pytest.raises(NotTheirs):
            elections_operations.nominate(election=election, nominee=seat, by=circle.members[0])
    assert Nomination.objects.count() == 0


def test_nobody_waits_for_who_takes_a_break(cast: Cast, election: Election, circle: Circle):
    seats = seats_of(circle.partnership)
    for seat in seats[:-1]:
        elections_operations.nominate(
            election=election, nominee=seats[0], by=seat.enrolment.member, reason="Calm."
        )
    election.refresh_from_db()
    assert election.state == "nominating"
    until = clock.now().date() + timedelta(days=30)
    Enrolment.objects.filter(pk=seats[-1].enrolment_id).update(paused_until=until)
    assert elections_operations.recount_elections(at=clock.now()) == 1
    election.refresh_from_db()
    assert election.state == "reasons"
    assert elections_queries.counted(election).waiting == tuple(seats[:-1])
