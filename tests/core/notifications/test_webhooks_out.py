"""Webhooks out: what is told, how it is signed, tried and given up, and what the pages say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from textwrap import dedent
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from celery import current_app
from django.db import transaction
from django.urls import reverse

from core.accounts.errors import EndpointStopped, StillBeingSent
from core.accounts.operations import outgoing as operations
from core.accounts.operations import people, removal
from core.audit.models import AuditEvent
from core.common import clock
from core.common.secrets import unseal
from core.members.access import PULLED
from core.members.models import Member
from core.notifications import outgoing, tasks
from core.notifications.models import Email, WebhookAttempt, WebhookEndpoint, WebhookMessage
from core.notifications.pruning import empty_old_emails
from core.tenancy.context import tenant
from devtools.embedded import ROOT
from mentoring import changes
from mentoring.follow_ups import follow_up
from tests.cast import Cast, main_of, sign_in
from tests.programs.build import make_cohort, make_enrolment, make_program

PAGE = "/o/acme/settings/webhooks/"
ADDRESS = "https://hooks.example.com/roundtable?key=abcd"
DAY = timedelta(days=1)
Post = tuple[dict[str, str], bytes]


class _Server(BaseHTTPRequestHandler):
    statuses: list[int] = []
    posts: list[Post] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posts.append(({name.lower(): text for name, text in self.headers.items()}, body))
        self.send_response(self.statuses.pop(0) if self.statuses else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def receiver(*statuses: int) -> Iterator[tuple[str, list[Post]]]:
    """Answer on a server of our own with these statuses, then 204; yields address and posts."""
    posts: list[Post] = []
    handler = type("Handler", (_Server,), {"statuses": list(statuses), "posts": posts})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", posts
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make(cast: Cast, address: str = ADDRESS, lists: tuple[str, ...] = ("members",)) -> Any:
    with tenant(cast.acme):
        return operations.add_endpoint(name="Warehouse", address=address, lists=lists, by=cast.olga)


def tell(cast: Cast) -> int:
    with tenant(cast.acme):
        return changes.tell_webhooks(at=clock.now())


def send(cast: Cast) -> int:
    return outgoing.send(cast.acme.pk, loopback=True)


def recipe() -> Callable[[str, dict[str, str], bytes], bool]:
    """Return what docs/api.md gives a receiver to verify by, with nothing of ours."""
    text = (ROOT / "docs/api.md").read_text()
    lines = text[text.index("    import base64, hashlib") :].partition("\n\nWhile two")[0]
    names: dict[str, Any] = {}
    exec(dedent(lines), names)  # noqa: S102  # our own document
    verify: Callable[[str, dict[str, str], bytes], bool] = names["is_ours"]
    return verify


verify = recipe()


def only(cast: Cast) -> WebhookMessage:
    with tenant(cast.acme):
        return WebhookMessage.objects.select_related("endpoint").get()


# ── what is told ──
def test_the_lists_are_those_that_can_be_pulled() -> None:
    assert set(changes.lists()) == set(PULLED)


def test_what_was_written_is_told_once_by_its_ids(cast: Cast) -> None:
    make(cast, lists=("enrolments", "members"))
    with tenant(cast.acme):
        cohort = make_cohort(make_program(cast.acme))
        enrolment = make_enrolment(cohort, cast.petra)
        member = people.add_member(email="new@acme.example", given_name="New", by=cast.olga)
    assert (tell(cast), tell(cast)) == (2, 0)
    with tenant(cast.acme):
        removal.remove_member(member=member, by=cast.olga)
    assert tell(cast) == 1
    with tenant(cast.acme):
        told = {row.kind: row.ids for row in WebhookMessage.objects.all()}
        people.update_member(member=cast.pavel, by=cast.olga, team="North")
    assert told == {
        "enrolments.changed": [str(enrolment.pk)],
        "members.changed": [str(member.pk)],
        "members.deleted": [str(member.pk)],
    }
    with tenant(cast.globex):
        assert (changes.tell_webhooks(at=clock.now()), WebhookMessage.objects.count()) == (0, 0)


def test_what_is_undone_is_not_told(cast: Cast) -> None:
    make(cast)
    with tenant(cast.acme):
        people.update_member(member=cast.pavel, by=cast.olga, team="North")
        transaction.set_rollback(True)
    assert tell(cast) == 0


def test_a_message_has_so_many_ids_at_most(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint, _secret = make(cast)
    monkeypatch.setattr(outgoing, "MOST_IDS", 2)
    ids = [UUID(int=n) for n in range(5)]
    with tenant(cast.acme):
        assert outgoing.queue(endpoint=endpoint, kind="members.changed", ids=ids) == 3
        rows = WebhookMessage.objects.all()
        assert sorted(len(row.ids) for row in rows) == [1, 2, 2]


# ── how it is signed ──
def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the specification, whose signature is printed there."""
    signed = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert outgoing.signature(secret, signed) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_arrives_can_be_verified_and_says_which_rows(cast: Cast) -> None:
    with receiver() as (address, posts):
        _endpoint, secret = make(cast, address)
        with tenant(cast.acme):
            people.update_member(member=cast.pavel, by=cast.olga, team="North")
        assert (tell(cast), send(cast), send(cast)) == (1, 1, 0)
    ((headers, body),) = posts
    message = only(cast)
    assert verify(secret, headers, body)
    assert not verify(secret, headers, body + b" ")
    assert headers["webhook-id"] == str(message.pk)
    assert abs(int(headers["webhook-timestamp"]) - clock.now().timestamp()) < 60
    said = json.loads(body)
    assert (said["type"], said["data"]) == ("members.changed", {"ids": [str(cast.pavel.pk)]})
    with tenant(cast.acme):
        attempt = WebhookAttempt.objects.get()
        assert (message.state, attempt.status, attempt.problem) == ("sent", 204, "")
        assert WebhookEndpoint.objects.get().sent_at is not None


