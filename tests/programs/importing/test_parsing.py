from datetime import date
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.importing.fields import FIELDS, PERSON_FIELDS
from programs.importing.messages import Code
from programs.importing.parsing import (
    clean,
    parse_availability,
    parse_capacity,
    parse_country,
    parse_date,
    parse_email,
    parse_level,
    parse_line,
    parse_part,
    parse_skills,
    parse_text,
    parse_time_zone,
    parse_words,
    quoted,
)
from programs.importing.values import PersonValues, Reading, Skill, Slot


def codes(reading: Reading[object]) -> list[Code]:
    return [fault.code for fault in reading.faults]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("  UMA.JANSEN0@NORTHWIND.EXAMPLE ", "uma.jansen0@northwind.example"),
        ("a.b+c_d-e@mail.example.co.uk", "a.b+c_d-e@mail.example.co.uk"),
        ("o'brien@northwind.example", "o'brien@northwind.example"),
        ("\ufeffpasted@northwind.example\u200b", "pasted@northwind.example"),
        ("x@xn--mller-kva.example", "x@xn--mller-kva.example"),
    ],
)
def test_a_usable_address_is_trimmed_and_folded(text, address):
    assert parse_email(text) == Reading(address)


@pytest.mark.parametrize("text", ["", "   ", "\x00", "\u200b"])
def test_no_address_is_missing(text):
    assert codes(parse_email(text)) == [Code.EMAIL_MISSING]


@pytest.mark.parametrize(
    "text",
    [
        "a@b",
        "x@@northwind.example",
        "someone at northwind.example",
        "two words@northwind.example",
        "a@north wind.example",
        "a@northwind.example, b@northwind.example",
        "Uma <uma@northwind.example>",
        "@northwind.example",
        "uma@",
        "uma@.example",
        "uma@northwind..example",
        "uma@northwind.example.",
        "uma@-northwind.example",
        "uma@10.0.0.1",
        ".uma@northwind.example",
        "uma.@northwind.example",
        "um..a@northwind.example",
        "müller@northwind.example",
        "mar\u212a@northwind.example",  # the Kelvin sign, which folds to "k"
        "a" * 65 + "@northwind.example",
        "a@" + "b." * 130 + "example",
        "a@" + "b" * 64 + ".example",
    ],
)
def test_an_address_that_mail_cannot_reach_is_unusable(text):
    reading = parse_email(text)

    assert (reading.value, codes(reading)) == ("", [Code.EMAIL_UNUSABLE])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2012-02-14", date(2012, 2, 14)),
        (" 2020/5/7 ", date(2020, 5, 7)),
        ("2020.05.07", date(2020, 5, 7)),
        ("2020-05-07T00:00:00", date(2020, 5, 7)),
        ("2020-05-07 00:00:00.000", date(2020, 5, 7)),
        ("31.12.2019", date(2019, 12, 31)),
        ("25/12/2019", date(2019, 12, 25)),
        ("12/25/2019", date(2019, 12, 25)),
        ("13-1-2020", date(2020, 1, 13)),
        ("05.05.2019", date(2019, 5, 5)),  # the same day either way round
        ("29.02.2020", date(2020, 2, 29)),
    ],
)
def test_a_date_that_can_only_be_one_day_is_read(text, day):
    assert parse_date(text) == Reading(day)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03.04.2019", Code.DATE_AMBIGUOUS),
        ("3/4/2019", Code.DATE_AMBIGUOUS),
        ("12-11-2019", Code.DATE_AMBIGUOUS),
        ("31/02/2021", Code.DATE_IMPOSSIBLE),
        ("29.02.2021", Code.DATE_IMPOSSIBLE),
        ("2021-02-30", Code.DATE_IMPOSSIBLE),
        ("2021-13-01", Code.DATE_IMPOSSIBLE),
        ("13/13/2021", Code.DATE_IMPOSSIBLE),
        ("00.00.2021", Code.DATE_IMPOSSIBLE),
        ("0205-01-01", Code.DATE_IMPOSSIBLE),
        ("45123", Code.DATE_UNREADABLE),
        ("31.12.19", Code.DATE_UNREADABLE),
        ("2020-05/07", Code.DATE_UNREADABLE),
        ("2020-05-07 09:30", Code.DATE_UNREADABLE),
        ("last spring", Code.DATE_UNREADABLE),
        ("\u0662\u0660\u0662\u0660-\u0660\u0665-\u0660\u0667", Code.DATE_UNREADABLE),
    ],
)
def test_a_date_that_is_not_certain_stays_empty(text, code):
    reading = parse_date(text)

    assert (reading.value, codes(reading)) == (None, [code])


