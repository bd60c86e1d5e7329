"""What is read of cohorts: each reading once, for all of them, when a figure first asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from core.tenancy.models import OrganisationSettings
from metrics.queries import agreed, direct
from metrics.queries.agreed import Decided, Reached
from metrics.queries.direct import Behind, Pairs, People
from metrics.queries.tallied import Moment, Tally, tallies
from metrics.queries.voices import CohortVoices, cohort_voices
from metrics.retention import Stay
from programs.models.parts import Competency
from programs.models.programs import Cohort


class Facts:
    """The readings of some cohorts, by cohort."""

    def __init__(
        self, cohorts: Sequence[Cohort], chosen: OrganisationSettings, now: datetime
    ) -> None:
        self.cohorts, self.chosen = cohorts, chosen
        self.ids = [cohort.pk for cohort in cohorts]
        self.moment = Moment.of(chosen, now)

    @cached_property
    def people(self) -> dict[UUID, People]:
        return direct.people(self.ids)

    @cached_property
    def behind(self) -> dict[UUID, Behind]:
        return direct.behind(self.ids, self.moment)

    @cached_property
    def behind_weeks(self) -> dict[tuple[UUID, date], int]:
        return direct.behind_weeks(self.ids, self.moment)

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
    def decided(self) -> dict[UUID, Decided]:
        return agreed.decided(self.ids, self.moment)

    @cached_property
    def reached(self) -> dict[tuple[UUID, bool], Reached]:
        return agreed.reached(self.ids, self.moment)

    @cached_property
    def voices(self) -> dict[UUID, CohortVoices]:
        return cohort_voices(self.ids)

    @cached_property
    def tallies(self) -> dict[UUID, list[Tally]]:
        by_cohort: dict[UUID, list[Tally]] = defaultdict(list)
        for tally in tallies(self.ids, self.moment):
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
    def moment(self) -> Moment:
        return self.all.moment

    @property
    def people(self) -> People:
        return self.all.people.get(self.cohort.pk, People())

    @property
    def behind(self) -> Behind:
        return self.all.behind.get(self.cohort.pk, Behind())

    def behind_week(self, week: date) -> int:
        """Return how many people's attendance was recorded in that week."""
        return self.all.behind_weeks.get((self.cohort.pk, week), 0)

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
    def decided(self) -> Decided:
        return self.all.decided.get(self.cohort.pk, Decided())

    def goals(self, *, shared: bool) -> Reached:
        """Return the goals of one kind, those met and those due."""
        return self.all.reached.get((self.cohort.pk, shared), Reached())

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
