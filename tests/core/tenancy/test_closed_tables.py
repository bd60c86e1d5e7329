"""How rows that nobody may delete go with a closed organisation: one operation says it."""

from __future__ import annotations

import re
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps

from core.tenancy.tables import DeletableWhenClosed


def _plain(sql: str) -> str:
    words = " ".join(sql.replace('"', "").split())
    return re.sub(r"\s*([()])\s*", r"\1", words).rstrip("; ")


@pytest.mark.parametrize(
    ("app", "model", "migration"),
    [
        ("audit", "AuditEvent", "core.audit.migrations.0003_closed"),
        ("feedback", "ReleasedStep", "feedback.migrations.0005_closed"),
    ],
)
def test_a_table_to_come_gets_what_the_first_ones_have(app: str, model: str, migration: str):
    """Their migrations are in a release and stay as they ran."""
    state: Any = SimpleNamespace(apps=apps)
    statements = DeletableWhenClosed(model).statements(app, state)
    assert _plain("; ".join(statements)) == _plain(import_module(migration).CLOSED)
