"""The bell: everything that somebody has been told, new ones counted, without any e-mail."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.accounts.operations.texts import edit_text
from core.accounts.sessions import SEEN
from core.common import clock
from core.members.models import Member
from core.notifications.channels.in_app import MOST_COUNTED, unread
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.notifications.operations import Link, mute, withdraw
from core.notifications.pruning import empty_old_emails
from core.tenancy.context import tenant
from tests.cast import Cast, sign_in
from tests.core.notifications.build import make_email, reloaded

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NIGHT = datetime(2026, 3, 2, 23, tzinfo=UTC)
SUBJECT = "How did it go with Circle Wye?"


def url(cast: Cast, name: str = "bell") -> str:
    return reverse(f"notifications:{name}", args=[cast.acme.slug])


def subjects(page: str) -> list[str]:
    return re.findall(r'<th scope="row">\s*<a href="[^"]+">([^<]+)</a>', page)


def new_of(member: Member) -> int:
    with tenant(member.organisation):
        return unread(Member.objects.get(pk=member.pk))


def test_what_is_written_stands_in_the_bell_at_once_also_at_night_and_without_e_mail(
    cast: Cast, settings
) -> None:
    settings.NOTIFICATION_PACING = True
    with clock.at(NIGHT):
        make_email(cast.petra)

        page = sign_in(cast.petra).get(url(cast)).content.decode()

        assert (dispatch(), mail.outbox) == (0, [])
    assert subjects(page) == [SUBJECT]
    assert "/l/check-in/" in page


def test_opening_the_bell_reads_it_and_marks_what_was_new(cast: Cast) -> None:
    client = sign_in(cast.petra)
    with clock.at(NOON):
        make_email(cast.petra)
        client.post(url(cast, "open_bell"))
    with clock.at(NOON + timedelta(hours=1)):
        make_email(cast.petra)
        make_email(cast.petra)
        assert new_of(cast.petra) == 2

        answer = client.post(url(cast, "open_bell"), follow=True)

        assert new_of(cast.petra) == 0
    page = answer.content.decode()
    assert (len(subjects(page)), page.count(">New<")) == (3, 2)


def test_looking_changes_nothing(cast: Cast) -> None:
    make_email(cast.petra)

    client = sign_in(cast.petra)
    client.get(url(cast))
    client.get(url(cast, "bell_count"))

    assert new_of(cast.petra) == 1


def test_the_bell_stands_on_every_page_with_its_count(cast: Cast) -> None:
    make_email(cast.petra)
    make_email(cast.petra)

    page = sign_in(cast.petra).get(reverse("accounts:me", args=[cast.acme.slug])).content.decode()

    assert page.count(url(cast, "open_bell")) == 1
    assert '<span class="count" aria-hidden="true">2</span>' in page


@pytest.mark.parametrize("count", [1, 3])
def test_many_lines_cost_the_statements_of_one(cast: Cast, count: int) -> None:
    for _number in range(count):
        make_email(cast.petra)
    client = sign_in(cast.petra)
    client.get(url(cast))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(url(cast))
    asked = [query["sql"] for query in queries if "notifications_" in query["sql"]]
    assert len(asked) == 3  # the page, its texts, the count


def test_counting_is_one_statement_that_stops_at_a_hundred(
    cast: Cast, django_assert_num_queries
) -> None:
    make_email(cast.petra)
    with tenant(cast.acme):
        first = Email.objects.get(member=cast.petra)
        Email.objects.bulk_create(
            Email(
                member=cast.petra,
                kind=first.kind,
                dedupe_key=f"many:{number}",
                shown_at=first.shown_at,
            )
            for number in range(120)
        )
        with django_assert_num_queries(1):
            assert unread(cast.petra) == MOST_COUNTED + 1


def test_what_was_taken_back_before_it_left_is_not_in_the_bell(cast: Cast) -> None:
    email = make_email(cast.petra)
    with tenant(cast.acme):
        withdraw(about=email.about_id)

    assert new_of(cast.petra) == 0


def test_what_somebody_gets_no_e_mail_about_stays_in_the_bell(cast: Cast) -> None:
    with tenant(cast.acme):
        mute(member=cast.petra, kind="feedback.check_in", channel="email")
    email = make_email(cast.petra)
    dispatch()

    assert (mail.outbox, reloaded(email).sent_at) == ([], None)
    assert new_of(cast.petra) == 1


def test_what_comes_later_is_not_there_before(cast: Cast) -> None:
    with clock.at(NOON):
        make_email(cast.petra, due_at=NOON + timedelta(days=1))
        assert new_of(cast.petra) == 0
    with clock.at(NOON + timedelta(days=1)):
        assert new_of(cast.petra) == 1


@pytest.mark.parametrize(
    "parts",
    [
        {"address": "new@acme.example"},
        {"link": Link(key="address", object_id=None)},
    ],
)
def test_what_proves_a_mailbox_is_read_in_that_mailbox_alone(
    cast: Cast, parts: dict[str, object]
) -> None:
    make_email(cast.petra, **parts)

    assert new_of(cast.petra) == 0


def test_a_digest_is_not_told_twice(cast: Cast) -> None:
    make_email(cast.petra, kind="notifications.digest", link=Link(), context={"pace": "daily"})

    assert new_of(cast.petra) == 0


def test_the_bell_speaks_as_the_e_mail_does(cast: Cast) -> None:
    make_email(cast.petra)
    with tenant(cast.acme):
        edit_text(
            kind="feedback.check_in",
            case="usual",
            program_id=None,
            subject="Tell us about {{ who }}",
            button="Answer",
            body="Please.",
            by=cast.olga,
        )

    page = sign_in(cast.petra).get(url(cast)).content.decode()

    assert subjects(page) == ["Tell us about Circle Wye"]


def test_a_bell_is_its_persons_own(cast: Cast) -> None:
    make_email(cast.petra)

    for other in (cast.pavel, cast.cora, cast.olga):
        assert subjects(sign_in(other).get(url(cast)).content.decode()) == []


def test_older_ones_are_a_page_away(cast: Cast) -> None:
    for number in range(30):
        with clock.at(NOON + timedelta(minutes=number)):
            make_email(cast.petra, context={"who": f"Wye {number}", "days": "", "met": True})
    client = sign_in(cast.petra)

    page = client.get(url(cast)).content.decode()
    more = re.search(r'href="(\?after=[^"]+)" rel="next"', page)
    assert more is not None
    older = client.get(url(cast) + more[1].replace("&amp;", "&")).content.decode()

    assert subjects(page)[0] == "How did it go with Wye 29?"
    assert len(subjects(page)) == 25
    assert subjects(older)[-1] == "How did it go with Wye 0?"
    assert len(subjects(older)) == 5


@pytest.mark.parametrize(
    "since", ["", "yesterday", "2026-99-99T00:00:00Z", "2026-03-02", "0001-01-01T00:00:00+10:00"]
)
def test_an_odd_address_of_the_bell_is_no_error(cast: Cast, since: str) -> None:
    make_email(cast.petra)

    answer = sign_in(cast.petra).get(url(cast), {"since": since})

    assert answer.status_code == 200
    assert ">New<" in answer.content.decode()


def test_what_is_emptied_after_its_time_leaves_the_bell(cast: Cast, settings) -> None:
    email = make_email(cast.petra)
    dispatch()
    with clock.at(clock.now() + timedelta(days=settings.KEEP_EMAILS_DAYS + 1)):
        assert empty_old_emails() == 1
        assert empty_old_emails() == 0

    assert reloaded(email).shown_at is None


def test_a_page_that_looks_by_itself_keeps_nobody_signed_in(cast: Cast) -> None:
    client = sign_in(cast.petra)
    seen = _an_hour_ago(client)

    client.get(url(cast, "bell_count"))
    assert client.session[SEEN] == seen
    client.get(url(cast))
    assert client.session[SEEN] > seen


def _an_hour_ago(client: Client) -> float:
    session = client.session
    session[SEEN] -= 3600
    session.save()
    return float(session[SEEN])
