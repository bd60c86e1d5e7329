"""Lists that their address narrows and orders: one way, and the same names, on every page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

LONGEST = 200
LONGEST_SEARCH = 100
MOST_WORDS = 5


@dataclass(frozen=True)
class Chip:
    """One value that a list can be narrowed to, and how many rows it then has."""

    label: str
    n: int
    url: str
    current: bool


@dataclass(frozen=True)
class Column:
    """The head of a column that orders the list: the second click turns the order."""

    label: str
    url: str
    direction: str


@dataclass(frozen=True)
class ListFilter:
    """What of a list is wanted.

    It lives in the URL; the export, "more", and acts on all that match take the same.
    CHOICES names the values that a field can have where these are few; ORDERS what the list can be
    ordered by, the first being the order of the whole list, and PATHS where that is not a column
    of the row itself.
    """

    CHOICES: ClassVar[Mapping[str, Collection[str]]] = {}
    ORDERS: ClassVar[Sequence[str]] = ("-id",)
    PATHS: ClassVar[Mapping[str, str]] = {}

    q: str = ""
    order: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Return the filter that a URL asks for; what it cannot mean is left out."""
        values = {
            field.name: query.get(field.name, "").replace("\x00", "").strip()[:LONGEST]
            for field in fields(cls)
        }
        for name, known in cls.CHOICES.items():
            values[name] = values[name] if values[name] in known else ""
        columns = {way.lstrip("-") for way in cls.ORDERS}
        order = values["order"] if values["order"].lstrip("-") in columns else ""
        values["order"] = "" if order == cls.ORDERS[0] else order
        values["q"] = values["q"][:LONGEST_SEARCH]
        return cls(**values)

    @property
    def ordering(self) -> str:
        return self.order or self.ORDERS[0]

    @property
    def path(self) -> str:
        """Return what `page` orders by."""
        sign, name = ("-" if self.ordering.startswith("-") else ""), self.ordering.lstrip("-")
        return f"{sign}{self.PATHS.get(name, name)}"

    @property
    def order_by(self) -> tuple[str, str]:
        """Return the whole order, as `page` keeps it too: ties by id, in the same direction."""
        return self.path, "-id" if self.path.startswith("-") else "id"

    @property
    def parts(self) -> dict[str, str]:
        """Return what this says that the whole list does not, by the names of the URL."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def is_narrow(self) -> bool:
        return bool(set(self.parts) - {"order"})

    def url(self, *, after: str = "", **changes: str) -> str:
        parts = replace(self, **changes).parts
        return "?" + urlencode({**parts, "after": after} if after else parts)

    def column(self, name: str, label: str) -> Column:
        up, down = self.ordering == name, self.ordering == f"-{name}"
        turned = f"-{name}" if up else name
        return Column(
            label,
            self.url(order="" if turned == self.ORDERS[0] else turned),
            "ascending" if up else "descending" if down else "",
        )

    def chips(
        self, name: str, values: Iterable[tuple[str, object, int]], *, total: int
    ) -> list[Chip]:
        """Return all, then each value that some row has: value, words and number of its rows."""
        chosen = getattr(self, name)
        return [Chip(_("All"), total, self.url(**{name: ""}), not chosen)] + [
            Chip(str(words), n, self.url(**{name: value}), chosen == value)
            for value, words, n in values
            if n or chosen == value
        ]


def chips_of(
    rows: QuerySet[Any], wanted: ListFilter, **choices: Iterable[tuple[str, object]]
) -> list[list[Chip]]:
    """Return a row of chips for each of these columns, counted within all that else is wanted.

    `rows` are narrowed by everything but these columns; one statement counts them all.
    """
    names = list(choices)
    table = list(rows.order_by().values(*names).annotate(n=Count("pk")))

    def number(name: str, value: str) -> int:
        others = {other: getattr(wanted, other) for other in names if other != name}
        return sum(
            row["n"]
            for row in table
            if (not value or row[name] == value)
            and all(not want or row[other] == want for other, want in others.items())
        )

    return [
        wanted.chips(
            name,
            [(value, words, number(name, value)) for value, words in choices[name]],
            total=number(name, ""),
        )
        for name in names
    ]


def holding(words: str, *columns: str) -> Q:
    """Return the condition that each of these words is somewhere in one of the columns."""
    everywhere = Q()
    for word in words.split()[:MOST_WORDS]:
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__icontains": word})
        everywhere &= anywhere
    return everywhere
