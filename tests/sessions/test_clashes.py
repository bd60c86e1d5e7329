"""Two sessions of one person at once: said before it is saved, kept on the page, never refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership
from programs.models.programs import Enrolment
from sessions.models.polls import PollTime, TimePoll
from sessions.models.sessions import Session
from sessions.planning.operations import polls
from tests.cast import Cast, sign_in
from tests.sessions.build import NOON, make_cohort, make_partnership, plan
from tests.sessions.conftest import Circle

NOTE = "Petra Acme has another session on Thursday 5 March, 13:00."


@pytest.fixture
def pair(circle: Circle, cast: Cast) -> Partnership:
    """Petra and Cora, who meet two days after the circle, every other week too."""
    return make_partnership(make_cohort(cast.acme), [cast.petra, cast.cora], name="Second")


@pytest.mark.slow
def test_a_move_onto_another_session_is_said_once_with_the_name_and_saved_all_the_same(
    cast: Cast, circle: Circle, pair: Partnership
):
    session = plan(pair, first_at=circle.sessions[0].starts_at.replace(day=7))[0]
    url, browser = f"/o/acme/sessions/{session.pk}/", sign_in(cast.cora)
    typed = {"starts_at": "2026-03-05T13:30", "duration_minutes": "60", "topic": "Ties"}

    answer = browser.post(f"{url}reschedule/", typed)
    page = answer.content.decode()
    assert (answer.status_code, answer.context["warnings"]) == (
        200,
        ["Petra Acme has another session on Thursday 5 March, 13:30."],
    )
    assert 'value="Ties"' in page
    assert "Circle" not in page  # with whom she meets is not said
    with tenant(cast.acme):
        assert Session.objects.get(pk=session.pk).starts_at == session.starts_at

    assert browser.post(f"{url}reschedule/", {**typed, "anyway": "yes"}).status_code == 302
    assert "Petra Acme has another session on" in browser.get(url).content.decode()


def test_a_season_on_the_times_of_another_is_said_date_by_date_before_it_is_planned(
    cast: Cast, circle: Circle, pair: Partnership
):
    url = f"/o/acme/partnerships/{pair.pk}/sessions/plan/"
    typed = {
        "first_at": "2026-03-05T13:00",
        "cadence_every": "2",
        "cadence_unit": "weeks",
        "count": "6",
    }
    browser = sign_in(cast.cora)
    answer = browser.post(url, typed)
    assert (answer.status_code, len(answer.context["warnings"])) == (200, 6)
    assert answer.context["warnings"][0] == NOTE
    with tenant(cast.acme):
        assert not Session.objects.filter(partnership=pair).exists()
    assert browser.post(url, {**typed, "anyway": "yes"}).status_code == 302
    with tenant(cast.acme):
        assert Session.objects.filter(partnership=pair).count() == 6


def test_a_time_of_ones_own_in_a_poll_is_said_to_clash(
    cast: Cast, circle: Circle, pair: Partnership
):
    url = f"/o/acme/partnerships/{pair.pk}/sessions/poll/"
    own = circle.sessions[1].starts_at  # 19 March, 13:00
    typed = {
        "own_1": "2026-03-19T13:00",
        "own_2": "2026-03-20T13:00",
        "own_3": "2026-03-21T13:00",
        "closes_days": "3",
        "confirms_itself": "on",
    }
    assert own > NOON
    browser = sign_in(cast.cora)
    answer = browser.post(url, typed)
    assert answer.context["warnings"] == [
        "Petra Acme has another session on Thursday 19 March, 13:00."
    ]
    with tenant(cast.acme):
        assert not TimePoll.objects.exists()
    assert browser.post(url, {**typed, "anyway": "yes"}).status_code == 302


@pytest.mark.slow
def test_nothing_is_said_where_nobody_meets_elsewhere(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    typed = {"starts_at": "2026-03-06T13:00", "duration_minutes": "60"}
    url = f"/o/acme/sessions/{session.pk}/reschedule/"
    assert sign_in(cast.petra).post(url, typed).status_code == 302


def test_taking_a_poll_s_time_on_another_session_is_said_first_and_may_be_taken(
    cast: Cast, circle: Circle, pair: Partnership
):
    times = [circle.sessions[n].starts_at for n in (1, 2, 3)]
    with tenant(cast.acme):
        poll = polls.open_poll(
            partnership=pair,
            times=times,
            closes_at=NOON + timedelta(days=3),
            confirms_itself=False,
            count=2,
            by=cast.cora,
        )
        polls.close_poll(poll=poll, by=cast.cora)
        TimePoll.objects.filter(pk=poll.pk).update(state="closed", best_at=times[0])
        chosen = PollTime.objects.get(poll=poll, starts_at=times[0])
    browser, url = sign_in(cast.cora), f"/o/acme/polls/{poll.pk}/confirm/"
    answer = browser.post(url, {"time": chosen.pk})
    assert (answer.status_code, answer.context["warnings"]) == (
        200,
        [
            "Petra Acme has another session on Thursday 19 March, 13:00.",
            "Petra Acme has another session on Thursday 2 April, 13:00.",
        ],
    )
    assert "Take it all the same" in answer.content.decode()
    with tenant(cast.acme):
        assert not Session.objects.filter(partnership=pair).exists()
    assert browser.post(url, {"time": chosen.pk, "anyway": "yes"}).status_code == 302
    with tenant(cast.acme):
        assert Session.objects.filter(partnership=pair).count() == 2


def test_seating_somebody_who_meets_elsewhere_then_is_said_before(
    cast: Cast, circle: Circle, pair: Partnership
):
    """On the page of a person and on that of a circle, each with the number of sessions."""
    plan(pair, first_at=circle.sessions[0].starts_at)
    with tenant(cast.acme):
        waiting = Enrolment.objects.create(
            cohort=circle.cohort,
            member=cast.cora,
            part="peer",
            state="active",
            applied_at=NOON,
            accepted_at=NOON,
            started_at=NOON,
        )
    said = f"Cora Acme has another session when {circle.partnership.name} meets: "
    browser = sign_in(cast.olga)
    for page, fragment in (
        (
            f"/o/acme/cohorts/{circle.cohort.pk}/seat/{waiting.pk}/",
            f"/o/acme/cohorts/{circle.cohort.pk}/seat/{waiting.pk}/clashes/",
        ),
        (
            f"/o/acme/partnerships/{circle.partnership.pk}/seats/",
            f"/o/acme/partnerships/{circle.partnership.pk}/sessions/clashes/",
        ),
    ):
        assert f'hx-get="{fragment}"' in browser.get(page).text
        assert said in browser.get(fragment, headers={"HX-Request": "true"}).text
        assert said in browser.get(fragment).text
        assert sign_in(cast.petra).get(fragment).status_code == 403
    with tenant(cast.acme):
        Session.objects.filter(partnership=pair).update(state="cancelled")
    assert said not in browser.get(fragment).text
