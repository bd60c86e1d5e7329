"""The audit finds nothing in our schema, and finds each gap when one is made."""

from __future__ import annotations

import os
from collections.abc import Callable

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from core.tenancy import catalog
from tests.figures import Figure

# a gap as somebody might make it, and what the audit has to say of it
GAPS = {
    "no row security": (
        "ALTER TABLE programs_program DISABLE ROW LEVEL SECURITY",
        "programs_program has no forced row-level security",
    ),
    "a global table that Django alone writes": (
        "GRANT UPDATE ON django_migrations TO roundtable_app",
        "roundtable_app may UPDATE django_migrations",
    ),
    "whole rows of organisations": (
        "GRANT UPDATE ON tenancy_organisation TO roundtable_app",
        "roundtable_app may UPDATE tenancy_organisation",
    ),
    "whose a key is": (
        "GRANT UPDATE (organisation_id) ON members_key TO roundtable_app",
        "roundtable_app may change members_key.organisation_id",
    ),
    "not forced": (
        "ALTER TABLE programs_program NO FORCE ROW LEVEL SECURITY",
        "programs_program has no forced row-level security",
    ),
    "no policy": (
        "DROP POLICY tenant ON pairing_seat",
        "pairing_seat has no tenant policy of the one right form",
    ),
    "a policy that lets through": (
        "ALTER POLICY tenant ON pairing_seat USING (true)",
        "pairing_seat has no tenant policy of the one right form",
    ),
    "a check that lets through": (
        "ALTER POLICY tenant ON pairing_seat WITH CHECK (true)",
        "pairing_seat has no tenant policy of the one right form",
    ),
    "one policy too many": (
        "CREATE POLICY wide ON pairing_seat USING (true)",
        "pairing_seat has a policy wide that nobody has explained",
    ),
    "bodies without readers": (
        "DROP POLICY readers_read ON feedback_checkinnote",
        "feedback_checkinnote does not keep its bodies to their readers (readers_read)",
    ),
    "a box that is not sealed": (
        "DROP POLICY sealed ON feedback_anonymousbox",
        "feedback_anonymousbox is not sealed",
    ),
    "a seal that lets through": (
        "ALTER POLICY sealed ON feedback_anonymousbox USING (true)",
        "feedback_anonymousbox is not sealed",
    ),
    "a new table": (
        "CREATE TABLE loose (id uuid PRIMARY KEY)",
        "loose is neither a tenant table nor in the list of global tables",
    ),
    "organisation may be null": (
        "ALTER TABLE programs_answer ALTER organisation_id DROP NOT NULL",
        "programs_answer.organisation_id may be null",
    ),
    "a key from the database": (
        "ALTER TABLE programs_answer ALTER id SET DEFAULT gen_random_uuid()",
        "programs_answer.id is not a uuid made in Python",
    ),
    "no composite key": (
        "ALTER TABLE pairing_seat DROP CONSTRAINT pairing_seat_enrolment_id_same",
        "pairing_seat.enrolment_id is not held by a composite key",
    ),
    "no index behind a key": (
        "DROP INDEX pairing_seat_enrolment_id_idx",
        "pairing_seat.enrolment_id has no index behind its key",
    ),
    "a plain key": (
        "ALTER TABLE pairing_seat ADD CONSTRAINT plain FOREIGN KEY (enrolment_id)"
        " REFERENCES programs_enrolment (id)",
        "pairing_seat refers to programs_enrolment without its organisation",
    ),
    "a unique over all tenants": (
        "CREATE UNIQUE INDEX everywhere ON programs_program (name)",
        "the unique everywhere of programs_program does not start with the organisation",
    ),
    "truncate": (
        "GRANT TRUNCATE ON programs_program TO roundtable_app",
        "roundtable_app may TRUNCATE programs_program",
    ),
    "an audit trail that can be rewritten": (
        "GRANT UPDATE ON audit_auditevent TO roundtable_app",
        "the audit trail can be changed: ['DELETE', 'INSERT', 'SELECT', 'UPDATE']",
    ),
    "bodies that can be deleted": (
        "GRANT DELETE ON feedback_checkinnote TO roundtable_app",
        "roundtable_app may delete the private bodies of feedback_checkinnote",
    ),
    "rows that nothing deletes": (
        "REVOKE DELETE ON feedback_surveyresult FROM roundtable_app",
        "feedback_surveyresult outlives its organisation: roundtable_app may not delete its rows",
    ),
    "a readable sequence": (
        "GRANT SELECT ON SEQUENCE tenancy_organisation_id_seq TO roundtable_app",
        "roundtable_app may read the sequence tenancy_organisation_id_seq, which counts other"
        " people's rows",
    ),
    "a plain view": (
        "CREATE VIEW everybody AS SELECT * FROM members_member",
        "the view everybody reads with its owner's rights",
    ),
    "a materialised view": (
        "CREATE MATERIALIZED VIEW frozen AS SELECT 1 AS one",
        "frozen is a materialised view or foreign table, which no policy reaches",
    ),
    "a view that is no view of facts": (
        "CREATE VIEW plain WITH (security_invoker = true) AS SELECT id FROM programs_program",
        "the view plain is no view of facts, which is what apps publish",
    ),
    "facts with their owner's rights": (
        "CREATE OR REPLACE VIEW pairing_seat_facts WITH (security_invoker = false)"
        " AS SELECT organisation_id, id, partnership_id, enrolment_id FROM pairing_seat",
        "the view pairing_seat_facts reads with its owner's rights",
    ),
    "facts that can be written": (
        "GRANT UPDATE ON pairing_seat_facts TO roundtable_app",
        "roundtable_app may UPDATE pairing_seat_facts",
    ),
    "a definer's function": (
        "CREATE FUNCTION peek() RETURNS bigint SECURITY DEFINER LANGUAGE sql"
        " AS 'SELECT count(*) FROM members_member'",
        "the function peek runs with its owner's rights",
    ),
}

