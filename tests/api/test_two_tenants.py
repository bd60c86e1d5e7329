"""Every operation of the REST schema, tried by Globex's tokens with Acme's ids."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from core.accounts.operations import keys
from core.common import clock
from core.common.pages import write_cursor
from core.members import limits
from core.members.models import Member
from core.members.permissions import token_scopes_of
from core.tenancy.context import tenant
from tests.cast import make_member
from tests.figures import Figure
from tests.walk.inside import kept_worded
from tests.walk.test_two_tenants import WALK, body_of, state_of
from tests.walk.world import World, Worlds

pytestmark = pytest.mark.slow

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
PREFIX = "/api/v1/"
# Which row of a world stands for `{id}` of a resource, and for an id in a query.
ROWS = {
    "members": "member",
    "programs": "program",
    "cohorts": "cohort",
    "enrolments": "enrolment",
    "partnerships": "partnership",
    "seats": "seat",
    "sessions": "held_session",
    "attendance": "attendance",
    "turns": "turn",
    "decisions": "decision",
    "goals": "goal",
    "certificates": "certificate",
    "check-ins": "check_in",
    "survey-results": "survey_result",
    "outcomes": "hr_record",
    "figures": "cohort",
    "webhooks": "webhook_endpoint",
    "webhook-deliveries": "webhook_message",
}
QUERY_ROWS = {
    "cohort": "cohort",
    "partnership": "partnership",
    "program": "program",
    "member": "member",
    "webhook": "webhook_endpoint",
}
# bodies that would be obeyed, were the row one's own
OBEYED: dict[str, dict[str, object]] = {
    "patch": {"name": "taken", "enabled": False},
    "secret": {"overlap_days": 0},
    "replay": {"since": "2020-01-01T00:00:00Z"},
}
# what holds no row: the same for everybody, and the name of who asks
WITHOUT_ROWS = {"columns", "definitions", "organisation"}
NO_PULL = {"figures", "webhooks", "webhook-deliveries"}
# by one kind of role alone: who else has no such scope
OWNERS, OWNERS_AND_HR = {"webhooks", "webhook-deliveries"}, {"outcomes"}
SINCE = f"{clock.now() - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"  # deletions of then are known
PLAIN = {
    "changed_since": SINCE,
    "answered": "false",
    "page_size": "1",
    "bom": "true",
}


@dataclass(frozen=True)
class Operation:
    """One path and method of the schema, with its parameters and the statuses it documents."""

    path: str
    method: str
    parameters: tuple[dict[str, Any], ...]
    statuses: frozenset[int]

    @property
    def resource(self) -> str:
        return self.path.removeprefix(PREFIX).split("/")[0]

    def url(self, row_id: object) -> str:
        return self.path.replace("{id}", str(row_id))

    def named(self, place: str) -> list[dict[str, Any]]:
        return [each for each in self.parameters if each["in"] == place]


@dataclass(frozen=True)
class Filled:
    """An operation with the ids of one world: where it is, and each query that it takes."""

    operation: Operation
    url: str
    query: dict[str, str]
    ids: dict[str, str]

    def queries(self) -> list[dict[str, str]]:
        """Return no query, each parameter alone, and all at once."""
        return [{}, *({name: value} for name, value in self.query.items()), self.query]


def operations() -> list[Operation]:
    """Return what the schema says there is."""
    answer = Client().get(reverse("api_schema"), {"format": "json"})
    return [
        Operation(
            path,
            method,
            tuple(found.get("parameters", ())),
            frozenset(int(status) for status in found["responses"]),
        )
        for path, methods in json.loads(answer.content)["paths"].items()
        for method, found in methods.items()
    ]


def readings() -> list[Operation]:
    return [operation for operation in operations() if operation.method == "get"]


def fill(operation: Operation, world: World) -> Filled:
    """Return the operation with a world's ids; KeyError names what the walk does not know."""
    for parameter in operation.named("path"):
        if parameter["name"] != "id":
            raise KeyError(f"the walk cannot fill {parameter['name']!r} of {operation.path}")
    wants_row = "{id}" in operation.path
    url = operation.url(world.id_of(ROWS[operation.resource])) if wants_row else operation.path
    query, ids = {}, {}
    for parameter in operation.named("query"):
        name = parameter["name"]
        if name in QUERY_ROWS:
            query[name] = ids[name] = str(world.id_of(QUERY_ROWS[name]))
        elif name == "cursor":
            row = world.rows[ROWS[operation.resource]]
            scope = f"{row._meta.label}.{world.organisation.pk}"
            pull = [] if operation.resource in NO_PULL else ["", SINCE, ""]
            before = str(UUID(int=row.pk.int - 1))
            query[name] = write_cursor(scope, [*pull, before])
        elif "enum" in parameter["schema"]:
            query[name] = parameter["schema"]["enum"][0]
        elif name in PLAIN:
            query[name] = PLAIN[name]
        else:
            raise KeyError(f"the walk cannot fill {name!r} of {operation.path}")
    return Filled(operation, url, query, ids)


