"""What an import can say to a person: codes, and one English sentence for each.

Pure: pages translate with `gettext(code.sentence) % params`. The marker below only has the
name that makemessages collects, so that the sentences reach the catalogue without Django here.
"""

from collections.abc import Mapping
from enum import StrEnum


def gettext_noop(text: str) -> str:
    """Return the text unchanged; its name marks it for translation."""
    return text


_ = gettext_noop


class Code(StrEnum):
    """Everything that can be wrong with a file, a mapping, a row or a cell, with its sentence."""

    sentence: str

    def __new__(cls, code: str, sentence: str = "") -> "Code":
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    FILE_TOO_LARGE = "file_too_large", _("The file is larger than %(limit_mb)s MB.")
    FILE_EMPTY = "file_empty", _("The file is empty.")
    FILE_SPREADSHEET = "file_spreadsheet", _("This is a spreadsheet file. Save it as CSV first.")
    FILE_NOT_TEXT = "file_not_text", _("This is not a text file, so it cannot be a CSV.")
    FILE_BROKEN_ENCODING = (
        "file_broken_encoding",
        _("Some characters of the file are damaged. Export it again as UTF-8."),
    )
    FILE_OPEN_QUOTE = "file_open_quote", _("A quotation mark opened on line %(line)s never closes.")
    FILE_CELL_TOO_LONG = (
        "file_cell_too_long",
        _("A cell on line %(line)s is far too long; a quotation mark may be missing."),
    )
    FILE_NO_HEADER = "file_no_header", _("The first line must hold the names of the columns.")
    FILE_NO_ROWS = "file_no_rows", _("There are no rows below the names of the columns.")
    FILE_TOO_MANY_ROWS = "file_too_many_rows", _("The file has more than %(limit)s rows.")
    FILE_TOO_MANY_COLUMNS = "file_too_many_columns", _("The file has more than %(limit)s columns.")

    MAPPING_COLUMN_TWICE = "mapping_column_twice", _("This column already fills another field.")
    MAPPING_NO_EMAIL = "mapping_no_email", _("Choose the column that holds the e-mail address.")

    EMAIL_MISSING = "email_missing", _("There is no e-mail address.")
    EMAIL_UNUSABLE = "email_unusable", _("“%(text)s” is not a usable e-mail address.")
    EMPLOYEE_ID_REPEATED = (
        "employee_id_repeated",
        _("Line %(line)s has the same employee ID but differs in other fields."),
    )
    EMAIL_REPEATED = (
        "email_repeated",
        _("Line %(line)s has the same e-mail address but differs in other fields."),
    )
    PERSON_REPEATED = (
        "person_repeated",
        _("Line %(line)s is about the same person of your organisation."),
    )
    CONFLICTING_IDENTITY = (
        "conflicting_identity",
        _("The employee ID belongs to one person and the e-mail address to another."),
    )
    REPEATS_LINE = "repeats_line", _("The same as line %(line)s.")

    CELLS_BEYOND_HEADER = (
        "cells_beyond_header",
        _("The row has %(count)s more cells than there are columns; they were left out."),
    )
    TEXT_TOO_LONG = "text_too_long", _("“%(text)s” is longer than %(limit)s characters.")
    DATE_AMBIGUOUS = (
        "date_ambiguous",
        _("“%(text)s” could be two different days. Write it as YYYY-MM-DD."),
    )
    DATE_IMPOSSIBLE = "date_impossible", _("“%(text)s” is not a day in the calendar.")
    DATE_UNREADABLE = "date_unreadable", _("“%(text)s” is not a date. Write it as YYYY-MM-DD.")
    COUNTRY_UNKNOWN = (
        "country_unknown",
        _("“%(text)s” is not a country. Use its name or two letters, as Germany or DE."),
    )
    TIME_ZONE_UNKNOWN = (
        "time_zone_unknown",
        _("“%(text)s” is not a time zone. Use a name like Europe/Berlin."),
    )
    LEVEL_UNREADABLE = "level_unreadable", _("“%(text)s” is not a level from 0 to %(limit)s.")
    PART_UNKNOWN = "part_unknown", _("“%(text)s” is not peer, mentor, mentee or both.")
    CAPACITY_UNREADABLE = (
        "capacity_unreadable",
        _("“%(text)s” is not a whole number from 0 to %(limit)s."),
    )
    SKILL_LEVEL = (
        "skill_level",
        _("“%(skill)s” was left out: its level must be from 1 to %(limit)s, not %(level)s."),
    )
    SKILL_REPEATED = (
        "skill_repeated",
        _("“%(skill)s” is given twice with different levels; the first was kept."),
    )
    SKILL_UNREADABLE = "skill_unreadable", _("“%(text)s” has no name of a skill.")
    AVAILABILITY_UNREADABLE = (
        "availability_unreadable",
        _("“%(text)s” is not a time in the week. Write it as Mon 09:00-11:00."),
    )
    MANAGER_UNKNOWN = (
        "manager_unknown",
        _("Nobody has the employee ID “%(text)s” that is given for the manager."),
    )
    MANAGER_SELF = "manager_self", _("This person is named as their own manager.")


def sentence(code: Code, params: Mapping[str, str | int]) -> str:
    return code.sentence % params
