"""What follows for agreements when a table changes, rests or is over: nobody waits for the gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from agreements.charters import operations as charters
from agreements.charters.models import Charter
from agreements.decisions.models import Decision
from agreements.decisions.operations import deciding as decisions_deciding
from agreements.decisions.operations import ending, proposing, sweeps, talking
from agreements.decisions.queries.sheet import decision_sheet
from agreements.errors import NotYoursToSteer, TakenBack, TextChanged
from agreements.goals import operations as goals
from agreements.goals.models import Goal
from core.common import clock
from core.members.links import SignedLink, signed_path
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership
from pairing.partnerships.operations import repairing
from pairing.partnerships.operations.partnerships import end_partnership, leave_seat
from programs.models.programs import Enrolment
from sessions.actions import operations as actions
from sessions.elections import operations as elections
from sessions.models.actions import Action
from sessions.models.elections import Election
from sessions.models.rooms import Room
from sessions.room.queries import new_room
from tests.agreements.build import deciding, opened, reacting, vote
from tests.cast import Cast, make_member, sign_in
from tests.sessions.build import NOON, take_seat
from tests.sessions.conftest import Circle

DUE = (NOON + timedelta(days=60)).date()


@pytest.fixture(autouse=True)
def _at_acme(cast: Cast):
    with tenant(cast.acme):
        yield


def shared_goal(circle: Circle, *yes: int) -> Goal:
    goal = goals.set_goal(
        partnership=circle.partnership,
        title="Speak up",
        due_on=DUE,
        by=circle.members[0],
        shared=True,
    )
    for n in yes:
        goals.take_on_goal(goal=goal, by=circle.members[n])
    return goal


def leave(circle: Circle, name: str = "Mei") -> None:
    leave_seat(seat=circle.seat(name), by=None)


def emails(kind: str) -> list[Email]:
    return list(Email.objects.filter(kind=kind, withdrawn_at=None).select_related("member"))


def test_a_shared_goal_begins_when_only_who_has_left_had_not_said_yes(circle: Circle):
    goal = shared_goal(circle, 1, 2, 3, 4)
    assert goals.recount_goals(at=clock.now()) == 0
    leave(circle)
    assert goals.recount_goals(at=clock.now()) == 1
    assert Goal.objects.get(pk=goal.pk).state == Goal.State.ACTIVE
    assert goals.recount_goals(at=clock.now()) == 0


def test_a_shared_goal_is_met_when_all_who_stay_say_so(circle: Circle):
    goal = shared_goal(circle, 1, 2, 3, 4, 5)
    for member in circle.members[:5]:
        goals.declare_met(goal=goal, by=member)
    leave(circle)
    assert goals.recount_goals(at=clock.now()) == 1
    assert Goal.objects.get(pk=goal.pk).state == Goal.State.MET
    told = {email.member.given_name for email in emails("agreements.goal_met")}
    assert told == {member.given_name for member in circle.members[:5]}


def test_a_partnership_completes_when_all_who_stay_are_ready(circle: Circle):
    goal = shared_goal(circle, 1, 2, 3, 4, 5)
    for member in circle.members:
        goals.declare_met(goal=goal, by=member)
    for member in circle.members[:5]:
        goals.agree_to_close(partnership=circle.partnership, by=member)
    leave(circle)
    assert goals.recount_goals(at=clock.now()) == 1
    circle.partnership.refresh_from_db()
    assert circle.partnership.state == Partnership.State.COMPLETED


def test_a_newcomer_is_asked_once_to_share_the_goals_and_to_sign_the_charter(
    circle: Circle, cast: Cast
):
    shared_goal(circle, 1, 2, 3, 4, 5)
    charter = charters.begin_charter(partnership=circle.partnership, by=circle.members[0])
    for section in charter.sections.order_by("position"):
        charters.edit_section(section=section, text="As we said.", version=0, by=circle.members[0])
    Email.objects.update(sent_at=clock.now())
    with clock.at(NOON + timedelta(days=3)):
        nadia = make_member(cast.acme, "Nadia")
        take_seat(circle.partnership, nadia)
        assert goals.recount_goals(at=clock.now()) == 1
        assert charters.ask_newcomers_to_sign(at=clock.now()) == 1
        assert goals.recount_goals(at=clock.now()) == 0
        assert charters.ask_newcomers_to_sign(at=clock.now()) == 0
    asked = Email.objects.filter(sent_at=None)
    assert {email.member_id for email in asked} == {nadia.pk}
    assert {email.cause_id for email in asked} == {Enrolment.objects.get(member=nadia).pk}
    assert Charter.objects.get().revision > 0


def election_at_consent(circle: Circle, *, yes: int) -> Election:
    people = circle.members
    election = elections.open_election(
        partnership=circle.partnership,
        role=circle.cohort.program.meeting_roles.get(key="timekeeper"),
        description="",
        term_until=DUE,
        by=people[0],
    )
    for member in people:
        elections.nominate(election=election, nominee=circle.seat("Pavel"), by=member)
    election.refresh_from_db()
    elections.open_changes(election=election, by=people[0])
    elections.propose(election=election, by=people[0])
    for member in people[:yes]:
        elections.consent(election=election, consents=True, by=member)
    return Election.objects.get(pk=election.pk)


@pytest.mark.slow
def test_an_election_is_decided_when_only_who_has_left_had_not_consented(circle: Circle):
    election = election_at_consent(circle, yes=5)
    assert election.state == Election.State.CONSENT
    leave(circle)
    assert elections.recount_elections(at=clock.now()) == 1
    assert Election.objects.get().state == Election.State.ELECTED
    assert elections.recount_elections(at=clock.now()) == 0


def test_an_election_whose_candidate_has_gone_goes_back_and_all_are_told(circle: Circle):
    election_at_consent(circle, yes=3)
    leave(circle, "Pavel")
    assert elections.recount_elections(at=clock.now()) == 1
    election = Election.objects.get()
    assert (election.state, election.proposed_id) == (Election.State.CHANGES, None)
    assert len(emails("sessions.election_back")) == 5
    elections.propose(election=election, candidate=circle.seat("Jonas"), by=circle.members[0])
    assert Election.objects.get().state == Election.State.CONSENT


def test_a_term_is_over_when_its_holder_has_gone(circle: Circle):
    election_at_consent(circle, yes=6)
    leave(circle, "Pavel")
    assert elections.recount_elections(at=clock.now()) == 1
    assert Election.objects.get().state == Election.State.ENDED


def test_nominations_do_not_wait_for_who_has_left(circle: Circle):
    election = elections.open_election(
        partnership=circle.partnership,
        role=circle.cohort.program.meeting_roles.get(key="timekeeper"),
        description="",
        term_until=DUE,
        by=circle.members[0],
    )
    for member in circle.members[:5]:
        elections.nominate(election=election, nominee=None, by=member)
    leave(circle)
    assert elections.recount_elections(at=clock.now()) == 1
    assert Election.objects.get().state == Election.State.REASONS


def test_advice_whose_owner_has_left_is_decided_by_who_stays(circle: Circle):
    amara, jonas = circle.seat("Amara"), circle.seat("Jonas")
    decision = deciding(
        circle, method="advice", advisers={amara.pk: "affected", jonas.pk: "affected"}
    )
    vote(circle, decision, Amara=("advice", "Do it."), Jonas=("advice", "Do it."))
    leave(circle, "Petra")
    row = Decision.objects.for_list().get(pk=decision.pk)
    assert decision_sheet(decision=row, member=circle.seat("Mei").enrolment.member).can.decide
    closed = decisions_deciding.close_decision(
        decision=row, adopt=True, reason="As advised.", by=circle.seat("Mei").enrolment.member
    )
    assert closed.state == Decision.State.ADOPTED


def test_all_that_waits_is_closed_with_a_word_when_a_partnership_is_over(circle: Circle):
    running = [opened(circle), reacting(circle, "Pavel"), deciding(circle, "Amara")]
    adopted = deciding(circle, "Jonas")
    vote(circle, adopted, **dict.fromkeys(["Petra", "Pavel", "Amara", "Jonas"], "consent"))
    decisions_deciding.close_decision(decision=adopted, by=circle.seat("Jonas").enrolment.member)
    goal = shared_goal(circle, 1)
    election_at_consent(circle, yes=2)
    actions.promise_between_sessions(
        partnership=circle.partnership,
        seat=circle.seats[0],
        words="Book the room",
        due_on=None,
        by=circle.members[0],
    )
    end_partnership(partnership=circle.partnership, reason="", by=None)
    before = Email.objects.count()

    at = clock.now()
    assert sweeps.follow_partnerships(at=at) == 4
    assert goals.close_goals(at=at) == 1
    assert elections.recount_elections(at=at) == 1
    assert actions.close_actions(at=at) == 1

    states = {row.pk: (row.state, row.why) for row in Decision.objects.all()}
    assert {states[decision.pk] for decision in running} == {("withdrawn", "over")}
    assert states[adopted.pk][0] == "adopted"
    assert Decision.objects.get(pk=adopted.pk).review_on is None
    assert Goal.objects.get(pk=goal.pk).state == Goal.State.OVER
    assert Election.objects.get().state == Election.State.ENDED
    assert Action.objects.get().word == "The partnership is over."
    assert Email.objects.count() == before
    assert not Email.objects.filter(
        kind__in=["agreements.decision_vote", "agreements.goal_proposed"], withdrawn_at=None
    ).exists()
    again = [sweeps.follow_partnerships, goals.close_goals, elections.recount_elections]
    assert [step(at=at) for step in (*again, actions.close_actions)] == [0, 0, 0, 0]
    sheet = decision_sheet(
        decision=Decision.objects.for_list().get(pk=running[0].pk), member=circle.members[0]
    )
    assert "The partnership is over" in sheet.talk[-1].words


def test_a_ballot_waits_while_its_partnership_rests_and_has_its_time_afterwards(
    circle: Circle, cast: Cast
):
    decision = deciding(circle)
    repairing.pause_partnership(partnership=circle.partnership, by=cast.cora)
    late = NOON + timedelta(days=30)
    with clock.at(late):
        assert sweeps.close_due_decisions(at=late) == 0
        repairing.resume_partnership(partnership=circle.partnership, by=cast.cora)
        assert sweeps.close_due_decisions(at=late) == 1
        assert sweeps.close_due_decisions(at=late) == 0
    decision.refresh_from_db()
    assert (decision.state, decision.closes_at) == ("decide", late + timedelta(days=5))


def test_what_nobody_moves_on_moves_on_when_its_time_is_over(circle: Circle):
    decision = opened(circle)
    first, second = NOON + timedelta(days=5), NOON + timedelta(days=10)
    assert sweeps.move_on_overdue(at=first - timedelta(minutes=1)) == 0
    with clock.at(first):
        assert sweeps.move_on_overdue(at=first) == 1
        assert sweeps.move_on_overdue(at=first) == 0
    decision.refresh_from_db()
    assert decision.state == Decision.State.REACT
    with clock.at(second):
        assert sweeps.move_on_overdue(at=second) == 1
    decision.refresh_from_db()
    assert decision.state == Decision.State.DECIDE
    assert len(emails("agreements.decision_vote")) == 6


def test_an_answer_that_crosses_with_a_change_is_said_on_its_page_with_the_typed_reason(
    circle: Circle, cast: Cast
):
    decision = deciding(circle)
    pavel = cast.pavel
    link = signed_path("vote", SignedLink("acme", pavel.pk, decision.pk), at=clock.now())
    answer = {"answer": "object", "reason": "It takes the evenings.", "read": decision.ballot}
    petra = circle.seat("Petra").enrolment.member
    decisions_deciding.amend(decision=decision, title="Shorter", text="", by=petra)
    page = f"/o/acme/decisions/{decision.pk}/vote/"

    by_link, signed_in = Client().post(link, answer), sign_in(pavel).post(page, answer)
    for shown in (by_link, signed_in):
        assert shown.status_code == 422
        assert "You will be asked again" in shown.content.decode()
        assert "It takes the evenings." in shown.content.decode()
    with pytest.raises(TextChanged):
        decisions_deciding.cast_vote(decision=decision, answer="consent", by=pavel)
    # asked again: an answer to the text of before is not taken for the new one
    decision.refresh_from_db()
    decisions_deciding.open_voting(decision=decision, by=petra)
    assert Client().post(link, answer).status_code == 422
    decision.refresh_from_db()
    decisions_deciding.withdraw_decision(decision=decision, by=petra)
    with pytest.raises(TakenBack):
        decisions_deciding.cast_vote(decision=decision, answer="consent", by=pavel)


def test_two_who_change_a_proposal_at_once_lose_nothing(circle: Circle, cast: Cast):
    decision = opened(circle)
    page = f"/o/acme/decisions/{decision.pk}/amend/"
    petra = sign_in(cast.petra)
    form = {"title": "Second", "text": "Mine", "version": 1}
    decisions_deciding.amend(decision=decision, title="First", text="Theirs", by=cast.petra)

    clash = petra.post(page, form)

    assert clash.status_code == 422
    words = clash.content.decode()
    assert "Somebody else has changed the text" in words
    assert "Theirs" in words
    assert "Mine" in words
    assert petra.post(page, form | {"version": 2}).status_code == 302


def test_two_who_word_a_goal_at_once_lose_nothing(circle: Circle, cast: Cast):
    goal = shared_goal(circle)
    page = f"/o/acme/goals/{goal.pk}/change/"
    petra = sign_in(cast.petra)
    version = petra.get(page).context["form"]["version"].value()
    goals.change_goal(goal=goal, title="Theirs", due_on=DUE, milestones=[], by=circle.members[1])
    form = {"title": "Mine", "due_on": DUE.isoformat(), "milestones": "", "version": version}

    clash = petra.post(page, form)

    assert clash.status_code == 422
    assert "Theirs" in clash.content.decode()
    assert "Mine" in clash.content.decode()
    assert Goal.objects.get().title == "Theirs"
    again = clash.context["form"]["version"].value()
    assert petra.post(page, form | {"version": again}).status_code == 302
    assert Goal.objects.get().title == "Mine"


def test_opened_again_nobody_is_written_to_until_it_is_decided_anew(circle: Circle):
    decision = deciding(circle)
    petra = circle.seat("Petra").enrolment.member
    decisions_deciding.withdraw_decision(decision=decision, by=petra)
    before = Email.objects.count()
    ending.reopen_decision(decision=decision, by=petra)
    assert Email.objects.count() == before
    decision.refresh_from_db()
    talking.react(decision=decision, words="Good.", by=petra)
    decisions_deciding.open_voting(decision=decision, by=petra)
    assert Email.objects.count() == before + 6


def test_the_page_tells_each_step_of_a_decision_in_words(circle: Circle):
    decision = deciding(circle, "Petra")
    vote(circle, decision, Petra="consent", Pavel="consent", Mei="consent", Jonas="consent")
    petra = circle.seat("Petra").enrolment.member
    decision = decisions_deciding.close_decision(decision=decision, by=petra)
    assert decision.review_on is not None
    with clock.at(NOON + timedelta(days=400)):
        assert sweeps.open_due_reviews(at=clock.now()) == 1
        row = Decision.objects.for_list().get(pk=decision.pk)
        ending.reopen_decision(decision=row, by=petra)
        sheet = decision_sheet(decision=Decision.objects.for_list().get(pk=row.pk), member=petra)

    told = [entry.words for entry in sheet.talk if entry.kind in {"step", "outcome"}]
    assert told == [
        f"{petra.full_name} proposed it.",
        "Everybody was asked for a reaction.",
        "Everybody was asked to decide.",
        "Adopted.",
        "Its review date has come. It stays valid until you decide otherwise.",
        f"{petra.full_name} opened it again.",
    ]


def test_the_page_tells_that_a_decision_was_moved_on_by_the_clock_and_withdrawn(circle: Circle):
    decision = reacting(circle, "Petra")
    petra = circle.seat("Petra").enrolment.member
    with clock.at(NOON + timedelta(days=30)):
        assert sweeps.move_on_overdue(at=clock.now()) == 1
        decisions_deciding.withdraw_decision(decision=decision, by=petra)
        sheet = decision_sheet(
            decision=Decision.objects.for_list().get(pk=decision.pk), member=petra
        )

    told = [entry.words for entry in sheet.talk if entry.kind in {"step", "outcome"}]
    assert told[-2:] == [
        "The time to react was over: everybody was asked to decide.",
        f"{petra.full_name} withdrew it.",
    ]


def test_a_circle_that_has_decided_to_pause_rests_until_that_day(circle: Circle, cast: Cast):
    until = (NOON + timedelta(days=45)).date()
    page = f"/o/acme/partnerships/{circle.partnership.pk}/decisions/new/"
    form = {
        "title": "A break in spring",
        "method": "consent",
        "quorum": "half",
        "window_days": "5",
        "review_weeks": "12",
        "pause_until": until.isoformat(),
    }
    petra = sign_in(cast.petra)
    late = petra.post(page, form | {"pause_until": "2020-01-01"})
    assert late.status_code == 422
    assert "Name a day to come" in late.content.decode()
    assert petra.post(page, form).status_code == 302
    decision = Decision.objects.for_list().get()
    decision = proposing.open_decision(decision=decision, by=cast.petra)
    assert "you pause until" in petra.get(decision.get_absolute_url()).content.decode()
    decision = talking.start_reactions(decision=decision, by=cast.petra)
    decision = decisions_deciding.open_voting(decision=decision, by=cast.petra)
    vote(circle, decision, Petra="consent", Pavel="consent", Mei="consent", Jonas="consent")
    circle.partnership.refresh_from_db()
    assert circle.partnership.state == Partnership.State.ACTIVE
    decisions_deciding.close_decision(decision=decision, by=cast.petra)
    circle.partnership.refresh_from_db()
    assert circle.partnership.state == Partnership.State.PAUSED
    assert circle.partnership.paused_until == until


def test_in_the_room_its_host_moves_a_decision_on_while_the_proposer_is_away(
    circle: Circle, cast: Cast
):
    decision = reacting(circle, "Pavel")
    mei, jonas, pavel = (circle.seat(name) for name in ("Mei", "Jonas", "Pavel"))
    away = {pavel.pk, circle.seat("Amara").pk}
    state = new_room(circle.sessions[0], circle.seats)
    state.host = str(mei.pk)
    state.here = [str(seat.pk) for seat in circle.seats if seat.pk not in away]
    room = Room.objects.create(
        session=circle.sessions[0], state=state.as_json(), started_at=clock.now()
    )
    talking.react(decision=decision, words="It frees my Mondays.", by=jonas.enrolment.member)

    row = Decision.objects.for_list().get(pk=decision.pk)
    sheet = decision_sheet(decision=row, member=mei.enrolment.member)
    assert sheet.can.open_voting
    assert not sheet.can.withdraw
    assert not sheet.can.amend
    assert sorted(sheet.waiting) == ["Leila", "Mei", "Petra"]  # nobody who is not there
    assert [said.words for said in sheet.reactions] == ["It frees my Mondays."]
    page = sign_in(mei.enrolment.member).get(
        f"/o/acme/partnerships/{circle.partnership.pk}/decisions/in-room/"
    )
    assert "It frees my Mondays." in page.content.decode()
    assert not decision_sheet(decision=row, member=jonas.enrolment.member).can.open_voting
    with pytest.raises(NotYoursToSteer):
        decisions_deciding.open_voting(decision=row, by=jonas.enrolment.member)
    room.state["here"] = [str(seat.pk) for seat in circle.seats]
    room.save(update_fields=["state"])
    with pytest.raises(NotYoursToSteer):  # its proposer is there
        decisions_deciding.open_voting(decision=row, by=mei.enrolment.member)
    room.state["here"] = [str(mei.pk)]
    room.save(update_fields=["state"])
    moved = decisions_deciding.open_voting(decision=row, by=mei.enrolment.member)
    assert moved.state == Decision.State.DECIDE
