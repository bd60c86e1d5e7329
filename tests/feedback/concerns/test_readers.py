"""Who reads a concern: its reporter and the handlers of today, by code and by the database."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from core.members.models import Member
from core.tenancy.context import tenant
from feedback.concerns import operations, queries
from feedback.concerns.errors import NotYoursToHandle
from feedback.models.concerns import ConcernFile, ConcernHandler, ConcernText
from mentoring.people.proposals import agree_to_merge, propose_merge
from tests.cast import make_member, sign_in
from tests.feedback.build import make_partnership
from tests.feedback.concerns.build import CANARY, Desk


def readers(desk: Desk, file: ConcernFile) -> set[str]:
    """Return who reads the report; the pages' rule and the database's must agree."""
    found = set()
    with tenant(desk.cast.acme):
        people = list(Member.objects.live())
    for person in people:
        with tenant(desk.cast.acme, member=person.pk):
            by_rule = ConcernFile.objects.visible_to(person).filter(pk=file.pk).exists()
            rows = ConcernText.objects.filter(file=file)
            by_database = rows.exists()
        assert by_rule == by_database, person
        if by_rule:
            found.add(person.given_name)
    return found


def test_the_reporter_and_those_named_read_it_and_the_rest_do_not(desk: Desk) -> None:
    file = desk.raise_it()
    assert readers(desk, file) == {"Petra", "Cora", "Hanna"}
    assert desk.read_by(None, file) == []  # as tasks do
    assert desk.read_by(desk.cast.cora, file) == [f"{CANARY} report"]


def test_nothing_in_the_database_holds_the_words(desk: Desk) -> None:
    file = desk.raise_it()
    with tenant(desk.cast.acme, member=desk.cast.cora.pk):
        (text,) = ConcernText.objects.filter(file=file)
    assert CANARY not in text.sealed


INVOLVED: list[tuple[str, dict[str, Any], set[str]]] = [
    ("nobody", {"about": None}, {"Petra", "Cora", "Hanna"}),
    ("a handler", {"about": "cora"}, {"Petra", "Hanna"}),
    ("whom its reporter leaves out", {"left_out": "cora"}, {"Petra", "Hanna"}),
]


@pytest.mark.parametrize(("case", "facts", "wanted"), INVOLVED, ids=[row[0] for row in INVOLVED])
def test_who_is_in_it_never_reads_it(
    desk: Desk, case: str, facts: dict[str, Any], wanted: set[str]
) -> None:
    values: dict[str, Any] = dict(facts)
    if values.get("about"):
        values["about"] = desk.cast.cora
    if values.get("left_out"):
        values["left_out"] = [desk.cast.cora.pk]
    file = desk.raise_it(**values)
    assert readers(desk, file) == wanted, case
    first = desk.cast.cora if "Cora" in wanted else desk.hanna
    assert file.concern.handler_id == first.pk


def test_a_handler_does_not_handle_what_they_raise_or_what_their_partners_do(desk: Desk) -> None:
    cast = desk.cast
    seats = make_partnership(desk.partnership.cohort, cast.cora, cast.pavel, name="Circle Ash")
    about_the_circle = desk.raise_it(about=None, partnership=seats[0].partnership)
    assert readers(desk, about_the_circle) == {"Petra", "Hanna"}
    about_pavel = desk.raise_it()
    assert readers(desk, about_pavel) == {"Petra", "Hanna"}
    with tenant(cast.acme, member=cast.cora.pk):
        own = operations.raise_concern(
            by=cast.cora, topic="other", urgency="week", words="mine", about=None
        )
        assert [m.given_name for m in queries.handlers_of(own)] == ["Hanna"]
        with pytest.raises(NotYoursToHandle):
            operations.record_step(file=own, by=cast.cora, kind="listen", done_on=own.created_at)


def test_a_handler_who_becomes_the_accuseds_partner_reads_no_more(desk: Desk) -> None:
    file, cast = desk.raise_it(), desk.cast
    with tenant(cast.acme, member=cast.cora.pk):
        operations.answer_concern(file=file, by=cast.cora, words="I listen.")
    page = f"/o/acme/concerns/{file.pk}/"
    assert CANARY in sign_in(cast.cora).get(page).content.decode()
    make_partnership(desk.partnership.cohort, cast.cora, cast.pavel, name="Circle Elm")
    assert readers(desk, file) == {"Petra", "Hanna"}
    for below in ("", "step/", "close/"):
        assert sign_in(cast.cora).get(f"{page}{below}").status_code == 404
    with tenant(cast.acme, member=cast.cora.pk), pytest.raises(NotYoursToHandle):
        operations.answer_concern(file=file, by=cast.cora, words="Still me.")


def test_who_is_named_no_more_or_has_left_reads_no_more(desk: Desk) -> None:
    from core.accounts.operations.people import mark_left

    file, cast = desk.raise_it(), desk.cast
    with tenant(cast.acme):
        handler = ConcernHandler.objects.for_list().get(member=cast.cora)
        operations.remove_handler(by=cast.olga, handler=handler)
        mark_left(member=desk.hanna, by=cast.olga)
    assert readers(desk, file) == {"Petra"}
    with tenant(cast.acme):
        operations.name_handler(by=cast.olga, member=cast.hugo)
    assert readers(desk, file) == {"Petra", "Hugo"}


def test_handlers_of_a_program_read_that_programs_concerns_and_come_first(desk: Desk) -> None:
    cast = desk.cast
    prudence = make_member(cast.acme, "Prudence")
    with tenant(cast.acme):
        program = desk.partnership.cohort.program
        operations.name_handler(by=cast.olga, member=prudence, program=program)
    file = desk.raise_it()
    assert file.concern.handler_id == prudence.pk
    assert readers(desk, file) == {"Petra", "Prudence", "Cora", "Hanna"}
    elsewhere = desk.raise_it(about=None)
    assert readers(desk, elsewhere) == {"Petra", "Cora", "Hanna"}


def test_a_note_is_for_the_handlers_and_a_message_for_both_sides(desk: Desk) -> None:
    file, cast = desk.raise_it(), desk.cast
    with tenant(cast.acme, member=cast.cora.pk):
        today = file.concern.raised_on
        operations.record_step(
            file=file, by=cast.cora, kind="listen", done_on=today, note="my note"
        )
        operations.answer_concern(file=file, by=cast.cora, words="to you")
    with tenant(cast.acme, member=cast.petra.pk):
        operations.answer_concern(file=file, by=cast.petra, words="back")
    assert desk.read_by(cast.petra, file) == [f"{CANARY} report", "to you", "back"]
    assert desk.read_by(desk.hanna, file) == [f"{CANARY} report", "my note", "to you", "back"]


def test_after_resealing_the_old_key_is_needed_no_more(desk: Desk, settings: Any) -> None:
    old, new, cast = settings.SECRET_KEY, "n" * 50, desk.cast
    file = desk.raise_it()
    with tenant(cast.acme, member=cast.cora.pk):
        operations.record_step(
            file=file, by=cast.cora, kind="listen", done_on=file.concern.raised_on, note="noted"
        )
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = new, [old]
    call_command("reseal_concerns", stdout=StringIO())
    settings.SECRET_KEY_FALLBACKS = []
    assert desk.read_by(cast.cora, file) == [f"{CANARY} report", "noted"]
    assert desk.read_by(cast.petra, file) == [f"{CANARY} report"]


def test_whoever_turns_out_to_be_two_rows_reads_and_does_not_read_as_before(desk: Desk) -> None:
    cast = desk.cast
    file = desk.raise_it(about=None, left_out=[desk.hanna.pk])
    older = {}
    for name, goes in (("OldPetra", cast.petra), ("OldHanna", desk.hanna)):
        stays = older[name] = make_member(cast.acme, name)
        with tenant(cast.acme, member=cast.olga.pk):
            proposal = propose_merge(stays=stays, goes=goes, by=cast.olga)
            for person in (stays, goes):
                agree_to_merge(proposal=proposal, by=person)
    assert readers(desk, file) == {"OldPetra", "Cora"}
    with tenant(cast.acme, member=cast.cora.pk):
        file.refresh_from_db()
        operations.answer_concern(file=file, by=cast.cora, words="to you")
    assert desk.read_by(older["OldPetra"], file) == [f"{CANARY} report", "to you"]
    assert desk.read_by(older["OldHanna"], file) == []
