"""What an import would do to each row, decided before anything is written."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from programs.importing.fields import FIELDS, PERSON_FIELDS, comparable
from programs.importing.mapping import COLUMNS, UNSAID, Options, mapping_problems
from programs.importing.messages import Code
from programs.importing.parsing import judge_dates, parse_date, parse_full_name, quoted
from programs.importing.questions import PREFIX, AskedQuestion
from programs.importing.tables import Table, TableRow
from programs.importing.values import PersonValues, Problem, Reading, fold

# What becomes of a row; whether it also has a warning is another matter (`problems`).
Verdict = Literal["new", "changed", "same", "leaves", "question", "refused"]
Action = Literal["create", "update", "nothing", "leave", "refuse"]
State = Literal["invited", "live", "left"]
Change = tuple[str, object, object]

VERDICTS: tuple[Verdict, ...] = ("new", "changed", "same", "leaves", "question", "refused")
# Not a warning: it is what the verdict means.
_NOTES = {Code.REPEATS_LINE, Code.NOT_IN_FILE, Code.SAYS_LEFT}
_ACTION_VERDICTS: dict[Action, Verdict] = {"create": "new", "update": "changed", "nothing": "same"}


@dataclass(frozen=True, slots=True)
class ExistingPerson:
    """A person as the organisation knows them; `values.manager` is the manager's employee id.

    `sign_ins` are the folded addresses with which their user signs in: one of them may be
    another than the work e-mail.  Who has tasks of their own here is marked as left by hand.
    """

    id: UUID
    values: PersonValues
    state: State = "invited"
    sign_ins: frozenset[str] = frozenset()
    takes_part_only: bool = True

    @property
    def named(self) -> str:
        return _named(self.values)


def _named(values: PersonValues) -> str:
    """Return how a sentence names somebody, so that two of one name are told apart."""
    name = f"{values.given_name} {values.family_name}".strip()
    return quoted(f"{name} ({values.email})" if name else values.email)


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

    @property
    def is_warned(self) -> bool:
        codes = {problem.code for problem in self.problems}
        return self.action != "refuse" and bool(codes - _NOTES)


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows in the order of the file, and how many have each verdict: each is counted once."""

    rows: tuple[PlannedRow, ...]
    counts: Mapping[Verdict, int] = field(init=False)

    def __post_init__(self) -> None:
        counts = dict.fromkeys(VERDICTS, 0)
        for row in self.rows:
            counts[row.verdict] += 1
        object.__setattr__(self, "counts", counts)

    @property
    def warned(self) -> int:
        """How many rows go in with something to look at."""
        return sum(row.is_warned for row in self.rows)

    @property
    def digest(self) -> str:
        """A short name for all decisions: applying refuses when they have become others."""
        digest = hashlib.sha256()
        for row in self.rows:
            values = tuple(getattr(row.values, name) for name in FIELDS)
            values += (row.values.answers,)
            decision = (row.line, row.verdict, row.action, row.match, row.changes, values)
            digest.update(repr(decision).encode())
        return digest.hexdigest()[:32]


@dataclass(slots=True)
class _RowReading:
    """One row on its way to a verdict."""

    line: int
    values: PersonValues
    problems: list[Problem]
    refusal: Problem | None = None
    says_left: bool = False
    person: ExistingPerson | None = None
    repeats: "_RowReading | None" = None

    def refuse(self, field_name: str, code: Code, **params: str | int) -> None:
        self.person = None
        self.refusal = Problem(field_name, code, params)

    def warn(self, field_name: str, code: Code, **params: str | int) -> None:
        self.problems.append(Problem(field_name, code, params))


