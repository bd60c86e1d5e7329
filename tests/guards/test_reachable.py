"""Nothing stands unused: operations, columns, settings and permissions; and what a day may be of.

KNOWN holds what a later issue will give an entry point, each with its reason; whoever gives it
one takes it out of the list.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import global_settings
from django.db.models import Field, Func, Model

from core.members.models import Member
from core.members.permissions import Permission
from core.tenancy.models import OrganisationSettings
from devtools.embedded import ROOT
from programs.models.programs import WORD_FIELDS
from tests.guards.source import OURS, nodes_of, python_files, shown, strings, tree_of

KNOWN = {
    "AuditEvent.actor_name": "written by the release before; the next one drops it",
    "User.is_active": "trust: erasure locks the sign-in; Django and allauth read it",
    "metrics.operations.refold_all": "the demo folds ten weeks at once; others fold by the sweep",
}
# what stands in settings.py for Django or a library that reads it by this name or prefix
LIBRARIES = (
    *(
        "ACCOUNT_",
        "SOCIALACCOUNT_",
        "MFA_",
        "CELERY_",
        "REST_",
        "SPECTACULAR_",
        "CONTENT_SECURITY_",
        "WHITENOISE_",
    ),
    "ROOT_URLCONF",
)
# columns that are written from a list of names, by a base of several models, or by Django
ELSEWHERE = {
    *(f"Member.{name}" for name in Member.WORK_FACTS),
    *(f"Program.{name}" for name in WORD_FIELDS.values()),
    *(
        f"{survey}.answered_at"
        for survey in (
            "Assessment",
            "CheckIn",
            "FitQuestion",
            "MeetingQuestion",
            "SurveyResponse",
        )
    ),
    "User.last_login",
}
# what reads and narrows takes keywords that are no values
READS = {
    *("filter", "exclude", "get", "Q", "annotate", "aggregate", "alias", "order_by", "values"),
    *("values_list", "get_object_or_404", "exists", "When", "UniqueConstraint", "CheckConstraint"),
}
# `.date()` of what is no instant of the platform: file and function, with the reason
WALL = "the reader's own clock: a local time that was made for this zone"
DAYS = {
    "sessions/planning/engine/times.py:_conflict": WALL,
    "sessions/planning/engine/times.py:_free": WALL,
    "sessions/planning/engine/times.py:rank_slots": WALL,
    "sessions/planning/operations/planning.py:_dates": WALL,
    "sessions/planning/queries/availability.py:season_dates": WALL,
    "devtools/devstack.py:_fingerprint": "prepares the demo anew once a day, whichever day that is",
}


def product() -> tuple[Path, ...]:
    """Return what runs in production: an operation that only the demo calls has no entry point."""
    return tuple(path for path in python_files() if path.parts[len(ROOT.parts)] != "devtools")


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_operations(path: Path) -> bool:
    return "operations" in {path.stem, path.parent.name}


def names_of(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for, as a dotted path."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def used_in(node: ast.AST, names: dict[str, str], own: str) -> Iterator[str]:
    """Yield the dotted paths that a piece of code refers to."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield names.get(part.id, f"{own}.{part.id}")
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            yield f"{names.get(part.value.id, part.value.id)}.{part.attr}"


def unreached() -> set[str]:
    """Return the public functions of operations that nothing but operations of the kind calls."""
    public: set[str] = set()
    calls: dict[str, set[str]] = {}
    reached: set[str] = set()
    for path in product():
        module, tree = module_of(path), tree_of(path)
        names = names_of(tree)
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                continue
            used = set(used_in(node, names, module))
            if is_operations(path) and isinstance(node, ast.FunctionDef):
                name = f"{module}.{node.name}"
                calls[name] = used
                if not node.name.startswith("_"):
                    public.add(name)
            else:
                reached |= used
    waiting = [name for name in reached if name in calls]
    while waiting:
        new = {name for name in calls[waiting.pop()] if name in calls} - reached
        reached |= new
        waiting += new
    return public - reached


def columns() -> Iterator[tuple[type[Model], Field[object, object]]]:
    for model in apps.get_models():
        if model.__module__.partition(".")[0] in OURS:
            for field in model._meta.local_concrete_fields:
                yield model, field


