"""What each table says of the people in it: who is given it, what goes with them, and when.

Every tenant model declares a Privacy; mentoring/privacy reads it for the personal export, for
erasure and for the data map in docs/privacy.md, and a guard names the model that has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Keep(StrEnum):
    """How long the words of a table stay.  Facts without words stay with the organisation."""

    PERSON = "until the person is erased"
    PARTNERSHIP = "until the last of its partners is erased"
    ORGANISATION = "as long as the organisation"
    DAYS = "some days, by a setting of the installation"


@dataclass(frozen=True)
class Privacy:
    """How the rows of one table are exported, erased and kept.

    `export` are the paths from a row to the Member who is given it in a personal export, and
    `about` those whose erasure concerns it, where these are others.  Of their rows the columns
    `erase` are emptied, or with `rows` the whole rows go.  `quotes` are columns that may hold a
    person's name or e-mail wherever they stand: there a pseudonym takes its place.  `shared` are
    words that partners own together (`partnership` leads to it): they go with the last of them.
    `sealed` columns are in no export.
    """

    keep: Keep
    export: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    erase: tuple[str, ...] = ()
    rows: bool = False
    quotes: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    partnership: str = ""
    sealed: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """The paths to those whose erasure concerns a row."""
        return self.about or self.export

    @property
    def is_personal(self) -> bool:
        return bool(self.people)
