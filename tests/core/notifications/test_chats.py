"""Slack and Teams: what is posted as their documents say, where, by whom set, and when it fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse

from core.accounts.operations.webhooks import add_webhook, post_test, remove_webhook
from core.audit.models import AuditEvent
from core.common import clock
from core.common.fetch import Refusal
from core.common.secrets import seal, unseal
from core.members.models import Member
from core.notifications.channels import CHANNELS
from core.notifications.channels.chat import SEALED, ChatChannel, Post
from core.notifications.channels.slack import SlackChannel
from core.notifications.channels.teams import TeamsChannel
from core.notifications.dispatch import dispatch
from core.notifications.given_up import given_up
from core.notifications.markdown import Run, as_runs
from core.notifications.models import Email, Envelope, IncomingWebhook
from core.notifications.operations import Link, enqueue
from core.tenancy.context import tenant
from metrics.chats import stop_failing_webhooks
from tests.cast import Cast, main_of, sign_in
from tests.programs.build import make_program, run_only

ADDRESS = "https://hooks.slack.example/services/T0/B0/secret-abcd"
PAGE = "/o/acme/settings/chats/"
LIST = f"{settings.SITE_URL}/o/acme/to-do/"
ROWS = [
    {"words": "Applications wait", "count": 2, "link": LIST},
    {"words": "A & B <!channel>", "count": 1, "link": LIST},
]
POST = {"count": 3, "where": "Acme", "rows": ROWS}


class _Server(BaseHTTPRequestHandler):
    status = 200
    posts: list[tuple[str, str | None, Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posts.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def chat(status: int = 200) -> Iterator[tuple[str, list[tuple[str, str | None, Any]]]]:
    """Answer posts on a server of our own; yields its address and what was posted."""
    posts: list[tuple[str, str | None, Any]] = []
    handler = type("Handler", (_Server,), {"status": status, "posts": posts})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/services/hook", posts
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hook(
    cast: Cast, service: str = "slack", address: str = ADDRESS, **parts: Any
) -> IncomingWebhook:
    with tenant(cast.acme):
        return add_webhook(
            service=service,
            address=address,
            by=parts.get("by", cast.olga),
            program_id=parts.get("program_id"),
        )


def post(cast: Cast, webhook: IncomingWebhook) -> Email:
    with tenant(cast.acme):
        email = enqueue(
            member=cast.olga,
            kind="metrics.chat",
            dedupe_key=f"chat:{clock.now()}",
            link=Link(page="to-do/"),
            context=POST,
            about=webhook.pk,
            webhook=webhook,
        )
    assert email is not None
    return email


def reloaded(webhook: IncomingWebhook) -> IncomingWebhook:
    with tenant(webhook.organisation_id):
        return IncomingWebhook.objects.get(pk=webhook.pk)


def test_slack_is_posted_blocks_with_what_would_call_everybody_escaped(cast: Cast) -> None:
    with chat() as (address, posts):
        post(cast, hook(cast, address=address))
        assert dispatch([SlackChannel(loopback=True)]) == 1

    ((path, content_type, payload),) = posts
    assert (path, content_type) == ("/services/hook", "application/json")
    assert payload == {
        "text": "3 things wait in Acme",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "*3 things wait in Acme*"}},
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": f"• <{LIST}|Applications wait: 2>\n"
                    f"• <{LIST}|A &amp; B &lt;!channel&gt;: 1>",
                },
            },
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "text": {"type": "plain_text", "text": "Open the list"},
                        "url": LIST,
                    }
                ],
            },
        ],
    }


def test_teams_is_posted_an_adaptive_card(cast: Cast) -> None:
    with chat(status=202) as (address, posts):
        post(cast, hook(cast, "teams", address))
        assert dispatch([TeamsChannel(loopback=True)]) == 1

    ((_path, _content_type, payload),) = posts
    link = {"type": "Action.OpenUrl", "url": LIST}
    assert payload == {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.2",
                    "body": [
                        {
                            "type": "RichTextBlock",
                            "inlines": [
                                {
                                    "type": "TextRun",
                                    "text": "3 things wait in Acme",
                                    "weight": "bolder",
                                }
                            ],
                        },
                        *(
                            {
                                "type": "RichTextBlock",
                                "inlines": [
                                    {"type": "TextRun", "text": "• "},
                                    {
                                        "type": "TextRun",
                                        "text": f"{row['words']}: {row['count']}",
                                        "selectAction": link,
                                    },
                                ],
                            }
                            for row in ROWS
                        ),
                    ],
                    "actions": [{"type": "Action.OpenUrl", "title": "Open the list", "url": LIST}],
                },
            }
        ],
    }


def test_markdown_as_lines_of_words_and_links() -> None:
    runs = as_runs(
        "Hello **Petra**,\nsee [the list](https://x.example/a) now.\n\n- one\n- [two](https://x.example/)"
    )

    assert runs == [
        [Run("Hello "), Run("Petra"), Run(",")],
        [Run("see "), Run("the list", "https://x.example/a"), Run(" now.")],
        [Run("• "), Run("one")],
        [Run("• "), Run("two", "https://x.example/")],
    ]


def test_a_long_post_is_cut_into_sections_that_slack_takes() -> None:
    lines = [[Run("x" * 100)] for _number in range(70)]
    blocks = SlackChannel.payload(_post_of(lines))["blocks"]

    texts = [block["text"]["text"] for block in blocks[1:-1]]
    assert sum(text.count("x") for text in texts) == 7000
    assert max(map(len, texts)) <= 3000


def _post_of(lines: list[list[Run]]) -> Any:
    return Post("Title", lines, "Open", "https://x.example/")


def test_a_post_reaches_no_mailbox_no_bell_and_no_other_chat(cast: Cast) -> None:
    webhook = hook(cast)
    hook(cast, "teams", "https://teams.example/x")
    email = post(cast, webhook)

    assert list(Envelope.objects.values_list("email_id", "channel")) == [(email.pk, "slack")]
    assert email.shown_at is None


def test_each_service_is_a_channel() -> None:
    chats = {name for name, channel in CHANNELS.items() if issubclass(channel, ChatChannel)}
    assert chats == set(IncomingWebhook.Service.values)


def test_every_refusal_of_an_address_has_words_of_its_own() -> None:
    assert set(IncomingWebhook.Problem.values) == {str(refusal) for refusal in Refusal}


def test_nothing_inside_is_posted_to(cast: Cast) -> None:
    with chat() as (address, posts):
        webhook = hook(cast, address=address)
        post(cast, webhook)
        dispatch()

    assert posts == []
    assert reloaded(webhook).problem == "inside"


def test_a_post_that_fails_is_tried_later_and_is_no_e_mail_given_up(cast: Cast) -> None:
    start = clock.now()
    with chat(status=500) as (address, posts):
        webhook = hook(cast, address=address)
        post(cast, webhook)
        dispatch([SlackChannel(loopback=True)])
        envelope = Envelope.objects.get()
        assert (envelope.state, envelope.answer, envelope.attempts) == ("due", "status", 0)
        assert reloaded(webhook).failing_since is not None
        with clock.at(start + timedelta(days=4)):
            dispatch([SlackChannel(loopback=True)])
        assert len(posts) == 2
    assert Envelope.objects.get().state == Envelope.State.DEAD
    with tenant(cast.acme):
        assert not given_up(cast.olga).exists()


def test_what_arrives_again_is_forgiven(cast: Cast) -> None:
    with chat(status=500) as (address, _posts):
        webhook = hook(cast, address=address)
        post(cast, webhook)
        dispatch([SlackChannel(loopback=True)])
    with tenant(cast.acme):
        sealed = IncomingWebhook.objects.get().sealed_address
    with chat() as (address, posts):
        _moved_to(webhook, address)
        with clock.at(clock.now() + timedelta(hours=1)):
            dispatch([SlackChannel(loopback=True)])
        assert len(posts) == 1
    row = reloaded(webhook)
    assert (row.failing_since, row.problem) == (None, "")
    assert row.posted_at is not None
    assert row.sealed_address != sealed


def _moved_to(webhook: IncomingWebhook, address: str) -> None:
    with tenant(webhook.organisation_id):
        IncomingWebhook.objects.update(sealed_address=seal(address, purpose=SEALED))


def test_after_three_days_nothing_is_posted_and_who_set_it_is_told(cast: Cast) -> None:
    program = make_program(cast.acme)
    webhook = hook(cast, by=cast.cora, program_id=program.pk)
    start = clock.now()
    with tenant(cast.acme):
        IncomingWebhook.objects.update(failing_since=start, problem="status")
        assert stop_failing_webhooks(at=start + timedelta(days=2)) == 0
        assert stop_failing_webhooks(at=start + timedelta(days=3)) == 1
        assert stop_failing_webhooks(at=start + timedelta(days=3)) == 0
        told = Email.objects.get(kind="metrics.chat_stopped")
        assert AuditEvent.objects.filter(verb="webhook.stopped", actor_id=None).count() == 1
    assert (told.member_id, told.link) == (
        cast.cora.pk,
        {"page": f"/o/acme/programs/{program.pk}/chats/"},
    )
    email = post(cast, webhook)
    dispatch([SlackChannel(loopback=True)])
    assert Envelope.objects.get(email_id=email.pk).state == Envelope.State.WITHDRAWN


def test_a_test_starts_it_again(cast: Cast) -> None:
    with chat() as (address, posts):
        webhook = hook(cast, address=address)
        with tenant(cast.acme):
            IncomingWebhook.objects.update(stopped_at=clock.now(), failing_since=clock.now())
            post_test(webhook=reloaded(webhook), page=PAGE, by=cast.olga)
        dispatch([SlackChannel(loopback=True)])
    assert posts[0][2]["text"] == "Acme: news of Roundtable is posted here"
    assert posts[0][2]["blocks"][-1]["elements"][0]["url"] == f"{settings.SITE_URL}{PAGE}"
    row = reloaded(webhook)
    assert (row.stopped_at, row.failing_since) == (None, None)


def test_the_address_is_sealed_audited_and_never_shown_again(cast: Cast) -> None:
    client = sign_in(cast.olga)
    added = client.post(PAGE, {"service": "slack", "address": ADDRESS})

    assert added.status_code == 302
    with tenant(cast.acme):
        row = IncomingWebhook.objects.get()
        assert ADDRESS not in row.sealed_address
        assert unseal(row.sealed_address, purpose=SEALED) == ADDRESS
        (event,) = AuditEvent.objects.filter(verb="webhook.added")
    assert (event.target_name, event.details) == ("Slack …abcd", {})
    page = main_of(client.get(PAGE))
    assert "Slack …abcd" in page
    assert "secret" not in page
    assert "services/T0" not in page


@pytest.mark.parametrize("address", ["http://x.example/a", "nonsense", "https://a b/", ""])
def test_what_is_no_address_is_refused_at_its_field(cast: Cast, address: str) -> None:
    answer = sign_in(cast.olga).post(PAGE, {"service": "slack", "address": address})

    assert answer.status_code == 422
    with tenant(cast.acme):
        assert not IncomingWebhook.objects.exists()


def test_one_for_each_service_and_place(cast: Cast) -> None:
    program = make_program(cast.acme)
    hook(cast)
    hook(cast, program_id=program.pk)
    hook(cast, "teams")
    answer = sign_in(cast.olga).post(PAGE, {"service": "slack", "address": ADDRESS})

    assert answer.status_code == 422
    assert "News is posted there already" in answer.content.decode()


def test_what_waits_is_not_posted_after_the_address_is_removed(cast: Cast) -> None:
    webhook = hook(cast)
    email = post(cast, webhook)
    with tenant(cast.acme):
        remove_webhook(webhook=webhook, by=cast.olga)

    dispatch([SlackChannel(loopback=True)])
    assert Envelope.objects.get(email_id=email.pk).state == Envelope.State.WITHDRAWN
    assert mail.outbox == []


def test_owners_set_the_organisations_and_coordinators_those_of_programs_they_run(
    cast: Cast,
) -> None:
    program, other = make_program(cast.acme), make_program(cast.acme, name="Other")
    with tenant(cast.acme):
        run_only(cast.cora, program)
    of_other = hook(cast, program_id=other.pk)

    def answers(member: Member) -> list[int]:
        client = sign_in(member)
        slug = cast.acme.slug
        return [
            client.get(PAGE).status_code,
            client.get(reverse("programs:chats", args=[slug, program.pk])).status_code,
            client.get(reverse("programs:chats", args=[slug, other.pk])).status_code,
            client.post(
                reverse("programs:test_chat", args=[slug, program.pk, of_other.pk])
            ).status_code,
        ]

    assert answers(cast.olga) == [200, 200, 200, 404]
    assert answers(cast.cora) == [403, 200, 404, 404]
    assert answers(cast.petra) == [403, 403, 403, 403]


def test_the_page_removes_and_tests(cast: Cast) -> None:
    webhook = hook(cast)
    client = sign_in(cast.olga)
    slug = cast.acme.slug

    client.post(reverse("accounts:test_chat", args=[slug, webhook.pk]))
    with tenant(cast.acme):
        assert Email.objects.filter(kind="accounts.chat_test", webhook=webhook).count() == 1
    client.post(reverse("accounts:remove_chat", args=[slug, webhook.pk]))
    with tenant(cast.acme):
        assert not IncomingWebhook.objects.exists()
        verbs = list(AuditEvent.objects.filter(verb__startswith="webhook").values_list("verb"))
    assert sorted(verbs) == [("webhook.added",), ("webhook.removed",), ("webhook.tested",)]
