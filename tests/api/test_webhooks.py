"""Webhooks by REST: the acts of the page, by a program, with its own scope."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from core.accounts.operations import outgoing
from core.audit.models import AuditEvent
from core.audit.names import Names
from core.audit.sentences import sentence
from core.common import clock
from core.common.secrets import unseal
from core.members.permissions import Permission, token_scopes_of
from core.notifications.models import Email, WebhookAttempt, WebhookEndpoint, WebhookMessage
from core.notifications.outgoing import ADDRESS, SECRET, signature
from core.tenancy.context import tenant
from tests.api.test_api import SECRET as TOKEN
from tests.api.test_api import make_token
from tests.cast import Cast, sign_in

pytestmark = pytest.mark.django_db
PATH, SENT = "/api/v1/webhooks/", "/api/v1/webhook-deliveries/"
BODY = {
    "name": "Warehouse",
    "address": "https://hooks.example.com/roundtable?key=abcd",
    "lists": ["sessions", "members"],
}
DOCS = Path(__file__).parents[2] / "docs" / "api.md"


def call(method: str, path: str, body: Any = None, key: str = "", token: str = TOKEN) -> Any:
    headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
    data = "" if body is None else json.dumps(body)
    return Client().generic(method, path, data, content_type="application/json", headers=headers)


def made(body: Any = BODY, key: str = "k-1") -> dict[str, Any]:
    answer = call("POST", PATH, body, key)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def verbs(cast: Cast) -> list[str]:
    with tenant(cast.acme):
        rows = AuditEvent.objects.filter(target_kind="webhookendpoint").order_by("id")
        return [row.verb.removeprefix("webhook_endpoint.") for row in rows]


def stored(cast: Cast) -> WebhookEndpoint:
    with tenant(cast.acme):
        return WebhookEndpoint.objects.get()


def message(cast: Cast, state: str = "sent", **facts: Any) -> WebhookMessage:
    with tenant(cast.acme):
        row = WebhookMessage.objects.create(
            endpoint=WebhookEndpoint.objects.get(),
            kind="members.changed",
            ids=[str(cast.petra.pk)],
            state=state,
            **{"happened_at": clock.now(), **facts},
        )
        WebhookAttempt.objects.create(message=row, status=500, problem="refused", milliseconds=7)
    return row


@pytest.fixture(autouse=True)
def token(cast: Cast) -> None:
    make_token(cast.olga, Permission.WEBHOOKS_MANAGE)


# ── making one ──
def test_what_is_made_has_its_secret_once_and_its_address_never(cast: Cast) -> None:
    answer = made()
    row = stored(cast)
    assert answer.pop("secret") == unseal(row.sealed_secret, purpose=SECRET)
    assert unseal(row.sealed_address, purpose=ADDRESS) == BODY["address"]
    assert answer == call("GET", f"{PATH}{row.pk}/").json()
    assert call("GET", PATH).json() == {"next": None, "results": [answer]}
    assert {name: answer[name] for name in ("id", "name", "host", "lists", "enabled")} == {
        "id": str(row.pk),
        "name": "Warehouse",
        "host": "hooks.example.com",
        "lists": ["members", "sessions"],
        "enabled": True,
    }
    assert (answer["made_by"], answer["problem"]) == (str(cast.olga.pk), "")
    assert "abcd" not in json.dumps(answer)
    page = sign_in(cast.olga).get(reverse("accounts:webhook", args=["acme", row.pk]))
    assert "Warehouse" in page.content.decode()
    assert verbs(cast) == ["added"]


def test_the_same_request_is_answered_again_and_makes_nothing(cast: Cast) -> None:
    first, again = made(), call("POST", PATH, BODY, "k-1")
    assert (again.status_code, again.json()) == (201, first)
    assert again["Idempotent-Replayed"] == "true"
    other = call("POST", PATH, {**BODY, "name": "Another"}, "k-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_used")
    assert made(key="k-2")["id"] != first["id"]
    with tenant(cast.acme):
        assert WebhookEndpoint.objects.count() == 2
        details = json.dumps(list(AuditEvent.objects.values_list("details", flat=True)))
    assert not [word for word in ("k-1", "abcd", "whsec_") if word in details]


def test_a_secret_is_not_told_again_a_day_later_nor_when_it_is_another(cast: Cast) -> None:
    first = made()
    with clock.at(clock.now() + timedelta(days=1, seconds=1)):
        assert call("POST", PATH, BODY, "k-1").status_code == 409
    path = f"{PATH}{first['id']}/secret/"
    assert call("POST", path, {"overlap_days": 1}, "k-2").status_code == 200
    assert call("POST", PATH, BODY, "k-1").json()["code"] == "idempotency_key_used"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "http://hooks.example.com/"}, "address"),
        ({"address": 7}, "address"),
        ({"lists": []}, "lists"),
        ({"lists": ["figures"]}, "lists.0"),
        ({"lists": "members"}, "lists"),
        ({"name": ""}, "name"),
        ({"name": "a" * 81}, "name"),
        ({"url": "https://hooks.example.com/"}, "url"),
    ],
)
def test_what_cannot_be_read_is_named_and_makes_nothing(
    cast: Cast, change: dict[str, Any], field: str
) -> None:
    answer = call("POST", PATH, {**BODY, **change}, "k-1")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert list(answer.json()["fields"]) == [field]
    with tenant(cast.acme):
        assert not WebhookEndpoint.objects.exists()


def test_a_secret_wants_a_key(cast: Cast) -> None:
    for path, body in ((PATH, BODY), (f"{PATH}{made()['id']}/secret/", {"overlap_days": 1})):
        assert list(call("POST", path, body).json()["fields"]) == ["Idempotency-Key"]


# ── changing one ──
def test_what_is_left_out_of_a_change_stays(cast: Cast) -> None:
    row_id = made()["id"]
    answer = call("PATCH", f"{PATH}{row_id}/", {"address": "https://other.example/x"})
    assert answer.status_code == 200
    assert (answer.json()["host"], answer.json()["name"]) == ("other.example", "Warehouse")
    assert unseal(stored(cast).sealed_address, purpose=ADDRESS) == "https://other.example/x"
    changed = {"name": "Lake", "lists": ["goals"]}
    answer = call("PATCH", f"{PATH}{row_id}/", changed).json()
    assert (answer["name"], answer["lists"], answer["host"]) == ("Lake", ["goals"], "other.example")
    assert call("PATCH", f"{PATH}{row_id}/", changed).json() == answer  # and is no act
    assert verbs(cast) == ["added", "changed", "changed"]
    with tenant(cast.acme):
        fields = AuditEvent.objects.filter(verb="webhook_endpoint.changed").order_by("id")
        assert [row.details for row in fields] == [
            {"fields": ["address"]},
            {"fields": ["lists", "name"]},
        ]


def test_it_is_switched_off_without_an_e_mail_and_on_with_what_was_missed(cast: Cast) -> None:
    path = f"{PATH}{made()['id']}/"
    failed = message(cast, state="failed")
    off = call("PATCH", path, {"enabled": False}).json()
    assert (off["enabled"], off["problem"]) == (False, "")
    with tenant(cast.acme):
        assert outgoing.tell_of_stopped(at=clock.now()) == 0
        assert not Email.objects.filter(kind=outgoing.STOPPED).exists()
    replay = call("POST", f"{path}replay/", {"since": "2020-01-01T00:00:00Z"})
    assert (replay.status_code, replay.json()["code"]) == (409, "webhook_endpoint_stopped")
    page = sign_in(cast.olga).get(reverse("accounts:webhook", args=["acme", failed.endpoint_id]))
    assert "Switched off: nothing is sent." in page.content.decode()
    on = call("PATCH", path, {"enabled": True}).json()
    assert (on["enabled"], on["stopped_at"]) == (True, None)
    with tenant(cast.acme):
        failed.refresh_from_db()
    assert failed.state == "due"
    assert verbs(cast) == ["added", "disabled", "enabled"]


def test_a_new_secret_goes_beside_the_one_before_once(cast: Cast) -> None:
    first = made()
    path = f"{PATH}{first['id']}/secret/"
    second = call("POST", path, {"overlap_days": 7}, "k-2").json()
    again = call("POST", path, {"overlap_days": 7}, "k-2")
    assert second["secret"] != first["secret"]
    assert (again.json(), again["Idempotent-Replayed"]) == (second, "true")
    row = stored(cast)
    # were it made twice, the first secret would sign no more
    assert unseal(row.sealed_former_secret, purpose=SECRET) == first["secret"]
    assert row.former_until is not None
    assert timedelta(days=6, hours=23) < row.former_until - clock.now() <= timedelta(days=7)
    assert signature(second["secret"], b"x") != signature(first["secret"], b"x")
    assert call("POST", path, {"overlap_days": 31}, "k-3").status_code == 400
    assert verbs(cast) == ["added", "rotated"]


def test_what_is_removed_is_gone_with_its_messages(cast: Cast) -> None:
    path = f"{PATH}{made()['id']}/"
    message(cast)
    assert call("DELETE", path).status_code == 204
    assert [call(method, path).status_code for method in ("GET", "DELETE")] == [404, 404]
    assert call("GET", SENT).json()["results"] == []
    assert call("POST", PATH, BODY, "k-1").json()["code"] == "idempotency_key_used"
    assert verbs(cast) == ["added", "removed"]


# ── what was sent ──
def test_messages_are_listed_with_their_tries(cast: Cast) -> None:
    row_id = made()["id"]
    sent, failed = message(cast), message(cast, state="failed")
    (row,) = call("GET", f"{SENT}?webhook={row_id}&state=sent").json()["results"]
    assert row == call("GET", f"{SENT}{sent.pk}/").json()
    assert (row["id"], row["webhook"], row["type"]) == (str(sent.pk), row_id, "members.changed")
    assert row["ids"] == [str(cast.petra.pk)]
    (attempt,) = row["attempts"]
    assert (attempt["status"], attempt["problem"], attempt["milliseconds"]) == (500, "refused", 7)
    rows = call("GET", SENT).json()["results"]
    assert [row["id"] for row in rows] == [str(sent.pk), str(failed.pk)]
    assert call("GET", f"{SENT}?webhook={uuid4()}").json()["results"] == []
    assert call("GET", f"{SENT}?kind=test").status_code == 400


def test_one_message_or_all_since_an_instant_are_sent_again(cast: Cast) -> None:
    row_id = made()["id"]
    old = message(cast, happened_at=clock.now() - timedelta(days=3))
    new, due = message(cast, state="failed"), message(cast, state="due")
    since = (clock.now() - timedelta(days=1)).isoformat()
    answer = call("POST", f"{PATH}{row_id}/replay/", {"since": since})
    assert (answer.status_code, answer.json()) == (200, {"messages": 1})
    with tenant(cast.acme):
        states = dict(WebhookMessage.objects.values_list("pk", "state"))
    assert states == {old.pk: "sent", new.pk: "due", due.pk: "due"}
    one = call("POST", f"{SENT}{old.pk}/replay/")
    assert (one.status_code, one.json()["state"]) == (200, "due")
    again = call("POST", f"{SENT}{old.pk}/replay/")
    assert (again.status_code, again.json()["code"]) == (409, "webhook_message_due")
    assert verbs(cast) == ["added", "replayed_since", "replayed"]
    naive = call("POST", f"{PATH}{row_id}/replay/", {"since": "2026-11-30T12:00:00"})
    assert list(naive.json()["fields"]) == ["since"]


# ── who may ──
def test_other_scopes_roles_programs_and_organisations_open_nothing(cast: Cast) -> None:
    row_id, key = made()["id"], "k-9"
    sent = message(cast)
    make_token(cast.olga, Permission.FACTS_READ, Permission.PEOPLE_MANAGE, secret="facts")
    make_token(cast.hugo, Permission.WEBHOOKS_MANAGE, secret="hr")
    make_token(cast.gustav, Permission.WEBHOOKS_MANAGE, secret="globex")
    tries: list[tuple[str, str, Any]] = [
        ("GET", f"{PATH}{row_id}/", None),
        ("PATCH", f"{PATH}{row_id}/", {"name": "x"}),
        ("DELETE", f"{PATH}{row_id}/", None),
        ("POST", f"{PATH}{row_id}/secret/", {"overlap_days": 1}),
        ("POST", f"{PATH}{row_id}/replay/", {"since": "2020-01-01T00:00:00Z"}),
        ("GET", f"{SENT}{sent.pk}/", None),
        ("POST", f"{SENT}{sent.pk}/replay/", None),
    ]
    for method, path, body in tries:
        for secret, status in (("facts", 403), ("hr", 403), ("globex", 404)):
            assert call(method, path, body, key, secret).status_code == status, (path, secret)
        unknown = path.replace(row_id, str(uuid4())).replace(str(sent.pk), str(uuid4()))
        foreign = call(method, path, body, key, "globex")
        assert foreign.json() == call(method, unknown, body, key, "globex").json()
    assert call("POST", PATH, BODY, key, "hr").status_code == 403
    assert call("GET", PATH, token="globex").json()["results"] == []
    with tenant(cast.acme):
        assert Permission.WEBHOOKS_MANAGE in token_scopes_of(cast.olga)
        assert Permission.WEBHOOKS_MANAGE not in token_scopes_of(cast.olga, UUID(int=1))
    assert verbs(cast) == ["added"]
    assert stored(cast).name == "Warehouse"


def test_a_token_of_one_program_has_no_webhooks(cast: Cast) -> None:
    row_id = made()["id"]
    token, _key = make_token(cast.olga, Permission.WEBHOOKS_MANAGE, secret="program")
    with tenant(cast.acme):
        type(token).objects.filter(pk=token.pk).update(program_id=uuid4())
    assert call("GET", f"{PATH}{row_id}/", token="program").status_code == 403
    assert call("POST", PATH, BODY, "k-9", "program").status_code == 403


# ── what is written about it ──
def test_each_act_is_a_sentence(cast: Cast) -> None:
    path = f"{PATH}{made()['id']}/"
    call("PATCH", path, {"name": "Lake", "enabled": False})
    call("PATCH", path, {"enabled": True})
    call("POST", f"{path}replay/", {"since": "2020-01-01T00:00:00Z"})
    with tenant(cast.acme):
        rows = AuditEvent.objects.filter(target_kind="webhookendpoint").order_by("id")
        names = Names.in_acts(rows)
        said = [sentence(row, names) for row in rows]
    assert said[1:] == [
        "Olga Acme changed the webhook “Lake”: name.",
        "Olga Acme switched off the webhook “Lake”.",
        "Olga Acme switched the webhook “Lake” on.",
        "Olga Acme had 0 messages sent again to the webhook “Lake”.",
    ]


def test_examples_work_as_they_are_printed(cast: Cast) -> None:
    """Those of the schema and those of docs/api.md."""
    schema = Client().get(reverse("api_schema"), {"format": "json"}).json()
    row_id = made()["id"]
    message(cast)
    tried = 0
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            for example in content.get("application/json", {}).get("examples", {}).values():
                where = path.replace("{id}", row_id)
                answer = call(method.upper(), where, example["value"], key=f"example-{tried}")
                assert answer.status_code in {200, 201}, (where, answer.content)
                call("PATCH", f"{PATH}{row_id}/", {"enabled": True})
                tried += 1
    assert tried == 4
    request = re.compile(r"    (POST|PATCH) (/api/v1/webhooks/\S*)\n(.*?)\n    (\{.*?\})\n\n", re.S)
    printed = request.findall(DOCS.read_text())
    assert [method for method, *_rest in printed] == ["POST", "PATCH", "POST", "POST"]
    for place, (method, path, _headers, body) in enumerate(printed):
        where = path.replace("0192…", row_id)
        answer = call(method, where, json.loads(body), key=f"printed-{place}")
        assert answer.status_code in {200, 201}, (where, answer.content)
        call("PATCH", f"{PATH}{row_id}/", {"enabled": True})
