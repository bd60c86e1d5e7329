"""Names: one line, no marks that hide or turn letters, and always something to greet by."""

from __future__ import annotations

import pytest

from core.accounts.operations import people
from core.accounts.operations.work_facts import NewMember, enter_members, update_work_facts
from core.common.names import clean_name, name_parts
from core.members.models import Member
from core.tenancy.context import tenant
from tests.cast import Cast

TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
HIDES = "\x00\x1b\x7f\u00ad\u200b\ufeff\u2060"


@pytest.mark.parametrize("mark", [*TURNS, *HIDES])
def test_what_hides_or_turns_is_taken_out(mark: str):
    assert clean_name(f"Ann{mark}a") == "Anna"


@pytest.mark.parametrize(
    "name", ["O’Brien-Søren", "محمد", "मैत्री", "นภา", "김민수", "👩🏽\u200d🚀", "نیم\u200cفاصله"]
)
def test_letters_of_every_script_stay(name: str):
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("given", "family", "parts"),
    [
        ("Ann", "Lee", ("Ann", "Lee")),
        ("", "Petrov", ("Petrov", "")),
        ("\u202e ", "Petrov", ("Petrov", "")),
        ("", "", ("x.y", "")),
        ("A" * 200, "B", ("A" * 150, "B")),
        (" Ann\n Lee ", "", ("Ann Lee", "")),
    ],
)
def test_there_is_always_a_name_to_greet_by(given: str, family: str, parts: tuple[str, str]):
    assert name_parts(given, family, email="x.y@z.example") == parts


def test_whatever_writes_a_name_cleans_it(cast: Cast):
    with tenant(cast.acme):
        one = people.add_member(
            email="a@x.example", given_name="\u202e", family_name="Ro\u202esa", by=cast.cora
        )
        (two,) = enter_members(
            people=[NewMember(email="b@x.example", given_name="", family_name="Ito")], by=cast.cora
        )
        three = people.update_member(member=cast.petra, by=cast.cora, given_name="Pe\u200btra")
        update_work_facts(changes={cast.pavel: {"given_name": ""}}, by=cast.cora)
        four = Member.objects.get(pk=cast.pavel.pk)
    assert [(m.given_name, m.family_name) for m in (one, two, three, four)] == [
        ("Rosa", ""),
        ("Ito", ""),
        ("Petra", "Acme"),
        ("Acme", ""),
    ]
