"""A cohort's candidates, criteria and rules as they stand now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import combinations
from typing import Any, Literal, TypeAlias
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan
from django.utils.translation import gettext as _

from core.common import clock
from core.members.managers import managers_above
from core.members.models import Member
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from pairing.engine.shapes import Kind, LeftOverReason, RuleKind
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
from pairing.inputs.trained import not_yet_to_match
from pairing.inputs.values import SLOT_MINUTES, value_for
from pairing.models.partnerships import Parting, Partnership, Seat, SeatQuerySet
from pairing.models.requests import SEATABLE, Wish
from pairing.models.runs import LeftOver, MatchRun, PairRule
from programs.models.parts import Answer, Criterion, Question
from programs.models.programs import Cohort, Enrolment, EnrolmentQuerySet, Program

VERSION = 1
CANDIDATES = (Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE)
REPORTING_LINE = "reporting_line"
SEEKING = (Enrolment.Part.MENTEE, Enrolment.Part.BOTH)
OFFERING = (Enrolment.Part.MENTOR, Enrolment.Part.BOTH)

Field = Literal[0, 1]  # which of a criterion's two fields is read of a person
SEEKER_FIELD: Field = 0
OFFERER_FIELD: Field = 1


def take_snapshot(
    cohort: Cohort,
    choice: Choice | None = None,
    *,
    with_seated: bool = False,
    unaccepted_too: bool = False,
) -> Snapshot:
    """Return everything a matching of this cohort depends on, as it stands now.

    Weights and rules are those of the choice, or as the program's design says.  Candidates are
    accepted or active, not gone, and without a partner in that part; whoever pauses this month
    is there with no capacity, so that the run can say so.  With `with_seated` peers who sit
    somewhere are in it too, so that the circles that stand can be weighed.  Who has not accepted
    the expectations is counted, and a candidate only with `unaccepted_too`; who has a lesson to do
    that is required before matching is counted, and no candidate.
    """
    seats = _seats(Seat.objects.filter(partnership__cohort=cohort))
    reader = _Reader(cohort, choice or Choice(), unaccepted_too or with_seated)
    pair_rules, waiting = _pair_rules(PairRule.objects.filter(cohort=cohort)), waiting_since(cohort)
    snapshot = Snapshot(
        format=cohort.program.format,
        criteria=(),
        sizes=_sizes(cohort.program),
        locked=tuple(pair_rules[PairRule.Kind.LOCKED]),
        preferred=tuple(pair_rules[PairRule.Kind.PREFERRED]),
        forbidden=tuple(pair_rules[PairRule.Kind.FORBIDDEN]),
        wishes=_wishes(cohort),
        first=tuple(sorted(map(str, _goes_first(cohort, waiting)))),
        avoided=tuple(
            sorted(
                (str(who), cause)
                for who, cause in causes_of([who for who, _part in waiting]).items()
            )
        ),
        unaccepted=len(reader.unaccepted - reader.untrained),
        untrained=len(reader.untrained),
        version=VERSION,
    )
    return _with_people(snapshot, reader, seats, with_seated=with_seated)


def snapshot_around(
    enrolment: Enrolment, part: str, *, among: Collection[UUID] | None = None
) -> Snapshot:
    """Return what decides how well one person, in that part, fits others of their cohort.

    The rows read are theirs and those of whom they could have as a partner now, or of `among`
    alone: what the rest of the cohort, its history and the organisation hold costs nothing.
    What people and coordinators have said is left out, except who may not be together; and who
    has not accepted the expectations is in it, since no run is made of this.
    """
    cohort = enrolment.cohort
    if among is None:
        others = _with_a_place(cohort, part)
    else:
        others = Enrolment.objects.filter(cohort=cohort, pk__in=among)
    people = Enrolment.objects.filter(Q(pk=enrolment.pk) | Q(pk__in=others.values("pk")))
    reader = _Reader(cohort, Choice(), True, people)
    own = Seat.objects.filter(partnership__cohort=cohort, enrolment=enrolment)
    seats = Seat.objects.filter(
        Q(partnership__in=own.values("partnership"))
        | Q(enrolment__in=reader.ids, left_at=None, partnership__state__in=Partnership.OPEN)
    )
    apart = PairRule.objects.filter(Q(first=enrolment) | Q(second=enrolment), cohort=cohort)
    snapshot = Snapshot(
        format=cohort.program.format,
        criteria=(),
        sizes=_sizes(cohort.program),
        forbidden=tuple(_pair_rules(apart)[PairRule.Kind.FORBIDDEN]),
        version=VERSION,
    )
    return _with_people(snapshot, reader, _seats(seats))


def _with_a_place(cohort: Cohort, part: str) -> EnrolmentQuerySet:
    """Return who could be given to somebody of this part: who offers, or seeks, and has room."""
    wanted = {MENTEE: OFFERING, MENTOR: SEEKING}.get(part, (Enrolment.Part.PEER,))
    theirs = {MENTEE: MENTOR, MENTOR: MENTEE}.get(part, PEER)
    held = (
        Seat.objects.open()
        .filter(enrolment=OuterRef("pk"), part=theirs, partnership__state__in=Partnership.OPEN)
        .order_by()
        .values("enrolment")
        .annotate(n=Count("pk"))
        .values("n")
    )
    rows: EnrolmentQuerySet = Enrolment.objects.filter(cohort=cohort, part__in=wanted)
    places = F("capacity") if theirs == MENTOR else 1
    return rows.filter(LessThan(Coalesce(Subquery(held), 0), places))


_SeatRow: TypeAlias = tuple[UUID, UUID, str, Any, str]


def _seats(rows: SeatQuerySet) -> list[_SeatRow]:
    """Return seats as partnership, enrolment, part, when it was left, and how the table stands."""
    rows = rows.exclude(partnership__state=Partnership.State.WITHDRAWN)  # it never was
    return list(
        rows.values_list("partnership_id", "enrolment_id", "part", "left_at", "partnership__state")
    )


def _with_people(
    snapshot: Snapshot, reader: _Reader, seats: list[_SeatRow], *, with_seated: bool = False
) -> Snapshot:
    """Return the snapshot with its candidates, the criteria, and who has been together."""
    program = reader.cohort.program
    held = Counter(
        (enrolment, part)
        for _partnership, enrolment, part, left_at, state in seats
        if left_at is None and state in Partnership.OPEN
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
            if enrolment.part == Enrolment.Part.PEER
            and (with_seated or not held[enrolment.pk, PEER])
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
        state = Partnership.State
        early = (state.ENDED, state.LAPSED, state.NEVER_STARTED)
        parted = _couples(_tables(seat for seat in seats if seat[4] in early))
        return replace(snapshot, met=_couples(_tables(seats)), parted=parted)
    return replace(snapshot, sat_together=_sat_together(program, reader.enrolments))


def _sizes(program: Program) -> tuple[int, int]:
    if program.format == Program.Format.PAIRS:
        return 2, 2
    return program.circle_min, program.circle_max


def _pair_rules(
    rows: QuerySet[PairRule, PairRule],
) -> dict[str, list[tuple[str, str]]]:
    """Return locked, preferred and forbidden pairs, each kind in the order it was set."""
    rules: dict[str, list[tuple[str, str]]] = {kind: [] for kind in PairRule.Kind.values}
    for kind, first, second in rows.order_by("id").values_list("kind", "first_id", "second_id"):
        rules[kind].append((str(first), str(second)))
    return rules


def _tables(seats: Iterable[_SeatRow]) -> list[set[str]]:
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
    """Reads a cohort's people, or those of them that are asked for, once.

    With a fixed number of statements, and no rows of anybody else but their superiors.
    """

    def __init__(
        self,
        cohort: Cohort,
        choice: Choice,
        unaccepted_too: bool,
        people: EnrolmentQuerySet | None = None,
    ) -> None:
        settings = settings_in_force()
        self.cohort = cohort
        self.today = day_of(clock.now(), settings.zone)
        self.home = settings.time_zone
        self.on: date = cohort.starts_on
        people = Enrolment.objects.all() if people is None else people
        self.enrolments = list(
            people.filter(cohort=cohort, state__in=CANDIDATES)
            .exclude(member__state=Member.State.LEFT)
            .select_related("member")
            .order_by("id")
        )
        silent = Enrolment.objects.filter(cohort=cohort, pk__in=self.ids).without_expectations()
        seated = Seat.objects.open().filter(
            partnership__cohort=cohort, partnership__state__in=Partnership.OPEN
        )
        silent = silent.exclude(pk__in=seated.values("enrolment"))
        rows = Enrolment.objects.filter(cohort=cohort, pk__in=self.ids)
        self.untrained = set(not_yet_to_match(rows).values_list("pk", flat=True))
        self.enrolments = [row for row in self.enrolments if row.pk not in self.untrained]
        self.unaccepted = set(silent.values_list("pk", flat=True))
        if not unaccepted_too:
            self.enrolments = [row for row in self.enrolments if row.pk not in self.unaccepted]
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
        read = {name for spec in self.criteria for name in spec.fields}
        compared = [question.pk for question in questions if f"answer:{question.key}" in read]
        self.answers: dict[tuple[UUID, str], Any] = {
            (enrolment, f"answer:{key}"): value
            for enrolment, key, value in Answer.objects.filter(
                enrolment__in=self.ids, question__in=compared
            ).values_list("enrolment_id", "question__key", "value")
        }
        self.members = {enrolment.member_id for enrolment in self.enrolments}
        self.managers = managers_above(self.members)

    @property
    def ids(self) -> list[UUID]:
        return [enrolment.pk for enrolment in self.enrolments]

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
    """Return who wishes for whom, and as which wish; nothing where people are not asked."""
    if not cohort.program.lets_people_wish:
        return ()
    rows = Wish.objects.filter(enrolment__cohort=cohort).order_by("enrolment_id", "rank")
    return tuple(
        (str(who), str(whom), rank)
        for who, whom, rank in rows.values_list("enrolment_id", "wished_id", "rank")
    )


Place = tuple[UUID, str]  # an enrolment, and a part of it


def waiting_since(*cohorts: Cohort) -> dict[Place, datetime]:
    """Return since when somebody waits for a new partner, by enrolment and part.

    Their last partnership in that part ended and they have no other in it.  Who completed theirs
    does not wait.
    """
    sitting = Seat.objects.open().filter(
        enrolment=OuterRef("enrolment_id"),
        part=OuterRef("part"),
        partnership__state__in=Partnership.OPEN,
    )
    completed = Seat.objects.filter(
        enrolment=OuterRef("enrolment_id"),
        part=OuterRef("part"),
        partnership__state=Partnership.State.COMPLETED,
    )
    rows = (
        Seat.objects.filter(
            ~Exists(sitting),
            ~Exists(completed),
            Q(enrolment__part=F("part")) | Q(enrolment__part=Enrolment.Part.BOTH),
            partnership__cohort__in=cohorts,
            left_at__isnull=False,
            enrolment__state__in=SEATABLE,
        )
        .exclude(partnership__state=Partnership.State.WITHDRAWN)  # it never was
        .exclude(enrolment__member__state=Member.State.LEFT)
        .order_by()
        .values("enrolment_id", "part")
        .annotate(since=Max("left_at"))
    )
    return {(row["enrolment_id"], row["part"]): row["since"] for row in rows}


def never_partnered(*cohorts: Cohort) -> dict[Place, datetime]:
    """Return since when somebody is in a cohort that has partnerships, or runs, and never had one.

    By enrolment and part: somebody may have a mentor and no mentee.
    """
    standing = Partnership.objects.filter(cohort__in=cohorts).standing()
    had = set(Seat.objects.filter(partnership__in=standing).values_list("enrolment_id", "part"))
    begun = Q(cohort__phase=Cohort.Phase.RUNNING)
    begun |= Q(Exists(standing.filter(cohort=OuterRef("cohort"))))
    people = Enrolment.objects.filter(begun, cohort__in=cohorts, state__in=SEATABLE).exclude(
        member__state=Member.State.LEFT
    )
    return {
        (enrolment, part): accepted_at or applied_at
        for enrolment, own_part, accepted_at, applied_at in people.values_list(
            "pk", "part", "accepted_at", "applied_at"
        )
        for part in ((MENTEE, MENTOR) if own_part == Enrolment.Part.BOTH else (own_part,))
        if (enrolment, part) not in had
    }


def _goes_first(cohort: Cohort, waiting: Iterable[Place]) -> set[UUID]:
    """Return whose partnership ended, and whom a run that stands left over without any since."""
    left = set(
        LeftOver.objects.filter(run__cohort=cohort, run__state=MatchRun.State.PUBLISHED)
        .exclude(reason=LeftOverReason.NO_CAPACITY)
        .values_list("enrolment_id", "part")
    )
    return {who for who, _part in waiting} | {
        who for who, part in never_partnered(cohort) if (who, part) in left
    }


def causes_of(enrolments: Sequence[UUID]) -> dict[UUID, str]:
    """Return what each of these people last wanted to be different, for a run to weigh."""
    rows = Parting.objects.filter(seat__enrolment__in=enrolments).order_by("said_at", "id")
    return dict(rows.values_list("seat__enrolment_id", "cause"))
