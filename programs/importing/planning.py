"""What an import would do to each row, decided before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from programs.importing.mapping import ignored_columns, mapping_problems
from programs.importing.messages import Code
from programs.importing.parsing import PARSERS, quoted
from programs.importing.tables import Table, TableRow
from programs.importing.values import FIELDS, PersonValues, Problem, comparable, fold

Verdict = Literal["new", "changed", "same", "warning", "refused"]
Action = Literal["create", "update", "nothing", "refuse"]
Change = tuple[str, object, object]

VERDICTS: tuple[Verdict, ...] = ("new", "changed", "same", "warning", "refused")
ACTIONS: tuple[Action, ...] = ("create", "update", "nothing", "refuse")


@dataclass(frozen=True, slots=True)
class ExistingPerson:
    """A person as the organisation knows them; `values.manager` is the manager's employee id."""

    id: UUID
    values: PersonValues


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """The decision on one row.

    `values` are the person's after the import (of a refused row: what was read), so for an
    existing person they keep whatever the row leaves alone. `changes` are the fields in which
    an existing person differs from them: (field, before, after).
    """

    line: int
    verdict: Verdict
    action: Action
    email: str
    values: PersonValues
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    match: UUID | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows in the order of the file, how many have each verdict, and columns not used."""

    rows: tuple[PlannedRow, ...]
    ignored: tuple[str, ...] = ()
    counts: Mapping[Verdict, int] = field(init=False)

    def __post_init__(self) -> None:
        counts = dict.fromkeys(VERDICTS, 0)
        for row in self.rows:
            counts[row.verdict] += 1
        object.__setattr__(self, "counts", counts)

    @property
    def changes_anything(self) -> bool:
        """Whether applying the plan would write a single person."""
        return any(row.action in ("create", "update") for row in self.rows)


@dataclass(slots=True)
class _Reading:
    """One row on its way to a verdict."""

    line: int
    values: PersonValues
    problems: list[Problem]
    refusal: Problem | None = None
    person: ExistingPerson | None = None
    repeats: "_Reading | None" = None


def plan(
    table: Table, mapping: Mapping[str, int | None], *, existing: Sequence[ExistingPerson]
) -> Plan:
    """Return what importing the table would do, given everybody the organisation has.

    A row is the person with its employee id, or else the one with its e-mail address. An
    empty cell, an unmapped column and a cell with a problem leave an existing value alone.
    A manager may stand anywhere in the file or already exist.

    Raises ValueError if the mapping names an unknown field or column, or one column twice.
    """
    _check(table, mapping)
    readings = [_read(row, mapping) for row in table.rows]
    _identify(readings, existing)
    managers = _employee_ids(readings, existing)
    rows = tuple(_decide(reading, managers) for reading in readings)
    return Plan(rows, ignored_columns(table.headers, mapping))


def _check(table: Table, mapping: Mapping[str, int | None]) -> None:
    for name, column in mapping.items():
        if name not in FIELDS:
            raise ValueError(f"no such field: {name}")
        if column is not None and not 0 <= column < len(table.headers):
            raise ValueError(f"no such column: {column}")
    if any(each.code is Code.MAPPING_COLUMN_TWICE for each in mapping_problems(mapping)):
        raise ValueError("one column is mapped to two fields")


def _read(row: TableRow, mapping: Mapping[str, int | None]) -> _Reading:
    """Parse the cells of one row and see whether it has a usable e-mail address."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    refusal = None
    for name in FIELDS:
        column = mapping.get(name)
        reading = PARSERS[name](row.cells[column] if column is not None else "")
        values[name] = reading.value
        found = [Problem(name, fault.code, fault.params) for fault in reading.faults]
        if name == "email" and found:
            refusal = found[0]
        else:
            problems += found
    if row.beyond:
        problems.append(Problem("", Code.CELLS_BEYOND_HEADER, {"count": row.beyond}))
    return _Reading(row.line, PersonValues(**values), problems, refusal)


