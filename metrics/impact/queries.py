"""What is read for HR records on their way in, and for the page of comparisons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Max, Min

from core.members.models import Member
from metrics.impact.records import Existing, PeopleIndex, Person, as_said, shown
from metrics.models import Comparison, HrRecord, RecordImport
from metrics.queries.compared import OUTCOMES, Compared, Records, as_one
from programs.errors import FileGone
from programs.importing.tables import Table, read_table
from programs.importing.values import fold
from programs.models.programs import Cohort, Program


def read_file(
    record_import: RecordImport, *, step: Callable[[int], None] = lambda done: None
) -> Table:
    """Read the file as it was read before; raises FileGone, or UnreadableFile."""
    if record_import.file is None:
        raise FileGone
    code_page = record_import.reading.get("encoding", "")
    return read_table(bytes(record_import.file.content), code_page=code_page, step=step)


def people() -> PeopleIndex:
    """Return everybody a record can be about: who has left too, but nobody's tombstone."""
    rows = Member.objects.filter(merged_into=None, erased_at=None).order_by("pk")
    return PeopleIndex([Person(row.pk, row.full_name, row.email, row.employee_id) for row in rows])


def existing_records(days: Iterable[date]) -> Existing:
    """Return the records of those days, by person and day."""
    rows = HrRecord.objects.filter(known_on__in=set(days)).order_by("pk")
    names = ("member", "known_on", *HrRecord.FACTS)
    return {(row["member"], row["known_on"]): row for row in rows.values(*names)}


@dataclass(frozen=True)
class Undoing:
    """What taking an import back does: records removed, restored, and those that have changed."""

    removed: Sequence[UUID]
    restored: Sequence[HrRecord]  # as they were before, not saved
    kept: int

    @property
    def counts(self) -> dict[str, int]:
        return {"removed": len(self.removed), "restored": len(self.restored), "kept": self.kept}


def undoing_of(record_import: RecordImport) -> Undoing:
    """Return what taking an import back would do; raises FileGone where its rows are not kept.

    A record is kept as it is where it has come to say something else since, or where nobody is
    known by the row's e-mail any more.
    """
    rows = [row for row in record_import.planned.rows if row.verdict in {"new", "changed"}]
    by_email = people().by_email
    days = {row.work for row in rows}
    records = {
        (record.member_id, record.known_on.isoformat()): record
        for record in HrRecord.objects.filter(known_on__in=days).order_by("pk")
    }
    removed, restored = [], []
    for row in rows:
        person = by_email.get(fold(row.email))
        record = records.get((person.pk, row.work)) if person else None
        left = {name: after for name, _before, after in row.changes}
        said = dict.fromkeys(HrRecord.FACTS, "") | left if row.verdict == "new" else left
        if record is None or any(shown(getattr(record, name)) != said[name] for name in said):
            continue
        if row.verdict == "new":
            removed.append(record.pk)
            continue
        for name, before, _after in row.changes:
            setattr(record, name, as_said(name, before))
        restored.append(record)
    return Undoing(removed, restored, len(rows) - len(removed) - len(restored))


@dataclass(frozen=True)
class Coverage:
    """Of how many people the records say enough to be compared in one outcome."""

    key: str
    participants: int
    others: int


@dataclass(frozen=True)
class WaitingCohorts:
    """The cohorts of a program that are over for long enough and not compared yet."""

    program: Program
    cohorts: Sequence[Cohort]
    started: int
    coverage: Sequence[Coverage]


@dataclass(frozen=True)
class Later:
    """A cohort that has to wait, and until when."""

    cohort: Cohort
    ripe_on: date


@dataclass(frozen=True)
class ProgramImpact:
    """All of one program: what is released, by outcome, what was refused, and what waits."""

    program: Program
    cohorts: Sequence[Cohort]
    released: Sequence[Comparison]
    totals: Sequence[Compared]
    refused: Sequence[Comparison]
    later: Sequence[Later]
    waits: bool


