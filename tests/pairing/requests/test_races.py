"""Twenty people click at once: one partnership, one answer, one successor."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from core.common import clock
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import PartnerRequest
from pairing.requests.operations import answering, asking, sweeping
from programs.operations import enrolments
from tests.at_once import at_once, refusal
from tests.cast import make_cast
from tests.pairing.requests.build import ask, make_self_match, mentee, mentor, states, wish

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8


@pytest.fixture
def cohort(transactional_db):
    return make_self_match(make_cast().acme, requests_asking=5, requests_asked=20)


def test_one_mentor_says_yes_to_many_at_once_and_has_one_mentee(cohort):
    amara = mentor(cohort, "Amara")
    sent = [ask(mentee(cohort, f"P{n}"), amara) for n in range(MANY)]

    answers = at_once(
        [
            refusal(
                cohort.organisation,
                lambda each=each: answering.accept_request(request=each, by=amara.member),
            )
            for each in sent
        ]
    )

    assert Counter(answers) == {"": 1, "no_room_left": MANY - 1}
    with tenant(cohort.organisation):
        assert Seat.objects.filter(enrolment=amara, left_at=None).count() == 1
        assert PartnerRequest.objects.filter(state="accepted").count() == 1


def test_many_mentors_say_yes_to_one_mentee_who_has_one_of_them(cohort):
    jonas = mentee(cohort, "Jonas")
    sent = [ask(jonas, mentor(cohort, f"M{n}")) for n in range(5)]

    answers = at_once(
        [
            refusal(
                cohort.organisation,
                lambda each=each: answering.accept_request(request=each, by=each.asked.member),
            )
            for each in sent
        ]
    )

    assert Counter(answers) == {"": 1, "already_partnered": 4}
    with tenant(cohort.organisation):
        assert Partnership.objects.count() == 1


def test_yes_no_taking_back_and_closing_at_once_decide_once(cohort):
    amara, jonas = mentor(cohort, "Amara"), mentee(cohort, "Jonas")
    sent = ask(jonas, amara)
    acts = [
        lambda: answering.accept_request(request=sent, by=amara.member),
        lambda: answering.decline_request(request=sent, by=amara.member),
        lambda: answering.withdraw_request(request=sent, by=jonas.member),
        lambda: answering.accept_request(request=sent, by=amara.member),
    ]

    answers = at_once([refusal(cohort.organisation, act) for act in acts])

    assert Counter(answers)[""] == 1
    with tenant(cohort.organisation):
        decided = PartnerRequest.objects.get()
        assert (decided.state == "accepted") == Partnership.objects.exists()


def test_one_person_sent_many_requests_at_once_stays_within_the_cap(cohort):
    amara = mentor(cohort, "Amara", capacity=9)
    with tenant(cohort.organisation):
        type(cohort.program).objects.filter(pk=cohort.program_id).update(requests_asked=3)
    cohort.program.requests_asked = 3
    people = [mentee(cohort, f"P{n}") for n in range(MANY)]

    answers = at_once(
        [
            refusal(
                cohort.organisation,
                lambda each=each: asking.ask_partner(asker=each, partner=amara, by=each.member),
            )
            for each in people
        ]
    )

    assert Counter(answers) == {"": 3, "too_many_requests_wait": MANY - 3}


def test_sweeps_in_many_workers_ask_the_next_wish_once(cohort):
    mentors = [mentor(cohort, f"M{n}") for n in range(3)]
    jonas = mentee(cohort, "Jonas")
    wish(jonas, *mentors)
    ask(jonas, mentors[0])
    later = clock.now() + timedelta(days=4)

    def sweep():
        with clock.at(later):
            sweeping.lapse_due_requests(at=later)
            sweeping.follow_up_requests(at=clock.now())

    at_once([refusal(cohort.organisation, sweep)] * MANY)
    refusal(cohort.organisation, sweep)()  # whoever was busy is seen to in the next minute

    with tenant(cohort.organisation):
        assert PartnerRequest.objects.count() == 2
        assert PartnerRequest.objects.get(state="open").asked_id == mentors[1].pk


def test_who_is_being_seated_now_is_left_to_the_next_sweep(cohort):
    amara, bela = mentor(cohort, "Amara"), mentor(cohort, "Bela")
    jonas, other = mentee(cohort, "Jonas"), mentee(cohort, "Other")
    declined = ask(jonas, amara)
    ask(other, bela)
    with tenant(cohort.organisation):
        answering.decline_request(request=declined, by=amara.member)
        enrolments.withdraw(enrolment=bela, by=None)

    def sweep():
        with tenant(cohort.organisation):
            closed = sweeping.close_pointless_requests(at=clock.now())
            return closed, sweeping.follow_up_requests(at=clock.now())

    with tenant(cohort.organisation):
        asking.lock_people([jonas.pk, other.pk])
        assert at_once([sweep]) == [(0, 0)]
        assert PartnerRequest.objects.get(asker=other).state == "open"
        assert PartnerRequest.objects.get(asker=jonas).followed_at is None

    assert sweep() == (1, 2)
    assert states(cohort) == [("Amara", "declined"), ("Bela", "closed")]


def test_what_lapses_while_a_sweep_would_close_it_has_lapsed(cohort):
    jonas, amara = mentee(cohort, "Jonas"), mentor(cohort, "Amara")
    ask(jonas, amara)
    with tenant(cohort.organisation):
        enrolments.withdraw(enrolment=amara, by=None)

    def close():
        with tenant(cohort.organisation):
            return sweeping.close_pointless_requests(at=clock.now())

    with ThreadPoolExecutor(1) as pool:
        with tenant(cohort.organisation):
            assert sweeping.lapse_due_requests(at=clock.now() + timedelta(days=4)) == 1
            closing = pool.submit(lambda: at_once([close]))
            until_somebody_waits_for_us()
        assert closing.result() == [0]

    assert states(cohort) == [("Amara", "lapsed")]


def until_somebody_waits_for_us():
    patience = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < patience:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
                " AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone() == (True,):
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits")
