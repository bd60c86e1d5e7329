"""How long tables take to decide, whose voices are in it, and whether goals are reached."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.common.statistics import rounded
from metrics.definitions.shapes import Definition, Figure, Unit
from metrics.queries.facts import CohortFacts


def _days(facts: CohortFacts) -> Iterator[Figure]:
    decisions = facts.decisions
    days = decisions.median_days
    value = None if days is None else rounded(days)
    yield Figure(DECISION_DAYS.key, "", None, len(decisions.days), value, decisions.people)


DECISION_DAYS = Definition(
    key="decision_days",
    name=_("Days to decide"),
    asks=_("How long does it take from a proposal to its outcome?"),
    numerator=_("The median of days from proposal, or from opening it again, to outcome."),
    denominator=_("None: the median over all outcomes, adopted or not."),
    window=_("From the opening of the cohort to today."),
    unit=Unit.DAYS,
    missing=_(
        "Exercises and what was withdrawn are left out. What lacked a quorum is an outcome: "
        "not adopted. A decision opened again has an outcome each time."
    ),
    people=_("People with a seat at a table that has such an outcome."),
    source=_("Outcomes of decisions: when, never what was decided or who answered what."),
    figures=_days,
)


def _voice(facts: CohortFacts) -> Iterator[Figure]:
    decisions = facts.decisions
    yield Figure.ratio(
        DECISION_VOICE.key, "", decisions.voices, decisions.partners, decisions.people
    )


DECISION_VOICE = Definition(
    key="decision_voice",
    name=_("Voices in decisions"),
    asks=_("When a table decides, how many take part?"),
    numerator=_("Partners who answered, asked, replied or reacted. To pass is no part taken."),
    denominator=_("Partners at the table when the decision closed."),
    window=_("From the opening of the cohort to today."),
    unit=Unit.SHARE,
    missing=_("Exercises and what was withdrawn are left out. No outcome is no data."),
    people=_("People with a seat at a table that has such an outcome."),
    source=_("Outcomes of decisions: how many took part, never who or how they answered."),
    figures=_voice,
)


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
    missing=_(
        "A shared goal that somebody has not taken on yet does not count, nor does a goal "
        "that was let go before its day."
    ),
    people=_("People whose goals these are: for a shared one everybody at its table."),
    source=_("Goals: their state and day, never their words."),
    parts=_("Personal and shared goals apart; there is no sum of both."),
    figures=_met,
)