def plan(
    table: Table,
    mapping: Mapping[str, int | None],
    *,
    existing: Sequence[ExistingPerson],
    compare: Collection[str] = FIELDS,
    options: Options = UNSAID,
    questions: Sequence[AskedQuestion] = (),
    step: Callable[[int], None] = lambda done: None,
) -> Plan:
    """Return what importing the table would do, given everybody the organisation has.

    Who a row is about: the person with its employee id, if the e-mail address or both names
    agree; without one, the person with its address, unless they have another id.  What
    contradicts is refused with both people named, and a row about somebody who has left asks.
    An empty cell, an unmapped column and a cell with a problem leave an existing value alone.
    A manager may stand anywhere in the file or already exist.  Only fields in `compare` make a
    row "changed"; of the others an existing person has what the row says, and no change.
    `step` hears how many rows have been read.

    Raises ValueError if the mapping names an unknown field or column, or one column twice.
    """
    check_mapping(table.headers, mapping)
    reader = _Reader(table, mapping, existing, options, questions)
    readings = []
    for row in table.rows:
        readings.append(reader.read(row))
        step(len(readings))
    _identify(readings, existing)
    managers = _employee_ids(readings, existing)
    renamed = _renamed(readings)
    rows = [_decide(reading, managers, renamed, compare) for reading in readings]
    if options.absent_leave:
        rows += _absent(readings, existing)
    return Plan(tuple(rows))


def check_mapping(headers: Sequence[str], mapping: Mapping[str, int | None]) -> None:
    """Raise ValueError for an unknown field or column, or one column for two fields."""
    for name, column in mapping.items():
        if name not in COLUMNS and not name.startswith(PREFIX):
            raise ValueError(f"no such field: {name}")
        if column is not None and not 0 <= column < len(headers):
            raise ValueError(f"no such column: {column}")
    if any(problem.code is Code.MAPPING_COLUMN_TWICE for problem in mapping_problems(mapping)):
        raise ValueError("one column is mapped to two fields")


_DECIMAL = re.compile(r"(\d{1,40})\.0{1,3}", re.A)


class _Reader:
    """Rows to values: what the columns are, and what the whole file says of single cells."""

    def __init__(
        self,
        table: Table,
        mapping: Mapping[str, int | None],
        existing: Sequence[ExistingPerson],
        options: Options,
        questions: Sequence[AskedQuestion],
    ) -> None:
        self._columns = {name: at for name, at in mapping.items() if at is not None}
        self._options = options
        self._questions = [question for question in questions if question.name in self._columns]
        dates = self._columns.get("hired_on")
        judged = judge_dates(table.column(dates)) if dates is not None else ""
        self._dates = options.dates or judged
        ids = self._columns.get("employee_id")
        self._ids = {person.values.employee_id for person in existing}
        self._ids |= {cell.strip() for cell in table.column(ids)} if ids is not None else set()

    def read(self, row: TableRow) -> _RowReading:
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        refusal = None
        for name in FIELDS:
            cell = self._cell(row, name)
            if name == "hired_on":
                reading: Reading[object] = parse_date(cell, order=self._dates)
            else:
                reading = PERSON_FIELDS[name].parse(cell)
            values[name] = reading.value
            cell_problems = [replace(fault, field=name) for fault in reading.faults]
            if name == "email" and cell_problems:
                refusal = cell_problems[0]
            else:
                problems += cell_problems
        problems += self._read_full_name(row, values)
        if not values["given_name"]:  # a single name is the one that somebody is greeted by
            values["given_name"], values["family_name"] = values["family_name"], ""
        for name in ("employee_id", "manager"):
            values[name] = self._whole(values[name])
        if values["part"] is None and not any(problem.field == "part" for problem in problems):
            values["part"] = self._options.part
        answers = []
        for question in self._questions:
            answer, unread = question.read(self._cell(row, question.name))
            problems += unread
            if answer is not None:
                answers.append((question.id, answer))
        values["answers"] = tuple(answers)
        if row.beyond:
            problems.append(Problem("", Code.CELLS_BEYOND_HEADER, {"count": row.beyond}))
        says_left = self._options.says_left(self._cell(row, "status"))
        return _RowReading(row.line, PersonValues(**values), problems, refusal, says_left)

    def _cell(self, row: TableRow, name: str) -> str:
        column = self._columns.get(name)
        return row.cells[column] if column is not None else ""

    def _read_full_name(self, row: TableRow, values: dict[str, Any]) -> list[Problem]:
        reading = parse_full_name(self._cell(row, "full_name"))
        if not (values["given_name"] or values["family_name"]):
            values["given_name"], values["family_name"] = reading.value
        return [replace(fault, field="given_name") for fault in reading.faults]

    def _whole(self, employee_id: str) -> str:
        """Return 200 for the 200.0 that a spreadsheet makes of a column with a hole."""
        match = _DECIMAL.fullmatch(employee_id)
        return match[1] if match and match[1] in self._ids else employee_id


