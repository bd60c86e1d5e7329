"""The catalog audit: reads pg_catalog and names every gap in the database's wall.

What a migration forgot shows here, whatever the code says; `make check` fails on a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection

from core.tenancy.context import APP_ROLE
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.tables import IN_FORCE, READER

# Tables outside the wall, each with its reason.
GLOBAL_TABLES = {
    "django_migrations": "Django's own record of migrations; the application may not write it",
    "django_content_type": "Django's list of models, no tenant data",
    "auth_permission": "Django's permissions, unused",
    "auth_group": "Django's groups, unused",
    "auth_group_permissions": "Django's groups, unused",
    "django_session": "web sessions: read before any organisation is in force",
    "tenancy_due": "which organisation is to be followed up, and when; no content",
    "jobs_recurring": "what the platform does now and then, and when next; no content",
    "members_user": "a sign-in e-mail, good for several organisations",
    "tenancy_organisation": "slug and name: found before it is in force",
    "tenancy_formerslug": "slugs an organisation had: found before it is in force",
    "members_key": "found by its hash before any organisation is in force; no e-mail, no scope",
    "notifications_envelope": "when an e-mail is due, in any organisation; no content",
    "notifications_signinemail": "a code for who signs in, who is in no organisation yet; no row"
    " outlives a quarter of an hour",
    "account_emailaddress": "allauth: which sign-in e-mail is verified",
    "account_emailconfirmation": "allauth: e-mail being verified",
    "mfa_authenticator": "allauth: second steps of a sign-in, good for several organisations",
    "socialaccount_socialaccount": "allauth: empty, identities are an organisation's own rows",
    "socialaccount_socialapp": "allauth: empty, providers are an organisation's own rows",
    "socialaccount_socialtoken": "allauth: empty, no token of a provider is kept",
    "usersessions_usersession": "allauth: where somebody is signed in, in any organisation",
}
# What the application may do with whole rows of a global table, where that is not everything; it
# changes single columns of `tenancy_organisation` and `members_key`.
GLOBAL_RIGHTS = {
    "django_migrations": {"SELECT"},
    "django_content_type": {"SELECT"},
    "auth_permission": {"SELECT"},
    "auth_group": {"SELECT"},
    "auth_group_permissions": {"SELECT"},
    "tenancy_organisation": {"SELECT", "INSERT"},
    "members_key": {"SELECT", "INSERT", "DELETE"},
    "tenancy_formerslug": {"SELECT", "INSERT", "DELETE"},
}
# Foreign keys from a tenant table that need no organisation, each with its reason.
PLAIN_REFERENCES = {
    "tenancy_organisation": "the organisation itself",
    "members_user": "a Member's user is global",
}
# Permissive policies beside `tenant`, each with its reason.
EXTRA_POLICIES = {
    ("members_member", "own"): "sign-in lists a person's own organisations",
    ("audit_auditevent", "closed"): "the trail goes with an organisation, 30 days after it closed",
    ("feedback_releasedstep", "closed"): "released steps go with it as well, and never before",
    ("feedback_surveyresult", "closed"): "and so do frozen results of surveys",
}

# who may read a body beside its readers: who runs the program today and sits at no such table, and
# of a concern those who handle it today and are not in it
_RUNS_IT = ("m.role='coordinator'", "m.state='live'", "programs_programstaff", "andnotexists")
_HANDLES_IT = (
    *("feedback_concernhandler", "m.state='live'", "f.about_idisdistinctfromm.id"),
    *("m.id<>allf.left_out", "andnotexists"),
)
AUDIENCES = {
    ("feedback_checkinnote", "readers_read"): _RUNS_IT,
    ("feedback_concerntext", "readers_read"): _HANDLES_IT,
    ("feedback_fitwords", "readers_read"): _RUNS_IT,
    ("feedback_surveywords", "readers_read"): _RUNS_IT,
}

# who may open what is put together by many, to add to it: without a member follow-ups count it
SEALED = {
    "feedback_anonymousbox": (
        *("feedback_surveyresponse", "f.survey=feedback_anonymousbox.survey"),
        *("f.occasion=feedback_anonymousbox.occasion", "e.cohort_id=feedback_anonymousbox.cohort_"),
        "s.partnership_idisdistinctfromfeedback_anonymousbox.partnership_id",
    ),
}

TABLE_RIGHTS = {"SELECT", "INSERT", "UPDATE", "DELETE"}

Rows = list[tuple[Any, ...]]


def findings() -> list[str]:
    """Return every gap, one sentence each; an empty list is what we hold ourselves to."""
    return [
        *_tables(),
        *_policies(),
        *_keys(),
        *_references(),
        *_uniques(),
        *_grants(),
        *_columns(),
        *_other_objects(),
        *_roles(),
    ]


def _rows(statement: str, *parameters: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _tenant_models() -> dict[str, type[TenantModel]]:
    return {
        model._meta.db_table: model for model in apps.get_models() if issubclass(model, TenantModel)
    }


def _tables() -> Iterator[str]:
    known = _tenant_models()
    for table, row_security, forced, owner in _rows(
        "SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner)"
        " FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    ):
        if owner == APP_ROLE:
            yield f"{table} belongs to {APP_ROLE}, which could drop its walls"
        if table in GLOBAL_TABLES:
            continue
        if table not in known:
            yield f"{table} is neither a tenant table nor in the list of global tables"
        if not (row_security and forced):
            yield f"{table} has no forced row-level security"


def _policies() -> Iterator[str]:
    by_table: dict[str, dict[str, tuple[Any, ...]]] = {}
    for table, name, *rest in _rows(
        "SELECT tablename, policyname, permissive, cmd, roles::text[], qual, with_check"
        " FROM pg_policies WHERE schemaname = 'public'"
    ):
        by_table.setdefault(table, {})[name] = tuple(rest)
    wanted = _canonical(f"organisation_id = {IN_FORCE}")
    reader = _canonical(f"{READER} = ANY (readers)")
    for table, model in _tenant_models().items():
        policies = dict(by_table.get(table, {}))
        tenant = policies.pop("tenant", None)
        expected = ("PERMISSIVE", "ALL", ["public"], wanted, wanted)
        if tenant is None or _shape(tenant) != expected:
            yield f"{table} has no tenant policy of the one right form"
        private = any(field.name == "readers" for field in model._meta.fields)
        for name, command in [("readers_read", "SELECT"), ("readers_change", "UPDATE")]:
            policy = policies.pop(name, None)
            if private and (
                policy is None
                or _shape(policy)[:3] != ("RESTRICTIVE", command, ["public"])
                or not _keeps(_shape(policy)[3], reader, audience=AUDIENCES.get((table, name), ()))
            ):
                yield f"{table} does not keep its bodies to their readers ({name})"
        sealed = policies.pop("sealed", None)
        if table in SEALED and (sealed is None or not _seals(_shape(sealed), SEALED[table])):
            yield f"{table} is not sealed"
        for name in policies:
            if (table, name) not in EXTRA_POLICIES:
                yield f"{table} has a policy {name} that nobody has explained"


def _canonical(expression: str) -> str:
    """Return an expression without what PostgreSQL adds when it prints one."""
    plain = expression.lower().replace("::text", "")
    for noise in (" ", "\n", "(", ")", 'as"nullif"'):
        plain = plain.replace(noise, "")
    return plain


def _shape(policy: tuple[Any, ...]) -> tuple[Any, ...]:
    permissive, command, roles, qual, check = policy
    return permissive, command, list(roles), _canonical(qual or ""), _canonical(check or "")


def _keeps(qual: str, reader: str, *, audience: tuple[str, ...]) -> bool:
    """Say whether a policy lets readers alone see a body, or an audience of theirs as well."""
    if not audience:
        return qual == reader
    words = qual.replace("::charactervarying", "")
    return words.startswith(f"{reader}oraudience<>''and") and all(
        part in words for part in audience
    )


def _seals(shape: tuple[Any, ...], parts: tuple[str, ...]) -> bool:
    """Say whether a policy opens a table to nobody but those for whom all the parts hold."""
    *kind, qual, check = shape
    words = qual.replace("::charactervarying", "")
    opens = _canonical(f"{READER} IS NULL OR EXISTS")
    return (
        kind == ["RESTRICTIVE", "ALL", ["public"]]
        and not check
        and words.startswith(opens)
        and all(part in words for part in parts)
    )


def _keys() -> Iterator[str]:
    columns = {
        (table, column): (kind, not_null, default)
        for table, column, kind, not_null, default in _rows(
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
            " a.atthasdef FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0"
        )
    }
    uniques = _constraint_columns("u")
    primaries = _constraint_columns("p")
    for table in _tenant_models():
        if columns.get((table, "id")) != ("uuid", True, False):
            yield f"{table}.id is not a uuid made in Python"
        if columns.get((table, "organisation_id"), ("", False))[:2] != ("bigint", True):
            yield f"{table}.organisation_id may be null"
        if ["id"] not in primaries.get(table, {}).values():
            yield f"{table} has another primary key than id"
        if ["organisation_id", "id"] not in uniques.get(table, {}).values():
            yield f"{table} has no UNIQUE (organisation_id, id)"


def _constraint_columns(kind: str) -> dict[str, dict[str, list[str]]]:
    by_table: dict[str, dict[str, list[str]]] = {}
    for table, name, columns in _rows(
        "SELECT c.conrelid::regclass::text, c.conname, (SELECT array_agg(a.attname ORDER BY k.n)"
        " FROM unnest(c.conkey) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a"
        " ON a.attrelid = c.conrelid AND a.attnum = k.attnum)::text[]"
        " FROM pg_constraint c WHERE c.contype = %s"
        " AND c.connamespace = 'public'::regnamespace",
        kind,
    ):
        by_table.setdefault(table, {})[name] = list(columns)
    return by_table


def _references() -> Iterator[str]:
    held: dict[str, list[tuple[str, list[str], bool]]] = {}
    for table, target, columns, valid in _rows(
        "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,"
        " (SELECT array_agg(a.attname ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY"
        " k(attnum, n) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum"
        ")::text[], c.convalidated FROM pg_constraint c WHERE c.contype = 'f'"
        " AND c.connamespace = 'public'::regnamespace"
    ):
        held.setdefault(table, []).append((target, list(columns), valid))
    indexes = _indexes()
    for table, model in _tenant_models().items():
        for target, columns, valid in held.get(table, []):
            if target not in PLAIN_REFERENCES and columns[0] != "organisation_id":
                yield f"{table} refers to {target} without its organisation"
            if not valid:
                yield f"{table} has a reference to {target} that was never validated"
        for field in model._meta.local_fields:
            if not isinstance(field, TenantForeignKey):
                continue
            pair = ["organisation_id", field.column]
            target = field.related_model._meta.db_table
            if (target, pair, True) not in held.get(table, []):
                yield f"{table}.{field.column} is not held by a composite key"
            if not any(columns[:2] == pair for columns in indexes.get(table, [])):
                yield f"{table}.{field.column} has no index behind its key"


def _indexes() -> dict[str, list[list[str]]]:
    by_table: dict[str, list[list[str]]] = {}
    for table, columns in _rows(
        "SELECT i.indrelid::regclass::text, (SELECT array_agg(a.attname ORDER BY k.n)"
        " FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a"
        " ON a.attrelid = i.indrelid AND a.attnum = k.attnum)::text[] FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace"
    ):
        by_table.setdefault(table, []).append(list(columns or []))
    return by_table


def _uniques() -> Iterator[str]:
    known = _tenant_models()
    for table, name, first in _rows(
        "SELECT i.indrelid::regclass::text, x.relname, (SELECT attname FROM pg_attribute"
        " WHERE attrelid = i.indrelid AND attnum = i.indkey[0]) FROM pg_index i"
        " JOIN pg_class x ON x.oid = i.indexrelid"
        " WHERE i.indisunique AND NOT i.indisprimary AND x.relnamespace = 'public'::regnamespace"
    ):
        if table in known and first != "organisation_id":
            yield f"the unique {name} of {table} does not start with the organisation"


def _grants() -> Iterator[str]:
    granted: dict[str, set[str]] = {}
    for table, right in _rows(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee IN (%s, 'PUBLIC') AND table_schema = 'public'",
        APP_ROLE,
    ):
        granted.setdefault(table, set()).add(right)
    for table, rights in granted.items():
        allowed = {"SELECT"} if table.endswith("_facts") else GLOBAL_RIGHTS.get(table, TABLE_RIGHTS)
        for right in sorted(rights - allowed):
            yield f"{APP_ROLE} may {right} {table}"
    for table, model in _tenant_models().items():
        rights = granted.get(table, set())
        if table == "audit_auditevent" and rights != {"SELECT", "INSERT", "DELETE"}:
            yield f"the audit trail can be changed: {sorted(rights)}"
        private = any(field.name == "readers" for field in model._meta.fields)
        if private and "DELETE" in rights:
            yield f"{APP_ROLE} may delete the private bodies of {table}"
        if not private and "DELETE" not in rights:
            yield f"{table} outlives its organisation: {APP_ROLE} may not delete its rows"
    for (name,) in _rows(
        # CASE: the planner may ask about a table first, and it is no sequence
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND CASE WHEN relkind = 'S'"
        " THEN has_sequence_privilege(%s, oid, 'SELECT, USAGE, UPDATE') ELSE false END",
        APP_ROLE,
    ):
        yield f"{APP_ROLE} may read the sequence {name}, which counts other people's rows"
    if _rows("SELECT has_schema_privilege(%s, 'public', 'CREATE')", APP_ROLE) != [(False,)]:
        yield f"{APP_ROLE} may create objects"


def _columns() -> Iterator[str]:
    """Name what may be changed of a row that says whose it is."""
    for table, column in _rows(
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        " WHERE grantee = %s AND table_schema = 'public' AND privilege_type = 'UPDATE'",
        APP_ROLE,
    ):
        if table in GLOBAL_RIGHTS and column in {"id", "organisation_id", "object_id", "sha256"}:
            yield f"{APP_ROLE} may change {table}.{column}"


def _other_objects() -> Iterator[str]:
    for name, kind, options in _rows(
        "SELECT relname, relkind, coalesce(reloptions, '{}') FROM pg_class"
        " WHERE relkind IN ('v', 'm', 'f') AND relnamespace = 'public'::regnamespace"
    ):
        if kind != "v":
            yield f"{name} is a materialised view or foreign table, which no policy reaches"
            continue
        if "security_invoker=true" not in options:
            yield f"the view {name} reads with its owner's rights"
        if not name.endswith("_facts"):
            yield f"the view {name} is no view of facts, which is what apps publish"
    for (name,) in _rows(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    ):
        yield f"the function {name} runs with its owner's rights"


def _roles() -> Iterator[str]:
    rows = _rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
        " FROM pg_roles WHERE rolname = %s",
        APP_ROLE,
    )
    if rows != [(False,) * 5]:
        yield f"{APP_ROLE} has more power than it needs"
    for (name,) in _rows(
        "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
        " JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %s",
        APP_ROLE,
    ):
        yield f"{APP_ROLE} is a member of {name}"
