"""Migrations newer than the release before only expand: its code runs on while they are applied.

What takes something away says in its docstring which release went without it:

    Contract: 1a2b3c4 neither reads nor writes it.

with the commit in deploy/previous-release, whose code still runs when the migration does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

import pytest
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from core.tenancy.tables import (
    Audience,
    DeletableWhenClosed,
    FactsView,
    InitialMigration,
    OnDelete,
    Sealed,
    Stamped,
    StampFunctions,
    TenantReference,
    TenantTable,
)
from devtools.embedded import ROOT
from tests.deploy import previous
from tests.guards.source import OURS

CONTRACT = re.compile(r"^Contract: ([0-9a-f]{7,40}) ", re.MULTILINE)
# what they make does not show in the models
SQL_ALONE = (
    TenantTable,
    TenantReference,
    FactsView,
    Stamped,
    StampFunctions,
    Audience,
    DeletableWhenClosed,
    OnDelete,
    Sealed,
)
HARMLESS = (
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    AddConstraintNotValid,
    ValidateConstraint,
    *SQL_ALONE,
)
# of a table that the release before does not know
OF_A_NEW_TABLE = (
    migrations.AddField,
    migrations.AlterField,
    migrations.RemoveField,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.AddConstraint,
    migrations.RemoveConstraint,
)
# what SQL may do to tables under old code: change rows, and say what the database fills in
HARMLESS_SQL = re.compile(
    r"""\s*(
        (UPDATE|INSERT|SELECT|SET|GRANT|COMMENT)\b
        | DELETE\s+FROM\b
        | CREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY\b
        | ALTER\s+TABLE\s+\S+\s+(NO\s+)?FORCE\s+ROW\s+LEVEL\s+SECURITY\s*$
        | ALTER\s+TABLE\s+\S+\s+ALTER\s+(COLUMN\s+)?\S+\s+SET\s+DEFAULT\b
        | ALTER\s+TABLE\s+\S+\s+ADD\s+CONSTRAINT\b.*\bNOT\s+VALID\s*$
        | ALTER\s+TABLE\s+\S+\s+VALIDATE\s+CONSTRAINT\b
    )""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


WHY = {
    migrations.AddField: "old code leaves it out, and the database has no db_default",
    migrations.AlterField: "say whether old code's values still fit",
    migrations.AddIndex: "nobody can write meanwhile: AddIndexConcurrently",
    migrations.AddConstraint: "AddConstraintNotValid, then ValidateConstraint in a later migration",
    migrations.RunPython: "what is more than a statement is done by a command, in batches",
}


def objections(operations: Sequence[Operation], new_tables: set[str]) -> Iterator[str]:
    """Say which operations old code would not survive, or would have to wait for."""
    for operation in operations:
        if isinstance(operation, migrations.CreateModel):
            new_tables.add(operation.name.lower())
        elif isinstance(operation, migrations.RunSQL):
            yield from _objections_to_sql(operation, new_tables)
        elif isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from objections(operation.database_operations, new_tables)
        elif not _expands(operation, new_tables):
            why = WHY.get(type(operation), "takes away or renames what old code uses")
            yield f"{type(operation).__name__} ({operation.describe()}): {why}"


def _expands(operation: Operation, new_tables: set[str]) -> bool:
    if isinstance(operation, OF_A_NEW_TABLE) and operation.model_name.lower() in new_tables:
        return True
    if isinstance(operation, migrations.AddField):
        return _filled_by_the_database(operation.field)
    return isinstance(operation, HARMLESS)


def _filled_by_the_database(field: models.Field) -> bool:
    return field.null or field.has_db_default() or isinstance(field, models.GeneratedField)


# rights to a table that the release before does not know are nobody's loss
REVOKED = re.compile(r"REVOKE\s+[A-Z, ]+\s+ON\s+[a-z]+_([a-z]+)\s+FROM\b", re.IGNORECASE)


def _objections_to_sql(operation: migrations.RunSQL, new_tables: set[str]) -> Iterator[str]:
    parts = [operation.sql] if isinstance(operation.sql, str) else operation.sql
    for part in parts:
        text = part if isinstance(part, str) else part[0]
        for statement in filter(None, (line.strip() for line in text.split(";"))):
            revoked = REVOKED.match(statement)
            if revoked and revoked[1] in new_tables:
                continue
            if not HARMLESS_SQL.match(statement):
                yield f"RunSQL: {statement[:100]}"