def _identify(readings: Sequence[_Reading], existing: Sequence[ExistingPerson]) -> None:
    """Find for each row the person it is about, and refuse what cannot be told apart.

    A row that is refused still holds its id and its address: which of two rows is right is
    for a person to say, so the later one never slips in because the first was worse.
    """
    people_by_id: dict[str, ExistingPerson] = {}
    people_by_email: dict[str, ExistingPerson] = {}
    for person in existing:
        if person.values.employee_id:
            people_by_id.setdefault(fold(person.values.employee_id), person)
        if person.values.email:
            people_by_email.setdefault(fold(person.values.email), person)
    by_id: dict[str, _Reading] = {}
    by_email: dict[str, _Reading] = {}
    by_person: dict[UUID, _Reading] = {}
    for reading in readings:
        key, email = fold(reading.values.employee_id), reading.values.email
        same_id = by_id.setdefault(key, reading) if key else reading
        same_email = by_email.setdefault(email, reading) if email else reading
        if reading.refusal:
            continue
        earlier = same_id if same_id is not reading else same_email
        if earlier is not reading:
            reading.repeats, reading.refusal = _repetition(reading, earlier, same_id is earlier)
            reading.person = reading.repeats.person if reading.repeats else None
            continue
        with_id = people_by_id.get(key) if key else None
        with_email = people_by_email.get(email)
        if with_id and with_email and with_id.id != with_email.id:
            reading.refusal = Problem("employee_id", Code.CONFLICTING_IDENTITY)
            continue
        reading.person = with_id or with_email
        if reading.person:
            first = by_person.setdefault(reading.person.id, reading)
            if first is not reading:
                reading.person = None
                reading.refusal = Problem("email", Code.PERSON_REPEATED, {"line": first.line})


def _repetition(
    reading: _Reading, earlier: _Reading, by_id: bool
) -> tuple[_Reading | None, Problem | None]:
    """Return the earlier row if this one says exactly the same, else why it is refused."""
    said = {"line": earlier.line}
    identical = reading.problems == earlier.problems and all(
        comparable(name, reading.values) == comparable(name, earlier.values) for name in FIELDS
    )
    if identical and not earlier.refusal:
        return earlier, None
    if identical and earlier.refusal:
        return None, earlier.refusal
    if by_id:
        return None, Problem("employee_id", Code.EMPLOYEE_ID_REPEATED, said)
    return None, Problem("email", Code.EMAIL_REPEATED, said)


def _employee_ids(
    readings: Sequence[_Reading], existing: Sequence[ExistingPerson]
) -> dict[str, str]:
    """Return every employee id as it will be after the import, by its folded form."""
    ids = {person.id: person.values.employee_id for person in existing}
    new: list[str] = []
    for reading in readings:
        if reading.refusal or not reading.values.employee_id:
            continue
        if reading.person:
            ids[reading.person.id] = reading.values.employee_id
        else:
            new.append(reading.values.employee_id)
    return {fold(each): each for each in (*ids.values(), *new) if each}


def _link_manager(
    reading: _Reading, managers: Mapping[str, str]
) -> tuple[str, tuple[Problem, ...]]:
    """Return the manager's id in the spelling of the manager's own row, or "" and why."""
    manager = fold(reading.values.manager)
    if not manager:
        return "", ()
    person = reading.person
    own = reading.values.employee_id or (person.values.employee_id if person else "")
    if manager != fold(own) and manager in managers:
        return managers[manager], ()
    code = Code.MANAGER_SELF if manager == fold(own) else Code.MANAGER_UNKNOWN
    return "", (Problem("manager", code, {"text": quoted(reading.values.manager)}),)


def _decide(reading: _Reading, managers: Mapping[str, str]) -> PlannedRow:
    """Turn a reading whose person is known into its verdict."""
    line, values, person = reading.line, reading.values, reading.person
    if reading.refusal:
        return PlannedRow(line, "refused", "refuse", values.email, values, (reading.refusal,))
    match = person.id if person else None
    manager, unlinked = _link_manager(reading, managers)
    values = replace(values, manager=manager)
    problems = (*reading.problems, *unlinked)
    changes: tuple[Change, ...] = ()
    if person:
        values, changes = _merge(person.values, values, {each.field for each in problems})
    if reading.repeats:
        noted = (Problem("", Code.REPEATS_LINE, {"line": reading.repeats.line}),)
        return PlannedRow(line, "same", "nothing", values.email, values, noted, (), match)
    action: Action = "create" if not person else "update" if changes else "nothing"
    verdict: Verdict = "new" if not person else "changed" if changes else "same"
    if problems:
        verdict = "warning"
    return PlannedRow(line, verdict, action, values.email, values, problems, changes, match)


def _merge(
    before: PersonValues, row: PersonValues, unread: set[str]
) -> tuple[PersonValues, tuple[Change, ...]]:
    """Return an existing person's values after a row, and what differs from before."""
    changes: list[Change] = []
    for name in FIELDS:
        old, new = getattr(before, name), getattr(row, name)
        silent = name in unread or new in ("", (), None)
        if not silent and comparable(name, row) != comparable(name, before):
            changes.append((name, old, new))
    after: dict[str, Any] = {name: new for name, _, new in changes}
    return replace(before, **after), tuple(changes)
