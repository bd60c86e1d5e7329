"""A PostgreSQL and a Valkey of a bench's own, and people in them by the thousand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import django

from devtools.embedded import ROOT, Embedded

if TYPE_CHECKING:
    from django.db.models import Model

    from core.members.models import Member

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "mentoring.settings",
    "DEBUG": "no",
    "SITE_URL": "http://testserver",
    "SECRET_KEY": "bench-only-" + "k" * 50,
    "DB_POOL": "no",
    "HASHED_STATIC": "no",
    "TIME_TRAVEL": "yes",
}
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CELERY_BROKER_URL")

USERS = """
    INSERT INTO members_user (id, email, is_active{columns})
    SELECT gen_random_uuid(), %(called)s || n || '@example.org', true{values}
    FROM generate_series(1, %(people)s) AS n
    ON CONFLICT DO NOTHING
"""
MEMBERS = """
    INSERT INTO members_member (
        id, organisation_id, created_at, user_id, email, given_name, family_name, role, state,
        live_at, department, job_title, level, location, time_zone{columns}
    )
    SELECT gen_random_uuid(), %(organisation)s, now(), u.id, u.email, 'Given ' || n, 'Family ' || n,
        'participant', 'live', now(), 'Department ' || n %% 40, 'Engineer', 'senior', 'Berlin',
        'Europe/Berlin'{values}
    FROM (
        SELECT id, email, row_number() OVER (ORDER BY id) AS n
        FROM members_user WHERE email LIKE %(called)s || '%%'
    ) AS u
"""
ENROLMENTS = """
    INSERT INTO programs_enrolment (
        id, organisation_id, created_at, cohort_id, member_id, part, state, capacity, applied_at,
        accepted_at, started_at, changed_at{columns}
    )
    SELECT gen_random_uuid(), %(organisation)s, now(), %(cohort)s, m.id, 'peer', 'active', 1, now(),
        now(), now(), now(){values}
    FROM members_member m WHERE m.email LIKE 'person%%'
    ORDER BY m.email OFFSET %(skip)s LIMIT %(people)s
"""


@contextmanager
def database(name: str) -> Iterator[None]:
    """Start servers that vanish afterwards, migrate, and set Django up as the application."""
    for variable in OURS:  # never the database of whoever runs this
        os.environ.pop(variable, None)
    with Embedded(f"bench-{name}", durable=False) as addresses:
        os.environ.update(SETTINGS | addresses)
        owner = {**os.environ, "DATABASE_URL": addresses["DATABASE_OWNER_URL"]}
        subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", "migrate", "--noinput", "-v0"],
            env=owner,
            cwd=ROOT,
            check=True,
        )
        django.setup()
        from django.db import connection

        try:
            yield
        finally:
            connection.close()


def make_owner(name: str = "Bench") -> Member:
    """Open an organisation and return its owner."""
    from core.accounts.operations import organisations
    from core.members.models import User

    return organisations.create_organisation(
        name=name,
        user=User.objects.create_user(f"owner@{name.lower()}.example", password="a long password"),
        given_name="Owner",
        family_name=name,
        time_zone="Europe/Berlin",
    )


def make_people(owner: Member, count: int, *, called: str = "person") -> None:
    """Enter so many live members by statements, inside the organisation in force.

    Their addresses begin with what they are `called`: others than those who are there already.
    """
    from core.members.models import Member, User

    parameters = {"people": count, "organisation": owner.organisation_id, "called": called}
    write_rows(User, USERS, parameters)
    write_rows(Member, MEMBERS, parameters)


def enrol_people(cohort_id: UUID, organisation_id: int, *, skip: int, count: int) -> None:
    """Let so many of those people take part in a cohort."""
    from programs.models.programs import Enrolment

    parameters = {
        "cohort": cohort_id,
        "organisation": organisation_id,
        "skip": skip,
        "people": count,
    }
    write_rows(Enrolment, ENROLMENTS, parameters)


def write_rows(model: type[Model], statement: str, parameters: Mapping[str, Any]) -> None:
    """Insert by a statement with `{columns}` and `{values}`: what it leaves out has its default."""
    from django.db import connection

    named = set(re.findall(r"\w+", statement.split(")")[0]))
    left_out = [
        column
        for column in model._meta.local_fields
        if not (column.null or column.generated)
        and column.column not in named
        and (column.has_default() or not column.has_db_default())
    ]
    defaults: dict[str, Any] = {
        str(column.column): column.get_db_prep_save(column.get_default(), connection)
        for column in left_out
    }
    columns = "".join(f", {name}" for name in defaults)
    values = "".join(f", %({name})s" for name in defaults)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(columns=columns, values=values), {**parameters, **defaults})


def analyse() -> None:
    """Let the planner know how much there is."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")
