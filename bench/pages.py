"""What pages cost with much data: a thousand partnerships and their years, as their owner.

    python -m bench.pages [--quick]

50,000 members, 1,000 partnerships of 100 weeks, 600,000 check-ins, a million posts in discussions
of a hundred cohorts; with --quick a tenth of that or less.
The yardstick is a bare page of one hundred rows in a table: three statements, a template.  Times
are CPU of the web process and are compared in one run; waiting for PostgreSQL stands beside them.
Prints one JSON line a page and ends with the goals; asserts nothing.
"""

from __future__ import annotations

import re
import resource
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import process_time
from typing import Any

from bench._database import analyse, database, make_owner, make_people, write_rows
from bench._lines import Lines, asked_quick, timed

TIMES = 3
# what opens and closes a page and reads no table
PLUMBING = re.compile(r"\s*(SAVEPOINT|RELEASE|SELECT (set_config|current_setting))")
BARE = """<table>{% for row in rows %}<tr>
<th scope="row">{{ row.given_name }} {{ row.family_name }}</th><td>{{ row.email }}</td>
<td>{{ row.department }}</td><td>{{ row.level }}</td></tr>{% endfor %}</table>"""


@dataclass(frozen=True)
class Page:
    """One address; composed pages may cost four times the bare one, lists one and a half."""

    name: str
    path: str
    composed: bool = False


def pages_of(slug: str, cohort: Any, thread: Any) -> list[Page]:
    from django.urls import reverse

    here, there = f"/o/{slug}/", f"/o/{slug}/cohorts/{cohort.pk}/"
    return [
        Page("home", here, composed=True),
        Page("to do", reverse("metrics:todo", args=[slug]), composed=True),
        Page("people", f"{here}people/"),
        Page("people, searched", f"{here}people/?q=other"),
        Page("cohort", there, composed=True),
        Page("cohort's people", f"{there}people/"),
        Page("matching", f"{there}matching/", composed=True),
        Page("partnerships", f"{there}partnerships/"),
        Page("sessions", f"{there}sessions/"),
        Page("check-ins", f"{there}check-ins/", composed=True),
        Page("report", f"{there}report/", composed=True),
        Page("community", f"{there}community/", composed=True),
        Page("discussion", f"{here}threads/{thread.pk}/", composed=True),
        Page("discussions, searched", f"{there}community/search/?q=rotation", composed=True),
    ]


def bare(owner: Any) -> str:
    """Render one hundred people, read by three statements."""
    from django.template import engines

    from core.members.models import Member
    from core.tenancy.context import tenant

    with tenant(owner.organisation):
        rows = list(Member.objects.for_list().order_by("family_name")[:100])
        Member.objects.count()
        Member.objects.filter(pk=owner.pk).exists()
        return str(engines["django"].from_string(BARE).render({"rows": rows}))


def sign_in(owner: Any) -> Any:
    """Return a browser in which the owner has signed in."""
    from django.http import HttpRequest
    from django.test import Client

    from core.accounts.sessions import begin_session

    browser, request = Client(), HttpRequest()
    browser.force_login(owner.user)
    request.session, request.user = browser.session, owner.user
    begin_session(request, owner.user)
    request.session.save()
    return browser


@dataclass(frozen=True)
class Look:
    """What a page has cost: seconds of CPU and by the clock, statements, those of SQL, bytes."""

    cpu: float
    seconds: float
    statements: int
    sql: float
    weight: int
    status: int


class Statements:
    """How many statements run while it is in force, and how long they take."""

    count = 0
    seconds = 0.0

    def __call__(self, execute: Any, *args: Any) -> Any:
        if not PLUMBING.match(args[0]):
            self.count += 1
        seconds, result = timed(partial(execute, *args))
        self.seconds += seconds
        return result


def on_cpu(work: Callable[[], object]) -> float:
    """Return the seconds of CPU that this process needs for something."""
    started = process_time()
    work()
    return process_time() - started


def look(browser: Any, page: Page) -> Look:
    """Return the least that a page has cost in some looks."""
    from django.db import connection

    get = partial(browser.get, page.path, secure=True)
    looks = []
    for _time in range(TIMES):
        statements = Statements()
        with connection.execute_wrapper(statements):
            cpu, (seconds, answer) = process_time(), timed(get)
            cpu = process_time() - cpu
        looks.append(
            Look(
                cpu,
                seconds,
                statements.count,
                statements.seconds,
                len(answer.content),
                answer.status_code,
            )
        )
    return min(looks, key=lambda look: look.cpu)


def resident_mb() -> float:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 2**20


