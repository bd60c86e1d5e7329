"""Run as a program: seed a migrated, empty database at one moment, and look at what is printed.

What is seeded already is only looked at.
`python -m tests.demo.seeding FOLDER MOMENT [--walk] [--authors-leave]`; MOMENT is ISO or `now`.
"""

from __future__ import annotations

import argparse
import csv
import re
from datetime import datetime
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402  what follows needs the settings above
from django.test import Client, override_settings  # noqa: E402  after django.setup()
from django.urls import resolve, reverse  # noqa: E402  after django.setup()

from core.common import clock  # noqa: E402  after django.setup()
from core.members.models import Member  # noqa: E402  after django.setup()
from core.tenancy.context import tenant  # noqa: E402  after django.setup()
from core.tenancy.models import Organisation  # noqa: E402  after django.setup()
from devtools import mail_server  # noqa: E402  after django.setup()
from devtools.demo.history import Life  # noqa: E402  after django.setup()
from devtools.demo.note import make_demo  # noqa: E402  after django.setup()
from devtools.demo.seed import PASSWORD  # noqa: E402  after django.setup()
from devtools.demo.together import Table  # noqa: E402  after django.setup()
from feedback.builder.results import settled  # noqa: E402  after django.setup()
from feedback.review.queries import comments  # noqa: E402  after django.setup()
from feedback.surveys.closing import CLOSING  # noqa: E402  after django.setup()
from feedback.surveys.items import Words  # noqa: E402  after django.setup()
from programs.models.programs import Cohort, Enrolment  # noqa: E402  after django.setup()
from programs.operations import enrolments  # noqa: E402  after django.setup()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("moment")
    parser.add_argument("--walk", action="store_true")
    parser.add_argument("--authors-leave", action="store_true")
    wanted = parser.parse_args()
    settings.MAIL_FOLDER = wanted.folder / "mail"
    settings.ALLOWED_HOSTS = ["*"]
    moment = clock.now() if wanted.moment == "now" else datetime.fromisoformat(wanted.moment)
    if wanted.authors_leave:
        Life.withdraw_somebody = an_author_leaves
    with mail_server.running(settings.MAIL_FOLDER) as settings.EMAIL_PORT, clock.at(moment):
        # as make demo seeds: DEBUG binds each statement a second time, to keep it as text
        with override_settings(DEBUG=False):
            make_demo(folder=wanted.folder / ".data", say=print)
        if wanted.walk:
            walk((wanted.folder / ".data" / "demo.txt").read_text())


def an_author_leaves(life: Life, *, reason: str, but: Member) -> None:
    """Take those on whom the story of this person's circle leans: who proposes, who sets goals."""
    leaving = Table(but).others()[1]
    enrolment = Enrolment.objects.get(
        member=leaving, cohort__program__format="circles", state=Enrolment.State.ACTIVE
    )
    enrolments.withdraw(enrolment=enrolment, reason=reason, by=None)


def walk(note: str) -> None:
    """Open every address of the note, and sign in as everybody it names."""
    token = re.search(r"token (\S+)", note)[1]
    for url in sorted(set(re.findall(r"https?://[^\s)]+", note))):
        path = url.removeprefix(settings.SITE_URL)
        headers = {"Authorization": f"Bearer {token}"} if "/api/v1/" in path else {}
        answer = Client().get(path, headers=headers, follow=True)
        insist(answer, path)
        if path.endswith("figures.csv"):
            insist_on_figures(answer.getvalue().decode())
    people = re.findall(r"\S+@\S+", note)
    assert len(people) == 5, note
    seen: set[str] = set()
    for email in people:
        browser = Client()
        login = {"login": email, "password": PASSWORD}
        home = browser.post("/account/login/", login, follow=True)
        insist(home, f"sign-in of {email}")
        follow(browser, links(home.content), email, seen)
        if email.startswith("ingrid@"):
            insist_on_what_people_said(browser)


def follow(browser: Client, paths: list[str], email: str, seen: set[str]) -> None:
    """Open one page of each kind that can be reached from there and that nobody has opened yet."""
    waiting = list(paths)
    while waiting:
        path = waiting.pop(0)
        kind = resolve(path).view_name
        if kind in seen:
            continue
        seen.add(kind)
        answer = browser.get(path, follow=True)
        insist(answer, f"{path} for {email}")
        waiting += links(answer.getvalue() if answer.streaming else answer.content)


def links(page: bytes) -> list[str]:
    return list(dict.fromkeys(re.findall(r'href="(/o/[^"#?]+)"', page.decode(errors="replace"))))


def insist_on_figures(table: str) -> None:
    """Every chart of some cohort has something to show."""
    shown = {row["figure"] for row in csv.DictReader(table.splitlines()) if row["state"] == "shown"}
    charts = {"funnel", "weekly_attendance", "retention", "competency_change", "voice_balance"}
    if charts - shown:
        raise SystemExit(f"no cohort shows {charts - shown}")


def insist_on_what_people_said(browser: Client) -> None:
    """A cohort has closed, its closing survey too, and every question of it has a result."""
    northwind = Organisation.objects.get(slug="northwind")
    with tenant(northwind):
        cohort = Cohort.objects.get(phase=Cohort.Phase.CLOSED)
        unseen = [key for key, result in settled(CLOSING, cohort) if not result.n]
        if unseen or not comments(cohort):
            raise SystemExit(f"nothing to see of {unseen} in the closing survey")
    for name in ("cohort_surveys", "review"):
        path = reverse(f"feedback:{name}", args=[northwind.slug, cohort.pk])
        answer = browser.get(path)
        insist(answer, path)
        for item in CLOSING.items:
            shown = name == "cohort_surveys" or not isinstance(item, Words)
            if shown and str(item.question) not in answer.content.decode():
                raise SystemExit(f"{path} does not show {item.key}")


def insist(answer, what: str) -> None:
    if answer.status_code != 200:
        raise SystemExit(f"{what}: {answer.status_code}")


if __name__ == "__main__":
    main()
