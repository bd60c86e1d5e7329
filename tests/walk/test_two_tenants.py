"""Every address and every form of Acme, tried by Globex people: nothing seen, nothing changed."""

from __future__ import annotations

import hashlib
import inspect
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from celery import current_app
from django.apps import apps
from django.db import connection
from django.test import Client

from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import TenantModel
from tests.cast import make_member, sign_in
from tests.figures import Figure
from tests.walk.forms import Form, forms_of
from tests.walk.inside import kept_worded
from tests.walk.routes import Route, filling, organisation_routes, routes, unknown
from tests.walk.world import World, Worlds

pytestmark = pytest.mark.slow

ROUTES = organisation_routes()
WALK, COVERED = "cross-tenant walk", "routes, models and tasks that the walk covers"
Counter = Callable[[str], Figure]
# tables of which a world has no row, each with its reason; a policy of the database is on them all
SEEN = "test_sight.py makes one and counts who sees it"
APART = "no address names it; the tests of its subject make them"
SEALED = "the database opens it to nobody here: test_peers.py says to whom"
EMPTY = {
    "feedback.AnonymousBox": SEALED,
    "feedback.ReleaseMark": APART,
    "feedback.ReleasedStep": APART,
    "feedback.StaleWarning": APART,
    "members.AddressChange": APART,
    "mentoring_sessions.BusyCalendar": APART,
    "mentoring_sessions.Kit": APART,
    "mentoring_sessions.PollAnswer": APART,
    "mentoring_sessions.Rsvp": APART,
    "metrics.AlertNote": SEEN,
    "metrics.Finding": SEEN,
    "metrics.FindingMark": APART,
    "metrics.FoldMark": APART,
    "metrics.FoldedSession": APART,
    "notifications.BouncingAddress": SEEN,
    "notifications.KindPace": SEEN,
    "notifications.MutedKind": SEEN,
    "notifications.QuietHours": SEEN,
    "pairing.KindWords": APART,
    "pairing.LeftOver": APART,
    "pairing.Parting": SEEN,
    "pairing.PublicationRequest": SEEN,
    "pairing.Wish": SEEN,
    "programs.ProgramStaff": SEEN,
}
# what browsers send, and who may most, in `make test`; the others in `make slow`
METHODS = [
    ("get", "post"),
    pytest.param(("head", "options", "put", "patch", "delete"), marks=pytest.mark.slow),
]
ACTORS = [
    "owner",
    *(pytest.param(who, marks=pytest.mark.slow) for who in ("coordinator", "participant", "hr")),
]


@pytest.fixture
def worlds(db: None) -> Worlds:
    return kept_worded()


def actor_of(world: World, who: str) -> Member:
    if who == "hr":
        return make_member(world.organisation, "Hanna", Member.Role.HR)
    member: Member = getattr(world, who)
    return member


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


def test_every_route_can_be_filled(worlds: Worlds, figure: Counter):
    counted = figure(COVERED)
    for route in routes():
        counted.tried += 1
        if route.wants:
            filling(worlds.acme, route)  # KeyError names the one that cannot


def test_every_table_has_rows_of_both(worlds: Worlds, figure: Counter):
    """What has no row in the world shows nothing, whoever looks."""
    counted, empty = figure(COVERED), set()
    for world in (worlds.acme, worlds.globex):
        with tenant(world.organisation, member=world.participant.pk):
            for model in apps.get_models():
                if issubclass(model, TenantModel):
                    counted.tried += 1
                    if not model._base_manager.exists():
                        empty.add(model._meta.label)
    missing = sorted(empty - set(EMPTY))
    assert missing == [], " ".join(missing)
    assert set(EMPTY) - empty == set()


def test_every_task_takes_an_organisation_or_nothing(figure: Counter):
    """A sweep takes nothing and goes through the organisations; another is told its own."""
    counted = figure(COVERED)
    current_app.loader.import_default_modules()
    ours = {name: task for name, task in current_app.tasks.items() if not name.startswith("celery")}
    for name, task in ours.items():
        counted.tried += 1
        takes = list(inspect.signature(task.run, follow_wrapped=False).parameters)
        assert takes[:1] in ([], ["organisation_id"]), name
        assert all(taken.endswith("_id") for taken in takes), (name, takes)
    assert len(ours) > 5


@pytest.mark.parametrize("methods", METHODS)
@pytest.mark.parametrize("actor", ACTORS)
def test_acmes_addresses_are_unknown_to_globex_people(
    worlds: Worlds, actor: str, methods: tuple[str, ...], figure: Counter
):
    counted, browser = figure(WALK), sign_in(actor_of(worlds.globex, actor))
    nobody = browser.get("/o/no-such-organisation/").content
    before = state_of(worlds.acme)
    for route in ROUTES:
        url = route.url("acme", filling(worlds.acme, route))
        for method in methods:
            response = getattr(browser, method)(url)
            counted.tried += 1
            body = b"" if method == "head" else nobody
            assert (response.status_code, response.content) == (404, body), (method, url)
    assert state_of(worlds.acme) == before


