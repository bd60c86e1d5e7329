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
    FILE_SPREADSHEET = (
        "file_spreadsheet",
        _("This is an old spreadsheet file. Save it as XLSX or CSV first."),
    )
    FILE_WORKBOOK_BROKEN = (
        "file_workbook_broken",
        _("This is not a workbook that can be read. Save it again as XLSX, or as CSV."),
    )
    FILE_UNPACKS_TOO_LARGE = (
        "file_unpacks_too_large",
        _("The workbook unpacks to more than %(limit_mb)s MB."),
    )
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
    FILE_HEADER_TOO_LONG = (
        "file_header_too_long",
        _("The first line must hold the names of the columns, of at most %(limit)s characters."),
    )
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
        _("Line %(line)s is about the same person of your organisation: %(known)s."),
    )
    CONFLICTING_IDENTITY = (
        "conflicting_identity",
        _("The employee ID belongs to %(known)s and the e-mail address to %(other)s."),
    )
    ID_OF_ANOTHER = (
        "id_of_another",
        _(
            "Employee ID %(id)s belongs to %(known)s. This line says %(row)s: neither the e-mail"
            " address nor the name agrees."
        ),
    )
    ADDRESS_HAS_OTHER_ID = (
        "address_has_other_id",
        _("The address belongs to %(known)s with employee ID %(id)s. This line says %(row)s."),
    )
    SIGN_IN_OF_ANOTHER = (
        "sign_in_of_another",
        _("With this address %(known)s signs in, who is here already. This line says %(row)s."),
    )
    HAS_LEFT = (
        "has_left",
        _("%(known)s has left. Say whether this is the same person, back again, or somebody else."),
    )
    EMAIL_TO_PROVE = (
        "email_to_prove",
        _(
            "%(known)s has joined already: the address changes once the person confirms it "
            "from the new one."
        ),
    )
    EMAIL_BY_HAND = (
        "email_by_hand",
        _(
            "%(known)s does more than take part, so no file changes their address: "
            "it is changed on their page."
        ),
    )
    NOT_IN_FILE = "not_in_file", _("Not in the file.")
    SAYS_LEFT = "says_left", _("The file says that this person has left.")
    LEFT_UNKNOWN = (
        "left_unknown",
        _("The file says that this person has left, and they are not here: left out."),
    )
    LEAVES_BY_HAND = (
        "leaves_by_hand",
        _("%(known)s has tasks here beside taking part: mark them as left on their own page."),
    )
    ID_ZEROS = (
        "id_zeros",
        _("%(id)s or %(other)s? Spreadsheets drop leading zeros; %(other)s of %(known)s was kept."),
    )
    ID_ZEROS_NEW = (
        "id_zeros_new",
        _("%(id)s or %(other)s? Spreadsheets drop leading zeros, and %(known)s has %(other)s."),
    )
    SAME_NAME = (
        "same_name",
        _("The same name as %(known)s: this may be one person with two addresses."),
    )
    REPEATS_LINE = "repeats_line", _("The same as line %(line)s.")

    CELLS_BEYOND_HEADER = (
        "cells_beyond_header",
        _("The row has %(count)s more cells than there are columns; they were left out."),
    )
    TEXT_TOO_LONG = "text_too_long", _("“%(text)s” is longer than %(limit)s characters.")
    DATE_AMBIGUOUS = (
        "date_ambiguous",
        _("“%(text)s” could be two different days. Say under “Columns” which comes first."),
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
    CHOICE_UNKNOWN = "choice_unknown", _("“%(text)s” is none of the choices of this question.")
    NUMBER_UNREADABLE = (
        "number_unreadable",
        _("“%(text)s” is not a whole number from %(lowest)s to %(highest)s."),
    )
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
    PERSON_UNKNOWN = (
        "person_unknown",
        _("Nobody in your organisation has this employee ID or e-mail address."),
    )
    RECORD_REPEATED = (
        "record_repeated",
        _("Line %(line)s is about the same person and day."),
    )
    DAY_MISSING = "day_missing", _("The day on which this was known is missing.")
    DAY_TO_COME = "day_to_come", _("“%(text)s” lies in the future.")
    STATUS_UNKNOWN = "status_unknown", _("“%(text)s” is neither employed nor left.")
    STILL_EMPLOYED = "still_employed", _("There is a last day, but the status says employed.")
    SATISFACTION_UNREADABLE = (
        "satisfaction_unreadable",
        _("“%(text)s” is not a number from 1 to 5."),
    )
    MAPPING_NO_PERSON = (
        "mapping_no_person",
        _("Choose the column that says whom a row is about: employee ID or e-mail address."),
    )
    MAPPING_NO_DAY = (
        "mapping_no_day",
        _("Choose the column with the day on which this was known, or give the day."),
    )
    MANAGER_SELF = "manager_self", _("This person is named as their own manager.")


def sentence(code: Code, params: Mapping[str, str | int]) -> str:
    return code.sentence % params


class UnreadableFile(Exception):
    """The whole file is refused; `code` and `params` say why."""

    def __init__(self, code: Code, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, str | int] = params

    def __str__(self) -> str:
        return sentence(self.code, self.params)
