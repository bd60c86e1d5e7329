"""What is read of cohorts: each reading once, for all of them, when a figure first asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from core.tenancy.models import OrganisationSettings
from metrics.queries import agreed, direct
from metrics.queries.agreed import Decisions, GoalCounts
from metrics.queries.direct import Pairs, People, Respondents
from metrics.queries.tallied import AsOf, Tally, tallies
from metrics.queries.voices import CohortVoices, cohort_voices
from metrics.retention import Stay
from programs.models.parts import Competency
from programs.models.programs import Cohort


class Facts:
    def __init__(
        self,
        cohorts: Sequence[Cohort],
        chosen: OrganisationSettings,
        now: datetime,
        sources: Mapping[str, str],
        weekly: Collection[str],
    ) -> None:
        self.cohorts, self.chosen = cohorts, chosen
        self.sources, self.weekly = sources, weekly
        self.ids = [cohort.pk for cohort in cohorts]
        self.as_of = AsOf.of(chosen, now)

    @cached_property
    def people(self) -> dict[UUID, People]:
        return direct.people(self.ids)

    @cached_property
    def respondents(self) -> dict[UUID, Respondents]:
        return direct.respondents(self.ids, self.as_of)

    @cached_property
    def weekly_respondents(self) -> dict[tuple[UUID, date], int]:
        return direct.weekly_respondents(self.ids, self.as_of)

    @cached_property
    def stays(self) -> dict[UUID, list[Stay]]:
        return direct.stays(self.ids, self.chosen.zone)

    @cached_property
    def changes(self) -> dict[tuple[UUID, UUID], Pairs]:
        return direct.changes(self.ids)

    @cached_property
    def competencies(self) -> dict[UUID, list[Competency]]:
        return direct.competencies(cohort.program_id for cohort in self.cohorts)

    @cached_property
    def decisions(self) -> dict[UUID, Decisions]:
        return agreed.decisions(self.ids, self.as_of)

    @cached_property
    def goals(self) -> dict[tuple[UUID, bool], GoalCounts]:
        return agreed.goals(self.ids, self.as_of)

    @cached_property
    def voices(self) -> dict[UUID, CohortVoices]:
        return cohort_voices(self.ids)

    @cached_property
    def tallies(self) -> dict[UUID, list[Tally]]:
        by_cohort: dict[UUID, list[Tally]] = defaultdict(list)
        for tally in tallies(self.ids, self.as_of, self.sources, self.weekly):
            by_cohort[tally.cohort_id].append(tally)
        return by_cohort


@dataclass(frozen=True)
class CohortFacts:
    """The readings of one cohort: what a figure is made of."""

    cohort: Cohort
    all: Facts

    @property
    def k(self) -> int:
        """Below how many people a figure is hidden."""
        return self.all.chosen.threshold

    @property
    def as_of(self) -> AsOf:
        return self.all.as_of

    @property
    def people(self) -> People:
        return self.all.people.get(self.cohort.pk, People())

    @property
    def respondents(self) -> Respondents:
        return self.all.respondents.get(self.cohort.pk, Respondents())

    def respondents_in(self, week: date) -> int:
        return self.all.weekly_respondents.get((self.cohort.pk, week), 0)

    @property
    def stays(self) -> Sequence[Stay]:
        return self.all.stays.get(self.cohort.pk, ())

    @property
    def competencies(self) -> Sequence[Competency]:
        return self.all.competencies.get(self.cohort.program_id, ())

    def pairs(self, competency: Competency) -> Pairs:
        """Return the ratings of that competency by who rated at both moments."""
        return self.all.changes.get((self.cohort.pk, competency.pk), Pairs())

    @property
    def decisions(self) -> Decisions:
        return self.all.decisions.get(self.cohort.pk, Decisions())

    def goals(self, *, shared: bool) -> GoalCounts:
        return self.all.goals.get((self.cohort.pk, shared), GoalCounts())

    @property
    def voices(self) -> CohortVoices:
        return self.all.voices.get(self.cohort.pk, CohortVoices())

    @property
    def tallies(self) -> Sequence[Tally]:
        return self.all.tallies.get(self.cohort.pk, ())

    def sums(self, key: str) -> tuple[dict[str, int], int]:
        """Return an additive figure's numerators by part, and the denominator they share."""
        numerators: dict[str, int] = defaultdict(int)
        denominator = 0
        for tally in self.tallies:
            if tally.key == key:
                numerators[tally.part] += tally.numerator
                denominator += tally.denominator
        return numerators, denominator
