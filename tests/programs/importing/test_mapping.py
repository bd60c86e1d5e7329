import itertools
import random
from dataclasses import fields

import pytest

from programs.importing.fields import FIELDS
from programs.importing.mapping import COLUMNS, SYNONYMS, guess_mapping, mapping_problems, normalise
from programs.importing.messages import Code
from programs.importing.values import PersonValues

ENGLISH = [
    "Employee ID",
    "First Name",
    "Last Name",
    "Work Email",
    "Department",
    "Team",
    "Job Title",
    "Grade",
    "Location",
    "Country",
    "Time Zone",
    "Languages",
    "Manager ID",
    "Hire Date",
    "Role in programme",
    "Skills offered",
    "Skills sought",
    "Development goal",
    "Interests",
    "Availability",
    "Max mentees",
    "Cost Centre",
]
GERMAN = [
    "Personalnummer",
    "Vorname",
    "Nachname",
    "E-Mail-Adresse",
    "Abteilung",
    "Gruppe",
    "Stellenbezeichnung",
    "Stufe",
    "Standort",
    "Land",
    "Zeitzone",
    "Sprachen",
    "Führungskraft",
    "Eintrittsdatum",
    "Rolle",
    "Angebotene Fähigkeiten",
    "Gesuchte Fähigkeiten",
    "Entwicklungsziel",
    "Interessen",
    "Verfügbarkeit",
    "Kapazität",
    "Kostenstelle",
]
IN_FILE_ORDER = [
    "employee_id",
    "given_name",
    "family_name",
    "email",
    "department",
    "team",
    "job_title",
    "level",
    "location",
    "country",
    "time_zone",
    "languages",
    "manager",
    "hired_on",
    "part",
    "skills_offered",
    "skills_sought",
    "goal",
    "interests",
    "availability",
    "capacity",
]


@pytest.mark.parametrize("headers", [ENGLISH, GERMAN])
def test_an_export_of_an_hr_system_is_mapped_whole(headers):
    mapping = guess_mapping(headers)

    used = {name: column for name, column in mapping.items() if column is not None}
    assert used == {name: column for column, name in enumerate(IN_FILE_ORDER)}


@pytest.mark.parametrize("headers", [ENGLISH, GERMAN])
def test_the_order_of_columns_does_not_matter(headers):
    shuffled = list(headers)
    random.Random(7).shuffle(shuffled)

    mapping = guess_mapping(shuffled)

    found = {name: shuffled[column] for name, column in mapping.items() if column is not None}
    assert found == dict(zip(IN_FILE_ORDER, headers[:-1], strict=True))


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("e-mail", "email"),
        ("E_MAIL *", "email"),
        ("Email (work)", "email"),
        ("FIRST   NAME", "given_name"),
        ("firstName", "given_name"),
        ("Fuehrungskraft", "manager"),
        ("FÜHRUNGSKRAFT", "manager"),
        ("Fu\u0308hrungskraft", "manager"),
        ("Verfuegbarkeit", "availability"),
        ("Büro", "location"),
        ("time_zone", "time_zone"),
        ("Timezone", "time_zone"),
    ],
)
def test_spelling_does_not_matter(header, field):
    assert guess_mapping([header])[field] == 0


@pytest.mark.parametrize("header", ["", "Cost Centre", "Manager e-mail", "Emails sent", "名前"])
def test_an_unknown_header_is_ignored(header):
    assert set(guess_mapping([header]).values()) == {None}


def test_the_better_word_wins_wherever_it_stands():
    assert guess_mapping(["E-Mail", "Work Email"])["email"] == 1
    assert guess_mapping(["Manager", "Manager ID"])["manager"] == 1
    assert guess_mapping(["Email", "email"])["email"] == 0


def test_every_field_has_words_and_no_word_means_two_fields():
    values = tuple(field.name for field in fields(PersonValues))
    assert (tuple(SYNONYMS), (*FIELDS, "answers")) == (COLUMNS, values)
    for one, other in itertools.combinations(COLUMNS, 2):
        assert not set(SYNONYMS[one]) & set(SYNONYMS[other])
    assert all(word == normalise(word) for words in SYNONYMS.values() for word in words)


def test_a_chosen_mapping_is_checked():
    problems = mapping_problems({"given_name": 1, "family_name": 1})

    assert [(each.field, each.code) for each in problems] == [
        ("email", Code.MAPPING_NO_EMAIL),
        ("family_name", Code.MAPPING_COLUMN_TWICE),
    ]
    assert mapping_problems({"email": 0, "team": None}) == ()