@cache
def written_in(path: Path) -> frozenset[str]:
    """Return the names to which a file gives values: keywords, attributes and keys of dicts."""
    names: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Call):
            function = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            if function not in READS:
                names |= {keyword.arg for keyword in node.keywords if keyword.arg}
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
        elif isinstance(node, ast.Dict):
            names |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
    if is_operations(path):  # lists of columns, named at the top
        for top in tree_of(path).body:
            if isinstance(top, ast.Assign):
                names |= {
                    str(part.value) for part in ast.walk(top) if isinstance(part, ast.Constant)
                }
    return frozenset(names)


@cache
def inserted() -> str:
    """Return all SQL of ours that inserts rows."""
    return " ".join(
        text for path in product() for _line, text in strings(path) if "INSERT INTO" in text
    )


def unwritten() -> set[str]:
    """Return the columns without a default of their own that no file about their model writes."""
    files = {
        path: {node.id for node in nodes_of(path) if isinstance(node, ast.Name)}
        for path in product()
        if path.name != "models.py" and path.parent.name != "models" and path.stem != "api"
    }

    @cache
    def written(model: str) -> frozenset[str]:
        about = (written_in(path) for path, names in files.items() if model in names)
        return frozenset().union(*about)

    missing: set[str] = set()
    for model, field in columns():
        name = f"{model.__name__}.{field.name}"
        computed = field.has_default() and callable(field.default) and field.default is not dict
        by_the_database = isinstance(field.db_default, Func)  # and by its triggers, not by us
        if computed or by_the_database or field.primary_key or name in ELSEWHERE:
            continue
        if f"INSERT INTO {model._meta.db_table} " in inserted() and field.column in inserted():
            continue
        if not {field.name, field.attname} & written(model.__name__):
            missing.add(name)
    return missing


@cache
def attributes(*, but: str) -> set[str]:
    """Return every attribute that code of ours reads, but for one file."""
    return {
        node.attr
        for path in python_files()
        if path != ROOT / but
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }


def unread() -> set[str]:
    """Return the settings of the installation and of an organisation that nothing reads."""
    file = "mentoring/settings.py"
    names = [node for node in nodes_of(ROOT / file) if isinstance(node, ast.Name)]
    kept = {node.id for node in names if isinstance(node.ctx, ast.Store) and node.id.isupper()}
    theirs = {name for name in kept if name.startswith(LIBRARIES) or hasattr(global_settings, name)}
    read = attributes(but=file) | {node.id for node in names if isinstance(node.ctx, ast.Load)}
    chosen = {
        field.name
        for field in OrganisationSettings._meta.local_concrete_fields
        if field.name not in {"id", "created_at", "organisation"}
    }
    return (kept - theirs - read) | {f"OrganisationSettings.{name}" for name in chosen - read}


def unasked() -> set[str]:
    return {
        f"Permission.{permission.name}"
        for permission in Permission
        if permission.name not in attributes(but="core/members/permissions.py")
    }


@cache
def unused() -> set[str]:
    return unreached() | unwritten() | unread() | unasked()


@pytest.mark.slow
def test_all_that_stands_unused_is_known_with_a_reason():
    assert unused() - set(KNOWN) == set()


@pytest.mark.slow
def test_what_is_known_as_unused_still_is():
    assert set(KNOWN) - unused() == set()
    assert all(len(reason) > 10 for reason in KNOWN.values())


# Days


def days_of_instants() -> Iterator[tuple[str, int]]:
    """Yield each `.date()`: the file and function it stands in, and its line."""
    for path in python_files():
        if path == ROOT / "core/tenancy/days.py":
            continue
        for top in tree_of(path).body:
            for node in ast.walk(top):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "date"
                    and not node.args
                ):
                    yield f"{shown(path)}:{getattr(top, 'name', '')}", node.lineno


def test_only_the_organisations_day_is_made_out_of_an_instant():
    """An instant's own date is that of UTC: half a day off where it is Auckland."""
    faults = [f"{place} line {line}" for place, line in days_of_instants() if place not in DAYS]
    assert faults == []
    assert set(DAYS) - {place for place, _line in days_of_instants()} == set()
