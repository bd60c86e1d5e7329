"""Sentences that say what is going to happen, where it would not: each was on a page once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.operations import lapse_stale_partnerships, warn_stale_partnerships
from pairing.models.partnerships import Partnership
from pairing.partnerships.operations import partnerships
from programs.models.programs import Cohort, Enrolment, Program
from tests.cast import Cast, make_member
from tests.feedback import build as feedback
from tests.journeys.lifecycle.world import World, one_each, page, post
from tests.pairing import build
from tests.sessions.build import make_cohort, make_partnership
from tests.sessions.conftest import Circle


@pytest.mark.slow
def test_the_page_of_a_publication_says_when_the_cohort_runs_and_that_dates_follow(
    cast: Cast, world: World
) -> None:
    starts_on = world.now().date() + timedelta(days=14)
    for begins, says in ((starts_on, "running from 16 March 2026 on"), (None, "is running.")):
        more = {"starts_on": begins} if begins else {}
        cohort = build.make_cohort(cast.acme, **more)
        for name, part in (("Ada", "mentee"), ("Mo", "mentor")):
            build.person(cohort, f"{name}{bool(begins)}", part)
        run = build.make_run(cohort, cast.cora)
        shown = page(cast.cora, f"match-runs/{run.pk}/publish/")
        assert says in shown
        assert "second e-mail" not in shown
        post(cast.cora, f"match-runs/{run.pk}/publish/", knowing="on")
        world.minute()
        with tenant(cast.acme):
            phase = Cohort.objects.get(pk=cohort.pk).phase
        assert phase == ("matching" if begins else "running")


def test_nobody_goes_first_in_a_matching_that_does_not_come(cast: Cast, world: World) -> None:
    cohort = make_cohort(cast.acme, format="mentor")
    pair = make_partnership(cohort, [cast.petra, cast.pavel], parts=("mentor", "mentee"), name="PP")
    address, end = (f"partnerships/{pair.pk}/{path}/" for path in ("parting", "end"))
    assert "you go first in the next matching" in page(cast.petra, address)
    assert "They can be matched again." in page(cast.cora, end)
    with tenant(cast.acme):
        Cohort.objects.filter(pk=cohort.pk).update(phase=Cohort.Phase.CLOSING)
    assert "go first" not in page(cast.petra, address)
    assert "matched again" not in page(cast.cora, end)


@pytest.mark.slow
def test_who_leaves_a_circle_of_a_closing_cohort_waits_for_none(
    cast: Cast, world: World, met: Circle
) -> None:
    address = f"partnerships/{met.partnership.pk}/parting/"
    assert "Then you wait for another circle." in page(cast.petra, address)
    with tenant(cast.acme):
        Cohort.objects.filter(pk=met.cohort.pk).update(phase=Cohort.Phase.CLOSING)
    assert "another circle" not in page(cast.petra, address)


def test_of_a_lapsed_partnership_only_who_waits_is_said_to_go_first(cast: Cast) -> None:
    """A mentor of two still has the other; and a cohort that closes is matched no more."""
    cohort = feedback.make_cohort(cast.acme)
    seats = feedback.make_partnership(cohort, cast.petra, cast.pavel)
    nadia = make_member(cast.acme, "Nadia")
    with tenant(cast.acme):
        Program.objects.filter(pk=cohort.program_id).update(format="mentor")
        cohort = Cohort.objects.for_list().get(pk=cohort.pk)
        mentor, pair = seats[0], seats[0].partnership
        for seat, part in zip(seats, ("mentor", "mentee"), strict=True):
            type(seat).objects.filter(pk=seat.pk).update(part=part)
            Enrolment.objects.filter(pk=seat.enrolment_id).update(part=part, capacity=2)
        other = partnerships.make_partnership(
            cohort=cohort,
            people=[
                (Enrolment.objects.get(pk=mentor.enrolment_id), "mentor"),
                (build.enrol(cohort, nadia, "mentee"), "mentee"),
            ],
            by=None,
        )
        later = clock.now() + timedelta(days=400)
        Partnership.objects.filter(pk=other.pk).update(starts_on=later.date(), ends_on=later.date())
        Partnership.objects.filter(pk=pair.pk).update(ends_on=later.date())
    with clock.at(feedback.noon(feedback.START + timedelta(days=61))), tenant(cast.acme):
        warn_stale_partnerships(at=clock.now())
    with clock.at(feedback.noon(feedback.START + timedelta(days=92))), tenant(cast.acme):
        assert lapse_stale_partnerships(at=clock.now()) == 1
        rows = Email.objects.filter(kind="feedback.lapsed")
        first = {email.member_id: email.context["first"] for email in rows}
    assert first == {cast.petra.pk: False, cast.pavel.pk: True}


@pytest.mark.slow
def test_the_email_of_a_place_says_that_partners_are_named_however_they_are_found(
    cast: Cast, world: World
) -> None:
    cohort = build.make_cohort(cast.acme)
    with tenant(cast.acme):
        Cohort.objects.filter(pk=cohort.pk).update(phase=Cohort.Phase.ENROLLING, entry="open")
    world.minute()
    post(cast.petra, f"cohorts/{cohort.pk}/join/", part="mentee", expectations="on")
    mail = one_each(world.minute(), ["Petra"])
    assert "an e-mail that says who your partners are" in mail["petra"].text
    assert "any time" not in mail["petra"].text
