"""What a move of the source must leave equal: addresses, the OpenAPI schema, the catalog.

    python -m tests.guards.goldens FOLDER            writes urls.json, openapi.json, catalog.json
    python -m tests.guards.goldens FOLDER BEFORE     and says how they differ from those in BEFORE

It migrates a throw-away PostgreSQL.  Names that moved on purpose are told in RENAMED, one
`pattern<TAB>replacement` to a line of the file BEFORE/renamed.tsv (regular expressions, applied
to the lines of BEFORE in order); names that Django or PostgreSQL make from a hash are compared
without it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

from devtools.embedded import ROOT, Embedded
from tests.services import SETTINGS

CATALOG = {
    "columns": (
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
        " a.attidentity, pg_get_expr(d.adbin, d.adrelid) FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid"
        " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')"
        " AND a.attnum > 0 AND NOT a.attisdropped"
    ),
    "constraints": (
        "SELECT conrelid::regclass, conname, contype, confdeltype, confupdtype, condeferrable,"
        " condeferred, convalidated, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype <> 'n'"
    ),
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "policies": (
        "SELECT tablename, policyname, permissive, cmd, roles::text, qual, with_check"
        " FROM pg_policies WHERE schemaname = 'public'"
    ),
    "grants": (
        "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants"
        " WHERE table_schema = 'public'"
    ),
    "row_security": (
        "SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner)"
        " FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    ),
    "default_grants": "SELECT defaclrole::regrole, defaclobjtype, defaclacl FROM pg_default_acl",
    "triggers": (
        "SELECT tgrelid::regclass, tgname, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE NOT tgisinternal"
    ),
    "functions": (
        "SELECT proname, pg_get_functiondef(oid) FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'"
        " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
    ),
    "others": (
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind NOT IN ('r', 'i')"
    ),
    "extensions": "SELECT extname FROM pg_extension",
}
HASHED = re.compile(r"\w*_[0-9a-f]{8}_?(fk|uniq|idx|pk|like|check)\w*")


def addresses() -> list[str]:
    """Return every address: its path, its name, the view's function and the permission."""
    from django.urls import URLPattern, URLResolver, get_resolver

    lines: list[str] = []

    def walk(entries: list[URLPattern | URLResolver], path: str, namespace: str) -> None:
        for entry in entries:
            below = f"{path}{entry.pattern}"
            if isinstance(entry, URLResolver):
                inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
                walk(entry.url_patterns, below, inner)
                continue
            permission = getattr(entry.callback, "permission", "")
            view = getattr(entry.callback, "__name__", type(entry.callback).__name__)
            lines.append(f"{below} | {namespace}{entry.name or ''} | {view} | {permission}")

    walk(get_resolver().url_patterns, "", "")
    return lines  # in order: the first that fits answers


def openapi() -> dict[str, Any]:
    """Return the schema that /api/ publishes."""
    from drf_spectacular.generators import SchemaGenerator

    return dict(SchemaGenerator().get_schema(request=None, public=True))


def catalog() -> dict[str, list[str]]:
    """Return what pg_catalog holds of our schema, a sorted line for each object."""
    from django.db import connection

    lines: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for name, statement in CATALOG.items():
            cursor.execute(statement)
            lines[name] = sorted(" | ".join(map(str, row)) for row in cursor.fetchall())
    return lines


def dump(folder: Path) -> None:
    """Write the three files."""
    folder.mkdir(parents=True, exist_ok=True)
    servers = Embedded(f"goldens-{os.getpid()}", durable=False)
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CELERY_BROKER_URL"):
        os.environ.pop(variable, None)
    with servers as reached:
        os.environ.update({**SETTINGS, **reached, "DJANGO_SETTINGS_MODULE": "tests.settings"})
        subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", "migrate", "--noinput", "-v0"],
            env={**os.environ, "DATABASE_URL": reached["DATABASE_OWNER_URL"]},
            cwd=ROOT,
            check=True,
        )
        django.setup()
        from django.db import connection

        try:
            for name, facts in (
                ("urls", addresses()),
                ("openapi", openapi()),
                ("catalog", catalog()),
            ):
                text = json.dumps(facts, indent=1, sort_keys=True, default=str)
                (folder / f"{name}.json").write_text(f"{text}\n")
        finally:
            connection.close()


def differences(before: Path, after: Path) -> Iterator[str]:
    """Yield what only one of the two folders holds, `-` before and `+` after."""
    renamed: list[tuple[str, str]] = []
    if (before / "renamed.tsv").exists():
        for line in (before / "renamed.tsv").read_text().splitlines():
            pattern, _, replacement = line.partition("\t")
            renamed.append((pattern, replacement))

    def was(line: str) -> str:
        for pattern, replacement in renamed:
            line = re.sub(pattern, replacement, line)
        return line

    for name in ("urls", "openapi", "catalog"):
        old = json.loads((before / f"{name}.json").read_text())
        new = json.loads((after / f"{name}.json").read_text())
        for part in old if name == "catalog" else [""]:
            lines = [_lines(facts[part] if part else facts) for facts in (old, new)]
            held, holds = Counter(map(_plain, map(was, lines[0]))), Counter(map(_plain, lines[1]))
            for sign, only in (("-", held - holds), ("+", holds - held)):
                for line in sorted(only.elements()):
                    yield f"{name} {part} {sign} {line}"


def _lines(facts: Any) -> list[str]:
    if isinstance(facts, list):
        return facts
    return json.dumps(facts, indent=1, sort_keys=True).splitlines()


def _plain(line: str) -> str:
    return HASHED.sub(r"<\1>", line)


def main(folder: str, before: str = "") -> int:
    """Dump, and compare if there is something to compare with."""
    dump(Path(folder))
    found = list(differences(Path(before), Path(folder))) if before else []
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
