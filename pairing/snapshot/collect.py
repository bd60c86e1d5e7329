"""A cohort's candidates, criteria and rules as they stand now, as plain JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mentoring.common import clock
from mentoring.identity.models import Member
from mentoring.identity.queries import settings_in_force
from pairing.choices import Choice
from pairing.engine import Kind, RuleKind
from pairing.models import PairRule, Partnership, Seat
from pairing.snapshot.favour_rows import favours_now
from pairing.snapshot.problem import Snapshot
from pairing.snapshot.values import SLOT_MINUTES, value_for
from programs.models import Answer, Cohort, Criterion, Enrolment, Program, Question

VERSION = 1
CANDIDATES = (Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE)
REPORTING_LINE = "reporting_line"
SEEKING = (Enrolment.Part.MENTEE, Enrolment.Part.BOTH)
OFFERING = (Enrolment.Part.MENTOR, Enrolment.Part.BOTH)


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
    snapshot: Snapshot = {
        "version": VERSION,
        "format": program.format,
        "sizes": _sizes(program),
        "criteria": reader.criteria,
    }
    if program.format == Program.Format.MENTOR:
        mentees = [
            (each, 0 if reader.pauses(each) else 1)
            for each in reader.enrolments
            if each.part in SEEKING and not held[each.pk, Enrolment.Part.MENTEE]
        ]
        mentors = [
            (each, 0 if reader.pauses(each) else each.capacity - held[each.pk, "mentor"])
            for each in reader.enrolments
            if each.part in OFFERING
            and (each.capacity > held[each.pk, "mentor"] or not each.capacity)
        ]
        snapshot["seekers"] = reader.side(mentees, "seeker_field", held, Enrolment.Part.MENTEE)
        snapshot["offerers"] = reader.side(mentors, "offerer_field", held, Enrolment.Part.MENTOR)
    else:
        peers = [
            (each, 0 if reader.pauses(each) else 1)
            for each in reader.enrolments
            if each.part == Enrolment.Part.PEER and not held[each.pk, Enrolment.Part.PEER]
        ]
        snapshot["peers"] = reader.side(peers, "offerer_field", held, Enrolment.Part.PEER)
        if program.format == Program.Format.PAIRS:
            snapshot["peers"] |= {
                "sought": reader.columns(peers, "seeker_field"),
                "stood_in": _stood_in(seats, [each.pk for each, _capacity in peers]),
            }
    snapshot |= _pair_rules(cohort) | favours_now(cohort)
    # Who had a mentor is not given the same again.  Peers who have met meet others as long as there
    # are any, and two who have ended early are kept apart.  Circles are mixed anew over all
    # cohorts of the program, as far as it goes.
    snapshot["met"], snapshot["parted"] = [], []
    if program.format == Program.Format.MENTOR:
        snapshot["met"] = _have_met(seats)
    elif program.format == Program.Format.PAIRS:
        snapshot["met"] = _have_met(seats)
        early = (Partnership.State.ENDED, Partnership.State.LAPSED)
        snapshot["parted"] = _have_met(seat for seat in seats if seat[4] in early)
    else:
        snapshot["sat_together"] = _sat_together(program, reader.enrolments)
    return snapshot


def _sizes(program: Program) -> list[int]:
    if program.format == Program.Format.PAIRS:
        return [2, 2]
    return [program.circle_min, program.circle_max]


def _pair_rules(cohort: Cohort) -> dict[str, list[list[str]]]:
    """Return locked, preferred and forbidden pairs, each kind in the order it was set."""
    rules: dict[str, list[list[str]]] = {kind: [] for kind in PairRule.Kind.values}
    for kind, first, second in (
        PairRule.objects.filter(cohort=cohort)
        .order_by("id")
        .values_list("kind", "first_id", "second_id")
    ):
        rules[kind].append([str(first), str(second)])
    return rules


def _have_met(seats: Iterable[tuple[UUID, UUID, str, Any, str]]) -> list[list[str]]:
    """Return each two who have had seats at one table, once."""
    tables: dict[UUID, set[str]] = {}
    for partnership, enrolment, *_rest in seats:
        tables.setdefault(partnership, set()).add(str(enrolment))
    return _couples(tables.values())


def _couples(tables: Iterable[set[str]]) -> list[list[str]]:
    couples = {pair for people in tables for pair in combinations(sorted(people), 2)}
    return [list(pair) for pair in sorted(couples)]


def _sat_together(program: Program, enrolments: Iterable[Enrolment]) -> list[list[str]]:
    """Return each two who have sat in one circle of this program, whatever cohort that was in."""
    now = {each.member_id: str(each.pk) for each in enrolments}
    tables: dict[UUID, set[str]] = {}
    seats = Seat.objects.filter(
        partnership__cohort__program=program, enrolment__member_id__in=list(now)
    )
    for partnership, member in seats.values_list("partnership_id", "enrolment__member_id"):
        tables.setdefault(partnership, set()).add(now[member])
    return _couples(tables.values())


def _stood_in(seats: Iterable[tuple[UUID, UUID, str, Any, str]], people: list[UUID]) -> list[int]:
    """Return how often each person has been one of three where everybody else was one of two."""
    tables: dict[UUID, set[UUID]] = {}
    for partnership, enrolment, *_rest in seats:
        tables.setdefault(partnership, set()).add(enrolment)
    in_trios = Counter(each for table in tables.values() if len(table) > 2 for each in table)
    return [in_trios[each] for each in people]


class _Reader:
    """Reads a cohort's people once, with a fixed number of queries."""

    def __init__(self, cohort: Cohort, choice: Choice) -> None:
        settings = settings_in_force()
        self.today = clock.now().astimezone(settings.zone).date()
        self.home = settings.time_zone
        self.on: date = cohort.starts_on
        self.enrolments = list(
            Enrolment.objects.filter(cohort=cohort, state__in=CANDIDATES)
            .exclude(member__state=Member.State.LEFT)
            .select_related("member")
            .order_by("id")
        )
        questions = list(Question.objects.filter(program_id=cohort.program_id).order_by("id"))
        words = {f"answer:{each.key}": _words(each.options) for each in questions}
        self.criteria = choice.applied_to([_as_json(each, words) for each in criteria_of(cohort)])
        self.answers: dict[tuple[UUID, str], Any] = {
            (enrolment, f"answer:{key}"): value
            for enrolment, key, value in Answer.objects.filter(
                enrolment__cohort=cohort
            ).values_list("enrolment_id", "question__key", "value")
        }
        self.managers: dict[UUID, UUID | None] = dict(
            Member.objects.values_list("id", "manager_id")
        )
        self.members = {each.member_id for each in self.enrolments}

    def pauses(self, enrolment: Enrolment) -> bool:
        return enrolment.paused_until is not None and enrolment.paused_until > self.today

    def side(
        self,
        people: list[tuple[Enrolment, int]],
        field: str,
        held: Counter[tuple[UUID, str]],
        part: str,
    ) -> dict[str, Any]:
        """Return one side: who, how many partners each takes, and a column per criterion."""
        return {
            "enrolments": [str(each.pk) for each, _capacity in people],
            "members": [str(each.member_id) for each, _capacity in people],
            "names": _distinct_names([each.member for each, _capacity in people]),
            "capacity": [capacity for _each, capacity in people],
            "seated": [bool(held[each.pk, part]) for each, _capacity in people],
            "columns": self.columns(people, field),
        }

    def columns(self, people: list[tuple[Enrolment, int]], field: str) -> dict[str, list[Any]]:
        """Return what each criterion reads of each person, in its role as `field`."""
        return {
            criterion["key"]: [
                self._value(criterion, each, criterion[field]) for each, _capacity in people
            ]
            for criterion in self.criteria
        }

    def _value(self, criterion: dict[str, Any], enrolment: Enrolment, field: str) -> Any:
        if criterion["kind"] == RuleKind.NEVER_MANAGER:
            return self._manager(enrolment.member, criterion)
        member = enrolment.member
        if field.startswith("member:"):
            raw = getattr(member, field.removeprefix("member:"), None)
            raw = list(raw) if isinstance(raw, list) else raw
        else:
            raw = self.answers.get((enrolment.pk, field))
        given = criterion["parameters"].get("slot_minutes")
        slot_minutes = given if isinstance(given, int) and given > 0 else SLOT_MINUTES
        zone = member.time_zone or self.home
        kind = criterion["kind"]
        value = value_for(kind, raw, on=self.on, zone=zone, slot_minutes=slot_minutes)
        if isinstance(value, str) and isinstance(raw, str) and kind != Kind.TEXT:
            criterion["words"].setdefault(value, raw.strip())  # compared folded, shown as written
        return value

    def _manager(self, member: Member, criterion: dict[str, Any]) -> str | None:
        """Return the nearest person above who is a candidate too.

        The engine follows managers among those it is given; a superior outside the cohort
        must not hide the one above them.  With a depth only the direct manager counts.
        """
        above = self.managers.get(member.pk)
        seen = {member.pk}
        while above is not None and above not in seen:
            if above in self.members or criterion["parameters"].get("depth"):
                return str(above)
            seen.add(above)
            above = self.managers.get(above)
        return None


