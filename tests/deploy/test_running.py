"""docs/running.md names every setting that there is, and every script of deploy/."""

from __future__ import annotations

import ast
import re

import pytest
import yaml

from devtools.embedded import ROOT
from tests.guards.source import nodes_of, python_files

RUNNING = (ROOT / "docs/running.md").read_text()
READERS = {"text", "flag", "number", "secret", "secrets", "choice", "mail_server"}


def settings_read() -> set[str]:
    """Return each variable of the environment that core/common/env.py is asked for."""
    names = set()
    for path in (ROOT / "mentoring/settings.py", *python_files()):
        for node in nodes_of(path):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = called or (node.func.id if isinstance(node.func, ast.Name) else "")
            first = node.args[0]
            if called in READERS and isinstance(first, ast.Constant):
                name = str(first.value)
                if re.fullmatch("[A-Z][A-Z_]{3,}", name):
                    names.add(name)
    return names


@pytest.mark.slow
def test_every_setting_is_in_running_md():
    names = settings_read()
    assert {"DEBUG", "KEEP_JOBS_DAYS", "METRICS_TOKEN", "NOTIFICATION_LEASE_SECONDS"} <= names
    assert [name for name in sorted(names) if f"`{name}`" not in RUNNING] == []


def test_every_variable_of_compose_is_in_running_md():
    text = (ROOT / "docker-compose.yml").read_text()
    names = set(re.findall(r"\$\{([A-Z_]+)", text)) - {"ROUNDTABLE_VERSION"}
    assert [name for name in sorted(names) if name not in RUNNING] == []


def test_every_secret_and_every_service_is_in_running_md():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    for name in (*compose["secrets"], *compose["services"]):
        assert f"`{name}`" in RUNNING or f" {name} " in RUNNING or f" {name}`" in RUNNING, name


def test_every_script_is_in_running_md():
    for path in (ROOT / "deploy").iterdir():
        if path.name not in {"get-tools", "__pycache__"}:
            assert f"deploy/{path.name}" in RUNNING, path.name


def test_every_target_of_make_is_in_running_md():
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"demo", "test", "faults"} <= set(targets)
    assert [name for name in targets if name != "help" and f"`make {name}`" not in RUNNING] == []
