"""What an import can say to a person: codes, and one English sentence for each.

Pure: pages translate with `gettext(SENTENCES[code]) % params`. The marker below only has the
name that makemessages collects, so that the sentences reach the catalogue without Django here.
"""

from collections.abc import Mapping
from enum import StrEnum


def gettext_noop(text: str) -> str:
    """Return the text unchanged; its name marks it for translation."""
    return text


class Code(StrEnum):
    """Everything that can be wrong with a file, a mapping, a row or a cell."""

    FILE_TOO_LARGE = "file_too_large"
    FILE_EMPTY = "file_empty"
    FILE_SPREADSHEET = "file_spreadsheet"
    FILE_NOT_TEXT = "file_not_text"
    FILE_BROKEN_ENCODING = "file_broken_encoding"
    FILE_OPEN_QUOTE = "file_open_quote"
    FILE_CELL_TOO_LONG = "file_cell_too_long"
    FILE_NO_HEADER = "file_no_header"
    FILE_NO_ROWS = "file_no_rows"
    FILE_TOO_MANY_ROWS = "file_too_many_rows"
    FILE_TOO_MANY_COLUMNS = "file_too_many_columns"

    MAPPING_COLUMN_TWICE = "mapping_column_twice"
    MAPPING_NO_EMAIL = "mapping_no_email"

    EMAIL_MISSING = "email_missing"
    EMAIL_UNUSABLE = "email_unusable"
    EMPLOYEE_ID_REPEATED = "employee_id_repeated"
    EMAIL_REPEATED = "email_repeated"
    PERSON_REPEATED = "person_repeated"
    CONFLICTING_IDENTITY = "conflicting_identity"
    REPEATS_LINE = "repeats_line"

    CELLS_BEYOND_HEADER = "cells_beyond_header"
    TEXT_TOO_LONG = "text_too_long"
    DATE_AMBIGUOUS = "date_ambiguous"
    DATE_IMPOSSIBLE = "date_impossible"
    DATE_UNREADABLE = "date_unreadable"
    COUNTRY_UNKNOWN = "country_unknown"
    TIME_ZONE_UNKNOWN = "time_zone_unknown"
    LEVEL_UNREADABLE = "level_unreadable"
    PART_UNKNOWN = "part_unknown"
    CAPACITY_UNREADABLE = "capacity_unreadable"
    SKILL_LEVEL = "skill_level"
    SKILL_REPEATED = "skill_repeated"
    SKILL_UNREADABLE = "skill_unreadable"
    AVAILABILITY_UNREADABLE = "availability_unreadable"
    MANAGER_UNKNOWN = "manager_unknown"
    MANAGER_SELF = "manager_self"


SENTENCES: dict[Code, str] = {
    Code.FILE_TOO_LARGE: gettext_noop("The file is larger than %(limit_mb)s MB."),
    Code.FILE_EMPTY: gettext_noop("The file is empty."),
    Code.FILE_SPREADSHEET: gettext_noop("This is a spreadsheet file. Save it as CSV first."),
    Code.FILE_NOT_TEXT: gettext_noop("This is not a text file, so it cannot be a CSV."),
    Code.FILE_BROKEN_ENCODING: gettext_noop(
        "Some characters of the file are damaged. Export it again as UTF-8."
    ),
    Code.FILE_OPEN_QUOTE: gettext_noop("A quotation mark opened on line %(line)s never closes."),
    Code.FILE_CELL_TOO_LONG: gettext_noop(
        "A cell on line %(line)s is far too long; a quotation mark may be missing."
    ),
    Code.FILE_NO_HEADER: gettext_noop("The first line must hold the names of the columns."),
    Code.FILE_NO_ROWS: gettext_noop("There are no rows below the names of the columns."),
    Code.FILE_TOO_MANY_ROWS: gettext_noop("The file has more than %(limit)s rows."),
    Code.FILE_TOO_MANY_COLUMNS: gettext_noop("The file has more than %(limit)s columns."),
    Code.MAPPING_COLUMN_TWICE: gettext_noop("This column already fills another field."),
    Code.MAPPING_NO_EMAIL: gettext_noop("Choose the column that holds the e-mail address."),
    Code.EMAIL_MISSING: gettext_noop("There is no e-mail address."),
    Code.EMAIL_UNUSABLE: gettext_noop("“%(text)s” is not a usable e-mail address."),
    Code.EMPLOYEE_ID_REPEATED: gettext_noop(
        "Line %(line)s has the same employee ID but differs in other fields."
    ),
    Code.EMAIL_REPEATED: gettext_noop(
        "Line %(line)s has the same e-mail address but differs in other fields."
    ),
    Code.PERSON_REPEATED: gettext_noop(
        "Line %(line)s is about the same person of your organisation."
    ),
    Code.CONFLICTING_IDENTITY: gettext_noop(
        "The employee ID belongs to one person and the e-mail address to another."
    ),
    Code.REPEATS_LINE: gettext_noop("The same as line %(line)s."),
    Code.CELLS_BEYOND_HEADER: gettext_noop(
        "The row has %(count)s more cells than there are columns; they were left out."
    ),
    Code.TEXT_TOO_LONG: gettext_noop("“%(text)s” is longer than %(limit)s characters."),
    Code.DATE_AMBIGUOUS: gettext_noop(
        "“%(text)s” could be two different days. Write it as YYYY-MM-DD."
    ),
    Code.DATE_IMPOSSIBLE: gettext_noop("“%(text)s” is not a day in the calendar."),
    Code.DATE_UNREADABLE: gettext_noop("“%(text)s” is not a date. Write it as YYYY-MM-DD."),
    Code.COUNTRY_UNKNOWN: gettext_noop(
        "“%(text)s” is not a country. Use its name or two letters, as Germany or DE."
    ),
    Code.TIME_ZONE_UNKNOWN: gettext_noop(
        "“%(text)s” is not a time zone. Use a name like Europe/Berlin."
    ),
    Code.LEVEL_UNREADABLE: gettext_noop("“%(text)s” is not a level from 0 to %(limit)s."),
    Code.PART_UNKNOWN: gettext_noop("“%(text)s” is not peer, mentor, mentee or both."),
    Code.CAPACITY_UNREADABLE: gettext_noop("“%(text)s” is not a whole number from 0 to %(limit)s."),
    Code.SKILL_LEVEL: gettext_noop(
        "“%(skill)s” was left out: its level must be from 1 to %(limit)s, not %(level)s."
    ),
    Code.SKILL_REPEATED: gettext_noop(
        "“%(skill)s” is given twice with different levels; the first was kept."
    ),
    Code.SKILL_UNREADABLE: gettext_noop("“%(text)s” has no name of a skill."),
    Code.AVAILABILITY_UNREADABLE: gettext_noop(
        "“%(text)s” is not a time in the week. Write it as Mon 09:00-11:00."
    ),
    Code.MANAGER_UNKNOWN: gettext_noop(
        "Nobody has the employee ID “%(text)s” that is given for the manager."
    ),
    Code.MANAGER_SELF: gettext_noop("This person is named as their own manager."),
}


def sentence(code: Code, params: Mapping[str, str | int]) -> str:
    """Return the English sentence for one code, filled in; pages use gettext instead."""
    return SENTENCES[code] % params
