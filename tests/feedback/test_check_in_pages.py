"""Answering a check-in: from a link or signed in, until it is due; looking changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agreements.goals.models import GoalProgress
from agreements.goals.operations import set_goal
from core.common import clock
from core.members.links import SignedLink, signed_path
from core.members.models import Member
from core.tenancy.context import tenant
from feedback.models.check_ins import CheckIn, CheckInNote
from feedback.surveys.check_in import answer_check_in, my_open_check_ins, remind_open_check_ins
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Enrolment
from sessions.models.actions import Action
from sessions.models.sessions import Session
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import (
    AFTER_ONE_PERIOD,
    ANSWER,
    FOUR_TAPS,
    OPENS,
    PERIOD,
    link,
    make_check_in,
    make_cohort,
    make_held_session,
    make_partnership,
)


@pytest.fixture
def check_in(cast: Cast) -> CheckIn:
    """Petra's, in a circle with Pavel, of a cohort that Cora coordinates."""
    seat, _ = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    with clock.at(AFTER_ONE_PERIOD):
        return make_check_in(seat)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(AFTER_ONE_PERIOD + timedelta(hours=1)):
        yield


def reloaded(check_in: CheckIn) -> CheckIn:
    with tenant(check_in.organisation_id):
        return CheckIn.objects.get(pk=check_in.pk)


def note_of(check_in: CheckIn, reader: Member) -> tuple[str, list[Any]] | None:
    with tenant(check_in.organisation_id, member=reader.pk):
        return CheckInNote.objects.values_list("text", "readers").first()


def test_four_taps_from_the_link_without_signing_in(cast: Cast, check_in: CheckIn) -> None:
    client, path = Client(), link("check-in", cast.petra, check_in.pk)
    asked = client.get(path)
    assert asked.status_code == 200
    assert "Have you met yet, Petra?" in asked.text
    assert "2 to 15 March" in asked.text
    assert "no-store" in asked["Cache-Control"]

    sent = client.post(path, FOUR_TAPS | {"readers": "me", "coordinator_sees": "on"})
    assert (sent.status_code, sent["Location"]) == (302, path)
    done = client.get(path)
    assert "Thank you, Petra. That is all." in done.text
    assert "Circle Wye: 1 of 2 has checked in." in done.text
    kept = reloaded(check_in)
    assert (kept.met, kept.mood, kept.progress, kept.blocker) == (True, 4, 3, "time")
    assert kept.answered_at == clock.now()
    assert kept.coordinator_sees
    assert note_of(check_in, cast.petra) is None


def test_the_same_page_signed_in(cast: Cast, check_in: CheckIn) -> None:
    client, path = sign_in(cast.petra), check_in.get_absolute_url()
    assert client.get(path).status_code == 200
    assert client.post(path, FOUR_TAPS | {"readers": "me"}).status_code == 302
    assert not reloaded(check_in).coordinator_sees  # the box was not ticked
    assert "Thank you, Petra" in client.get(path).text


def test_it_asks_how_far_my_goals_are_if_i_like_even_private_ones(
    cast: Cast, check_in: CheckIn
) -> None:
    partnership = check_in.seat.partnership
    with tenant(cast.acme, member=cast.petra.pk):
        goal = set_goal(
            partnership=partnership,
            title="Speak last",
            due_on=clock.now().date() + timedelta(days=30),
            by=cast.petra,
        )
    client, path = Client(), link("check-in", cast.petra, check_in.pk)
    assert "Speak last" in client.get(path).text
    untold = client.post(path, FOUR_TAPS | {"readers": "me"})
    assert untold.status_code == 302
    with tenant(cast.acme):
        assert not GoalProgress.objects.exists()
    told = {"readers": "me", f"goal_{goal.pk.hex}": "4"}
    assert client.post(path, FOUR_TAPS | told).status_code == 302
    assert client.post(path, FOUR_TAPS | told | {f"goal_{goal.pk.hex}": "9"}).status_code == 422
    with tenant(cast.acme):
        assert GoalProgress.objects.get().level == 4
        assert (reloaded(check_in).mood, GoalProgress.objects.get().goal_id) == (4, goal.pk)


