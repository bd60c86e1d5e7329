"""Whatever people do in whatever order, and whenever the sweep runs: what must hold, holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core.common import clock
from core.common.errors import DomainError
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import PartnerRequest, Wish
from pairing.requests.operations import answering, asking, sweeping
from pairing.requests.queries import is_open
from programs.models.programs import Cohort, Enrolment
from tests.cast import make_cast
from tests.pairing.requests.build import make_self_match, mentee, mentor, wish

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OVER = ("accepted", "declined", "lapsed", "withdrawn", "closed")
ANY = st.integers(0, 99)


class Choosing(RuleBasedStateMachine):
    """Three mentees and three mentors (one takes two) of one program with caps."""

    cohort: Cohort
    mentees: list[Enrolment]
    mentors: list[Enrolment]

    @initialize()
    def begin(self) -> None:
        self.at = NOW
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.decided: dict[object, str] = {}

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def attempt(self, act) -> None:
        try:
            with clock.at(self.at), tenant(self.cohort.organisation), transaction.atomic():
                act()
        except DomainError:
            pass

    def some(self, number: int) -> PartnerRequest | None:
        with tenant(self.cohort.organisation):
            rows = list(PartnerRequest.objects.for_list().order_by("id"))
        return rows[number % len(rows)] if rows else None

    @rule(who=ANY, whom=ANY)
    def ask(self, who, whom) -> None:
        asker, asked = self.mentees[who % 3], self.mentors[whom % 3]
        self.attempt(
            lambda: asking.ask_partner(asker=asker, partner=asked, by=asker.member, words="Hi")
        )

    @rule(which=ANY, answer=st.sampled_from(["yes", "no", "more", "answer", "back"]))
    def say(self, which, answer) -> None:
        request = self.some(which)
        if request is None:
            return
        asker, asked = request.asker.member, request.asked.member
        acts = {
            "yes": lambda: answering.accept_request(request=request, by=asked),
            "no": lambda: answering.decline_request(request=request, by=asked),
            "more": lambda: answering.ask_for_more(request=request, by=asked, words="Why?"),
            "answer": lambda: answering.answer_question(request=request, by=asker, words="So"),
            "back": lambda: answering.withdraw_request(request=request, by=asker),
        }
        self.attempt(acts[answer])

    @rule(hours=st.sampled_from([1, 30, 80]))
    def wait(self, hours) -> None:
        self.at += timedelta(hours=hours)

    @rule()
    def sweep(self) -> None:
        self.attempt(lambda: sweeping.lapse_due_requests(at=self.at))
        self.attempt(lambda: sweeping.close_pointless_requests(at=clock.now()))
        self.attempt(lambda: sweeping.follow_up_requests(at=clock.now()))
        with tenant(self.cohort.organisation):
            self._every_end_was_seen_to()

    def _every_end_was_seen_to(self) -> None:
        """After a sweep nobody waits for a next wish that could be asked."""
        assert is_open(self.cohort)
        assert not PartnerRequest.objects.filter(
            state__in=PartnerRequest.UNANSWERED, followed_at=None
        ).exists()

    @invariant()
    def nobody_has_more_partners_than_places(self) -> None:
        with tenant(self.cohort.organisation):
            for each in Enrolment.objects.all():
                seats = Seat.objects.filter(enrolment=each, left_at=None)
                assert seats.count() <= (each.capacity if each.part == "mentor" else 1)
            yes = PartnerRequest.objects.filter(state="accepted")
            assert yes.count() == Partnership.objects.count()

    @invariant()
    def what_is_decided_stays_decided(self) -> None:
        with tenant(self.cohort.organisation):
            now = dict(PartnerRequest.objects.values_list("pk", "state"))
        for pk, state in getattr(self, "decided", {}).items():
            assert now[pk] == state
        decided = getattr(self, "decided", {})
        self.decided = decided | {pk: state for pk, state in now.items() if state in OVER}

    @invariant()
    def caps_hold_and_each_end_has_one_successor(self) -> None:
        with tenant(self.cohort.organisation):
            undecided = PartnerRequest.objects.undecided()
            for each in self.mentees:
                assert undecided.filter(asker=each).count() <= 2
            for each in self.mentors:
                assert undecided.filter(asked=each).count() <= 2
            follows = list(
                PartnerRequest.objects.exclude(follows=None).values_list("follows", flat=True)
            )
            assert len(follows) == len(set(follows))
            self._lapsed_ones_were_followed_while_wishes_remained()

    def _lapsed_ones_were_followed_while_wishes_remained(self) -> None:
        """Whoever has no partner, nothing under way, and all seen to, has asked every wish."""
        for each in self.mentees:
            mine = PartnerRequest.objects.filter(asker=each)
            ended = mine.filter(state__in=PartnerRequest.UNANSWERED)
            if not ended or mine.undecided() or ended.filter(followed_at=None):
                continue
            if Seat.objects.filter(enrolment=each, left_at=None) or mine.filter(state="withdrawn"):
                continue
            tried = set(mine.values_list("asked", flat=True))
            for left in Wish.objects.filter(enrolment=each).exclude(wished__in=tried):
                seats = Seat.objects.filter(enrolment=left.wished, left_at=None).count()
                waiting = PartnerRequest.objects.filter(asked=left.wished).exists()
                assert seats == left.wished.capacity or waiting


@pytest.mark.slow
@pytest.mark.django_db
def test_any_order():
    with clock.at(NOW):
        cohort = make_self_match(make_cast().acme, requests_asking=2, requests_asked=2)
        Choosing.cohort = cohort
        Choosing.mentees = [mentee(cohort, f"P{n}") for n in range(3)]
        Choosing.mentors = [mentor(cohort, f"M{n}", capacity=1 + n // 2) for n in range(3)]
        for each in Choosing.mentees:
            wish(each, *Choosing.mentors)
    run_state_machine_as_test(
        Choosing,
        settings=settings(
            max_examples=10,
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
