"""Notes belong to their author and the stated readers; the database sees to it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from core.accounts.operations.people import change_role
from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from feedback.models.check_ins import CheckIn, CheckInNote
from feedback.surveys.check_in import answer_check_in
from programs.operations.staff import name_coordinator, remove_coordinator
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import (
    AFTER_ONE_PERIOD,
    ANSWER,
    make_check_in,
    make_cohort,
    make_partnership,
)
from tests.programs.build import run_only

CANARY = "canary-in-a-note"
READERS = {
    "me": {"petra"},
    "partners": {"petra", "pavel"},
    "coordinator": {"petra", "cora"},
}


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(AFTER_ONE_PERIOD):
        yield


@pytest.fixture
def check_in(cast: Cast) -> CheckIn:
    seat, _ = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    return make_check_in(seat)


def answer(cast: Cast, check_in: CheckIn, readers: str, note: str = CANARY) -> None:
    with tenant(cast.acme):
        answer_check_in(check_in=check_in, by=cast.petra, note=note, readers=readers, **ANSWER)


def people(cast: Cast) -> dict[str, Member]:
    names = ("olga", "cora", "hugo", "petra", "pavel", "gustav", "gina", "greta")
    return {name: getattr(cast, name) for name in names}


@pytest.mark.parametrize("readers", READERS)
def test_only_the_stated_readers_find_a_note(cast: Cast, check_in: CheckIn, readers: str) -> None:
    answer(cast, check_in, readers)

    found = set()
    for name, member in people(cast).items():
        with tenant(cast.acme, member=member.pk), connection.cursor() as cursor:
            cursor.execute("SELECT text FROM feedback_checkinnote")
            if cursor.fetchall() == [(CANARY,)]:
                found.add(name)
    assert found == READERS[readers]


@pytest.mark.parametrize("readers", READERS)
def test_only_the_stated_readers_see_it_on_a_page(
    cast: Cast, check_in: CheckIn, readers: str
) -> None:
    answer(cast, check_in, readers)

    shown = {
        name
        for name, member in people(cast).items()
        if CANARY in sign_in(member).get(f"/o/{member.organisation.slug}/notes/").text
    }
    assert shown == READERS[readers]


def test_tasks_and_elsewhere_find_none(cast: Cast, check_in: CheckIn) -> None:
    answer(cast, check_in, "partners")

    with tenant(cast.acme):
        assert CheckInNote.objects.count() == 0
    with tenant(cast.globex, member=cast.petra.pk):
        assert CheckInNote.objects.count() == 0


def test_who_may_not_read_can_neither_change_nor_delete(cast: Cast, check_in: CheckIn) -> None:
    answer(cast, check_in, "me")

    with tenant(cast.acme, member=cast.cora.pk):
        assert CheckInNote.objects.update(readers=[cast.cora.pk]) == 0
    with tenant(cast.acme, member=cast.petra.pk):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM feedback_checkinnote")
        assert CheckInNote.objects.get().text == CANARY


def test_deleting_the_fact_deletes_the_words(cast: Cast, check_in: CheckIn) -> None:
    answer(cast, check_in, "partners")
    with tenant(cast.acme), connection.cursor() as cursor:
        cursor.execute("DELETE FROM feedback_checkin WHERE id = %s", [check_in.pk])
    with tenant(cast.acme, member=cast.petra.pk):
        assert CheckInNote.objects.count() == 0


def test_a_coordinator_of_other_programs_is_no_reader(cast: Cast, check_in: CheckIn) -> None:
    elsewhere = make_cohort(cast.acme, "Autumn").program
    carl = make_member(cast.acme, "Carl", Member.Role.COORDINATOR)
    with tenant(cast.acme):
        run_only(carl, elsewhere)
    answer(cast, check_in, "coordinator")

    found = {name: reads(cast, member) for name, member in (("Carl", carl), ("Cora", cast.cora))}
    assert found == {"Carl": False, "Cora": True}


def reads(cast: Cast, member: Member) -> bool:
    """Say whether the note is there for this person, in the database and on their page."""
    with tenant(cast.acme, member=member.pk):
        there = CheckInNote.objects.filter(text=CANARY).exists()
    page = sign_in(member).get("/o/acme/notes/")
    assert (CANARY in page.text) == there
    return there


def test_who_is_demoted_reads_no_more_and_who_follows_does(cast: Cast, check_in: CheckIn) -> None:
    answer(cast, check_in, "coordinator")
    program = check_in.seat.partnership.cohort.program
    follower = make_member(cast.acme, "Fola", Member.Role.COORDINATOR)
    with tenant(cast.acme):
        run_only(follower, make_cohort(cast.acme, "Winter").program)
    assert (reads(cast, cast.cora), reads(cast, follower)) == (True, False)

    with tenant(cast.acme):
        change_role(member=cast.cora, role=Member.Role.PARTICIPANT, by=cast.olga)
        name_coordinator(program=program, member=follower, by=cast.olga)
    assert (reads(cast, cast.cora), reads(cast, follower)) == (False, True)

    with tenant(cast.acme):
        remove_coordinator(program=program, member=follower, by=cast.olga)
    assert not reads(cast, follower)


def test_a_coordinator_at_the_same_table_is_not_my_coordinator(cast: Cast) -> None:
    seat, _other = make_partnership(make_cohort(cast.acme), cast.petra, cast.cora)
    check_in = make_check_in(seat)
    answer(cast, check_in, "coordinator")
    assert not reads(cast, cast.cora)
    page = sign_in(cast.petra).get(f"{check_in.get_absolute_url()}?change=yes")
    assert "My coordinator" in page.text
    assert "Cora" not in page.text.partition("My coordinator")[2].partition("</label>")[0]


def test_a_partner_who_joins_later_does_not_read_what_was_written_before(
    cast: Cast, check_in: CheckIn
) -> None:
    answer(cast, check_in, "partners")
    make_partnership(check_in.seat.partnership.cohort, cast.hugo, name="Circle Dee")
    with tenant(cast.acme, member=cast.hugo.pk):
        assert CheckInNote.objects.count() == 0


def test_only_the_person_who_was_asked_can_answer(cast: Cast, check_in: CheckIn) -> None:
    with tenant(cast.acme):
        for other in (cast.pavel, cast.cora, cast.olga):
            with pytest.raises(ValueError, match="who was asked"):
                answer_check_in(check_in=check_in, by=other, **ANSWER)
        for wrong in ({"mood": 0}, {"progress": 6}, {"blocker": "rain"}):
            with pytest.raises(ValueError, match="scale"):
                answer_check_in(check_in=check_in, by=cast.petra, **(ANSWER | wrong))
