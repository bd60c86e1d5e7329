"""Every address and every form of Acme, tried by Globex people: nothing seen, nothing changed."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import TenantModel
from tests.cast import sign_in
from tests.walk.forms import Form, forms_of
from tests.walk.routes import Route, filling, organisation_routes, routes, unknown
from tests.walk.world import World, Worlds

ROUTES = organisation_routes()
METHODS = ("get", "post")
# who may most, in `make test`; the others in `make slow`
ACTORS = [
    "owner",
    pytest.param("coordinator", marks=pytest.mark.slow),
    pytest.param("participant", marks=pytest.mark.slow),
]


def state_of(world: World) -> dict[str, str]:
    """Return a digest of every tenant table of one organisation."""
    digests = {}
    with tenant(world.organisation, member=world.participant.pk), connection.cursor() as cursor:
        for model in apps.get_models():
            if issubclass(model, TenantModel):
                table = model._meta.db_table
                cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY id')
                rows = "\n".join(row[0] for row in cursor.fetchall())
                digests[table] = hashlib.md5(rows.encode()).hexdigest()  # noqa: S324  a digest, no secret
    return digests


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_every_route_can_be_filled(worlds: Worlds):
    for route in routes():
        if route.wants:
            filling(worlds.acme, route)  # KeyError names the one that cannot


@pytest.mark.parametrize("actor", ACTORS)
def test_acmes_addresses_are_unknown_to_globex_people(worlds: Worlds, actor: str):
    browser = sign_in(getattr(worlds.globex, actor))
    nobody = browser.get("/o/no-such-organisation/").content
    before = state_of(worlds.acme)
    for route in ROUTES:
        url = route.url("acme", filling(worlds.acme, route))
        for method in METHODS:
            response = getattr(browser, method)(url)
            assert (response.status_code, response.content) == (404, nobody), (method, url)
    assert state_of(worlds.acme) == before


@pytest.mark.parametrize("actor", ACTORS)
def test_acmes_ids_are_unknown_inside_globex(worlds: Worlds, actor: str):
    """In their own organisation, with Acme's ids in the path: as if nobody had them."""
    browser = sign_in(getattr(worlds.globex, actor))
    before = state_of(worlds.acme)
    for route in ROUTES:
        filled = filling(worlds.acme, route)
        if not any(isinstance(value, uuid.UUID) for value in filled.values()):
            continue
        for method in METHODS:
            foreign = getattr(browser, method)(route.url("globex", filled))
            missing = getattr(browser, method)(route.url("globex", unknown(route, filled)))
            where = (method, route.name, foreign.status_code)
            assert foreign.status_code == missing.status_code, where
            assert foreign.status_code in {403, 404, 405}, where
            assert worlds.acme.canary.encode() not in body_of(foreign), where
    assert state_of(worlds.acme) == before


def test_acmes_ids_in_the_body_of_globexs_forms_change_nothing(worlds: Worlds):
    """Every form of Globex's own pages, sent with Acme's ids wherever it holds one of its own."""
    swap = {str(row.pk): str(worlds.acme.rows[name].pk) for name, row in worlds.globex.rows.items()}
    swap |= {
        str(getattr(worlds.globex, who).pk): str(getattr(worlds.acme, who).pk)
        for who in ("owner", "coordinator", "participant", "partner")
    }
    before, tried = state_of(worlds.acme), 0
    for member in (worlds.globex.owner, worlds.globex.coordinator, worlds.globex.participant):
        for _, form in forms_seen_by(member, worlds.globex):
            data = form.untouched()
            swapped = {k: [swap.get(v, v) for v in values] for k, values in data.items()}
            if swapped == data and not any(i in form.action for i in swap):
                continue
            tried += 1
            # a browser for each form: one of them may sign out
            response = _send(sign_in(member), form, swapped)
            assert response.status_code < 500, (form.action, swapped)
            assert worlds.acme.canary.encode() not in body_of(response), form.action
    assert tried > 5
    assert state_of(worlds.acme) == before


def test_globex_pages_never_show_acme(worlds: Worlds):
    for member in (worlds.globex.owner, worlds.globex.coordinator, worlds.globex.participant):
        browser = sign_in(member)
        for route in ROUTES:
            response = browser.get(route.url("globex", filling(worlds.globex, route)))
            assert response.status_code < 500, route.name
            assert worlds.acme.canary.encode() not in body_of(response), route.name


def test_acmes_own_people_get_in(worlds: Worlds):
    """The positive control: for somebody at Acme each address leads somewhere."""
    browsers = [
        sign_in(getattr(worlds.acme, who)) for who in ("owner", "coordinator", "participant")
    ]
    closed = {}
    for route in ROUTES:
        url = route.url("acme", filling(worlds.acme, route))
        answers = {browser.get(url).status_code for browser in browsers}
        if not answers & {200, 302, 405, 409}:  # 409: a rule says no, and that to insiders alone
            closed[route.name] = answers
    assert closed == {}


_seen: dict[Any, list[tuple[Route, Form]]] = {}


def forms_seen_by(member: Member, world: World) -> list[tuple[Route, Form]]:
    """Return every form, once for each shape, on the pages this person can open.

    Looked for once a world: no test of these changes it for the next.
    """
    if member.pk not in _seen:
        _seen[member.pk] = _forms_seen_by(member, world)
    return _seen[member.pk]


def _forms_seen_by(member: Member, world: World) -> list[tuple[Route, Form]]:
    browser = sign_in(member)
    found: dict[Any, tuple[Route, Form]] = {}
    for route in ROUTES:
        page = route.url(world.organisation.slug, filling(world, route))
        response = browser.get(page)
        if response.status_code == 200 and "html" in response.headers.get("Content-Type", ""):
            for form in forms_of(body_of(response).decode(), page):
                found.setdefault((form.shape, _without_ids(form.action)), (route, form))
    return list(found.values())


def _without_ids(url: str) -> str:
    return "/".join("*" if len(part) == 36 else part for part in url.split("?")[0].split("/"))


def _send(browser: Client, form: Form, data: dict[str, list[str]]) -> Any:
    if form.method == "post":
        return browser.post(form.action, data)
    return browser.get(form.action.split("?")[0], data)
