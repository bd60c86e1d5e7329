"""Goals: private until shared, shared ones carried by all, met and celebrated."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from agreements.charters import operations as charters_operations
from agreements.errors import GoalNotActive, GoalNotYours, GoalSettled, GoalsNotMet
from agreements.goals import operations as goals_operations
from agreements.goals.models import Goal, GoalBody, GoalProgress, GoalVoice
from core.audit.models import AuditEvent
from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from pairing.errors import DroppedWithoutWord, NotTheirs
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations.partnerships import leave_seat
from programs.models.programs import Enrolment
from sessions.actions import operations as actions_operations
from tests.agreements.build import deciding, reacting
from tests.cast import Cast, make_member, sign_in
from tests.sessions.build import make_partnership, seats_of
from tests.sessions.conftest import Circle

DUE = date(2026, 6, 1)


def act(member: Member, operation: Any, **given: Any) -> Any:
    """Let somebody do something as a request of theirs would."""
    with tenant(member.organisation, member=member.pk):
        return operation(by=member, **given)


def own_goal(circle: Circle, member: Member, **more: Any) -> Goal:
    more.setdefault("title", "secretword goal")
    return act(
        member,
        goals_operations.set_goal,
        partnership=circle.partnership,
        due_on=DUE,
        milestones=["secretword first", "second"],
        **more,
    )


def our_goal(circle: Circle) -> Goal:
    goal = own_goal(circle, circle.members[0], shared=True)
    for member in circle.members[1:]:
        goal = act(member, goals_operations.take_on_goal, goal=goal)
    return goal


def test_a_private_goal_is_its_owner_s_alone_even_in_sql(cast: Cast, circle: Circle):
    goal = own_goal(circle, cast.petra)
    page = f"/o/acme/goals/{goal.pk}/"
    assert "secretword goal" in sign_in(cast.petra).get(page).content.decode()
    for other in (cast.pavel, cast.cora, cast.olga, cast.hugo):
        assert sign_in(other).get(page).status_code == 404
        with tenant(cast.acme, member=other.pk), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM agreements_goalbody")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT t::text FROM agreements_goal t")
            assert "secretword" not in str(cursor.fetchall())
    petra = sign_in(cast.petra)
    assert petra.post(f"{page}milestones/tick/", {"place": 0, "done": "on"}).status_code == 302
    assert petra.post(f"{page}milestones/tick/", {"place": 9}).status_code == 422
    assert petra.get(page).context["line"].share == 50
    # shown, and taken back
    assert petra.post(f"{page}share/").status_code == 302
    shown = sign_in(cast.pavel).get(page)
    assert "secretword goal" in shown.content.decode()
    assert shown.context["line"].words.done == 1
    petra.post(f"{page}share/")
    assert sign_in(cast.pavel).get(page).status_code == 404
    with tenant(cast.acme, member=cast.petra.pk):
        assert GoalBody.objects.get().title == "secretword goal"
        assert Goal.objects.get().title == ""


def test_a_shared_goal_begins_with_the_last_yes_and_is_met_when_all_say_so(
    cast: Cast, circle: Circle
):
    goal = own_goal(circle, cast.petra, shared=True)
    with pytest.raises(GoalNotActive):
        act(cast.petra, goals_operations.declare_met, goal=goal)
    for member in circle.members[1:-1]:
        goal = act(member, goals_operations.take_on_goal, goal=goal)
    assert goal.state == "proposed"
    goal = act(circle.members[-1], goals_operations.take_on_goal, goal=goal)
    assert goal.state == "active"
    for member in circle.members[:-1]:
        goal = act(member, goals_operations.declare_met, goal=goal)
        assert goal.state == "active"
    goal = act(circle.members[-1], goals_operations.declare_met, goal=goal)
    assert goal.state == "met"
    with tenant(cast.acme):
        met = Email.objects.filter(kind="agreements.goal_met", withdrawn_at=None)
        assert Counter(met.values_list("member__given_name", flat=True)) == Counter(
            [m.given_name for m in circle.members[:-1]]
        )
        assert "secretword" not in str(list(Email.objects.values_list("context", flat=True)))
    goals = f"/o/acme/partnerships/{circle.partnership.pk}/goals/"
    assert "You have reached a goal together" in sign_in(cast.pavel).get(goals).content.decode()
    with pytest.raises(GoalSettled):
        act(cast.petra, goals_operations.drop_goal, goal=goal, word="late")


def test_worded_anew_a_shared_goal_waits_for_everybody_again(cast: Cast, circle: Circle):
    goal = our_goal(circle)
    act(cast.petra, goals_operations.tick_milestone, goal=goal, place=0, done=True)
    goal = act(
        cast.pavel,
        goals_operations.change_goal,
        goal=goal,
        title="Another",
        due_on=DUE,
        milestones=["secretword first", "third"],
    )
    assert goal.state == "proposed"
    assert [bool(step["done_on"]) for step in goal.milestones] == [True, False]


def test_goals_declared_met_by_all_complete_the_partnership_early(cast: Cast, circle: Circle):
    goal = our_goal(circle)
    with pytest.raises(GoalsNotMet):
        act(cast.petra, goals_operations.agree_to_close, partnership=circle.partnership)
    for member in circle.members:
        act(member, goals_operations.declare_met, goal=goal)
    goals = f"/o/acme/partnerships/{circle.partnership.pk}/goals/"
    for member in circle.members[:-1]:
        assert sign_in(member).post(f"{goals}close/").status_code == 302
    with tenant(cast.acme):
        assert Partnership.objects.get().state == "active"
    sign_in(circle.members[-1]).post(f"{goals}close/")
    with tenant(cast.acme):
        partnership = Partnership.objects.get()
        assert (partnership.state, partnership.end_reason) == ("completed", "goals_met")


def test_nobody_waits_for_who_takes_a_break(cast: Cast, circle: Circle):
    goal = own_goal(circle, circle.members[0], shared=True)
    for member in circle.members[1:-1]:
        goal = act(member, goals_operations.take_on_goal, goal=goal)
    assert goal.state == "proposed"
    with tenant(cast.acme):
        away = Enrolment.objects.filter(member=circle.members[-1])
        away.update(paused_until=clock.now().date() + timedelta(days=30))
        assert goals_operations.recount_goals(at=clock.now()) == 1
        assert goals_operations.recount_goals(at=clock.now()) == 0
        goal.refresh_from_db()
    assert goal.state == "active"
    for member in circle.members[:-1]:
        act(member, goals_operations.declare_met, goal=goal)
    for member in circle.members[:-1]:
        act(member, goals_operations.agree_to_close, partnership=circle.partnership)
    with tenant(cast.acme):
        assert Partnership.objects.get().state == "completed"


def test_only_its_owner_moves_a_goal_and_letting_it_go_wants_a_word(cast: Cast, circle: Circle):
    goal = own_goal(circle, cast.petra, private=False)
    for operation, more in (
        (goals_operations.declare_met, {}),
        (goals_operations.record_progress, {"level": 3}),
        (goals_operations.share_goal, {"private": True}),
    ):
        with pytest.raises(GoalNotYours):
            act(cast.pavel, operation, goal=goal, **more)
    with pytest.raises(DroppedWithoutWord):
        act(cast.petra, goals_operations.drop_goal, goal=goal, word=" ")
    act(cast.petra, goals_operations.record_progress, goal=goal, level=2)
    act(cast.petra, goals_operations.record_progress, goal=goal, level=4)
    page = f"/o/acme/goals/{goal.pk}/"
    assert sign_in(cast.pavel).get(page).context["line"].progress == 4
    assert sign_in(cast.petra).post(f"{page}drop/", {"word": ""}).status_code == 422
    assert sign_in(cast.petra).post(f"{page}drop/", {"word": "no time"}).status_code == 302


def test_coordinators_see_how_many_and_no_word(cast: Cast, circle: Circle):
    our_goal(circle)
    own_goal(circle, cast.pavel)
    table = f"/o/acme/partnerships/{circle.partnership.pk}/"
    for member in (cast.cora, cast.olga):
        for part in ("goals/", "together/", "actions/"):
            shown = sign_in(member).get(f"{table}{part}")
            assert shown.status_code == 200
            assert "secretword" not in shown.content.decode()
    assert sign_in(cast.cora).get(f"{table}goals/").context["counts"]["active"] == 2


def test_home_says_what_i_owe(cast: Cast, circle: Circle):
    deciding(circle, title="Answer this one")
    reacting(circle, title="React to this one")
    own_goal(circle, cast.petra, shared=True, title="Take this on")
    with tenant(cast.acme):
        seat = circle.seat("Pavel")
        actions_operations.promise_between_sessions(
            partnership=circle.partnership, seat=seat, words="Do that", due_on=None, by=cast.pavel
        )
        charter = charters_operations.begin_charter(partnership=circle.partnership, by=cast.petra)
        for section in charter.sections.all():
            charters_operations.edit_section(section=section, text="so", version=0, by=cast.petra)
    home = sign_in(cast.pavel).get("/o/acme/").content.decode()
    for said in (
        "Answer this one",
        "React to this one",
        "Take this on",
        "Do that",
        f"The charter of {circle.partnership.name}",
    ):
        assert said in home
    assert "Waiting for you" not in sign_in(cast.cora).get("/o/acme/").content.decode()


def test_a_goal_is_past_due_by_the_organisation_s_day(cast: Cast, circle: Circle):
    goal = own_goal(circle, cast.petra)
    with tenant(cast.acme):
        OrganisationSettings.objects.update(time_zone="Pacific/Auckland")
        Goal.objects.update(due_on=date(2026, 3, 1))
    pages = [
        f"/o/acme/partnerships/{circle.partnership.pk}/{page}/" for page in ("goals", "together")
    ]
    pages.append(f"/o/acme/goals/{goal.pk}/")
    # 20:00 on 1 March in Auckland, then 08:00 on 2 March there: 1 March in UTC both times
    for hour, is_past_due in ((7, False), (19, True)):
        with clock.at(datetime(2026, 3, 1, hour, tzinfo=UTC)):
            for page in pages:
                shown = sign_in(cast.petra).get(page).content.decode()
                assert ("Past due" in shown) == is_past_due, (page, hour)


def test_a_goal_of_one_s_own_is_taken_on_by_nobody_else(cast: Cast, circle: Circle):
    goal = own_goal(circle, cast.petra, private=False)
    with pytest.raises(GoalNotYours):
        act(cast.pavel, goals_operations.take_on_goal, goal=goal)
    with tenant(cast.acme):
        assert GoalVoice.objects.count() == 0


def test_taken_on_again_a_shared_goal_that_has_begun_stays_as_it_is(cast: Cast, circle: Circle):
    goal = our_goal(circle)
    again = act(cast.pavel, goals_operations.take_on_goal, goal=goal)
    assert (again.state, again.changed_at) == ("active", goal.changed_at)
    with tenant(cast.acme):
        assert GoalVoice.objects.count() == len(circle.members)


def test_worded_anew_a_goal_of_one_s_own_goes_on_without_anybody_s_yes(cast: Cast, circle: Circle):
    goal = own_goal(circle, cast.petra)
    goal = act(
        cast.petra,
        goals_operations.change_goal,
        goal=goal,
        title=" Another ",
        due_on=date(2026, 7, 1),
        milestones=["second", " "],
    )
    assert (goal.state, goal.due_on, goal.title) == ("active", date(2026, 7, 1), "")
    with tenant(cast.acme, member=cast.petra.pk):
        body = GoalBody.objects.get()
        assert body.title == "Another"
        assert body.milestones == [{"words": "second", "done_on": None}]
        assert GoalVoice.objects.count() == 0
        assert Email.objects.filter(kind__startswith="agreements.goal").count() == 0


def test_to_share_what_is_shared_already_changes_nothing(cast: Cast, circle: Circle):
    goal = own_goal(circle, cast.petra, private=False)
    later = datetime(2026, 3, 3, tzinfo=UTC)
    with clock.at(later):
        shared = act(cast.petra, goals_operations.share_goal, goal=goal, private=False)
        assert (shared.private, shared.changed_at) == (False, goal.changed_at)
        hidden = act(cast.petra, goals_operations.share_goal, goal=goal, private=True)
    assert (hidden.private, hidden.changed_at) == (True, later)


@pytest.mark.parametrize("place", [-1, 2])
def test_a_milestone_that_there_is_not_is_not_ticked(cast: Cast, circle: Circle, place: int):
    goal = our_goal(circle)
    with pytest.raises(ValueError, match="no such milestone"):
        act(cast.pavel, goals_operations.tick_milestone, goal=goal, place=place, done=True)
    with tenant(cast.acme):
        assert [step["done_on"] for step in Goal.objects.get().milestones] == [None, None]


def test_the_lead_of_a_shared_goal_goes_to_another_for_a_term(cast: Cast, circle: Circle):
    goal = our_goal(circle)
    mei = circle.seat("Mei")
    goal = act(cast.pavel, goals_operations.lead_goal, goal=goal, seat=mei, until=DUE)
    assert (goal.lead_id, goal.lead_until, goal.state) == (mei.pk, DUE, "active")
    with pytest.raises(NotTheirs):
        act(cast.cora, goals_operations.lead_goal, goal=goal, seat=circle.seats[0], until=DUE)
    with tenant(cast.acme):
        assert Goal.objects.get().lead_id == mei.pk


def test_only_a_shared_goal_is_led_and_only_by_somebody_at_its_table(cast: Cast, circle: Circle):
    ours, hers = our_goal(circle), own_goal(circle, cast.petra, private=False)
    others = [make_member(cast.acme, name) for name in ("Nils", "Ove")]
    other_table = make_partnership(circle.cohort, others)
    with tenant(cast.acme):
        stranger = seats_of(other_table)[0]
        gone = leave_seat(seat=Seat.objects.get(pk=circle.seat("Mei").pk), by=None)
    for goal, seat in ((hers, circle.seat("Petra")), (ours, stranger), (ours, gone)):
        with pytest.raises(ValueError, match="led by somebody at its table"):
            act(cast.petra, goals_operations.lead_goal, goal=goal, seat=seat, until=DUE)
    with tenant(cast.acme):
        leads = dict(Goal.objects.values_list("pk", "lead"))
        assert leads == {ours.pk: circle.seat("Petra").pk, hers.pk: None}


def test_nobody_sees_how_far_a_goal_is_that_has_not_begun(cast: Cast, circle: Circle):
    goal = own_goal(circle, cast.petra, shared=True)
    with pytest.raises(GoalNotActive):
        act(cast.petra, goals_operations.record_progress, goal=goal, level=3)
    with tenant(cast.acme):
        assert GoalProgress.objects.count() == 0


def test_a_goal_without_words_is_none(cast: Cast, circle: Circle):
    with pytest.raises(ValueError, match="a goal has words"):
        own_goal(circle, cast.petra, title="  ")
    with tenant(cast.acme):
        assert Goal.objects.count() == 0


def test_a_private_goal_leaves_no_line_in_the_audit_trail(cast: Cast, circle: Circle):
    own_goal(circle, cast.petra)
    with tenant(cast.acme):
        assert not AuditEvent.objects.filter(verb="goal.set").exists()
    own_goal(circle, cast.petra, private=False)
    with tenant(cast.acme):
        assert AuditEvent.objects.filter(verb="goal.set").count() == 1
