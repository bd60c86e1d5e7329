"""The dictionary, a line for every figure in the order in which they are shown; and the figures.

A new figure is its words and its function in one file of `definitions`, and a line here.  What
page, CSV and REST show comes from here and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.tenancy.models import OrganisationSettings
from metrics.definitions import agreements, feedback, participation, sessions, voice
from metrics.definitions.shapes import Definition, Figure, shown_whole
from metrics.queries.facts import CohortFacts, Facts
from programs.models.programs import Cohort

DEFINITIONS: tuple[Definition, ...] = (
    participation.ENROLLED,
    participation.MATCH_RATE,
    participation.MATCH_RATE_EVER,
    sessions.SESSION_COMPLETION,
    sessions.ATTENDANCE_RATE,
    sessions.WEEKLY_ATTENDANCE,
    feedback.CHECKIN_RESPONSE,
    participation.RETENTION,
    feedback.COMPETENCY_CHANGE,
    voice.VOICE_BALANCE,
    voice.UNHEARD,
    agreements.DECISION_DAYS,
    agreements.DECISION_VOICE,
    agreements.GOAL_ATTAINMENT,
    participation.FUNNEL,
)

# the additive ones: the SELECT of each by its key, and those that are summed by week too
SOURCES = {entry.key: entry.tally for entry in DEFINITIONS if entry.tally}
WEEKLY = frozenset(entry.key for entry in DEFINITIONS if entry.weekly)
_BY_KEY = {entry.key: entry for entry in DEFINITIONS}


def definition(key: str) -> Definition | None:
    return _BY_KEY.get(key)


def figures_of(
    cohorts: Sequence[Cohort], chosen: OrganisationSettings, now: datetime
) -> dict[UUID, list[Figure]]:
    """Return all figures of these cohorts as of now, in the dictionary's order, small cells hidden.

    The number of statements is the same for one cohort and for all of an organisation.
    Cohorts come with their program (`for_list`).
    """
    facts = Facts(cohorts, chosen, now, SOURCES, WEEKLY)
    return {cohort.pk: _figures(CohortFacts(cohort, facts)) for cohort in cohorts}


def _figures(facts: CohortFacts) -> list[Figure]:
    figures = [figure for entry in DEFINITIONS for figure in entry.figures(facts)]
    return shown_whole(figures, facts.k)