@pytest.mark.parametrize("methods", METHODS)
@pytest.mark.parametrize("actor", ACTORS)
def test_acmes_ids_are_unknown_inside_globex(
    worlds: Worlds, actor: str, methods: tuple[str, ...], figure: Counter
):
    """In their own organisation, with Acme's ids in the path: as if nobody had them."""
    counted, browser = figure(WALK), sign_in(actor_of(worlds.globex, actor))
    before = state_of(worlds.acme)
    for route in ROUTES:
        filled = filling(worlds.acme, route)
        if not any(isinstance(value, uuid.UUID) for value in filled.values()):
            continue
        for method in methods:
            foreign = getattr(browser, method)(route.url("globex", filled))
            missing = getattr(browser, method)(route.url("globex", unknown(route, filled)))
            where = (method, route.name, foreign.status_code)
            counted.tried += 2
            assert foreign.status_code == missing.status_code, where
            # what can be done to it is asked of no row
            assert foreign.status_code in {403, 404, 405} or method == "options", where
            assert worlds.acme.canary.encode() not in body_of(foreign), where
    assert state_of(worlds.acme) == before


def test_acmes_ids_in_the_body_of_globexs_forms_change_nothing(worlds: Worlds, figure: Counter):
    """Every form of Globex's own pages, sent with Acme's ids wherever it holds one of its own."""
    swap = {str(row.pk): str(worlds.acme.rows[name].pk) for name, row in worlds.globex.rows.items()}
    swap |= {
        str(getattr(worlds.globex, who).pk): str(getattr(worlds.acme, who).pk)
        for who in ("owner", "coordinator", "participant", "partner")
    }
    before, counted = state_of(worlds.acme), figure(WALK)
    for member in (worlds.globex.owner, worlds.globex.coordinator, worlds.globex.participant):
        for _, form in forms_seen_by(member, worlds.globex):
            data = form.untouched()
            swapped = {k: [swap.get(v, v) for v in values] for k, values in data.items()}
            if swapped == data and not any(i in form.action for i in swap):
                continue
            counted.tried += 1
            # a browser for each form: one of them may sign out
            response = _send(sign_in(member), form, swapped)
            assert response.status_code < 500, (form.action, swapped)
            assert worlds.acme.canary.encode() not in body_of(response), form.action
    assert counted.tried > 5
    assert state_of(worlds.acme) == before


def test_globex_pages_never_show_acme(worlds: Worlds, figure: Counter):
    look_for_acme(worlds, ROUTES, figure(WALK))


def look_for_acme(worlds: Worlds, routes: Sequence[Route], counted: Figure) -> None:
    for member in (worlds.globex.owner, worlds.globex.coordinator, worlds.globex.participant):
        browser = sign_in(member)
        for route in routes:
            response = browser.get(route.url("globex", filling(worlds.globex, route)))
            counted.tried += 1
            assert response.status_code < 500, route.name
            assert worlds.acme.canary.encode() not in body_of(response), route.name


def test_acmes_own_people_get_in(worlds: Worlds, figure: Counter):
    """The positive control: for somebody at Acme each address leads somewhere."""
    counted = figure("cross-tenant walk: its own people get in")
    browsers = [
        sign_in(getattr(worlds.acme, who)) for who in ("owner", "coordinator", "participant")
    ]
    closed = {}
    for route in ROUTES:
        url = route.url("acme", filling(worlds.acme, route))
        answers = {browser.get(url).status_code for browser in browsers}
        counted.tried += len(browsers)
        if not answers & {200, 302, 405, 409}:  # 409: a rule says no, and that to insiders alone
            closed[route.name] = answers
    # of the walk's rows no job is an export, and no report was printed; whoever may
    # not export at all is told so first
    no_export = {key: {403, 404} for key in ("exports:file", "metrics:printed_file")}
    assert closed == no_export | {"privacy:download": {404}}


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
                found.setdefault((form.shape, without_ids(form.action)), (route, form))
    return list(found.values())


def without_ids(url: str) -> str:
    return "/".join("*" if len(part) == 36 else part for part in url.split("?")[0].split("/"))


def _send(browser: Client, form: Form, data: dict[str, list[str]]) -> Any:
    if form.method == "post":
        return browser.post(form.action, data)
    return browser.get(form.action.split("?")[0], data)
