"""Partnerships with their points and how they went, and what is released of a program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from agreements.goals.models import Goal
from core.members.models import Member
from core.tenancy.days import day_of
from feedback.models.fits import FitQuestion
from feedback.models.released import ReleasedStep
from metrics.fit.study import Case, Known, Side, Split
from metrics.models import FitLook
from metrics.queries.agreed import goal_readings
from metrics.queries.direct import NOT_COUNTED
from metrics.queries.partnerships import NOT_BEGUN, contacted, window_of
from metrics.queries.tallied import AsOf
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import Criterion
from programs.models.programs import Program

KEPT_FOR = timedelta(days=90)  # contact is looked at so long after the beginning
LATE = timedelta(days=14)  # so long people may still say that they met
GOALS = "goal_attainment"

Outcome = FitLook.Outcome
Points = Mapping[str, Fraction]


@dataclass(frozen=True)
class Gone:
    """How partnerships went in one outcome; sums shown of them, and who else is in these."""

    cases: Sequence[Case]
    known: Sequence[Known] = ()
    others: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Made:
    """A partnership that a run has made, with its share of each criterion's points."""

    row: Partnership
    points: Points

    def case(self, people: frozenset[UUID], well: bool) -> Case:
        return Case(self.row.pk, self.row.cohort_id, people, well, self.points)

    def is_over(self, today: date) -> bool:
        return self.row.ended_at is not None or self.row.ends_on <= today


def gone(program: Program, outcome: str, as_of: AsOf) -> Gone:
    """Return how the partnerships of a program went that no released look at this has seen."""
    looks = FitLook.objects.filter(program=program, outcome=outcome, refusal="")
    seen = {pk for pks in looks.values_list("partnerships", flat=True) for pk in pks}
    made = {pk: one for pk, one in _made(program).items() if pk not in seen}
    if outcome == Outcome.FIT:
        return Gone(list(_fits(made, as_of)))
    if outcome == Outcome.CONTACT:
        return Gone(list(_contact(made, program, as_of)))
    return _goals(made, as_of)


def _made(program: Program) -> dict[UUID, _Made]:
    rows = (
        Partnership.objects.filter(cohort__program=program)
        .exclude(state__in=NOT_COUNTED)
        .order_by("cohort", "pk")
    )
    return {row.pk: _Made(row, points) for row in rows if (points := points_of(row.reasons))}


def points_of(reasons: Sequence[Mapping[str, Any]]) -> Points:
    """Return the share of its points by criterion; without what somebody had not answered."""
    return {
        reason["criterion"]: Fraction(reason["points"], reason["of"])
        for reason in reasons
        if reason.get("of", 0) > 0 and not reason["reason"].startswith(("missing", "bonus_"))
    }


def _fits(made: Mapping[UUID, _Made], as_of: AsOf) -> Iterator[Case]:
    """Yield those whose partners have been asked for the last time: well is a Yes of all answers.

    Each one's last answer counts, if a coordinator may see it.
    """
    rows = FitQuestion.objects.filter(seat__partnership__in=list(made)).order_by("opened_at", "pk")
    asked: dict[UUID, list[FitQuestion]] = defaultdict(list)
    for row in rows.select_related("seat"):
        asked[row.seat.partnership_id].append(row)
    for pk, questions in asked.items():
        one = made[pk]
        was_last = any(row.moment == FitQuestion.Moment.DAY_30 for row in questions)
        is_closed = all(row.due_on <= as_of.today for row in questions)
        if not is_closed or not (was_last or one.is_over(as_of.today)):
            continue
        last = {row.seat.enrolment_id: row for row in questions if row.fits}
        said = {who: row.fits for who, row in last.items() if row.coordinator_sees}
        if said:
            yield one.case(frozenset(said), set(said.values()) == {FitQuestion.Fits.YES})


def _contact(made: Mapping[UUID, _Made], program: Program, as_of: AsOf) -> Iterator[Case]:
    """Yield those that began long enough ago: well is contact as often as planned at the end.

    Looked at are the last weeks before the 90th day, or before the planned last one.  What was
    paused is left out: nobody expected contact then.
    """
    people, zone = _people(made), ZoneInfo(as_of.zone)
    days, times = window_of(program.cadence_days)
    facts = {
        pk: row
        for cohort in sorted({one.row.cohort_id for one in made.values()})
        for pk, row in contacted(cohort, as_of).items()
    }
    for pk, one in made.items():
        if one.row.state == Partnership.State.PAUSED or one.row.resumed_at is not None:
            continue
        begun = max(one.row.starts_on, day_of(one.row.published_at, zone))
        until = min(begun + KEPT_FOR, one.row.ends_on)
        if one.row.state == Partnership.State.COMPLETED and one.row.ended_at is not None:
            until = min(until, day_of(one.row.ended_at, zone))
        since = until - timedelta(days=days)
        if since < begun or until + LATE > as_of.today:
            continue
        known = facts.get(pk)
        met = [] if known is None or one.row.state in NOT_BEGUN else [known.held, known.told]
        contacts = max((sum(since < day <= until for day in found) for found in met), default=0)
        yield one.case(people[pk], contacts >= times)


