"""How evenly turns to speak go round, and who took none."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from core.common.statistics import rounded
from metrics.definitions.shapes import Definition, Figure, Unit
from metrics.queries.facts import CohortFacts


def _balance(facts: CohortFacts) -> Iterator[Figure]:
    """A mean over tables, since each table is one reading."""
    voices = facts.voices
    value = rounded(sum(voices.balances, Fraction(0)), len(voices.balances))
    yield Figure(VOICE_BALANCE.key, "", None, None, value, voices.heard_at)


VOICE_BALANCE = Definition(
    key="voice_balance",
    name=_("Voice balance"),
    asks=_("Does the word go round the table, or do few speak for all?"),
    numerator=_(
        "Sum over tables of each table's mean over its sessions of 1 − G·n/(n−1): G is the "
        "Gini coefficient of the turns spoken by the n people present. 1 is an even round, "
        "0 is one voice alone."
    ),
    denominator=_("Tables with turns counted in three held sessions or more."),
    window=_("All sessions held so far."),
    unit=Unit.SHARE,
    missing=_(
        "A session without a counted turn, or with one person, says nothing; a table with "
        "fewer than three sessions that say something has no verdict and is left out."
    ),
    people=_("People at the tables with a verdict."),
    source=_("Turns counted in the meeting room, of people whose attendance was recorded."),
    method=_(
        "Gini coefficient: mean absolute difference over twice the mean, C. Gini (1912). It is "
        "a figure of a table, never of a person; who spoke how often leaves the table nowhere."
    ),
    figures=_balance,
)


def _unheard(facts: CohortFacts) -> Iterator[Figure]:
    voices = facts.voices
    people = rounded(voices.unheard) if voices.asked else None
    yield Figure(UNHEARD.key, "", voices.unheard, int(bool(voices.asked)), people, voices.asked)


UNHEARD = Definition(
    key="unheard",
    name=_("Unheard in a round"),
    asks=_("How many were present at a speaking round and took no turn in that session?"),
    numerator=_("People who took no turn to speak in at least one session with a round."),
    denominator=_("None: this is a number of people."),
    window=_("All sessions held so far."),
    unit=Unit.PEOPLE,
    missing=_("No session with a round is no data. Who was not present is not counted."),
    people=_("People present in at least one session with a round."),
    source=_("Rounds and turns counted in the meeting room, and attendance."),
    figures=_unheard,
)
