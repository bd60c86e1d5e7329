"""Dispatch: what is due goes out once, what failed is tried again, what is moot stays."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from smtplib import (
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.common import clock
from core.common.ids import new_id
from core.members.models import Key, Member
from core.notifications import bounces
from core.notifications import dispatch as notifications_dispatch
from core.notifications.channels.email import EmailChannel
from core.notifications.dispatch import LEASE, TRIES, claim, dispatch
from core.notifications.models import BouncingAddress, Email, Envelope
from core.notifications.operations import Draft, Link, enqueue_all, mute, unmute, withdraw
from core.tenancy.context import tenant
from tests.cast import Cast, make_member
from tests.core.notifications.build import CONTEXT, envelope_of, make_email, reloaded

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
State = Envelope.State


class Refusing(EmailBackend):
    """Takes e-mails for everybody but one person."""

    def __init__(self, whom: str, error: Exception) -> None:
        super().__init__()
        self.whom, self.error = whom, error

    def send_messages(self, messages):
        if messages[0].to == [self.whom]:
            raise self.error
        return super().send_messages(messages)


class Closed(BaseEmailBackend):
    """A mail server that is not there."""

    def open(self):
        raise ConnectionRefusedError

    def send_messages(self, messages):
        raise AssertionError("nobody may post here")


def test_a_due_email_goes_out_once(cast: Cast) -> None:
    email = make_email(cast.petra)

    assert dispatch() == 1
    assert dispatch() == 0

    (sent,) = mail.outbox
    assert sent.to == ["petra@acme.example"]
    assert sent.subject == "How did it go with Circle Wye?"
    assert envelope_of(email).state == State.SENT
    assert reloaded(email).sent_at is not None


def test_emails_of_every_organisation_go_out_in_one_run(cast: Cast) -> None:
    make_email(cast.petra)
    make_email(cast.greta)

    assert dispatch() == 2
    assert {to for sent in mail.outbox for to in sent.to} == {
        "petra@acme.example",
        "greta@globex.example",
    }


def test_more_emails_than_a_batch_go_out_in_one_run(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications_dispatch, "BATCH", 3)
    for _ in range(8):
        make_email(cast.petra)

    assert dispatch() == 8


def test_a_email_waits_until_it_is_due(cast: Cast) -> None:
    with clock.at(NOON):
        make_email(cast.petra, due_at=NOON + timedelta(hours=1))
        assert dispatch() == 0
    with clock.at(NOON + timedelta(hours=1)):
        assert dispatch() == 1


def test_one_reason_has_one_email(cast: Cast) -> None:
    make_email(cast.petra, dedupe_key="once")
    with tenant(cast.acme):
        again = enqueue_all(
            [
                Draft(cast.petra, "feedback.check_in", key, Link(page=""), CONTEXT)
                for key in ("once", "twice", "twice")
            ]
        )
        assert [email.dedupe_key for email in again] == ["twice"]
    assert Envelope.objects.count() == 2


def test_the_same_reason_elsewhere_is_another_email(cast: Cast) -> None:
    make_email(cast.petra, dedupe_key="once")
    make_email(cast.greta, dedupe_key="once")

    assert dispatch() == 2
    assert len({sent.extra_headers["Message-ID"] for sent in mail.outbox}) == 2


def test_many_emails_of_one_transaction_say_look_now_once(
    cast: Cast, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks() as hints:
        make_email(cast.petra)
        make_email(cast.pavel)
    assert len(hints) == 1


def test_a_withdrawn_email_is_not_sent(cast: Cast) -> None:
    email = make_email(cast.petra)
    with tenant(cast.acme):
        assert withdraw(about=email.about_id) == 1

    assert dispatch() == 0
    assert envelope_of(email).state == State.WITHDRAWN


def test_a_email_withdrawn_after_the_claim_is_not_sent(cast: Cast) -> None:
    email = make_email(cast.petra)
    (mine,) = claim("email")
    with tenant(cast.acme):
        Email.objects.update(withdrawn_at=clock.now())

    assert notifications_dispatch._send(mine, EmailChannel(EmailBackend())) is False
    assert (len(mail.outbox), envelope_of(email).state) == (0, State.WITHDRAWN)


def test_nobody_who_has_left_is_written_to(cast: Cast) -> None:
    email = make_email(cast.petra)
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state=Member.State.LEFT)

    assert dispatch() == 0
    assert envelope_of(email).state == State.WITHDRAWN
    assert reloaded(email).withdrawn_at is not None


def test_an_invited_person_is_written_to(cast: Cast) -> None:
    make_email(make_member(cast.acme, "Ines", live=False))

    assert dispatch() == 1


def test_a_closed_organisation_sends_nothing(cast: Cast) -> None:
    make_email(cast.petra)
    cast.acme.closed_at = clock.now() - timedelta(days=4)  # in the first three CANCELs may go
    cast.acme.save()

    assert dispatch() == 0


def test_a_muted_kind_is_not_sent_until_it_is_wanted_again(cast: Cast) -> None:
    with tenant(cast.acme):
        mute(member=cast.petra, kind="feedback.check_in", channel="email")
        mute(member=cast.petra, kind="feedback.check_in", channel="email")
    make_email(cast.petra)
    make_email(cast.pavel)
    assert dispatch() == 1

    with tenant(cast.acme):
        unmute(member=cast.petra, kind="feedback.check_in", channel="email")
    make_email(cast.petra)
    assert dispatch() == 1


def test_a_email_that_brings_a_key_cannot_be_muted(cast: Cast) -> None:
    link = Link(key=Key.Kind.INVITATION, object_id=cast.petra.pk)
    email = make_email(cast.petra, link=link)
    with tenant(cast.acme):
        mute(member=cast.petra, kind=email.kind, channel="email")

    assert dispatch() == 1
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers
    assert "unsubscribe" not in mail.outbox[0].body


def test_a_failed_email_is_tried_five_times_and_then_dead_with_an_alarm(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    silent = SMTPServerDisconnected("secret words about petra@acme.example")
    email = make_email(cast.petra)
    start = clock.now()
    tried = []
    for minute in range(300):
        with clock.at(start + timedelta(minutes=minute)):
            before = envelope_of(email).attempts
            assert dispatch([EmailChannel(Refusing("petra@acme.example", silent))]) == 0
            if envelope_of(email).attempts > before:
                tried.append(minute)

    assert tried == [0, 1, 6, 31, 156]
    assert envelope_of(email).state == State.DEAD
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.message for record in errors] == [
        f"e-mail {email.pk} is dead: five tries failed"
    ]
    assert "secret" not in caplog.text
    assert "petra@" not in caplog.text
    assert "Wye" not in caplog.text


TO_PETRA = "petra@acme.example"
LATER = SMTPDataError(451, b"4.7.1 greylisted, petra@acme.example")


@pytest.mark.parametrize(
    ("error", "answer", "marked"),
    [
        (SMTPRecipientsRefused({TO_PETRA: (550, b"5.1.1 no petra here")}), "550 5.1.1", True),
        (SMTPRecipientsRefused({TO_PETRA: (550, b"no such user")}), "550", True),
        (SMTPRecipientsRefused({TO_PETRA: (550, b"5.4.1 access denied")}), "550 5.4.1", True),
        (SMTPDataError(552, b"5.2.2 mailbox full"), "552 5.2.2", True),
        (SMTPDataError(550, b"5.7.1 looks like spam"), "550 5.7.1", False),
        (SMTPDataError(552, b"5.3.4 too big"), "552 5.3.4", False),
    ],
)
def test_a_refusal_for_good_ends_at_once_and_marks_the_address_if_it_is_about_that(
    cast: Cast, caplog: pytest.LogCaptureFixture, error: Exception, answer: str, marked: bool
) -> None:
    email = make_email(cast.petra)

    assert dispatch([EmailChannel(Refusing(TO_PETRA, error))]) == 0

    envelope = envelope_of(email)
    assert (envelope.state, envelope.answer) == (State.DEAD, answer)
    with tenant(cast.acme):
        rows = BouncingAddress.objects.values_list("address", "answer", "reported")
        assert list(rows) == ([(TO_PETRA, answer, False)] if marked else [])
    assert "petra" not in caplog.text
    assert dispatch() == 0


def test_an_address_that_takes_an_email_again_is_no_longer_marked(cast: Cast) -> None:
    with tenant(cast.acme):
        bounces.mark("Petra@acme.example", answer="550")
        bounces.mark("pavel@acme.example", answer="5.1.1", reported=True)
    make_email(cast.petra)
    make_email(cast.pavel)
    assert dispatch() == 2
    with tenant(cast.acme):  # that a relay takes what came back before says nothing
        assert [row.address for row in BouncingAddress.objects.all()] == ["pavel@acme.example"]


@pytest.mark.parametrize(
    "error",
    [
        LATER,
        SMTPRecipientsRefused({TO_PETRA: (450, b"4.2.1 busy")}),
        SMTPSenderRefused(550, b"5.7.1 who are you", "roundtable@roundtable.example"),
    ],
)
def test_what_is_deferred_is_asked_with_growing_pauses_for_three_days(
    cast: Cast, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    email = make_email(cast.petra)
    start, tried = clock.now(), []
    while envelope_of(email).state == State.DUE:
        moment = max(start, envelope_of(email).due_at)
        tried.append((moment - start) / timedelta(minutes=1))
        with clock.at(moment):
            assert dispatch([EmailChannel(Refusing(TO_PETRA, error))]) == 0
            assert envelope_of(email).attempts <= 1

    assert tried[:12] == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 992]
    assert (tried[-2], tried[-1]) == (3872, 4352)
    assert envelope_of(email).state == State.DEAD
    assert caplog.text.count("is dead: deferred for three days") == 1
    with tenant(cast.acme):
        assert not BouncingAddress.objects.exists()
    assert "petra" not in caplog.text


def test_what_was_deferred_for_an_hour_arrives_and_has_lost_no_try(cast: Cast) -> None:
    email = make_email(cast.petra)
    start = clock.now()
    for minute in range(130):
        with clock.at(start + timedelta(minutes=minute)):
            channel = [EmailChannel(Refusing(TO_PETRA, LATER))] if minute < 60 else ()
            dispatch(channel)
    assert (len(mail.outbox), envelope_of(email).state) == (1, State.SENT)
    assert envelope_of(email).attempts == 1


def test_a_lease_goes_by_the_clock_of_the_database(cast: Cast, settings) -> None:
    settings.TIME_TRAVEL = False  # as in production
    make_email(cast.petra)
    (mine,) = claim("email")
    ahead = datetime.now(UTC) + 3 * LEASE  # noqa: TID251  a machine whose clock is wrong
    with time_machine.travel(ahead):
        assert claim("email") == []
        make_email(cast.pavel)  # written by it, due in its own time
        assert dispatch() == 0
    assert mine.until - LEASE <= datetime.now(UTC)  # noqa: TID251  the real clock
    assert dispatch() == 0


def test_what_a_killed_worker_left_is_taken_one_by_one(cast: Cast) -> None:
    with clock.at(NOON):
        for _ in range(3):
            make_email(cast.petra)
        assert len(claim("email")) == 3
    with clock.at(NOON + LEASE + timedelta(seconds=1)):
        assert [len(claim("email")) for _ in range(4)] == [1, 1, 1, 0]


@pytest.mark.parametrize("error", [SMTPServerDisconnected("gone"), TimeoutError("slow")])
def test_one_failure_does_not_hold_up_the_others(cast: Cast, error: Exception) -> None:
    for member in (cast.petra, cast.pavel, cast.greta):
        make_email(member)

    assert dispatch([EmailChannel(Refusing("petra@acme.example", error))]) == 2
    assert Envelope.objects.filter(state=State.DUE).count() == 1


def test_a_email_that_cannot_be_written_fails_alone(cast: Cast) -> None:
    broken = make_email(cast.petra)
    with tenant(cast.acme):  # as an older version of the code wrote it
        Email.objects.filter(pk=broken.pk).update(kind="feedback.no_such_email")
    make_email(cast.pavel)

    assert dispatch() == 1
    assert (envelope_of(broken).state, envelope_of(broken).attempts) == (State.DUE, 1)


def test_a_mail_server_that_is_away_costs_no_try(cast: Cast) -> None:
    email = make_email(cast.petra)

    for _ in range(2 * TRIES):
        assert dispatch([EmailChannel(Closed())]) == 0

    envelope = envelope_of(email)
    assert (envelope.state, envelope.attempts, envelope.lease_until) == (State.DUE, 0, None)
    assert dispatch() == 1


def test_a_mail_server_that_goes_away_in_the_middle_gives_the_rest_back(cast: Cast) -> None:
    class Fading(EmailBackend):
        def open(self):
            if len(mail.outbox) >= 2:
                raise ConnectionRefusedError

    for _ in range(5):
        make_email(cast.petra)

    assert dispatch([EmailChannel(Fading())]) == 2
    left = Envelope.objects.filter(state=State.DUE)
    assert [(e.attempts, e.lease_until) for e in left] == [(0, None)] * 3


def test_what_another_worker_holds_is_left_alone_until_its_lease_runs_out(cast: Cast) -> None:
    with clock.at(NOON):
        make_email(cast.petra)
        (mine,) = claim("email")
        assert (mine.attempt, mine.until) == (1, NOON + LEASE)
        assert dispatch() == 0
    with clock.at(NOON + LEASE + timedelta(seconds=1)):
        assert dispatch() == 1


def test_only_the_attempt_that_holds_a_email_marks_it(cast: Cast) -> None:
    with clock.at(NOON):
        email = make_email(cast.petra)
        (lost,) = claim("email")
    with clock.at(NOON + LEASE + timedelta(seconds=1)):
        (_,) = claim("email")
        notifications_dispatch._try_later(lost)
        notifications_dispatch._give_back([lost])

        envelope = envelope_of(email)
        assert (envelope.attempts, envelope.lease_until) == (2, clock.now() + LEASE)


def test_a_email_whose_worker_dies_five_times_is_dead_with_an_alarm(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    email = make_email(cast.petra)
    later = clock.now()
    for _ in range(TRIES):
        with clock.at(later):
            assert len(claim("email")) == 1
        later += LEASE + timedelta(seconds=1)
    make_email(cast.pavel)

    with clock.at(later):
        assert dispatch() == 1

    assert envelope_of(email).state == State.DEAD
    assert f"e-mail {email.pk} is dead" in caplog.text


def test_fresh_emails_go_before_those_that_were_tried(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications_dispatch, "BATCH", 1)
    with clock.at(NOON):
        make_email(cast.petra)
        claim("email")
    with clock.at(NOON + LEASE + timedelta(seconds=1)):
        fresh = make_email(cast.pavel)
        (mine,) = claim("email")
    assert mine.email_id == fresh.pk


def test_a_batch_that_takes_too_long_goes_back_before_its_lease_ends(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_email(cast.petra)
    claims = claim("email")
    with clock.at(claims[0].send_by + LEASE / 4):
        assert notifications_dispatch._send_all(claims, EmailChannel(EmailBackend())) == 1

    left = Envelope.objects.filter(state=State.DUE)
    assert [(e.attempts, e.lease_until) for e in left] == [(0, None)] * 2


def test_a_batch_asks_once_for_what_its_emails_share(cast: Cast) -> None:
    program = new_id()
    for _ in range(3):
        make_email(cast.petra, program=program)

    with CaptureQueriesContext(connection) as asked:
        assert dispatch() == 3

    for table in ("emailtext", "organisationsettings", "programstaff"):
        assert sum(f'_{table}"' in query["sql"] for query in asked) == 1, table


def test_who_has_turned_off_a_kind_by_another_channel_still_has_it_by_this(cast: Cast) -> None:
    make_email(cast.petra)
    with tenant(cast.acme):
        mute(member=cast.petra, kind="feedback.check_in", channel="slack")

    assert dispatch() == 1
