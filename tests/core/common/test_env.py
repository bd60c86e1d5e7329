"""EMAIL_URL is understood fully or refused by name: never half, never unencrypted by mistake."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.common.env import MailServer, mail_server


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 25, "", "", False, False)),
        ("smtp://127.0.0.1:2525", MailServer("127.0.0.1", 2525, "", "", False, False)),
        ("smtps://mail.example", MailServer("mail.example", 465, "", "", True, False)),
        ("smtp+ssl://mail.example", MailServer("mail.example", 465, "", "", True, False)),
        ("smtp+tls://mail.example", MailServer("mail.example", 587, "", "", False, True)),
        ("smtp+starttls://mail.example", MailServer("mail.example", 587, "", "", False, True)),
        ("smtps://mail.example:2465/", MailServer("mail.example", 2465, "", "", True, False)),
        ("SMTPS://Mail.Example", MailServer("mail.example", 465, "", "", True, False)),
        ("smtp://[::1]:1025", MailServer("::1", 1025, "", "", False, False)),
        (
            "smtp+tls://user%40x.org:p%2Fw%3A%23%25@mail.example",
            MailServer("mail.example", 587, "user@x.org", "p/w:#%", False, True),
        ),
        ("smtps://key@mail.example", MailServer("mail.example", 465, "key", "", True, False)),
    ],
)
def test_a_mail_server_is_what_its_url_says(monkeypatch, url: str, server: MailServer) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    assert mail_server("EMAIL_URL", "") == server


@pytest.mark.parametrize(
    "url",
    [
        "smtp+start://mail.example",
        "http://mail.example",
        "mail.example:25",
        "smtp://",
        "smtps://user:se/cret@mail.example",
        "smtps://user:se#cret@mail.example",
        "smtps://user:se?cret@mail.example",
        "smtp://mail.example:secret",
        "smtp://mail.example:99999",
        "smtp://mail.example/?tls=yes",
        "smtp://[mail.example",
    ],
)
def test_what_is_not_understood_is_refused_without_its_words(monkeypatch, url: str) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(ImproperlyConfigured) as refusal:
        mail_server("EMAIL_URL", "")
    assert str(refusal.value).startswith("EMAIL_URL ")
    assert "cret" not in str(refusal.value)
    assert refusal.value.__cause__ is None or "cret" not in str(refusal.value.__cause__)
