"""Where somebody could sit in what runs already, and what it would cost; the engine's own scores.

Nothing is scored here: circles that stand are weighed as a run weighs those it makes, pairs by the
row of the matrix that a suggestion reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Exists, OuterRef

from core.members.models import Member
from pairing.engine.rules import FORBIDDEN
from pairing.engine.shapes import EngineError, score_out_of_100
from pairing.inputs.collect import snapshot_around, take_snapshot
from pairing.inputs.snapshot import ALWAYS_ON, MENTEE, MENTOR, PEER, Snapshot
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import SEATABLE
from pairing.solve import Solver, Weighed, solver_of
from pairing.texts.left_over import rule_name
from pairing.texts.reasons import Reason
from programs.models.programs import Cohort, Enrolment, EnrolmentQuerySet, Program

MOST_SHOWN = 12
TRIO = 3  # the most that sit in a reciprocal pair


@dataclass(frozen=True)
class Against:
    """Whom a rule keeps somebody apart from; `refused` where no coordinator may say otherwise."""

    other: str
    rule: str
    refused: bool


@dataclass(frozen=True)
class Place:
    """A circle or pair with somebody in it or not: its score without and with them."""

    partnership: Partnership
    people: int
    room: int
    before: int | None
    after: int | None
    against: tuple[Against, ...]

    @property
    def refused(self) -> bool:
        return any(rule.refused for rule in self.against)


@dataclass(frozen=True)
class Candidate:
    """Somebody who could take a seat somewhere, with what that place would score then."""

    enrolment: Enrolment
    place: Place


@dataclass(frozen=True)
class Partner:
    """Somebody with a place free who could be the partner of somebody."""

    enrolment: Enrolment
    score: int


def plain(snapshot: Snapshot) -> Snapshot:
    """Return it without what people and coordinators have said: how well they fit is not changed.

    Who may not be together stays.
    """
    return replace(snapshot, locked=(), preferred=(), wishes=(), first=(), avoided=())


def room_in(partnership: Partnership, people: int) -> int:
    """Return how many more may sit there: up to the largest circle; a pair may become a trio."""
    program = partnership.cohort.program
    if program.format == Program.Format.CIRCLES:
        return max(0, int(program.circle_max) - people)
    return max(0, TRIO - people) if program.format == Program.Format.PAIRS else 0


class SeatedTables:
    """The open circles or reciprocal pairs of a cohort as they sit, weighed by the engine."""

    def __init__(self, cohort: Cohort) -> None:
        self.snapshot = plain(take_snapshot(cohort, with_seated=True))
        self.solver = _solver(self.snapshot)
        known = set(self.snapshot.rows.enrolments)
        rows = Partnership.objects.open().filter(cohort=cohort).for_list().order_by("name", "id")
        self.partnerships = {partnership.pk: partnership for partnership in rows}
        self.people: dict[UUID, list[str]] = {
            pk: [
                str(seat.enrolment_id)
                for seat in partnership.people  # type: ignore[attr-defined]  # for_list
                if str(seat.enrolment_id) in known
            ]
            for pk, partnership in self.partnerships.items()
        }

    def place(self, partnership_id: UUID, who: str) -> Place:
        """Return one of them with this person in it; whoever sits elsewhere leaves that place."""
        partnership = self.partnerships[partnership_id]
        here = [other for other in self.people[partnership_id] if other != who]
        after = self._moved(who, partnership_id)
        seated = len(partnership.people)  # type: ignore[attr-defined]  # for_list
        return Place(
            partnership=partnership,
            people=seated,
            room=room_in(partnership, seated),
            before=self._score(self.people, partnership_id),
            after=self._score(after, partnership_id),
            against=tuple(self.against(who, here)),
        )

    def left_behind(self, partnership_id: UUID, who: str) -> int | None:
        """Return what a place would score without this person."""
        return self._score(self._moved(who, None), partnership_id)

    def joined(self, kept: UUID, joining: UUID) -> int | None:
        """Return what one circle would score with everybody of the other."""
        people = {**self.people, kept: [*self.people[kept], *self.people[joining]]}
        del people[joining]
        return self._score(people, kept)

    def against(self, who: str, others: Sequence[str]) -> list[Against]:
        """Return which rules keep this person apart from whom."""
        return rules_against(self.solver, who, others) if self.solver else []

    def reasons(self, partnership_id: UUID) -> tuple[int, tuple[Reason, ...]] | None:
        """Return the score and the reasons of a place as it sits now."""
        people = self.people[partnership_id]
        if self.solver is None or len(people) < 2:
            return None
        if weighed := self._weigh(self.people):
            circle = list(self._filled(self.people)).index(partnership_id)
            return weighed.score(circle), weighed.reasons[circle]
        explained = self.solver.explain([(who, PEER) for who in people]) or ()
        return score_out_of_100(sum(reason.points for reason in explained)), tuple(explained)

    def _score(self, people: Mapping[UUID, Sequence[str]], partnership_id: UUID) -> int | None:
        seated = people[partnership_id]
        if self.solver is None or len(seated) < 2 or not self._known(seated):
            return None
        if weighed := self._weigh(people):
            return weighed.score(list(self._filled(people)).index(partnership_id))
        explained = self.solver.explain([(who, PEER) for who in seated]) or ()
        return score_out_of_100(sum(reason.points for reason in explained))

    def _weigh(self, people: Mapping[UUID, Sequence[str]]) -> Weighed | None:
        return self.solver.weigh(list(self._filled(people).values())) if self.solver else None

    def _known(self, people: Sequence[str]) -> bool:
        places = self.snapshot.rows.places
        return all(who in places for who in people)

    @staticmethod
    def _filled(people: Mapping[UUID, Sequence[str]]) -> dict[UUID, Sequence[str]]:
        return {pk: seated for pk, seated in people.items() if seated}

    def _moved(self, who: str, to: UUID | None) -> dict[UUID, list[str]]:
        moved = {pk: [p for p in people if p != who] for pk, people in self.people.items()}
        if to is not None:
            moved[to].append(who)
        return moved


def rules_against(solver: Solver, who: str, others: Sequence[str]) -> list[Against]:
    """Return which rules keep this person apart from whom, as a coordinator reads them."""
    kinds = {spec.key: spec.kind for spec in solver.snapshot.rules}
    names, labels = solver.snapshot.names, solver.snapshot.labels
    return [
        Against(
            names.get(other, "?"),
            rule_name(key, labels),
            refused=kinds.get(key, key) in {*ALWAYS_ON, FORBIDDEN},
        )
        for other in others
        for key in solver.rules_between(who, other)
    ]


def _solver(snapshot: Snapshot) -> Solver | None:
    """Return the problem; None where its criteria cannot be read: then seats have no score."""
    try:
        return solver_of(snapshot)
    except EngineError:
        return None


def places_for(enrolment: Enrolment) -> list[Place]:
    """Return where in the cohort this person could take a seat, the best first, refused ones last.

    In mentor programs nobody joins a pair that runs: see `partners_for`.
    """
    if enrolment.cohort.program.format == Program.Format.MENTOR:
        return []
    tables = SeatedTables(enrolment.cohort)
    who = str(enrolment.pk)
    mine = {pk for pk, people in tables.people.items() if who in people}
    places = [tables.place(pk, who) for pk in tables.partnerships if pk not in mine]
    return sorted((place for place in places if place.room), key=_best_first)


def _best_first(place: Place) -> tuple[bool, bool, int, str]:
    return place.refused, bool(place.against), -(place.after or 0), place.partnership.name


def candidates_for(partnership: Partnership) -> list[Candidate]:
    """Return who waits and could take a seat there, the best first."""
    if partnership.cohort.program.format == Program.Format.MENTOR:
        return []
    tables = SeatedTables(partnership.cohort)
    if partnership.pk not in tables.partnerships:
        return []
    waiting = [
        Candidate(enrolment, tables.place(partnership.pk, str(enrolment.pk)))
        for enrolment in without_partner(partnership.cohort).filter(part=PEER)
    ]
    return sorted(
        waiting, key=lambda candidate: (*_best_first(candidate.place), candidate.enrolment.pk)
    )


def partners_for(enrolment: Enrolment, part: str) -> list[Partner]:
    """Return who could be a partner of this person now, in a new pair, the best first."""
    program = enrolment.cohort.program
    if program.format == Program.Format.CIRCLES:
        return []
    solver = _solver(snapshot_around(enrolment, part))
    if solver is None:
        return []
    find = solver.seekers_of if part == MENTOR else solver.partners_of
    points = dict(list(find(str(enrolment.pk)).items())[:MOST_SHOWN])
    rows = Enrolment.objects.select_related("member").in_bulk([UUID(who) for who in points])
    return [Partner(rows[UUID(who)], score_out_of_100(n)) for who, n in points.items()]


def why_together(seeker: Enrolment, offerer: Enrolment) -> tuple[int, tuple[Reason, ...]] | None:
    """Return the score and the reasons of two who are to be a pair; None where nobody can say."""
    peers = seeker.cohort.program.format != Program.Format.MENTOR
    snapshot = snapshot_around(seeker, PEER if peers else MENTEE, among=[offerer.pk])
    solver = _solver(snapshot)
    one, other = str(seeker.pk), str(offerer.pk)
    if solver is None or one not in snapshot.rows.places or other not in snapshot.columns.places:
        return None
    parts = (PEER, PEER) if snapshot.peers is not None else (MENTEE, MENTOR)
    reasons = tuple(solver.explain([(one, parts[0]), (other, parts[1])]) or ())
    return score_out_of_100(sum(reason.points for reason in reasons)), reasons


def without_partner(cohort: Cohort) -> EnrolmentQuerySet:
    """Return who takes part in a cohort and has no open seat in it at all, by name."""
    sitting = Seat.objects.open().filter(
        enrolment=OuterRef("pk"), partnership__state__in=Partnership.OPEN
    )
    return (
        Enrolment.objects.filter(~Exists(sitting), cohort=cohort, state__in=SEATABLE)
        .exclude(member__state=Member.State.LEFT)
        .select_related("member")
        .order_by("member__family_name", "member__given_name", "id")
    )


def peer_seat_of(enrolment: Enrolment) -> Seat | None:
    """Return the open seat of somebody in a circle or reciprocal pair, if there is one."""
    seats = Seat.objects.open().filter(enrolment=enrolment, part=PEER)
    return (
        seats.filter(partnership__state__in=Partnership.OPEN)
        .select_related("partnership__organisation", "partnership__cohort__program")
        .select_related("enrolment__member")
        .first()
    )
