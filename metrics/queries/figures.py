"""The figures of cohorts: what page, CSV and REST show, each from here and from nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.tenancy.models import OrganisationSettings
from metrics.definitions.catalogue import DEFINITIONS
from metrics.definitions.shapes import Figure
from metrics.disclosure import shown_whole
from metrics.queries.facts import CohortFacts, Facts
from programs.models.programs import Cohort


def figures_of(
    cohorts: Sequence[Cohort], chosen: OrganisationSettings, now: datetime
) -> dict[UUID, list[Figure]]:
    """Return all figures of these cohorts as of now, in the dictionary's order, small cells hidden.

    The number of statements is the same for one cohort and for all of an organisation.
    Cohorts come with their program (`for_list`).
    """
    facts = Facts(cohorts, chosen, now)
    return {cohort.pk: _figures(CohortFacts(cohort, facts)) for cohort in cohorts}


def _figures(facts: CohortFacts) -> list[Figure]:
    figures = [figure for entry in DEFINITIONS for figure in entry.figures(facts)]
    return shown_whole(figures, facts.k)
