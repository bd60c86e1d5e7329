"""Asking and answering: states, clocks, caps, and what follows by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from core.audit.models import AuditEvent
from core.common import clock
from core.notifications.dispatch import dispatch
from core.tenancy.context import tenant
from pairing.errors import (
    AlreadyAsked,
    AlreadyPartnered,
    AskedTooMany,
    CannotBeAsked,
    NoRoomLeft,
    QuestionAlreadyAsked,
    RequestDecided,
    SelfMatchClosed,
    TooManyWait,
    TooManyWishes,
    WordsNeeded,
)
from pairing.models.partnerships import Partnership
from pairing.models.requests import PartnerRequest
from pairing.requests.operations import answering, asking, sweeping
from programs.models.programs import Enrolment
from programs.operations import designs, enrolments
from tests.pairing.build import make_partnership
from tests.pairing.requests.build import (
    accept,
    ask,
    make_self_match,
    mentee,
    mentor,
    states,
    sweep,
    wish,
    wishes,
    words_read_by,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
IN_TIME, TOO_LATE = NOW + timedelta(days=2), NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cohort(cast):
    return make_self_match(cast.acme)


@pytest.fixture
def jonas(cohort):
    return mentee(cohort, "Jonas")


@pytest.fixture
def amara(cohort):
    return mentor(cohort, "Amara")


@pytest.fixture
def bela(cohort):
    return mentor(cohort, "Bela")


def subjects() -> list[str]:
    mail.outbox.clear()
    dispatch()
    return sorted(f"{each.to[0].split('@')[0]}: {each.subject}" for each in mail.outbox)


def test_wishes_keep_their_order_and_are_five_at_most(cohort, jonas):
    names = [mentor(cohort, f"M{n}") for n in range(6)]
    wish(jonas, *names[:5])
    with tenant(cohort.organisation):
        asking.move_wish(enrolment=jonas, wished=names[4], by=-1)
        asking.move_wish(enrolment=jonas, wished=names[0], by=-1)
        asking.remove_wish(enrolment=jonas, wished=names[1])
        asking.add_wish(enrolment=jonas, wished=names[5])
        asking.add_wish(enrolment=jonas, wished=names[5])
        with pytest.raises(TooManyWishes):
            asking.add_wish(enrolment=jonas, wished=names[1])
    assert wishes(jonas) == [names[0], names[2], names[4], names[3], names[5]]


def test_a_yes_makes_the_partnership_and_tells_both_what_happens_next(cohort, jonas, amara):
    request = ask(jonas, amara)
    assert subjects() == ["amara: Jonas Acme asks you to be partners"]

    partnership = accept(request)

    with tenant(cohort.organisation):
        assert partnership.state == Partnership.State.ACTIVE
        assert {(s.enrolment_id, s.part) for s in partnership.seats.all()} == {
            (jonas.pk, "mentee"),
            (amara.pk, "mentor"),
        }
        stored = Partnership.objects.get(pk=partnership.pk)
        assert stored.reasons == request.reasons != []
        assert stored.score == request.score
        assert Enrolment.objects.get(pk=jonas.pk).state == "active"
        assert Enrolment.objects.get(pk=amara.pk).state == "active"
    assert subjects() == [
        "amara: You are working with Jonas Acme",
        "jonas: You are working with Amara Acme",
    ]
    assert "No session" not in mail.outbox[0].body


def test_a_second_answer_is_refused_politely(cohort, jonas, amara):
    request = ask(jonas, amara)
    accept(request)
    for act in (answering.accept_request, answering.decline_request):
        with tenant(cohort.organisation), pytest.raises(RequestDecided):
            act(request=request, by=amara.member)
    with tenant(cohort.organisation), pytest.raises(RequestDecided):
        answering.withdraw_request(request=request, by=jonas.member)


def test_only_the_one_who_was_asked_answers(cast, cohort, jonas, amara, bela):
    request = ask(jonas, amara)
    for other in (jonas.member, bela.member, cast.cora):
        with tenant(cohort.organisation), pytest.raises(ValueError, match="not this person"):
            answering.accept_request(request=request, by=other)
    with tenant(cohort.organisation), pytest.raises(ValueError, match="one's own"):
        asking.ask_partner(asker=jonas, partner=bela, by=amara.member)


def test_a_request_lapses_after_three_days_and_the_next_wish_is_asked_once(
    cohort, jonas, amara, bela
):
    wish(jonas, amara, bela)
    ask(jonas, amara)
    subjects()
    sweep(cohort.organisation, IN_TIME)
    assert states(cohort) == [("Amara", "open")]

    with clock.at(TOO_LATE):
        for _again in range(3):
            sweep(cohort.organisation, TOO_LATE)
        assert states(cohort) == [("Amara", "lapsed"), ("Bela", "open")]
        assert subjects() == [
            "bela: Jonas Acme asks you to be partners",
            "jonas: Amara Acme has not answered",
        ]
        assert "you are now asking Bela Acme" in mail.outbox[0].body + mail.outbox[1].body
        with tenant(cohort.organisation):
            second = PartnerRequest.objects.get(state="open")
            assert (second.rank, second.due_at) == (2, TOO_LATE + timedelta(days=3))
            assert second.follows.asked_id == amara.pk


def test_the_days_are_the_programs(cast):
    cohort = make_self_match(cast.acme, request_days=7)
    request = ask(mentee(cohort, "Jonas"), mentor(cohort, "Amara"))
    assert request.due_at == NOW + timedelta(days=7)


def test_nobody_says_yes_to_what_has_lapsed_swept_or_not(cohort, jonas, amara):
    request = ask(jonas, amara)
    with clock.at(TOO_LATE), tenant(cohort.organisation), pytest.raises(RequestDecided):
        answering.accept_request(request=request, by=amara.member)


def test_a_no_asks_the_next_wish_too_and_is_not_asked_again(cohort, jonas, amara, bela):
    wish(jonas, amara, bela)
    request = ask(jonas, amara)
    with tenant(cohort.organisation):
        answering.decline_request(request=request, by=amara.member)
    subjects()
    sweep(cohort.organisation, NOW)
    assert states(cohort) == [("Amara", "declined"), ("Bela", "open")]
    assert "jonas: Amara Acme cannot this time" in subjects()
    with tenant(cohort.organisation), pytest.raises(CannotBeAsked):
        asking.ask_partner(asker=jonas, partner=amara, by=jonas.member)


def test_tell_me_more_gives_the_asker_the_days_and_then_the_asked_again_once(cohort, jonas, amara):
    request = ask(jonas, amara)
    subjects()
    with clock.at(IN_TIME), tenant(cohort.organisation):
        with pytest.raises(WordsNeeded):
            answering.ask_for_more(request=request, by=amara.member, words="  ")
        answering.ask_for_more(request=request, by=amara.member, words="Why me?")
        assert (request.state, request.due_at) == ("question", IN_TIME + timedelta(days=3))
    with clock.at(IN_TIME):
        assert subjects() == ["jonas: Amara Acme would like to know more"]
    later = IN_TIME + timedelta(days=2)
    with clock.at(later), tenant(cohort.organisation):
        answering.answer_question(request=request, by=jonas.member, words="Because.")
        assert (request.state, request.due_at) == ("open", later + timedelta(days=3))
        with pytest.raises(QuestionAlreadyAsked):
            answering.ask_for_more(request=request, by=amara.member, words="And why now?")
    with clock.at(later):
        assert subjects() == ["amara: Jonas Acme has answered your question"]
        accept(request)


def test_a_question_nobody_answers_lapses_like_a_request(cohort, jonas, amara):
    request = ask(jonas, amara)
    with tenant(cohort.organisation):
        answering.ask_for_more(request=request, by=amara.member, words="Why me?")
    with clock.at(TOO_LATE):
        sweep(cohort.organisation, TOO_LATE)
    assert states(cohort) == [("Amara", "lapsed")]


def test_caps_on_both_sides(cast):
    cohort = make_self_match(cast.acme, requests_asking=1, requests_asked=2)
    amara, bela = mentor(cohort, "Amara", capacity=3), mentor(cohort, "Bela")
    people = [mentee(cohort, f"P{n}") for n in range(4)]
    ask(people[0], amara)
    with pytest.raises(AskedTooMany):
        ask(people[0], bela)
    with pytest.raises(AlreadyAsked):
        ask(people[0], amara)
    ask(people[1], amara)
    with pytest.raises(TooManyWait):
        ask(people[2], amara)


def test_the_next_wish_passes_over_whom_too_many_ask(cast):
    cohort = make_self_match(cast.acme, requests_asked=1)
    amara, bela, cleo = (mentor(cohort, name) for name in ("Amara", "Bela", "Cleo"))
    jonas, other = mentee(cohort, "Jonas"), mentee(cohort, "Other")
    wish(jonas, amara, bela, cleo)
    request = ask(jonas, amara)
    ask(other, bela)
    with tenant(cohort.organisation):
        answering.decline_request(request=request, by=amara.member)
    sweep(cohort.organisation, NOW)
    assert ("Cleo", "open") in states(cohort)


def test_a_yes_closes_the_askers_other_requests_kindly(cohort, jonas, amara, bela):
    first, _second = ask(jonas, amara), ask(jonas, bela)
    subjects()
    accept(first)
    sweep(cohort.organisation, NOW)
    assert states(cohort) == [("Amara", "accepted"), ("Bela", "closed")]
    assert "bela: You need not answer Jonas Acme any more" in subjects()


def test_a_full_mentor_closes_what_waits_and_those_people_go_on(cohort, jonas, amara, bela):
    other = mentee(cohort, "Other")
    wish(other, amara, bela)
    mine, _theirs = ask(jonas, amara), ask(other, amara)
    accept(mine)
    sweep(cohort.organisation, NOW)
    with tenant(cohort.organisation):
        closed = PartnerRequest.objects.get(asker=other, asked=amara)
        assert (closed.state, closed.because) == ("closed", "full")
        assert PartnerRequest.objects.get(asker=other, asked=bela).state == "open"


def test_a_place_taken_by_hand_meanwhile_refuses_the_yes(cohort, jonas, amara):
    request = ask(jonas, amara)
    make_partnership(cohort, amara.member, mentee(cohort, "Other").member)
    with pytest.raises(NoRoomLeft):
        accept(request)
    assert states(cohort) == [("Amara", "open")]


def test_rules_places_and_the_program_decide_who_can_be_asked(cast, cohort, jonas, amara):
    paused = mentor(cohort, "Paused")
    speechless = mentor(cohort, "Speechless", languages=["fr"])
    boss = mentor(cohort, "Boss")
    with tenant(cohort.organisation):
        Enrolment.objects.filter(pk=paused.pk).update(paused_until=NOW + timedelta(days=9))
        jonas.member.manager = boss.member
        jonas.member.save()
    for nobody in (paused, speechless, boss, mentee(cohort, "Another")):
        with pytest.raises(CannotBeAsked):
            ask(jonas, nobody)
    with tenant(cohort.organisation):
        designs.edit_program(program=cohort.program, by=cast.cora, self_match=False)
        jonas = Enrolment.objects.for_list().get(pk=jonas.pk)
    with pytest.raises(SelfMatchClosed):
        ask(jonas, amara)


def test_whoever_leaves_takes_their_requests_along(cohort, jonas, amara):
    ask(jonas, amara)
    subjects()
    with tenant(cohort.organisation):
        enrolments.withdraw(enrolment=jonas, by=None)
    sweep(cohort.organisation, NOW)
    assert states(cohort) == [("Amara", "closed")]


def test_when_no_wish_remains_the_coordinator_hears_it_once(cohort, jonas, amara):
    wish(jonas, amara)
    ask(jonas, amara)
    subjects()
    with clock.at(TOO_LATE):
        for _again in range(2):
            sweep(cohort.organisation, TOO_LATE)
        assert subjects() == [
            "cora: Jonas Acme has nobody left to ask",
            "jonas: Amara Acme has not answered",
        ]


def test_a_coordinator_may_bring_them_together_or_close(cast, cohort, jonas, amara, bela):
    first, second = ask(jonas, amara), ask(mentee(cohort, "Other"), bela)
    with tenant(cohort.organisation):
        answering.close_request(request=second, by=cast.cora)
        partnership = answering.accept_on_behalf(request=first, by=cast.cora)
        assert partnership.state == "active"
        with pytest.raises(RequestDecided):
            answering.close_request(request=first, by=cast.cora)
    assert states(cohort) == [("Amara", "accepted"), ("Bela", "closed")]


def test_peers_of_a_pairs_program_ask_each_other(cast):
    cohort = make_self_match(cast.acme, format="pairs")
    from tests.pairing.build import person

    one, other = (person(cohort, name, "peer") for name in ("One", "Other"))
    partnership = accept(ask(one, other))
    with tenant(cohort.organisation):
        assert [seat.part for seat in partnership.seats.all()] == ["peer", "peer"]


def test_a_yes_is_refused_once_the_program_no_longer_lets_people_choose(cast, cohort, jonas, amara):
    request = ask(jonas, amara)
    with tenant(cohort.organisation):
        designs.edit_program(program=cohort.program, by=cast.cora, self_match=False)
        request = PartnerRequest.objects.for_list().get(pk=request.pk)
    with pytest.raises(SelfMatchClosed):
        accept(request)
    assert states(cohort) == [("Amara", "open")]
    with tenant(cohort.organisation):
        assert Partnership.objects.count() == 0


def test_a_yes_is_refused_once_a_rule_stands_between_the_two(cohort, jonas, amara):
    request = ask(jonas, amara)
    with tenant(cohort.organisation):
        jonas.member.manager = amara.member
        jonas.member.save()
    with pytest.raises(CannotBeAsked):
        accept(request)
    assert states(cohort) == [("Amara", "open")]
    with tenant(cohort.organisation):
        assert Partnership.objects.count() == 0


def test_an_answer_has_words_and_a_question_before_it(cohort, jonas, amara):
    request = ask(jonas, amara)
    with tenant(cohort.organisation):
        with pytest.raises(RequestDecided):
            answering.answer_question(request=request, by=jonas.member, words="Because.")
        answering.ask_for_more(request=request, by=amara.member, words="Why me?")
        with pytest.raises(WordsNeeded):
            answering.answer_question(request=request, by=jonas.member, words=" \n ")
    assert states(cohort) == [("Amara", "question")]
    assert words_read_by(amara.member) == {"Why me?"}


def test_a_request_taken_back_is_over_unsent_and_nothing_follows(cohort, jonas, amara, bela):
    wish(jonas, amara, bela)
    request = ask(jonas, amara)
    with tenant(cohort.organisation):
        answering.withdraw_request(request=request, by=jonas.member)
        assert (request.state, request.decided_at) == ("withdrawn", NOW)
        event = AuditEvent.objects.get(verb="partner_request.withdrawn")
        assert event.actor_id == jonas.member_id
    sweep(cohort.organisation, TOO_LATE)
    assert states(cohort) == [("Amara", "withdrawn")]
    assert subjects() == []


def test_the_note_may_be_changed_until_somebody_has_answered(cohort, jonas, amara):
    request = ask(jonas, amara, "Hello")
    with tenant(cohort.organisation):
        answering.say_with_request(request=request, by=jonas.member, words=" Good morning ")
        with pytest.raises(ValueError, match="not this person"):
            answering.say_with_request(request=request, by=amara.member, words="Not mine")
    assert words_read_by(amara.member) == {"Good morning"}
    with tenant(cohort.organisation):
        answering.decline_request(request=request, by=amara.member)
        with pytest.raises(RequestDecided):
            answering.say_with_request(request=request, by=jonas.member, words="Please")
    assert words_read_by(amara.member) == {"Good morning"}


def test_whoever_has_a_partner_asks_nobody_else(cohort, jonas, amara, bela):
    make_partnership(cohort, bela.member, jonas.member)
    with pytest.raises(AlreadyPartnered):
        ask(jonas, amara)
    assert states(cohort) == []


def test_a_wish_is_for_somebody_else_of_the_same_cohort(cast, cohort, jonas):
    stranger = mentor(make_self_match(cast.acme), "Stranger")
    for nobody in (stranger, jonas):
        with pytest.raises(ValueError, match="somebody else of the same cohort"):
            wish(jonas, nobody)
    assert wishes(jonas) == []


def test_moving_whom_nobody_wishes_for_changes_nothing(cohort, jonas, amara, bela):
    wish(jonas, amara)
    with tenant(cohort.organisation):
        assert asking.move_wish(enrolment=jonas, wished=bela, by=-1) == [amara.pk]
    assert wishes(jonas) == [amara]


def test_wishes_stay_as_they_are_once_people_may_no_longer_choose(cast, cohort, jonas, amara, bela):
    wish(jonas, amara)
    with tenant(cohort.organisation):
        designs.edit_program(program=cohort.program, by=cast.cora, self_match=False)
        jonas = Enrolment.objects.for_list().get(pk=jonas.pk)
        for act in (asking.add_wish, asking.remove_wish):
            with pytest.raises(SelfMatchClosed):
                act(enrolment=jonas, wished=bela)
    assert wishes(jonas) == [amara]


def test_no_next_wish_is_asked_beyond_as_many_as_one_may_ask_at_once(cast):
    cohort = make_self_match(cast.acme, requests_asking=1)
    amara, bela, cleo = (mentor(cohort, name) for name in ("Amara", "Bela", "Cleo"))
    jonas = mentee(cohort, "Jonas")
    wish(jonas, amara, bela)
    request = ask(jonas, amara)
    with tenant(cohort.organisation):
        answering.decline_request(request=request, by=amara.member)
    ask(jonas, cleo)
    subjects()
    sweep(cohort.organisation, NOW)
    assert states(cohort) == [("Amara", "declined"), ("Cleo", "open")]
    assert subjects() == ["jonas: Amara Acme cannot this time"]


def test_a_request_that_has_a_successor_gets_no_second_one(cohort, jonas, amara, bela):
    cleo = mentor(cohort, "Cleo")
    wish(jonas, amara, bela)
    first, other = ask(jonas, amara), ask(jonas, cleo)
    with tenant(cohort.organisation):
        answering.decline_request(request=first, by=amara.member)
        PartnerRequest.objects.filter(pk=other.pk).update(follows=first)
    subjects()
    with tenant(cohort.organisation):
        assert sweeping.follow_up_requests(at=NOW) == 1
        assert sweeping.follow_up_requests(at=NOW) == 0
    assert states(cohort) == [("Amara", "declined"), ("Cleo", "open")]
    assert subjects() == ["jonas: Amara Acme cannot this time"]
