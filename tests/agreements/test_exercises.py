"""Exercises: three to practise on, each with its way through, and left out of what counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from agreements.decisions.exercises import EXERCISES, Exercise
from agreements.decisions.models import Decision, Outcome
from agreements.decisions.operations import deciding as decisions_deciding
from agreements.decisions.operations import talking
from agreements.decisions.queries.lists import overdue_reviews
from core.common import clock
from core.notifications.dispatch import dispatch
from core.tenancy.context import tenant
from tests.agreements.build import deciding, opened, vote
from tests.cast import Cast, sign_in
from tests.metrics.test_agreed import figures
from tests.sessions.build import NOON
from tests.sessions.conftest import Circle


def path_of(circle: Circle) -> str:
    return f"/o/acme/partnerships/{circle.partnership.pk}/decisions/"


def start(circle: Circle, key: str) -> Decision:
    answer = sign_in(circle.members[0]).post(f"{path_of(circle)}exercises/{key}/start/")
    with tenant(circle.partnership.organisation_id):
        decision = Decision.objects.for_list().latest("number")
        assert answer.headers["Location"] == decision.get_absolute_url()
        return decision


def test_each_has_a_way_through_from_proposal_to_looking_back(cast: Cast, circle: Circle) -> None:
    page = sign_in(circle.members[0]).get(f"{path_of(circle)}exercises/").text
    for exercise in EXERCISES:
        assert str(exercise.title) in page
        assert f"{exercise.minutes} minutes" in page
        names = [str(stage.name) for stage in exercise.stages]
        assert names == ["Hear the proposal", "Clarify", "React", "Decide", "Look back"]
        assert 15 <= exercise.minutes <= 25


def test_a_new_circle_is_offered_them_where_it_decides(cast: Cast, circle: Circle) -> None:
    page = sign_in(circle.members[0]).get(path_of(circle)).text
    assert "Try one that does not matter first" in page
    assert f'href="{path_of(circle)}exercises/"' in page
    assert f'href="{path_of(circle)}exercises/"' not in sign_in(cast.cora).get(path_of(circle)).text
    assert sign_in(cast.cora).get(f"{path_of(circle)}exercises/").status_code == 403
    assert sign_in(cast.cora).post(f"{path_of(circle)}exercises/budget/start/").status_code >= 400
    unknown = sign_in(circle.members[0]).post(f"{path_of(circle)}exercises/other/start/")
    assert unknown.status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("exercise", EXERCISES, ids=[row.key for row in EXERCISES])
def test_one_goes_its_way_in_the_meeting_and_counts_nowhere(
    cast: Cast, circle: Circle, exercise: Exercise
) -> None:
    decision = start(circle, exercise.key)
    assert (decision.practice, decision.state, decision.window_days) == (True, "clarify", 0)
    client, page = sign_in(circle.members[0]), decision.get_absolute_url()
    assert "About four minutes: questions only" in client.get(page).text
    with tenant(cast.acme):
        decision = talking.start_reactions(decision=decision, by=circle.members[0])
    assert "About seven minutes: one round" in client.get(page).text
    with tenant(cast.acme):
        decision = decisions_deciding.open_voting(decision=decision, by=circle.members[0])
    assert "About five minutes: answer in silence" in client.get(page).text
    names = [seat.enrolment.member.given_name for seat in circle.seats]
    answer = {"consent": "consent", "consensus": "agree", "gradients": "1"}[decision.method]
    vote(circle, decision, **dict.fromkeys(names, answer))
    with tenant(cast.acme):
        decision = decisions_deciding.close_decision(decision=decision, by=circle.members[0])
        assert decision.review_on is None
        assert Outcome.objects.filter(decision=decision).exists()
        years_later = NOON.date() + timedelta(days=999)
        assert overdue_reviews([circle.partnership.pk], before=years_later) == {}
    assert "Look back for four minutes" in client.get(page).text
    with clock.at(NOON + timedelta(days=9)):
        read = figures(circle)
    assert read["decision_days/"].value is None
    assert read["decision_voice/"].value is None


def test_an_e_mail_about_an_exercise_says_so(cast: Cast, circle: Circle) -> None:
    opened(circle, practice=True)
    deciding(circle, practice=True)
    dispatch()
    bodies = [sent.body for sent in mail.outbox if "From December" in sent.subject]
    assert bodies
    assert all("It is an exercise: nothing of it counts." in body for body in bodies)
    mail.outbox.clear()
    opened(circle, title="For real")
    dispatch()
    real = [sent.body for sent in mail.outbox if "For real" in sent.subject]
    assert real
    assert not [body for body in real if "exercise" in body]
