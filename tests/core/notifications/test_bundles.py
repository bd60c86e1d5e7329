"""What one act has to say to one person is one e-mail, with every event that it brings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTPServerDisconnected
from uuid import UUID

import pytest
from django.core import mail
from django.core.mail import get_connection
from django.core.mail.backends.locmem import EmailBackend

from core.common import clock
from core.common.ids import new_id
from core.members.models import Member
from core.notifications.channels.email import EmailChannel
from core.notifications.dispatch import LEASE, claim, dispatch
from core.notifications.models import Email, Envelope
from core.notifications.operations import CalendarPart, Link, mute, withdraw
from core.tenancy.context import tenant
from devtools import mail_server
from tests.cast import Cast
from tests.core.notifications.build import envelope_of, make_email, reloaded

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOLD = timedelta(seconds=90)
State = Envelope.State


@pytest.fixture(autouse=True)
def hold(settings) -> None:
    settings.NOTIFICATION_HOLD = HOLD


def event(name: str, method: str = "CANCEL", sequence: int = 1) -> CalendarPart:
    lines = [
        "BEGIN:VCALENDAR",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{name}@acme",
        f"SEQUENCE:{sequence}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return CalendarPart(f"{name}.ics", method, "\r\n".join(lines) + "\r\n")


def the_end(member: Member, cause: UUID) -> tuple[Email, Email, Email]:
    """One act as two apps and three floors tell it, the sessions first."""
    return (
        make_email(
            member,
            kind="sessions.taken_back",
            link=Link(page="sessions/"),
            context={"program": "Leading Circles", "name": member.given_name},
            calendar=[event("one"), event("two")],
            cause=cause,
        ),
        make_email(
            member,
            kind="pairing.parted",
            link=Link(page="parting/"),
            context={"partnership": "Ada & Ben", "program": "Leading Circles"},
            cause=cause,
        ),
        make_email(member, calendar=[event("three")], cause=cause),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[tuple[Path, EmailChannel]]:
    """Run the real mail server of the demo; what arrives is a file."""
    path = tmp_path / "mail"
    with mail_server.running(path) as port:
        backend = "django.core.mail.backends.smtp.EmailBackend"
        yield path, EmailChannel(get_connection(backend, host="127.0.0.1", port=port))


def arrived(path: Path) -> list[EmailMessage]:
    return [
        message_from_bytes(file.read_bytes(), policy=policy.default)
        for file in sorted(path.glob("*.eml"))
    ]


def uids(message: EmailMessage) -> list[str]:
    texts = [part.get_content() for part in message.iter_attachments()]
    return sorted(line for text in texts for line in text.splitlines() if line.startswith("UID"))


def test_one_act_is_one_mail_with_one_button_a_line_for_the_rest_and_every_event(
    cast: Cast, folder: tuple[Path, EmailChannel]
) -> None:
    path, channel = folder
    with clock.at(NOON):
        emails = the_end(cast.petra, new_id())
        assert dispatch([channel]) == 0
    with clock.at(NOON + HOLD):
        assert (dispatch([channel]), dispatch([channel])) == (1, 0)

    (message,) = arrived(path)
    assert message["Subject"] == "Ada & Ben has ended"
    assert uids(message) == ["UID:one@acme", "UID:three@acme", "UID:two@acme"]
    body = message.get_body(("html",))
    assert body is not None
    html = body.get_content()
    assert html.count("display:inline-block") == 1
    assert "/o/acme/parting/" in html
    for line in ("We are matching you again in Leading Circles", "How did it go with Circle"):
        assert line in html
    text = message.get_body(("plain",))
    assert text is not None
    assert "/o/acme/sessions/" in text.get_content()
    assert [envelope_of(email).state for email in emails] == [State.SENT] * 3
    assert all(reloaded(email).sent_at for email in emails)


def test_what_is_caused_a_minute_later_still_joins_and_other_people_get_their_own(
    cast: Cast,
) -> None:
    cause = new_id()
    with clock.at(NOON):
        make_email(cast.petra, cause=cause)
        make_email(cast.pavel, cause=cause)
        make_email(cast.petra, cause=new_id())
        make_email(cast.petra)
        assert dispatch() == 1  # nothing caused it: nothing is waited for
    with clock.at(NOON + timedelta(seconds=60)):
        make_email(cast.petra, cause=cause)
    with clock.at(NOON + HOLD):
        assert dispatch() == 3
    with clock.at(NOON + 2 * HOLD):
        assert dispatch() == 0


def test_the_second_try_is_the_same_byte_for_byte_and_nothing_joins_it(cast: Cast) -> None:
    class Dying(EmailBackend):
        def send_messages(self, messages):
            super().send_messages(messages)
            raise SMTPServerDisconnected

    cause = new_id()
    with clock.at(NOON):
        the_end(cast.petra, cause)
    with clock.at(NOON + HOLD):
        assert dispatch([EmailChannel(Dying())]) == 0
        late = make_email(cast.petra, cause=cause)
    with clock.at(NOON + 2 * HOLD):
        assert dispatch() == 2

    first, again, third = mail.outbox  # in the order in which they are due
    assert first.message().as_bytes() == again.message().as_bytes()
    assert third.extra_headers["Message-ID"] != first.extra_headers["Message-ID"]
    assert envelope_of(late).state == State.SENT


def test_a_worker_that_dies_leaves_the_whole_bundle_to_the_next(cast: Cast) -> None:
    with clock.at(NOON):
        emails = the_end(cast.petra, new_id())
    with clock.at(NOON + HOLD):
        (mine,) = claim("email")
        assert set(mine.email_ids) == {email.pk for email in emails}
        assert len(mine.email_ids) == 3
        assert claim("email") == []
    with clock.at(NOON + HOLD + LEASE + timedelta(seconds=1)):
        assert dispatch() == 1
    assert {envelope_of(email).attempts for email in emails} == {2}


def test_what_was_taken_back_has_no_line_and_brings_no_event(cast: Cast) -> None:
    with clock.at(NOON):
        sessions, _parted, check_in = the_end(cast.petra, new_id())
        with tenant(cast.acme):
            assert withdraw(about=check_in.about_id) == 1
    with clock.at(NOON + HOLD):
        assert dispatch() == 1
    (sent,) = mail.outbox
    assert "How did it go" not in sent.body
    assert sorted(name for name, *_ in sent.attachments) == ["one.ics", "two.ics"]
    assert reloaded(sessions).sent_at
    assert reloaded(check_in).sent_at is None


def test_a_muted_kind_has_no_line_but_its_cancellations_reach_the_calendar(cast: Cast) -> None:
    cause = new_id()
    with tenant(cast.acme):
        for kind in ("pairing.parted", "feedback.check_in"):
            mute(member=cast.petra, kind=kind, channel="email")
    with clock.at(NOON):
        the_end(cast.petra, cause)
        moot = make_email(cast.petra, calendar=[event("four", "REQUEST")], cause=cause)
    with clock.at(NOON + HOLD):
        assert dispatch() == 1
    (sent,) = mail.outbox
    assert "has ended" not in sent.body
    assert sorted(name for name, *_ in sent.attachments) == ["one.ics", "three.ics", "two.ics"]
    assert envelope_of(moot).state == State.WITHDRAWN


def test_a_muted_cancellation_that_is_alone_still_goes(cast: Cast) -> None:
    with tenant(cast.acme):
        mute(member=cast.petra, kind="feedback.check_in", channel="email")
    make_email(cast.petra, calendar=[event("one"), event("two", "REQUEST")])
    assert dispatch() == 1
    assert [name for name, *_ in mail.outbox[0].attachments] == ["one.ics"]


def test_an_event_comes_once_as_it_was_said_last(cast: Cast) -> None:
    cause = new_id()
    with clock.at(NOON):
        make_email(cast.petra, calendar=[event("one", "REQUEST", 1)], cause=cause)
        make_email(cast.petra, calendar=[event("one", "CANCEL", 2)], cause=cause)
    with clock.at(NOON + HOLD):
        assert dispatch() == 1
    ((_, content, _),) = mail.outbox[0].attachments
    assert "SEQUENCE:2" in content
