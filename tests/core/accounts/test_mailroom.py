"""The demo's mail: listed, read, its links live, its HTML harmless; absent without DEBUG."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from django.urls import include, path

from devtools.mail_server import recent_emails, running
from mentoring.urls import urlpatterns as house
from tests.core.accounts.test_signing_in import SIGN_UP
from tests.work import run

urlpatterns = [*house, path("_mail/", include("devtools.mail_page"))]

HTML = """<!doctype html><html><head><style>p{color:red}</style><script>alert(1)</script></head>
<body style="margin:0"><p onclick="x()">Hello <a href="https://roundtable.example/l/x/">open</a>
<a href="javascript:alert(1)">bad</a><img src="https://evil.example/p.gif"></p></body></html>"""


@pytest.fixture
def mail_folder(tmp_path: Path, settings) -> Path:
    settings.MAIL_FOLDER = tmp_path
    settings.ROOT_URLCONF = __name__
    return tmp_path


def send(folder: Path, subject: str) -> None:
    email = EmailMessage()
    email["Subject"], email["From"], email["To"] = subject, "a@x.example", "b@x.example"
    email["Date"] = "Mon, 06 Oct 2025 10:00:00 +0000"
    email.set_content("Open https://roundtable.example/l/x/ now")
    email.add_alternative(HTML, subtype="html")
    with running(folder) as port, smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(email)


def test_an_empty_room_says_what_to_do(mail_folder: Path):
    page = Client().get("/_mail/").content.decode()
    assert "No e-mails yet" in page


def test_emails_are_listed_and_read_with_live_links(mail_folder: Path):
    send(mail_folder, "Hello <b>you</b>")
    page = Client().get("/_mail/").content.decode()
    assert "Hello &lt;b&gt;you&lt;/b&gt;" in page
    email = recent_emails(mail_folder)[0]
    main = Client().get(f"/_mail/{email.id}/").content.decode().partition("<main")[2]
    assert 'href="https://roundtable.example/l/x/"' in main
    for harm in ("<script", "style=", "onclick", "javascript:", "<img", "color:red", "alert(1)"):
        assert harm not in main


def test_the_email_of_a_sign_up_is_listed_and_read(db, mail_folder: Path, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with running(mail_folder) as settings.EMAIL_PORT:
        answer = Client().post("/account/signup/", SIGN_UP)
        run("notifications.send_sign_in")
    assert answer.status_code == 302
    (confirmation,) = recent_emails(mail_folder)

    assert SIGN_UP["email"] in Client().get("/_mail/").content.decode()
    assert Client().get(f"/_mail/{confirmation.id}/").status_code == 200


@pytest.mark.parametrize("id", ["x", "..%2f..%2fetc", "00000000000000000001-000000"])
def test_what_is_no_email_is_not_found(mail_folder: Path, id: str):
    assert Client().get(f"/_mail/{id}/").status_code == 404


def test_without_debug_there_is_no_such_room(db):
    assert Client().get("/_mail/").status_code == 404


def test_emails_are_found_by_words_of_subject_and_address(mail_folder: Path):
    send(mail_folder, "Your check-in is open")
    send(mail_folder, "You are working with Ada")

    page = Client().get("/_mail/", {"q": "CHECK-in"}).content.decode()
    assert "Your check-in is open" in page
    assert "working with Ada" not in page
    assert "No e-mail has these words" in Client().get("/_mail/?q=nothing").content.decode()