def test_who_did_not_meet_is_not_asked_what_it_moved(cast: Cast, check_in: CheckIn) -> None:
    client, path = Client(), link("check-in", cast.petra, check_in.pk)
    told = {"met": "no", "mood": "2", "blocker": "time", "readers": "me"}
    assert client.post(path, {**told, "met": "yes"}).status_code == 422
    assert client.post(path, told).status_code == 302
    kept = reloaded(check_in)
    assert (kept.met, kept.mood, kept.progress) == (False, 2, None)
    # tapped before "Not this time" and hidden since: it is no answer
    client.post(path, told | {"progress": "5"})
    assert reloaded(check_in).progress is None
    client.post(path, FOUR_TAPS | {"readers": "me"})
    assert reloaded(check_in).progress == 3


def test_how_it_went_is_asked_of_those_who_ever_met(cast: Cast, check_in: CheckIn) -> None:
    path = link("check-in", cast.petra, check_in.pk)
    assert "Have you met yet, Petra?" in Client().get(path).text
    session = make_held_session(check_in.seat)
    assert "How did it go, Petra?" in Client().get(path).text
    with tenant(cast.acme):
        Session.objects.filter(pk=session.pk).update(state="missed", held_at=None)
        other = CheckIn.objects.for_list().get(seat__enrolment__member=cast.pavel)
        answer_check_in(check_in=other, by=cast.pavel, **ANSWER)
    assert "How did it go, Petra?" in Client().get(path).text


def test_the_done_page_names_the_last_promise_and_the_next_check_in(
    cast: Cast, check_in: CheckIn
) -> None:
    partnership = check_in.seat.partnership
    with tenant(cast.acme):
        promises = (("Ask first", "open"), ("Listen", "open"), ("Done since", "done"))
        for hours, (words, state) in enumerate(promises):
            Action.objects.create(
                partnership=partnership,
                seat=check_in.seat,
                words=words,
                promised_at=AFTER_ONE_PERIOD - timedelta(days=1, hours=-hours),
                state=state,
                settled_at=clock.now() if state == "done" else None,
            )
    client, path = Client(), link("check-in", cast.petra, check_in.pk)
    client.post(path, FOUR_TAPS | {"readers": "me"})
    done = client.get(path).text
    assert "Listen" in done
    assert "Ask first" not in done
    assert "Your next check-in comes on 30 March." in done
    assert "Listen" not in Client().get(path).text
    with tenant(cast.acme):
        Partnership.objects.update(ends_on=OPENS + timedelta(days=3))
    assert "Your next check-in" not in client.get(path).text


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Partnership, {"state": "ended", "ended_at": AFTER_ONE_PERIOD}),
        (Partnership, {"state": "lapsed", "ended_at": AFTER_ONE_PERIOD}),
        (Partnership, {"state": "completed", "ended_at": AFTER_ONE_PERIOD}),
        (Seat, {"left_at": AFTER_ONE_PERIOD}),
        (Enrolment, {"state": "withdrawn", "ended_at": AFTER_ONE_PERIOD}),
    ],
)
def test_it_closes_with_the_partnership_the_seat_or_the_enrolment(
    cast: Cast, check_in: CheckIn, model: Any, change: dict[str, Any]
) -> None:
    with tenant(cast.acme):
        model.objects.update(**change)
    path = link("check-in", cast.petra, check_in.pk)
    assert "This has ended" in Client().get(path).text
    assert Client().post(path, FOUR_TAPS | {"readers": "me"}).status_code == 422
    assert reloaded(check_in).answered_at is None
    with tenant(cast.acme):
        assert list(my_open_check_ins(cast.petra, at=clock.now())) == []


