"""What a reader would have to remember, held by tests instead."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from core.members.permissions import ROLE_PERMISSIONS, Permission
from core.tenancy.models import GuardedQuerySet, TenantForeignKey, TenantModel
from devtools.embedded import ROOT
from tests.guards.source import python_files, tree_of

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]
# what an edge may ask of a model's manager: everything else goes through a query or an operation
ASKED_AT_THE_EDGE = {"visible_to", "facts_for", "none"}


def test_the_tests_run_with_their_own_settings_and_their_own_part_of_the_cache():
    assert settings.SETTINGS_MODULE == "tests.settings"
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    assert settings.CACHES["default"]["LOCATION"].endswith(f"db={2 * worker + 1}")


def views_below_an_organisation() -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []

    def walk(entries: list[URLPattern | URLResolver], prefix: str) -> None:
        for entry in entries:
            here = f"{prefix}{entry.pattern}"
            if isinstance(entry, URLResolver):
                walk(entry.url_patterns, here)
            elif here.startswith("o/<slug:organisation>/"):
                found.append((here, entry.callback))

    walk(get_resolver().url_patterns, "")
    return found


def test_every_page_below_an_organisation_names_its_permission():
    views = views_below_an_organisation()
    assert len(views) > 30
    for where, view in views:
        if where.startswith("o/<slug:organisation>/theme."):
            continue  # a stylesheet: colours are no secret among members
        assert isinstance(getattr(view, "permission", None), Permission), where


def edges() -> list[Path]:
    names = ("views", "api")
    return [path for path in python_files() if path.stem in names or path.parent.name in names]


@pytest.mark.parametrize("path", edges(), ids=lambda path: str(path.relative_to(ROOT)))
def test_views_and_resources_reach_rows_by_visible_to_alone(path: Path):
    """`X.objects.visible_to(member)` and nothing else: held on the syntax tree."""
    tree = tree_of(path)
    allowed: set[int] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ASKED_AT_THE_EDGE
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "objects"
        ):
            allowed.add(id(node.value))
    loose = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "objects" and id(node) not in allowed
    ]
    assert loose == [], f"{path.name} lines {loose} reach rows past visible_to"


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
def test_a_tenant_model_keeps_the_rules_of_its_table(model: type[TenantModel]):
    assert isinstance(model._default_manager.all(), GuardedQuerySet)
    assert isinstance(model._base_manager.all(), GuardedQuerySet)
    for field in model._meta.local_fields:
        assert not isinstance(field, models.OneToOneField), field
        assert field.primary_key or not field.unique, f"{field} is unique over all organisations"
        if field.is_relation and field.name not in {"organisation", "user"}:
            assert isinstance(field, TenantForeignKey), field
    assert not model._meta.local_many_to_many


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
def test_an_app_below_cannot_name_what_lies_above(model: type[TenantModel]):
    for field in model._meta.local_fields:
        if isinstance(field, TenantForeignKey):
            same = field.related_model._meta.app_label == model._meta.app_label
            assert same or field.remote_field.related_name == "+", field


def test_every_scheduled_task_is_one_that_a_worker_knows():
    current_app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled - set(current_app.tasks) == set()


def test_every_role_has_its_permissions_and_the_owner_all_of_them():
    from core.members.models import Member

    assert set(ROLE_PERMISSIONS) == set(Member.Role)
    assert ROLE_PERMISSIONS[Member.Role.OWNER] == set(Permission)
    for permissions in ROLE_PERMISSIONS.values():
        assert Permission.TAKE_PART in permissions


def test_no_page_carries_inline_script_or_style():
    for path in (ROOT / "templates").rglob("*.html"):
        if path.parent.name == "mail":
            continue  # an e-mail has nowhere else to put its style
        text = path.read_text()
        for forbidden in ("<style", " style=", "onclick=", "hx-on", "javascript:", "|safe"):
            assert forbidden not in text, f"{path.relative_to(ROOT)} holds {forbidden}"
        assert "<script>" not in text, path


# What a look at once reads of a page that may still be on its way; `expect` waits for it instead.
AT_ONCE = {"is_visible", "is_hidden", "is_checked", "is_enabled", "is_disabled"}


def looks_at_once(tree: ast.AST) -> list[int]:
    """Return the lines that assert what a control is at this moment."""
    return [
        call.lineno
        for claim in ast.walk(tree)
        if isinstance(claim, ast.Assert)
        for call in ast.walk(claim.test)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in AT_ONCE
    ]


def test_no_browser_test_looks_before_the_page_has_come():
    planted = "assert not page.get_by_text('x').is_visible(), 'y'\nexpect(page).to_have_title('x')"
    assert looks_at_once(ast.parse(planted)) == [1]
    hasty = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for line in looks_at_once(tree_of(path))
    }
    assert hasty == set()
