"""A cohort's candidates, criteria and rules as they stand now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import combinations
from typing import Any, Literal
from uuid import UUID

from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext as _

from core.common import clock
from core.members.models import Member
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from pairing.engine.shapes import Kind, RuleKind
from pairing.inputs.snapshot import (
    MENTEE,
    MENTOR,
    PEER,
    Candidates,
    Choice,
    Columns,
    Couples,
    CriterionSpec,
    Snapshot,
)
from pairing.inputs.values import SLOT_MINUTES, value_for
from pairing.models.partnerships import Parting, Partnership, Seat
from pairing.models.requests import SEATABLE, Wish
from pairing.models.runs import PairRule
from programs.models.parts import Answer, Criterion, Question
from programs.models.programs import Cohort, Enrolment, Program

VERSION = 1
CANDIDATES = (Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE)
REPORTING_LINE = "reporting_line"
SEEKING = (Enrolment.Part.MENTEE, Enrolment.Part.BOTH)
OFFERING = (Enrolment.Part.MENTOR, Enrolment.Part.BOTH)

Field = Literal[0, 1]  # which of a criterion's two fields is read of a person
SEEKER_FIELD: Field = 0
OFFERER_FIELD: Field = 1


def take_snapshot(cohort: Cohort, choice: Choice | None = None) -> Snapshot:
    """Return everything a matching of this cohort depends on, as it stands now.

    Weights and rules are those of the choice, or as the program's design says.  Candidates are
    accepted or active, not gone, and without a partner in that part; whoever pauses this month
    is there with no capacity, so that the run can say so.
    """
    program = cohort.program
    seats = list(
        Seat.objects.filter(partnership__cohort=cohort)
        .exclude(partnership__state=Partnership.State.WITHDRAWN)  # it never was
        .values_list("partnership_id", "enrolment_id", "part", "left_at", "partnership__state")
    )
    held = Counter(
        (enrolment, part)
        for _partnership, enrolment, part, left_at, state in seats
        if left_at is None and state in Partnership.OPEN
    )
    reader = _Reader(cohort, choice or Choice())
    pair_rules, waiting = _pair_rules(cohort), waiting_since(cohort)
    snapshot = Snapshot(
        format=program.format,
        criteria=(),
        sizes=_sizes(program),
        locked=tuple(pair_rules[PairRule.Kind.LOCKED]),
        preferred=tuple(pair_rules[PairRule.Kind.PREFERRED]),
        forbidden=tuple(pair_rules[PairRule.Kind.FORBIDDEN]),
        wishes=_wishes(cohort),
        first=tuple(sorted(map(str, waiting))),
        avoided=tuple(sorted((str(who), cause) for who, cause in causes_of(list(waiting)).items())),
        version=VERSION,
    )
    if program.format == Program.Format.MENTOR:
        mentees = [
            (enrolment, 0 if reader.pauses(enrolment) else 1)
            for enrolment in reader.enrolments
            if enrolment.part in SEEKING and not held[enrolment.pk, Enrolment.Part.MENTEE]
        ]
        mentors = [
            (
                enrolment,
                0 if reader.pauses(enrolment) else enrolment.capacity - held[enrolment.pk, MENTOR],
            )
            for enrolment in reader.enrolments
            if enrolment.part in OFFERING
            and (enrolment.capacity > held[enrolment.pk, MENTOR] or not enrolment.capacity)
        ]
        snapshot = replace(
            snapshot,
            seekers=reader.side(mentees, SEEKER_FIELD, held, MENTEE),
            offerers=reader.side(mentors, OFFERER_FIELD, held, MENTOR),
        )
    else:
        peers = [
            (enrolment, 0 if reader.pauses(enrolment) else 1)
            for enrolment in reader.enrolments
            if enrolment.part == Enrolment.Part.PEER and not held[enrolment.pk, PEER]
        ]
        pool = reader.side(peers, OFFERER_FIELD, held, PEER)
        if program.format == Program.Format.PAIRS:
            pool = replace(
                pool,
                sought=reader.columns(peers, SEEKER_FIELD),
                stood_in=_stood_in(
                    _tables(seats), [enrolment.pk for enrolment, _capacity in peers]
                ),
            )
        snapshot = replace(snapshot, peers=pool)
    snapshot = replace(snapshot, criteria=reader.criteria_in_words())
    # Who had a mentor is not given the same again.  Peers who have met meet others as long as there
    # are any, and two who have ended early are kept apart.  Circles are mixed anew over all
    # cohorts of the program, as far as it goes.
    if program.format == Program.Format.MENTOR:
        return replace(snapshot, met=_couples(_tables(seats)))
    if program.format == Program.Format.PAIRS:
        early = (Partnership.State.ENDED, Partnership.State.LAPSED)
        parted = _couples(_tables(seat for seat in seats if seat[4] in early))
        return replace(snapshot, met=_couples(_tables(seats)), parted=parted)
    return replace(snapshot, sat_together=_sat_together(program, reader.enrolments))


def _sizes(program: Program) -> tuple[int, int]:
    if program.format == Program.Format.PAIRS:
        return 2, 2
    return program.circle_min, program.circle_max


def _pair_rules(cohort: Cohort) -> dict[str, list[tuple[str, str]]]:
    """Return locked, preferred and forbidden pairs, each kind in the order it was set."""
    rules: dict[str, list[tuple[str, str]]] = {kind: [] for kind in PairRule.Kind.values}
    for kind, first, second in (
        PairRule.objects.filter(cohort=cohort)
        .order_by("id")
        .values_list("kind", "first_id", "second_id")
    ):
        rules[kind].append((str(first), str(second)))
    return rules


def _tables(seats: Iterable[tuple[UUID, UUID, str, Any, str]]) -> list[set[str]]:
    """Return who has sat together, by partnership."""
    tables: dict[UUID, set[str]] = {}
    for partnership, enrolment, *_rest in seats:
        tables.setdefault(partnership, set()).add(str(enrolment))
    return list(tables.values())


def _couples(tables: Iterable[set[str]]) -> Couples:
    """Return each two who have had seats at one table, once."""
    couples = {pair for people in tables for pair in combinations(sorted(people), 2)}
    return tuple(sorted(couples))


def _sat_together(program: Program, enrolments: Iterable[Enrolment]) -> Couples:
    """Return each two who have sat in one circle of this program, whatever cohort that was in."""
    now = {enrolment.member_id: str(enrolment.pk) for enrolment in enrolments}
    tables: dict[UUID, set[str]] = {}
    seats = Seat.objects.filter(
        partnership__cohort__program=program, enrolment__member_id__in=list(now)
    )
    for partnership, member in seats.values_list("partnership_id", "enrolment__member_id"):
        tables.setdefault(partnership, set()).add(now[member])
    return _couples(tables.values())


def _stood_in(tables: Iterable[set[str]], people: list[UUID]) -> tuple[int, ...]:
    """Return how often each person has been one of three where everybody else was one of two."""
    in_trios = Counter(who for table in tables if len(table) > 2 for who in table)
    return tuple(in_trios[str(who)] for who in people)


class _Reader:
    """Reads a cohort's people once, with a fixed number of queries."""

    def __init__(self, cohort: Cohort, choice: Choice) -> None:
        settings = settings_in_force()
        self.today = day_of(clock.now(), settings.zone)
        self.home = settings.time_zone
        self.on: date = cohort.starts_on
        self.enrolments = list(
            Enrolment.objects.filter(cohort=cohort, state__in=CANDIDATES)
            .exclude(member__state=Member.State.LEFT)
            .select_related("member")
            .order_by("id")
        )
        questions = list(Question.objects.filter(program_id=cohort.program_id).order_by("id"))
        options = {f"answer:{question.key}": _words(question.options) for question in questions}
        self.criteria = choice.applied_to(map(_spec, criteria_of(cohort)))
        # what the keys of answers are called; what is compared folded is added as people are read
        self.words: dict[str, dict[str, str]] = {
            spec.key: {
                key: word for name in spec.fields for key, word in options.get(name, {}).items()
            }
            for spec in self.criteria
        }
        self.answers: dict[tuple[UUID, str], Any] = {
            (enrolment, f"answer:{key}"): value
            for enrolment, key, value in Answer.objects.filter(
                enrolment__cohort=cohort
            ).values_list("enrolment_id", "question__key", "value")
        }
        self.managers: dict[UUID, UUID | None] = dict(
            Member.objects.values_list("id", "manager_id")
        )
        self.members = {enrolment.member_id for enrolment in self.enrolments}

    def pauses(self, enrolment: Enrolment) -> bool:
        return enrolment.paused_until is not None and enrolment.paused_until > self.today

    def side(
        self,
        people: list[tuple[Enrolment, int]],
        field: Field,
        held: Counter[tuple[UUID, str]],
        part: str,
    ) -> Candidates:
        """Return one side: who, how many partners each takes, and a column per criterion."""
        return Candidates(
            enrolments=tuple(str(enrolment.pk) for enrolment, _capacity in people),
            members=tuple(str(enrolment.member_id) for enrolment, _capacity in people),
            names=_distinct_names([enrolment.member for enrolment, _capacity in people]),
            capacity=tuple(capacity for _enrolment, capacity in people),
            seated=tuple(bool(held[enrolment.pk, part]) for enrolment, _capacity in people),
            columns=self.columns(people, field),
        )

    def columns(self, people: list[tuple[Enrolment, int]], field: Field) -> Columns:
        return {
            spec.key: [
                self._value(spec, enrolment, spec.fields[field]) for enrolment, _capacity in people
            ]
            for spec in self.criteria
        }

    def criteria_in_words(self) -> tuple[CriterionSpec, ...]:
        """Return the criteria with the words of everything that has been read for them."""
        return tuple(replace(spec, words=self.words[spec.key]) for spec in self.criteria)

    def _value(self, spec: CriterionSpec, enrolment: Enrolment, field: str) -> Any:
        if spec.kind == RuleKind.NEVER_MANAGER:
            return self._manager(enrolment.member, spec)
        member = enrolment.member
        if field.startswith("member:"):
            raw = getattr(member, field.removeprefix("member:"), None)
            raw = list(raw) if isinstance(raw, list) else raw
        else:
            raw = self.answers.get((enrolment.pk, field))
        minutes = spec.parameters.get("slot_minutes")
        slot_minutes = minutes if isinstance(minutes, int) and minutes > 0 else SLOT_MINUTES
        zone = member.time_zone or self.home
        value = value_for(spec.kind, raw, on=self.on, zone=zone, slot_minutes=slot_minutes)
        if isinstance(value, str) and isinstance(raw, str) and spec.kind != Kind.TEXT:
            self.words[spec.key].setdefault(value, raw.strip())  # compared folded, shown as written
        return value

    def _manager(self, member: Member, spec: CriterionSpec) -> str | None:
        """Return the nearest person above who is a candidate too.

        The engine follows managers among those it is given; a superior outside the cohort
        must not hide the one above them.  With a depth only the direct manager counts.
        """
        above = self.managers.get(member.pk)
        seen = {member.pk}
        while above is not None and above not in seen:
            if above in self.members or spec.parameters.get("depth"):
                return str(above)
            seen.add(above)
            above = self.managers.get(above)
        return None


