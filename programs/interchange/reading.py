"""What a design file holds, and every reason why one is refused, by its place in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from core.common.own_words import choices_of
from core.notifications.models import EmailText
from core.notifications.texts import examples_of_programs, mistakes
from programs.errors import OnlyAGateRequires, StepNotForPart
from programs.forms.criteria import FITS, KIND_NAMES, WORK_FACTS
from programs.forms.design import MOST_OPTIONS, DesignForm
from programs.models.agenda import StepKind
from programs.models.parts import Competency, Criterion, MeetingRole, Objective, Question
from programs.models.programs import WORD_FIELDS, Enrolment, Program
from programs.models.training import PathStep
from programs.operations.designs import EDITABLE
from programs.queries.agendas import READY_AGENDAS
from programs.training.queries import lessons, steps_of

FORMAT, VERSION = "roundtable.program", 3
MOST_ROWS = 200
Problem = tuple[str, str]  # where in the file, and what is wrong there
Design = Mapping[str, Any]
# of each part of a design: its model and its fields; a role names its competency by key
PARTS: Mapping[str, tuple[type[Model], tuple[str, ...]]] = {
    "competencies": (Competency, ("key", "name", "rubric", "position")),
    "meeting_roles": (
        MeetingRole,
        ("key", "name", "duties", "priority", "leads", "competency", "after", "needs_level"),
    ),
    "questions": (
        Question,
        ("key", "kind", "label", "help", "options", "required", "asked_of", "only_if", "position"),
    ),
    "criteria": (
        Criterion,
        (
            "key",
            "sort",
            "kind",
            "label",
            "seeker_field",
            "offerer_field",
            "weight",
            "parameters",
            "position",
        ),
    ),
    "objectives": (Objective, ("metric", "value", "week")),
    "path_steps": (PathStep, ("key", "part", "when", "required", "position")),
    "emails": (EmailText, ("kind", "case", "subject", "button", "body")),
}
# what makes a row of a part one of its kind
IDENTITY: Mapping[str, tuple[str, ...]] = {
    "objectives": ("metric",),
    "path_steps": ("key", "part"),
    "emails": ("kind", "case"),
}
# what files of version 1 may lack: it came bit by bit, and means there what it was before it came
SINCE_1: Mapping[str, object] = {
    "alumni_post": False,
    "mentor_criteria": "",
    "profiles_to_cohort": True,
    "profiles_to_coordinators": True,
}
# what files of version 2 lack
SINCE_2: Mapping[str, object] = {name: notion for notion, name in WORD_FIELDS.items()}
BY_KEY = ("competency", "after")
# the JSON type of a field, where it is no text
TYPES: Mapping[str, type] = {
    **dict.fromkeys(("position", "priority", "needs_level", "weight", "week"), int),
    **dict.fromkeys(("leads", "required"), bool),
    "options": list,
    "parameters": dict,
}
LIMITS: Mapping[str, tuple[int, int]] = {
    "needs_level": (0, 5),
    "priority": (0, 99),
    "weight": (0, 10),
    "value": (0, 365),
    "week": (1, 260),
}


def design_of(program: Program) -> dict[str, Any]:
    """Return a program's design as plain data, the same for the same design."""
    design: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "program": {name: getattr(program, name) for name in sorted(EDITABLE)},
    }
    for part, (model, fields) in PARTS.items():
        rows: Iterable[Model] = model._default_manager.filter(program_id=program.pk)
        if model is PathStep:
            rows = [step for step, _lesson in steps_of(program)]
        elif model is EmailText:
            rows = EmailText.objects.filter(program_id=program.pk).order_by("kind", "case")
        design[part] = [{name: _plain(row, name) for name in fields} for row in rows]
    return design


def as_today(design: object) -> object:
    """Return a design file of an earlier version as one of today's; anything else as it is."""
    if not isinstance(design, dict) or design.get("format") != FORMAT:
        return design
    version = design.get("version")
    if version not in {1, 2}:
        return design
    today: dict[str, object] = {**design, "version": VERSION}
    if isinstance(design.get("program"), dict):
        lacking = SINCE_2 if version == 2 else {**SINCE_1, **SINCE_2}
        today["program"] = {**lacking, **design["program"]}
    if version == 2:
        return today
    today = {"path_steps": [], "emails": [], **today}
    if isinstance(design.get("questions"), list):
        today["questions"] = [
            {"only_if": "", **row} if isinstance(row, dict) else row for row in design["questions"]
        ]
    return today