@given(
    first=st.integers(1, 12),
    second=st.integers(1, 12),
    year=st.integers(1900, 2100),
    separator=st.sampled_from("./-"),
    width=st.sampled_from([1, 2]),
)
def test_an_ambiguous_date_is_never_guessed(first, second, year, separator, width):
    text = f"{first:0{width}}{separator}{second:0{width}}{separator}{year}"

    reading = parse_date(text)

    if first == second:
        assert reading == Reading(date(year, first, second))
    else:
        assert (reading.value, codes(reading)) == (None, [Code.DATE_AMBIGUOUS])


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_iso_date_is_read(day):
    assert parse_date(day.isoformat()) == Reading(day)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Africa/Johannesburg", "Africa/Johannesburg"),
        (" europe/berlin ", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("UTC", "UTC"),
    ],
)
def test_a_time_zone_is_read_in_its_own_spelling(text, zone):
    assert parse_time_zone(text) == Reading(zone)


@pytest.mark.parametrize("text", ["GMT+2", "Mars/Olympus", "CET/CEST", "+02:00", "Factory"])
def test_what_is_no_place_is_no_time_zone(text):
    reading = parse_time_zone(text)

    assert (reading.value, codes(reading)) == ("", [Code.TIME_ZONE_UNKNOWN])


def test_every_place_of_the_zone_database_is_known():
    for name in available_timezones() - {"Factory", "localtime"}:
        assert parse_time_zone(name) == Reading(name)


@pytest.mark.parametrize(
    ("text", "level"), [("3", 3), ("0", 0), ("20", 20), ("L5", 5), ("Grade 7", 7), ("4.0", 4)]
)
def test_a_level_is_read(text, level):
    assert parse_level(text) == Reading(level)


@pytest.mark.parametrize("text", ["21", "-1", "IC4", "M2", "Senior", "3.5", "3-4"])
def test_another_ladder_is_no_level(text):
    reading = parse_level(text)

    assert (reading.value, codes(reading)) == (None, [Code.LEVEL_UNREADABLE])


@pytest.mark.parametrize(("text", "room"), [("0", 0), ("3", 3), ("20", 20), ("2.0", 2)])
def test_a_capacity_is_read(text, room):
    assert parse_capacity(text) == Reading(room)


@pytest.mark.parametrize("text", ["-1", "21", "1.5", "two", "٣", "9" * 5000])
def test_what_is_no_room_for_people_is_no_capacity(text):
    reading = parse_capacity(text)

    assert (reading.value, codes(reading)) == (None, [Code.CAPACITY_UNREADABLE])


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("peer", "peer"),
        (" Mentor ", "mentor"),
        ("Mentorin", "mentor"),
        ("MENTEE", "mentee"),
        ("both", "both"),
        ("Mentor  and Mentee", "both"),
        ("beides", "both"),
    ],
)
def test_a_part_is_read(text, part):
    assert parse_part(text) == Reading(part)


def test_another_word_is_no_part():
    reading = parse_part("sponsor")

    assert (reading.value, codes(reading)) == (None, [Code.PART_UNKNOWN])


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("Facilitation (4); Listening (3)", (Skill("Facilitation", 4), Skill("Listening", 3))),
        ("coaching; time  management", (Skill("coaching"), Skill("time management"))),
        ("coaching, negotiation (2)", (Skill("coaching"), Skill("negotiation", 2))),
        ("planning, budgets; coaching", (Skill("planning, budgets"), Skill("coaching"))),
        ("coaching: 5\nnegotiation( 1 )", (Skill("coaching", 5), Skill("negotiation", 1))),
        ("Python (the language) (3)", (Skill("Python (the language)", 3),)),
        ("coaching (3); COACHING (3);", (Skill("coaching", 3),)),
        (" ; ;", ()),
    ],
)
def test_skills_are_read(text, skills):
    assert parse_skills(text) == Reading(skills)


