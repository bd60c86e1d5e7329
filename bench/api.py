"""How fast REST is pulled, and whether who pulls while others write ends up with what there is.

    python -m bench.api [--quick]

Asks for the first and the last page of a list, 500 rows each, the most that REST gives.
Then a naive client fetches all and every second what has changed, while four writers insert,
change and delete: what it holds at the end is held against the database. One JSON line a row.
"""

from __future__ import annotations

import random
import threading
import time
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from bench._database import analyse, database
from bench._lines import Lines, asked_quick, best_of
from bench.exports import caller, make_cohort

WRITERS = 4
URL = "/api/v1/enrolments/"
SIZE = "500"  # the most that a page may have


def page(client: Any, query: dict[str, str]) -> dict[str, Any]:
    answer = client.get(URL, query)
    if answer.status_code != 200:
        raise RuntimeError(f"{URL} answered {answer.status_code}: {answer.content[:200]!r}")
    body: dict[str, Any] = answer.json()
    return body


class Puller:
    """A client that keeps rows by id: all of them once, then what has changed."""

    def __init__(self, client: Any) -> None:
        self.client, self.since, self.pages = client, "", 0
        self.rows: dict[str, int] = {}

    def pull(self) -> None:
        query = {"page_size": SIZE} | ({"changed_since": self.since} if self.since else {})
        while True:
            body = page(self.client, query)
            self.pages += 1
            for row in body["results"]:
                self.rows[row["id"]] = row["capacity"]
            for gone in body["deleted"]:
                self.rows.pop(gone, None)
            if body["next"] is None:
                break
            query = dict(parse_qsl(urlsplit(body["next"]).query))
        self.since = body["next_changed_since"]


def write(owner: Any, ids: list[UUID], until: float, seed: int, done: list[int]) -> None:
    """Insert, change and delete until the time is over, on a connection of its own."""
    from django.db import connection

    from core.tenancy.context import tenant
    from programs.models.programs import Enrolment

    dice, writes = random.Random(seed), 0
    try:
        while time.monotonic() < until and ids:
            with tenant(owner.organisation):
                rows = Enrolment.objects.filter(pk=ids[dice.randrange(len(ids))])
                match dice.randrange(4):
                    case 0:
                        rows.delete()
                    case 1:
                        row = rows.first()
                        if row:
                            row.delete()
                            row.pk = None
                            row.capacity = dice.randrange(1, 9)
                            row.save(force_insert=True)
                    case _:
                        rows.update(capacity=dice.randrange(1, 9))
            writes += 1
    finally:
        connection.close()
    done.append(writes)


def bench_pages(lines: Lines, client: Any, people: int) -> None:
    """The first page, and the last one by following `next`."""
    first, body = best_of(5, partial(page, client, {"page_size": SIZE}))
    size = f"{people} rows"
    lines.row("pages", size, "first page of 500", first, len(body["results"]))
    query, count = {"page_size": SIZE}, 0
    started = time.perf_counter()
    while True:
        body = page(client, query)
        count += len(body["results"])
        if body["next"] is None:
            break
        query = dict(parse_qsl(urlsplit(body["next"]).query))
    lines.row("pages", size, "all pages of 500", time.perf_counter() - started, count)
    last, _body = best_of(5, partial(page, client, query))
    ratio = last / first
    lines.row("pages", size, "last page", last, len(body["results"]), ratio=round(ratio, 2))
    lines.goal("the last page over the first", 1.2, ratio, ratio <= 1.2)


def bench_writers(lines: Lines, owner: Any, client: Any, people: int, seconds: int) -> None:
    from core.tenancy.context import tenant
    from programs.models.programs import Enrolment

    with tenant(owner.organisation):
        ids = list(Enrolment.objects.values_list("pk", flat=True))
    puller, done, until = Puller(client), list[int](), time.monotonic() + seconds
    writers = [
        threading.Thread(target=write, args=(owner, ids[seed::WRITERS], until, seed, done))
        for seed in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    started, pulls = time.perf_counter(), 0
    while time.monotonic() < until:
        puller.pull()
        pulls += 1
        time.sleep(1)
    for writer in writers:
        writer.join()
    puller.pull()
    with tenant(owner.organisation):
        there = {str(pk): n for pk, n in Enrolment.objects.values_list("pk", "capacity")}
    held = there.items() ^ puller.rows.items()
    lines.row(
        *("writers", f"{people} rows, {WRITERS} writers", "naive client"),
        time.perf_counter() - started,
        sum(done),
        pulls=pulls + 1,
        pages=puller.pages,
        rows=len(there),
    )
    lines.goal("rows that differ from the database", 0, len(held), not held)


def main() -> None:
    quick = asked_quick(__doc__)
    people, seconds = (4_000, 5) if quick else (200_000, 60)
    lines = Lines("api")
    with database("api"):
        from core.members import limits

        # how fast, not how often: that is a rule of its own
        limits.LIMITS["api"] = limits.Limit(10_000_000, 60)
        owner = make_cohort(people)
        analyse()
        client = caller(owner)
        bench_pages(lines, client, people)
        bench_writers(lines, owner, client, people, seconds)
    lines.end()


if __name__ == "__main__":
    main()
