"""How fast people leave as CSV and JSON lines over HTTP, beside COPY of the same rows as the limit.

    python -m bench.exports [--quick]

Also what a keyset page of REST costs at the end of the list. Prints one JSON line a row and
ends with the goals; asserts nothing. Everything runs under row-level security.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from bench._database import analyse, database, enrol_people, make_owner, make_people
from bench._lines import Lines, asked_quick, best_of, peak_mb

COLUMNS = """
    SELECT id, given_name, family_name, email, role, state, department, team, job_title, level,
        location, country, time_zone, languages, hired_on, employee_id, manager_id, live_at,
        left_at, stamped_at
    FROM members_member
"""
COPY = f"COPY ({COLUMNS}) TO STDOUT (FORMAT csv, HEADER)"
JSON = f"COPY (SELECT row_to_json(r) FROM ({COLUMNS}) AS r) TO STDOUT"  # noqa: S608  # the columns above


def make_cohort(people: int) -> Any:
    """Return the owner of an organisation with a cohort of so many."""
    from core.tenancy.context import tenant
    from programs.models.programs import Cohort, Program

    owner = make_owner()
    with tenant(owner.organisation):
        make_people(owner, people)
        cohort = Cohort.objects.create(
            program=Program.objects.create(name="Circles", format=Program.Format.CIRCLES),
            name="Autumn",
            phase=Cohort.Phase.RUNNING,
            starts_on=date(2026, 1, 5),
            ends_on=date(2026, 12, 18),
        )
        enrol_people(cohort.pk, owner.organisation.pk, skip=0, count=people)
    return owner


def copy(owner: Any, statement: str) -> int:
    """Return the bytes that COPY gives of the rows of the file."""
    from django.db import connection

    from core.tenancy.context import tenant

    with tenant(owner.organisation), connection.cursor() as cursor, cursor.copy(statement) as out:
        return sum(len(block) for block in out)


def stream(client: Any, url: str) -> int:
    """Return the bytes of a streamed answer."""
    answer = client.get(url)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    return sum(len(block) for block in answer.streaming_content)


def bench_file(lines: Lines, owner: Any, client: Any, people: int, ending: str) -> None:
    size, statement = f"{people} rows", COPY if ending == "csv" else JSON
    limit, length = best_of(3, partial(copy, owner, statement))
    lines.row(ending, size, "COPY", limit, people, bytes=length)
    url = f"/api/v1/members.{ending}"
    stream(client, f"{url}?state=invited")  # the first request loads what every later one has
    before = peak_mb()
    ours, length = best_of(3, partial(stream, client, url))
    growth, ratio = peak_mb() - before, limit / ours
    lines.row(ending, size, "ours, streamed", ours, people, bytes=length, ratio=round(ratio, 3))
    lines.goal(f"{ending} at 0.5 of COPY", 0.5, ratio, ratio >= 0.5)
    lines.goal(f"memory growth of {ending}, MB", 16, growth, growth <= 16)


def caller(owner: Any) -> Any:
    """Return a client with a token of all scopes."""
    from django.test import Client

    from core.accounts.operations import keys
    from core.members.permissions import Permission
    from core.tenancy.context import tenant

    scopes = [Permission.FACTS_READ, Permission.PEOPLE_READ]
    with tenant(owner.organisation):
        _token, secret = keys.create_token(name="bench", scopes=scopes, by=owner)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def bench_pages(lines: Lines, owner: Any, client: Any, people: int) -> None:
    """A page of REST, first and last: 100 enrolments each."""
    from core.common import clock
    from core.common.pages import write_cursor
    from core.tenancy.context import tenant
    from programs.models.programs import Enrolment

    with tenant(owner.organisation):
        deep = Enrolment.objects.order_by("-id").values_list("pk", flat=True)[150]
    scope = f"{Enrolment._meta.label}.{owner.organisation_id}"
    cursor = write_cursor(
        scope, ["", f"{clock.now() - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}", "", str(deep)]
    )

    def page(query: dict[str, str]) -> int:
        return len(client.get("/api/v1/enrolments/", query).json()["results"])

    page({})
    first, count = best_of(10, partial(page, {}))
    lines.row("rest", f"page 1 of {people}", "keyset", first, count)
    last, count = best_of(10, partial(page, {"cursor": cursor}))
    ratio = last / first
    lines.row("rest", f"last page of {people}", "keyset", last, count, ratio=round(ratio, 2))
    lines.goal("the last page over the first", 1.2, ratio, ratio <= 1.2)


def main() -> None:
    quick = asked_quick(__doc__)
    people = 20_000 if quick else 200_000
    lines = Lines("exports")
    with database("exports"):
        from core.members import limits

        for name in ("api", "export"):
            limits.LIMITS[name] = limits.Limit(10_000_000, 60)
        owner = make_cohort(people)
        analyse()
        client = caller(owner)
        for ending in ("csv", "jsonl"):
            bench_file(lines, owner, client, people, ending)
        bench_pages(lines, owner, client, people)
    lines.end()


if __name__ == "__main__":
    main()
