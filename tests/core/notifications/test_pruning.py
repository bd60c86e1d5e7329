"""Of old e-mails the words go and the reason stays: the same one is not sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.common import clock
from core.notifications.models import Envelope
from core.notifications.operations import Link, enqueue
from core.notifications.pruning import empty_old_emails
from core.tenancy.context import tenant
from tests.core.notifications.build import CONTEXT, envelope_of, make_email, reloaded


def old_email(cast, state):
    email = make_email(cast.petra)
    Envelope.objects.filter(email_id=email.pk).update(state=state)
    return email


@pytest.mark.parametrize("state", ["sent", "withdrawn", "dead"])
def test_an_email_that_is_over_is_emptied_after_its_time(cast, settings, state):
    settings.KEEP_EMAILS_DAYS = 30
    email = old_email(cast, state)
    with clock.at(clock.now() + timedelta(days=29)):
        empty_old_emails()
    assert reloaded(email).context == CONTEXT
    with clock.at(clock.now() + timedelta(days=31)):
        assert empty_old_emails() >= 1
        assert empty_old_emails() == 0
    bare = reloaded(email)
    assert (bare.context, bare.link, bare.calendar, bare.address) == ({}, {}, [], "")
    assert bare.dedupe_key == email.dedupe_key
    assert not Envelope.objects.filter(email_id=email.pk).exists()
    with tenant(cast.acme):
        again = enqueue(
            member=cast.petra,
            kind=email.kind,
            dedupe_key=email.dedupe_key,
            about=email.about_id,
            context=CONTEXT,
            link=Link(signed="check-in", object_id=email.about_id),
        )
    assert again is None


def test_an_email_that_still_waits_is_left_alone(cast, settings):
    settings.KEEP_EMAILS_DAYS = 30
    email = old_email(cast, "due")
    with clock.at(clock.now() + timedelta(days=400)):
        empty_old_emails()
    assert reloaded(email).context == CONTEXT
    assert envelope_of(email).state == "due"
