"""Pulling what has changed: nothing is lost and nothing comes twice, whoever writes meanwhile."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test import Client

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation, Tombstone
from core.tenancy.pruning import prune_tombstones
from tests.api.test_api import LISTS, SECRET, Caller, make_token
from tests.cast import Cast, make_cast, make_member
from tests.metrics.build import full_cohort

LONG_AGO = f"{clock.now() - Tombstone.KEPT + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
PULLED = [url for url in LISTS if "figures" not in url]


def pull(url: str) -> tuple[dict[str, dict[str, Any]], set[str], str]:
    """Return the rows of all pages by id, what was deleted, and what the next pull begins with."""
    rows: dict[str, dict[str, Any]] = {}
    deleted: set[str] = set()
    pages = 0
    next_url: str | None = url
    while next_url:
        page = Caller().json(next_url)
        assert not rows.keys() & {row["id"] for row in page["results"]}, "given twice"
        rows |= {row["id"]: row for row in page["results"]}
        deleted |= set(page["deleted"])
        next_url, since, pages = page["next"], page["next_changed_since"], pages + 1
    return rows, deleted, since


def ask(url: str) -> Any:
    """Call now, by whatever clock is in force."""
    return Client().get(url, headers={"Authorization": f"Bearer {SECRET}"})


def remove(organisation: Organisation, table: str, row: str | UUID) -> None:
    """Delete a row as a statement does."""
    with tenant(organisation), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row])


@pytest.mark.parametrize("url", PULLED)
def test_the_next_pull_goes_on_where_the_last_one_ended(cast: Cast, url: str) -> None:
    make_token(cast.cora)
    full_cohort(cast.acme)
    rows, deleted, since = pull(url)
    assert deleted == set()
    again, _deleted, later = pull(f"{url}?changed_since={since}")
    assert again == {}
    assert later >= since
    everything, _deleted, _since = pull(f"{url}?changed_since={LONG_AGO}&page_size=2")
    assert everything == rows


def test_what_was_changed_and_what_was_deleted_is_in_the_next_pull(cast: Cast) -> None:
    make_token(cast.cora)
    for name in ("One", "Two", "Three", "Four", "Five"):
        make_member(cast.acme, name)
    rows, _deleted, since = pull("/api/v1/members/?page_size=3")
    with tenant(cast.acme):
        changed = Member.objects.get(given_name="Two")
        Member.objects.filter(pk=changed.pk).update(department="Law")
        gone = {str(Member.objects.get(given_name=name).pk) for name in ("One", "Three", "Five")}
    for pk in gone:
        remove(cast.acme, "members_member", pk)
    new = make_member(cast.acme, "New")
    more, deleted, since = pull(f"/api/v1/members/?changed_since={since}&page_size=2")
    assert set(more) == {str(changed.pk), str(new.pk)}
    assert more[str(changed.pk)]["department"] == "Law"
    assert deleted == gone <= set(rows)
    assert pull(f"/api/v1/members/?changed_since={since}")[:2] == ({}, set())


def test_who_leaves_is_in_the_next_pull_of_hr(cast: Cast) -> None:
    make_token(cast.hugo)
    _rows, _deleted, since = pull("/api/v1/members/")
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state="left", left_at=cast.petra.live_at)
    (row,) = pull(f"/api/v1/members/?changed_since={since}")[0].values()
    assert (row["id"], row["state"]) == (str(cast.petra.pk), "left")


def test_a_foreign_deletion_is_nobody_else_s(cast: Cast) -> None:
    make_token(cast.cora)
    theirs = make_member(cast.globex, "Theirs")
    remove(cast.globex, "members_member", theirs.pk)
    rows, deleted, _since = pull(f"/api/v1/members/?changed_since={LONG_AGO}")
    assert (deleted, str(theirs.pk) in rows) == (set(), False)


@pytest.mark.parametrize("url", PULLED)
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("changed_since=2026-03-01T00:00:00", "changed_since"),
        ("changed_since=2026-03-01", "changed_since"),
        ("changed_since=2026-03-01T00:00:00+00:00", "changed_since"),  # the + is a space
        ("changed_since=yesterday", "changed_since"),
        ("changed_since=9999-12-31T23:30:00-01:00", "changed_since"),  # year 10,000 in UTC
        ("page_size=0", "page_size"),
        ("page_size=501", "page_size"),
        ("page_size=-1", "page_size"),
        ("page_size=1.5", "page_size"),
        ("page_size=many", "page_size"),
        ("page_size=", "page_size"),
        ("page_size=10000000000", "page_size"),
        ("page_size=2&page_size=3", "page_size"),
        ("limit=3", "limit"),
        ("Changed_since=2026-03-01T00:00:00Z", "Changed_since"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_by_name(
    cast: Cast, url: str, query: str, name: str
) -> None:
    make_token(cast.cora)
    answer = Caller().get(f"{url}?{query}")
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {name}


def test_an_instant_may_name_any_zone_that_python_knows(cast: Cast) -> None:
    make_token(cast.cora)
    moment = datetime.fromisoformat(LONG_AGO)
    for hours in (-23, 16, 19):  # PostgreSQL knows fewer than sixteen
        there = moment.astimezone(timezone(timedelta(hours=hours, minutes=16)))
        query = urlencode({"changed_since": there.isoformat()})
        answers = [Caller().get(f"/api/v1/{name}/?{query}") for name in ("members", "goals")]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json()["results"]


def test_neither_a_single_row_nor_a_file_ignores_a_parameter(cast: Cast) -> None:
    make_token(cast.cora)
    for url in (f"/api/v1/members/{cast.petra.pk}/", "/api/v1/figures.csv"):
        answer = Caller().get(f"{url}?limit=1")
        assert (answer.status_code, set(answer.json()["fields"])) == (400, {"limit"})


def test_a_cursor_of_all_rows_is_none_of_changes(cast: Cast) -> None:
    make_token(cast.cora)
    page = Caller().json("/api/v1/members/?page_size=1")
    assert Caller().get(page["next"].replace("members", "enrolments")).status_code == 400


# ── beside writers ──────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_committed_late_is_in_the_next_pull() -> None:
    """The trap of every `changed_since`: written before a pull, and seen only after it."""
    cast = make_cast()
    make_token(cast.cora)
    written, pulled = Event(), Event()

    def write() -> None:
        try:
            with tenant(cast.acme):
                Member.objects.filter(pk=cast.petra.pk).update(department="Late")
                written.set()
                pulled.wait(20)
        finally:
            connection.close()

    _rows, _deleted, since = pull("/api/v1/members/")
    writer = Thread(target=write)
    writer.start()
    written.wait(20)
    rows, _deleted, later = pull(f"/api/v1/members/?changed_since={since}")
    assert rows == {}
    pulled.set()
    writer.join()
    rows, _deleted, _since = pull(f"/api/v1/members/?changed_since={later}")
    assert [row["department"] for row in rows.values()] == ["Late"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_naive_client_beside_writers_ends_equal_to_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from core.members import limits

    monkeypatch.setitem(limits.LIMITS, "api", limits.Limit(10_000_000, 60))
    cast = make_cast()
    make_token(cast.cora)
    over = Event()

    def write(seed: int) -> None:
        chance, mine = random.Random(seed), []
        try:
            while not over.is_set():
                with transaction.atomic(), tenant(cast.acme):
                    mine.append(make_member(cast.acme, f"W{uuid4().hex[:12]}").pk)
                    pk = chance.choice(mine)
                    Member.objects.filter(pk=pk).update(department=f"D{chance.random()}")
                    over.wait(chance.random() / 50)
                if chance.random() < 0.3:
                    remove(cast.acme, "members_member", mine.pop(chance.randrange(len(mine))))
        finally:
            connection.close()

    writers = [Thread(target=write, args=[seed]) for seed in range(4)]
    for writer in writers:
        writer.start()
    kept, _deleted, since = pull("/api/v1/members/?page_size=7")
    for turn in range(15):
        if turn == 13:
            over.set()
            for writer in writers:
                writer.join()
        changed, deleted, since = pull(f"/api/v1/members/?changed_since={since}&page_size=7")
        kept |= changed
        for pk in deleted:
            kept.pop(pk, None)
    now, _deleted, _since = pull("/api/v1/members/")
    assert kept == now
    assert len(now) > 10


def test_deletions_are_known_for_a_documented_time_and_a_pull_from_before_begins_anew(
    cast: Cast,
) -> None:
    make_token(cast.cora)
    make_member(cast.acme, "Stays")
    gone = make_member(cast.acme, "Gone")
    remove(cast.acme, "members_member", gone.pk)
    first = Caller().json(f"/api/v1/members/?changed_since={LONG_AGO}&page_size=1")
    now = clock.now()
    with clock.at(now + Tombstone.KEPT):
        assert prune_tombstones() == 0  # who has just begun to pull still hears of it
    with clock.at(now + Tombstone.KEPT + timedelta(days=2)):
        for url in (f"/api/v1/members/?changed_since={now.isoformat()[:19]}Z", first["next"]):
            answer = ask(url)
            assert (answer.status_code, answer.json()["code"]) == (410, "pull_again")
            assert "fetch all again" in answer.json()["detail"]
        assert prune_tombstones() == 1
        assert prune_tombstones() == 0
        assert ask("/api/v1/members/").status_code == 200