def _absent(
    readings: Sequence[_RowReading], existing: Sequence[ExistingPerson]
) -> list[PlannedRow]:
    """Return those whom no row names, not even a refused one: they have left."""
    people = _People(existing)
    there = {person.id for reading in readings for person in _named_by(reading, people)}
    note = (Problem("", Code.NOT_IN_FILE),)
    return [
        PlannedRow(0, "leaves", "leave", known.email, known, note, (), person.id)
        for person in existing
        for known in (person.values,)
        if person.id not in there and person.state != "left" and person.takes_part_only
    ]


def _named_by(reading: _RowReading, people: "_People") -> list[ExistingPerson]:
    """Return everybody whom a row could be about, whatever became of it."""
    values = reading.values
    candidates = (people.with_bare_id(values), people.with_name(values), reading.person)
    return [*_reached(reading, people), *(person for person in candidates if person)]


def _identify(readings: Sequence[_RowReading], existing: Sequence[ExistingPerson]) -> None:
    """Find for each row the person it is about, and refuse what cannot be told apart."""
    _find_repetitions(readings)
    _find_people(readings, existing)
    for reading in readings:
        if reading.repeats:
            reading.person = reading.repeats.person
            reading.refusal = reading.repeats.refusal


def _find_repetitions(readings: Sequence[_RowReading]) -> None:
    """Note later rows that say the same again, and refuse those that say something else.

    A refused row still holds its id and its address: which of two rows is right is for a
    person to say, so a later one never slips in because the first was worse.
    """
    by_id: dict[str, _RowReading] = {}
    by_email: dict[str, _RowReading] = {}
    for reading in readings:
        key, email = fold(reading.values.employee_id), reading.values.email
        with_id = by_id.setdefault(key, reading) if key else reading
        with_email = by_email.setdefault(email, reading) if email else reading
        earlier = with_email if with_id is reading else with_id
        if reading.refusal or earlier is reading:
            continue
        if _identical(reading, earlier):
            reading.repeats = earlier
        elif with_id is earlier:
            params = {"line": earlier.line}
            reading.refusal = Problem("employee_id", Code.EMPLOYEE_ID_REPEATED, params)
        else:
            reading.refusal = Problem("email", Code.EMAIL_REPEATED, {"line": earlier.line})


def _identical(reading: _RowReading, earlier: _RowReading) -> bool:
    whole = (reading.problems, reading.values.answers, reading.says_left)
    return whole == (earlier.problems, earlier.values.answers, earlier.says_left) and all(
        comparable(name, reading.values) == comparable(name, earlier.values) for name in FIELDS
    )


class _People:
    """Everybody the organisation has, by what a row may name them with."""

    def __init__(self, existing: Sequence[ExistingPerson]) -> None:
        self._by_id: dict[str, ExistingPerson] = {}
        self._by_bare_id: dict[str, ExistingPerson] = {}
        self._by_email: dict[str, ExistingPerson] = {}
        self._by_name: dict[tuple[str, str], ExistingPerson] = {}
        for person in existing:
            key = fold(person.values.employee_id)
            self._by_id.setdefault(key, person)
            self._by_bare_id.setdefault(_bare(key), person)
            self._by_email.setdefault(fold(person.values.email), person)
            self._by_name.setdefault(_name(person.values), person)
        for person in existing:  # a work e-mail is nearer than a way to sign in
            for address in person.sign_ins:
                self._by_email.setdefault(address, person)

    def with_id(self, values: PersonValues) -> ExistingPerson | None:
        key = fold(values.employee_id)
        return self._by_id.get(key) if key else None

    def with_bare_id(self, values: PersonValues) -> ExistingPerson | None:
        """Return who has this id but for zeros before it, which a spreadsheet drops."""
        bare = _bare(fold(values.employee_id))
        return self._by_bare_id.get(bare) if bare else None

    def with_email(self, values: PersonValues) -> ExistingPerson | None:
        return self._by_email.get(values.email)

    def with_name(self, values: PersonValues) -> ExistingPerson | None:
        name = _name(values)
        return self._by_name.get(name) if all(name) else None