def test_the_secret_before_signs_too_as_long_as_was_said(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    with receiver() as (address, posts):
        endpoint, first = make(cast, address)
        with tenant(cast.acme), clock.at(now):
            endpoint, second = operations.rotate_endpoint(
                endpoint=endpoint, overlap=7 * DAY, by=cast.olga
            )
        for later in (timedelta(), 7 * DAY):
            with clock.at(now + later):
                with tenant(cast.acme):
                    operations.send_test(endpoint=endpoint, by=cast.olga)
                assert send(cast) == 1
    signed = []
    for post, later in zip(posts, (timedelta(), 7 * DAY), strict=True):
        monkeypatch.setattr("time.time", (now + later).timestamp)
        signed.append(tuple(verify(secret, *post) for secret in (first, second)))
    monkeypatch.undo()
    assert signed == [(True, True), (False, True)]


# ── when it does not arrive ──
def test_it_is_tried_again_with_growing_pauses_and_the_same_words(cast: Cast) -> None:
    now = clock.now()
    with receiver(500, 503) as (address, posts):
        endpoint, _secret = make(cast, address)
        with clock.at(now), tenant(cast.acme):
            operations.send_test(endpoint=endpoint, by=cast.olga)
        with clock.at(now):
            assert send(cast) == 0
        message = only(cast)
        pause = message.due_at - now
        assert timedelta(seconds=54) <= pause <= timedelta(seconds=66)
        assert (message.state, message.endpoint.problem) == ("due", "status")
        with clock.at(now + timedelta(seconds=50)):
            assert send(cast) == 0  # not yet
        with clock.at(now + timedelta(minutes=2)):
            assert send(cast) == 0
        pause = only(cast).due_at - (now + timedelta(minutes=2))
        assert timedelta(minutes=4.5) <= pause <= timedelta(minutes=5.5)
        with clock.at(now + timedelta(minutes=10)):
            assert send(cast) == 1
    message = only(cast)
    assert (message.state, message.endpoint.failing_since, message.tries) == ("sent", None, 3)
    bodies, ids = (
        {body for _headers, body in posts},
        {headers["webhook-id"] for headers, _b in posts},
    )
    assert (len(posts), len(bodies), len(ids)) == (3, 1, 1)
    with tenant(cast.acme):
        statuses = WebhookAttempt.objects.order_by("id").values_list("status", flat=True)
        assert list(statuses) == [500, 503, 204]


def test_an_address_that_fails_holds_up_no_other(cast: Cast) -> None:
    with receiver(500) as (bad, refused), receiver() as (good, taken):
        endpoints = [make(cast, address)[0] for address in (bad, bad, good)]
        with tenant(cast.acme):
            people.update_member(member=cast.pavel, by=cast.olga, team="North")
        assert tell(cast) == 3
        with tenant(cast.acme):
            first = endpoints[0]
            outgoing.queue(endpoint=first, kind="members.changed", ids=[cast.petra.pk])
        assert send(cast) == 2
    assert (len(refused), len(taken)) == (2, 1)


def test_after_three_days_it_is_given_up_and_its_owner_told(cast: Cast) -> None:
    pauses = sum(outgoing.PAUSES, timedelta())
    assert 2.9 * DAY < pauses < 3.1 * DAY
    tries = len(outgoing.PAUSES) + 1
    now = clock.now()
    with receiver(*[500] * tries) as (address, posts):
        endpoint, _secret = make(cast, address)
        with clock.at(now), tenant(cast.acme):
            operations.send_test(endpoint=endpoint, by=cast.olga)
        for n in range(tries + 1):
            with clock.at(now + n * DAY):
                send(cast)
        assert len(posts) == tries
        last = now + (tries + 1) * DAY
        with clock.at(last), tenant(cast.acme):
            told = [operations.tell_of_stopped(at=clock.now()) for _n in range(2)]
            email = Email.objects.get(kind="accounts.webhook_stopped")
            stopped = AuditEvent.objects.filter(verb="webhook_endpoint.stopped").count()
            row = WebhookEndpoint.objects.get()
            assert (told, email.member_id, stopped) == ([1, 0], cast.olga.pk, 1)
            with pytest.raises(EndpointStopped):
                operations.replay(message=only(cast), by=cast.olga)
            people.update_member(member=cast.pavel, by=cast.olga, team="North")
            assert changes.tell_webhooks(at=last) == 0
            page = main_of(sign_in(cast.olga).get(f"{PAGE}{row.pk}/"))
            assert "Nothing is sent any more: it refuses what we post." in page
            operations.send_test(endpoint=row, by=cast.olga)
        assert tell(cast) == 1  # what was written meanwhile
        with clock.at(last + timedelta(minutes=1)):
            assert send(cast) == 3
    with tenant(cast.acme):
        assert {row.state for row in WebhookMessage.objects.all()} == {"sent"}


def test_an_address_that_is_gone_is_told_nothing_more(cast: Cast) -> None:
    with receiver(410) as (address, _posts):
        endpoint, _secret = make(cast, address)
        with tenant(cast.acme):
            operations.send_test(endpoint=endpoint, by=cast.olga)
        assert send(cast) == 0
    message = only(cast)
    assert (message.state, message.endpoint.stopped_at is not None) == ("failed", True)
    with tenant(cast.acme):  # who set it runs the place no more: an owner hears it
        Member.objects.filter(pk=cast.cora.pk).update(role=Member.Role.OWNER)
        Member.objects.filter(pk=cast.olga.pk).update(role=Member.Role.HR)
        assert operations.tell_of_stopped(at=clock.now()) == 1
        assert Email.objects.get(kind="accounts.webhook_stopped").member_id == cast.cora.pk
        WebhookEndpoint.objects.update(stopped_at=clock.now() - DAY)
        Member.objects.filter(pk=cast.cora.pk).update(role=Member.Role.HR)
        assert operations.tell_of_stopped(at=clock.now()) == 0  # nobody is there


def test_it_goes_by_the_safe_client(cast: Cast) -> None:
    with receiver() as (address, posts):
        endpoint, _secret = make(cast, address)
        with tenant(cast.acme):
            operations.send_test(endpoint=endpoint, by=cast.olga)
        tasks.send_webhooks(cast.acme.pk)
    with tenant(cast.acme):
        attempt = WebhookAttempt.objects.get()
    assert (posts, attempt.status, attempt.problem) == ([], None, "inside")


def test_a_message_of_a_worker_that_died_is_taken_again(cast: Cast) -> None:
    now = clock.now()
    endpoint, _secret = make(cast)
    with clock.at(now), tenant(cast.acme):
        operations.send_test(endpoint=endpoint, by=cast.olga)
        assert outgoing._claim(()) is not None
        assert outgoing._claim(()) is None
    with clock.at(now + timedelta(minutes=4)), tenant(cast.acme):
        letter = outgoing._claim(())
        assert letter is not None
        assert letter.number == 2
        operations.remove_endpoint(endpoint=endpoint, by=cast.olga)
        outgoing._note(letter, 204, "", 1)  # removed meanwhile
        assert (WebhookMessage.objects.count(), WebhookAttempt.objects.count()) == (0, 0)


def test_a_run_ends_and_the_next_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint, _secret = make(cast)
    with tenant(cast.acme):
        operations.send_test(endpoint=endpoint, by=cast.olga)
    monkeypatch.setattr(outgoing, "RUN", -1.0)
    assert send(cast) == 0
    assert only(cast).tries == 0


# ── by itself ──
def test_a_pass_tells_and_has_it_sent(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[tuple[str, list[int]]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args=(), **_more: asked.append((name, args))
    )
    make(cast)
    with tenant(cast.acme):
        people.update_member(member=cast.pavel, by=cast.olga, team="North")
    with django_capture_on_commit_callbacks(execute=True):
        follow_up(cast.acme.pk, at=clock.now() + timedelta(seconds=1))
    assert ("webhooks.send", [cast.acme.pk]) in asked
    assert only(cast).kind == "members.changed"


def test_old_messages_go(cast: Cast) -> None:
    endpoint, _secret = make(cast)
    with tenant(cast.acme):
        for state in WebhookMessage.State.values:
            WebhookMessage.objects.create(
                endpoint=endpoint, kind="test", happened_at=clock.now(), state=state
            )
    with clock.at(clock.now() + 4000 * DAY):
        empty_old_emails()
    assert only(cast).state == "due"


# ── the pages ──
def test_the_pages_make_one_and_say_what_it_was_sent(cast: Cast) -> None:
    client = sign_in(cast.olga)
    typed = {"name": "Warehouse", "address": ADDRESS, "lists": ["members", "goals"]}
    for wrong in ({"address": "http://a.example"}, {"lists": []}, {"lists": ["figures"]}):
        assert client.post(PAGE, {**typed, **wrong}).status_code == 422
    answer = client.post(PAGE, typed)
    secret = answer.context["secret"]
    with tenant(cast.acme):
        row = WebhookEndpoint.objects.get()
        assert (row.host, row.lists) == ("hooks.example.com", ["goals", "members"])
        assert unseal(row.sealed_address, purpose=outgoing.ADDRESS) == ADDRESS
        assert "abcd" not in row.sealed_address
    page = f"{PAGE}{row.pk}/"
    assert secret.startswith("whsec_")
    assert secret not in client.get(page).content.decode()
    assert "Warehouse" in main_of(client.get(PAGE))
    assert client.post(f"{page}test/").status_code == 302
    replay = reverse("accounts:replay_message", args=["acme", only(cast).pk])
    with tenant(cast.acme), pytest.raises(StillBeingSent):
        operations.replay(message=only(cast), by=cast.olga)
    with tenant(cast.acme):
        WebhookMessage.objects.update(state=WebhookMessage.State.SENT, sent_at=clock.now())
        WebhookAttempt.objects.create(message=only(cast), status=204, milliseconds=12)
    shown = main_of(client.get(page))
    assert ("204" in shown, "12 ms" in shown, "Send again" in shown) == (True, True, True)
    assert client.post(replay).status_code == 302
    assert only(cast).state == "due"
    assert client.post(f"{page}rotate/", {"overlap": "400"}).status_code == 422
    assert client.get(f"{page}rotate/").status_code == 302
    rotated = client.post(f"{page}rotate/", {"overlap": "7"})
    assert rotated.context["secret"] != secret
    assert "The secret before signs until" in main_of(rotated)
    assert client.post(f"{page}remove/").status_code == 302
    assert client.get(page).status_code == 404


def test_the_page_changes_one_and_switches_it_off_and_on(cast: Cast) -> None:
    endpoint, _secret = make(cast)
    client, page = sign_in(cast.olga), f"{PAGE}{endpoint.pk}/"
    shown = client.get(page)
    assert ADDRESS not in shown.content.decode()  # it may hold a key
    wrong = {"name": "HR", "address": "http://a.example", "lists": ["goals"]}
    refused = client.post(page, wrong)
    assert refused.status_code == 422
    assert refused.context["change"]["name"].value() == "HR"
    assert client.post(page, {**wrong, "address": ""}).status_code == 302
    with tenant(cast.acme):
        endpoint.refresh_from_db()
        assert (endpoint.name, endpoint.lists) == ("HR", ["goals"])
        assert unseal(endpoint.sealed_address, purpose=outgoing.ADDRESS) == ADDRESS
    moved = "https://elsewhere.example.com/hook"
    assert client.post(page, {**wrong, "address": moved}).status_code == 302
    for enabled in ("no", "yes"):
        assert client.post(f"{page}switch/", {"enabled": enabled}).status_code == 302
        with tenant(cast.acme):
            endpoint.refresh_from_db()
            assert (endpoint.host, endpoint.stopped_at is None) == (
                "elsewhere.example.com",
                enabled == "yes",
            )
        offered = "Switch off" if enabled == "yes" else "Switch on"
        assert offered in main_of(client.get(page))


def test_an_address_is_not_in_the_line_of_who_confirms_who_they_are(cast: Cast) -> None:
    endpoint, _secret = make(cast)
    client = sign_in(cast.olga)
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    typed = {"name": "HR", "address": "https://a.example/key", "lists": ["goals", "members"]}
    for page in (PAGE, f"{PAGE}{endpoint.pk}/"):
        answer = client.post(page, typed)
        assert (answer.status_code, "a.example" in answer["Location"]) == (302, False)
        back = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
        form = client.get(back).context["form"]
        assert (form["name"].value(), form["lists"].value()) == ("HR", ["goals", "members"])


def test_only_owners_see_them(cast: Cast) -> None:
    endpoint, _secret = make(cast)
    for member, status in ((cast.cora, 403), (cast.hugo, 403), (cast.gustav, 404)):
        page = f"{PAGE}{endpoint.pk}/"
        assert sign_in(member).get(page).status_code == status
    mirror = f"/o/globex/settings/webhooks/{endpoint.pk}/"
    assert sign_in(cast.gustav).get(mirror).status_code == 404
    with tenant(cast.acme):
        for model in (WebhookEndpoint, WebhookMessage, WebhookAttempt):
            assert list(model.objects.visible_to(cast.cora)) == []
