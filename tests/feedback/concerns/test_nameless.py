"""Concerns without a name: a link, a code, and nothing that leads to who raised it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from core.audit.models import AuditEvent
from core.common import clock
from core.members.models import Key
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.models import TenantModel
from feedback.concerns import operations
from feedback.models.concerns import ConcernFile
from tests.cast import sign_in
from tests.feedback.concerns.build import CANARY, Desk, link_path
from tests.work import everywhere

AFTERNOON = datetime(2026, 4, 7, 13, 37, 21, tzinfo=UTC)
SENT = {"topic": "dominance", "urgency": "week", "words": f"{CANARY} nameless"}


def send(client: Client, path: str, **more: Any) -> str:
    """Send a concern by the link and return its code."""
    page = client.post(path, SENT | more, REMOTE_ADDR="203.0.113.77")
    assert page.status_code == 200, page.content.decode()
    return str(page.context["code"])


def rows_as_text(desk: Desk) -> dict[str, set[str]]:
    """Return every row of every table of ours, as its handler Cora sees them, by table."""
    found = {}
    with tenant(desk.cast.acme, member=desk.cast.cora.pk), connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if issubclass(model, TenantModel) or model in (Key, Session):
                cursor.execute(f'SELECT t::text FROM "{table}" t')
                found[table] = {row[0] for row in cursor.fetchall()}
    return found


def test_no_row_no_log_and_no_session_leads_to_the_sender(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    path = link_path(desk.cast)
    petra = sign_in(desk.cast.petra)  # even one who is signed in
    before = rows_as_text(desk)
    with clock.at(AFTERNOON), caplog.at_level(logging.DEBUG):
        page = petra.get(path, REMOTE_ADDR="203.0.113.77")
        assert desk.cast.petra.full_name not in page.content.decode()
        send(petra, path)
    new = {
        table: rows - before[table]
        for table, rows in rows_as_text(desk).items()
        if rows - before[table]
    }
    assert set(new) == {
        "feedback_concern",
        "feedback_concernfile",
        "feedback_concerntext",
        "members_key",
    }
    told = " ".join(row for rows in new.values() for row in rows)
    for trace in ("203.0.113", desk.cast.petra.pk.hex, str(desk.cast.petra.pk), "13:37", "15:37"):
        assert trace not in told
    ids = [row.pk for model in ("ConcernFile", "Concern") for row in _all(desk, model)]
    assert {pk.version for pk in ids} == {4}  # no time in it
    logged = " ".join(record.getMessage() for record in caplog.records)
    assert [trace for trace in (CANARY, "203.0.113", path) if trace in logged] == []


def _all(desk: Desk, name: str) -> list[Any]:
    with tenant(desk.cast.acme):
        return list(apps.get_model("feedback", name).objects.all())


def test_its_handler_hears_of_it_on_the_next_day_and_of_the_urgent_at_once(desk: Desk) -> None:
    path = link_path(desk.cast)
    with clock.at(AFTERNOON):
        send(Client(), path)
        everywhere(operations.tend_concerns)
        with tenant(desk.cast.acme):
            assert not Email.objects.filter(kind="feedback.concern").exists()
    with clock.at(AFTERNOON + timedelta(hours=12)):
        everywhere(operations.tend_concerns)
        everywhere(operations.tend_concerns)
        with tenant(desk.cast.acme):
            (email,) = Email.objects.filter(kind="feedback.concern")
            assert (email.member, CANARY in str(email.context)) == (desk.cast.cora, False)
        send(Client(), path, urgency="day")
        with tenant(desk.cast.acme):
            assert Email.objects.filter(kind="feedback.concern").count() == 2
            assert not AuditEvent.objects.filter(verb__startswith="concern.").exists()


def test_a_code_shows_what_has_become_of_it_and_sends_more(desk: Desk) -> None:
    cast, browser = desk.cast, Client()
    code = send(browser, link_path(cast))
    (file,) = _all(desk, "ConcernFile")
    with tenant(cast.acme, member=cast.cora.pk):
        operations.answer_concern(file=file, by=cast.cora, words="What would help you?")
    assert (len(code), browser.get("/c/status/").status_code) == (29, 200)
    page = browser.post("/c/status/", {"code": code.upper()})
    assert "What would help you?" in page.content.decode()
    assert f"{CANARY} nameless" in page.content.decode()
    page = browser.post("/c/status/", {"code": code, "words": "To speak last."})
    assert "To speak last." in page.content.decode()
    assert desk.read_by(cast.cora, file)[-1] == "To speak last."
    assert desk.read_by(cast.petra, file) == []
    assert not browser.cookies.get("sessionid")
    with tenant(cast.acme, member=cast.cora.pk):
        operations.close_concern(file=file, by=cast.cora, outcome="agreed", words="Thank you.")
    page = browser.post("/c/status/", {"code": code, "words": "One more thing."})
    assert page.status_code == 422
    assert "is closed" in page.content.decode()
    assert "One more thing." in page.content.decode()


def test_a_wrong_code_and_a_revoked_link_open_nothing(desk: Desk) -> None:
    path, cast = link_path(desk.cast), desk.cast
    assert Client().post("/c/status/", {"code": "aaaa-bbbb"}).status_code == 422
    owner = sign_in(cast.olga)
    assert path in owner.get("/o/acme/settings/concerns/").content.decode()
    owner.post("/o/acme/settings/concerns/link/")
    new = link_path(cast)
    assert new != path
    assert [Client().get(each).status_code for each in (path, new)] == [404, 200]
    owner.post("/o/acme/settings/concerns/link/revoke/")
    assert Client().get(new).status_code == 404
    assert Client().post(new, SENT).status_code == 404


def test_who_is_ticked_does_not_read_it(desk: Desk) -> None:
    send(Client(), link_path(desk.cast), left_out=[str(desk.cast.cora.pk)])
    (file,) = _all(desk, "ConcernFile")
    assert isinstance(file, ConcernFile)
    assert desk.read_by(desk.cast.cora, file) == []
    assert desk.read_by(desk.hanna, file) == [f"{CANARY} nameless"]
