"""How news travels upward: marks made where changes come in, and one pass in floor order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.common import clock
from core.jobs import operations as jobs
from core.jobs.models import Job
from core.members.links import SignedLink, signed_path
from core.members.models import Member
from core.tenancy import due
from core.tenancy.context import tenant
from core.tenancy.models import Due, Organisation, OrganisationSettings
from feedback.models.released import ReleaseMark
from feedback.surveys.table import SURVEYS
from mentoring import follow_ups, subjects
from pairing.models.partnerships import Seat
from programs.models.programs import Cohort
from sessions.models.sessions import Session, Turn
from tests.cast import Cast, make_member, sign_in
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
    due.mark_hour()
    assert [len(due.claim(limit=1)), len(due.claim(limit=1)), len(due.claim(limit=1))] == [1, 1, 0]


def test_every_open_organisation_is_looked_at_each_hour_and_no_closed_one(cast: Cast):
    Organisation.objects.filter(pk=cast.globex.pk).update(closed_at=NOON)
    assert due.mark_hour() == 1
    assert (marks(cast.acme), marks(cast.globex)) == (1, 0)


def test_the_next_day_of_an_organisation_is_marked_once_in_its_own_zone(cast: Cast):
    evening = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)  # 23:30 in Berlin, whose clock moves
    with clock.at(evening):
        for _pass in range(2):
            with tenant(cast.acme):
                due.mark()
            follow_ups.follow_up_due()
        begins = Due.objects.get(organisation=cast.acme, due_at__gt=evening).due_at
    local = begins.astimezone(ZoneInfo("Europe/Berlin"))
    assert (local.date(), local.hour) == (date(2026, 3, 29), 0)


def test_an_hour_runs_only_what_an_hour_makes_due_and_a_new_day_runs_all(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    ran: list[str] = []

    def by_day(*, at: datetime) -> int:
        ran.append("day")
        return 0

    def by_hour(*, at: datetime) -> int:
        ran.append("hour")
        return 0

    Organisation.objects.filter(pk=cast.globex.pk).update(closed_at=NOON)
    monkeypatch.setattr(follow_ups, "FOLLOW_UPS", (by_day, by_hour))
    monkeypatch.setattr(follow_ups, "HOURLY", frozenset({by_hour}))
    seen = []
    for hour in range(26):
        ran.clear()
        with clock.at(NOON + timedelta(hours=hour)):
            due.mark_hour()
            while follow_ups.follow_up_due():
                pass
        seen.append("day" in ran)
        assert "hour" in ran
    assert sum(seen) == 2, "the first look, for want of a mark, and the beginning of the day"
    assert seen[0]


@pytest.mark.slow
def test_a_mark_that_was_lost_is_made_again_within_the_hour(cast: Cast):
    with clock.at(NOON):
        due.mark_hour()
        follow_ups.follow_up_due()
        Due.objects.filter(organisation=cast.acme).delete()
        due.mark_hour()
        assert Due.objects.get(organisation=cast.acme).hourly is False
        assert Due.objects.get(organisation=cast.globex, due_at=NOON).hourly is True
        assert due.mark_hour() == 0, "who waits for a look is not marked again"


def test_what_is_marked_for_a_moment_is_due_then_by_a_clock_that_is_behind_too(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    heard: list[datetime] = []

    def step(*, at: datetime) -> int:
        heard.append(at)
        return 0

    monkeypatch.setattr(follow_ups, "FOLLOW_UPS", (step,))
    monkeypatch.setattr(clock, "shared", lambda: NOON + timedelta(seconds=9))
    with clock.at(NOON):
        with tenant(cast.acme):
            due.mark(at=NOON + timedelta(seconds=5))
        follow_ups.follow_up_due()
    assert heard == [NOON + timedelta(seconds=5)]


def test_what_goes_by_the_hour_is_a_follow_up():
    assert set(follow_ups.FOLLOW_UPS) > follow_ups.HOURLY


def test_marks_of_a_closed_organisation_are_dropped(cast: Cast):
    due.mark_hour()
    Organisation.objects.filter(pk=cast.globex.pk).update(closed_at=NOON)
    assert list(due.claim(limit=10)) == [cast.acme.pk]
    assert marks(cast.globex) == 0


def test_nobody_is_visited_who_is_not_due(cast: Cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):  # the claim alone, however many organisations there are
        assert follow_ups.follow_up_due() == 0


@pytest.mark.slow
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


def test_where_it_cannot_be_told_what_there_is_all_is_run(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    visited = []

    def works(*, at: object) -> int:
        visited.append(at)
        return 0

    def fails(steps: object) -> set[object]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return set()

    monkeypatch.setattr(follow_ups, "FOLLOW_UPS", (works,))
    monkeypatch.setattr(follow_ups, "idle", fails)
    for organisation in (cast.acme, cast.globex):
        with tenant(organisation):
            due.mark()
    assert follow_ups.follow_up_due() == 2
    assert len(visited) == 2
    assert "cannot be told" in caplog.text


def _pass_of(organisation: Organisation) -> int:
    """Return how many statements a pass takes where nothing is due."""
    while follow_ups.follow_up(organisation.pk):
        pass
    with CaptureQueriesContext(connection) as statements:
        assert follow_ups.follow_up(organisation.pk) == 0
    return sum("FROM" in statement["sql"] for statement in statements)


@pytest.mark.slow
def test_a_pass_with_nothing_due_asks_little_and_no_more_of_many_partnerships(cast: Cast):
    with clock.at(NOON):
        assert _pass_of(cast.globex) <= 12, "nothing is there but its people"
        cohort = make_cohort(cast.acme)
        make_partnership(cohort, [cast.petra, cast.pavel, cast.cora])
        with_one = _pass_of(cast.acme)
        for number in range(3):
            people = [make_member(cast.acme, f"P{number}{place}") for place in range(3)]
            make_partnership(cohort, people)
        assert _pass_of(cast.acme) == with_one <= 60


@pytest.mark.slow
def test_what_is_passed_over_has_nothing_to_do(cast: Cast):
    """With nothing there, with a circle that has just begun, after somebody has left it."""
    with clock.at(NOON):
        _run_what_is_passed_over(cast.acme)
        make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel, cast.cora])
        _run_what_is_passed_over(cast.acme)
        while follow_ups.follow_up(cast.acme.pk):
            _run_what_is_passed_over(cast.acme)
        with tenant(cast.acme):
            Member.objects.filter(pk=cast.pavel.pk).update(state=Member.State.LEFT)
        while follow_ups.follow_up(cast.acme.pk):
            _run_what_is_passed_over(cast.acme)
    with clock.at(NOON + timedelta(days=300)):  # all of it is over
        while follow_ups.follow_up(cast.acme.pk):
            _run_what_is_passed_over(cast.acme)


def _run_what_is_passed_over(organisation: Organisation) -> None:
    with tenant(organisation):
        passed_over = subjects.idle(follow_ups.FOLLOW_UPS)
        assert [step for step in passed_over if step(at=clock.now())] == []


def test_a_threshold_rises_too_where_the_one_cohort_is_a_draft_again(cast: Cast):
    with clock.at(NOON):
        cohort = make_cohort(cast.acme)
        follow_ups.follow_up(cast.acme.pk)
        with tenant(cast.acme):
            before = ReleaseMark.objects.get(cohort=cohort).threshold
            Cohort.objects.update(phase=Cohort.Phase.DRAFT)
            OrganisationSettings.objects.update(threshold=before + 1)
        follow_ups.follow_up(cast.acme.pk)
        with tenant(cast.acme):
            assert ReleaseMark.objects.get(cohort=cohort).threshold == before + 1


def test_subjects_are_those_of_follow_ups():
    assert set(follow_ups.FOLLOW_UPS) > subjects.SUBJECTS.keys()
    assert {survey.name for survey in SURVEYS} > subjects.ASKED.keys()
