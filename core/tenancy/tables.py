"""Migration operations: what makes a table a tenant table, and views that publish facts."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from core.tenancy.context import APP_ROLE
from core.tenancy.models import TenantForeignKey

IN_FORCE = "(SELECT nullif(current_setting('app.organisation', true), '')::bigint)"
READER = "(SELECT nullif(current_setting('app.member', true), '')::uuid)"


class _Statements(Operation):
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

    def statements(self, app_label: str, state: ProjectState) -> Iterable[str]:
        raise NotImplementedError


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
