"""Sign-in mail: the page waits for no mail server, and no code lies about longer than it must."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from core.common import clock
from core.notifications import sign_in
from core.notifications.models import SignInEmail
from devtools import mail_server
from tests.cast import Cast
from tests.core.accounts.test_signing_in import SIGN_UP
from tests.core.notifications.build import make_email
from tests.work import run

SMTP = "django.core.mail.backends.smtp.EmailBackend"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Failing(EmailBackend):
    error: Exception = SMTPServerDisconnected("secret petra@acme.example")

    def send_messages(self, messages):
        raise self.error


FAILING = f"{__name__}.Failing"


@contextmanager
def hanging() -> Iterator[int]:
    """Listen, and never say a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@contextmanager
def away() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    yield port


@pytest.mark.parametrize("server", [hanging, away])
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/account/signup/", SIGN_UP),
        ("/account/login/code/", {"email": "petra@acme.example"}),
        ("/account/password/reset/", {"email": "petra@acme.example"}),
        ("/account/password/reset/", {"email": "nobody@nowhere.example"}),
    ],
)
def test_a_page_waits_for_no_mail_server(cast: Cast, settings, server, path, fields) -> None:
    settings.EMAIL_BACKEND = SMTP
    with server() as settings.EMAIL_PORT:
        started = time.monotonic()
        answer = Client().post(path, fields, follow=True)
        assert time.monotonic() - started < 1
    assert answer.status_code == 200
    assert SignInEmail.objects.count() == 1
    assert mail.outbox == []


def test_while_the_server_is_away_it_costs_no_try_and_then_it_is_sent(
    cast: Cast, settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = SMTP
    Client().post("/account/login/code/", {"email": cast.petra.email})
    with away() as settings.EMAIL_PORT:
        assert sign_in.send_due() == 0
    assert SignInEmail.objects.get().attempts == 0
    with mail_server.running(tmp_path) as settings.EMAIL_PORT:
        assert sign_in.send_due() == 1
    (sent,) = mail_server.recent_emails(tmp_path)
    assert sent.to == (cast.petra.email,)
    assert sent.message_id.endswith("@roundtable.example>")
    assert not SignInEmail.objects.exists()  # nor the code


def test_who_has_waited_too_long_is_not_sent_an_old_code(cast: Cast, caplog) -> None:
    with clock.at(NOON):
        Client().post("/account/login/code/", {"email": cast.petra.email})
    with clock.at(NOON + sign_in.LIFE + timedelta(seconds=1)):
        assert sign_in.send_due() == 0
        assert not SignInEmail.objects.exists()
    assert mail.outbox == []
    assert "petra" not in caplog.text


def test_three_tries_then_it_is_gone_with_an_alarm(cast: Cast, settings, caplog) -> None:
    settings.EMAIL_BACKEND = FAILING
    tried = []
    with clock.at(NOON):
        Client().post("/account/login/code/", {"email": cast.petra.email})
    for second in range(0, 300, 10):
        with clock.at(NOON + timedelta(seconds=second)):
            before = [row.attempts for row in SignInEmail.objects.all()]
            sign_in.send_due()
            if [row.attempts for row in SignInEmail.objects.all()] != before:
                tried.append(second)
    assert tried == [0, 40, 80]
    assert not SignInEmail.objects.exists()
    assert sum(record.levelno == logging.ERROR for record in caplog.records) == 1
    assert "petra" not in caplog.text


@pytest.mark.parametrize(
    "error",
    [SMTPDataError(554, b"no"), SMTPRecipientsRefused({"petra@acme.example": (550, b"no")})],
)
def test_what_is_refused_for_good_is_gone_at_once(
    cast: Cast, settings, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    settings.EMAIL_BACKEND = FAILING
    monkeypatch.setattr(Failing, "error", error)
    Client().post("/account/login/code/", {"email": cast.petra.email})
    assert sign_in.send_due() == 0
    assert not SignInEmail.objects.exists()


def test_another_may_be_asked_for_while_one_waits(cast: Cast) -> None:
    for _ in range(2):
        Client().post("/account/login/code/", {"email": cast.petra.email})
    assert sign_in.send_due() == 2
    assert len({email.extra_headers["Message-ID"] for email in mail.outbox}) == 2


def test_a_code_does_not_wait_for_a_batch_of_others(cast: Cast) -> None:
    make_email(cast.petra)
    Client().post("/account/login/code/", {"email": cast.petra.email})
    run("notifications.dispatch")
    assert [email.subject for email in mail.outbox][1] == "How did it go with Circle Wye?"
    assert not SignInEmail.objects.exists()
