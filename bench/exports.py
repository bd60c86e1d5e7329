"""How fast a cohort's people leave as CSV over HTTP, beside COPY of the same rows as the limit.

    python -m bench.exports [--quick]

Also what a keyset page of REST costs at the end of the list. Prints one JSON line a row and
ends with the goals; asserts nothing. Everything runs under row-level security.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from functools import partial
from typing import Any

from bench._database import analyse, database, enrol_people, make_owner, make_people
from bench._lines import Lines, asked_quick, best_of, peak_mb, timed

COPY = """
    COPY (
        SELECT m.given_name, m.family_name, m.email, e.part, e.state, e.capacity, m.department,
            m.level, m.location, e.applied_at, e.accepted_at
        FROM programs_enrolment e JOIN members_member m ON m.id = e.member_id
        ORDER BY m.family_name, e.id
    ) TO STDOUT (FORMAT csv, HEADER)
"""


def make_cohort(people: int) -> Any:
    """Return an owner and a cohort of so many."""
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
        enrol_people(cohort.pk, owner.organisation_id, skip=0, count=people)
    return owner, cohort


def copy(owner: Any) -> int:
    """Return the bytes that COPY gives of the rows of the export."""
    from django.db import connection

    from core.tenancy.context import tenant

    with tenant(owner.organisation), connection.cursor() as cursor, cursor.copy(COPY) as out:
        return sum(len(block) for block in out)


def stream(client: Any, url: str) -> int:
    """Return the bytes of a streamed answer."""
    answer = client.get(url)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    return sum(len(block) for block in answer.streaming_content)


def bench_csv(lines: Lines, owner: Any, cohort: Any, people: int) -> None:
    from django.test import Client
    from django.urls import reverse

    size = f"{people} rows"
    limit, length = best_of(3, partial(copy, owner))
    lines.row("csv", size, "COPY", limit, people, bytes=length)
    client = Client()
    client.force_login(owner.user)
    url = reverse("programs:people_csv", args=[owner.organisation.slug, cohort.pk])
    stream(client, f"{url}?q=Family+1")  # the first request loads what every later one has
    before = peak_mb()
    ours, length = timed(partial(stream, client, url))
    growth = peak_mb() - before
    ratio = limit / ours
    lines.row("csv", size, "ours, streamed", ours, people, bytes=length, ratio=round(ratio, 3))
    lines.goal("CSV at 0.5 of COPY", 0.5, ratio, ratio >= 0.5)
    lines.goal("memory growth of the export, MB", 16, growth, growth <= 16)


def bench_pages(lines: Lines, owner: Any, people: int) -> None:
    """A page of REST, first and last: 100 enrolments each."""
    from django.test import Client

    from core.accounts.operations import keys
    from core.members.permissions import Permission
    from core.tenancy.context import tenant
    from programs.models.programs import Enrolment

    with tenant(owner.organisation):
        _token, secret = keys.create_token(name="bench", scopes=[Permission.FACTS_READ], by=owner)
        deep = Enrolment.objects.order_by("-id").values_list("pk", flat=True)[150]
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    cursor = b64encode(f"p={deep}".encode()).decode()

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
        owner, cohort = make_cohort(people)
        analyse()
        bench_csv(lines, owner, cohort, people)
        bench_pages(lines, owner, people)
    lines.end()


if __name__ == "__main__":
    main()