def own_bytes(world: World) -> set[bytes]:
    """Return what may be read only by this organisation: its canary and the ids of its rows."""
    people = (world.owner, world.coordinator, world.participant, world.partner)
    rows: list[Any] = [*world.rows.values(), *people]
    domain = f"@{world.organisation.slug}.example"
    return {str(row.pk).encode() for row in rows} | {world.canary.encode(), domain.encode()}


def secret_of(member: Member) -> str:
    """Make a token of this person with all scopes that their role allows."""
    with tenant(member.organisation):
        scopes = token_scopes_of(member)
        _token, secret = keys.create_token(name="walk", scopes=scopes, by=member)
    return secret


def call(secret: str, method: str, url: str, query: dict[str, str]) -> Any:
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    return client.generic(method.upper(), url, query_params=query)


def rows_in(body: bytes) -> list[Any]:
    """Return the rows of a page of a list; of one row, itself."""
    found = json.loads(body)
    return list(found["results"]) if "results" in found else [found]


@pytest.fixture(autouse=True)
def _walking_is_no_abuse(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("api", "export"):
        monkeypatch.setitem(limits.LIMITS, name, limits.Limit(100_000, 60))


@pytest.fixture
def worlds(db: None) -> Worlds:
    return kept_worded()


@pytest.fixture
def callers(worlds: Worlds) -> list[str]:
    """Tokens of Globex: of an owner, a coordinator and an HR analyst."""
    hr = make_member(worlds.globex.organisation, "Hanna", Member.Role.HR)
    return [secret_of(member) for member in (worlds.globex.owner, worlds.globex.coordinator, hr)]


def test_every_operation_can_be_filled(worlds: Worlds) -> None:
    found = operations()
    resources = {operation.resource.split(".")[0] for operation in found}
    assert resources == {*ROWS, *WITHOUT_ROWS}
    for operation in found:
        fill(operation, worlds.acme)


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        (f"{PREFIX}members/", {"in": "query", "name": "boss", "schema": {"type": "string"}}),
        (f"{PREFIX}members/{{code}}/", {"in": "path", "name": "code", "schema": {}}),
        (f"{PREFIX}moods/{{id}}/", {"in": "path", "name": "id", "schema": {}}),
    ],
)
def test_an_operation_that_the_walk_does_not_know_fails_it(
    worlds: Worlds, path: str, parameter: dict[str, Any]
) -> None:
    with pytest.raises(KeyError):
        fill(Operation(path, "get", (parameter,), frozenset({200})), worlds.acme)


def test_acmes_ids_are_unknown_to_globexs_tokens(
    worlds: Worlds, callers: list[str], figure: Callable[[str], Figure]
) -> None:
    secrets, before, counted = own_bytes(worlds.acme), state_of(worlds.acme), figure(WALK)
    written = {(operation.path, operation.method) for operation in operations()}
    written = {(path, method) for path, method in written if method != "get"}
    for secret in callers:
        for filled, method, query in _walk(worlds.acme):
            answer = call(secret, method, filled.url, query)
            body, where = body_of(answer), (method, filled.url, query, answer.status_code)
            counted.tried += 1
            assert answer.status_code < 500, where
            sent = {value.encode() for value in query.values()}  # a page's links repeat it
            assert not [known for known in secrets - sent if known in body], where
            if _is_closed(filled.operation, callers.index(secret)):
                assert answer.status_code == 403, where
                continue
            if (filled.operation.path, method) in written:
                assert answer.status_code == (404 if "{id}" in filled.operation.path else 400)
            elif method == filled.operation.method:
                assert answer.status_code in filled.operation.statuses, where
                _says_nothing(filled, query, answer, body)
            elif method not in {"head", "options"}:
                assert answer.status_code == 405, where
            if "{id}" in filled.operation.path:
                nobody = call(secret, method, filled.operation.url(uuid4()), query)
                assert (answer.status_code, body) == (nobody.status_code, body_of(nobody)), where
    assert state_of(worlds.acme) == before
    assert counted.tried > 300


def _is_closed(operation: Operation, caller: int) -> bool:
    """Say whether an owner (0), a coordinator (1) or an HR analyst (2) has no scope for it."""
    resource = operation.resource.split(".")[0]
    return (resource in OWNERS and caller > 0) or (resource in OWNERS_AND_HR and caller == 1)


