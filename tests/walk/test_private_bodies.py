"""Words that are not for everybody: a text of its own in each, looked for wherever one can look.

Everybody looks at every page and at what it answers to an empty form, at REST with each scope, at
their e-mails and files; nobody in particular looks at the log, the broker, the cache and the tables
in which the platform keeps what it does.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery.signals import before_task_publish
from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, TestCase
from fpdf import FPDF

from agreements.goals.models import Goal
from core.accounts.operations import keys
from core.audit.models import AuditEvent
from core.audit.operations import record
from core.common import clock
from core.common.logs import HideSecrets
from core.jobs.models import Job, StoredFile
from core.members import limits
from core.members.models import Invitation, Member
from core.members.permissions import token_scopes_of
from core.notifications.models import Email, IncomingWebhook
from core.tenancy.context import tenant
from feedback.api import CheckInSerializer
from feedback.models.check_ins import CheckInNote
from feedback.recognition import pdf
from mentoring.privacy import export
from mentoring.privacy.export import NAME as EXPORT
from mentoring.privacy.export import start_export
from tests.api.test_two_tenants import call, fill, readings
from tests.cast import sign_in
from tests.figures import Figure
from tests.walk.canaries import Canaries, plant, tables, write
from tests.walk.doors import ROUTES, knockers
from tests.walk.leaving import Left, kept_left
from tests.walk.routes import filling, routes
from tests.walk.test_planted import pattern_of
from tests.walk.test_two_tenants import body_of
from tests.work import catch_up, work_off

pytestmark = pytest.mark.slow
SUBJECT = "private bodies: text x person x channel"
# e-mails of these days are waited for: what follows at once, reminders, digests, the month
DAYS = (0, 1, 3, 7, 14, 31)


@dataclass
class Walk:
    """Who looks, what they may not find, and all that a worker and an operator see meanwhile."""

    left: Left
    people: dict[str, Member]
    canaries: Canaries
    drawn: list[str]  # on pages of PDFs, where letters are numbers
    behind: list[str] = field(default_factory=list)  # written to the log and to the broker

    def url(self, name: str) -> str:
        return ROUTES[name].url("acme", filling(self.left.world, ROUTES[name]))

    def of_acme(self) -> list[Member]:
        """Return who is here and can have tokens and files."""
        here = {name: who for name, who in self.people.items() if name not in {"stranger", "gone"}}
        return list(here.values())

    def browsers(self) -> Iterator[tuple[Member | None, Client]]:
        for member in self.people.values():
            yield member, sign_in(member)
        yield None, Client()

    def look(self, member: Member | None, body: bytes | str, where: object) -> None:
        text = body.encode() if isinstance(body, str) else body
        text += "\n".join(self.drawn).encode()
        self.drawn.clear()
        found = self.canaries.leaks(member, text)
        assert not found, (sorted(found), member and member.given_name, where)


@pytest.fixture
def walk(
    db: None, monkeypatch: pytest.MonkeyPatch, figure: Callable[[str], Figure]
) -> Iterator[Walk]:
    for name in ("api", "export", "bad_secret"):
        monkeypatch.setitem(limits.LIMITS, name, limits.Limit(100_000, 60))
    left = kept_left()
    people = {name: who for name, who in knockers(left).items() if who and name != "other"}
    people |= {"partner": left.world.partner, "newcomer": left.newcomer}
    people |= write(left, people["elsewhere"])
    ours = [member for name, member in people.items() if name != "stranger"]
    with tenant(left.world.organisation):
        Job.objects.update(state=Job.State.CANCELLED)  # the world's, which no task does
        IncomingWebhook.objects.all().delete()  # of which nobody can unseal an address
    walk = Walk(left, people, plant(left, ours, figure(SUBJECT)), [])
    draw = FPDF.normalize_text

    def drawn(file: FPDF, text: str) -> str:
        walk.drawn.append(text)
        return draw(file, text)

    monkeypatch.setattr(FPDF, "normalize_text", drawn)
    with heard(walk.behind):
        yield walk
    look_behind(walk)


@contextmanager
def heard(lines: list[str]) -> Iterator[None]:
    """Keep what goes to the log, as it is written there, and what is sent to the broker."""

    make, hide = logging.getLogRecordFactory(), HideSecrets()

    def written(*parts: Any, **named: Any) -> logging.LogRecord:
        # no handler: Celery sets up logging anew wherever a task is done
        record = make(*parts, **named)
        shown = copy(record)
        hide.filter(shown)
        lines.append(shown.getMessage())
        return record

    def sent(body: Any = None, headers: Any = None, **_signal: Any) -> None:
        lines.append(repr((headers, body)))

    logging.setLogRecordFactory(written)
    before_task_publish.connect(sent)
    try:
        yield
    finally:
        before_task_publish.disconnect(sent)
        logging.setLogRecordFactory(make)


def look_behind(walk: Walk) -> None:
    walk.look(None, "\n".join(walk.behind), "the log and the broker")


def look_at_pages(walk: Walk, names: Iterable[str]) -> None:
    for member, browser in walk.browsers():
        for name in names:
            walk.look(member, body_of(browser.get(walk.url(name))), name)


def test_every_page_shows_words_to_their_readers_alone(walk: Walk) -> None:
    look_at_pages(walk, ROUTES)
    # the positive control: their readers read them
    assert len(walk.canaries.seen) > 40
    assert walk.canaries.seen.keys() >= OF_BODIES
    assert walk.canaries.counted.tried >= 20_000


# bodies whose readers find them on a page: the others are shown one at a time, or by a link
OF_BODIES = {
    "agreements.GoalBody.title",
    "feedback.CheckInNote.text",
    "feedback.ConcernText.sealed",
    "feedback.JournalEntry.text",
    "feedback.Thanks.text",
    "mentoring_sessions.DeclineWords.text",
    "pairing.RequestWords.text",
}


def look_at_answers(walk: Walk, names: Iterable[str]) -> None:
    for member, browser in walk.browsers():
        for name in names:
            with transaction.atomic():
                body = body_of(browser.post(walk.url(name)))
                transaction.set_rollback(True)
            walk.look(member, body, name)


def test_what_an_empty_form_answers_shows_no_words_of_others(walk: Walk) -> None:
    for name in ("stranger", "gone"):
        del walk.people[name]  # whom test_doors.py finds before every door
    look_at_answers(walk, ROUTES)


def test_addresses_for_everybody_show_no_words(walk: Walk) -> None:
    """Signed links, keys, feeds and what probes ask are for whoever holds them: nobody, here."""
    reader, invitation = walk.left.world.participant, walk.left.world.rows["invitation"]
    assert isinstance(invitation, Invitation)
    invited = invitation.member
    for route in routes():
        if "organisation" not in route.wants:
            url = route.url("acme", filling(walk.left.world, route))
            body = body_of(Client().get(url))
            # the link that was sent to somebody is that person's, and shows no word of theirs
            walk.look(invited if "invitation" in url else reader, body, route.name)


def look_at_rest(walk: Walk, people: Iterable[Member]) -> None:
    for member in people:
        for secret in tokens_of(member):
            for operation in readings():
                filled = fill(operation, walk.left.world)
                for query in filled.queries():
                    answer = call(secret, operation.method, filled.url, query)
                    walk.look(member, body_of(answer), (operation.path, query))


def test_rest_shows_words_to_their_readers_alone(walk: Walk) -> None:
    look_at_rest(walk, walk.of_acme())


def tokens_of(member: Member) -> Iterator[str]:
    """Yield a token with all that somebody's role allows, and one with each scope alone."""
    with tenant(member.organisation):
        scopes = token_scopes_of(member)
    for some in (scopes, *([scope] for scope in scopes)):
        if some:
            with tenant(member.organisation):
                _token, secret = keys.create_token(name="walk", scopes=some, by=member)
            yield secret


