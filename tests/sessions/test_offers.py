"""Turns change hands by agreement: stand-ins, swaps, declined turns, people coming forward."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.errors import NotTheirs
from pairing.models.partnerships import Seat
from pairing.partnerships.operations.partnerships import end_partnership, leave_seat
from programs.models.parts import MeetingRole
from sessions.attendance.operations import replies
from sessions.elections import operations as elections
from sessions.errors import (
    HolderAbsent,
    NotPlanned,
    OfferClosed,
    OfferOutdated,
    TurnAlreadyAsked,
    TurnDeclined,
    TurnsClash,
    TurnTaken,
)
from sessions.models.offers import DeclineWords, TurnDecline, TurnOffer
from sessions.models.sessions import OffCause, Session, Turn
from sessions.rotation.operations import offers, rotation
from sessions.rotation.operations import turns as rotation_turns
from sessions.rotation.queries import season as rotation_season
from sessions.rotation.queries.turns import differences, turns_to_come
from tests.cast import Cast
from tests.sessions.build import NOON, make_cohort
from tests.sessions.conftest import Circle


@pytest.fixture(autouse=True)
def _at_acme(cast: Cast):
    with tenant(cast.acme):
        yield


def lead_of(session: Session) -> Turn:
    return Turn.objects.select_related(
        "session__partnership", "role", "seat__enrolment__member"
    ).get(session=session, role__leads=True)


def turns(circle: Circle) -> dict:
    return turns_to_come(partnership=circle.partnership, at=NOON)


def emails(kind: str) -> list[Email]:
    return list(Email.objects.filter(kind=kind, withdrawn_at=None).select_related("member"))


def absent_leader(circle: Circle, number: int) -> TurnOffer:
    """Let whoever leads that session say that they cannot come, and return what is proposed."""
    session = circle.sessions[number]
    leader = lead_of(session).seat
    replies.declare_absence(session=session, seat=leader, by=leader.enrolment.member)
    return TurnOffer.objects.for_list().get(session=session)


def test_an_absence_moves_nothing_but_asks_the_fairest_person_by_email(circle: Circle):
    before = turns(circle)
    leader = lead_of(circle.sessions[2]).seat

    offer = absent_leader(circle, 2)

    moved = differences(before, turns(circle))
    assert [(d.session.number, d.role.leads, d.now) for d in moved] == [(3, True, None)]
    assert offer.giver_id == leader.pk
    assert offer.return_session is not None
    assert lead_of(offer.return_session).seat_id == offer.asked_id
    asked = emails("sessions.turn_asked")
    assert [email.member_id for email in asked] == [offer.asked.enrolment.member_id]
    assert asked[0].link["signed"] == "turn"


def test_agreed_the_two_turns_change_hands_and_everybody_still_leads_once(circle: Circle):
    offer = absent_leader(circle, 2)

    offers.answer_offer(offer=offer, accepts=True, by=offer.asked.enrolment.member)

    assert lead_of(offer.session).seat_id == offer.asked_id
    assert lead_of(offer.return_session).seat_id == offer.giver_id
    assert {lead_of(s).seat_id for s in circle.sessions} == {s.pk for s in circle.seats}
    assert lead_of(offer.session).locked
    told = emails("sessions.turn_answered")
    assert [email.member_id for email in told] == [offer.giver.enrolment.member_id]


def test_a_no_asks_the_next_and_at_last_the_rotation_decides_and_says_so(circle: Circle):
    offer = absent_leader(circle, 2)
    asked = [offer.asked_id]
    while offer.state == TurnOffer.State.ASKED:
        offers.answer_offer(offer=offer, accepts=False, by=offer.asked.enrolment.member)
        following = TurnOffer.objects.open().for_list().filter(session=offer.session).first()
        if following is None:
            break
        asked.append(following.asked_id)
        offer = following

    assert len(asked) == len(set(asked)) > 1
    assert lead_of(circle.sessions[2]).seat_id != offer.giver_id
    told = emails("sessions.turns_changed")
    holder = lead_of(circle.sessions[2]).seat.enrolment.member
    lines = next(email.context["lines"] for email in told if email.member == holder)
    assert [line["now"] for line in lines if "2 April" in line["when"]] == ["Facilitator"]


def test_what_nobody_answers_in_time_is_decided_by_the_rotation_once(circle: Circle):
    offer = absent_leader(circle, 2)
    with clock.at(offer.expires_at + timedelta(minutes=1)):
        with pytest.raises(OfferClosed):
            offers.answer_offer(offer=offer, accepts=True, by=offer.asked.enrolment.member)
        assert offers.settle_offers(at=clock.now()) == 1
        assert offers.settle_offers(at=clock.now()) == 0

    assert lead_of(circle.sessions[2]).seat_id != offer.giver_id
    assert not emails("sessions.turn_asked")


def test_with_two_days_left_or_fewer_nobody_is_asked_and_the_rotation_decides(circle: Circle):
    session = circle.sessions[0]
    leader = lead_of(session).seat
    with clock.at(session.starts_at - timedelta(hours=40)):
        replies.declare_absence(session=session, seat=leader, by=None)

    assert not TurnOffer.objects.exists()
    assert lead_of(session).seat_id != leader.pk
    assert emails("sessions.turns_changed")


def test_who_can_come_after_all_has_their_turn_back(circle: Circle):
    before = turns(circle)
    offer = absent_leader(circle, 2)

    replies.withdraw_absence(
        session=offer.session, seat=offer.giver, by=offer.giver.enrolment.member
    )

    assert differences(before, turns(circle)) == []
    assert not lead_of(offer.session).locked
    assert TurnOffer.objects.get().state == TurnOffer.State.WITHDRAWN
    assert not emails("sessions.turn_asked")


def test_only_who_was_asked_answers_and_only_once(circle: Circle, cast: Cast):
    offer = absent_leader(circle, 2)
    other = next(
        s for s in circle.seats if s.pk not in (offer.asked_id, offer.giver_id)
    ).enrolment.member
    for stranger in (other, offer.giver.enrolment.member, cast.cora):
        with pytest.raises(NotTheirs):
            offers.answer_offer(offer=offer, accepts=True, by=stranger)
    offers.answer_offer(offer=offer, accepts=True, by=offer.asked.enrolment.member)
    with pytest.raises(OfferClosed):
        offers.answer_offer(offer=offer, accepts=False, by=offer.asked.enrolment.member)


def test_two_turns_are_swapped_only_when_both_want_it(circle: Circle):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    me, they = mine.seat.enrolment.member, theirs.seat.enrolment.member
    before = turns(circle)

    offer = offers.request_swap(mine=mine, theirs=theirs, by=me)
    assert differences(before, turns(circle)) == []
    with pytest.raises(TurnAlreadyAsked):
        offers.request_swap(mine=mine, theirs=lead_of(circle.sessions[5]), by=me)
    offers.answer_offer(offer=offer, accepts=True, by=they)

    assert lead_of(circle.sessions[1]).seat.enrolment.member == they
    assert lead_of(circle.sessions[4]).seat.enrolment.member == me


def test_a_swap_declined_or_taken_back_changes_nothing(circle: Circle):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    me, they = mine.seat.enrolment.member, theirs.seat.enrolment.member
    before = turns(circle)

    first = offers.request_swap(mine=mine, theirs=theirs, by=me)
    offers.answer_offer(offer=first, accepts=False, by=they)
    second = offers.request_swap(mine=mine, theirs=theirs, by=me)
    with pytest.raises(NotTheirs):
        offers.withdraw_offer(offer=second, by=they)
    offers.withdraw_offer(offer=second, by=me)

    assert differences(before, turns(circle)) == []
    assert [email.context["accepted"] for email in emails("sessions.turn_answered")] == [False]
    with pytest.raises(OfferClosed):
        offers.withdraw_offer(offer=second, by=me)


def send_all() -> None:
    """As if every e-mail had left."""
    Email.objects.filter(sent_at=None).update(sent_at=clock.now())


def test_a_swap_whose_turns_have_moved_meanwhile_is_taken_back_and_both_are_told(
    circle: Circle, cast: Cast
):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    me, they = mine.seat.enrolment.member, theirs.seat.enrolment.member
    offer = offers.request_swap(mine=mine, theirs=theirs, by=me)
    send_all()
    other = next(s for s in circle.seats if s.pk not in (mine.seat_id, theirs.seat_id))
    rotation_turns.assign_turn(session=theirs.session, role=theirs.role, seat=other, by=cast.cora)

    assert TurnOffer.objects.get(pk=offer.pk).state == TurnOffer.State.WITHDRAWN
    told = emails("sessions.turn_overtaken")
    assert {email.member_id: email.context["side"] for email in told} == {
        me.pk: "giver",
        they.pk: "asked",
    }
    with pytest.raises(OfferClosed):
        offers.answer_offer(offer=offer, accepts=True, by=they)


def test_who_was_never_told_of_a_question_does_not_hear_that_it_is_settled(
    circle: Circle, cast: Cast
):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    offers.request_swap(mine=mine, theirs=theirs, by=mine.seat.enrolment.member)
    other = next(s for s in circle.seats if s.pk not in (mine.seat_id, theirs.seat_id))
    rotation_turns.assign_turn(session=theirs.session, role=theirs.role, seat=other, by=cast.cora)

    assert [email.context["side"] for email in emails("sessions.turn_overtaken")] == ["giver"]
    assert not emails("sessions.turn_asked")


def test_questions_of_a_partnership_that_is_over_are_closed_and_nobody_is_written_to(
    circle: Circle,
):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    offer = offers.request_swap(mine=mine, theirs=theirs, by=mine.seat.enrolment.member)
    send_all()
    end_partnership(partnership=circle.partnership, reason="", by=None)

    assert offers.settle_offers(at=clock.now()) == 1
    assert offers.settle_offers(at=clock.now()) == 0
    assert TurnOffer.objects.get(pk=offer.pk).state == TurnOffer.State.WITHDRAWN
    assert not Email.objects.filter(sent_at=None).exists()


def test_a_swap_asked_of_who_has_left_is_taken_back(circle: Circle):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    offer = offers.request_swap(mine=mine, theirs=theirs, by=mine.seat.enrolment.member)
    send_all()
    leave_seat(seat=theirs.seat, by=None)

    assert offers.settle_offers(at=clock.now()) == 1
    assert TurnOffer.objects.get(pk=offer.pk).state == TurnOffer.State.WITHDRAWN
    told = emails("sessions.turn_overtaken")
    assert [email.member_id for email in told] == [mine.seat.enrolment.member_id]


def test_who_is_given_another_role_there_is_asked_to_stand_in_no_more(circle: Circle, cast: Cast):
    offer = absent_leader(circle, 2)
    other = Turn.objects.filter(session=offer.session).exclude(role=offer.role).for_list()[0]
    assert other.seat_id != offer.asked_id

    rotation_turns.assign_turn(
        session=offer.session, role=other.role, seat=offer.asked, by=cast.cora
    )

    assert TurnOffer.objects.get(pk=offer.pk).state == TurnOffer.State.WITHDRAWN
    with pytest.raises(OfferClosed):
        offers.answer_offer(offer=offer, accepts=True, by=offer.asked.enrolment.member)


def test_nobody_swaps_a_turn_that_is_not_theirs(circle: Circle, cast: Cast):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    for by in (theirs.seat.enrolment.member, cast.cora):
        with pytest.raises(NotTheirs):
            offers.request_swap(mine=mine, theirs=theirs, by=by)


def test_a_declined_turn_is_a_fact_and_its_words_are_the_circle_s(circle: Circle, cast: Cast):
    turn = lead_of(circle.sessions[3])
    me = turn.seat.enrolment.member

    offers.decline_turn(turn=turn, reason="not_ready", words="Next time, with Mei.", by=me)

    declined = TurnDecline.objects.get()
    assert (declined.reason, declined.seat_id) == ("not_ready", turn.seat_id)
    offer = TurnOffer.objects.open().get()
    assert offer.asked_id != turn.seat_id
    with tenant(cast.acme, member=me.pk):
        assert DeclineWords.objects.visible_to(me).get().text == "Next time, with Mei."
    with tenant(cast.acme, member=cast.cora.pk):
        assert not DeclineWords.objects.visible_to(cast.cora).exists()
        assert not DeclineWords.objects.exists()  # the database says so too


def test_who_declined_is_not_given_the_turn_again_by_the_rotation(circle: Circle):
    turn = lead_of(circle.sessions[3])
    offers.decline_turn(turn=turn, reason="workload", by=turn.seat.enrolment.member)

    with clock.at(TurnOffer.objects.open().get().expires_at + timedelta(minutes=1)):
        offers.settle_offers(at=clock.now())

    assert lead_of(circle.sessions[3]).seat_id != turn.seat_id
    with pytest.raises((TurnDeclined, NotTheirs)):
        offers.decline_turn(turn=turn, reason="workload", by=turn.seat.enrolment.member)


def test_whoever_comes_forward_first_has_the_role_and_the_question_is_closed(circle: Circle):
    offer = absent_leader(circle, 2)
    session = offer.session
    busy = set(Turn.objects.filter(session=session).values_list("seat", flat=True))
    first, second = [s for s in circle.seats if s.pk not in busy | {offer.giver_id}][:2]

    taken = offers.take_turn(session=session, role=offer.role, by=first.enrolment.member)

    assert (taken.seat_id, taken.locked, taken.reason) == (first.pk, True, "volunteered")
    assert TurnOffer.objects.get().state == TurnOffer.State.WITHDRAWN
    with pytest.raises(TurnTaken):
        offers.take_turn(session=session, role=offer.role, by=second.enrolment.member)


def test_who_has_a_role_there_takes_no_second_one(circle: Circle):
    offer = absent_leader(circle, 2)
    busy = Turn.objects.filter(session=offer.session).select_related("seat__enrolment__member")
    with pytest.raises(TurnsClash):
        offers.take_turn(session=offer.session, role=offer.role, by=busy[0].seat.enrolment.member)


def test_when_the_asked_cannot_come_either_the_next_is_asked(circle: Circle):
    offer = absent_leader(circle, 2)

    replies.declare_absence(
        session=offer.session, seat=offer.asked, by=offer.asked.enrolment.member
    )

    now_asked = TurnOffer.objects.open().get(session=offer.session)
    assert now_asked.asked_id not in (offer.asked_id, offer.giver_id)
    assert len(emails("sessions.turn_asked")) == 1


def test_what_would_change_is_said_before_and_nothing_has_changed(circle: Circle):
    session = circle.sessions[0]
    leader = lead_of(session).seat
    before = turns(circle)
    with clock.at(session.starts_at - timedelta(hours=40)):
        moved = rotation.previewed(
            partnership=circle.partnership,
            act=lambda: replies.declare_absence(session=session, seat=leader, by=None),
        )

    assert any(d.role.leads and d.session == session for d in moved)
    said = next(d.words() for d in moved if d.role.leads and d.session == session)
    assert f"instead of {leader.enrolment.member.given_name}" in said
    assert "Because:" in said
    assert differences(before, turns(circle)) == []
    assert not emails("sessions.turns_changed")


def test_first_time_leaders_have_a_buddy_who_has_led(circle: Circle):
    first, second = lead_of(circle.sessions[0]), lead_of(circle.sessions[1])
    assert (first.first_lead, first.buddy_id) == (True, None)
    assert second.first_lead
    assert second.buddy_id == first.seat_id


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"asked": "giver"}, "turn_offer_of_two_people"),
        ({"answered_at": NOON}, "turn_offer_answered_iff_closed"),
        ({"return_role": None}, "turn_offer_return_is_whole"),
    ],
)
def test_the_database_refuses_an_offer_that_cannot_be(circle: Circle, changed, constraint):
    offer = absent_leader(circle, 2)
    values = {k: offer.giver if v == "giver" else v for k, v in changed.items()}
    with transaction.atomic(), pytest.raises(IntegrityError, match=constraint):
        TurnOffer.objects.filter(pk=offer.pk).update(**values)


def test_the_panel_says_who_is_owed_a_turn(circle: Circle):
    from tests.sessions.build import hold_session

    for session in circle.sessions[:3]:
        hold_session(session)
    at = circle.sessions[2].ends_at + timedelta(hours=2)
    season = rotation_season.season_table(
        partnership=circle.partnership, member=circle.members[0], at=at
    )

    owed = {share.name: share.owed for share in season.shares}
    assert sorted(owed.values()) == [-0.5, -0.5, -0.5, 0.5, 0.5, 0.5]
    assert (season.panel.have_led, season.panel.all, season.panel.gini) == (3, 6, 0.0)
    assert season.panel.words.startswith("Next in line to lead: ")


def test_nobody_swaps_with_themselves_or_with_who_has_left(circle: Circle):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    me = mine.seat.enrolment.member
    own = Turn.objects.filter(seat=mine.seat).exclude(pk=mine.pk).for_list()[0]
    with pytest.raises(NotTheirs):
        offers.request_swap(mine=mine, theirs=own, by=me)

    leave_seat(seat=theirs.seat, by=None)
    with pytest.raises(NotTheirs):
        offers.request_swap(mine=mine, theirs=lead_of(circle.sessions[4]), by=me)
    assert not TurnOffer.objects.exists()


def test_nobody_declines_the_turn_of_another(circle: Circle):
    turn, other = lead_of(circle.sessions[3]), lead_of(circle.sessions[1])
    with pytest.raises(NotTheirs):
        offers.decline_turn(turn=turn, reason="workload", by=other.seat.enrolment.member)
    assert not TurnDecline.objects.exists()
    assert lead_of(circle.sessions[3]).seat_id == turn.seat_id


def test_nobody_takes_a_role_of_another_program(circle: Circle, cast: Cast):
    elsewhere = MeetingRole.objects.get(program=make_cohort(cast.acme, roles=["observer"]).program)
    before = Turn.objects.count()
    with pytest.raises(NotTheirs):
        offers.take_turn(session=circle.sessions[2], role=elsewhere, by=circle.members[0])
    assert Turn.objects.count() == before


def test_who_cannot_come_takes_no_role_there(circle: Circle):
    offer = absent_leader(circle, 2)
    with pytest.raises(HolderAbsent):
        offers.take_turn(session=offer.session, role=offer.role, by=offer.giver.enrolment.member)
    assert not Turn.objects.filter(session=offer.session, role=offer.role).exists()
    assert TurnOffer.objects.get().state == TurnOffer.State.ASKED


def test_a_swap_asked_of_who_cannot_come_there_is_taken_back_and_asked_of_nobody_else(
    circle: Circle,
):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    swap = offers.request_swap(mine=mine, theirs=theirs, by=mine.seat.enrolment.member)

    replies.declare_absence(session=mine.session, seat=theirs.seat, by=theirs.seat.enrolment.member)

    swap.refresh_from_db()
    assert swap.state == TurnOffer.State.WITHDRAWN
    assert not TurnOffer.objects.filter(session=mine.session, role=mine.role).open().exists()
    assert lead_of(circle.sessions[1]).seat_id == mine.seat_id


@pytest.mark.slow
def test_who_can_come_after_all_does_not_get_back_what_somebody_was_elected_to(circle: Circle):
    session = circle.sessions[1]
    role = MeetingRole.objects.get(program=circle.cohort.program_id, key="note_taker")
    giver = Turn.objects.get(session=session, role=role).seat
    elected = next(
        seat for seat in circle.seats if not Turn.objects.filter(session=session, seat=seat)
    )
    replies.declare_absence(session=session, seat=giver, by=None)
    assert TurnOffer.objects.open().get().giver_id == giver.pk
    elect(circle, role, elected)
    assert Turn.objects.get(session=session, role=role).seat_id == elected.pk

    replies.withdraw_absence(session=session, seat=giver, by=None)

    assert Turn.objects.get(session=session, role=role).seat_id == elected.pk
    assert TurnOffer.objects.get().state == TurnOffer.State.WITHDRAWN


def elect(circle: Circle, role: MeetingRole, seat: Seat) -> None:
    """Let everybody nominate that person and agree."""
    chair = circle.members[0]
    election = elections.open_election(
        partnership=circle.partnership,
        role=role,
        description="Writes down what we decide.",
        term_until=NOON.date() + timedelta(days=60),
        by=chair,
    )
    for member in circle.members:
        elections.nominate(election=election, nominee=seat, reason="Listens.", by=member)
        election.refresh_from_db()
    elections.open_changes(election=election, by=chair)
    elections.propose(election=election, by=chair)
    for member in circle.members:
        elections.consent(election=election, consents=True, by=member)


def test_a_swap_that_nobody_answers_ends_and_moves_nothing(circle: Circle):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    before = turns(circle)
    swap = offers.request_swap(mine=mine, theirs=theirs, by=mine.seat.enrolment.member)

    with clock.at(swap.expires_at):
        assert offers.settle_offers(at=clock.now()) == 1

    swap.refresh_from_db()
    assert swap.state == TurnOffer.State.EXPIRED
    assert differences(before, turns(circle)) == []
    assert not emails("sessions.turns_changed")


def test_for_who_has_left_nobody_else_is_asked_and_the_rotation_decides(circle: Circle):
    offer = absent_leader(circle, 2)
    leave_seat(seat=offer.giver, by=None)

    offers.answer_offer(offer=offer, accepts=False, by=offer.asked.enrolment.member)

    assert TurnOffer.objects.get().state == TurnOffer.State.DECLINED
    assert lead_of(circle.sessions[2]).seat_id != offer.giver_id


def test_a_stand_in_whose_turn_in_return_is_gone_is_asked_no_more(circle: Circle):
    offer = absent_leader(circle, 2)
    replies.declare_absence(session=offer.return_session, seat=offer.giver, by=None)

    assert TurnOffer.objects.get(pk=offer.pk).state == TurnOffer.State.WITHDRAWN
    assert lead_of(offer.session).seat_id != offer.giver_id


def test_a_swap_ends_when_the_giver_cannot_come_to_the_other_session(circle: Circle):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    swap = offers.request_swap(mine=mine, theirs=theirs, by=mine.seat.enrolment.member)
    replies.declare_absence(session=theirs.session, seat=mine.seat, by=None)

    assert TurnOffer.objects.get(pk=swap.pk).state == TurnOffer.State.WITHDRAWN
    assert lead_of(circle.sessions[1]).seat_id == mine.seat_id
    assert lead_of(circle.sessions[4]).seat_id == theirs.seat_id


def test_a_swap_of_a_turn_that_somebody_no_longer_holds_is_refused_and_stays_open(circle: Circle):
    for number, gone in ((1, "mine"), (2, "theirs")):
        mine, theirs = lead_of(circle.sessions[number]), lead_of(circle.sessions[number + 2])
        offer = offers.request_swap(mine=mine, theirs=theirs, by=mine.seat.enrolment.member)
        kept, lost = (theirs, mine) if gone == "mine" else (mine, theirs)
        Turn.objects.filter(pk=lost.pk).delete()

        with pytest.raises(OfferOutdated):
            offers.answer_offer(offer=offer, accepts=True, by=theirs.seat.enrolment.member)

        assert TurnOffer.objects.get(pk=offer.pk).state == TurnOffer.State.ASKED
        assert lead_of(kept.session).seat_id == kept.seat_id


def test_a_swap_is_refused_when_the_session_in_return_does_not_take_place(circle: Circle):
    mine, theirs = lead_of(circle.sessions[1]), lead_of(circle.sessions[4])
    offer = offers.request_swap(mine=mine, theirs=theirs, by=mine.seat.enrolment.member)
    call_off(theirs.session)

    with pytest.raises(NotPlanned):
        offers.answer_offer(offer=offer, accepts=True, by=theirs.seat.enrolment.member)

    assert TurnOffer.objects.get(pk=offer.pk).state == TurnOffer.State.ASKED
    assert lead_of(circle.sessions[1]).seat_id == mine.seat_id


def call_off(session: Session) -> None:
    """Call a session off before any turn has been mended."""
    Session.objects.filter(pk=session.pk).update(
        state=Session.State.CANCELLED, cause=OffCause.PAUSED
    )


def test_a_stand_in_helps_out_though_the_session_in_return_does_not_take_place(circle: Circle):
    offer = absent_leader(circle, 2)
    call_off(offer.return_session)

    offers.answer_offer(offer=offer, accepts=True, by=offer.asked.enrolment.member)

    assert lead_of(offer.session).seat_id == offer.asked_id
    assert lead_of(offer.return_session).seat_id == offer.asked_id


def test_a_stand_in_helps_out_though_they_no_longer_hold_the_turn_in_return(circle: Circle):
    offer = absent_leader(circle, 2)
    lead_of(offer.return_session).delete()

    offers.answer_offer(offer=offer, accepts=True, by=offer.asked.enrolment.member)

    assert lead_of(offer.session).seat_id == offer.asked_id
    assert TurnOffer.objects.get().state == TurnOffer.State.ACCEPTED