def _walk(world: World) -> Iterator[tuple[Filled, str, dict[str, str]]]:
    for operation in readings():
        filled = fill(operation, world)
        for method in METHODS:
            for query in filled.queries() if method == operation.method else [filled.query]:
                yield filled, method, query


def _says_nothing(filled: Filled, query: dict[str, str], answer: Any, body: bytes) -> None:
    """A foreign id in the path is 404; in the query it is that, or a list of nothing.

    A cursor that another organisation was given is refused.
    """
    if "{id}" in filled.operation.path:
        assert answer.status_code == 404, filled.url
    elif "cursor" in query:
        # where a filter names a foreign row too, that is said first
        refused = {} if answer.status_code == 404 else json.loads(body)["fields"]
        assert set(refused) <= {"cursor"}, (filled.url, query)
    elif set(query) & set(filled.ids):
        assert answer.status_code == 404 or rows_in(body) == [], (filled.url, query)
    else:
        assert answer.status_code == 200, (filled.url, query)


def test_acmes_own_tokens_read_every_operation(worlds: Worlds) -> None:
    """The positive control: what the walk did not get is there to be got, by each parameter."""
    secret, secrets = secret_of(worlds.acme.owner), own_bytes(worlds.acme)
    for operation in readings():
        filled = fill(operation, worlds.acme)
        for query in filled.queries():
            answer = call(secret, operation.method, filled.url, query)
            body, where = body_of(answer), (filled.url, query, answer.status_code)
            assert answer.status_code == 200, where
            if operation.resource.split(".")[0] in WITHOUT_ROWS:
                continue
            if set(query) <= {*filled.ids, "cursor", "changed_since"}:
                assert [known for known in secrets if known in body], where


def test_ids_in_a_body_write_nothing(worlds: Worlds, callers: list[str]) -> None:
    """REST is read only but for batches, of people and of HR records, and for webhooks.

    Their bodies name no row of another, and nobody of another organisation.
    """
    written = [operation for operation in operations() if operation.method != "get"]
    assert [(operation.method, operation.path) for operation in written] == [
        ("post", "/api/v1/members/batch/"),
        ("post", "/api/v1/outcomes/batch/"),
        ("post", "/api/v1/webhook-deliveries/{id}/replay/"),
        ("post", "/api/v1/webhooks/"),
        ("patch", "/api/v1/webhooks/{id}/"),
        ("delete", "/api/v1/webhooks/{id}/"),
        ("post", "/api/v1/webhooks/{id}/replay/"),
        ("post", "/api/v1/webhooks/{id}/secret/"),
    ]
    before = state_of(worlds.acme)
    client = Client(headers={"Authorization": f"Bearer {callers[0]}", "Idempotency-Key": "k"})
    people = [{"employee_id": "G-1", "email": "new@globex.example", "part": "peer"}]
    for part in ("peer", "mentor"):
        body = {"people": people, "cohorts": {part: str(worlds.acme.rows["cohort"].pk)}}
        answer = client.post(written[0].path, body, content_type="application/json")
        assert answer.json()["fields"].keys() == {f"cohorts.{part}"}
    records = {"records": [{"email": worlds.acme.participant.email, "known_on": "2020-01-01"}]}
    answer = client.post(written[1].path, records, content_type="application/json")
    assert answer.json()["counts"]["refused"] == 1
    _of_another_is_unknown(client, written, worlds)
    ours = {(operation.path, operation.method) for operation in written}
    for operation in readings():
        filled = fill(operation, worlds.globex)
        body = json.dumps({name: str(row.pk) for name, row in worlds.acme.rows.items()})
        for method in ("post", "put", "patch", "delete"):
            if method == "delete" and (operation.path, method) in ours:
                continue  # of one's own: tests/api/test_webhooks.py
            client = Client(headers={"Authorization": f"Bearer {callers[0]}"})
            answer = client.generic(
                method.upper(), filled.url, body, content_type="application/json"
            )
            expected = 400 if (operation.path, method) in ours else 405
            assert answer.status_code == expected, (method, filled.url)
    assert state_of(worlds.acme) == before


def _of_another_is_unknown(client: Client, written: list[Operation], worlds: Worlds) -> None:
    """What is written by its id is 404 with a foreign one, as with one that nobody has."""
    for operation in written:
        if "{id}" not in operation.path:
            continue
        verb = operation.path.rstrip("/").rpartition("/")[2]
        body = json.dumps(OBEYED.get(operation.method, OBEYED.get(verb, {})))
        answers = [
            client.generic(
                operation.method.upper(), operation.url(row_id), body, "application/json"
            )
            for row_id in (worlds.acme.id_of(ROWS[operation.resource]), uuid4())
        ]
        assert [answer.status_code for answer in answers] == [404, 404], operation
        assert answers[0].content == answers[1].content
