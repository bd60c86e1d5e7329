"""Which column fills which field: guesses for a person to confirm."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from programs.importing.fields import FIELDS, PERSON_FIELDS
from programs.importing.messages import Code, gettext_noop
from programs.importing.questions import PREFIX
from programs.importing.values import Part, Problem, fold

# Columns that fill no field by themselves, what a person calls them, and their headers.
HELPERS: dict[str, tuple[str, str]] = {
    "full_name": (
        gettext_noop("Full name"),
        "Full name|Name|Display name|Employee name|Person|Vollständiger Name|Mitarbeiter",
    ),
    "status": (
        gettext_noop("Status (who has left)"),
        "Employment status|Employee status|Status|Worker status|Beschäftigungsstatus",
    ),
}
LEAVER_WORDS = (
    "left, leaver, terminated, inactive, resigned, retired, former,"
    " ausgeschieden, ausgetreten, inaktiv, gekündigt"
)


@dataclass(frozen=True, slots=True)
class Options:
    """What a person says of the whole file beside its columns.

    `dates` is "dmy", "mdy" or "" for as the column itself shows; `part` is that of rows without
    one; `absent_leave`: who is not in the file has left.
    """

    dates: str = ""
    part: Part | None = None
    leaver_words: str = LEAVER_WORDS
    absent_leave: bool = False

    def says_left(self, status: str) -> bool:
        words = {fold(word) for word in self.leaver_words.split(",")} - {""}
        return fold(status[:200]) in words


UNSAID = Options()


def normalise(header: str) -> str:
    """Return the letters and digits of a header, without case, accents or written umlauts.

    "Führungskraft", "Fuehrungskraft" and "FUHRUNGSKRAFT" become equal.
    """
    plain = unicodedata.normalize("NFKD", header.casefold())
    word = "".join(character for character in plain if character.isalnum())
    return re.sub("([aou])e", r"\1", word)


SYNONYMS: dict[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(map(normalise, field.headers.split("|"))))
    for name, field in PERSON_FIELDS.items()
} | {
    name: tuple(dict.fromkeys(map(normalise, headers.split("|"))))
    for name, (_label, headers) in HELPERS.items()
}
COLUMNS: tuple[str, ...] = (*FIELDS, *HELPERS)


def guess_mapping(headers: Sequence[str]) -> dict[str, int | None]:
    """Return for each field the column that is most likely meant, or None.

    What stands in brackets in a header ("E-mail (work)") counts only if the whole is unknown.
    No column is guessed for two fields; a column that no field wants is ignored.
    """
    whole = [normalise(header) for header in headers]
    bare = [normalise(_without_brackets(header)) for header in headers]
    mapping: dict[str, int | None] = dict.fromkeys(COLUMNS)
    taken: set[int] = set()
    # All fields' best words are tried before any field's second best.
    for keys in (whole, bare):
        for rank in range(max(map(len, SYNONYMS.values()))):
            for name in COLUMNS:
                if mapping[name] is not None or rank >= len(SYNONYMS[name]):
                    continue
                for column, key in enumerate(keys):
                    if key and key == SYNONYMS[name][rank] and column not in taken:
                        mapping[name] = column
                        taken.add(column)
                        break
    if mapping["given_name"] is not None:  # beside "Vorname" stands "Name" for the family
        if mapping["family_name"] is None:
            mapping["family_name"] = mapping["full_name"]
        mapping["full_name"] = None
    return mapping


def remembered_mapping(
    headers: Sequence[str], before: Mapping[str, str], unused: Sequence[str]
) -> dict[str, int | None]:
    """Return the columns as they were confirmed last time, and guesses for what is new.

    `before` is the header of each field then, `unused` the headers that filled none.
    """
    columns = {normalise(header): at for at, header in reversed(list(enumerate(headers)))}
    kept = {
        name: columns[normalise(header)]
        for name, header in before.items()
        if normalise(header) in columns
    }
    taken = {*kept.values(), *(columns.get(normalise(header)) for header in unused)}
    guesses = guess_mapping(headers)
    for name in ("full_name", "given_name", "family_name"):
        if {"full_name", "given_name", "family_name"} & set(kept):
            guesses[name] = None
    new = {name: at for name, at in guesses.items() if at not in taken and name not in kept}
    return dict.fromkeys(COLUMNS) | new | kept


def _without_brackets(header: str) -> str:
    """Return a header without what stands in brackets, in one pass whatever it holds.

    A pattern from bracket to bracket looks for the end anew at each "(": twenty thousand of
    them took half a minute, in which the whole process stood still.
    """
    kept, depth = [], 0
    for character in header:
        depth += character in "(["
        if not depth:
            kept.append(character)
        depth = max(0, depth - (character in ")]"))
    return "".join(kept)


def mapping_problems(mapping: Mapping[str, int | None]) -> tuple[Problem, ...]:
    """Return what keeps a person's own choice of columns from being used."""
    problems: list[Problem] = []
    used: set[int] = set()
    if mapping.get("email") is None:
        problems.append(Problem("email", Code.MAPPING_NO_EMAIL))
    for name in (*COLUMNS, *(name for name in mapping if name.startswith(PREFIX))):
        column = mapping.get(name)
        if column is None:
            continue
        if column in used:
            problems.append(Problem(name, Code.MAPPING_COLUMN_TWICE))
        used.add(column)
    return tuple(problems)