def _bare(key: str) -> str:
    match = _DECIMAL.fullmatch(key)
    number = match[1] if match else key
    return number.lstrip("0") if number.isascii() and number.isdigit() else ""


def _name(values: PersonValues) -> tuple[str, str]:
    return fold(values.given_name), fold(values.family_name)


def _find_people(readings: Sequence[_RowReading], existing: Sequence[ExistingPerson]) -> None:
    """Match rows with existing people, and refuse every row about a person who is disputed.

    A person is disputed when two rows reach them (one by the id, one by the old address).
    Were only the later row refused, the first would move the id or address away, and the same
    file would do something else the second time.
    """
    people = _People(existing)
    reached: dict[UUID, list[_RowReading]] = {}
    named: dict[UUID, str] = {}
    for reading in readings:
        if reading.refusal or reading.repeats:
            continue
        for person in _reached(reading, people):
            reached.setdefault(person.id, []).append(reading)
            named[person.id] = person.named
        _match(reading, people)
    for person_id, rivals in reached.items():
        for reading, other in zip(rivals, [rivals[-1], *rivals[:-1]], strict=True):
            if other is not reading and not reading.refusal:
                reading.refuse(
                    "email", Code.PERSON_REPEATED, line=other.line, known=named[person_id]
                )


def _reached(reading: _RowReading, people: _People) -> list[ExistingPerson]:
    """Return whom a row names by its id or its address, each once."""
    candidates = (people.with_id(reading.values), people.with_email(reading.values))
    return list({person.id: person for person in candidates if person}.values())


def _match(reading: _RowReading, people: _People) -> None:
    """Decide whom a row is about: an id alone is nobody, for ids are given again or mistyped."""
    values = reading.values
    row = _named(values)
    with_id, with_email = people.with_id(values), people.with_email(values)
    bare = None if with_id else people.with_bare_id(values)
    if with_id and with_email and with_id.id != with_email.id:
        reading.refuse(
            "employee_id",
            Code.CONFLICTING_IDENTITY,
            known=with_id.named,
            other=with_email.named,
        )
    elif with_id and not with_email and not _same_name(values, with_id.values):
        shown = quoted(values.employee_id)
        reading.refuse("employee_id", Code.ID_OF_ANOTHER, id=shown, known=with_id.named, row=row)
    elif with_id:
        reading.person = with_id
    elif with_email and bare and bare.id == with_email.id:
        _keep_zeros(reading, bare)
    elif with_email and values.employee_id and with_email.values.employee_id:
        known_id = quoted(with_email.values.employee_id)
        reading.refuse(
            "email", Code.ADDRESS_HAS_OTHER_ID, id=known_id, known=with_email.named, row=row
        )
    elif with_email:
        only_signs_in = fold(with_email.values.email) != values.email
        if only_signs_in and not _same_name(values, with_email.values):
            reading.refuse("email", Code.SIGN_IN_OF_ANOTHER, known=with_email.named, row=row)
        else:
            reading.person = with_email
    elif bare and _same_name(values, bare.values):
        _keep_zeros(reading, bare)
    else:
        _hint(reading, bare, people.with_name(values))


def _same_name(values: PersonValues, known: PersonValues) -> bool:
    return all(_name(values)) and _name(values) == _name(known)


def _keep_zeros(reading: _RowReading, person: ExistingPerson) -> None:
    shown, known_id = quoted(reading.values.employee_id), quoted(person.values.employee_id)
    reading.warn("employee_id", Code.ID_ZEROS, id=shown, other=known_id, known=person.named)
    reading.person = person


def _hint(
    reading: _RowReading, bare: ExistingPerson | None, namesake: ExistingPerson | None
) -> None:
    """Say of a new person whom they could be: a person decides that, not the import."""
    if bare:
        shown, known_id = quoted(reading.values.employee_id), quoted(bare.values.employee_id)
        reading.warn("employee_id", Code.ID_ZEROS_NEW, id=shown, other=known_id, known=bare.named)
    elif namesake:
        reading.warn("", Code.SAME_NAME, known=namesake.named)


