"""What is read of cohorts: each reading once, for all of them, when a figure first asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from core.tenancy.models import OrganisationSettings
from feedback.released import Released, released, thresholds
from metrics.queries import agreed, direct, partnerships
from metrics.queries.agreed import Decisions
from metrics.queries.compared import Compared, compared
from metrics.queries.direct import HeldSeat, People, Respondents
from metrics.queries.partnerships import Answering, Contacts, Ends, Led, Waiting
from metrics.queries.tallied import AsOf, Tally, tallies
from metrics.retention import Stay
from programs.models.parts import Competency
from programs.models.programs import Cohort
from programs.training.queries import trained


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
        self._by_week: dict[str, dict[tuple[UUID, date], int]] = {}

    @cached_property
    def people(self) -> dict[UUID, People]:
        return direct.people(self.ids)

    @cached_property
    def trained(self) -> Mapping[UUID, tuple[int, int]]:
        return trained(self.ids)

    @cached_property
    def respondents(self) -> dict[UUID, Respondents]:
        return direct.respondents(self.ids, self.as_of)

    def weekly_respondents(self, key: str) -> dict[tuple[UUID, date], int]:
        if key not in self._by_week:
            self._by_week[key] = direct.weekly_respondents(self.ids, self.as_of, key)
        return self._by_week[key]

    @cached_property
    def _seats(self) -> list[HeldSeat]:
        return direct.held_seats(self.ids)

    @cached_property
    def stays(self) -> dict[UUID, list[Stay]]:
        return direct.stays(self.ids, self.chosen.zone, self._seats)

    @cached_property
    def released(self) -> dict[UUID, dict[tuple[str, str], Released]]:
        return released(self.ids)

    @cached_property
    def thresholds(self) -> Mapping[UUID, int]:
        return thresholds(self.ids, self.chosen.threshold)

    @cached_property
    def competencies(self) -> dict[UUID, list[Competency]]:
        return direct.competencies(cohort.program_id for cohort in self.cohorts)

    @cached_property
    def decisions(self) -> dict[UUID, Decisions]:
        return agreed.decisions(self.ids, self.as_of)

    @cached_property
    def waiting(self) -> dict[UUID, Waiting]:
        return partnerships.waiting(self.ids, self.as_of, self._seats)

    @cached_property
    def ends(self) -> dict[UUID, Ends]:
        return partnerships.ends(self.ids)

    @cached_property
    def contacts(self) -> dict[UUID, Contacts]:
        return partnerships.contacts(self.cohorts, self.as_of)

    @cached_property
    def led(self) -> dict[UUID, list[Led]]:
        return partnerships.led(self.ids, self.as_of)

    @cached_property
    def answering(self) -> dict[UUID, Answering]:
        return partnerships.answering(self.ids, self.as_of)

    @cached_property
    def compared(self) -> dict[UUID, dict[str, Compared]]:
        return compared(self.ids)

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
        return self.all.thresholds[self.cohort.pk]

    @property
    def as_of(self) -> AsOf:
        return self.all.as_of

    @property
    def people(self) -> People:
        return self.all.people.get(self.cohort.pk, People())

    @property
    def trained(self) -> tuple[int, int]:
        """Return who has done all that is required of them, and of whom something is."""
        return self.all.trained.get(self.cohort.pk, (0, 0))

    @property
    def respondents(self) -> Respondents:
        return self.all.respondents.get(self.cohort.pk, Respondents())

    def respondents_in(self, key: str, week: date) -> int:
        return self.all.weekly_respondents(key).get((self.cohort.pk, week), 0)

    @property
    def stays(self) -> Sequence[Stay]:
        return self.all.stays.get(self.cohort.pk, ())

    @property
    def competencies(self) -> Sequence[Competency]:
        return self.all.competencies.get(self.cohort.program_id, ())

    def released(self, key: str, part: str = "") -> Released | None:
        """Return a figure of answers as released, or None where nothing is."""
        return self.all.released[self.cohort.pk].get((key, part))

    def released_by_part(self, key: str) -> dict[str, Released]:
        """Return all parts of a figure of answers that are released."""
        rows = self.all.released[self.cohort.pk]
        return {part: row for (own, part), row in rows.items() if own == key}

    @property
    def decisions(self) -> Decisions:
        return self.all.decisions.get(self.cohort.pk, Decisions())

    @property
    def waiting(self) -> Waiting:
        return self.all.waiting.get(self.cohort.pk, Waiting())

    @property
    def ends(self) -> Ends:
        return self.all.ends.get(self.cohort.pk, Ends({}, 0))

    @property
    def contacts(self) -> Contacts:
        return self.all.contacts.get(self.cohort.pk, Contacts())

    @property
    def led(self) -> Sequence[Led]:
        return self.all.led.get(self.cohort.pk, ())

    @property
    def answering(self) -> Answering:
        return self.all.answering.get(self.cohort.pk, Answering())

    @property
    def compared(self) -> Mapping[str, Compared]:
        """Return what is released of this cohort beside similar colleagues, by outcome."""
        return self.all.compared.get(self.cohort.pk, {})

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
