"""Tallies are what the rows say: for random histories, late edits, and two workers at once."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from core.common import clock
from core.tenancy.context import NoTenant, tenant
from core.tenancy.models import OrganisationSettings
from feedback.models.check_ins import CheckIn
from metrics import operations as metrics_operations
from metrics.figures import SOURCES, WEEKLY
from metrics.models import DailyTally, FoldedSession, FoldMark
from metrics.queries.tallied import MARGIN, AsOf, Tally, day_parameters, live, rows_of, tallies
from pairing.models.partnerships import Seat
from programs.models.programs import Cohort
from sessions.models.sessions import Attendance, Session
from tests.cast import Cast
from tests.metrics.build import NOW, TODAY, ask, circle, enrol, full_cohort, make_cohort, meet, noon
from tests.work import everywhere

LATER = NOW + timedelta(days=3)


def moment(now: datetime = NOW) -> AsOf:
    return AsOf.of(OrganisationSettings.objects.get(), now)


def fold(now: datetime = NOW) -> int:
    with clock.at(now):
        return metrics_operations.fold_dirty_days(at=clock.now())


def from_rows(cohort: Cohort, at: AsOf) -> list[Tally]:
    """Count everything from rows, as if nothing had ever been folded."""
    days = [(cohort.pk, at.today - timedelta(days=back)) for back in range(400)]
    parameters = {
        **day_parameters(days),
        "now": at.now,
        "week_starts_on": at.week_starts_on,
        "weekly": list(WEEKLY),
    }
    found = [Tally(*row) for row in rows_of(live(SOURCES), parameters)]
    return sorted(found, key=lambda tally: (tally.key, tally.part, str(tally.week)))


def as_shown(cohort: Cohort, at: AsOf) -> list[Tally]:
    return sorted(
        tallies([cohort.pk], at, SOURCES, WEEKLY),
        key=lambda tally: (tally.key, tally.part, str(tally.week)),
    )


def written() -> list[tuple[Any, ...]]:
    columns = ("cohort_id", "day", "key", "part", "numerator", "denominator")
    return sorted(DailyTally.objects.values_list(*columns), key=str)


def changed(session: Session, now: datetime, **fields: Any) -> None:
    Session.objects.filter(pk=session.pk).update(changed_at=now, **fields)


def random_history(cohort: Cohort, members: list[Any], seed: int) -> None:
    chance = random.Random(seed)
    partnership = circle(cohort, [enrol(cohort, member) for member in members])
    seats = list(Seat.objects.filter(partnership=partnership).order_by("id"))
    for back in range(-10, 60, chance.randint(2, 6)):
        state = chance.choice(["held", "held", "held", "cancelled", "missed", "planned"])
        came = "".join(chance.choice("pppea") for _seat in seats) if state == "held" else ""
        cause = chance.choice(["holiday", "workload", ""]) if state == "cancelled" else ""
        meet(partnership, TODAY - timedelta(days=back), state, came=came, cause=cause)
    for place, seat in enumerate(seats):
        for period in range(1, 4):
            due = TODAY - timedelta(days=14 * (period - 1) + place - 2)
            late = due + timedelta(days=chance.randint(-10, 3))
            ask(seat, period, due, chance.choice([None, late]))


@pytest.mark.parametrize("seed", range(8))
def test_tallies_equal_rows_for_random_histories(cast: Cast, seed: int) -> None:
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme), clock.at(NOW - timedelta(days=90)):
        random_history(cohort, [cast.petra, cast.pavel, cast.cora, cast.hugo], seed)
    with tenant(cast.acme):
        for now in (NOW - timedelta(days=20), NOW, LATER, NOW + timedelta(days=15)):
            at = moment(now)
            before = as_shown(cohort, at)
            folded = fold(now)
            assert folded > 0
            assert before == as_shown(cohort, at) == from_rows(cohort, at)


@pytest.mark.parametrize("seed", range(8))
def test_late_edits_are_folded_again_wherever_they_were_and_are(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme), clock.at(NOW - timedelta(days=90)):
        random_history(cohort, [cast.petra, cast.pavel, cast.cora], seed)
    with tenant(cast.acme):
        fold(NOW)
        sessions = list(Session.objects.filter(day__lt=TODAY))
        now = NOW
        for _edit in range(6):
            now += timedelta(hours=1)
            session = chance.choice(sessions)
            day = TODAY - timedelta(days=chance.randint(1, 50))
            kind = chance.randrange(4)
            if kind == 0:
                changed(session, now, state="held", held_at=now)
            elif kind == 1:
                changed(session, now, state="cancelled", held_at=None, cause="holiday")
            elif kind == 2:
                changed(session, now, starts_at=noon(day), day=day)
            else:
                Attendance.objects.filter(session=session).update(kind="excused")
                changed(session, now)
            at = moment(now)
            assert as_shown(cohort, at) == from_rows(cohort, at)
            if chance.random() < 0.5:
                fold(now)
                assert as_shown(cohort, at) == from_rows(cohort, at)


@pytest.mark.parametrize("folded_before", [False, True])
def test_a_history_written_into_the_past_is_tallied_whole(cast: Cast, folded_before: bool) -> None:
    """As the demo makes it: day by day with the clock set back, while beat may fold at any time."""
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        partnership = circle(cohort, [enrol(cohort, cast.petra), enrol(cohort, cast.pavel)])
        seats = list(Seat.objects.filter(partnership=partnership).order_by("id"))
        for back in range(60, 0, -3):
            with clock.at(NOW - timedelta(days=back)):
                day = TODAY - timedelta(days=back)
                meet(partnership, day, "missed" if back % 4 == 0 else "held", came="pa")
                ask(seats[back % 2], 60 - back, day, day - timedelta(days=1))
            if folded_before and back == 30:
                fold(NOW)
        at = moment()
        assert (as_shown(cohort, at) == from_rows(cohort, at)) is not folded_before

        with clock.at(NOW):
            assert metrics_operations.refold_all(cohort=cohort) == 20
        assert as_shown(cohort, at) == from_rows(cohort, at)
        tallied = {(row[2], row[3]): 0 for row in written()}
        for row in written():
            tallied[row[2], row[3]] += row[4]
        counted = {(tally.key, tally.part): 0 for tally in from_rows(cohort, at)}
        for tally in from_rows(cohort, at):
            counted[tally.key, tally.part] += tally.numerator
        assert tallied == counted
        assert fold(NOW) == 0


def test_a_tally_of_nothing_goes_when_all_is_folded_anew(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    with tenant(cast.acme), clock.at(NOW):
        fold()
        honest = written()
        DailyTally.objects.create(
            cohort=cohort, day=TODAY - timedelta(days=2), key="session_completion", numerator=9
        )
        metrics_operations.refold_all(cohort=cohort)
        assert written() == honest


def test_only_days_with_new_facts_are_folded_again(cast: Cast) -> None:
    with clock.at(NOW - timedelta(days=60)):
        cohort = full_cohort(cast.acme)
    with tenant(cast.acme):
        assert fold() == 3  # three days on which sessions met or check-ins fell due
        assert fold(NOW + timedelta(minutes=1)) == 0
        assert fold(LATER) == 0  # no fact fell into the days between

        held = Session.objects.filter(partnership__cohort=cohort, state="held").first()
        assert held is not None
        changed(held, LATER, state="missed", held_at=None)
        assert fold(LATER + timedelta(minutes=1)) == 1


def test_folding_twice_writes_the_same_rows(cast: Cast) -> None:
    full_cohort(cast.acme)
    with tenant(cast.acme):
        fold()
        first = written()
        FoldMark.objects.all().delete()
        fold()
        assert written() == first
        assert first


def test_a_part_that_is_gone_leaves_no_tally_behind(cast: Cast) -> None:
    full_cohort(cast.acme)
    with tenant(cast.acme):
        fold()
        assert DailyTally.objects.filter(part="cause:workload").count() == 1
        cancelled = Session.objects.get(state="cancelled")
        changed(cancelled, LATER, cause="holiday")
        fold(LATER)
        parts = DailyTally.objects.filter(part__startswith="cause:").values_list("part", flat=True)
        assert list(parts) == ["cause:holiday"]


def test_a_moved_session_leaves_the_day_it_was_tallied_on(cast: Cast) -> None:
    full_cohort(cast.acme)
    with tenant(cast.acme):
        fold()
        missed = Session.objects.get(state="cancelled")
        old = missed.day
        changed(missed, LATER, state="planned", day=TODAY + timedelta(days=30), cause="")
        fold(LATER)
        assert not DailyTally.objects.filter(day=old, key="session_completion").exists()


def test_a_fact_committed_after_the_mark_but_stamped_before_it_is_found(cast: Cast) -> None:
    full_cohort(cast.acme)
    with tenant(cast.acme):
        held = Session.objects.filter(state="held").first()
        assert held is not None
        changed(held, NOW - timedelta(days=1))
        fold(NOW)
        # its transaction began before the fold and is committed only now
        changed(held, NOW - MARGIN + timedelta(seconds=1), state="missed", held_at=None)
        assert fold(NOW + timedelta(seconds=30)) >= 1
        assert DailyTally.objects.get(part="missed").numerator == 1


def test_tasks_time_out_before_the_margin_ends() -> None:
    from django.conf import settings

    assert MARGIN.total_seconds() > settings.CELERY_TASK_TIME_LIMIT


def test_today_is_never_tallied_but_always_counted(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        partnership = circle(cohort, [enrol(cohort, cast.petra), enrol(cohort, cast.pavel)])
        meet(partnership, TODAY, came="pp")
        # noon in Berlin has passed at NOW, which is two in the afternoon there
        assert fold() == 0
        assert written() == []
        counted = {(t.key, t.part): t.numerator for t in as_shown(cohort, moment())}
        assert counted == {("session_completion", ""): 1, ("attendance_rate", ""): 2}


def test_a_days_facts_are_those_of_the_organisation_s_day(cast: Cast) -> None:
    """Half past midnight in Berlin is still the day before in UTC."""
    with tenant(cast.acme):
        early = NOW.replace(hour=22, minute=30)
        assert moment(early).today == TODAY + timedelta(days=1)


def test_ids_of_tallies_are_uuids_of_version_7_made_at_our_time(cast: Cast) -> None:
    full_cohort(cast.acme)
    with tenant(cast.acme):
        fold()
        ids: list[UUID] = [*DailyTally.objects.values_list("pk", flat=True)]
        ids += FoldedSession.objects.values_list("pk", flat=True)
        assert {made.version for made in ids} == {7}
        assert {made.int >> 80 for made in ids} == {int(NOW.timestamp() * 1000)}


def test_the_sweep_folds_every_organisation_and_shows_none_to_another(cast: Cast) -> None:
    full_cohort(cast.acme)
    full_cohort(cast.globex, "Mirror")
    with clock.at(NOW):
        everywhere(metrics_operations.fold_dirty_days)
    with tenant(cast.acme):
        ours = {row[0] for row in written()}
    with tenant(cast.globex):
        theirs = {row[0] for row in written()}
    assert len(ours) == len(theirs) == 1
    assert ours.isdisjoint(theirs)
    with pytest.raises(NoTenant):
        rows_of("SELECT 1", {})


def test_an_unfolded_fact_shows_on_the_page_at_once(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)
    with tenant(cast.acme):
        fold()
        answered = CheckIn.objects.filter(answered_at=None).first()
        assert answered is not None
        CheckIn.objects.filter(pk=answered.pk).update(
            answered_at=NOW,
            answered_on=answered.opens_on,
            met=True,
            mood=3,
            progress=3,
            changed_at=LATER,
        )
        counted = {(t.key, t.part): t.numerator for t in as_shown(cohort, moment(LATER))}
        assert counted["checkin_response", ""] == 5


@pytest.mark.django_db(transaction=True)
def test_two_workers_fold_one_cohort_once() -> None:
    from tests.cast import make_cast

    cast = make_cast()
    full_cohort(cast.acme)
    barrier, folded = Barrier(4), []

    def work() -> None:
        try:
            with clock.at(NOW), tenant(cast.acme):
                barrier.wait()
                folded.append(metrics_operations.fold_dirty_days(at=clock.now()))
        finally:
            connection.close()

    workers = [Thread(target=work) for _worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(folded) == 4
    assert max(folded) == 3
    with tenant(cast.acme):
        at = moment()
        cohort = Cohort.objects.get()
        assert as_shown(cohort, at) == from_rows(cohort, at)
        assert FoldMark.objects.count() == 1


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "America/Los_Angeles"])
def test_no_day_vanishes_when_the_zone_moves(cast: Cast, zone: str) -> None:
    """The organisation's today was not folded yet, and may be yesterday already in the new zone."""
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        partnership = circle(cohort, [enrol(cohort, cast.petra), enrol(cohort, cast.pavel)])
        for seat in Seat.objects.filter(partnership=partnership):
            ask(seat, 1, TODAY, TODAY - timedelta(days=1))
            ask(seat, 2, TODAY - timedelta(days=1))
        fold(NOW)
        for now in (NOW + timedelta(minutes=1), NOW + timedelta(days=2)):
            for moved in (zone, "Europe/Berlin"):
                OrganisationSettings.objects.update(time_zone=moved)
                at = moment(now)
                assert as_shown(cohort, at) == from_rows(cohort, at)
                fold(now)
                assert as_shown(cohort, at) == from_rows(cohort, at)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_deleted_leaves_its_day(cast: Cast, seed: int) -> None:
    """As an erasure does, or a correction by hand: no row is left that says when it changed."""
    chance = random.Random(seed)
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme), clock.at(NOW - timedelta(days=90)):
        random_history(cohort, [cast.petra, cast.pavel, cast.cora], seed)
    with tenant(cast.acme):
        now = NOW
        for _time in range(4):
            fold(now)
            now += timedelta(hours=1)
            gone = chance.choice(list(Session.objects.filter(day__lt=TODAY)))
            for left in (Attendance, FoldedSession):
                left.objects.filter(session=gone).delete()
            Session.objects.filter(pk=gone.pk)._raw_delete("default")
            gone = chance.choice(list(CheckIn.objects.all()))
            CheckIn.objects.filter(pk=gone.pk)._raw_delete("default")
            at = moment(now)
            assert as_shown(cohort, at) == from_rows(cohort, at)
        fold(now)
        assert as_shown(cohort, at) == from_rows(cohort, at)
        CheckIn.objects.all()._raw_delete("default")
        assert not [row for row in as_shown(cohort, at) if row.key == "checkin_response"]
