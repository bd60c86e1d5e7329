"""The journal: its author alone reads it, it asks after a session, what is deleted is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from core.audit.models import AuditEvent
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.journal import operations
from feedback.journal.prompts import PROMPTS, prompt_of, words_of
from feedback.journal.queries import entries_of, prompt_for, to_reflect_on
from feedback.models.journal import JournalEntry
from mentoring.privacy.erasing import erase_member
from mentoring.privacy.export import data_of
from pairing.errors import NotTheirs
from pairing.models.partnerships import Seat
from programs.models.parts import MeetingRole
from sessions.models.sessions import Attendance, Session, Turn
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import OPENS, make_cohort, make_held_session, make_partnership, noon

WORDS = "canary: I held back, and they spoke."
NOW = noon(OPENS) + timedelta(hours=3)


@pytest.fixture
def seats(cast: Cast) -> list[Seat]:
    with time_machine.travel(NOW, tick=False):
        mia = make_member(cast.acme, "Mia")
        yield make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel, mia)


@pytest.fixture
def session(cast: Cast, seats: list[Seat]) -> Session:
    """Petra and Pavel met; Mia was not there."""
    held = make_held_session(*seats[:2])
    with tenant(cast.acme):
        Attendance.objects.create(session=held, seat=seats[2], kind=Attendance.Kind.ABSENT)
        return Session.objects.select_related("organisation", "partnership").get(pk=held.pk)


def write(cast: Cast, session: Session | None = None, text: str = WORDS) -> JournalEntry:
    with tenant(cast.acme):
        return operations.write_entry(by=cast.petra, text=text, session=session)


def about(session: Session) -> str:
    return reverse("feedback:session_journal", args=["acme", session.pk])


@pytest.mark.slow
def test_home_and_the_session_ask_and_what_was_written_stands_in_ones_own_journal_alone(
    cast: Cast, session: Session
):
    browser = sign_in(cast.petra)
    for path in ["/o/acme/", session.get_absolute_url(), "/o/acme/journal/"]:
        assert about(session) in browser.get(path).text, path
    question = words_of("came-2")
    assert question in browser.get(about(session)).text
    answer = browser.post(about(session), {"text": WORDS}, follow=True)
    assert WORDS in answer.text
    assert question in answer.text
    assert about(session) not in browser.get("/o/acme/").text  # asked once
    with tenant(cast.acme, member=cast.petra.pk):
        entry = JournalEntry.objects.get()
    for other in [cast.pavel, cast.cora, cast.olga, cast.hugo]:
        for path in ["/o/acme/journal/", "/o/acme/journal/journal.md", "/o/acme/"]:
            assert WORDS not in sign_in(other).get(path).text
        assert sign_in(other).get(f"/o/acme/journal/{entry.pk}/").status_code == 404
        with tenant(cast.acme, member=other.pk):
            assert not JournalEntry.objects.exists()  # the database says so, whatever is asked
    with tenant(cast.acme):
        assert not JournalEntry.objects.exists()
        assert not Email.objects.filter(context__icontains="canary").exists()
        assert not AuditEvent.objects.filter(verb__startswith="journal").exists()


def test_who_was_not_there_is_not_asked_and_writes_nothing_about_it(cast: Cast, session: Session):
    with tenant(cast.acme):
        mia = Member.objects.get(given_name="Mia")
    browser = sign_in(mia)
    assert about(session) not in browser.get("/o/acme/").text
    assert about(session) not in browser.get(session.get_absolute_url()).text
    assert browser.post(about(session), {"text": WORDS}).status_code == 404
    with tenant(cast.acme), pytest.raises(NotTheirs):
        operations.write_entry(by=mia, text=WORDS, session=session)


def test_the_question_follows_the_role_and_changes_each_time(
    cast: Cast, seats: list[Seat], session: Session
):
    with tenant(cast.acme):
        program = seats[0].partnership.cohort.program
        roles = [
            MeetingRole.objects.create(
                program=program, key=key, name=key, priority=place, leads=key == "facilitator"
            )
            for place, key in enumerate(["facilitator", "timekeeper"])
        ]
        for role, seat in zip(roles, seats, strict=False):
            Turn.objects.create(session=session, role=role, seat=seat, reason="never_led")
        kinds = [prompt_for(session, member) for member in (cast.petra, cast.pavel)]
        assert kinds == ["led-2", "held-2"]
    for kind, questions in PROMPTS.items():
        asked = {words_of(prompt_of(kind, number)) for number in range(1, len(questions) + 1)}
        assert asked == {str(question) for question in questions}
    assert words_of("led-99") == words_of("") == words_of("other-1") == ""


def test_home_asks_for_seven_days(cast: Cast, session: Session):
    with tenant(cast.acme, member=cast.petra.pk):
        assert to_reflect_on(cast.petra, at=NOW + timedelta(days=6)) == session
        assert to_reflect_on(cast.petra, at=NOW + timedelta(days=7)) is None


def test_an_entry_is_changed_found_and_deleted_and_nothing_of_it_is_left(
    cast: Cast, session: Session
):
    entry, free = write(cast, session), write(cast, text="A free thought.")
    browser = sign_in(cast.petra)
    page = f"/o/acme/journal/{entry.pk}/"
    browser.post(page, {"text": "Other words."})
    assert browser.post(page, {"text": " "}).status_code == 422
    listed = browser.get("/o/acme/journal/", {"q": "OTHER"}).text
    assert "Other words." in listed
    assert "A free thought." not in listed
    assert "No entry has these words." in browser.get("/o/acme/journal/?q=nowhere").text
    assert "Other words." in browser.get(f"{page}delete/").text
    browser.post(f"{page}delete/")
    for path in ["/o/acme/journal/", "/o/acme/journal/journal.md"]:
        text = browser.get(path).text
        assert "Other words." not in text
        assert free.text in text
    assert browser.get(page).status_code == 404
    assert about(session) not in browser.get("/o/acme/").text  # thought about, so not asked again
    browser.post(about(session), {"text": "After all."})
    with tenant(cast.acme, member=cast.petra.pk):
        assert {row.text for row in entries_of(cast.petra)} == {"After all.", "A free thought."}


def test_nobody_else_changes_or_deletes_it(cast: Cast, session: Session):
    entry = write(cast, session)
    for other in [cast.pavel, cast.cora]:
        with tenant(cast.acme), pytest.raises(NotTheirs):
            operations.change_entry(entry=entry, by=other, text="Not theirs.")
        with tenant(cast.acme), pytest.raises(NotTheirs):
            operations.delete_entry(entry=entry, by=other)
        assert sign_in(other).post(f"/o/acme/journal/{entry.pk}/delete/").status_code == 404


def test_its_author_exports_it(cast: Cast, session: Session):
    write(cast, session)
    browser = sign_in(cast.petra)
    answer = browser.get("/o/acme/journal/journal.md")
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.text.startswith("# My journal\n")
    assert WORDS in answer.text
    assert f"*{words_of('came-2')}*" in answer.text
    for member, number in [(cast.petra, 1), (cast.pavel, 0)]:
        with tenant(cast.acme, member=member.pk):
            assert len(data_of(member).get("feedback_journalentry", [])) == number


def test_an_erasure_empties_it(cast: Cast, session: Session):
    write(cast, session)
    with tenant(cast.acme):
        erase_member(member=cast.petra, by=cast.olga)
    with tenant(cast.acme, member=cast.petra.pk):
        assert [row.text for row in JournalEntry.objects.all()] == ["(erased)"]