def criteria_of(cohort: Cohort) -> list[Criterion]:
    """Return the program's criteria; nobody is ever matched in a reporting line, asked or not."""
    rows = Criterion.objects.filter(program_id=cohort.program_id).order_by("position", "id")
    criteria = list(rows)
    if any(criterion.kind == RuleKind.NEVER_MANAGER for criterion in criteria):
        return criteria
    always = Criterion(
        program=cohort.program,
        key=REPORTING_LINE,
        sort=Criterion.Sort.RULE,
        kind=RuleKind.NEVER_MANAGER,
        label=_("Never in the reporting line"),
        seeker_field="member:manager",
        offerer_field="member:manager",
    )
    return [*criteria, always]


def _spec(criterion: Criterion) -> CriterionSpec:
    return CriterionSpec(
        key=criterion.key,
        sort=str(criterion.sort),
        kind=str(criterion.kind),
        label=criterion.label,
        weight=criterion.weight,
        seeker_field=criterion.seeker_field,
        offerer_field=criterion.offerer_field,
        parameters=dict(criterion.parameters),
    )


def _words(options: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {option["key"]: option["name"] for option in options}


def _distinct_names(members: list[Member]) -> tuple[str, ...]:
    """Return names that tell people apart: the engine refuses two of one name."""
    often = Counter(member.full_name for member in members)
    return tuple(
        member.full_name if often[member.full_name] == 1 else f"{member.full_name} ({member.email})"
        for member in members
    )


def _wishes(cohort: Cohort) -> tuple[tuple[str, str, int], ...]:
    """Return who wishes for whom, and as which wish; nothing where people do not choose."""
    if not cohort.program.lets_people_ask:
        return ()
    rows = Wish.objects.filter(enrolment__cohort=cohort).order_by("enrolment_id", "rank")
    return tuple(
        (str(who), str(whom), rank)
        for who, whom, rank in rows.values_list("enrolment_id", "wished_id", "rank")
    )


def waiting_since(cohort: Cohort) -> dict[UUID, datetime]:
    """Return when the last partnership ended of everybody who takes part and has no partner.

    By enrolment.  Who completed theirs does not wait; who never had one waits for a first.
    """
    sitting = Seat.objects.open().filter(
        enrolment=OuterRef("enrolment_id"), partnership__state__in=Partnership.OPEN
    )
    rows = (
        Seat.objects.filter(
            ~Exists(sitting),
            partnership__cohort=cohort,
            left_at__isnull=False,
            enrolment__state__in=SEATABLE,
        )
        .exclude(partnership__state=Partnership.State.COMPLETED)
        .exclude(enrolment__member__state=Member.State.LEFT)
        .order_by()
        .values("enrolment_id")
        .annotate(since=Max("left_at"))
    )
    return {row["enrolment_id"]: row["since"] for row in rows}


def causes_of(enrolments: Sequence[UUID]) -> dict[UUID, str]:
    """Return what each of these people last wanted to be different, for a run to weigh."""
    rows = Parting.objects.filter(seat__enrolment__in=enrolments).order_by("said_at", "id")
    return dict(rows.values_list("seat__enrolment_id", "cause"))