def _employee_ids(
    readings: Sequence[_RowReading], existing: Sequence[ExistingPerson]
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
    return {fold(employee_id): employee_id for employee_id in (*ids.values(), *new) if employee_id}


def _renamed(readings: Sequence[_RowReading]) -> dict[str, str]:
    """Return the new employee id of everybody to whom the import gives another, by the old.

    A manager is a person, not an id: those who report to them still do, and nothing changes.
    """
    return {
        fold(reading.person.values.employee_id): reading.values.employee_id
        for reading in readings
        if reading.person and reading.person.values.employee_id and reading.values.employee_id
    }


def _link_manager(
    reading: _RowReading, managers: Mapping[str, str]
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


def _decide(
    reading: _RowReading,
    managers: Mapping[str, str],
    renamed: Mapping[str, str],
    compare: Collection[str],
) -> PlannedRow:
    line, values, person = reading.line, reading.values, reading.person
    if reading.refusal:
        return PlannedRow(line, "refused", "refuse", values.email, values, (reading.refusal,))
    match = person.id if person else None
    manager, unlinked = _link_manager(reading, managers)
    values = replace(values, manager=manager)
    problems = (*reading.problems, *unlinked)
    changes: tuple[Change, ...] = ()
    if person:
        known = person.values
        known = replace(known, manager=renamed.get(fold(known.manager), known.manager))
        problems += _email_by_hand(person, values)
        values, changes = _merge(known, values, {problem.field for problem in problems}, compare)
        problems += _unproved_email(reading, changes)
    if reading.repeats:
        noted = (Problem("", Code.REPEATS_LINE, {"line": reading.repeats.line}),)
        return PlannedRow(line, "same", "nothing", values.email, values, noted, (), match)
    if person and person.state == "left" and not reading.says_left:
        question = Problem("", Code.HAS_LEFT, {"known": person.named})
        email = reading.values.email
        return PlannedRow(line, "question", "refuse", email, reading.values, (question,), (), match)
    if reading.says_left:
        return _leaver(reading, values)
    action: Action = "create" if not person else "update" if changes else "nothing"
    verdict = _ACTION_VERDICTS[action]
    return PlannedRow(line, verdict, action, values.email, values, problems, changes, match)


def _leaver(reading: _RowReading, values: PersonValues) -> PlannedRow:
    line, person = reading.line, reading.person
    if person and person.state != "left" and person.takes_part_only:
        note = Problem("status", Code.SAYS_LEFT)
        return PlannedRow(line, "leaves", "leave", values.email, values, (note,), (), person.id)
    notes: tuple[Problem, ...] = ()
    if not person:
        notes = (Problem("status", Code.LEFT_UNKNOWN),)
    elif person.state != "left":
        notes = (Problem("status", Code.LEAVES_BY_HAND, {"known": person.named}),)
    return PlannedRow(line, "same", "nothing", values.email, values, notes)


def _email_by_hand(person: ExistingPerson, values: PersonValues) -> tuple[Problem, ...]:
    """Leave the address of who does more than take part: whose mailbox it is, may be them."""
    if person.takes_part_only or values.email in {person.values.email, ""}:
        return ()
    return (Problem("email", Code.EMAIL_BY_HAND, {"known": person.named}),)


def _unproved_email(reading: _RowReading, changes: Sequence[Change]) -> tuple[Problem, ...]:
    """Say of who has joined that another address is theirs only once they proved its mailbox."""
    person = reading.person
    if person and person.state == "live" and "email" in {name for name, *_rest in changes}:
        return (Problem("email", Code.EMAIL_TO_PROVE, {"known": person.named}),)
    return ()


def _merge(
    before: PersonValues, row: PersonValues, unread: set[str], compare: Collection[str]
) -> tuple[PersonValues, tuple[Change, ...]]:
    """Return an existing person's values after a row, and what differs from before."""
    changes: list[Change] = []
    after: dict[str, Any] = {}
    for name in FIELDS:
        old, new = getattr(before, name), getattr(row, name)
        silent = name in unread or new in ("", (), None)
        if silent or comparable(name, row) == comparable(name, before):
            continue
        after[name] = new
        if name in compare:
            changes.append((name, old, new))
    return replace(before, **after), tuple(changes)
