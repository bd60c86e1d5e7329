"""The drill: a backup restored, and the second before a mistake brought back, by our scripts."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from devtools.embedded import CannotStart
from devtools.processes import wait_until
from devtools.rehearsal import Rehearsal
from tests.deploy.rows import rights_of, rows_of
from tests.faults.test_servers_away import with_schema
from tests.figures import Figure

pytestmark = pytest.mark.slow

SUBJECT = "restore drill: tables and grants that are equal"
CAST = "from tests.cast import make_cast; make_cast()"


@pytest.fixture(scope="module")
def production() -> Iterator[Rehearsal]:
    """PostgreSQL as production has it, with people in it; nothing else is needed."""
    rehearsal = Rehearsal(f"drill-{os.getpid()}")
    try:
        with with_schema(rehearsal):
            rehearsal.write_secrets()
            rehearsal.manage("shell", "--no-imports", "--command", CAST, TIME_TRAVEL="yes")
            yield rehearsal
    finally:
        rehearsal.stop()


@pytest.fixture(scope="module")
def backup(production, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("backups")
    return Path(production.script("backup", folder))


def audit(production: Rehearsal, database: str) -> str:
    address = production.dsn_by_tcp("roundtable_app", database)
    return production.manage("audit_database", DATABASE_URL=address)


def as_superuser(production: Rehearsal, database: str = "roundtable") -> str:
    return production.dsn("postgres", database)


def test_a_backup_is_restored_row_for_row_and_right_for_right(
    production, backup, figure: Callable[[str], Figure]
):
    counted = figure(SUBJECT)
    said = production.script("restore", backup, "restored")
    assert "audit_database" in said
    before, after = as_superuser(production), as_superuser(production, "restored")
    rows = rows_of(before)
    assert rows["members_member"][0] > 5
    assert rows["audit_auditevent"][0] > 5
    counted.tried = len(rows) + len(rights_of(before))
    assert rows_of(after) == rows
    assert rights_of(after) == rights_of(before)
    assert audit(production, "restored") == "The database's walls are whole."


def test_a_restore_touches_nothing_that_is_there(production, backup):
    rows = rows_of(as_superuser(production))
    with pytest.raises(CannotStart, match="already exists"):
        production.script("restore", backup, "roundtable")
    assert rows_of(as_superuser(production)) == rows


def test_the_audit_finds_what_a_careless_restore_opens(production, backup):
    """As anybody would do it: as the owner, into a database made of template1."""
    with psycopg.connect(as_superuser(production, "postgres"), autocommit=True) as server:
        server.execute("CREATE DATABASE careless OWNER roundtable_owner")
    address = production.dsn("roundtable_owner", "careless")
    command = ["pg_restore", "--dbname", address, str(backup)]
    subprocess.run(command, check=True, env=production.tools())
    with pytest.raises(CannotStart, match="the audit trail can be changed"):
        audit(production, "careless")


def test_of_bases_the_newest_are_kept_and_of_the_archive_what_they_need(production, tmp_path):
    (tmp_path / "archive").symlink_to(production.archive)
    bases = []
    for _time in range(3):
        time.sleep(1.1)  # a base is named by its second
        bases.append(Path(production.script("base-backup", tmp_path, KEEP_BASES="2")))
    assert sorted(tmp_path.glob("base-*")) == bases[1:]
    label = (bases[1] / "backup_label").read_text()
    needed = label.split("(file ")[1].split(")")[0]
    segments = [path.name for path in production.archive.iterdir() if len(path.name) == 24]
    assert min(segments) >= needed


def test_the_second_before_a_mistake_comes_back(
    production, tmp_path, figure: Callable[[str], Figure]
):
    counted = figure(SUBJECT)
    base = production.script("base-backup", tmp_path)
    address = as_superuser(production)
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("INSERT INTO jobs_recurring VALUES ('written after the base', now())")
        rows, rights = rows_of(address), rights_of(address)
        (moment,) = server.execute("SELECT clock_timestamp() + interval '0.2 s'").fetchone()
        time.sleep(1.2)
        server.execute("DELETE FROM jobs_recurring; DELETE FROM audit_auditevent")
        (segment,) = server.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
    counted.tried = len(rows) + len(rights)
    assert rows_of(address) != rows
    archived = production.archive / segment
    assert wait_until(archived.exists, seconds=30)
    target = production.archive.parent / "recovered"
    production.script("recover", base, production.archive, moment.isoformat(), target)
    recovered = production.start_recovered(target)
    assert rows_of(recovered) == rows
    assert rights_of(recovered) == rights
