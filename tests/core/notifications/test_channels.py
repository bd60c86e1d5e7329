"""Another channel is one class and one line of a table; nothing else of the outbox knows it."""

from __future__ import annotations

from collections import Counter

import pytest
from django.core import mail

from core.members.models import Member
from core.notifications.channels import CHANNELS
from core.notifications.channels.base import Channel
from core.notifications.dispatch import dispatch
from core.notifications.models import Email, Envelope
from core.notifications.operations import mute, withdraw
from core.notifications.queries import email_kinds_of
from core.notifications.render import as_its_reader, subject_of
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from tests.cast import Cast
from tests.core.notifications.build import make_email, reloaded

State = Envelope.State
KIND = "feedback.check_in"


class Pager(Channel[str]):
    """Beeps a subject; Pavel has none."""

    name = "pager"
    label = "by pager"
    beeps: list[str] = []
    away = False

    @classmethod
    def reaches(cls, member: Member) -> bool:
        return member.given_name != "Pavel"

    def open(self) -> None:
        if self.away:
            raise ConnectionRefusedError

    def write(self, email: Email, chosen: OrganisationSettings, **more: object) -> str:
        with as_its_reader(email, chosen):
            return subject_of(email)

    def send(self, message: str) -> None:
        self.beeps.append(message)


@pytest.fixture
def pager(monkeypatch: pytest.MonkeyPatch) -> type[Pager]:
    monkeypatch.setitem(CHANNELS, "pager", Pager)
    monkeypatch.setattr(Pager, "beeps", [])
    monkeypatch.setattr(Pager, "away", False)
    return Pager


def states(email: Email) -> dict[str, str]:
    rows = Envelope.objects.filter(email_id=email.pk)
    return {envelope.channel: envelope.state for envelope in rows}


def test_what_is_enqueued_goes_by_every_channel_once(cast: Cast, pager: type[Pager]) -> None:
    email = make_email(cast.petra)

    assert (dispatch(), dispatch()) == (2, 0)
    assert (len(mail.outbox), pager.beeps) == (1, ["How did it go with Circle Wye?"])
    assert states(email) == {"email": State.SENT, "pager": State.SENT}


def test_a_channel_that_does_not_reach_somebody_gets_no_envelope(
    cast: Cast, pager: type[Pager]
) -> None:
    assert states(make_email(cast.pavel)) == {"email": State.DUE}


@pytest.mark.parametrize(("muted", "other"), [("email", "pager"), ("pager", "email")])
def test_what_is_muted_on_one_channel_still_comes_by_the_other(
    cast: Cast, pager: type[Pager], muted: str, other: str
) -> None:
    email = make_email(cast.petra)
    with tenant(cast.acme):
        mute(member=cast.petra, kind=KIND, channel=muted)

    assert dispatch() == 1
    assert states(email) == {muted: State.WITHDRAWN, other: State.SENT}
    assert reloaded(email).sent_at is not None
    assert reloaded(email).withdrawn_at is None


def test_what_is_muted_on_every_channel_is_withdrawn(cast: Cast, pager: type[Pager]) -> None:
    email = make_email(cast.petra)
    with tenant(cast.acme):
        for channel in CHANNELS:
            mute(member=cast.petra, kind=KIND, channel=channel)

    assert dispatch() == 0
    assert set(states(email).values()) == {State.WITHDRAWN}
    assert reloaded(email).withdrawn_at is not None


def test_a_channel_that_is_away_holds_up_no_other_and_what_waits_can_be_withdrawn(
    cast: Cast, pager: type[Pager], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pager, "away", True)
    email = make_email(cast.petra)

    assert dispatch() == 1
    assert states(email) == {"email": State.SENT, "pager": State.DUE}
    with tenant(cast.acme):
        assert withdraw(about=email.about_id) == 0  # its reader has had it already
    assert states(email) == {"email": State.SENT, "pager": State.WITHDRAWN}


def test_each_kind_is_turned_off_by_channel(cast: Cast, pager: type[Pager]) -> None:
    make_email(cast.petra)
    with tenant(cast.acme):
        mute(member=cast.petra, kind=KIND, channel="pager")
        rows = email_kinds_of(cast.petra)

    assert Counter(row.channel for row in rows) == {"email": 1, "pager": 1}
    assert {row.channel: row.muted for row in rows} == {"email": False, "pager": True}
    assert rows[1].words == f"{rows[0].words} (by pager)"