EVERYTHING = """
SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace)
     + (SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace)
     + (SELECT count(*) FROM pg_policies WHERE schemaname = 'public')
     + (SELECT count(*) FROM information_schema.role_table_grants WHERE table_schema = 'public')
"""


def test_the_schema_has_no_gap(db, figure: Callable[..., Figure]):
    counted = figure("catalog audit: tables, constraints, indexes, policies, views and grants")
    with connection.cursor() as cursor:
        cursor.execute(EVERYTHING)
        counted.tried = cursor.fetchone()[0]
    findings = catalog.findings()
    counted.found = len(findings)
    assert "\n".join(findings) == ""


@pytest.mark.parametrize("gap", GAPS)
def test_the_audit_finds(db, monkeypatch, gap, figure: Callable[..., Figure]):
    """The owner makes the gap and looks, in a transaction that is never committed."""
    counted = figure("planted isolation faults: gaps of the database", planted=True)
    counted.tried += 1
    statement, expected = GAPS[gap]
    owner = conninfo_to_dict(os.environ["DATABASE_OWNER_URL"])
    settings = connection.settings_dict
    with psycopg.connect(
        dbname=settings["NAME"], user=owner["user"], host=settings["HOST"]
    ) as as_owner:
        as_owner.execute(statement)

        def rows(sql: str, *parameters: object) -> catalog.Rows:
            return as_owner.execute(sql, parameters).fetchall()

        monkeypatch.setattr(catalog, "_rows", rows)
        assert expected in catalog.findings()
        as_owner.rollback()
    counted.found += 1


def test_no_exception_outlives_what_it_was_made_for(db):
    """A name that stands for nothing would exempt a later table of that name in silence."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        cursor.execute("SELECT tablename, policyname FROM pg_policies")
        policies = set(cursor.fetchall())
    assert set(catalog.GLOBAL_TABLES) - tables == set()
    assert set(catalog.PLAIN_REFERENCES) - tables == set()
    assert set(catalog.EXTRA_POLICIES) - policies == set()
