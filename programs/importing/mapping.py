"""Which column fills which field: guesses for a person to confirm."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from programs.importing.fields import FIELDS, PERSON_FIELDS
from programs.importing.messages import Code
from programs.importing.values import Problem


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
}


def guess_mapping(headers: Sequence[str]) -> dict[str, int | None]:
    """Return for each field the column that is most likely meant, or None.

    What stands in brackets in a header ("E-mail (work)") counts only if the whole is unknown.
    No column is guessed for two fields; a column that no field wants is ignored.
    """
    whole = [normalise(header) for header in headers]
    bare = [normalise(re.sub(r"[(\[].*?[)\]]", "", header)) for header in headers]
    mapping: dict[str, int | None] = dict.fromkeys(FIELDS)
    taken: set[int] = set()
    # All fields' best words are tried before any field's second best.
    for keys in (whole, bare):
        for rank in range(max(map(len, SYNONYMS.values()))):
            for name in FIELDS:
                if mapping[name] is not None or rank >= len(SYNONYMS[name]):
                    continue
                for column, key in enumerate(keys):
                    if key and key == SYNONYMS[name][rank] and column not in taken:
                        mapping[name] = column
                        taken.add(column)
                        break
    return mapping


def mapping_problems(mapping: Mapping[str, int | None]) -> tuple[Problem, ...]:
    """Return what keeps a person's own choice of columns from being used."""
    problems: list[Problem] = []
    used: set[int] = set()
    if mapping.get("email") is None:
        problems.append(Problem("email", Code.MAPPING_NO_EMAIL))
    for name in FIELDS:
        column = mapping.get(name)
        if column is None:
            continue
        if column in used:
            problems.append(Problem(name, Code.MAPPING_COLUMN_TWICE))
        used.add(column)
    return tuple(problems)