def _goals(made: Mapping[UUID, _Made], as_of: AsOf) -> Gone:
    """Return those that are over and whose goals the report counts: well is half of them met.

    A goal that no released step of the report has counted would follow from the difference, so
    its partnership is left out; the sums of the steps are known.
    """
    cohorts = sorted({one.row.cohort_id for one in made.values()})
    table = dict(
        Goal.objects.filter(partnership__cohort__in=cohorts).values_list("pk", "partnership")
    )
    steps = ReleasedStep.objects.filter(cohort__in=cohorts, key=GOALS, aside=False).order_by("pk")
    units = [frozenset(row.units) for row in steps]
    counted = frozenset[UUID]().union(*units)
    people: dict[UUID, set[UUID]] = defaultdict(set)
    met: dict[UUID, list[int]] = defaultdict(list)
    open_still = set()
    for cohort in cohorts:
        for reading in goal_readings(cohort, as_of):
            for answer in reading.answers:
                pk = table[answer.unit]
                people[pk] |= answer.people
                met[pk].append(answer.adds[0])
                if answer.unit not in counted:
                    open_still.add(pk)
    cases = [
        one.case(frozenset(people[pk]), 2 * sum(met[pk]) >= len(met[pk]))
        for pk, one in made.items()
        if met[pk] and pk not in open_still and one.is_over(as_of.today)
    ]
    known = [Known(frozenset(table[goal] for goal in step if goal in table)) for step in units]
    return Gone(cases, known, {pk: frozenset(who) for pk, who in people.items()})


def _people(made: Mapping[UUID, _Made]) -> dict[UUID, frozenset[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    seats = Seat.objects.filter(partnership__in=list(made))
    for pk, enrolment in seats.values_list("partnership", "enrolment"):
        found[pk].add(enrolment)
    return {pk: frozenset(found[pk]) for pk in made}


def people_of(partnerships: Sequence[UUID]) -> int:
    """Return how many people sit or sat in these partnerships."""
    seats = Seat.objects.filter(partnership__in=partnerships)
    return seats.values("enrolment").distinct().count()


@dataclass(frozen=True)
class OutcomeLooks:
    """What is released of one outcome, all looks together, and the refusal that stands, if any."""

    outcome: str
    partnerships: int
    until: date | None
    splits: Mapping[str, Split]
    refused: Mapping[str, str]
    refusal: FitLook | None


@dataclass(frozen=True)
class ProgramLooks:
    program: Program
    criteria: Sequence[Criterion]
    outcomes: Sequence[OutcomeLooks]


def split_of(numbers: Sequence[int]) -> Split:
    more, more_well, fewer, fewer_well = numbers
    return Split(Side(more, more_well), Side(fewer, fewer_well))


def numbers_of(split: Split) -> list[int]:
    return [split.more.n, split.more.well, split.fewer.n, split.fewer.well]


def looks(member: Member) -> list[ProgramLooks]:
    """Return the programs that match people, by name, with what is released; four statements."""
    programs = list(Program.objects.visible_to(member).active().order_by("name", "pk"))
    criteria: dict[UUID, list[Criterion]] = defaultdict(list)
    rows = Criterion.objects.filter(program__in=programs, sort=Criterion.Sort.SCORE)
    for criterion in rows.order_by("position", "pk"):
        criteria[criterion.program_id].append(criterion)
    made: dict[UUID, list[FitLook]] = defaultdict(list)
    for look in FitLook.objects.visible_to(member).order_by("looked_on", "pk"):
        made[look.program_id].append(look)
    return [
        ProgramLooks(
            program,
            criteria[program.pk],
            [
                _together(outcome, [row for row in made[program.pk] if row.outcome == outcome])
                for outcome in Outcome.values
            ],
        )
        for program in programs
    ]


def _together(outcome: str, rows: Sequence[FitLook]) -> OutcomeLooks:
    released = [row for row in rows if not row.refusal]
    splits: dict[str, Split] = {}
    refused: dict[str, str] = {}
    for row in released:
        refused |= row.refused
        for key, numbers in row.splits.items():
            split = split_of(numbers)
            splits[key] = splits[key] + split if key in splits else split
    return OutcomeLooks(
        outcome=outcome,
        partnerships=sum(len(row.partnerships) for row in released),
        until=max((row.looked_on for row in released), default=None),
        splits=splits,
        refused={key: why for key, why in refused.items() if key not in splits},
        refusal=next((row for row in rows if row.refusal), None),
    )