@pytest.mark.parametrize(
    ("model", "change"),
    [(Partnership, {"state": "paused"}), (Enrolment, {"paused_until": OPENS + PERIOD})],
)
def test_a_pause_does_not_close_it_but_nothing_reminds_of_it(
    cast: Cast, check_in: CheckIn, model: Any, change: dict[str, Any]
) -> None:
    with tenant(cast.acme):
        model.objects.update(**change)
        assert list(my_open_check_ins(cast.petra, at=clock.now())) == []
        assert remind_open_check_ins(at=clock.now() + timedelta(days=4)) == 0
    path = link("check-in", cast.petra, check_in.pk)
    assert Client().post(path, FOUR_TAPS | {"readers": "me"}).status_code == 302


def test_looking_changes_nothing(cast: Cast, check_in: CheckIn) -> None:
    path = link("check-in", cast.petra, check_in.pk)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for address in (path, f"{path}?change=yes", f"{path}?met=yes&mood=4"):
            assert Client().get(address).status_code == 200
            assert Client().head(address).status_code == 200
    statements = " ".join(query["sql"] for query in queries)
    assert not any(word in statements for word in ("INSERT", "UPDATE ", "DELETE"))
    assert reloaded(check_in).answered_at is None


def test_a_second_answer_changes_the_first_until_it_is_due(cast: Cast, check_in: CheckIn) -> None:
    client, path = Client(), link("check-in", cast.petra, check_in.pk)
    client.post(path, FOUR_TAPS | {"readers": "partners", "note": "We waited."})
    first = reloaded(check_in)

    with clock.at(clock.now() + timedelta(days=1)):
        assert "We waited." not in client.get(f"{path}?change=yes").text
    with clock.at(clock.now() + timedelta(minutes=20)):
        again = client.get(f"{path}?change=yes")
        assert "We waited." in again.text
        client.post(path, FOUR_TAPS | {"mood": "1", "readers": "me", "note": "We did not."})
    second = reloaded(check_in)
    assert (second.mood, second.answered_at) == (1, first.answered_at)
    assert second.changed_at > first.changed_at
    assert note_of(check_in, cast.petra) == ("We did not.", [cast.petra.pk])
    assert note_of(check_in, cast.pavel) is None

    client.post(path, FOUR_TAPS | {"readers": "me", "note": "  "})
    assert note_of(check_in, cast.petra) == ("", [cast.petra.pk])


def test_when_it_is_due_it_is_closed_politely(cast: Cast, check_in: CheckIn) -> None:
    client, path = Client(), link("check-in", cast.petra, check_in.pk)
    with clock.at(AFTER_ONE_PERIOD + PERIOD):
        closed = client.get(path)
        assert closed.status_code == 200
        assert "This has ended" in closed.text
        assert "<form" not in closed.text
        refused = client.post(path, FOUR_TAPS | {"readers": "me"})
        assert refused.status_code == 422
        assert "This check-in is closed" in refused.text
    assert reloaded(check_in).answered_at is None


def test_an_answer_that_is_closed_is_still_shown(cast: Cast, check_in: CheckIn) -> None:
    client, path = sign_in(cast.petra), link("check-in", cast.petra, check_in.pk)
    client.post(path, FOUR_TAPS | {"readers": "me"})
    with clock.at(AFTER_ONE_PERIOD + PERIOD):
        shown = client.get(f"{path}?change=yes")
        assert "Thank you, Petra" in shown.text
        assert "Change my answers" not in shown.text
        assert client.post(path, FOUR_TAPS | {"readers": "me"}).status_code == 422


def test_bad_old_foreign_and_borrowed_links_are_one_page(cast: Cast, check_in: CheckIn) -> None:
    good = link("check-in", cast.petra, check_in.pk)
    signed = SignedLink("acme", cast.petra.pk, check_in.pk)
    old = signed_path("check-in", signed, at=clock.now() - timedelta(days=61))
    paths = [
        "/l/check-in/nonsense/",
        "/l/check-in/a:b:c/",
        good.replace("check-in", "rating"),
        link("rating", cast.petra, check_in.pk).replace("rating", "check-in"),
        old,
        link("check-in", cast.pavel, check_in.pk),
        link("check-in", cast.cora, check_in.pk),
        link("check-in", cast.petra),
        link("check-in", cast.petra, check_in.pk, slug="globex"),
        link("check-in", cast.greta, check_in.pk),
        link("check-in", cast.petra, check_in.pk, slug="nowhere"),
    ]
    for answer in (Client().get, lambda path: Client().post(path, FOUR_TAPS | {"readers": "me"})):
        answers = [answer(path) for path in paths]
        assert {response.status_code for response in answers} == {404}
        assert len({response.content for response in answers}) == 1
    assert reloaded(check_in).answered_at is None


