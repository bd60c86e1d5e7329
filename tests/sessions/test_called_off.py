"""Sessions follow their partnership: off when it ends or rests, back when it goes on."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from icalendar import Calendar

from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from metrics.figures import SOURCES, WEEKLY
from metrics.queries.tallied import AsOf, tallies
from pairing.models.partnerships import Partnership
from pairing.partnerships.operations import partnerships, repairing
from programs.models.programs import Enrolment
from sessions.models.replies import Kit
from sessions.models.sessions import OffCause, Session
from sessions.planning.operations.calling_off import (
    call_off_sessions,
    empty_calendars_of_leavers,
    restore_sessions,
)
from tests.cast import Cast
from tests.metrics.build import partnership_alerts
from tests.sessions.build import (
    NOON,
    hold_session,
    make_cohort,
    make_partnership,
    meanwhile,
    plan,
)
from tests.sessions.conftest import Circle
from tests.work import catch_up

pytestmark = pytest.mark.slow

ENDS = {
    "parted": ("parted", Partnership.State.ENDED),
    "joined": ("joined", Partnership.State.ENDED),
    "completed": ("goals_met", Partnership.State.COMPLETED),
    "lapsed": ("quiet", Partnership.State.LAPSED),
    "never_started": ("time_over", Partnership.State.NEVER_STARTED),
}


@pytest.fixture
def pair(noon: None, cast: Cast) -> Partnership:
    pair = make_partnership(make_cohort(cast.acme, days=400), [cast.petra, cast.pavel], name="P&P")
    plan(pair)
    with tenant(cast.acme):
        hold_session(Session.objects.filter(partnership=pair).earliest("starts_at"))
    return pair


def at(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


def states(partnership: Partnership) -> list[tuple[str, str, int]]:
    with tenant(partnership.organisation_id):
        rows = Session.objects.filter(partnership=partnership).order_by("starts_at")
        return [(row.state, row.cause, row.sequence) for row in rows]


def methods(email: Email) -> list[str]:
    return [part["method"] for part in email.calendar]


def completion(partnership: Partnership) -> tuple[int, int]:
    with tenant(partnership.organisation_id):
        as_of = AsOf.of(settings_in_force(), clock.now())
        rows = tallies([partnership.cohort_id], as_of, SOURCES, WEEKLY)
        (row,) = [r for r in rows if (r.key, r.part) == ("session_completion", "")]
        return row.numerator, row.denominator


def emails(member: Member, kind: str) -> list[Email]:
    with tenant(member.organisation):
        return list(Email.objects.filter(member=member, kind=kind).order_by("created_at"))


@pytest.mark.parametrize("name", ENDS)
def test_what_is_to_come_of_a_partnership_that_is_over_is_off_and_never_missed(
    cast: Cast, pair: Partnership, name: str
) -> None:
    reason, state = ENDS[name]
    with at(NOON + timedelta(days=4)):
        with tenant(cast.acme):
            partnerships.end_partnership(partnership=pair, reason=reason, by=None, state=state)
        catch_up()
        assert [row[:2] for row in states(pair)] == [("held", "")] + [("cancelled", "ended")] * 5
        for member in (cast.petra, cast.pavel):
            (email,) = emails(member, "sessions.called_off")
            assert methods(email) == ["CANCEL"] * 5
            with tenant(cast.acme):
                assert Enrolment.objects.get(pk=email.cause_id).member_id == member.pk
    with at(NOON + timedelta(days=120)):
        before = states(pair)
        catch_up()
        assert states(pair) == before
        assert completion(pair) == (1, 1)
    assert len(emails(cast.petra, "sessions.called_off")) == 1


def test_one_of_a_pair_who_goes_ends_it_and_both_calendars_are_emptied(
    cast: Cast, pair: Partnership
) -> None:
    with at(NOON + timedelta(days=4)), tenant(cast.acme):
        seat = pair.seats.get(enrolment__member=cast.petra)
        partnerships.leave_seat(seat=seat, by=None, reason="withdrawn")
    with at(NOON + timedelta(days=4, minutes=1)):
        catch_up()
    assert [methods(e) for e in emails(cast.petra, "sessions.called_off")] == [["CANCEL"] * 5]
    assert [methods(e) for e in emails(cast.pavel, "sessions.called_off")] == [["CANCEL"] * 5]


def test_nobody_who_has_left_the_organisation_is_written_to(cast: Cast, pair: Partnership) -> None:
    with at(NOON + timedelta(days=4)):
        with tenant(cast.acme):
            Member.objects.filter(pk=cast.petra.pk).update(state=Member.State.LEFT)
        catch_up()
    assert emails(cast.petra, "sessions.called_off") == []
    assert len(emails(cast.pavel, "sessions.called_off")) == 1


def test_a_session_that_had_begun_is_not_called_off(cast: Cast, pair: Partnership) -> None:
    with tenant(cast.acme):
        second = Session.objects.filter(partnership=pair).order_by("starts_at")[1]
    with at(second.starts_at + timedelta(minutes=10)):
        with tenant(cast.acme):
            partnerships.end_partnership(partnership=pair, reason="parted", by=None)
        catch_up()
    assert [row[0] for row in states(pair)] == ["held", "planned"] + ["cancelled"] * 4


def test_an_end_that_is_undone_brings_back_what_is_still_to_come(
    cast: Cast, pair: Partnership
) -> None:
    with at(NOON + timedelta(days=4)):
        with tenant(cast.acme):
            partnerships.end_partnership(partnership=pair, reason="parted", by=None)
        catch_up()
    off = [row[2] for row in states(pair)]
    with at(NOON + timedelta(days=5)):
        with tenant(cast.acme):
            Partnership.objects.filter(pk=pair.pk).update(
                state=Partnership.State.ACTIVE, ended_at=None, end_reason=""
            )
            pair.seats.update(left_at=None)
        catch_up()
        catch_up()
    back = states(pair)
    assert [row[:2] for row in back] == [("held", "")] + [("planned", "")] * 5
    assert all(now[2] > was for now, was in zip(back[1:], off[1:], strict=True))
    email = emails(cast.petra, "sessions.invitation")[-1]
    assert (methods(email), email.context["again"]) == (["PUBLISH"] * 5, True)
    assert "Your sessions take place after all · P&P" in [sent.subject for sent in mail.outbox]


def test_sessions_inside_a_pause_are_off_and_those_behind_it_stand(
    cast: Cast, circle: Circle
) -> None:
    """The season meets on 5 March and every other Thursday; it rests until 10 April."""
    with at(NOON + timedelta(hours=1)):
        with tenant(cast.acme):
            repairing.pause_partnership(
                partnership=circle.partnership, by=cast.cora, until=date(2026, 4, 10)
            )
        catch_up()
        catch_up()
    assert [row[0] for row in states(circle.partnership)] == ["cancelled"] * 3 + ["planned"] * 3
    (email,) = emails(cast.pavel, "sessions.called_off")
    assert (methods(email), email.context["why"]) == (["CANCEL"] * 3, "paused")
    with tenant(cast.acme):
        assert not Kit.objects.exists()
    with at(datetime(2026, 4, 10, 9, tzinfo=NOON.tzinfo)):
        catch_up()
        with tenant(cast.acme):
            assert Partnership.objects.get(pk=circle.partnership.pk).state == "active"
            assert partnership_alerts(cast.cora, now=clock.now()) == []
    assert [row[:2] for row in states(circle.partnership)] == [("cancelled", "paused")] * 3 + [
        ("planned", "")
    ] * 3


def test_a_pause_without_an_end_takes_everything_out_and_going_on_brings_it_back(
    cast: Cast, circle: Circle
) -> None:
    with at(NOON + timedelta(hours=1)):
        with tenant(cast.acme):
            repairing.pause_partnership(partnership=circle.partnership, by=cast.cora)
        catch_up()
    assert {row[:2] for row in states(circle.partnership)} == {("cancelled", "paused")}
    with at(NOON + timedelta(days=8)):
        with tenant(cast.acme):
            repairing.resume_partnership(partnership=circle.partnership, by=cast.cora)
        catch_up()
    assert [row[0] for row in states(circle.partnership)] == ["cancelled"] + ["planned"] * 5


def test_no_kit_goes_to_a_table_that_rests(cast: Cast, circle: Circle) -> None:
    with at(NOON + timedelta(hours=1)), tenant(cast.acme):
        repairing.pause_partnership(
            partnership=circle.partnership, by=cast.cora, until=date(2026, 4, 15)
        )
    with at(datetime(2026, 4, 12, 9, tzinfo=NOON.tzinfo)):  # four days before the first behind it
        catch_up()
        with tenant(cast.acme):
            assert not Email.objects.filter(kind="sessions.kit").exists()
    with at(datetime(2026, 4, 15, 9, tzinfo=NOON.tzinfo)):
        catch_up()
        with tenant(cast.acme):
            assert Email.objects.filter(kind="sessions.kit").count() == 1


def test_who_leaves_a_circle_is_taken_out_of_all_that_goes_on_without_them(
    cast: Cast, circle: Circle
) -> None:
    with at(NOON + timedelta(hours=1)):
        with tenant(cast.acme):
            partnerships.leave_seat(seat=circle.seat("Petra"), by=None, reason="parted")
        catch_up()
        catch_up()
    (email,) = emails(cast.petra, "sessions.called_off")
    assert (methods(email), email.context["why"]) == (["CANCEL"] * 6, "left")
    event = Calendar.from_ical(email.calendar[0]["text"]).walk("VEVENT")[0]
    with tenant(cast.acme):
        session = Session.objects.get(pk=circle.sessions[0].pk)
    assert event["STATUS"] == "CANCELLED"
    assert 0 < int(event["SEQUENCE"]) <= session.sequence
    assert {row[0] for row in states(circle.partnership)} == {"planned"}
    assert emails(cast.pavel, "sessions.called_off") == []


def test_who_left_before_is_not_told_again_when_the_circle_ends(cast: Cast, circle: Circle) -> None:
    with at(NOON + timedelta(hours=1)), tenant(cast.acme):
        partnerships.leave_seat(seat=circle.seat("Petra"), by=None, reason="parted")
    with at(NOON + timedelta(hours=2)):
        catch_up()
    with at(NOON + timedelta(days=1)):
        with tenant(cast.acme):
            partnerships.end_partnership(
                partnership=circle.partnership, reason="agreed", by=None, state="completed"
            )
        catch_up()
    assert len(emails(cast.petra, "sessions.called_off")) == 1
    assert len(emails(cast.pavel, "sessions.called_off")) == 1


def test_every_cause_of_the_platform_has_words(cast: Cast) -> None:
    with tenant(cast.acme):
        words = [Session(cause=cause).cause_words for cause in OffCause.values]
    assert words == [
        "The partnership is over",
        "The partnership is paused",
        "The publication was undone",
    ]


@pytest.mark.django_db(transaction=True)
def test_a_partnership_that_goes_on_while_the_sweep_waits_keeps_its_sessions(
    cast: Cast, circle: Circle
) -> None:
    with tenant(cast.acme):
        repairing.pause_partnership(partnership=circle.partnership, by=cast.cora)
    resumed, off = meanwhile(
        cast.acme,
        lambda: repairing.resume_partnership(partnership=circle.partnership, by=cast.cora),
        call_off_sessions,
        at=NOON + timedelta(hours=1),
    )
    assert (resumed.state, off) == (Partnership.State.ACTIVE, 0)
    assert states(circle.partnership) == [("planned", "", 0)] * 6
    assert emails(cast.petra, "sessions.called_off") == []


@pytest.mark.django_db(transaction=True)
def test_a_partnership_that_rests_again_while_the_sweep_waits_gets_no_session_back(
    cast: Cast, circle: Circle
) -> None:
    with tenant(cast.acme):
        repairing.pause_partnership(partnership=circle.partnership, by=cast.cora)
        assert call_off_sessions(at=NOON) == 6
        repairing.resume_partnership(partnership=circle.partnership, by=cast.cora)
    off = states(circle.partnership)
    paused, back = meanwhile(
        cast.acme,
        lambda: repairing.pause_partnership(partnership=circle.partnership, by=cast.cora),
        restore_sessions,
        at=NOON + timedelta(hours=1),
    )
    assert (paused.state, back) == (Partnership.State.PAUSED, 0)
    assert states(circle.partnership) == off
    assert {row[:2] for row in off} == {("cancelled", "paused")}


def test_nothing_comes_back_that_lies_behind_the_end_of_the_partnership(
    cast: Cast, circle: Circle
) -> None:
    with tenant(cast.acme):
        repairing.pause_partnership(partnership=circle.partnership, by=cast.cora)
        assert call_off_sessions(at=NOON) == 6
        repairing.resume_partnership(partnership=circle.partnership, by=cast.cora)
        Partnership.objects.filter(pk=circle.partnership.pk).update(
            ends_on=NOON.date() + timedelta(days=1)
        )
        off = states(circle.partnership)
        assert restore_sessions(at=NOON) == 0
    assert states(circle.partnership) == off
    assert {row[:2] for row in off} == {("cancelled", "paused")}


@pytest.mark.django_db(transaction=True)
def test_who_has_left_hears_once_when_the_circle_ends_while_the_sweep_waits(
    cast: Cast, circle: Circle
) -> None:
    moment = NOON + timedelta(hours=1)

    def end() -> int:
        partnerships.end_partnership(
            partnership=circle.partnership, reason="agreed", by=None, state="completed"
        )
        return call_off_sessions(at=moment)

    with at(moment):
        with tenant(cast.acme):
            partnerships.leave_seat(seat=circle.seat("Petra"), by=None, reason="parted")
        assert meanwhile(cast.acme, end, empty_calendars_of_leavers, at=moment) == (6, 0)
    (email,) = emails(cast.petra, "sessions.called_off")
    assert (methods(email), email.context["why"]) == (["CANCEL"] * 6, "ended")