@pytest.mark.parametrize("level", ["9", "0", "6", "-1", "+3", "4.5", "4/5", "10"])
def test_a_skill_with_a_level_off_the_scale_is_left_out_and_named(level):
    reading = parse_skills(f"facilitation (5); FACILITATION ({level})")

    assert reading.value == (Skill("facilitation", 5),)
    assert codes(reading) == [Code.SKILL_LEVEL]
    assert reading.faults[0].params == {"skill": "FACILITATION", "level": level, "limit": 5}


def test_a_skill_with_two_levels_keeps_the_first_and_is_named():
    reading = parse_skills("coaching (2); Coaching (4)")

    assert reading.value == (Skill("coaching", 2),)
    assert codes(reading) == [Code.SKILL_REPEATED]


def test_a_level_without_a_skill_is_named():
    reading = parse_skills("(4); coaching")

    assert (reading.value, codes(reading)) == ((Skill("coaching"),), [Code.SKILL_UNREADABLE])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("en;hi;mr", ("en", "hi", "mr")),
        ("music, chess, Music", ("music", "chess")),
        ("board games|open source", ("board games", "open source")),
        ("one\r\ntwo", ("one", "two")),
        ("", ()),
    ],
)
def test_words_are_read_once_each(text, words):
    assert parse_words(text) == Reading(words)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("Fri 09:00-11:00; Mon 14:00-15:30", (Slot(0, 840, 930), Slot(4, 540, 660))),
        ("Mo 9-11", (Slot(0, 540, 660),)),
        ("donnerstag 09.30 \u2013 10.00", (Slot(3, 570, 600),)),
        ("Sun 22:00-24:00", (Slot(6, 1320, 1440),)),
        ("Mon 12:00-14:00;Mon 13:00-15:00;Mon 15:00-16:00", (Slot(0, 720, 960),)),
        ("", ()),
    ],
)
def test_free_times_are_read_in_week_order_and_joined(text, slots):
    assert parse_availability(text) == Reading(slots)


@pytest.mark.parametrize(
    "item",
    [
        "Mon",
        "Mon 9am-11am",
        "Fun 09:00-11:00",
        "Mon 11:00-09:00",
        "Mon 09:00-09:00",
        "Mon 09:00-25:00",
        "Mon 09:75-11:00",
        "09:00-11:00",
        "Mon 23:00-24:01",
    ],
)
def test_a_time_that_is_not_in_a_week_is_named_and_the_others_stay(item):
    reading = parse_availability(f"{item}; Tue 08:00-10:00")

    assert reading.value == (Slot(1, 480, 600),)
    assert codes(reading) == [Code.AVAILABILITY_UNREADABLE]
    assert reading.faults[0].params == {"text": item}


def test_a_line_has_single_spaces_and_a_text_keeps_its_breaks():
    assert parse_line(" a \r\n b\t c ") == Reading("a b c")
    assert parse_text(" first,\r\nthen \x07decide ") == Reading("first,\nthen decide")


def test_two_ways_to_write_an_accent_are_one_text():
    assert clean("Zoe\u0308") == clean("Zo\u00eb") == "Zo\u00eb"


@pytest.mark.parametrize("name", [name for name in FIELDS if name != "email"])
def test_an_empty_cell_is_empty_and_no_fault(name):
    assert PERSON_FIELDS[name].parse(" ") == Reading(getattr(PersonValues(), name))


@pytest.mark.parametrize("name", FIELDS)
def test_a_megabyte_in_one_cell_is_a_fault_and_never_a_value(name):
    reading = PERSON_FIELDS[name].parse("x" * 1_000_000)

    assert reading.value == getattr(PersonValues(), name)
    assert len(reading.faults) == 1


def test_a_quotation_in_a_message_is_short():
    assert quoted("ab\ncd") == "ab cd"
    assert len(quoted("x" * 1_000)) == 60


@pytest.mark.parametrize("name", FIELDS)
@given(text=st.text())
def test_a_parser_reads_anything_and_never_raises(name, text):
    reading = PERSON_FIELDS[name].parse(text)

    assert type(reading) is Reading


@pytest.mark.parametrize(
    ("text", "code"),
    [("DE", "DE"), ("germany", "DE"), (" Deutschland ", "DE"), ("UK", "GB"), ("", "")],
)
def test_a_country_is_read_by_code_and_by_name(text, code):
    assert parse_country(text) == Reading(code)


def test_what_is_no_country_is_named():
    reading = parse_country("Atlantis")
    assert reading.value == ""
    assert codes(reading) == [Code.COUNTRY_UNKNOWN]
