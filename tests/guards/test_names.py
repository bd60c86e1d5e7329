"""Names that are kept as strings, or in two places, still name something."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.template.loader import get_template

from core.members.permissions import Permission
from devtools.devstack import PREPARED_FROM
from devtools.embedded import ROOT
from tests.guards.emails import texts
from tests.guards.source import (
    OURS,
    PYPROJECT,
    nodes_of,
    python_files,
    shown,
    strings,
    templates,
    tree_of,
)

LABELS = [config.label for config in apps.get_app_configs() if config.name.startswith(OURS)]
DOTTED = re.compile(rf"({'|'.join(sorted({*OURS, *LABELS}))})(\.[A-Za-z_]\w*)+")
FILES = ("csv", "json", "html", "txt", "toml", "py", "ics", "svg", "tsv")
# outside Python: what starts us names modules too
WIRING = [
    ROOT / name
    for name in ("Makefile", "Dockerfile", "docker-compose.yml", "pyproject.toml", "manage.py")
]
# strings that only look like a name of ours
NO_NAMES = {
    "feedback.no_such_email": "a kind that has no texts",
    "members.changed": "a type of webhook messages",
    "members.deleted": "a type of webhook messages",
}
# AuditEvent.target_kind: rows keep these words for good, so a renamed model needs a migration
AUDITED = {
    "apitoken",
    "builtsurvey",
    "calendarfeed",
    "charter",
    "cohort",
    "competency",
    "criteriaset",
    "criterion",
    "decision",
    "election",
    "enrolment",
    "goal",
    "incomingwebhook",
    "lessonfile",
    "lessonversion",
    "matchrun",
    "meetingrole",
    "member",
    "objective",
    "organisation",
    "pairrule",
    "partnership",
    "partnerrequest",
    "peopleimport",
    "program",
    "question",
    "session",
    "turnoffer",
    "workshop",
    "webhookendpoint",
}

# The choices of a column repeat the values of the count, which knows no Django.
ONE_MEANING_TWICE = {("agreements", "Method"), ("agreements", "Quorum")}


def test_a_class_name_has_one_meaning_in_an_app():
    places: dict[tuple[str, str], list[str]] = {}
    for path in python_files(*set(OURS) - {"tests"}):
        app = path.relative_to(ROOT).parts[0]
        for node in tree_of(path).body:
            own = path.parent.name != "commands"  # there Django looks for it by name
            if own and isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault((app, node.name), []).append(shown(path))
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert twice.keys() == ONE_MEANING_TWICE, twice


def test_all_tools_look_at_the_same_packages():
    assert PYPROJECT["tool"]["mypy"]["packages"] == [*OURS, "tests", "bench"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests", "bench"} == set(OURS)
    # the tools are no installed app; of the roof one part is, for its command: it has no tables
    installed = {name.partition(".")[0] for name in settings.INSTALLED_APPS}
    assert installed & set(OURS) == set(OURS) - {"devtools"}


def test_the_demo_is_prepared_anew_after_every_migration():
    prepared = {path for pattern in PREPARED_FROM for path in ROOT.glob(pattern)}
    for app in OURS:
        assert prepared >= set((ROOT / app).rglob("migrations/*.py")), app
    for pattern in PREPARED_FROM:
        assert list(ROOT.glob(pattern)), f"{pattern} stands for no file"


@cache
def imports(name: str) -> bool:
    """Return whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@cache
def named() -> set[str]:
    """Return what else is named with a dot: tasks, e-mails, permissions, models and columns."""
    current_app.loader.import_default_modules()
    models = {model._meta.label for model in apps.get_models()}
    return {
        *current_app.tasks,
        *texts(),
        *map(str, Permission),
        *models,
        *(label.lower() for label in models),
        *(
            f"{kind._meta.label}.{field.name}"
            for kind in apps.get_models()
            for field in kind._meta.fields
        ),
    }


def stands_for_something(name: str) -> bool:
    return (
        name in named()
        or name in NO_NAMES
        or name.endswith(FILES)
        or any(
            kind.startswith(f"{name.removesuffix('_')}_") for kind in texts()
        )  # kind__startswith
        or imports(name)
        or imports(f"tests.{name}")  # the table of the life cycles' rows
    )


def test_every_dotted_string_of_ours_names_something():
    faults = [
        f"{shown(path)}:{line}: {text}"
        for path in (*python_files(), *python_files("tests", "bench"))
        for line, text in strings(path)
        if DOTTED.fullmatch(text) and not stands_for_something(text)
    ]
    assert faults == []


def test_programs_in_strings_import_what_is_there():
    """A script of `bench/` starts processes of its own, with a program in a string."""
    line_of = re.compile(rf"^from ((?:{'|'.join((*OURS, 'bench'))})[\w.]*) import ([\w, ]+)$", re.M)
    imported = [
        f"{module}.{name.strip()}"
        for path in python_files("tests", "bench")
        for _line, text in strings(path)
        for module, names in line_of.findall(text)
        for name in names.split(",")
    ]
    assert [name for name in imported if not imports(name)] == []
    assert len(imported) > 3


def test_every_module_that_the_wiring_names_imports():
    modules = re.compile(rf"(?<![\w./])(?:{'|'.join(OURS)})(?:\.[A-Za-z_]\w*)+")
    faults = [
        f"{shown(path)}: {name}"
        for path in WIRING
        for name in modules.findall(path.read_text())
        if not name.endswith(FILES) and not imports(name)
    ]
    assert faults == []


# Templates


@cache
def is_template(name: str) -> bool:
    try:
        get_template(name)
    except Exception:
        return False
    return True


def test_every_template_that_python_names_is_there():
    looks_like_one = re.compile(r"[\w/]+/\w+\.(html|txt)")
    faults = [
        f"{shown(path)}:{line}: {text}"
        for path in python_files()
        for line, text in strings(path)
        if looks_like_one.fullmatch(text) and not is_template(text)
    ]
    assert faults == []


def test_every_template_and_component_that_a_template_names_is_there():
    faults = [
        f"{shown(path)}: {name}"
        for path in templates()
        for name in named_by_template(path.read_text())
        if not is_template(name)
    ]
    assert faults == []


def named_by_template(text: str) -> Iterator[str]:
    yield from re.findall(r"""\{%\s*(?:extends|include)\s+["']([^"']+)["']""", text)
    for name in set(re.findall(r"<c-([a-z][\w.-]*)", text)) - {"vars", "slot"}:
        yield f"cotton/{name.replace('.', '/').replace('-', '_')}.html"


# Words that rows keep


def test_every_kind_of_job_is_a_task():
    current_app.loader.import_default_modules()
    kinds: set[str] = set()
    for path in python_files():
        constants = {
            target.id: node.value.value
            for node in tree_of(path).body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in nodes_of(path):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "start":
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                if {"kind", "title", "input"} <= set(given):
                    kind = given["kind"]
                    kinds.add(
                        kind.value
                        if isinstance(kind, ast.Constant)
                        else constants[getattr(kind, "id", "")]
                    )
    assert len(kinds) >= 2
    assert kinds - set(current_app.tasks) == set()


def test_the_audit_trail_speaks_of_models_that_there_are():
    names = {model._meta.model_name for model in apps.get_models()}
    assert AUDITED - names == set()