def _plain(row: Any, name: str) -> object:
    value = getattr(row, name)
    if name in BY_KEY:
        return value.key if value else None
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def problems_of(design: object) -> list[Problem]:
    """Return all that is wrong with a design file; none where it can be taken in."""
    if not isinstance(design, dict) or design.get("format") != FORMAT:
        return [("", _("This is not the design of a program."))]
    if design.get("version") != VERSION:
        words = _("This file has version %(theirs)s; up to version %(ours)s can be read.")
        return [("version", words % {"theirs": design.get("version"), "ours": VERSION})]
    names = {"format", "version", "program", *PARTS}
    problems = [(str(name), _("This is not known here.")) for name in set(design) - names]
    problems += _of_program(design.get("program"))
    for part in PARTS:
        problems += _of_part(part, design.get(part))
    return problems or [
        *_of_roles(design),
        *_of_conditions(design),
        *_of_criteria(design),
        *_of_path(design),
        *_of_emails(design),
    ]


def _of_program(said: object) -> Iterator[Problem]:
    if not isinstance(said, dict) or set(said) != EDITABLE:
        yield "program", _("Some fields are missing or not known here.")
        return
    blank = Program()
    wrong = [name for name in said if type(said[name]) is not _json_type(getattr(blank, name))]
    if wrong:
        yield from ((f"program.{name}", _("This has another type here.")) for name in wrong)
        return
    for notion, name in WORD_FIELDS.items():  # the form asks for those that its format has
        if said[name] not in dict(choices_of(notion)):
            yield f"program.{name}", _("This is not known here.")
    form = DesignForm(said, program=Program(format=said["format"]))
    if not form.is_valid():
        for name, errors in form.errors.items():
            yield f"program.{name}", " ".join(map(str, errors))
    kinds = set(StepKind.values)
    yield from _rows("program.agenda", said["agenda"], {"title": str, "minutes": int, "kind": str})
    yield from _rows(
        "program.season", said["season"], {"theme": str, "agenda": str, "milestone": str}
    )
    for name, known in (("agenda", kinds), ("season", {"", *READY_AGENDAS})):
        rows = said[name] if isinstance(said[name], list) else []
        chosen = [row.get("kind" if name == "agenda" else "agenda") for row in rows if row]
        if set(map(str, chosen)) - known:
            yield f"program.{name}", _("One of these is no kind of step or agenda.")


def _rows(where: str, rows: object, shape: Mapping[str, type]) -> Iterator[Problem]:
    """Check a list of small rows that a JSON column holds."""
    fits = isinstance(rows, list) and len(rows) <= MOST_ROWS
    if not fits or not all(
        isinstance(row, dict)
        and set(row) == set(shape)
        and all(type(row[name]) is kind for name, kind in shape.items())
        and all(len(str(value)) <= 200 for value in row.values())
        for row in rows  # type: ignore[attr-defined]  # a list, as was just asked
    ):
        words = _("This is a list of rows with: %(names)s.")
        yield where, words % {"names": ", ".join(shape)}


def _json_type(value: object) -> type:
    return str if isinstance(value, str) else type(value)  # choices are a type of their own


def _is_of_type(name: str, value: object) -> bool:
    if name in BY_KEY and value is None:
        return True
    return type(value) is TYPES.get(name, str)


def _of_part(part: str, rows: object) -> Iterator[Problem]:
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        yield part, _("This is a list of at most %(n)d rows.") % {"n": MOST_ROWS}
        return
    for number, row in enumerate(rows, 1):
        yield from _of_row(part, f"{part} {number}", row)
    identity = IDENTITY.get(part, ("key",))
    counts = Counter(
        " ".join(str(row.get(name)) for name in identity).strip()
        for row in rows
        if isinstance(row, dict)
    )
    for key, times in counts.items():
        if times > 1:
            yield part, _("“%(key)s” is there %(n)d times.") % {"key": key, "n": times}


def _of_row(part: str, where: str, row: object) -> Iterator[Problem]:
    model, fields = PARTS[part]
    if not isinstance(row, dict) or set(row) != set(fields):
        yield where, _("Some fields are missing or not known here.")
        return
    if wrong := [name for name, value in row.items() if not _is_of_type(name, value)]:
        yield from ((f"{where}, {name}", _("This has another type here.")) for name in wrong)
        return
    values = {name: value for name, value in row.items() if name not in BY_KEY}
    try:
        model(**values).clean_fields(exclude=["program", "organisation", *BY_KEY])
    except ValidationError as error:
        for name, words in error.message_dict.items():
            yield f"{where}, {name}", " ".join(words)
        return
    for name in sorted(set(LIMITS) & set(row)):
        low, high = LIMITS[name]
        if not low <= Decimal(row[name]) <= high:
            limits = _("This is a number from %(low)d to %(high)d.") % {"low": low, "high": high}
            yield f"{where}, {name}", limits
    if "options" in row:
        yield from _rows(f"{where}, options", row["options"], {"key": str, "name": str})
        if len(row["options"]) > MOST_OPTIONS:
            yield f"{where}, options", _("At most 60 options of 120 characters.")