def test_migrations_after_the_release_before_only_expand():
    here = previous.files()
    found: dict[str, list[str]] = {}
    new_tables: dict[str, set[str]] = {}
    loader = MigrationLoader(None)
    for (label, name), migration in sorted(loader.disk_migrations.items()):
        module = type(migration).__module__
        path = ROOT / (module.replace(".", "/") + ".py")
        if module.split(".")[0] not in OURS or str(path.relative_to(ROOT)) in here:
            continue
        told = list(objections(migration.operations, new_tables.setdefault(label, set())))
        if told and not contracts(path.read_text()):
            found[f"{label}.{name}"] = told
    assert found == {}


def contracts(source: str) -> bool:
    """Tell whether a migration says that the code of the release before goes without something."""
    named = CONTRACT.search(ast.get_docstring(ast.parse(source)) or "")
    return bool(named and previous.COMMIT.startswith(named[1]))


def test_migrations_of_the_release_before_are_as_they_were():
    """Where they have run they do not run again: what they lack is another migration."""
    assert previous.changed("*/migrations/*.py") == []


def test_initial_migrations_only_make_things():
    """All their operations see the last state: one that alters a model would find it altered."""
    makes = (migrations.CreateModel, migrations.RunSQL, *SQL_ALONE)
    strays = [
        f"{label}.{name}: {operation.describe()}"
        for (label, name), migration in MigrationLoader(None).disk_migrations.items()
        if isinstance(migration, InitialMigration)
        for operation in migration.operations
        if not isinstance(operation, makes)
    ]
    assert strays == []


TEXT = models.CharField(max_length=9)
REFUSED = [
    migrations.AddField("member", "later", models.CharField(max_length=9, default="")),
    migrations.RemoveField("member", "email"),
    migrations.RenameField("member", "email", "address"),
    migrations.AlterField("member", "email", TEXT),
    migrations.DeleteModel("Member"),
    migrations.RenameModel("Member", "Person"),
    migrations.AddIndex("member", models.Index(fields=["email"], name="later")),
    migrations.AddConstraint("member", models.UniqueConstraint(fields=["email"], name="later")),
    migrations.RemoveConstraint("member", "once"),
    migrations.RunPython(migrations.RunPython.noop),
    migrations.RunSQL("ALTER TABLE members_member DROP COLUMN email"),
    migrations.RunSQL("UPDATE a SET b = 1; ALTER TABLE a ALTER b SET NOT NULL"),
    migrations.RunSQL("ALTER TABLE a FORCE ROW LEVEL SECURITY, DROP b"),
    migrations.RunSQL([("REVOKE ALL ON a FROM roundtable_app", None)]),
    migrations.RunSQL("ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0)"),
    migrations.RunSQL("CREATE INDEX i ON a (b)"),
    migrations.SeparateDatabaseAndState([migrations.RemoveField("member", "email")]),
]
ALLOWED = [
    migrations.AddField("member", "later", models.CharField(max_length=9, null=True)),
    migrations.AddField("member", "later", models.BooleanField(db_default=False)),
    AddIndexConcurrently("member", models.Index(fields=["email"], name="later")),
    AddConstraintNotValid("member", models.CheckConstraint(condition=models.Q(), name="later")),
    ValidateConstraint("member", "later"),
    migrations.RunSQL("UPDATE a SET b = 1; ALTER TABLE a ALTER COLUMN b SET DEFAULT 1;"),
    migrations.RunSQL("ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0) NOT VALID"),
]


@pytest.mark.parametrize("operation", REFUSED, ids=lambda o: o.describe())
def test_what_old_code_would_not_survive_is_refused(operation: Operation):
    assert len(list(objections([operation], set()))) == 1


@pytest.mark.parametrize("operation", ALLOWED, ids=lambda o: o.describe())
def test_what_expands_is_allowed(operation: Operation):
    assert list(objections([operation], set())) == []


def test_a_table_that_old_code_does_not_know_is_nobodys_concern():
    made = [migrations.CreateModel("Later", [("id", models.UUIDField(primary_key=True))])]
    more = [
        migrations.AddField("later", "text", TEXT),
        migrations.AddIndex("later", models.Index(fields=["text"], name="later")),
    ]
    assert list(objections([*made, *more], set())) == []


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (f"Contract: {previous.COMMIT[:9]} neither reads nor writes it.", True),
        ("Contract: 0000000 neither reads nor writes it.", False),
        ("Contract: neither reads nor writes it.", False),
    ],
)
def test_who_takes_away_names_the_release_that_went_without(line: str, answer: bool):
    assert contracts(f'"""The old address goes.\n\n{line}\n"""') is answer
