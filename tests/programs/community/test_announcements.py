"""Announcements: whom they reach, when they go out, who reads them, and that pages only count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from core.accounts.errors import SegmentGone
from core.accounts.operations.people import update_member
from core.accounts.operations.segments import delete_segment, save_segment
from core.accounts.queries import PeopleFilter
from core.common import clock
from core.members.models import Member, Segment
from core.notifications.models import Email
from core.tenancy.context import tenant
from programs.community.operations import announcements as operations
from programs.errors import AnnouncementSent, NobodyToTell
from programs.models.community import Announcement, AnnouncementCopy
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast, make_member, sign_in
from tests.programs.build import make_application, make_cohort, make_enrolment, make_program
from tests.work import catch_up

TEXT = "We meet on **Thursday**.\n\n<script>alert(1)</script>"


@pytest.fixture
def cohort(cast: Cast) -> Cohort:
    """Petra is a mentor and Pavel a mentee with a place; Mia has only applied."""
    program = make_program(cast.acme, template="mentor-and-mentee")
    cohort = make_cohort(program)
    make_enrolment(cohort, cast.petra, "mentor")
    make_enrolment(cohort, cast.pavel, "mentee")
    make_application(
        cohort, make_member(cast.acme, "Mia"), "mentee", answers=open_questions(cohort)
    )
    return cohort


def open_questions(cohort: Cohort) -> dict[str, Any]:
    with tenant(cohort.organisation):
        cohort.program.questions.update(required=False)
    return {}


def announce(cast: Cast, cohort: Cohort | None, **more: Any) -> Announcement:
    with tenant(cast.acme):
        program = cohort.program if cohort else Cohort.objects.for_list().get().program
        said = {"title": "The kick-off", "text": TEXT, "send_at": None, "by": cast.cora}
        return operations.write_announcement(program=program, cohort=cohort, **said | more)


def told(cast: Cast) -> list[str]:
    with tenant(cast.acme):
        rows = Email.objects.filter(kind="programs.announcement").order_by("member__given_name")
        return list(rows.values_list("member__given_name", flat=True))


def page(row: Announcement) -> str:
    return reverse("programs:announcement", args=["acme", row.pk])


@pytest.mark.parametrize(
    ("segment", "people"),
    [
        ({}, ["Pavel", "Petra"]),
        ({"part": "mentor"}, ["Petra"]),
        ({"part": "mentee"}, ["Pavel"]),
        ({"state": "applied"}, ["Mia"]),
        ({"state": "accepted"}, ["Pavel", "Petra"]),
        ({"answered": "yes"}, ["Pavel", "Petra"]),
        ({"part": "mentor", "state": "accepted"}, ["Petra"]),
    ],
    ids=str,
)
def test_it_reaches_whom_it_means_and_nobody_else(
    cast: Cast, cohort: Cohort, segment: dict[str, str], people: list[str]
):
    row = announce(cast, cohort, **segment)
    assert (told(cast), row.told) == (people, len(people))
    with tenant(cast.acme):
        rows = Member.objects.filter(given_name__in=["Petra", "Pavel", "Mia"]).order_by(
            "given_name"
        )
        readers = [m.given_name for m in rows if sign_in(m).get(page(row)).status_code == 200]
    assert readers == people
    assert sign_in(cast.olga).get(page(row)).status_code == 200
    assert [sign_in(who).get(page(row)).status_code for who in (cast.hugo, cast.greta)] == [
        404,
        404,
    ]


def test_it_reaches_people_ticked_on_the_list_alone(cast: Cast, cohort: Cohort):
    with tenant(cast.acme):
        enrolment = Enrolment.objects.get(member__given_name="Mia")
    browser = sign_in(cast.cora)
    here = f"/o/acme/cohorts/{cohort.pk}/community/announce/"
    answer = browser.post(here, {"enrolment": [str(enrolment.pk)]})
    assert (answer.status_code, "To the 1 person you have chosen." in answer.text) == (200, True)
    sent = {"title": "To you", "text": "Hello", "chosen": str(enrolment.pk)}
    answer = browser.post(here, sent, follow=True)
    assert "It went to 1 person." in answer.text
    assert told(cast) == ["Mia"]


def test_all_that_match_on_the_list_are_written_to(cast: Cast, cohort: Cohort):
    here = f"/o/acme/cohorts/{cohort.pk}/community/announce/"
    answer = sign_in(cast.cora).post(f"{here}?part=mentee", {"all": "yes"})
    assert "To the 2 people you have chosen." in answer.text


def test_an_announcement_to_a_program_reaches_its_cohorts_under_way(cast: Cast, cohort: Cohort):
    later = make_cohort(cohort.program, "Autumn")
    make_enrolment(later, make_member(cast.acme, "Noor"), "mentor")
    with tenant(cast.acme):
        row = operations.write_announcement(
            program=cohort.program,
            cohort=None,
            title="To all",
            text="x",
            send_at=None,
            by=cast.cora,
        )
    assert told(cast) == ["Noor", "Pavel", "Petra"]
    for shown in (cohort, later):
        assert "To all" in sign_in(cast.cora).get(f"/o/acme/cohorts/{shown.pk}/community/").text
    assert row.told == 3


@pytest.mark.slow
def test_what_is_scheduled_can_be_changed_until_it_is_sent_and_goes_out_by_itself(
    cast: Cast, cohort: Cohort
):
    at = clock.now() + timedelta(hours=3)
    row = announce(cast, cohort, send_at=at)
    assert (told(cast), row.is_sent) == ([], False)
    assert sign_in(cast.petra).get(page(row)).status_code == 404
    edit = f"/o/acme/announcements/{row.pk}/edit/"
    sent = {
        "title": "Changed",
        "text": "y",
        "part": "mentor",
        "send_at": at.strftime("%Y-%m-%dT%H:%M"),
    }
    answer = sign_in(cast.cora).post(edit, sent, follow=True)
    assert "It goes out at the time you have chosen." in answer.text
    with time_machine.travel(at + timedelta(minutes=1, hours=2), tick=False):
        catch_up()
        assert told(cast) == ["Petra"]
        with tenant(cast.acme):
            row = Announcement.objects.for_list().get()
            assert (row.title, row.told, row.is_sent) == ("Changed", 1, True)
            with pytest.raises(AnnouncementSent):
                operations.change_announcement(
                    announcement=row, title="z", text="z", send_at=None, by=cast.cora
                )
            with pytest.raises(AnnouncementSent):
                operations.drop_announcement(announcement=row, by=cast.cora)
            assert operations.send_due_announcements(at=clock.now()) == 0
    answer = sign_in(cast.cora).post(edit, sent)
    assert (answer.status_code, "This has been sent" in answer.text) == (422, True)


def test_it_can_be_dropped_before_it_is_sent(cast: Cast, cohort: Cohort):
    row = announce(cast, cohort, send_at=clock.now() + timedelta(days=1))
    sign_in(cast.cora).post(f"/o/acme/announcements/{row.pk}/drop/")
    with tenant(cast.acme):
        assert not Announcement.objects.exists()


def test_who_reads_it_is_counted_once_and_never_named(cast: Cast, cohort: Cohort):
    row = announce(cast, cohort)
    browser = sign_in(cast.petra)
    opened = browser.get(page(row)).text
    assert "<b>Thursday</b>" in opened or "<strong>Thursday</strong>" in opened
    assert "<script>alert" not in opened
    assert "The kick-off" in browser.get("/o/acme/community/").text
    with tenant(cast.acme):
        assert Announcement.objects.get().reads == 0
    for _time in range(2):
        browser.post(f"/o/acme/announcements/{row.pk}/read/")
    with tenant(cast.acme):
        assert Announcement.objects.get().reads == 1
        assert AnnouncementCopy.objects.visible_to(cast.olga).count() == 0
    assert "The kick-off" not in browser.get("/o/acme/community/").text
    assert "read by 1 of 2" in sign_in(cast.cora).get(page(row)).text
    assert "read by" not in sign_in(cast.pavel).get(page(row)).text


def test_one_that_means_nobody_is_refused_and_what_was_typed_stays(cast: Cast, cohort: Cohort):
    here = f"/o/acme/cohorts/{cohort.pk}/community/announce/"
    sent = {"title": "Kept words", "text": "x", "state": "completed"}
    answer = sign_in(cast.cora).post(here, sent)
    assert (answer.status_code, "Kept words" in answer.text) == (422, True)
    assert str(NobodyToTell()) in answer.text
    assert told(cast) == []


def test_who_has_left_gets_none_and_a_participant_writes_none(cast: Cast, cohort: Cohort):
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.pavel.pk).update(state="left", left_at=clock.now())
    announce(cast, cohort)
    assert told(cast) == ["Petra"]
    here = f"/o/acme/cohorts/{cohort.pk}/community/announce/"
    assert sign_in(cast.petra).get(here).status_code == 403


# ── to a saved segment ──
@pytest.fixture
def builders(cast: Cast) -> Segment:
    """Pavel of the cohort is in it, and Noor, who takes part in none."""
    make_member(cast.acme, "Noor", department="Engineering")
    with tenant(cast.acme):
        update_member(member=cast.pavel, by=None, department="Engineering")
        wanted = PeopleFilter(department="Engineering")
        return save_segment(name="Builders", wanted=wanted, by=cast.cora)


def test_it_reaches_those_of_a_segment_who_belong_to_the_cohort(
    cast: Cast, cohort: Cohort, builders: Segment
):
    browser, here = sign_in(cast.cora), f"/o/acme/cohorts/{cohort.pk}/community/announce/"
    assert "Builders" in browser.get(here).text
    sent = {"title": "To builders", "text": "Hello", "segment": str(builders.pk)}
    answer = browser.post(here, sent, follow=True)
    assert "It went to 1 person." in answer.text
    assert told(cast) == ["Pavel"]
    with tenant(cast.acme):
        row = Announcement.objects.get()
    seen = [sign_in(who).get(page(row)).status_code for who in (cast.pavel, cast.petra)]
    assert seen == [200, 404]
    seen = [
        "To builders" in sign_in(who).get(f"/o/acme/cohorts/{cohort.pk}/community/").text
        for who in (cast.cora, cast.pavel, cast.petra)
    ]
    assert seen == [True, True, False]


def test_a_segment_and_a_part_must_both_hold(cast: Cast, cohort: Cohort, builders: Segment):
    with pytest.raises(NobodyToTell):
        announce(cast, cohort, segment=builders, part="mentor")
    announce(cast, cohort, segment=builders, part="mentee")
    assert told(cast) == ["Pavel"]


def test_a_segment_is_asked_when_it_is_sent(cast: Cast, cohort: Cohort, builders: Segment):
    at = clock.now() + timedelta(hours=2)
    row = announce(cast, cohort, segment=builders, send_at=at)
    with tenant(cast.acme):
        assert row.chosen == [cast.pavel.pk]  # by which older code sends it
        update_member(member=cast.petra, by=None, department="Engineering")
        update_member(member=cast.pavel, by=None, department="Law")
        operations.send_due_announcements(at=at)
    assert told(cast) == ["Petra"]


def test_without_its_segment_it_goes_to_whom_that_meant(
    cast: Cast, cohort: Cohort, builders: Segment
):
    at = clock.now() + timedelta(hours=2)
    row = announce(cast, cohort, segment=builders, send_at=at)
    with tenant(cast.acme):
        update_member(member=cast.petra, by=None, department="Engineering")
        delete_segment(segment=builders, by=cast.olga)
    edit = reverse("programs:edit_announcement", args=["acme", row.pk])
    assert "To the 1 person you have chosen." in sign_in(cast.cora).get(edit).text
    with tenant(cast.acme):
        operations.send_due_announcements(at=at)
    assert told(cast) == ["Pavel"]


def test_a_waiting_one_is_taken_from_a_segment_to_all_and_back(
    cast: Cast, cohort: Cohort, builders: Segment
):
    row = announce(cast, cohort, segment=builders, send_at=clock.now() + timedelta(hours=2))
    edit, browser = reverse("programs:edit_announcement", args=["acme", row.pk]), sign_in(cast.cora)
    form = browser.get(edit).text
    assert f'<option value="{builders.pk}" selected>' in form
    assert "you have chosen" not in form
    at = (clock.now() + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    sent = {"title": "T", "text": "x", "send_at": at}
    for segment, chosen in (("", []), (str(builders.pk), [cast.pavel.pk])):
        assert browser.post(edit, {**sent, "segment": segment}).status_code == 302
        with tenant(cast.acme):
            row.refresh_from_db()
            assert (str(row.segment_id or ""), row.chosen) == (segment, chosen)


def test_a_segment_that_is_not_ours_or_gone_is_said_at_the_field(
    cast: Cast, cohort: Cohort, builders: Segment
):
    with tenant(cast.globex):
        wanted = PeopleFilter(level="L3")
        theirs = save_segment(name="Theirs", wanted=wanted, by=cast.gina)
    browser, here = sign_in(cast.cora), f"/o/acme/cohorts/{cohort.pk}/community/announce/"
    for segment in (theirs.pk, "x"):
        sent = {"title": "Kept", "text": "Hello", "segment": str(segment)}
        answer = browser.post(here, sent)
        assert (answer.status_code, 'href="#id_segment"' in answer.text) == (422, True)
        assert 'value="Kept"' in answer.text
    with tenant(cast.acme):
        delete_segment(segment=Segment.objects.get(pk=builders.pk), by=cast.olga)
    with pytest.raises(SegmentGone):  # deleted after the form was read
        announce(cast, cohort, segment=builders)
    assert told(cast) == []
