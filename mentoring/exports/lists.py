"""Which lists there are as files, and the dictionary of all their columns."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.members.dictionary import meaning_of
from core.members.files import FileColumn
from core.members.links import absolute
from core.members.models import Member
from mentoring.resources import FILES
from metrics.exports import FIGURE_COLUMNS
from metrics.figures import DEFINITIONS

# HR records came from HR's own system: who brings them in reads them back by REST alone
WORDS: dict[str, Promise] = {
    "members": _("People"),
    "programs": _("Programs"),
    "cohorts": _("Cohorts"),
    "enrolments": _("Enrolments"),
    "partnerships": _("Partnerships"),
    "seats": _("Seats"),
    "sessions": _("Sessions"),
    "attendance": _("Attendance"),
    "turns": _("Turns"),
    "decisions": _("Decisions"),
    "goals": _("Goals"),
    "certificates": _("Certificates"),
    "check-ins": _("Check-ins"),
    "survey-results": _("Survey results"),
}
HEAD = ("list", "column", "figure", "type", "unit", "window", "meaning", "definition")
Line = tuple[str, ...]


def meanings_of(name: str, columns: list[FileColumn]) -> dict[str, str]:
    """Return what each column of a list means, with its unit."""
    found = {column.name: meaning_of(name, column.name) for column in columns}
    return {
        column: f"{meaning.words} ({meaning.unit})" if meaning.unit else meaning.words
        for column, meaning in found.items()
    }


def dictionary(member: Member, only: str = "") -> Iterator[Line]:
    """Yield a line for each column of each list, or of one; figures have one for each figure.

    In English, as the names are.
    """
    yield HEAD
    for name in WORDS:
        if only in ("", name):
            _rows, columns = FILES[name].file_for(member)
            for column in columns:
                meaning = meaning_of(name, column.name)
                yield name, column.name, "", column.kind, meaning.unit, "", meaning.words, ""
    if only in ("", "figures"):
        with translation.override("en"):
            yield from _of_figures(member)


def _of_figures(member: Member) -> Iterator[Line]:
    for column in FIGURE_COLUMNS:
        if column.name != "value":
            yield "figures", column.name, "", column.kind, column.unit, "", column.words, ""
    slug = member.organisation.slug
    for entry in DEFINITIONS:
        link = absolute(reverse("metrics:definition", args=[slug, entry.key]))
        said = f"{entry.name}: {entry.asks}"
        yield (
            *("figures", "value", entry.key, "number"),
            *(str(entry.unit), str(entry.window), said, link),
        )
