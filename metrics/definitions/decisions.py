"""How long tables take to decide, and whose voices are in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.common.statistics import rounded
from metrics.definitions.shapes import Definition, Figure, Fold, Moment, Unit

if TYPE_CHECKING:
    from metrics.queries.facts import CohortFacts


def _days(facts: CohortFacts) -> Iterator[Figure]:
    decided = facts.decided
    days = decided.median_days
    value = None if days is None else rounded(days)
    yield Figure(DECISION_DAYS.key, "", None, len(decided.days), value, decided.people)


DECISION_DAYS = Definition(
    key="decision_days",
    name=_("Days to decide"),
    asks=_("How long does it take from a proposal to its outcome?"),
    numerator=_("The median of days from proposal, or from opening it again, to outcome."),
    denominator=_("None: the median over all outcomes, adopted or not."),
    window=_("From the opening of the cohort to today."),
    unit=Unit.DAYS,
    moment=Moment.PERIOD,
    missing=_(
        "Exercises and what was withdrawn are left out. What lacked a quorum is an outcome: "
        "not adopted. A decision opened again has an outcome each time."
    ),
    people=_("People with a seat at a table that has such an outcome."),
    fold=Fold.DIRECT,
    source=_("Outcomes of decisions: when, never what was decided or who answered what."),
    figures=_days,
)


def _voice(facts: CohortFacts) -> Iterator[Figure]:
    decided = facts.decided
    yield Figure.ratio(DECISION_VOICE.key, "", decided.voices, decided.partners, decided.people)


DECISION_VOICE = Definition(
    key="decision_voice",
    name=_("Voices in decisions"),
    asks=_("When a table decides, how many take part?"),
    numerator=_("Partners who answered, asked, replied or reacted. To pass is no part taken."),
    denominator=_("Partners at the table when the decision closed."),
    window=_("From the opening of the cohort to today."),
    unit=Unit.SHARE,
    moment=Moment.PERIOD,
    missing=_("Exercises and what was withdrawn are left out. No outcome is no data."),
    people=_("People with a seat at a table that has such an outcome."),
    fold=Fold.DIRECT,
    source=_("Outcomes of decisions: how many took part, never who or how they answered."),
    figures=_voice,
)