def waiting_cohorts(program: Program, key: str, records: Records, today: date) -> list[Cohort]:
    """Return the cohorts of a program whose time has come and that are in no released comparison
    of this outcome, in order."""
    done = Comparison.objects.filter(program=program, key=key, refusal="")
    over = {pk for pks in done.values_list("cohorts", flat=True) for pk in pks}
    rows = Cohort.objects.filter(program=program, pk__in=records.cohorts).order_by(
        "starts_on", "pk"
    )
    return [row for row in rows if row.pk not in over and _is_ripe(records, row.pk, today)]


def _is_ripe(records: Records, cohort_id: UUID, today: date) -> bool:
    day = records.ripe_on(cohort_id)
    return day is not None and day <= today


def waiting(program: Program, today: date) -> WaitingCohorts:
    """Return what comparing a program now would be about, counted."""
    records = Records()
    by_key = {key: waiting_cohorts(program, key, records, today) for key in OUTCOMES}
    cohorts = {row.pk: row for rows in by_key.values() for row in rows}
    coverage = []
    for key, rows in by_key.items():
        if rows:
            subjects = records.subjects([row.pk for row in rows], key)
            ours = {subject.person for subject in subjects if subject.takes_part}
            others = {subject.person for subject in subjects if not subject.takes_part}
            coverage.append(Coverage(key, len(ours), len(others)))
    started = {member for pk in cohorts for member in records.cohorts[pk]}
    return WaitingCohorts(program, list(cohorts.values()), len(started), coverage)


def impact(member: Member, today: date) -> list[ProgramImpact]:
    """Return every program in which somebody has started, by name."""
    records = Records()
    by_program: dict[UUID, list[Cohort]] = defaultdict(list)
    cohorts = Cohort.objects.visible_to(member).filter(pk__in=records.cohorts).for_list()
    for cohort in cohorts.order_by("starts_on", "pk"):
        by_program[cohort.program_id].append(cohort)
    comparisons: dict[UUID, list[Comparison]] = defaultdict(list)
    rows = list(Comparison.objects.visible_to(member).order_by("compared_on", "pk"))
    for row in sorted(rows, key=lambda row: (row.compared_on, OUTCOMES.index(row.key))):
        comparisons[row.program_id].append(row)
    programs = Program.objects.visible_to(member).filter(pk__in=by_program).order_by("name", "pk")
    return [
        _program(program, by_program[program.pk], comparisons[program.pk], records, today)
        for program in programs
    ]


def _program(
    program: Program,
    cohorts: Sequence[Cohort],
    rows: Sequence[Comparison],
    records: Records,
    today: date,
) -> ProgramImpact:
    released = [row for row in rows if not row.refusal]
    over = {(row.key, pk) for row in released for pk in row.cohorts}
    ripe = {cohort.pk: records.ripe_on(cohort.pk) for cohort in cohorts}
    return ProgramImpact(
        program=program,
        cohorts=cohorts,
        released=released,
        totals=totals_of(released),
        refused=[row for row in rows if row.refusal],
        later=[
            Later(cohort, day)
            for cohort in cohorts
            if (day := ripe[cohort.pk]) is not None and day > today
        ],
        waits=any(
            (day := ripe[cohort.pk]) is not None and day <= today and (key, cohort.pk) not in over
            for key in OUTCOMES
            for cohort in cohorts
        ),
    )


def totals_of(released: Sequence[Comparison]) -> list[Compared]:
    """Return all that is released as one comparison an outcome, in the order of outcomes."""
    sets = ([row for row in released if row.key == key] for key in OUTCOMES)
    return [whole for rows in sets if rows and (whole := as_one(rows)) is not None]


@dataclass(frozen=True)
class RecordFacts:
    """How many records there are, of how many people, and between which days."""

    records: int
    people: int
    first: date | None
    last: date | None


def record_facts(member: Member) -> RecordFacts:
    rows = HrRecord.objects.visible_to(member).aggregate(
        records=Count("pk"),
        people=Count("member", distinct=True),
        first=Min("known_on"),
        last=Max("known_on"),
    )
    return RecordFacts(**rows)