def look_at_files(walk: Walk, people: Iterable[Member]) -> None:
    for member in people:
        with tenant(member.organisation, member=member.pk):
            start_export(by=member)
        work_off()
        with tenant(member.organisation, member=member.pk):
            (file,) = StoredFile.objects.filter(uploaded_by=member, name=EXPORT)
        walk.look(member, bytes(file.content), "my data")


def test_files_of_ones_own_hold_words_that_one_may_read(walk: Walk) -> None:
    look_at_files(walk, walk.of_acme())
    assert {"feedback.JournalEntry.text", "feedback.CheckInNote.text"} <= walk.canaries.seen.keys()


def test_no_e_mail_or_digest_carries_a_body(walk: Walk) -> None:
    """All that a month sends, to whom it is sent; and what is left of it beside."""
    now = clock.now()
    for days in DAYS:
        with (
            time_machine.travel(now + timedelta(days=days)),
            TestCase.captureOnCommitCallbacks(execute=True),
        ):
            catch_up()
    assert len(mail.outbox) > 10
    # the only papers of this month are reports, for whom the world sends them to
    walk.look(walk.left.world.coordinator, "", "reports that were printed")
    look_at_emails(walk)
    look_beside(walk)


def look_at_emails(walk: Walk) -> None:
    with tenant(walk.left.world.organisation):
        by_address = {row.email: row for row in Member.objects.all()}
    for email in mail.outbox:
        for address in email.recipients():
            parts = [part.get_payload(decode=True) or b"" for part in email.message().walk()]
            text = repr([email.subject, *parts])
            walk.look(by_address.get(address), text, email.subject)
            assert not walk.canaries.bodies_in(text)


