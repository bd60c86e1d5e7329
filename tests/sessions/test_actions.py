"""One action each until next time: carried until it is done or dropped with a reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from core.common import clock
from core.common.errors import violated
from core.tenancy.context import tenant
from pairing.errors import DroppedWithoutWord, NotTheirs
from pairing.partnerships.operations.partnerships import end_partnership, leave_seat
from sessions.actions import operations as actions_operations
from sessions.actions import queries as actions_queries
from sessions.errors import ActionSettled
from sessions.models.actions import Action
from tests.cast import Cast, make_member
from tests.sessions.build import hold_session, make_partnership, seats_of
from tests.sessions.conftest import Circle


def promise(circle: Circle, who: str = "Petra", words: str = "Ask the team", session: int = 0):
    seat = circle.seat(who)
    with tenant(circle.partnership.organisation_id):
        return actions_operations.promise_action(
            session=circle.sessions[session], seat=seat, words=words, by=seat.enrolment.member
        )


def test_an_action_is_carried_into_each_session_until_it_is_done(cast: Cast, circle: Circle):
    hold_session(circle.sessions[0])
    with clock.at(circle.sessions[0].starts_at + timedelta(minutes=50)):
        action = promise(circle)
    with tenant(cast.acme):
        assert [a.carried for a in actions_queries.open_actions(circle.partnership)] == [0]
    hold_session(circle.sessions[1])
    hold_session(circle.sessions[2])
    with tenant(cast.acme):
        assert [a.carried for a in actions_queries.open_actions(circle.partnership)] == [2]
        with clock.at(circle.sessions[3].starts_at + timedelta(minutes=5)):
            actions_operations.do_action(action=action, by=cast.pavel)
        assert list(actions_queries.open_actions(circle.partnership)) == []


def test_said_again_in_the_same_session_it_is_reworded(cast: Cast, circle: Circle):
    promise(circle, words="Ask the team")
    promise(circle, words="Ask the team on Friday")
    with tenant(cast.acme):
        assert [a.words for a in Action.objects.all()] == ["Ask the team on Friday"]


def test_an_action_is_dropped_with_a_word_or_not_at_all(cast: Cast, circle: Circle):
    action = promise(circle)
    with tenant(cast.acme):
        with pytest.raises(DroppedWithoutWord):
            actions_operations.drop_action(action=action, word="  ", by=cast.petra)
        actions_operations.drop_action(action=action, word="The team is gone", by=cast.petra)
        with pytest.raises(ActionSettled):
            actions_operations.do_action(action=action, by=cast.petra)
        action.refresh_from_db()
        assert (action.state, action.word) == ("dropped", "The team is gone")


def test_only_partners_promise_and_read_and_coordinators_count(cast: Cast, circle: Circle):
    action = promise(circle)
    with tenant(cast.acme):
        with pytest.raises(NotTheirs):
            actions_operations.do_action(action=action, by=cast.cora)
        seen = {
            m.given_name: Action.objects.visible_to(m).exists()
            for m in (cast.petra, cast.pavel, cast.cora, cast.olga, cast.hugo)
        }
        assert seen == {
            "Petra": True,
            "Pavel": True,
            "Cora": False,
            "Olga": False,
            "Hugo": False,
        }
        assert actions_queries.action_counts([circle.partnership.pk]) == {
            circle.partnership.pk: {"open": 1, "done": 0, "dropped": 0}
        }


def test_who_has_left_reads_what_was_promised_before_and_who_stayed_to_the_end_all(
    cast: Cast, circle: Circle
):
    action = promise(circle)
    with tenant(cast.acme):
        leave_seat(seat=circle.seat("Petra"), by=cast.cora)
        assert list(Action.objects.visible_to(cast.petra)) == [action]
        assert list(actions_queries.open_actions(circle.partnership)) == []
        with clock.at(clock.now() + timedelta(days=1)):
            later = promise(circle, "Pavel")
            end_partnership(partnership=circle.partnership, reason="goals_reached", by=cast.cora)
        assert set(Action.objects.visible_to(cast.pavel)) == {action, later}
        assert list(Action.objects.visible_to(cast.petra)) == [action]


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"words": ""}, "action_has_words"),
        ({"state": "done"}, "action_settled_whole"),
        ({"word": "why"}, "action_settled_whole"),
    ],
)
def test_the_database_refuses_an_action_half_settled(
    cast: Cast, circle: Circle, values: dict[str, str], constraint: str
):
    action = promise(circle)
    with tenant(cast.acme):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Action.objects.filter(pk=action.pk).update(**values)
        assert violated(refused.value) == constraint


@pytest.mark.django_db(transaction=True)
def test_two_phones_that_promise_at_once_leave_one_action(cast: Cast, circle: Circle):
    def one(number: int) -> None:
        try:
            promise(circle, words=f"From phone {number}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(one, range(2)))
    with tenant(cast.acme):
        assert Action.objects.count() == 1


def test_an_action_is_not_promised_for_a_seat_of_another_table_or_one_that_was_left(
    cast: Cast, circle: Circle
):
    other = make_partnership(circle.cohort, [make_member(cast.acme, "Nele")])
    left = circle.seat("Mei")
    with tenant(cast.acme):
        leave_seat(seat=left, by=cast.cora)
        for seat in (seats_of(other)[0], left):
            with pytest.raises(ValueError, match="another partnership"):
                actions_operations.promise_action(
                    session=circle.sessions[0], seat=seat, words="Ask", by=cast.petra
                )
            with pytest.raises(ValueError, match="another partnership"):
                actions_operations.promise_between_sessions(
                    partnership=circle.partnership,
                    seat=seat,
                    words="Ask",
                    due_on=None,
                    by=cast.petra,
                )
        assert Action.objects.count() == 0


def test_an_action_without_words_is_not_promised(cast: Cast, circle: Circle):
    with pytest.raises(ValueError, match="is words"):
        promise(circle, words=" \n")
    with tenant(cast.acme):
        assert Action.objects.count() == 0
