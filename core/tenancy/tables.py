"""Migrations: what makes a table a tenant table, and views that publish facts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from core.tenancy.context import APP_ROLE
from core.tenancy.models import TenantForeignKey

IN_FORCE = "(SELECT nullif(current_setting('app.organisation', true), '')::bigint)"
READER = "(SELECT nullif(current_setting('app.member', true), '')::uuid)"

# of a row's organisation; deleted no sooner (mentoring/privacy/closing.py)
CLOSED = (
    "EXISTS (SELECT 1 FROM tenancy_organisation o WHERE o.id = organisation_id"
    " AND o.closed_at < statement_timestamp() - interval '30 days')"
)


class InitialMigration(migrations.Migration):
    """An app's first migration: its models are rendered once, when all of them are known.

    With each CreateModel Django renders anew whatever it is related to, and by their organisation
    all our models are: that took most of the time of an empty database.  The operations are
    CreateModel and SQL alone: each sees the state that the last of them leaves.
    """

    initial = True

    def apply(
        self,
        project_state: ProjectState,
        schema_editor: BaseDatabaseSchemaEditor,
        collect_sql: bool = False,
    ) -> ProjectState:
        before = project_state.clone()
        vars(project_state).pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for operation in self.operations:
            operation.database_forwards(self.app_label, schema_editor, before, project_state)
        return project_state


class _Statements(Operation, ABC):
    """SQL that the models do not show; what it makes goes with its table or column."""

    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing of this shows in the models."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.statements(app_label, to_state):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """The table goes with its CreateModel, the column with its AddField."""

    @abstractmethod
    def statements(self, app_label: str, state: ProjectState) -> Iterable[str]:
        """Return what is executed, in this order."""


class TenantTable(_Statements):
    """Give one model of this migration its walls in the database.

    Adds UNIQUE (organisation_id, id); for each TenantForeignKey the composite key and its
    index; forced row-level security with the `tenant` policy; and the application's grants.
    `append_only` leaves the application INSERT and SELECT.  `private` is for bodies with a
    `readers uuid[]` column: only they read or change a row, and nobody deletes one by itself.
    `with_parent` names references whose rows take this one along when they go.
    """

    def __init__(
        self,
        name: str,
        *,
        append_only: bool = False,
        private: bool = False,
        with_parent: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.append_only = append_only
        self.private = private
        self.with_parent = with_parent

    def describe(self) -> str:
        return f"Put {self.name} behind row-level security"

    def statements(self, app_label: str, state: ProjectState) -> Iterable[str]:
        model = state.apps.get_model(app_label, self.name)
        table = model._meta.db_table
        statements = [
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_in_organisation"'
            " UNIQUE (organisation_id, id)"
        ]
        for field in model._meta.local_fields:
            if isinstance(field, TenantForeignKey):
                statements += self._reference(table, field)
        statements += [
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY tenant ON "{table}" USING (organisation_id = {IN_FORCE})'
            f" WITH CHECK (organisation_id = {IN_FORCE})",
        ]
        if self.private:
            statements += [
                f'CREATE POLICY readers_read ON "{table}" AS RESTRICTIVE FOR SELECT'
                f" USING ({READER} = ANY (readers))",
                f'CREATE POLICY readers_change ON "{table}" AS RESTRICTIVE FOR UPDATE'
                f" USING ({READER} = ANY (readers))",
            ]
        rights = "SELECT, INSERT, UPDATE, DELETE"
        if self.append_only:
            rights = "SELECT, INSERT"
        elif self.private:
            rights = "SELECT, INSERT, UPDATE"
        return [
            *statements,
            f'REVOKE ALL ON "{table}" FROM {APP_ROLE}',
            f'GRANT {rights} ON "{table}" TO {APP_ROLE}',
        ]

    def _reference(self, table: str, field: TenantForeignKey) -> list[str]:
        gone = " ON DELETE CASCADE" if field.name in self.with_parent else ""
        return _reference(table, field, gone)


class Audience(_Statements):
    """Let bodies be read by who stands in a relation today, beside those whom `readers` name.

    `condition` is SQL over the row and `{reader}`, who looks: it holds where the row's `audience`
    is set.  Nothing is frozen: who stands there no more reads no more, and who follows does.
    Only the `readers` change a row.
    """

    def __init__(self, model: str, condition: str) -> None:
        self.model = model
        self.condition = condition

    def describe(self) -> str:
        return f"Let the audience of {self.model} read it"

    def statements(self, app_label: str, state: ProjectState) -> Iterable[str]:
        table = state.apps.get_model(app_label, self.model)._meta.db_table
        among = self.condition.format(reader=READER)
        return (
            f'DROP POLICY readers_read ON "{table}"',
            f'CREATE POLICY readers_read ON "{table}" AS RESTRICTIVE FOR SELECT'
            f" USING ({READER} = ANY (readers) OR (audience <> '' AND {among}))",
        )


class Sealed(_Statements):
    """Close a table to everybody who looks, but for those of whom `condition` holds.

    For what is put together by many and opened by nobody: who adds to it must read it; what comes
    of it is counted by follow-ups, which act for no member.  `condition` is SQL over the row and
    `{reader}`, who looks.
    """

    def __init__(self, model: str, condition: str) -> None:
        self.model = model
        self.condition = condition

    def describe(self) -> str:
        return f"Seal {self.model}"

    def statements(self, app_label: str, state: ProjectState) -> Iterable[str]:
        table = state.apps.get_model(app_label, self.model)._meta.db_table
        adds = self.condition.format(reader=READER)
        return (
            f'CREATE POLICY sealed ON "{table}" AS RESTRICTIVE USING ({READER} IS NULL OR {adds})',
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model)._meta.db_table
        schema_editor.execute(f'DROP POLICY sealed ON "{table}"', params=None)


class TenantReference(_Statements):
    """Hold a TenantForeignKey that a later migration adds: its composite key and index."""

    def __init__(self, model: str, field: str) -> None:
        self.model = model
        self.field = field

    def describe(self) -> str:
        return f"Hold {self.model}.{self.field} inside its organisation"

    def statements(self, app_label: str, state: ProjectState) -> Iterable[str]:
        model = state.apps.get_model(app_label, self.model)
        field = model._meta.get_field(self.field)
        assert isinstance(field, TenantForeignKey)
        return _reference(model._meta.db_table, field)


class DeletableWhenClosed(_Statements):
    """Let rows that nobody may delete go with their organisation, 30 days after it was closed.

    For tables that are `append_only`: the application gets DELETE under a policy that holds for
    organisations closed that long and for no other.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def describe(self) -> str:
        return f"Let rows of {self.name} be deleted with a closed organisation"

    def statements(self, app_label: str, state: ProjectState) -> Iterable[str]:
        table = state.apps.get_model(app_label, self.name)._meta.db_table
        return (
            f'CREATE POLICY closed ON "{table}" AS RESTRICTIVE FOR DELETE USING ({CLOSED})',
            f'GRANT DELETE ON "{table}" TO {APP_ROLE}',
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = from_state.apps.get_model(app_label, self.name)._meta.db_table
        schema_editor.execute(f'DROP POLICY closed ON "{table}"', params=None)
        schema_editor.execute(f'REVOKE DELETE ON "{table}" FROM {APP_ROLE}', params=None)


class StampFunctions(_Statements):
    """Make what Stamped puts on tables."""

    def describe(self) -> str:
        return "Make the functions that stamp rows and leave tombstones"

    def statements(self, app_label: str, state: ProjectState) -> Iterable[str]:
        # the transaction has its number before the clock is read: see `unseen_since`
        return (
            """
            CREATE FUNCTION stamp_row() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_current_xact_id();
                NEW.stamped_at := clock_timestamp();
                RETURN NEW;
            END $$
            """,
            """
            CREATE FUNCTION leave_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (
                    SELECT FROM tenancy_organisation
                    WHERE id = OLD.organisation_id AND closed_at IS NOT NULL
                ) THEN
                    RETURN NULL;
                END IF;
                PERFORM pg_current_xact_id();
                INSERT INTO tenancy_tombstone (id, organisation_id, created_at, "table", stamped_at)
                VALUES (
                    OLD.id, OLD.organisation_id, clock_timestamp(), TG_TABLE_NAME, clock_timestamp()
                )
                ON CONFLICT (id) DO UPDATE SET stamped_at = excluded.stamped_at;
                RETURN NULL;
            END $$
            """,
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        schema_editor.execute("DROP FUNCTION IF EXISTS stamp_row() CASCADE", params=None)
        schema_editor.execute("DROP FUNCTION IF EXISTS leave_tombstone() CASCADE", params=None)


class Stamped(_Statements):
    """Let the database note when a row of a StampedModel was last written, and that it is gone.

    A trigger and not each operation: no statement, cascade or correction by hand is missed, and
    the clock is one for all.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def describe(self) -> str:
        return f"Stamp the rows of {self.name}"

    def statements(self, app_label: str, state: ProjectState) -> Iterable[str]:
        table = state.apps.get_model(app_label, self.name)._meta.db_table
        return (
            f'CREATE INDEX "{table}_stamped_idx" ON "{table}" (organisation_id, stamped_at, id)',
            f'CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON "{table}"'
            " FOR EACH ROW EXECUTE FUNCTION stamp_row()",
            f'CREATE TRIGGER tombstone AFTER DELETE ON "{table}"'
            " FOR EACH ROW EXECUTE FUNCTION leave_tombstone()",
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = from_state.apps.get_model(app_label, self.name)._meta.db_table
        schema_editor.execute(f'DROP TRIGGER IF EXISTS stamp ON "{table}"', params=None)
        schema_editor.execute(f'DROP TRIGGER IF EXISTS tombstone ON "{table}"', params=None)
        schema_editor.execute(f'DROP INDEX IF EXISTS "{table}_stamped_idx"', params=None)


class FactsView(_Statements):
    """Publish columns of this app's tables to the SQL of the apps above: `<app>_<subject>_facts`.

    It reads with the rights of whoever asks, so that every wall of the tables holds; the
    application may only read it.  Columns are only ever added, at the end: PostgreSQL refuses
    to replace a view by any other.  It comes after the TenantTable of what it selects from.
    """

    def __init__(self, name: str, sql: str) -> None:
        self.name = name
        self.sql = sql

    def statements(self, app_label: str, state: ProjectState) -> Iterable[str]:
        return (
            f'CREATE OR REPLACE VIEW "{self.name}" WITH (security_invoker = true) AS {self.sql}',
            f'REVOKE ALL ON "{self.name}" FROM {APP_ROLE}',
            f'GRANT SELECT ON "{self.name}" TO {APP_ROLE}',
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        schema_editor.execute(f'DROP VIEW IF EXISTS "{self.name}"', params=None)

    def describe(self) -> str:
        return f"Publish {self.name}"


def _reference(table: str, field: TenantForeignKey, gone: str = "") -> list[str]:
    target = field.related_model._meta.db_table
    column = field.column
    return [
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{column}_same"'
        f" FOREIGN KEY (organisation_id, {column})"
        f' REFERENCES "{target}" (organisation_id, id){gone}',
        f'CREATE INDEX "{table}_{column}_idx" ON "{table}" (organisation_id, {column})',
    ]


class OnDelete(_Statements):
    """Let the database do something about rows that were deleted from a table, named `gone`.

    For what is derived from rows below it: no cascade, erasure or correction by hand is missed.
    Once a statement, in its transaction and with the rights and walls of whoever deletes.
    """

    def __init__(self, model: str, name: str, sql: str) -> None:
        self.model = model
        self.name = name
        self.sql = sql

    def describe(self) -> str:
        return f"Do {self.name} when rows of {self.model} are deleted"

    def statements(self, app_label: str, state: ProjectState) -> Iterable[str]:
        table = state.apps.get_model(self.model)._meta.db_table
        return (
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN {self.sql}; RETURN NULL; END $$",
            f'CREATE TRIGGER {self.name} AFTER DELETE ON "{table}" REFERENCING OLD TABLE AS gone'
            f" FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()",
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {self.name}() CASCADE", params=None)