def seed(owner: Any, shape: Any, people: int) -> Any:
    """Write a cohort of that shape at work, and members beside it until there are so many."""
    from bench.metrics import CIRCLE, make_history
    from core.common import clock
    from core.tenancy.context import tenant
    from metrics.operations import fold_dirty_days, judge_findings

    (cohort,) = make_history(owner, shape, clock.now().date())
    with tenant(owner.organisation):
        make_people(owner, people - shape.circles * CIRCLE, called="other")
        fold_dirty_days(at=clock.now())
        judge_findings(at=clock.now())
    return cohort


POSTS = """
INSERT INTO programs_post (
    id, organisation_id, created_at, thread_id, cohort_id, author_id, text, written_at{columns}
)
SELECT (lpad(to_hex(k * %(each)s + part), 16, '0') || left(md5(k || '-' || part), 16))::uuid,
    %(organisation)s, now(), t.id, t.cohort_id, t.author_id,
    repeat('words that everybody uses ', 8) ||
    CASE WHEN part %% 97 = 0 THEN 'rotation' ELSE md5(k || '.' || part) END, now(){values}
FROM (SELECT *, row_number() OVER (ORDER BY id) AS k FROM programs_thread) t,
    generate_series(1, %(each)s) part
"""
THREADS = 20  # in a cohort


def discuss(owner: Any, cohort: Any, *, cohorts: int, each: int) -> Any:
    """Write discussions in so many cohorts, `each` the posts of one; return one of `cohort`."""
    from datetime import timedelta

    from core.common import clock
    from core.tenancy.context import tenant
    from programs.models.community import Post, Thread
    from programs.models.programs import Cohort

    with tenant(owner.organisation):
        dates = {"starts_on": cohort.starts_on, "ends_on": cohort.starts_on + timedelta(days=400)}
        others = Cohort.objects.bulk_create(
            Cohort(program=cohort.program, name=f"Cohort {n}", phase="running", **dates)
            for n in range(1, cohorts)
        )
        threads = Thread.objects.bulk_create(
            Thread(cohort=row, author=owner, title=f"About {n}", posts=each, last_at=clock.now())
            for row in [cohort, *others]
            for n in range(THREADS)
        )
        write_rows(Post, POSTS, {"organisation": owner.organisation_id, "each": each})
    return threads[0]


def main() -> None:
    quick = asked_quick(__doc__)
    lines = Lines("pages")
    with database("pages"):
        from bench.metrics import Shape

        shape = Shape(1, 100, 20) if quick else Shape(1, 1000, 100)
        owner = make_owner()
        cohort = seed(owner, shape, 2_000 if quick else 50_000)
        thread = discuss(owner, cohort, cohorts=4 if quick else 100, each=500)
        analyse()
        yardstick = min(on_cpu(partial(bare, owner)) for _run in range(3 * TIMES))
        size = f"{shape.circles} partnerships × {shape.weeks}"
        lines.row("bare", "100 rows", "models and a template", yardstick)
        browser = sign_in(owner)
        pages = pages_of(owner.organisation.slug, cohort, thread)
        for page in pages:  # templates are compiled and connections open
            browser.get(page.path, secure=True)
        before = resident_mb()
        looks = {page: look(browser, page) for page in pages}
        grown = resident_mb() - before
        dearest = 0.0
        for page, cost in looks.items():
            times = cost.cpu / yardstick
            dearest = max(dearest, times / (4 if page.composed else 1.5))
            lines.row(
                page.name,
                size,
                "GET",
                cost.cpu,
                times_bare=round(times, 1),
                wall_s=round(cost.seconds, 3),
                sql_s=round(cost.sql, 3),
                statements=cost.statements,
                kb=round(cost.weight / 1000),
                status=cost.status,
            )
    failed = sum(cost.status != 200 for cost in looks.values())
    home = next(cost.seconds for page, cost in looks.items() if page.name == "home")
    statements = max(cost.statements for cost in looks.values())
    heavy = max(cost.weight for cost in looks.values())
    lines.goal("pages that did not answer", 0, failed, failed == 0)
    lines.goal("the dearest page over what it may cost", 1, dearest, dearest <= 1)
    lines.goal("home, s", 0.3, home, home <= 0.3)
    lines.goal("most statements of a page", 12, statements, statements <= 12)
    lines.goal("largest page, bytes", 100_000, heavy, heavy <= 100_000)
    lines.goal("memory that the walk leaves behind, MB", 50, grown, grown <= 50)
    lines.end()


if __name__ == "__main__":
    main()
