"""Whether people reach what they set out to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from metrics.definitions.shapes import Definition, Figure, Fold, Moment, Unit

if TYPE_CHECKING:
    from metrics.queries.facts import CohortFacts


def _met(facts: CohortFacts) -> Iterator[Figure]:
    """Yield goals met by whose they are: two figures of their own, without a sum."""
    labels = {"personal": gettext("Personal goals"), "shared": gettext("Shared goals")}
    for part, label in labels.items():
        goals = facts.goals(shared=part == "shared")
        yield Figure.ratio(
            GOAL_ATTAINMENT.key, part, goals.met, goals.due, len(goals.people), label
        )


GOAL_ATTAINMENT = Definition(
    key="goal_attainment",
    name=_("Goals met"),
    asks=_("Do people reach the goals they set?"),
    numerator=_("Goals met."),
    denominator=_("Goals whose day has come, and those met before it."),
    window=_("From the opening of the cohort to today."),
    unit=Unit.SHARE,
    moment=Moment.PERIOD,
    missing=_(
        "A shared goal that somebody has not taken on yet does not count, nor does a goal "
        "that was let go before its day."
    ),
    people=_("People whose goals these are: for a shared one everybody at its table."),
    fold=Fold.DIRECT,
    source=_("Goals: their state and day, never their words."),
    parts=_("Personal and shared goals apart; there is no sum of both."),
    figures=_met,
)
