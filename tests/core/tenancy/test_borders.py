"""SQL in strings names tables of its own app, or what a lower app publishes as a view of facts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

ROOT = Path(__file__).parents[3]
HOUSE = ("programs", "pairing", "sessions", "agreements", "feedback", "metrics")
SQL = re.compile(r"\b(SELECT|FROM|JOIN|INTO|UPDATE|DELETE)\b")


def owners() -> dict[str, str]:
    """Return each table with the package that it belongs to."""
    return {
        model._meta.db_table: model.__module__.split(".")[0]
        for model in apps.get_models(include_auto_created=True)
    }


def statements(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def borrowed(package: str, source: str) -> set[str]:
    """Return the tables of others that SQL in this source names."""
    tables = owners()
    words = {
        word for text in statements(source) if SQL.search(text) for word in re.findall(r"\w+", text)
    }
    return {word for word in words if tables.get(word, package) != package}


@pytest.mark.slow
def test_sql_names_own_tables_or_published_facts() -> None:
    found = {
        str(path.relative_to(ROOT)): tables
        for package in HOUSE
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts and (tables := borrowed(package, path.read_text()))
    }
    assert found == {}


def test_the_guard_sees_a_borrowed_table() -> None:
    source = 'QUERY = f"""SELECT s.id FROM mentoring_sessions_session s JOIN {x} USING (id)"""'
    assert borrowed("metrics", source) == {"mentoring_sessions_session"}
    assert borrowed("sessions", source) == set()


@pytest.mark.django_db
def test_every_view_that_is_read_is_published() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT viewname FROM pg_views WHERE schemaname = 'public'")
        published = {name for (name,) in cursor.fetchall()}
    read = {
        word
        for path in sorted((ROOT / "metrics").rglob("*.py"))
        for text in statements(path.read_text())
        if SQL.search(text)
        for word in re.findall(r"\b\w+_facts\b", text)
    }
    assert read == published
