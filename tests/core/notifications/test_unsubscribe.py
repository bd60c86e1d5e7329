"""The link that stops a kind of e-mail, without signing in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from core.common import clock
from core.members.links import SignedLink, signed_path
from core.members.models import Key, Member
from core.notifications.channels.email import mail_of
from core.notifications.models import Email, MutedKind
from core.notifications.operations import Link
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from tests.cast import Cast
from tests.core.notifications.build import make_email

pytestmark = pytest.mark.urls("tests.core.notifications.urls")


def link(email: Email, member: Member | None = None, slug: str = "acme", age_days: int = 0) -> str:
    who = member.pk if member else email.member_id
    at = clock.now() - timedelta(days=age_days)
    return signed_path("unsubscribe", SignedLink(slug, who, email.pk), at=at)


def muted(cast: Cast) -> list[tuple[str, str]]:
    with tenant(cast.acme):
        return list(MutedKind.objects.values_list("member__given_name", "kind"))


def test_looking_changes_nothing_and_posting_stops(cast: Cast) -> None:
    email = make_email(cast.petra)
    client = Client(enforce_csrf_checks=True)

    asked = client.get(link(email))
    assert asked.status_code == 200
    assert "Check-ins" in asked.text
    assert "Circle Wye" not in asked.text  # by link nothing of an e-mail is read
    assert muted(cast) == []

    # one-click, as mail programs send it: no cookie, no token of ours
    stopped = client.post(link(email), {"List-Unsubscribe": "One-Click"})
    assert stopped.status_code == 200
    assert muted(cast) == [("Petra", "feedback.check_in")]
    assert client.post(link(email)).status_code == 200
    assert len(muted(cast)) == 1

    # whoever was forwarded the e-mail cannot switch it on again
    again = client.post(link(email), {"again": "yes"})
    assert "/o/acme/me/emails/" in again.text
    assert len(muted(cast)) == 1


def test_bad_old_foreign_and_key_links_are_one_page(cast: Cast) -> None:
    email = make_email(cast.petra)
    invitation = make_email(cast.pavel, link=Link(key=Key.Kind.INVITATION, object_id=cast.pavel.pk))
    client = Client()
    good = link(email)
    answers = [
        client.post(path)
        for path in (
            "/l/unsubscribe/nonsense/",
            good[:-2] + ("A" if good[-2] != "A" else "B") + "/",
            good.replace("unsubscribe", "check-in"),
            link(email, age_days=731),
            link(email, member=cast.pavel),
            link(email, slug="globex"),
            link(email, slug="nowhere"),
            link(email, member=cast.greta, slug="globex"),
            link(invitation),
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    page = answers[0].content.decode()
    assert "This link no longer works" in page
    assert "Have a sign-in code sent" in page
    assert "Acme" not in page
    assert muted(cast) == []


def test_what_moves_a_calendar_cannot_be_stopped(cast: Cast) -> None:
    email = make_email(
        cast.petra,
        kind="sessions.called_off",
        context={"partnership": "Ada & Ben", "why": "ended", "dates": []},
        link=Link(),
    )
    assert Client().post(link(email)).status_code == 404
    assert muted(cast) == []
    with tenant(cast.acme):
        assert "List-Unsubscribe" not in mail_of(email, settings_in_force()).extra_headers


def test_who_has_left_has_no_link(cast: Cast) -> None:
    email = make_email(cast.petra)
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state=Member.State.LEFT)
    assert Client().get(link(email)).status_code == 404
