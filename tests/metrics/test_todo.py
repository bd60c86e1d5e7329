"""A coordinator's list: what waits in a cohort, and what is done about an item."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.accounts.operations.people import mark_left
from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from metrics.forms import next_weekday
from metrics.health import Reason
from metrics.models import AlertNote
from metrics.operations import note_alert
from metrics.todo import TodoRow, todo_list, todo_rows
from pairing.partnerships.operations import partnerships
from programs.models.programs import Cohort, Enrolment
from tests.cast import make_member, sign_in
from tests.pairing import build
from tests.programs.build import (
    make_application,
    make_cohort,
    make_enrolment,
    make_program,
    run_only,
)

NOW = datetime.fromisoformat("2027-01-11T09:00+00:00")


@pytest.fixture
def program(cast):
    return make_program(cast.acme)


@pytest.fixture
def cohort(program):
    return make_cohort(program, places=1)


def items(member: Member, *, now: datetime = NOW) -> list[TodoRow]:
    with tenant(member.organisation):
        return todo_rows(todo_list(member, now=now))


def titles(member: Member, *, now: datetime = NOW) -> list[str]:
    return [item.alert.title for item in items(member, now=now) if item.hidden_by is None]


def note(item: TodoRow, by: Member, act: str, *, at: datetime = NOW, **details) -> AlertNote:
    with tenant(by.organisation), clock.at(at):
        return note_alert(alert=item.alert, act=act, by=by, **details)


def change(cohort: Cohort, **fields) -> None:
    with tenant(cohort.organisation):
        Cohort.objects.filter(pk=cohort.pk).update(**fields)


def test_an_application_waits_until_somebody_decides(cast, cohort):
    application = make_application(cohort, cast.petra)
    assert "One application waits" in titles(cast.cora)

    with tenant(cast.acme):
        Enrolment.objects.filter(pk=application.pk).update(state=Enrolment.State.DECLINED)
    assert "One application waits" not in titles(cast.cora)


def test_one_s_own_application_is_not_on_one_s_list(cast, cohort):
    make_application(cohort, cast.cora)

    assert "One application waits" not in titles(cast.cora)
    assert "One application waits" in titles(cast.olga)


def test_who_waits_is_told_of_only_while_a_place_is_free(cast, cohort):
    make_enrolment(cohort, cast.petra)
    make_enrolment(cohort, cast.pavel)
    assert not [title for title in titles(cast.cora) if title.startswith("A place is free")]

    change(cohort, places=2)
    assert "A place is free, and one person waits" in titles(cast.cora)


def test_people_without_a_partner_in_a_cohort_that_runs(cast, cohort):
    make_enrolment(cohort, cast.petra)
    assert "One person has no partner" not in titles(cast.cora)

    change(cohort, phase=Cohort.Phase.RUNNING)
    assert "One person has no partner" in titles(cast.cora)


def test_a_cohort_that_is_not_where_its_dates_say(cast, cohort):
    change(cohort, starts_on=date(2027, 1, 10))
    assert "Leading, Spring is late" in titles(cast.cora)

    change(cohort, phase=Cohort.Phase.RUNNING)
    assert "Leading, Spring is late" not in titles(cast.cora)
    after = datetime.combine(cohort.ends_on, NOW.timetz()) + timedelta(days=1)
    assert titles(cast.cora, now=after) == []  # it goes on by itself


def test_who_lacks_a_partner_in_one_of_two_parts_waits_as_the_page_of_who_waits_says(cast):
    cohort = build.make_cohort(cast.acme)
    build.enrol(cohort, cast.petra, "both")
    build.make_partnership(cohort, make_member(cast.acme, "Mo"), make_member(cast.acme, "Tom"))
    assert "One person has no partner" in titles(cast.cora, now=clock.now())

    mentee = build.person(cohort, "Pia", "mentee")
    with tenant(cast.acme):
        petra = Enrolment.objects.get(member=cast.petra)
        pair = [(petra, "mentor"), (mentee, "mentee")]
        partnerships.make_partnership(cohort=cohort, people=pair, by=None)
    listed = items(cast.cora, now=clock.now())
    (item,) = [item for item in listed if item.alert.reason == "no_partner"]
    assert item.alert.title == "One person has no partner"  # nobody is her mentor yet
    assert "Petra Acme" in sign_in(cast.cora).get(item.alert.opens).text


def phase_late(member: Member) -> list[TodoRow]:
    return [item for item in items(member) if item.alert.reason == Reason.PHASE_LATE]


def test_a_cohort_whose_move_asks_says_what_it_asks_and_one_that_goes_by_itself_does_not(
    cast, cohort
):
    change(cohort, phase=Cohort.Phase.MATCHING, starts_on=date(2027, 1, 10))
    (item,) = phase_late(cast.cora)
    assert item.alert.title == "Leading, Spring waits for you: next is running"
    assert item.alert.why == "Nobody has a partner: nothing is published."
    assert item.alert.opens == f"/o/acme/cohorts/{cohort.pk}/move/?to=running"
    assert sign_in(cast.cora).get(item.alert.opens).status_code == 200

    make_enrolment(cohort, cast.petra)
    with tenant(cast.acme):
        Enrolment.objects.update(state="active", started_at=NOW)
    assert phase_late(cast.cora) == []

    days = {"starts_on": date(2026, 6, 1), "ends_on": date(2026, 12, 1)}
    change(cohort, phase=Cohort.Phase.CLOSING, **days)
    (item,) = phase_late(cast.cora)
    assert item.alert.title == "Leading, Spring waits for you: next is closed"


def test_only_who_coordinates_the_program_has_it_on_the_list(cast, program, cohort):
    make_application(cohort, cast.petra)
    other = make_member(cast.acme, "Otto", Member.Role.COORDINATOR)
    with tenant(cast.acme):
        elsewhere = make_program(cast.acme, name="Elsewhere")
        run_only(other, elsewhere)

    assert [bool(titles(member)) for member in (cast.cora, other, cast.hugo, cast.petra)] == [
        True,
        False,
        False,
        False,
    ]


@pytest.fixture
def item(cast, cohort) -> TodoRow:
    with clock.at(NOW - timedelta(days=1)):
        make_application(cohort, cast.petra)
    return next(item for item in items(cast.cora) if item.alert.reason == Reason.APPLICATIONS)


def again(item: TodoRow, member: Member, *, now: datetime = NOW) -> TodoRow:
    return next(other for other in items(member, now=now) if other.key == item.key)


def test_a_note_is_read_by_the_other_coordinators(cast, item):
    note(item, cast.cora, "noted", text="Called her, she thinks about it.")

    [written] = again(item, cast.olga).written
    assert (written.text, written.by) == ("Called her, she thinks about it.", cast.cora)


def test_put_off_it_is_away_until_its_day(cast, item):
    note(item, cast.cora, "snoozed", until=date(2027, 1, 15))

    assert again(item, cast.olga).hidden_by
    assert again(item, cast.olga, now=NOW + timedelta(days=3)).hidden_by
    assert again(item, cast.olga, now=NOW + timedelta(days=4)).hidden_by is None


def test_ticked_it_comes_back_with_news(cast, cohort, item):
    note(item, cast.cora, "settled")
    assert again(item, cast.cora).hidden_by

    with clock.at(NOW + timedelta(days=1)):
        make_application(cohort, cast.pavel)
    assert again(item, cast.cora, now=NOW + timedelta(days=1)).hidden_by is None


def test_ticked_it_comes_back_after_two_weeks_if_nothing_has_changed(cast, item):
    note(item, cast.cora, "settled")

    assert again(item, cast.cora, now=NOW + timedelta(days=13)).hidden_by
    assert again(item, cast.cora, now=NOW + timedelta(days=14)).hidden_by is None


def test_a_tick_can_be_undone(cast, item):
    note(item, cast.cora, "settled")
    note(item, cast.cora, "reopened", at=NOW + timedelta(minutes=1))

    assert again(item, cast.cora).hidden_by is None


def test_a_leaver_s_items_are_whose_they_left_their_work_to(cast, item):
    other = make_member(cast.acme, "Otto", Member.Role.COORDINATOR)
    note(item, cast.cora, "assigned", assigned_to=other)
    assert again(item, cast.cora).assigned_to == other

    with tenant(cast.acme):
        mark_left(member=other, by=cast.olga)
    assert again(item, cast.cora).assigned_to == cast.olga  # nobody was named: the owner


def test_the_list_costs_the_same_for_one_cohort_and_for_five(cast, program, cohort):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            items(cast.cora)
        return len(queries)

    make_application(cohort, cast.petra)
    cost()  # the first one of a process has more to read
    before = cost()
    for number in range(4):
        make_application(make_cohort(program, name=f"Cohort {number}"), cast.petra)
    assert cost() == before

    def late(cohort: Cohort) -> None:
        change(cohort, phase=Cohort.Phase.MATCHING, starts_on=date(2027, 1, 10))

    late(cohort)
    before = cost()
    with tenant(cast.acme):
        others = list(Cohort.objects.exclude(pk=cohort.pk).for_list())
    for other in others:
        late(other)
    assert cost() == before


@pytest.mark.parametrize(
    ("today", "weekday", "day"),
    [
        (date(2027, 1, 11), 0, date(2027, 1, 18)),  # a Monday: the next one
        (date(2027, 1, 11), 4, date(2027, 1, 15)),
        (date(2027, 1, 15), 4, date(2027, 1, 22)),
        (date(2027, 1, 17), 0, date(2027, 1, 18)),
    ],
)
def test_the_next_weekday(today, weekday, day):
    assert next_weekday(today, weekday) == day


# Pages


def address(name: str, *args: object) -> str:
    return reverse(f"metrics:{name}", args=["acme", *args])


def test_who_may_see_the_list(cast, cohort):
    found = {
        name: sign_in(getattr(cast, name)).get(address("todo")).status_code
        for name in ("olga", "cora", "hugo", "petra", "gina")
    }
    assert found == {"olga": 200, "cora": 200, "hugo": 403, "petra": 403, "gina": 404}


@pytest.mark.slow
def test_the_whole_walk_of_an_item(cast, cohort):
    make_application(cohort, cast.petra)
    cora = sign_in(cast.cora)
    [item] = [
        item
        for item in items(cast.cora, now=clock.now())
        if item.alert.reason == Reason.APPLICATIONS
    ]
    page = cora.get(item.url)
    assert page.status_code == 200

    assert cora.post(item.url, {"act": "noted", "text": ""}).status_code == 422
    assert cora.post(item.url, {"act": "noted", "text": "Rang her."}).status_code == 302
    assert "Rang her." in cora.get(address("todo")).content.decode()
    assert cora.post(item.url, {"act": "snoozed", "until": "2001-01-01"}).status_code == 422
    until = page.context["forms"]["snoozed"].fields["until"].choices[1][0]
    assert cora.post(item.url, {"act": "snoozed", "until": until}).status_code == 302
    assert "One application waits" not in cora.get(address("todo")).content.decode()
    assert "One application waits" in cora.get(address("todo") + "?show=later").content.decode()
    assert cora.post(item.url, {"act": "reopened"}).status_code == 302
    mine = {"act": "assigned", "assigned_to": str(cast.cora.pk)}
    assert cora.post(item.url, mine).status_code == 302
    assert "Yours" in cora.get(address("todo") + "?show=mine").content.decode()
    stranger = {"act": "assigned", "assigned_to": str(cast.gina.pk)}
    assert cora.post(item.url, stranger).status_code == 422
    assert cora.post(item.url, {"act": "settled"}).status_code == 302
    assert "One application waits" in cora.get(address("todo") + "?show=settled").content.decode()
    assert cora.post(item.url, {"act": "dance"}).status_code == 200

    with tenant(cast.acme):
        Enrolment.objects.update(state=Enrolment.State.DECLINED)
    solved = cora.get(item.url, follow=True)
    assert "no longer on the list" in solved.content.decode()


def test_an_open_cohort_fills_its_places_by_itself_and_asks_nobody(cast, cohort):
    make_enrolment(cohort, cast.petra)
    make_enrolment(cohort, cast.pavel)

    change(cohort, places=2, entry=Cohort.Entry.OPEN)

    assert not [title for title in titles(cast.cora) if title.startswith("A place is free")]