def test_who_has_left_has_no_link(cast: Cast, check_in: CheckIn) -> None:
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state=Member.State.LEFT)
    assert Client().get(link("check-in", cast.petra, check_in.pk)).status_code == 404


def test_who_may_open_the_signed_in_page(cast: Cast, check_in: CheckIn) -> None:
    path = check_in.get_absolute_url()
    for member in (cast.olga, cast.cora, cast.hugo, cast.pavel, cast.gustav, cast.greta):
        assert sign_in(member).get(path).status_code == 404, member.given_name
        assert sign_in(member).post(path, FOUR_TAPS).status_code == 404, member.given_name
    assert Client().get(path).status_code == 302
    assert sign_in(cast.petra).delete(path).status_code == 405
    assert reloaded(check_in).answered_at is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"met": ""},
        {"met": "maybe"},
        {"mood": "0"},
        {"mood": "6"},
        {"mood": "4.0"},
        {"progress": "x"},
        {"blocker": "everything"},
        {"readers": "everybody"},
        {"note": "x" * 2001},
        {"note": "a\x00b"},
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_lost(
    cast: Cast, check_in: CheckIn, wrong: dict[str, str]
) -> None:
    path = link("check-in", cast.petra, check_in.pk)
    typed = FOUR_TAPS | {"readers": "partners", "note": "Kept words"} | wrong
    answer = Client().post(path, typed)
    assert answer.status_code == 422
    (name,) = wrong
    assert list(answer.context["form"].errors) == [name]
    if name != "note":
        assert "Kept words" in answer.text
    assert reloaded(check_in).answered_at is None


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ form }}{% now 'Y' %}",
        "=HYPERLINK(1)",
        "\u202eright to left\u202c",
        "😀" * 500,
        "' OR 1=1; --",
        "x" * 2000,
    ],
)
def test_hostile_notes_are_shown_as_words(cast: Cast, check_in: CheckIn, text: str) -> None:
    client, path = Client(), link("check-in", cast.petra, check_in.pk)
    assert client.post(path, FOUR_TAPS | {"readers": "partners", "note": text}).status_code == 302
    for page in (client.get(path), sign_in(cast.pavel).get("/o/acme/notes/")):
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    assert note_of(check_in, cast.pavel) == (text, [cast.petra.pk, cast.pavel.pk])


def test_the_done_page_says_when_they_meet_next(cast: Cast, check_in: CheckIn) -> None:
    with tenant(cast.acme):
        Session.objects.create(
            partnership=check_in.seat.partnership,
            number=1,
            starts_at=clock.now() + timedelta(days=2),
            day=(clock.now() + timedelta(days=2)).date(),
            duration_minutes=60,
        )
    client, path = Client(), link("check-in", cast.petra, check_in.pk)
    client.post(path, FOUR_TAPS | {"readers": "me"})
    assert "Wednesday 18 March, 14:00" in client.get(path).text  # Berlin


@pytest.mark.parametrize("suffix", ["", "?change=yes"])
def test_a_large_circle_costs_the_same_statements(cast: Cast, suffix: str) -> None:
    counts = []
    for size, name in ((1, "Dee"), (3, "Exe")):
        people = [make_member(cast.acme, f"{name}{number}") for number in range(size)]
        seat, *_ = make_partnership(make_cohort(cast.acme, name), *people)
        mine = make_check_in(seat)
        path = link("check-in", people[0], mine.pk)
        Client().post(path, FOUR_TAPS | {"readers": "me"})
        with CaptureQueriesContext(connection) as queries:
            assert Client().get(path + suffix).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
