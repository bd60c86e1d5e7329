"""The room's pages and links: who may enter, what a poll costs, and what a phone is told."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Due
from sessions.errors import RoomNotYetOpen
from sessions.models.rooms import Tap
from sessions.models.sessions import Retrospective, Session
from sessions.planning.operations import changes
from sessions.room import live as room_live
from sessions.room import operations as room_operations
from tests.cast import Cast, make_member, sign_in
from tests.sessions.build import hold_session, make_cohort, make_partnership, plan
from tests.sessions.room.build import AGENDA, a_tap, live_of, send, tap
from tests.sessions.room.conftest import Table
from tests.sessions.test_pages import same

HTMX = {"HX-Request": "true"}


def room_url(session: Session, tail: str = "") -> str:
    return f"/o/acme/sessions/{session.pk}/room/{tail}"


def told(browser: Client, session: Session) -> dict[str, Any]:
    """Return what the page hands to its script."""
    page = browser.get(room_url(session)).content.decode()
    found = re.search(r'<script id="room-told" type="application/json">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def one_tap(table: Table, kind: str, **more: Any) -> list[dict[str, Any]]:
    with tenant(table.session.organisation_id):
        return [a_tap(table.session, kind, **more)]


def test_only_those_at_the_table_enter(cast: Cast, table: Table):
    outsider = make_member(cast.acme, "Outsider")
    for member, status in [
        (table.guest, 200),
        (cast.cora, 404),
        (cast.olga, 404),
        (cast.hugo, 404),
        (outsider, 404),
        (cast.greta, 404),
    ]:
        browser = sign_in(member)
        assert browser.get(room_url(table.session)).status_code == status
        assert browser.get(room_url(table.session, "words/")).status_code == status
        taps = send(member, table.session, one_tap(table, "join"))
        assert taps.status_code == (status if status == 200 else taps.status_code)
        if status != 200:
            assert taps.status_code in {404, 409}
    with tenant(cast.acme):
        assert not Tap.objects.exclude(seat=table.circle.seat(table.guest.given_name)).exists()


def test_the_room_tells_the_time_in_the_readers_zone(table: Table):
    with tenant(table.session.organisation):
        Member.objects.filter(pk=table.guest.pk).update(time_zone="Asia/Kolkata")
    page = sign_in(table.guest).get(room_url(table.session)).content.decode()
    assert 'data-zone="Asia/Kolkata"' in page


def test_the_room_opens_an_hour_before_and_leads_back_once_it_is_recorded(table: Table):
    browser = sign_in(table.guest)
    with time_machine.travel(table.session.starts_at - timedelta(minutes=90), tick=False):
        page = browser.get(room_url(table.session)).content.decode()
        assert "The room opens an hour before" in page
        assert "room.js" not in page
        assert "Arrive" in page
    assert "room.js" in browser.get(room_url(table.session)).content.decode()
    hold_session(table.session)
    assert browser.get(room_url(table.session))["Location"] == table.session.get_absolute_url()


def test_asking_whether_anything_is_new_costs_no_statement(cast: Cast, table: Table):
    browser = sign_in(table.guest)
    link = told(browser, table.session)["link"]
    phone = Client()  # the link is signed: it needs no cookie
    with CaptureQueriesContext(connection) as kept_by_the_page:
        assert phone.get(link).status_code == 200
    assert len(kept_by_the_page) == 0

    cache.clear()
    with CaptureQueriesContext(connection) as first:
        answer = phone.get(link)
    assert answer.status_code == 200
    assert len(first) > 0  # nothing was kept yet
    with CaptureQueriesContext(connection) as later:
        unchanged = phone.get(link, headers={"If-None-Match": answer["ETag"]})
        changed = phone.get(link, headers={"If-None-Match": '"older"'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.json()["room"] == answer.json()["room"]
    assert len(later) == 0

    send(table.host, table.session, one_tap(table, "start"))
    with CaptureQueriesContext(connection) as moved:
        after = phone.get(link, headers={"If-None-Match": answer["ETag"]})
    assert len(moved) == 0
    assert after.json()["room"]["stage"] == "running"
    assert after["ETag"] != answer["ETag"]


def test_the_link_is_closed_to_who_has_left_to_other_tokens_and_when_it_is_old(
    cast: Cast, table: Table
):
    browser = sign_in(table.guest)
    link = told(browser, table.session)["link"]
    phone = Client()
    assert phone.get(link).status_code == 200
    assert phone.get(link[:-3] + "xx/").status_code == 404
    assert phone.get("/l/room/nonsense/").status_code == 404
    assert phone.post(link).status_code == 422
    assert phone.put(link).status_code == 405
    with time_machine.travel(table.session.starts_at + timedelta(hours=14), tick=False):
        assert phone.get(link).status_code == 404
    with tenant(cast.acme):
        seat = table.circle.seat(table.guest.given_name)
        seat.left_at = table.session.starts_at
        seat.save(update_fields=["left_at"])
    cache.clear()  # a minute later
    assert phone.get(link).status_code == 404


def test_without_valkey_phones_are_answered_from_the_rows(table: Table, monkeypatch):
    link = told(sign_in(table.guest), table.session)["link"]

    def broken(*args: Any, **more: Any) -> None:
        raise ConnectionError

    for name in ("get", "set", "add"):
        monkeypatch.setattr(f"sessions.room.cache.cache.{name}", broken)
    with tenant(table.session.organisation_id):
        table.begin()
    assert Client().get(link).json()["room"]["stage"] == "running"


def test_a_phone_sends_taps_and_is_told_how_the_room_stands(table: Table):
    answer = send(table.host, table.session, one_tap(table, "start")).json()
    assert answer["room"]["stage"] == "running"
    assert answer["refused"] == {}
    speaker = answer["room"]["speaker"]
    name = next(each["name"] for each in answer["room"]["people"] if each["id"] == speaker)
    assert answer["room"]["title"] == f"{name} speaks"
    assert answer["room"]["line"] == "Session 1 · Step 1 of 5 · Arrive"
    assert [act["kind"] for act in answer["room"]["acts"]][:2] == ["pass", "next"]
    refused = send(table.guest, table.session, one_tap(table, "step", to=3)).json()
    assert len(refused["refused"]) == 1


def test_a_tap_leaves_no_organisation_to_be_followed_up(cast: Cast, table: Table):
    Due.objects.all().delete()
    assert send(table.host, table.session, one_tap(table, "start")).status_code == 200
    assert not Due.objects.exists()


def test_a_tap_costs_one_statement_to_read_and_one_to_write(table: Table):
    send(table.host, table.session, one_tap(table, "start"))
    heard = one_tap(table, "heard", seat=table.seat(table.guest))
    with CaptureQueriesContext(connection) as asked:
        assert send(table.host, table.session, heard).status_code == 200
    of_rooms = [each["sql"] for each in asked if "mentoring_sessions_room" in each["sql"]]
    assert len(of_rooms) == 2
    with tenant(table.session.organisation_id):
        assert live_of(table.session).counts[table.seat(table.guest)] == 1


def test_taps_are_refused_to_who_has_left_and_where_the_room_is_closed(cast: Cast, table: Table):
    send(table.host, table.session, one_tap(table, "start"))
    join = one_tap(table, "join")
    with tenant(cast.acme):
        seat = table.circle.seat(table.guest.given_name)
        seat.left_at = table.session.starts_at
        seat.save(update_fields=["left_at"])
    assert send(table.guest, table.session, join).status_code == 404
    # a room that goes on is not read either, not even before the minute is over
    link = room_live.link("acme", table.guest.pk, table.session.pk)
    send(table.host, table.session, one_tap(table, "minute"))
    assert Client().get(link).status_code == 404
    with time_machine.travel(table.session.starts_at - timedelta(minutes=61), tick=False):
        early = send(table.host, table.session, one_tap(table, "minute"))
    assert (early.status_code, early.json()["detail"]) == (409, str(RoomNotYetOpen()))
    hold_session(table.session)
    assert send(table.host, table.session, join).status_code == 409
    type(cast.acme).objects.filter(pk=cast.acme.pk).update(closed_at=table.session.starts_at)
    assert send(table.host, table.session, join).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        "",
        "nonsense",
        "{}",
        "[1]",
        '[{"kind": "start"}]',
        '[{"kind": "start", "key": "no uuid"}]',
        '[{"kind": ["start"], "key": "3f1f4bf6-0000-4000-8000-000000000000"}]',
        '[{"kind": "wrote", "key": "3f1f4bf6-0000-4000-8000-000000000000"}]',
        '[{"kind": "here", "seat": "\\u0000", "key": "3f1f4bf6-0000-4000-8000-000000000000"}]',
        "[" * 9_000,
        json.dumps([{"kind": "join", "key": "3f1f4bf6-0000-4000-8000-000000000000"}] * 101),
        "x" * 70_000,
    ],
)
def test_what_is_no_tap_is_said_to_be_none(table: Table, body: str):
    answer = send(table.guest, table.session, body)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_snapshot_holds_no_word_that_anybody_wrote(cast: Cast, table: Table):
    with tenant(cast.acme, member=table.guest.pk):
        changes.describe_session(
            session=table.session, topic="Secret topic", place="Secret place", by=table.guest
        )
        table.begin(at_step=2)
        room_operations.write_card(session=table.session, words="Secret card", by=table.guest)
        tap(table.session, table.host, "reveal")
    link = told(sign_in(table.guest), table.session)["link"]
    assert "Secret" not in Client().get(link).content.decode()
    words = sign_in(table.guest).get(room_url(table.session, "words/")).content.decode()
    assert "Secret card" in words


def test_a_card_a_promise_and_lines_are_written_from_the_room(cast: Cast, table: Table):
    guest = sign_in(table.guest)
    with tenant(cast.acme):
        table.begin(at_step=2)
    url = room_url(table.session, "card/")
    assert guest.post(url, {"words": ""}, headers=HTMX).status_code == 422
    assert guest.post(url, {"words": "x" * 601}, headers=HTMX).status_code == 422
    answer = guest.post(url, {"words": "A card"}, headers=HTMX)
    assert "Nobody sees your card yet" in answer.content.decode()
    reload = guest.get(room_url(table.session, "words/"), headers=HTMX)
    assert same(answer.content.decode()) == same(reload.content.decode())
    assert guest.post(url, {"words": "A card"})["Location"] == room_url(table.session)

    with tenant(cast.acme):
        agenda = [*AGENDA[:3], {"title": "Promise", "minutes": 9, "kind": "promises"}, AGENDA[4]]
        room_operations.change_agenda(session=table.session, steps=agenda, by=table.host)
        tap(table.session, table.host, "step", to=3)
    promise = {"seat": table.seat(table.host), "words": "Ask before I answer"}
    url = room_url(table.session, "promise/")
    assert guest.post(url, promise | {"seat": "nobody"}, headers=HTMX).status_code == 422
    assert "Ask before I answer" in guest.post(url, promise, headers=HTMX).content.decode()

    with tenant(cast.acme):
        tap(table.session, table.host, "step", to=4)
    answer = guest.post(room_url(table.session, "lines/"), {"worked": "The cards"}, headers=HTMX)
    assert "1 has written" in answer.content.decode()
    with tenant(cast.acme):
        assert Retrospective.objects.get().worked == "The cards"


def test_the_room_costs_the_same_at_two_and_at_six(cast: Cast, table: Table):
    pair = make_partnership(make_cohort(cast.acme), [table.guest, table.host])
    small = plan(pair, first_at=table.session.starts_at + timedelta(minutes=30))[0]
    browser = sign_in(table.guest)

    def cost(session: Session) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(room_url(session)).status_code == 200
        return len(asked)

    assert cost(small) == cost(table.session)


def test_the_agenda_of_a_session_is_changed_row_by_row(cast: Cast, table: Table):
    host = sign_in(table.host)
    url = f"/o/acme/sessions/{table.session.pk}/agenda/"
    page = host.get(url)
    assert page.status_code == 200
    rows = rows_of(AGENDA)
    moved = host.post(url, rows | {"act": "down-0", "title_1": "Typed meanwhile"})
    assert [row["title"] for row in moved.context["form"].rows_given][:2] == [
        "Typed meanwhile",
        "Arrive",
    ]
    assert len(host.post(url, rows | {"act": "add"}).context["form"].rows_given) == 6
    assert len(host.post(url, rows | {"act": "remove-4"}).context["form"].rows_given) == 4
    filled = host.post(url, rows | {"act": "fill-clinic"}).context["form"]
    assert filled.minutes == table.session.duration_minutes
    wrong = host.post(url, rows | {"minutes_2": "soon"})
    assert wrong.status_code == 422
    assert "soon" in wrong.content.decode()
    with tenant(cast.acme):
        assert live_of(table.session).steps[0].title == "Arrive"  # nothing yet
    assert host.post(url, rows | {"title_0": "Land"}).status_code == 302
    with tenant(cast.acme):
        table.session.refresh_from_db()
        assert table.session.agenda == [{**AGENDA[0], "title": "Land"}, *AGENDA[1:]]
    assert sign_in(table.guest).post(url, rows).status_code == 409


def rows_of(agenda: list[dict[str, Any]]) -> dict[str, str]:
    rows = {
        f"{name}_{place}": str(step[name])
        for place, step in enumerate(agenda)
        for name in ("title", "minutes", "kind")
    }
    return {"count": str(len(agenda)), **rows}
