"""Workshops: places, the line that moves up, calendars, reminders, who came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from programs.errors import (
    FewerPlacesThanComing,
    NotOfThisCohort,
    WorkshopInThePast,
    WorkshopNotYet,
    WorkshopOver,
)
from programs.models.training import Workshop, WorkshopPlace
from programs.operations import enrolments
from programs.training import workshops
from tests.cast import make_member, sign_in
from tests.programs.build import make_cohort, make_enrolment, make_program
from tests.sessions.strict_ics import check


@pytest.fixture
def people(cast):
    return [cast.petra, cast.pavel, make_member(cast.acme, "Mei")]


@pytest.fixture
def cohort(cast, people):
    cohort = make_cohort(make_program(cast.acme))
    for person in people:
        make_enrolment(cohort, person)
    return cohort


def said(**more: Any) -> dict[str, Any]:
    return {
        "title": "Feedback",
        "agenda": "- arrive",
        "place": "Room 4",
        "starts_at": clock.now() + timedelta(days=10),
        "minutes": 90,
        "places": 1,
    } | more


@pytest.fixture
def workshop(cast, cohort) -> Workshop:
    with tenant(cast.acme):
        return workshops.plan_workshop(cohort=cohort, by=cast.cora, **said())


def states(workshop: Workshop) -> dict[str, str]:
    rows = WorkshopPlace.objects.filter(workshop=workshop).select_related("member")
    return {row.member.given_name: row.state for row in rows}


def told(kind: str) -> list[str]:
    rows = Email.objects.filter(kind=f"programs.{kind}", withdrawn_at=None).order_by("id")
    return sorted(row.member.given_name for row in rows.select_related("member"))


def test_everybody_is_told_and_the_line_moves_up_by_itself(cast, people, workshop):
    petra, pavel, _mei = people
    with tenant(cast.acme):
        assert told("workshop") == ["Mei", "Pavel", "Petra"]
        for person in people:
            workshops.sign_up(workshop=workshop, by=person)
        workshops.sign_up(workshop=workshop, by=petra)  # a second click changes nothing
        assert states(workshop) == {"Petra": "coming", "Pavel": "waiting", "Mei": "waiting"}
        assert told("workshop_place") == ["Petra"]
        workshops.give_up(workshop=workshop, by=petra)
        assert states(workshop) == {"Petra": "given_up", "Pavel": "coming", "Mei": "waiting"}
        assert told("workshop_place") == ["Pavel", "Petra"]
        workshops.sign_up(workshop=workshop, by=petra)  # at the end of the line
        pavels = pavel_enrolment(workshop)
        enrolments.withdraw(enrolment=pavels, by=pavel, reason="work")
        assert workshops.tend_workshops(at=clock.now()) == 2  # freed, and filled
        assert workshops.tend_workshops(at=clock.now()) == 0
        assert states(workshop) == {"Petra": "waiting", "Pavel": "given_up", "Mei": "coming"}
        with pytest.raises(NotOfThisCohort):
            workshops.sign_up(workshop=workshop, by=pavel)
        with pytest.raises(FewerPlacesThanComing):
            workshops.change_workshop(workshop=workshop, by=cast.cora, **said(places=0))
        workshops.change_workshop(workshop=workshop, by=cast.cora, **said(places=2))
        assert states(workshop)["Petra"] == "coming"


def pavel_enrolment(workshop: Workshop):
    return workshop.cohort.enrolments.for_list().get(member__given_name="Pavel")


def test_calendars_follow_a_change_and_a_calling_off(cast, people, workshop):
    with tenant(cast.acme):
        workshops.sign_up(workshop=workshop, by=people[0])
        workshops.sign_up(workshop=workshop, by=people[1])
        moved = said(starts_at=clock.now() + timedelta(days=11))
        workshops.change_workshop(workshop=workshop, by=cast.cora, **moved)
        assert told("workshop_changed") == ["Petra"]
        with pytest.raises(WorkshopInThePast):
            workshops.change_workshop(
                workshop=workshop, by=cast.cora, **said(starts_at=clock.now())
            )
        workshops.call_off_workshop(workshop=workshop, by=cast.cora)
        assert told("workshop_changed") == ["Pavel", "Petra", "Petra"]
        rows = Email.objects.filter(kind__startswith="programs.workshop_", member=people[0])
        parts = [part for row in rows.order_by("id") for part in row.calendar]
        assert [part["method"] for part in parts] == ["PUBLISH", "PUBLISH", "CANCEL"]
        for number, part in enumerate(parts):
            check(part["text"].encode())
            assert f"SEQUENCE:{number}" in part["text"]
        with pytest.raises(WorkshopOver):
            workshops.sign_up(workshop=workshop, by=people[2])


def test_who_comes_is_reminded_the_day_before_and_attendance_is_kept(cast, people, workshop):
    with tenant(cast.acme):
        workshops.sign_up(workshop=workshop, by=people[0])
        workshops.sign_up(workshop=workshop, by=people[1])
        assert workshops.tend_workshops(at=clock.now()) == 0
        eve = workshop.starts_at - timedelta(hours=20)
        with clock.at(eve):
            assert workshops.tend_workshops(at=eve) == 1
            assert workshops.tend_workshops(at=eve) == 0
            assert told("workshop_reminder") == ["Petra"]
        came = {people[0].pk}
        with pytest.raises(WorkshopNotYet):
            workshops.record_attendance(workshop=workshop, came=came, by=cast.cora)
        with clock.at(workshop.starts_at + timedelta(hours=1)):
            assert workshops.record_attendance(workshop=workshop, came=came, by=cast.cora) == 1
            with pytest.raises(WorkshopOver):
                workshops.give_up(workshop=workshop, by=people[0])
        kept = WorkshopPlace.objects.filter(workshop=workshop).order_by("id")
        assert [row.came for row in kept] == [True, None]  # who waited was not expected


@pytest.mark.slow
def test_pages_of_a_workshop(cast, people, workshop):
    def url(name: str, *args: object) -> str:
        return reverse(f"programs:{name}", args=["acme", *args])

    petra, pavel, cora = sign_in(people[0]), sign_in(people[1]), sign_in(cast.cora)
    page = workshop.get_absolute_url()
    assert "Feedback" in petra.get("/o/acme/").content.decode()
    assert "1 place is free." in petra.get(page).content.decode()
    answer = petra.post(url("sign_up", workshop.pk), follow=True).content.decode()
    assert "You have a place. The day before you get a reminder." in answer
    answer = pavel.post(url("sign_up", workshop.pk), follow=True).content.decode()
    assert "You are number 1 on the waiting list." in " ".join(answer.split())
    assert "Mei" not in answer
    assert "Petra" not in answer  # who comes is for who runs it
    listed = cora.get(page).content.decode()
    assert "Petra Acme" in listed
    check(petra.get(url("workshop_ics", workshop.pk)).content)
    stranger = sign_in(make_member(cast.acme, "Stranger"))
    assert stranger.get(page).status_code == 404
    assert petra.get(url("edit_workshop", workshop.pk)).status_code == 403
    asked = cora.get(url("call_off_workshop", workshop.pk)).content.decode()
    assert "2 people who signed up are told" in asked
    answer = cora.post(url("call_off_workshop", workshop.pk), follow=True).content.decode()
    assert "This workshop is called off." in answer
    late = petra.post(url("give_up_place", workshop.pk), follow=True)
    assert "This workshop has begun, or is called off." in late.content.decode()
    every = cora.get(url("cohort_workshops", workshop.cohort_id)).content.decode()
    assert "Plan a workshop" in every
    new = cora.post(
        url("new_workshop", workshop.cohort_id),
        said(places="", starts_at="2026-01-01T10:00", agenda="x"),
    )
    assert new.status_code == 422
    assert "That is over already. Choose a moment to come." in new.content.decode()
