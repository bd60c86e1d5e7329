"""The dictionary, a line for every figure in the order in which they are shown; and the figures.

A new figure is its words and its function in one file of `definitions`, and a line here.  What
page, CSV and REST show comes from here and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from core.tenancy.models import OrganisationSettings
from feedback.builder.results import survey_readings
from feedback.released import Reading
from metrics.definitions import (
    agreements,
    feedback,
    outcomes,
    participation,
    partnerships,
    sessions,
    voice,
)
from metrics.definitions.shapes import Definition, Figure, bounded, shown_whole
from metrics.queries.facts import CohortFacts, Facts
from metrics.queries.tallied import AsOf
from programs.models.programs import Cohort

DEFINITIONS: tuple[Definition, ...] = (
    participation.ENROLLED,
    participation.TRAINING_DONE,
    participation.MATCH_RATE,
    participation.MATCH_RATE_EVER,
    participation.TIME_TO_MATCH,
    sessions.SESSION_COMPLETION,
    sessions.ATTENDANCE_RATE,
    sessions.WEEKLY_ATTENDANCE,
    partnerships.REGULAR_CONTACT,
    partnerships.CONTACT_30D,
    feedback.CHECKIN_RESPONSE,
    feedback.CHECKIN_HOURS,
    feedback.MOOD,
    feedback.PROGRESS,
    feedback.FEEDBACK_RATE,
    participation.RETENTION,
    partnerships.COMPLETION,
    feedback.COMPETENCY_CHANGE,
    feedback.CONFIDENCE_CHANGE,
    feedback.BELONGING_CHANGE,
    feedback.SCALE_RELIABILITY,
    feedback.SATISFACTION,
    feedback.SATISFIED,
    partnerships.LEAD_COVERAGE,
    partnerships.LEAD_SPREAD,
    voice.VOICE_BALANCE,
    voice.UNHEARD,
    agreements.DECISION_DAYS,
    agreements.DECISION_VOICE,
    partnerships.SHARED_LEADERSHIP,
    agreements.GOAL_ATTAINMENT,
    feedback.CONCERN_DAYS,
    feedback.CONCERN_LATE,
    participation.FUNNEL,
    outcomes.OUTCOME_PROMOTION,
    outcomes.OUTCOME_STAY,
    outcomes.OUTCOME_JOBSAT,
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


def readings_of(cohort_id: UUID, as_of: AsOf) -> Iterator[Reading]:
    """Yield all that people of a cohort answered: what its figures may be released from."""
    yield from survey_readings(cohort_id)
    for entry in DEFINITIONS:
        if entry.readings is not None:
            yield from entry.readings(cohort_id, as_of)


def _figures(facts: CohortFacts) -> list[Figure]:
    figures = [figure for entry in DEFINITIONS for figure in entry.figures(facts)]
    # bounded last: what is hidden has no interval
    shown = shown_whole(figures, facts.k)
    return [bounded(figure, _BY_KEY[figure.key].sample) for figure in shown]