def look_beside(walk: Walk) -> None:
    """Read every table as everybody: a body stands in its own alone, for its readers."""
    canaries = walk.canaries
    with tenant(walk.left.world.organisation, member=walk.left.world.owner.pk):
        for rows in (AuditEvent.objects.values_list("details"), Job.objects.values_list("result")):
            walk.look(walk.left.world.owner, repr(list(rows)), "the trail and the jobs")
    for member in walk.people.values():
        with tenant(walk.left.world.organisation, member=member.pk), connection.cursor() as cursor:
            for model in tables():
                cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')
                rows = "\n".join(row[0] for row in cursor.fetchall())
                for text in canaries.bodies_in(rows):
                    assert canaries.rows[text][0] is model, (canaries.where(text), model)
                    assert member.pk in canaries.readers[text], canaries.where(text)
    client = cache._cache.get_client()  # type: ignore[attr-defined]  # Django has no public way
    for key in client.scan_iter():
        kept = client.get(key) if client.type(key) == b"string" else client.dump(key)
        assert not canaries.bodies_in(repr((key, kept)))


# ── planted leaks: each is found where it is ────────────────────────────────────────────


def on_a_page(_walk: Walk, text: str, patch: pytest.MonkeyPatch) -> None:
    entry = pattern_of("accounts:me")
    view = entry.callback

    def planted(request: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = view(request, **kwargs)
        answer.content = answer.content + text.encode()
        return answer

    patch.setattr(entry, "callback", planted)


def json_on_a_page(walk: Walk, _text: str, patch: pytest.MonkeyPatch) -> None:
    with tenant(walk.left.world.organisation, member=walk.left.world.participant.pk):
        rows = list(Goal.objects.values_list("milestones", flat=True))
    on_a_page(walk, json.dumps(rows), patch)


def in_a_pdf(_walk: Walk, text: str, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pdf, "lines", lambda _facts: [text])


def in_rest(_walk: Walk, text: str, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CheckInSerializer, "to_representation", lambda _self, _row: {"note": text})


def in_a_file(_walk: Walk, text: str, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(export, "data_of", lambda _member: {"notes": [{"text": text}]})


def in_an_email(walk: Walk, text: str, _patch: pytest.MonkeyPatch) -> None:
    mail.send_mail("Subject", text, None, [walk.left.world.owner.email])


def in_the_outbox(walk: Walk, text: str, _patch: pytest.MonkeyPatch) -> None:
    with tenant(walk.left.world.organisation):
        Email.objects.update(context={"note": text})


def in_the_trail(walk: Walk, text: str, _patch: pytest.MonkeyPatch) -> None:
    with tenant(walk.left.world.organisation):
        record(by=None, verb="planted.noted", target=walk.left.world.organisation, note=text)


def in_a_job(walk: Walk, text: str, _patch: pytest.MonkeyPatch) -> None:
    with tenant(walk.left.world.organisation):
        Job.objects.update(result={"note": text})


def in_the_log(_walk: Walk, text: str, _patch: pytest.MonkeyPatch) -> None:
    logging.getLogger("planted").warning("A note: %s", text)


def in_the_broker(_walk: Walk, text: str, _patch: pytest.MonkeyPatch) -> None:
    before_task_publish.send(sender="planted", body=((text,), {}, {}), headers={})


def in_the_cache(_walk: Walk, text: str, _patch: pytest.MonkeyPatch) -> None:
    cache.set("planted", {"note": text * 9}, 60)


def of_the_owner(look: Callable[..., None]) -> Callable[[Walk], None]:
    return lambda walk: look(walk, [walk.left.world.owner])


PLANTS: dict[Callable[..., None], Callable[[Walk], None]] = {
    on_a_page: lambda walk: look_at_pages(walk, ["accounts:me"]),
    json_on_a_page: lambda walk: look_at_pages(walk, ["accounts:me"]),
    in_a_pdf: lambda walk: look_at_pages(walk, ["feedback:certificate_pdf"]),
    in_rest: of_the_owner(look_at_rest),
    in_a_file: of_the_owner(look_at_files),
    in_an_email: look_at_emails,
    in_the_outbox: look_beside,
    in_the_trail: look_beside,
    in_a_job: look_beside,
    in_the_log: look_behind,
    in_the_broker: look_behind,
    in_the_cache: look_beside,
}


def test_a_planted_leak_is_found_in_every_channel(
    walk: Walk, figure: Callable[..., Figure]
) -> None:
    counted = figure("planted leaks of private bodies", planted=True)
    partner = walk.left.world.partner
    (text,) = (
        text
        for text, (model, _pk, _column) in walk.canaries.rows.items()
        if model is CheckInNote and walk.canaries.readers[text] == {partner.pk}
    )
    for plant_it, look in PLANTS.items():
        counted.tried += 1
        with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
            look(walk)  # there is nothing to find before
            plant_it(walk, text, patch)
            with pytest.raises(AssertionError, match=r"CheckInNote|milestones|private"):
                look(walk)
            counted.found += 1
            transaction.set_rollback(True)
        walk.behind.clear()
        mail.outbox.clear()
        cache.clear()
    assert counted.found == len(PLANTS)
