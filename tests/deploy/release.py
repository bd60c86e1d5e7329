"""What one release does on a database, as a process of its own tree: the one before, or this one.

    python -m tests.deploy.release seed FILE     one of everything, and FILE says what it is
    python -m tests.deploy.release operate FILE  what people and workers write, on those rows too
    python -m tests.deploy.release walk FILE     every page, every form, every sweep

The database is that of the environment.  The last line is JSON: how much was tried, and what
failed.  A release is tried by the file in its own tree: it knows its own operations.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import django

if TYPE_CHECKING:
    from django.test import Client

    from core.members.models import Member
    from tests.cast import Cast
    from tests.walk.forms import Control, Form
    from tests.walk.world import World

PEOPLE = ("owner", "coordinator", "participant", "partner")
WALKERS = ("owner", "participant")  # who may most, and who sits at the table
TYPED = {"date": "2027-03-01", "time": "10:30", "datetime-local": "2027-03-01T10:30", "number": "2"}


class Tried:
    """How often each thing was tried, and what went wrong."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.failures: list[str] = []

    def one(self, kind: str, name: str, act: Any) -> Any:
        """Do one thing; what it raises, or answers with 5xx, is a failure of that name."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        try:
            answer = act()
        except Exception as error:
            self.failures.append(f"{kind} {name}: {type(error).__name__}: {error}"[:400])
            return None
        if getattr(answer, "status_code", 0) >= 500:
            self.failures.append(f"{kind} {name}: {answer.status_code}")
        return answer


def people_of(name: str) -> Cast:
    """Open an organisation with one person of each role."""
    from core.members.models import Member
    from tests.cast import Cast, make_member, make_organisation

    owner = make_organisation(name, "Olga")
    organisation, roles = owner.organisation, Member.Role
    cora = make_member(organisation, "Cora", roles.COORDINATOR)
    petra = make_member(organisation, "Petra")
    return Cast(
        acme=organisation,
        olga=owner,
        cora=cora,
        hugo=make_member(organisation, "Hugo", roles.HR),
        petra=petra,
        pavel=make_member(organisation, "Pavel"),
        globex=organisation,
        gustav=owner,
        gina=cora,
        greta=petra,
    )


def make_organisation_of_everything(name: str) -> World:
    from core.jobs.models import Job
    from core.tenancy.context import tenant
    from tests.walk.world import make_world

    world = make_world(people_of(name), mirror=False)
    with tenant(world.organisation):  # work of no kind: no worker could do it
        Job.objects.filter(kind="nothing").update(state=Job.State.DONE)
    return world


def describe(world: World) -> dict[str, Any]:
    """Return what another process, of another release, needs to find these rows again."""
    return {
        "slug": world.organisation.slug,
        "canary": world.canary,
        "people": {who: str(getattr(world, who).pk) for who in PEOPLE},
        "rows": {name: str(row.pk) for name, row in world.rows.items()},
        "secrets": world.secrets,
    }


def found_again(description: dict[str, Any]) -> World:
    from core.members.models import Member
    from core.tenancy.context import tenant
    from core.tenancy.models import Organisation
    from tests.walk.world import World

    organisation = Organisation.objects.get(slug=description["slug"])
    with tenant(organisation):
        people = {
            who: Member.objects.select_related("user", "organisation").get(pk=key)
            for who, key in description["people"].items()
        }
    rows: dict[str, Any] = {
        name: SimpleNamespace(pk=UUID(key)) for name, key in description["rows"].items()
    }
    return World(
        organisation=organisation,
        canary=description["canary"],
        rows=rows,
        secrets=description["secrets"],
        **people,
    )


def seed(tried: Tried, file: Path) -> None:
    world = tried.one("organisations", "Acme", lambda: make_organisation_of_everything("Acme"))
    if world is not None:
        tried.one("sweeps", "all", sweep)
        file.write_text(json.dumps([describe(world)]))


def operate(tried: Tried, file: Path) -> None:
    """Write what failed when this was first tried, on rows that were there; then one of everything.

    In a database that was migrated under it, old code could write no e-mail, person, organisation,
    program or run.
    """
    from core.accounts.operations import people
    from core.common import clock
    from core.notifications.operations import Link, enqueue
    from core.tenancy.context import tenant
    from feedback.models.check_ins import CheckIn
    from feedback.surveys.check_in import answer_check_in
    from pairing.runs.operations.runs import start_match_run
    from programs.models.programs import Cohort
    from programs.operations.cohorts import create_cohort
    from programs.operations.designs import create_program
    from sessions.models.sessions import Session
    from tests.cast import make_member
    from tests.sessions.build import hold_session

    described = json.loads(file.read_text())
    world = found_again(described[0])

    def inside(name: str, act: Any) -> None:
        def do() -> None:
            with tenant(world.organisation, member=world.participant.pk):
                act()

        tried.one("operations", name, do)

    def program_and_cohort() -> None:
        program = create_program(template="leadership-circles", name="Later", by=world.coordinator)
        create_cohort(
            program=program,
            name="One",
            starts_on=clock.now().date(),
            length_days=90,
            by=world.coordinator,
        )

    def check_in() -> None:
        row = CheckIn.objects.get(pk=world.id_of("check_in"))
        answer_check_in(check_in=row, by=world.participant, met=False, mood=4, blocker="none")

    inside(
        "enqueue an e-mail",
        lambda: enqueue(
            member=world.participant,
            kind="feedback.check_in",
            dedupe_key="a release later",
            link=Link(page="home/"),
        ),
    )
    inside("add a member", lambda: make_member(world.organisation, "Later"))
    inside(
        "invite somebody",
        lambda: people.add_member(
            email="later@later.example", given_name="Later", by=world.coordinator
        ),
    )
    inside("create a program and a cohort", program_and_cohort)
    inside(
        "start a run",
        lambda: start_match_run(
            cohort=Cohort.objects.get(pk=world.id_of("matching_cohort")), by=world.coordinator
        ),
    )
    inside(
        "record a session",
        lambda: hold_session(Session.objects.get(pk=world.id_of("session")), by=world.participant),
    )
    inside("answer a check-in", check_in)
    another = tried.one("organisations", "Later", lambda: make_organisation_of_everything("Later"))
    if another is not None:
        file.write_text(json.dumps([*described, describe(another)]))
    tried.one("sweeps", "all", sweep)


def walk(tried: Tried, file: Path) -> None:
    """Open every page and send every form as the people of every organisation, then sweep."""
    from tests.cast import sign_in

    for description in json.loads(file.read_text()):
        world = found_again(description)
        for who in WALKERS:
            member = getattr(world, who)
            name = f"{world.organisation.slug} {who}"
            browser = tried.one("signed in", name, partial(sign_in, member))
            if browser is not None:
                forms = list(_pages(tried, browser, world))
                _send_all(tried, member, forms)
    tried.one("sweeps", "all", sweep)


def _pages(tried: Tried, browser: Client, world: World) -> Iterator[Form]:
    """Open each page; yield its forms, once for each shape."""
    from tests.walk.forms import forms_of
    from tests.walk.routes import filling, organisation_routes
    from tests.walk.test_two_tenants import body_of, without_ids

    known = set()
    for route in organisation_routes():
        try:
            url = route.url(world.organisation.slug, filling(world, route))
        except KeyError:  # about rows that the release which seeded did not have
            tried.counts["pages of newer rows"] = tried.counts.get("pages of newer rows", 0) + 1
            continue
        answer = tried.one("pages", url, partial(browser.get, url))
        if answer is None or answer.status_code != 200:
            continue
        tried.counts["pages shown"] = tried.counts.get("pages shown", 0) + 1
        if "html" in answer.headers.get("Content-Type", ""):
            for form in forms_of(body_of(answer).decode(), url):
                shape = (form.shape, without_ids(form.action))
                if shape not in known:
                    known.add(shape)
                    yield form


def _send_all(tried: Tried, member: Member, forms: list[Form]) -> None:
    """Send each form, filled; what one does is undone before the next."""
    for form in forms:
        if form.method == "post":
            answer = tried.one("forms", form.action, partial(_send, member, form))
            if answer is not None and answer.status_code == 302:
                tried.counts["forms accepted"] = tried.counts.get("forms accepted", 0) + 1


def _send(member: Member, form: Form) -> Any:
    from django.db import transaction

    from tests.cast import sign_in

    data = form.untouched() | {
        control.name: [_typed(control)]
        for control in form.controls
        if control.typed and not control.value
    }
    with transaction.atomic():
        # a browser for each: one of them may sign out
        answer = sign_in(member).post(form.action, data)
        transaction.set_rollback(True)
    return answer


def _typed(control: Control) -> str:
    return TYPED.get(control.kind, "somebody@later.example" if control.kind == "email" else "Later")


def sweep() -> None:
    """What workers do: the queued jobs, all that follows, and the e-mails that are due.

    The chats are stopped first: their addresses open nothing, and a weekday's morning posts there.
    """
    from core.common import clock
    from core.notifications.models import IncomingWebhook
    from core.tenancy.context import tenant
    from core.tenancy.queries import live_organisations
    from tests.work import catch_up

    for organisation in live_organisations():
        with tenant(organisation):
            IncomingWebhook.objects.update(stopped_at=clock.now())
    catch_up()


STAGES = {"seed": seed, "operate": operate, "walk": walk}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("stage", choices=tuple(STAGES))
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    tried = Tried()
    STAGES[asked.stage](tried, asked.file)
    sys.stdout.write(
        json.dumps({"stage": asked.stage, **tried.counts, "failures": tried.failures}) + "\n"
    )
    return 1 if tried.failures else 0


if __name__ == "__main__":
    sys.exit(main())
