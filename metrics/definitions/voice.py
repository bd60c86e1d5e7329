"""How evenly turns to speak go round, and who took none."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from core.common.statistics import rounded
from metrics.definitions.shapes import Basis, Definition, Figure, Unit
from metrics.queries.facts import CohortFacts
from metrics.queries.voices import PLACES, balance_readings, unheard_readings


def _balance(facts: CohortFacts) -> Iterator[Figure]:
    """A mean over tables, since each table is one reading."""
    released = facts.released(VOICE_BALANCE.key)
    if released is None:
        yield Figure.unreleased(VOICE_BALANCE.key)
        return
    value = rounded(released.counts[0], PLACES)
    n, until = released.n, released.until
    yield Figure(VOICE_BALANCE.key, "", None, None, value, n, until=until)


VOICE_BALANCE = Definition(
    key="voice_balance",
    name=_("Speaking balance"),
    asks=_("Does everybody get to speak, or do few speak for all?"),
    numerator=_(
        "Sum over partnerships of each one's mean over its sessions of 1 − G·n/(n−1): G is the "
        "Gini coefficient of the turns spoken by the n people present. 1 is an even round, "
        "0 is one voice alone."
    ),
    denominator=_("Partnerships with turns counted in three held sessions or more."),
    window=_("All sessions held so far."),
    unit=Unit.SHARE,
    missing=_(
        "A session without a counted turn, or with one person, says nothing; a partnership "
        "with fewer than three sessions that say something is left out."
    ),
    people=_("People present at the sessions that are counted."),
    source=_("Turns counted in the meeting room, of people whose attendance was recorded."),
    method=_(
        "Gini coefficient: mean absolute difference over twice the mean, C. Gini (1912). It is "
        "a figure of a partnership, never of a person; who spoke how often is shown nowhere."
    ),
    basis=Basis.ANSWERS,
    figures=_balance,
    readings=balance_readings,
)


def _unheard(facts: CohortFacts) -> Iterator[Figure]:
    released = facts.released(UNHEARD.key)
    if released is None:
        yield Figure.unreleased(UNHEARD.key)
        return
    unheard, asked = released.counts
    until = released.until
    yield Figure(UNHEARD.key, "", unheard, 1, rounded(unheard), asked, until=until)


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
    basis=Basis.ANSWERS,
    figures=_unheard,
    readings=unheard_readings,
)
