"""Bounces: what came back is given up and its address marked; whatever else comes in is nothing."""

from __future__ import annotations

import random
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core.common.ids import new_id
from core.notifications.bounces import Bounce, parse, take
from core.notifications.channels.email import token_of
from core.notifications.dispatch import dispatch
from core.notifications.models import BouncingAddress, Email, Envelope
from core.tenancy.context import tenant
from tests.cast import Cast
from tests.core.notifications.build import envelope_of, make_email

EMAIL_ID = new_id()
REPORT = """\
From: MAILER-DAEMON@relay.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

Your message could not be delivered. 550 5.1.1 unknown.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Arrival-Date: Mon, 2 Mar 2026 12:00:00 +0000

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <{recipient}>: unknown

--b1
Content-Type: {returned}

Message-ID: {message_id}
To: {recipient}
Subject: How did it go with Circle Wye?

--b1--
"""


def report(email_id=EMAIL_ID, **parts: str) -> bytes:
    parts = {
        "to": "bounces@roundtable.example",
        "recipient": "petra@acme.example",
        "action": "failed",
        "status": "5.1.1",
        "returned": "text/rfc822-headers",
        "message_id": f"<{token_of(email_id)}@roundtable.example>",
    } | parts
    return REPORT.format(**parts).replace("\n", "\r\n").encode()


def sent(cast: Cast) -> Email:
    email = make_email(cast.petra)
    assert dispatch() == 1
    return email


def marks(cast: Cast) -> list[tuple[str, str, bool]]:
    with tenant(cast.acme):
        rows = BouncingAddress.objects.values_list("address", "answer", "reported")
        return list(rows)


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
@pytest.mark.parametrize("by", ["message-id", "address"])
def test_a_report_is_read(returned: str, by: str) -> None:
    ways = {
        "message-id": {},
        "address": {
            "to": f"<bounces+{token_of(EMAIL_ID).upper()}@roundtable.example>",
            "message_id": "<rewritten@relay.example>",
        },
    }
    bounce = parse(report(returned=returned, **ways[by]))
    assert bounce == Bounce(EMAIL_ID, "5.1.1", frozenset({"petra@acme.example"}))


def test_what_came_back_is_given_up_and_its_address_marked(cast: Cast) -> None:
    email = sent(cast)
    for _twice in range(2):
        assert take(report(email.pk))
    envelope = envelope_of(email)
    assert (envelope.state, envelope.answer) == (Envelope.State.DEAD, "5.1.1")
    assert marks(cast) == [("petra@acme.example", "5.1.1", True)]


def test_what_went_as_one_message_came_back_as_one(cast: Cast) -> None:
    cause = new_id()
    emails = [make_email(cast.petra, cause=cause) for _ in range(3)]
    assert dispatch() == 1
    head = mail.outbox[0].extra_headers["Message-ID"]
    assert take(report(message_id=head))
    assert {envelope_of(email).state for email in emails} == {Envelope.State.DEAD}


@pytest.mark.parametrize(
    ("status", "recipient", "marked"),
    [
        ("5.2.1", "Petra@Acme.example", True),
        ("5.7.1", "petra@acme.example", False),
        ("5.1.1", "petra.old@acme.example", False),  # she has another address by now
    ],
)
def test_an_address_is_marked_where_it_is_to_blame(cast, status, recipient, marked) -> None:
    email = sent(cast)
    assert take(report(email.pk, status=status, recipient=recipient))
    assert envelope_of(email).state == Envelope.State.DEAD
    assert bool(marks(cast)) is marked


def automatic_reply() -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "petra@acme.example", "bounces@roundtable.example"
    message["Auto-Submitted"] = "auto-replied"
    message["In-Reply-To"] = f"<{token_of(EMAIL_ID)}@roundtable.example>"
    message.set_content("I am away until Monday. 5.1.1")
    return message.as_bytes(policy=policy.SMTP)


FORGED = f"<{token_of(EMAIL_ID)[:25]}{'0' * 11}@roundtable.example>"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 500,
        automatic_reply(),
        report(action="delayed", status="4.4.1"),
        report(action="delivered", status="2.0.0"),
        report(message_id=FORGED),
        report(message_id="<somebody@else.example>"),
        report().replace(b"report-type=delivery-status", b"report-type=disposition-notification"),
        report().replace(b"multipart/report", b"multipart/mixed"),
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 3000,
    ],
)
def test_whatever_else_comes_in_is_nothing(raw: bytes) -> None:
    assert parse(raw) is None


def test_a_report_of_an_email_that_is_gone_is_nothing(cast: Cast) -> None:
    assert not take(report(new_id()))


@given(st.integers(min_value=0))
def test_no_mutated_message_is_an_exception(seed: int) -> None:
    draw = random.Random(seed)
    raw = bytearray(report(returned=draw.choice(["text/rfc822-headers", "message/rfc822"])))
    for _change in range(draw.randint(1, 40)):
        at = draw.randrange(len(raw))
        match draw.randrange(4):
            case 0:
                raw[at] = draw.randrange(256)
            case 1:
                del raw[at : at + draw.randint(1, 60)]
            case 2:
                raw[at:at] = draw.randbytes(draw.randint(1, 20))
            case 3:
                start = draw.randrange(len(raw))
                raw[at:at] = raw[start : start + draw.randint(1, 200)]
        raw = raw or bytearray(b"\n")
    bounce = parse(bytes(raw))
    assert bounce is None or bounce.email_id == EMAIL_ID


def test_a_maildir_is_read_once(cast: Cast, tmp_path: Path, capsys) -> None:
    email = sent(cast)
    with pytest.raises(CommandError):
        call_command("read_mail", str(tmp_path))
    for folder in ("new", "cur", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "new" / "1").write_bytes(report(email.pk))
    (tmp_path / "new" / "2").write_bytes(automatic_reply())
    for _twice in range(2):
        call_command("read_mail", str(tmp_path))
    assert capsys.readouterr().out.splitlines() == [
        "1 bounce, 1 ignored",
        "nothing new",
    ]
    assert envelope_of(email).state == Envelope.State.DEAD


def post(raw: bytes, key: str = "k" * 32) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    answer = Client(enforce_csrf_checks=True).post(
        "/mail/inbound/", raw, content_type="message/rfc822", headers=headers
    )
    return answer.status_code


def test_a_relay_posts_it_with_a_key(cast: Cast, settings) -> None:
    email = sent(cast)
    assert post(report(email.pk)) == 404  # nobody has set one
    settings.INBOUND_MAIL_KEY = "k" * 32
    assert post(report(email.pk), "wrong") == 401
    assert post(report(email.pk), "ключ") == 401
    assert envelope_of(email).state == Envelope.State.SENT
    assert post(report(email.pk)) == 204
    assert envelope_of(email).state == Envelope.State.DEAD
    assert post(b"\x00" * 10_000_000) == 204
    assert post(b"\x00" * 13_000_000) == 413
    assert post(automatic_reply()) == 204


def test_with_a_mailbox_for_bounces_each_email_names_itself_as_its_sender(
    cast: Cast, settings
) -> None:
    settings.BOUNCE_ADDRESS = "bounces@mail.roundtable.example"
    email = sent(cast)
    (message,) = mail.outbox
    assert message.from_email == f"bounces+{token_of(email.pk)}@mail.roundtable.example"
    assert len(message.from_email.partition("@")[0]) <= 64  # RFC 5321, 4.5.3.1.1
    assert parseaddr(message.message()["From"])[1] == parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
