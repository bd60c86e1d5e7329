"""The release before goes on writing while and after the new one migrates, and is read by it.

deploy/previous-release names its commit.  Its tree seeds a database, this tree migrates it; then
the old code writes, opens every page and sends every form on the new schema, and the new code
walks what both have written.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psycopg
import pytest
from packaging.requirements import Requirement
from psycopg import sql
from psycopg.conninfo import make_conninfo

from devtools.embedded import ROOT
from tests.deploy import previous

pytestmark = pytest.mark.slow


class Release:
    """A tree of ours with its Python, on the database of the upgrade."""

    def __init__(self, tree: Path, python: Path, database: str) -> None:
        self.tree, self.python = tree, python
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "DATABASE_URL": make_conninfo(os.environ["DATABASE_URL"], dbname=database),
        }
        self.owner = make_conninfo(os.environ["DATABASE_OWNER_URL"], dbname=database)

    def migrate(self, *words: str, lock_seconds: int = 5) -> str:
        """Migrate as the owner; return what went wrong."""
        done = self._run(
            ["-W", "ignore", "manage.py", "migrate", "--noinput", "-v0", *words],
            DATABASE_URL=self.owner,
            DB_LOCK_SECONDS=str(lock_seconds),
        )
        return done.stderr if done.returncode else ""

    def do(self, stage: str, file: Path) -> dict[str, Any]:
        """Run one stage of tests/deploy/release.py; return what it says."""
        done = self._run(["-m", "tests.deploy.release", stage, str(file)])
        assert done.stdout.startswith("{") or "\n{" in done.stdout, done.stderr
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said

    def _run(self, words: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, *words],
            cwd=self.tree,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )


def python_for(tree: Path, target: Path) -> Path:
    """Return our own Python where it has all that the tree wants, else one made for it."""
    wanted = (tree / "requirements" / "dev.txt", tree / "requirements" / "base.txt")
    lines = [line for path in wanted for line in path.read_text().splitlines() if "==" in line]
    if all(_here(Requirement(line.strip(" \\"))) for line in lines):
        return Path(sys.executable)
    subprocess.run([sys.executable, "-m", "venv", target], check=True)
    python = target / "bin" / "python"
    command = [python, "-m", "pip", "install", "--quiet", "--require-hashes"]
    for path in wanted:
        subprocess.run([*command, "-r", path], check=True)
    return python


def _here(wanted: Requirement) -> bool:
    if wanted.marker and not wanted.marker.evaluate():
        return True  # for another system
    try:
        return version(wanted.name) in wanted.specifier
    except PackageNotFoundError:
        return False


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    name = f"roundtable_upgrade_{os.getpid()}"
    server = make_conninfo(os.environ["DATABASE_OWNER_URL"], dbname="postgres")
    with psycopg.connect(server, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield name
        owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def upgraded(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Release, Release, Path]:
    """Both releases on a database that the old one has filled and the new one has migrated."""
    folder = tmp_path_factory.mktemp("releases")
    tree = previous.unpack(folder / "old")
    old = Release(tree, python_for(tree, folder / "venv"), database)
    new = Release(ROOT, Path(sys.executable), database)
    assert old.migrate() == ""
    said = old.do("seed", folder / "rows.json")
    assert said["failures"] == []
    assert new.migrate() == ""
    return old, new, folder / "rows.json"


def test_old_code_goes_on_writing_on_the_new_schema(upgraded):
    old, _, file = upgraded
    said = old.do("operate", file)
    assert said["failures"] == []
    assert said["operations"] > 5


def test_old_codes_pages_and_forms_go_on(upgraded):
    old, _, file = upgraded
    said = old.do("walk", file)
    assert said["failures"] == []
    assert said["forms accepted"] > 50


def test_new_code_reads_and_writes_what_both_have_written(upgraded):
    _, new, file = upgraded
    said = new.do("walk", file)
    assert said["failures"] == []
    assert said["pages shown"] > 150
    assert said["forms accepted"] > 50


def test_a_migration_gives_up_rather_than_let_everybody_wait(upgraded):
    """It waits so long for its lock; whoever reads or writes behind it would wait as well."""
    _, new, _ = upgraded
    with psycopg.connect(new.owner) as reader:
        reader.execute("SELECT 1 FROM audit_auditevent")  # no other app's migrations need audit's
        assert "lock timeout" in new.migrate("audit", "zero", lock_seconds=1)


def test_it_would_tell(upgraded):
    """The fault for which all this is: a column that old code does not know and has to fill."""
    old, _, file = upgraded
    with psycopg.connect(old.owner) as owner:
        owner.execute("ALTER TABLE members_member ADD later text NOT NULL DEFAULT ''")
        owner.execute("ALTER TABLE members_member ALTER later DROP DEFAULT")
    said = old.do("operate", file)
    assert any(
        line.startswith("operations add a member: IntegrityError") for line in said["failures"]
    )
