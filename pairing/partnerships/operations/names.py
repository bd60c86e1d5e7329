"""What partnerships are called: pairs by their people, circles by trees; once per cohort."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from django.utils.translation import gettext as _

from core.members.models import Member

TREES = (
    "Alder", "Ash", "Aspen", "Beech", "Birch", "Cedar", "Cherry", "Elder", "Elm", "Fir",
    "Ginkgo", "Hawthorn", "Hazel", "Holly", "Hornbeam", "Juniper", "Larch", "Laurel", "Lime",
    "Linden", "Maple", "Mulberry", "Myrtle", "Oak", "Olive", "Pear", "Pine", "Plane", "Plum",
    "Poplar", "Quince", "Rowan", "Sequoia", "Spruce", "Sycamore", "Tamarind", "Walnut",
    "Willow", "Yew", "Zelkova",
)  # fmt: skip


def pair_name(people: list[Member], taken: set[str]) -> str:
    """Return "Ada & Ben", with more of the names where that is taken; adds it to `taken`."""
    first_names = " & ".join(member.given_name for member in people)
    longer = " & ".join(
        f"{member.given_name} {member.family_name[:1]}".strip() for member in people
    )
    full = " & ".join(member.full_name for member in people)
    return _first_free((first_names, longer, full), full, taken)


def circle_name(taken: set[str]) -> str:
    """Return "Circle Alder" and so on; adds it to `taken`."""
    trees = (_("Circle %(tree)s") % {"tree": tree} for tree in TREES)
    return _first_free(trees, _("Circle"), taken)


def _first_free(wanted: Iterator[str] | tuple[str, ...], base: str, taken: set[str]) -> str:
    numbered = (f"{base[:110]} {number}" for number in count(2))
    for source in (wanted, numbered):
        for name in source:
            if name[:120] not in taken:
                taken.add(name[:120])
                return name[:120]
    raise AssertionError("numbers do not end")
