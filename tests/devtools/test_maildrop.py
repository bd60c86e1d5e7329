"""The mail server of demo and tests, spoken to over a real socket."""

from __future__ import annotations

import smtplib
import subprocess
import sys
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from devtools import mail_server
from devtools.mail_server import NoSuchEmail, read_email, recent_emails


def make_message(*, subject: str = "Grüße", to: str = "mia@acme.example") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Roundtable <hello@roundtable.example>"
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = datetime(2026, 3, 2, 12, tzinfo=UTC)
    message["Message-ID"] = "<email-1@roundtable.example>"
    message.set_content("Answer here (http://127.0.0.1:8000/l/check-in/abc/?a=1&b=2).\n")
    message.add_alternative(
        '<p><a href="http://127.0.0.1:8000/l/check-in/abc/?a=1&amp;b=2">Answer</a>'
        '<a href="javascript:alert(1)">no</a><a href="https://acme.example/">us</a></p>',
        subtype="html",
    )
    return message


def send(port: int, message: EmailMessage, *also_to: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        server.send_message(message, to_addrs=[message["To"], *also_to])


def test_a_email_comes_back_as_it_was_sent(tmp_path: Path) -> None:
    with mail_server.running(tmp_path / "mail") as port:
        send(port, make_message(), "hidden@acme.example")

    (email,) = recent_emails(tmp_path / "mail")

    assert email.subject == "Grüße"
    assert email.sender == "Roundtable <hello@roundtable.example>"
    assert email.to == ("mia@acme.example", "hidden@acme.example")
    assert email.date == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert email.message_id == "<email-1@roundtable.example>"
    assert email.text.startswith("Answer here (http")
    assert email.html.startswith("<p><a href=")
    assert email.attachments == ()
    assert email == read_email(tmp_path / "mail", email.id)


@pytest.mark.parametrize(
    ("header", "date"),
    [
        ("Mon, 02 Mar 2026 12:00:00 -0000", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 13:00:00 +0100", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 12:00:00", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("yesterday", None),
    ],
)
def test_a_date_is_an_instant_or_nothing(
    tmp_path: Path, header: str, date: datetime | None
) -> None:
    message = make_message()
    del message["Date"]
    message["Date"] = header
    name = "1" * 20 + "-000000"
    (tmp_path / f"{name}.eml").write_bytes(message.as_bytes())

    assert read_email(tmp_path, name).date == date


def test_links_are_those_of_the_web_each_once(tmp_path: Path) -> None:
    with mail_server.running(tmp_path) as port:
        send(port, make_message())

    (email,) = recent_emails(tmp_path)

    assert email.links == (
        "http://127.0.0.1:8000/l/check-in/abc/?a=1&b=2",
        "https://acme.example/",
    )


def test_attachments_are_named(tmp_path: Path) -> None:
    message = make_message()
    message.add_attachment(b"BEGIN:VCALENDAR", "text", "calendar", filename="session.ics")
    with mail_server.running(tmp_path) as port:
        send(port, message)

    (email,) = recent_emails(tmp_path)

    assert email.attachments == ("session.ics",)


def test_the_newest_email_is_first_and_old_ones_are_left_out(tmp_path: Path) -> None:
    with mail_server.running(tmp_path) as port:
        for number in range(5):
            send(port, make_message(subject=f"E-mail {number}"))

    newest = recent_emails(tmp_path, limit=3)

    assert [email.subject for email in newest] == ["E-mail 4", "E-mail 3", "E-mail 2"]


def test_a_folder_that_is_not_there_holds_no_emails(tmp_path: Path) -> None:
    assert recent_emails(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(
    "id",
    [
        "",
        "../secret",
        "/etc/passwd",
        "..%2fsecret",
        "secret",
        "0" * 20 + "-000000",
        "0" * 20 + "-000000\n",
        "٠" * 20 + "-000000",
        "a" * 10_000,
        "\0",
    ],
)
def test_only_ids_of_emails_are_read(tmp_path: Path, id: str) -> None:
    (tmp_path / "secret.eml").write_text("Subject: not an e-mail\n\nx")
    (tmp_path.parent / "secret.eml").write_text("Subject: outside\n\nx")

    with pytest.raises(NoSuchEmail):
        read_email(tmp_path, id)
    assert recent_emails(tmp_path) == ()


def test_a_email_nobody_can_decode_is_still_listed(tmp_path: Path) -> None:
    raw = b"Subject: odd\r\nDate: never\r\nContent-Type: text/plain; charset=x-none\r\n\r\n\xff\xfe"
    (tmp_path / f"{'1' * 20}-000000.eml").write_bytes(raw)

    (email,) = recent_emails(tmp_path)

    assert (email.subject, email.date, email.text) == ("odd", None, "")


def test_a_taken_port_is_refused_at_once(tmp_path: Path) -> None:
    with (
        mail_server.running(tmp_path) as port,
        pytest.raises(OSError, match="address already in use"),
        mail_server.running(tmp_path, port=port),
    ):
        pass


def test_it_runs_as_a_program_and_ends_when_told(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "devtools.mail_server",
        "--port",
        "0",
        "--folder",
        str(tmp_path),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        port = int(program.stdout.readline().split(":")[1].split()[0])
        send(port, make_message(subject="To the program"))
        program.terminate()
        assert program.wait(10) == 0

    assert [email.subject for email in recent_emails(tmp_path)] == ["To the program"]