def _of_conditions(design: Design) -> Iterator[Problem]:
    choices = {
        f"{row['key']}={option['key']}"
        for row in design["questions"]
        for option in row["options"]
        if row["kind"] == Question.Kind.CHOICE
    }
    for number, row in enumerate(design["questions"], 1):
        own = row["only_if"].partition("=")[0] == row["key"]
        if row["only_if"] and (own or row["only_if"] not in choices):
            yield f"questions {number}, only_if", _("There is no such answer.")


def _of_roles(design: Design) -> Iterator[Problem]:
    competencies = {row["key"] for row in design["competencies"]}
    after = {row["key"]: row["after"] for row in design["meeting_roles"]}
    for number, row in enumerate(design["meeting_roles"], 1):
        if row["competency"] not in {None, *competencies}:
            yield f"meeting_roles {number}, competency", _("There is no such competency.")
        if row["after"] not in {None, *after}:
            yield f"meeting_roles {number}, after", _("There is no such role.")
            continue
        at, steps = row["after"], 0
        while at is not None and at != row["key"] and steps < len(after):
            at, steps = after.get(at), steps + 1
        if at is not None:
            yield (
                f"meeting_roles {number}, after",
                _("That role comes after this one already, so nobody could ever begin."),
            )
    if sum(row["leads"] for row in design["meeting_roles"]) > 1:
        yield "meeting_roles", _("Another role already leads the meeting. Only one can.")


def _of_path(design: Design) -> Iterator[Problem]:
    known = lessons()
    mentor = design["program"]["format"] == Program.Format.MENTOR
    parts = {"", *((Enrolment.Part.MENTOR, Enrolment.Part.MENTEE) if mentor else ())}
    for number, row in enumerate(design["path_steps"], 1):
        where = f"path_steps {number}"
        if row["key"] not in known:
            yield f"{where}, key", _("There is no such lesson in this organisation.")
        if row["part"] not in parts:
            yield f"{where}, part", str(StepNotForPart.message)
        if row["required"] and row["when"] not in PathStep.GATES:
            yield f"{where}, required", str(OnlyAGateRequires.message)


def _of_emails(design: Design) -> Iterator[Problem]:
    known = {(kind.name, case): kind for kind, case in examples_of_programs()}
    for number, row in enumerate(design["emails"], 1):
        kind = known.get((row["kind"], row["case"]))
        if kind is None:
            yield f"emails {number}, kind", _("A program sends no such e-mail.")
            continue
        text = f"{row['subject']}\n{row['button']}\n{row['body']}"
        if wrong := mistakes(text, kind.variables(row["case"])):
            words = _("This e-mail has no %(names)s.") % {"names": ", ".join(wrong)}
            yield f"emails {number}", words


NUMBER = (int, float)
# the parameters of criteria, and what each may be
PARAMETERS: Mapping[str, Callable[[Any], bool]] = {
    "missing": lambda value: value in {"neutral", "zero"},
    "ideal": lambda value: (
        isinstance(value, list)
        and len(value) == 2
        and all(type(end) in NUMBER for end in value)
        and -100 <= value[0] <= value[1] <= 100
    ),
    "falloff": lambda value: type(value) in NUMBER and 0 < value <= 100,
    "enough_overlap": lambda value: type(value) is int and 15 <= value <= 10_080,
    "required_minutes": lambda value: type(value) is int and 15 <= value <= 10_080,
    "slot_minutes": lambda value: value in {15, 30, 60},
    "working_minutes": lambda value: type(value) is int and 60 <= value <= 1_440,
    "hours_apart": lambda value: type(value) in NUMBER and 0 <= value <= 12,
    "company": lambda value: type(value) is bool,
}


def _of_criteria(design: Design) -> Iterator[Problem]:
    kinds = {name: name.partition(":")[2] for name, _words in WORK_FACTS}
    kinds |= {f"answer:{row['key']}": row["kind"] for row in design["questions"]}
    for number, row in enumerate(design["criteria"], 1):
        where = f"criteria {number}"
        if row["kind"] not in KIND_NAMES:
            yield f"{where}, kind", _("This cannot be compared in that way.")
            continue
        for name in ("seeker_field", "offerer_field"):
            if kinds.get(row[name]) not in FITS[row["kind"]]:
                yield f"{where}, {name}", _("This cannot be compared in that way.")
        said = row["parameters"]
        if not isinstance(said, dict) or not all(
            name in PARAMETERS and PARAMETERS[name](value) for name, value in said.items()
        ):
            yield f"{where}, parameters", _("One of these is not known here, or too large.")
