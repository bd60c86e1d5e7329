"""A draft's circles as they would be with one person elsewhere, weighed by the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pairing.inputs.snapshot import Snapshot
from pairing.models.runs import LeftOver, MatchRun, Proposal, ProposalSeat
from pairing.runs.presenters.results import points_in_all
from pairing.seating.queries import Against, rules_against
from pairing.solve import Weighed, solver_of


@dataclass(frozen=True)
class DraftPlace:
    """One of a draft's circles with somebody in it: its score and the run's, before and after."""

    proposal: Proposal
    people: int
    names: str
    room: int
    before: int
    after: int
    total_before: str
    total_after: str
    against: tuple[Against, ...]
    leaves_one: bool

    @property
    def refused(self) -> bool:
        return self.leaves_one or any(rule.refused for rule in self.against)


class Draft:
    """The circles of a draft and whom it leaves over; people are enrolment ids."""

    def __init__(self, run: MatchRun) -> None:
        self.run = run
        self.snapshot = Snapshot.from_json(run.snapshot)
        self.solver = solver_of(self.snapshot)
        self.proposals = list(Proposal.objects.filter(run=run).order_by("position"))
        seats = ProposalSeat.objects.filter(proposal__run=run).order_by("id")
        self.people: dict[UUID, list[str]] = {proposal.pk: [] for proposal in self.proposals}
        for proposal, enrolment in seats.values_list("proposal_id", "enrolment_id"):
            self.people[proposal].append(str(enrolment))
        self.weighed = self._weigh(self.people)

    def named(self) -> list[tuple[str, str]]:
        """Return everybody of the run by name: the choices of the page."""
        left = LeftOver.objects.filter(run=self.run).values_list("enrolment_id", flat=True)
        seated = [who for people in self.people.values() for who in people]
        names = self.snapshot.names
        everybody = [(who, names.get(who, "?")) for who in (*seated, *map(str, left))]
        return sorted(everybody, key=lambda person: person[1])

    def circle_of(self, who: str) -> Proposal | None:
        return next((row for row in self.proposals if who in self.people[row.pk]), None)

    def places(self, who: str) -> list[DraftPlace]:
        """Return the other circles with room, the best for the run as a whole first."""
        mine = self.circle_of(who)
        places = [self.place(row.pk, who) for row in self.proposals if row != mine]
        return sorted(
            (place for place in places if place.room),
            key=lambda place: (place.refused, -place.after, place.proposal.position),
        )

    def place(self, proposal_id: UUID, who: str) -> DraftPlace:
        at = next(i for i, row in enumerate(self.proposals) if row.pk == proposal_id)
        mine = self.circle_of(who)
        here = self.people[proposal_id]
        moved = {pk: [p for p in people if p != who] for pk, people in self.people.items()}
        moved[proposal_id].append(who)
        weighed, names = self._weigh(moved), self.snapshot.names
        return DraftPlace(
            proposal=self.proposals[at],
            people=len(here),
            names=", ".join(names.get(other, "?") for other in here),
            room=max(0, int(self.run.cohort.program.circle_max) - len(here)),
            before=self.weighed.score(at),
            after=weighed.score(at),
            total_before=points_in_all(self.weighed.objective),
            total_after=points_in_all(weighed.objective),
            against=tuple(rules_against(self.solver, who, here)),
            leaves_one=mine is not None and len(self.people[mine.pk]) == 2,
        )

    def _weigh(self, people: Mapping[UUID, Sequence[str]]) -> Weighed:
        weighed = self.solver.weigh([people[proposal.pk] for proposal in self.proposals])
        if weighed is None:
            raise ValueError("only circles are composed by hand")
        return weighed
