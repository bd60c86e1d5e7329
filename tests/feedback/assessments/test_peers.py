"""Peers rate each other: asked evenly, as nobody, counted once, shown from three on."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.db import ProgrammingError, transaction
from django.test import Client

from core.common import clock
from core.members.models import Member
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.assessments import operations
from feedback.assessments.asking import assign
from feedback.assessments.peers import PEERS, occasion_of, rated_of
from feedback.assessments.queries import marks_in
from feedback.errors import SurveyClosed
from feedback.models.assessments import PeerMark, PeerResult
from feedback.models.surveys import AnonymousBox, SurveyResponse
from feedback.surveys.items import answer_survey
from feedback.surveys.table import waiting_surveys
from pairing.models.partnerships import Seat
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast, make_member
from tests.feedback.assessments.build import about, ask, count, give, make_circle, skills_of
from tests.feedback.build import OPENS, enrol, link, make_held_session, make_partnership, noon

NOW = noon(OPENS + timedelta(days=1))
CLOSED = NOW + timedelta(days=15)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(NOW):
        yield


def put(seat: Seat, **facts: Any) -> None:
    with tenant(seat.organisation):
        Cohort.objects.filter(pk=seat.partnership.cohort_id).update(**facts)


@pytest.mark.parametrize("people", range(4, 13))
def test_everybody_rates_three_others_and_is_rated_by_three(people: int) -> None:
    pairs = list(assign(range(people)))
    assert len(set(pairs)) == len(pairs)
    assert all(rater != rated for rater, rated in pairs)
    assert set(Counter(rater for rater, _rated in pairs).values()) == {3}
    assert set(Counter(rated for _rater, rated in pairs).values()) == {3}
    assert list(assign(range(people))) == pairs


@pytest.mark.parametrize("people", range(4))
def test_of_fewer_than_four_nobody_can_be_rated_by_three(people: int) -> None:
    assert list(assign(range(people))) == []


def test_a_circle_is_asked_once_it_has_met_twice(cast: Cast) -> None:
    seats = make_circle(cast, 5, met=1)
    assert ask(cast) == 0
    make_held_session(*seats, number=2)
    assert (ask(cast), ask(cast)) == (15, 0)
    with tenant(cast.acme):
        rows = SurveyResponse.objects.filter(survey=PEERS.name)
        each = Counter(rows.values_list("enrolment", flat=True))
        rated = Counter(rated_of(key) for key in rows.values_list("occasion", flat=True))
        assert set(each.values()) == set(rated.values()) == {3}
        waits = [row.words["title"] for row in waiting_surveys(cast.petra, at=NOW)]
    assert len(set(waits)) == 3
    assert set(waits) < {f"Say what you see in Peer{number}" for number in (1, 2, 3, 4)}


def test_who_joins_later_is_asked_at_the_next_moment(cast: Cast) -> None:
    seats = make_circle(cast, 5)
    ask(cast)
    late = make_member(cast.acme, "Late")
    with tenant(cast.acme):
        Seat.objects.create(
            partnership=seats[0].partnership,
            enrolment=enrol(seats[0].partnership.cohort, late),
            part=Enrolment.Part.PEER,
            taken_at=NOW,
        )
    assert ask(cast) == 0
    put(seats[0], phase="closing")
    assert ask(cast) == 18


def test_the_midpoint_and_the_end_have_their_time(cast: Cast) -> None:
    seats = make_circle(cast, 4)  # 2 March to 31 December: halfway on 1 August
    for day, asked in [(date(2026, 7, 25), 0), (date(2026, 8, 1), 12), (date(2026, 8, 2), 0)]:
        with clock.at(noon(day)):
            assert ask(cast) == asked
    assert len(about(seats[0], "mid")) == 3
    put(seats[0], phase="closing")
    with clock.at(noon(date(2026, 12, 20))):
        assert ask(cast) == 12
    put(seats[0], phase="closed")
    assert ask(cast) == 0


@pytest.mark.parametrize(("people", "skills"), [(3, 3), (4, 0)])
def test_trios_and_programs_without_skills_are_not_asked(
    cast: Cast, people: int, skills: int
) -> None:
    make_circle(cast, people, skills=skills)
    assert ask(cast) == 0


def test_who_sits_in_two_circles_is_asked_in_one(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    others = [make_member(cast.acme, f"Other{number}") for number in range(4)]
    more = make_partnership(seats[0].partnership.cohort, cast.petra, *others, name="Circle Zed")
    with tenant(cast.acme):
        Seat.objects.filter(partnership=more[0].partnership).update(taken_at=NOW)
    for number in (1, 2):
        make_held_session(*more, number=number)
    assert ask(cast) == 24  # two circles of four: Petra is in the one she joined first
    with tenant(cast.acme):
        mine = SurveyResponse.objects.filter(survey=PEERS.name, enrolment__member=cast.petra)
        assert mine.count() == 3


@pytest.mark.slow
def test_three_requests_come_in_one_email_and_are_answered_by_link(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    ask(cast)
    with clock.at(NOW + timedelta(minutes=5)):
        dispatch()
        mine = [sent for sent in mail.outbox if cast.petra.email in sent.to]
        assert len(mine) == 1
        asked = next(row for row in about(seats[1]) if row.enrolment.member_id == cast.petra.pk)
        client, path = Client(), link("peers", cast.petra, asked.pk)
        page = client.get(path).text
        assert "What do you see in Peer1, Petra?" in page
        assert "What skill 1 looks like." in page
        assert "reads the average of each skill that three or more" in page
        assert client.post(path, {}).status_code == 422
        skills = skills_of(seats[1])
        assert client.post(path, {skills[0].pk.hex: "4"}).status_code == 302
        assert "Thank you, Petra" in client.get(path).text
    with tenant(cast.acme):
        box = AnonymousBox.objects.get()
        assert box.answers == [{skills[0].pk.hex: 4}]
        asked.refresh_from_db()
        assert asked.answers == {"given": True}
        with pytest.raises(SurveyClosed):
            answer_survey(
                questionnaire=PEERS, response=asked, by=cast.petra, answers={skills[0].pk.hex: 1}
            )


@pytest.mark.slow
def test_three_answers_are_counted_once_at_the_close_and_never_again(cast: Cast) -> None:
    seats = make_circle(cast, 5)
    ask(cast)
    give(seats[0], (4, 5, 3), (4, 5, 0), (5, 5, 2))
    assert count(cast) == 0  # nothing before the close: an average would change with one answer
    with clock.at(CLOSED):
        assert (count(cast), count(cast)) == (5, 0)
        with tenant(cast.acme):
            result = PeerResult.objects.get(enrolment=seats[0].enrolment_id)
            marks = PeerMark.objects.filter(result=result).order_by("competency__position")
            # 4 + 4 + 5; 5 + 5 + 5 is one less, or all three would be known; of two, nothing
            assert [(mark.total, mark.n) for mark in marks] == [(13, 3), (14, 3)]
            assert (result.shown, result.variance) == (True, None)
            hidden = PeerResult.objects.exclude(pk=result.pk)
            assert set(hidden.values_list("shown", flat=True)) == {False}
        dispatch()
    told = [sent for sent in mail.outbox if "What your partners see in you" in sent.subject]
    assert [sent.to for sent in told] == [[cast.petra.email]]


def test_of_two_workers_that_count_at_once_one_counts_and_tells(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats = make_circle(cast, 4)
    ask(cast)
    give(seats[0], (4, 5, 3), (4, 5, 4), (5, 5, 2))
    other_worker: list[int] = []

    def read_while_another_counts(occasion: str, cohort_id: UUID) -> Any:
        monkeypatch.undo()
        other_worker.append(operations.show_peer_results(at=clock.now()))
        return marks_in(occasion, cohort_id)

    monkeypatch.setattr(operations, "marks_in", read_while_another_counts)
    with clock.at(CLOSED):
        assert (count(cast), other_worker) == (0, [4])
    with tenant(cast.acme):
        assert (PeerResult.objects.count(), PeerMark.objects.count()) == (4, 3)
        assert Email.objects.filter(kind="feedback.peers_see").count() == 1


def test_the_spread_is_pooled_over_skills(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    ask(cast)
    # squares around the mean: 2/3 + 2 + 14/3 = 22/3, over 6 degrees of freedom
    give(seats[0], (3, 2, 1), (3, 3, 2), (4, 4, 4))
    with clock.at(CLOSED):
        count(cast)
        with tenant(cast.acme):
            result = PeerResult.objects.get(enrolment=seats[0].enrolment_id)
    assert (str(result.variance), result.degrees) == ("1.2222", 6)


def test_marks_that_are_all_alike_do_not_say_so(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    ask(cast)
    give(seats[0], (1, 4, 5), (1, 4, 5), (1, 4, 5))
    with clock.at(CLOSED):
        count(cast)
        with tenant(cast.acme):
            result = PeerResult.objects.get(enrolment=seats[0].enrolment_id)
            marks = result.marks.order_by("competency__position")
            assert [mark.total for mark in marks] == [4, 12, 14]
    assert str(result.variance) == "0.2500"


def test_nobody_but_the_one_rated_reads_it(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    ask(cast)
    raters = give(seats[0], (3, 2, 1), (3, 3, 2), (4, 4, 4))
    with clock.at(CLOSED):
        count(cast)
    readers = [cast.olga, cast.cora, cast.hugo, *raters, cast.pavel]
    with tenant(cast.acme):
        assert PeerResult.objects.visible_to(cast.petra).count() == 1
        assert PeerMark.objects.visible_to(cast.petra).count() == 3
        for reader in readers:
            assert not PeerResult.objects.visible_to(reader).exists()
            assert not PeerMark.objects.visible_to(reader).exists()
        assert not AnonymousBox.objects.visible_to(cast.petra).exists()


def test_the_database_opens_a_box_to_who_adds_to_it_and_to_nobody_else(cast: Cast) -> None:
    """Also where a query forgets `visible_to`."""
    seats = make_circle(cast, 4)
    ask(cast)
    raters = give(seats[0], (3, 2, 1), (3, 3, 2))
    rated = seats[0].enrolment.member
    for reader in (rated, cast.olga, cast.cora, cast.hugo, cast.pavel):
        with tenant(cast.acme, member=reader.pk):
            assert not AnonymousBox.objects.exists()
            assert AnonymousBox.objects.update(answers=[]) == 0
            with pytest.raises(ProgrammingError), transaction.atomic():
                AnonymousBox.objects.create(
                    survey=PEERS.name,
                    cohort=seats[0].enrolment.cohort,
                    partnership=seats[0].partnership,
                    occasion=occasion_of("mid", seats[0].enrolment_id),
                    number=2,
                )
    with tenant(cast.acme, member=raters[0].pk):
        assert len(AnonymousBox.objects.get().answers) == 2


def test_who_has_left_is_told_nothing(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    ask(cast)
    give(seats[0], (3, 2, 1), (3, 3, 2), (4, 4, 4))
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state=Member.State.LEFT)
    mail.outbox.clear()
    with clock.at(CLOSED):
        count(cast)
        dispatch()
    assert [sent for sent in mail.outbox if "see in you" in sent.subject] == []


def test_an_adversary_who_knows_all_but_one_learns_no_mark(cast: Cast) -> None:
    """Everything that is stored, but the answers themselves, is equal whoever gave which marks."""
    seats = make_circle(cast, 4)
    ask(cast)
    give(seats[0], (5, 2, 3), (1, 3, 2), (3, 4, 4))
    with tenant(cast.acme):
        box = AnonymousBox.objects.get()
        rows = SurveyResponse.objects.filter(pk__in=[row.pk for row in about(seats[0])])
        kept = set(rows.values_list("answered_at", "survey", "occasion"))
    assert len(kept) == 1  # to the day
    assert box.answers == sorted(box.answers, key=str)
