"""What waits for coordinators is kept by a follow-up: the same as judged, and never out of date."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from feedback.models.fits import FitQuestion
from metrics.health import Reason
from metrics.models import Finding
from metrics.operations import judge_findings
from metrics.todo import TodoRow, todo_list, todo_rows
from pairing.models.partnerships import Seat
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast, make_member, sign_in
from tests.pairing import build
from tests.programs.build import make_application, make_cohort, make_enrolment, make_program

NOW = datetime.fromisoformat("2027-01-11T09:00+00:00")
LATER = NOW + timedelta(minutes=5)
PLUMBING = (
    "SAVEPOINT",
    "RELEASE",
    "BEGIN",
    "COMMIT",
    "SELECT set_config",
    "SELECT current_setting",
)


@pytest.fixture
def cohort(cast: Cast) -> Cohort:
    """Return one in which somebody has applied, and a partnership that has not met."""
    with clock.at(NOW - timedelta(days=20)):
        cohort = make_cohort(make_program(cast.acme), places=9)
        build.make_partnership(cohort, cast.petra, cast.pavel)
        make_application(cohort, make_member(cast.acme, "Quinn"))
    with tenant(cast.acme):
        Cohort.objects.update(phase=Cohort.Phase.RUNNING)
    return cohort


def judge(cast: Cast, at: datetime = NOW) -> int:
    with clock.at(at), tenant(cast.acme):
        return judge_findings(at=at)


def items(member: Member, now: datetime = LATER) -> list[TodoRow]:
    with clock.at(now), tenant(member.organisation):
        return todo_rows(todo_list(member, now=now))


def said(member: Member, now: datetime = LATER) -> list[tuple[object, ...]]:
    return [
        (item.key, item.finding.since, item.alert.title, item.alert.why)
        for item in items(member, now)
    ]


def reasons(member: Member, now: datetime = LATER) -> set[Reason]:
    return {item.alert.reason for item in items(member, now)}


def act(member: Member, at: datetime) -> None:
    with clock.at(at), tenant(member.organisation):
        record(by=member, verb="cohort.changed", target=member.organisation)


def decline_all(cast: Cast) -> None:
    with tenant(cast.acme):
        Enrolment.objects.filter(state="applied").update(state="declined")


def test_what_is_kept_says_what_is_judged(cast: Cast, cohort: Cohort) -> None:
    judged = {member: said(member) for member in (cast.olga, cast.cora, cast.hugo, cast.petra)}
    assert len(judged[cast.cora]) >= 2
    assert judged[cast.hugo] == judged[cast.petra] == []
    assert judge(cast) > 0
    assert {member: said(member) for member in judged} == judged
    with tenant(cast.acme):
        kept = set(Finding.objects.values_list("pk", flat=True))
        assert judge(cast, LATER) == 0
        assert set(Finding.objects.values_list("pk", flat=True)) == kept


def test_it_goes_with_its_cause_at_the_next_pass_and_at_once_after_one_s_own_act(
    cast: Cast, cohort: Cohort
) -> None:
    judge(cast)
    decline_all(cast)
    assert Reason.APPLICATIONS in reasons(cast.cora)  # for some seconds
    act(cast.olga, LATER)
    assert Reason.APPLICATIONS in reasons(cast.cora)
    assert Reason.APPLICATIONS not in reasons(cast.olga)
    assert judge(cast, LATER) == 1
    assert Reason.APPLICATIONS not in reasons(cast.cora)


def test_what_was_judged_a_day_ago_is_judged_anew(cast: Cast, cohort: Cohort) -> None:
    judge(cast)
    decline_all(cast)
    assert Reason.APPLICATIONS in reasons(cast.cora, NOW + timedelta(hours=25))
    assert Reason.APPLICATIONS not in reasons(cast.cora, NOW + timedelta(hours=27))


def test_who_coordinates_and_waits_is_not_on_their_own_list(cast: Cast, cohort: Cohort) -> None:
    with tenant(cast.acme):
        Enrolment.objects.create(
            cohort=cohort, member=cast.cora, part="peer", state="applied", applied_at=NOW
        )
    judge(cast)
    titles = [item.alert.title for item in items(cast.olga)]
    assert "2 applications wait" in titles
    (own,) = [item for item in items(cast.cora) if item.alert.reason == Reason.APPLICATIONS]
    assert own.alert.title == "One application waits"
    assert own.finding.since == (NOW - timedelta(days=20)).date()
    with tenant(cast.acme):
        Enrolment.objects.filter(member__given_name="Quinn").update(state="declined")
    judge(cast)
    assert Reason.APPLICATIONS in reasons(cast.olga)
    assert Reason.APPLICATIONS not in reasons(cast.cora)


def test_nobody_reads_of_a_table_where_they_sit_nor_a_no_of_one_where_they_sat(
    cast: Cast, cohort: Cohort
) -> None:
    with clock.at(NOW - timedelta(days=20)):
        enrolment = make_enrolment(cohort, cast.cora)
    with tenant(cast.acme):
        seat = Seat.objects.select_related("partnership").get(enrolment__member=cast.petra)
        at = NOW - timedelta(days=1)
        own = Seat.objects.create(
            partnership=seat.partnership, enrolment=enrolment, part=seat.part, taken_at=at
        )
        FitQuestion.objects.create(
            seat=seat,
            moment=FitQuestion.Moment.FIRST_SESSION,
            opened_at=at,
            due_on=at.date(),
            answered_at=at,
            fits=FitQuestion.Fits.NO,
            coordinator_sees=True,
        )
    judge(cast)
    assert {Reason.NO_FIT, Reason.NO_FIRST_SESSION} <= reasons(cast.olga)
    assert not {Reason.NO_FIT, Reason.NO_FIRST_SESSION} & reasons(cast.cora)
    with tenant(cast.acme):
        Seat.objects.filter(pk=own.pk).update(left_at=NOW)
    assert Reason.NO_FIT not in reasons(cast.cora)
    assert Reason.NO_FIRST_SESSION in reasons(cast.cora)


def test_home_of_who_coordinates_takes_twelve_statements(cast: Cast, cohort: Cohort) -> None:
    judge(cast)
    with clock.at(LATER):
        browser = sign_in(cast.olga)
        browser.get("/o/acme/")
        with CaptureQueriesContext(connection) as queries:
            page = browser.get("/o/acme/")
    assert "has not met yet" in page.text
    asked = [query["sql"] for query in queries if not query["sql"].startswith(PLUMBING)]
    assert len(asked) <= 12, asked
