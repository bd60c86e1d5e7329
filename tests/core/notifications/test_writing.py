"""An e-mail as a mail: the same bytes each time, one button, nothing that a name can break."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.common import clock
from core.members.keys import derived_secret
from core.members.links import read_link
from core.members.models import Key, Member
from core.notifications.channels.email import mail_of
from core.notifications.models import Email
from core.notifications.operations import Link
from core.notifications.render import path_of
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from tests.cast import Cast
from tests.core.notifications.build import make_email

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KINDS = {
    "feedback.check_in": {"who": "Circle Wye", "days": "9 to 22 November"},
    "feedback.check_in_reminder": {"who": "Wye", "days": "9 to 22", "until": "5 December"},
    "feedback.survey": {
        "title": "Rate the session",
        "heading": "Was it worth your time, Petra?",
        "subject": "Was the session of 9 November worth your time?",
        "about": "Circle Wye, your session of 9 November.",
    },
    "feedback.assessment": {"program": "Leading Circles", "moment": "start"},
}


def written(email: Email) -> EmailMultiAlternatives:
    with tenant(email.organisation):
        row = Email.objects.select_related("member", "organisation").get(pk=email.pk)
        return mail_of(row, settings_in_force())


def test_a_email_written_twice_is_the_same_byte_for_byte(cast: Cast) -> None:
    with clock.at(NOON):
        email = make_email(cast.petra)
        first = written(email).message().as_bytes()
    with clock.at(NOON + timedelta(days=3)):
        second = written(email).message().as_bytes()

    assert first == second
    message = message_from_bytes(first, policy=policy.default)
    assert message["Date"].datetime == NOON
    assert re.fullmatch(
        r"<[0-9a-z]{36}@roundtable\.example>", message["Message-ID"].replace("\n", "")
    )
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_subject_text_and_html_with_one_button(cast: Cast, kind: str) -> None:
    mail = written(make_email(cast.petra, kind=kind, context=KINDS[kind]))

    html = str(mail.alternatives[0][0])
    assert mail.subject
    assert "\n" not in mail.subject
    links = re.findall(r'<a href="([^"]+)"', html)
    assert len(links) == 2
    assert "/l/check-in/" in links[0]
    assert "/l/unsubscribe/" in links[1]
    for link in links:
        assert link in mail.body
    for word in KINDS[kind].values():
        assert word in mail.body or word in {"start", mail.subject}
    assert "<script" not in html
    assert "<style" not in html


def test_the_button_is_signed_when_the_email_was_enqueued(cast: Cast) -> None:
    with clock.at(NOON):
        email = make_email(cast.petra)
    with clock.at(NOON + timedelta(days=59)):
        mail = written(email)
        link = re.search(rf"{settings.SITE_URL}/l/check-in/([^/]+)/", mail.body)
        assert link is not None
        read = read_link("check-in", link[1], max_age=timedelta(days=60))
        assert read is not None
        assert (read.organisation, read.member_id, read.object_id) == (
            "acme",
            cast.petra.pk,
            email.about_id,
        )
    with clock.at(NOON + timedelta(days=61)):
        assert read_link("check-in", link[1], max_age=timedelta(days=60)) is None


def test_the_moment_that_three_links_are_signed_by_is_asked_for_once(cast: Cast) -> None:
    email = make_email(cast.petra)
    with CaptureQueriesContext(connection) as asked:
        written(email)
    assert sum("members_addresschange" in row["sql"] for row in asked) == 1


def test_the_unsubscribe_link_is_in_the_header_too(cast: Cast) -> None:
    mail = written(make_email(cast.petra))

    header = mail.extra_headers["List-Unsubscribe"]
    assert header.startswith(f"<{settings.SITE_URL}/l/unsubscribe/")
    assert header.strip("<>") in mail.body
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_links_lead_where_they_say(cast: Cast) -> None:
    key = Link(key=Key.Kind.INVITATION, object_id=cast.petra.pk)
    secret = derived_secret(Key.Kind.INVITATION, cast.petra.pk)
    assert path_of(make_email(cast.petra, link=key)) == f"/invitation/{secret}/"
    assert path_of(make_email(cast.petra, link=Link(page="insights/"))) == "/o/acme/insights/"
    assert path_of(make_email(cast.petra, link=Link(page="/o/acme/"))) == "/o/acme/"


def test_what_people_are_called_cannot_break_a_mail(cast: Cast) -> None:
    hostile = '<b>&"Wye"</b>\r\nBcc: all@acme.example\n{{ link }}{% now "Y" %}\u202e😀'
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(given_name="<img src=x>")
    mail = written(make_email(cast.petra, context={"who": hostile, "days": "="}))

    raw = mail.message()
    assert raw["Bcc"] is None
    assert raw.as_bytes().count(b"\nTo: ") == 1
    html = str(mail.alternatives[0][0])
    assert "<b>" not in html
    assert "<img" not in html
    assert "{{ link }}" in html
    assert '<b>&"Wye"</b>' in mail.body  # text is text


def test_a_context_cannot_take_the_place_of_the_link(cast: Cast) -> None:
    context = {"who": "Wye", "days": "x", "link": "https://evil.example/"}
    mail = written(make_email(cast.petra, context=context))
    assert "evil" not in mail.body
