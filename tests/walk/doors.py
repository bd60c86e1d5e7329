"""Which addresses open to whom: every page and act of Acme, knocked at by everybody.

What a person gets is the state of the answer: `in`, or the refusal.  Somebody whose role lacks
the permission is refused (403), to whom a row is not visible it is unknown (404), who is not
signed in is sent to do so.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.db import transaction
from django.test import Client

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from tests.cast import make_member, sign_in
from tests.walk.leaving import Left
from tests.walk.routes import Route, filling, organisation_routes
from tests.walk.sight import people_of

TABLE = Path(__file__).with_name("doors.txt")
ROUTES = {route.name: route for route in organisation_routes()}
METHODS = ("get", "post")
REFUSED = {403: "403", 404: "404", 405: "405"}
Doors = dict[str, dict[str, str]]


def knockers(left: Left) -> dict[str, Member | None]:
    """Return who knocks: each role, one without a table, one who has left, a stranger, nobody."""
    people = people_of(left)
    organisation = left.world.organisation
    gone = make_member(organisation, "Gone", Member.Role.OWNER)
    with tenant(organisation):
        other = Member.objects.get(given_name="Pavel")
        Member.objects.filter(pk=gone.pk).update(state=Member.State.LEFT, left_at=clock.now())
    with tenant(Organisation.objects.get(slug="globex")):
        stranger = Member.objects.get(role=Member.Role.OWNER)
    roles = ("owner", "coordinator", "elsewhere", "hr", "participant", "former")
    return {
        **{name: people[name] for name in roles},
        "other": other,
        "gone": gone,
        "stranger": stranger,
        "nobody": None,
    }


def knock(left: Left, members: dict[str, Member | None], routes: Iterable[Route]) -> Doors:
    """Try each address by reading and by an empty form; what an act changes is undone."""
    browsers = {name: sign_in(who) if who else Client() for name, who in members.items()}
    found: Doors = {}
    for route in routes:
        url = route.url(left.world.organisation.slug, filling(left.world, route))
        for name, browser in browsers.items():
            answers = [_answer(browser, method, url) for method in METHODS]
            found.setdefault(route.name, {})[name] = "/".join(answers)
    return found


def _answer(browser: Client, method: str, url: str) -> str:
    with transaction.atomic():
        answer = getattr(browser, method)(url)
        transaction.set_rollback(True)
    if "/account/login/" in answer.headers.get("Location", ""):
        return "login"
    return REFUSED.get(answer.status_code, "in")


def as_lines(doors: Doors) -> dict[str, str]:
    """Return the line of each address: who gets what, those with the same answer together."""
    lines = {}
    for name, answers in sorted(doors.items()):
        together: dict[str, list[str]] = {}
        for who, answer in answers.items():
            together.setdefault(answer, []).append(who)
        lines[name] = "; ".join(f"{answer}: {' '.join(who)}" for answer, who in together.items())
    return lines


def as_text(doors: Doors) -> str:
    return "".join(f"{name} | {line}\n" for name, line in as_lines(doors).items())


def known() -> dict[str, str]:
    """Return the lines of doors.txt by the address they are of."""
    rows = (line.partition(" | ") for line in TABLE.read_text().splitlines())
    return {name: line for name, _bar, line in rows}
