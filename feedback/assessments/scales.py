"""The library of scales: their items, how they are scored, where they are from, who may use them.

Ours and those in the public domain are here; an organisation's own are rows (OwnScale).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.common.statistics import cronbach_alpha
from feedback.assessments.rubric import BEHAVIOURS
from feedback.surveys.base import EXTENT
from programs.templates_catalog import COMPETENCIES

if TYPE_CHECKING:
    from typing import TypeAlias

    from django.utils.functional import Promise

    Text: TypeAlias = str | Promise

OURS = _("Written for Roundtable")
OUR_LICENCE = _("Part of Roundtable")
OUR_USE = _("Any use in your programs; elsewhere with its source named")
PUBLIC_DOMAIN = _("Public domain")
ANY_USE = _("Any use, no permission needed")
ALPHA_FROM = 30  # people, before a reliability means anything


@dataclass(frozen=True)
class ScaleItem:
    key: str
    words: Text
    reversed: bool = False


@dataclass(frozen=True)
class LibraryScale:
    """Items that are answered on the same steps, and whose mean is one score.

    The score is from 1 to the number of steps, with reversed items turned round.
    """

    key: str
    name: Text
    question: Text
    items: Sequence[ScaleItem]
    steps: Sequence[Text]
    source: Text
    licence: Text
    use: Text
    exportable: bool = True

    def score(self, answers: Mapping[str, int]) -> Fraction | None:
        """Return the mean of all items, or None where one is not answered.

        ValueError for an answer that is no step.
        """
        keyed = self.keyed(answers)
        return None if keyed is None else Fraction(sum(keyed), len(keyed))

    def keyed(self, answers: Mapping[str, int]) -> list[int] | None:
        """Return the answers with reversed items turned round, or None where one is missing."""
        if any(item.key not in answers for item in self.items):
            return None
        values = [(item, answers[item.key]) for item in self.items]
        most = len(self.steps)
        if not all(1 <= value <= most for _item, value in values):
            raise ValueError(f"an answer to {self.key} is 1 to {most}")
        return [most + 1 - value if item.reversed else value for item, value in values]

    def alpha(self, people: Sequence[Mapping[str, int]]) -> Fraction | None:
        """Return Cronbach's alpha over those who answered all items; None below 30 of them."""
        rows = [keyed for answers in people if (keyed := self.keyed(answers)) is not None]
        return cronbach_alpha(rows) if len(rows) >= ALPHA_FROM else None


def _items(key: str, *words: Text, turned: Sequence[Text] = ()) -> tuple[ScaleItem, ...]:
    """Return items with the keys key_1, key_2, …: those in `turned` come last, reversed."""
    rows = [*((text, False) for text in words), *((text, True) for text in turned)]
    return tuple(
        ScaleItem(f"{key}_{number}", text, turn) for number, (text, turn) in enumerate(rows, 1)
    )


def _rubric() -> Iterator[LibraryScale]:
    for key, name, _words in COMPETENCIES:
        yield LibraryScale(
            key=f"leadership-{key}",
            name=name,
            question=_("How often is this to be seen?"),
            items=_items(key, *BEHAVIOURS[key]),
            steps=(_("Never"), _("Rarely"), _("Sometimes"), _("Often"), _("Always")),
            source=OURS,
            licence=OUR_LICENCE,
            use=OUR_USE,
        )


RUBRIC = tuple(_rubric())

MENTOR = LibraryScale(
    key="mentor",
    name=_("My mentor"),
    question=_("How far is this true of your mentor?"),
    items=_items(
        "mentor",
        _("Has time for me when we agreed to meet."),
        _("Asks what I want to learn, and comes back to it."),
        _("Lets me find my own answer before giving theirs."),
        _("Tells me honestly what I could do better."),
        _("Speaks about own mistakes and what they taught."),
        _("Helps me to meet people who can help me."),
    ),
    steps=EXTENT,
    source=OURS,
    licence=OUR_LICENCE,
    use=OUR_USE,
)

CONFIDENCE = LibraryScale(
    key="confidence",
    name=_("Confidence in leading"),
    question=_("How far is this true of you today?"),
    items=_items(
        "confidence",
        _("I can lead a meeting in which people disagree."),
        _("I can say what I think when others see it differently."),
        _("I can give somebody feedback that is hard to hear."),
        turned=(_("I would rather leave leading to somebody else."),),
    ),
    steps=EXTENT,
    source=OURS,
    licence=OUR_LICENCE,
    use=OUR_USE,
)

BELONGING = LibraryScale(
    key="belonging",
    name=_("Belonging"),
    question=_("How far is this true of you at work today?"),
    items=_items(
        "belonging",
        _("There are people here whom I can ask for help."),
        _("I can be myself here."),
        _("What I say counts here."),
        turned=(_("I often feel like an outsider here."),),
    ),
    steps=EXTENT,
    source=OURS,
    licence=OUR_LICENCE,
    use=OUR_USE,
)

_ACCURATE = (
    _("Very inaccurate"),
    _("Moderately inaccurate"),
    _("Neither accurate nor inaccurate"),
    _("Moderately accurate"),
    _("Very accurate"),
)
_OF_ME = _("How accurately does this describe you?")

# as the pool prints them, in English: a translated item is another one
IPIP = (
    LibraryScale(
        key="ipip-assertiveness",
        name=_("Taking the lead (IPIP: Assertiveness)"),
        question=_OF_ME,
        items=_items(
            "ipip_assertiveness",
            "Express myself easily.",
            "Try to lead others.",
            "Automatically take charge.",
            "Know how to convince others.",
            "Am the first to act.",
            "Take control of things.",
            turned=(
                "Wait for others to lead the way.",
                "Let others make the decisions.",
                "Am not highly motivated to succeed.",
                "Can't come up with new ideas.",
            ),
        ),
        steps=_ACCURATE,
        source="International Personality Item Pool, ipip.ori.org/newCPIKey.htm",
        licence=PUBLIC_DOMAIN,
        use=ANY_USE,
    ),
    LibraryScale(
        key="ipip-warmth",
        name=_("Turning to others (IPIP: Warmth)"),
        question=_OF_ME,
        items=_items(
            "ipip_warmth",
            "Know how to comfort others.",
            "Enjoy bringing people together.",
            "Feel others' emotions.",
            "Take an interest in other people's lives.",
            "Cheer people up.",
            "Make people feel at ease.",
            "Take time out for others.",
            turned=(
                "Don't like to get involved in other people's problems.",
                "Am not really interested in others.",
                "Try not to think about the needy.",
            ),
        ),
        steps=_ACCURATE,
        source="International Personality Item Pool, ipip.ori.org/new16PFKey.htm",
        licence=PUBLIC_DOMAIN,
        use=ANY_USE,
    ),
)

SCALES: tuple[LibraryScale, ...] = (*RUBRIC, MENTOR, CONFIDENCE, BELONGING, *IPIP)
# what a self-assessment at the start and the end asks beside the program's competencies
OF_ONESELF = (CONFIDENCE, BELONGING)
