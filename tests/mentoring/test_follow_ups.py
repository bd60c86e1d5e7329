"""How news travels upward: marks made where changes come in, and one pass in floor order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.common import clock
from core.jobs import operations as jobs
from core.jobs.models import Job
from core.members.links import SignedLink, signed_path
from core.members.models import Member
from core.tenancy import due
from core.tenancy.context import tenant
from core.tenancy.models import Due, Organisation
from mentoring import follow_ups
from pairing.models.partnerships import Seat
from sessions.models.sessions import Session, Turn
from tests.cast import Cast, sign_in
from tests.sessions.build import NOON, make_cohort, make_partnership


def marks(organisation: Organisation) -> int:
    return Due.objects.filter(organisation=organisation).count()


@pytest.fixture(autouse=True)
def _nothing_due(cast: Cast) -> None:
    Due.objects.all().delete()


def test_what_may_have_changed_something_marks_the_organisation_and_nothing_else_does(cast: Cast):
    browser = sign_in(cast.cora)
    browser.get("/o/acme/programs/")
    assert browser.post("/o/acme/programs/new/", {"template": "x", "name": ""}).status_code == 422
    assert browser.post("/o/acme/programs/nowhere/").status_code == 404
    assert marks(cast.acme) == 0
    form = {"name": "Winter", "template": "leadership-circles"}
    assert browser.post("/o/acme/programs/new/", form).status_code == 302
    assert (marks(cast.acme), marks(cast.globex)) == (1, 0)


def test_an_answer_by_signed_link_marks_too_but_a_look_does_not(cast: Cast):
    with tenant(cast.acme):
        link = signed_path(
            "unsubscribe", SignedLink("acme", cast.petra.pk, cast.petra.pk), at=clock.now()
        )
    browser = sign_in(cast.petra)
    browser.get(link)
    assert marks(cast.acme) == 0


def test_a_job_is_looked_after_until_it_ends_and_its_end_is_followed_up(cast: Cast):
    with tenant(cast.acme):
        job = jobs.start(kind="programs.apply_import", title="Import", by=cast.cora, input={})
    soonest = Due.objects.get(organisation=cast.acme).due_at
    assert soonest - clock.now() <= jobs.HINT_LOST
    Due.objects.all().delete()
    claimed = jobs.claim(cast.acme.pk, job.pk)
    assert claimed is not None
    with tenant(cast.acme):
        jobs.requeue_expired(at=clock.now())
    assert marks(cast.acme) == 1, "a running job may lose its worker"
    Due.objects.all().delete()
    jobs.finish(cast.acme.pk, claimed, state=Job.State.DONE)
    assert marks(cast.acme) == 1
    Due.objects.all().delete()
    with tenant(cast.acme):
        jobs.requeue_expired(at=clock.now())
    assert marks(cast.acme) == 0


def test_a_mark_for_later_waits_for_its_time(cast: Cast):
    with clock.at(NOON), tenant(cast.acme):
        due.mark(at=NOON + timedelta(hours=2))
    with clock.at(NOON + timedelta(hours=2, seconds=-1)):
        assert due.claim(limit=10) == {}
    with clock.at(NOON + timedelta(hours=2)):
        assert list(due.claim(limit=10)) == [cast.acme.pk]


def test_an_organisation_is_followed_up_by_one_worker_until_its_lease_ends(cast: Cast):
    with clock.at(NOON), tenant(cast.acme):
        due.mark()
    with clock.at(NOON):
        first = due.claim(limit=10)
        with tenant(cast.acme):
            due.mark()  # made while the pass runs
        assert due.claim(limit=10) == {}
    with clock.at(NOON + due.LEASE + timedelta(seconds=1)):
        assert len(due.claim(limit=10)[cast.acme.pk]) == 2, "its worker has died"
    due.done(first[cast.acme.pk])
    assert marks(cast.acme) == 1, "what came meanwhile has its own pass"


def test_more_than_are_taken_at_once_are_left_for_the_next(cast: Cast):
    due.mark_all()
    assert [len(due.claim(limit=1)), len(due.claim(limit=1)), len(due.claim(limit=1))] == [1, 1, 0]


def test_every_open_organisation_is_marked_by_the_hourly_pass_and_no_closed_one(cast: Cast):
    Organisation.objects.filter(pk=cast.globex.pk).update(closed_at=NOON)
    assert due.mark_all() == 1
    assert (marks(cast.acme), marks(cast.globex)) == (1, 0)


def test_marks_of_a_closed_organisation_are_dropped(cast: Cast):
    due.mark_all()
    Organisation.objects.filter(pk=cast.globex.pk).update(closed_at=NOON)
    assert list(due.claim(limit=10)) == [cast.acme.pk]
    assert marks(cast.globex) == 0


def test_nobody_is_visited_who_is_not_due(cast: Cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):  # the claim alone, however many organisations there are
        assert follow_ups.follow_up_due() == 0


def test_one_pass_sees_what_it_has_done_on_the_floor_below(cast: Cast):
    """Somebody leaves the organisation: seat, then season, in floor order and in one pass."""
    with clock.at(NOON):
        circle = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel, cast.cora])
        with tenant(cast.acme):
            assert not Session.objects.exists()
            due.mark()
        assert follow_ups.follow_up_due() == 1
        with tenant(cast.acme):
            assert Session.objects.filter(partnership=circle).count() == 6
        while follow_ups.follow_up_due():  # what did something is looked at again, and then rests
            pass
        with tenant(cast.acme):
            Member.objects.filter(pk=cast.pavel.pk).update(state=Member.State.LEFT)
            due.mark()
        assert follow_ups.follow_up_due() == 1
        with tenant(cast.acme):
            seat = Seat.objects.get(enrolment__member=cast.pavel)
            assert seat.left_at == NOON
            assert not Turn.objects.filter(seat=seat, session__state="planned").exists()


def test_a_follow_up_that_fails_does_not_hold_up_the_others(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    visited = []

    def fails(*, at: object) -> int:
        Due.objects.create(organisation=cast.globex, due_at=NOON)
        raise RuntimeError("a bad row")

    def works(*, at: object) -> int:
        visited.append(at)
        return 0

    monkeypatch.setattr(follow_ups, "FOLLOW_UPS", (fails, works))
    with tenant(cast.acme):
        due.mark()
    assert follow_ups.follow_up_due() == 1
    assert len(visited) == 1
    assert marks(cast.globex) == 0, "what failed has written nothing"
    assert "failed for one organisation" in caplog.text