def criteria_of(cohort: Cohort) -> list[Criterion]:
    """Return the program's criteria; nobody is ever matched in a reporting line, asked or not."""
    found = list(Criterion.objects.filter(program_id=cohort.program_id).order_by("position", "id"))
    if any(each.kind == RuleKind.NEVER_MANAGER for each in found):
        return found
    always = Criterion(
        program=cohort.program,
        key=REPORTING_LINE,
        sort=Criterion.Sort.RULE,
        kind=RuleKind.NEVER_MANAGER,
        label=_("Never in the reporting line"),
        seeker_field="member:manager",
        offerer_field="member:manager",
    )
    return [*found, always]


def _as_json(criterion: Criterion, words: dict[str, dict[str, str]]) -> dict[str, Any]:
    fields = (criterion.seeker_field, criterion.offerer_field)
    return {
        "key": criterion.key,
        "sort": str(criterion.sort),
        "kind": str(criterion.kind),
        "label": criterion.label,
        "weight": criterion.weight,
        "seeker_field": criterion.seeker_field,
        "offerer_field": criterion.offerer_field,
        "parameters": dict(criterion.parameters),
        # what the keys of answers are called, so that reasons can be read years later
        "words": {key: word for field in fields for key, word in words.get(field, {}).items()},
    }


def _words(options: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return key -> name of a question's options."""
    return {option["key"]: option["name"] for option in options}


def _distinct_names(members: list[Member]) -> list[str]:
    """Return names that tell people apart: the engine refuses two of one name."""
    often = Counter(each.full_name for each in members)
    return [
        each.full_name if often[each.full_name] == 1 else f"{each.full_name} ({each.email})"
        for each in members
    ]
