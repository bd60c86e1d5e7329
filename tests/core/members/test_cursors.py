"""A place in a list is a word of ours: any other starts the list again, and says so."""

from __future__ import annotations

import ast
import json
from base64 import urlsafe_b64encode
from uuid import uuid4

import pytest
from django.core import signing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.common.pages import CURSORS, BadCursor, page, read_cursor, write_cursor
from core.members import limits
from core.members.models import Member
from core.tenancy.context import tenant
from tests.api.test_api import LISTS, Caller, make_token
from tests.cast import Cast, sign_in
from tests.guards.source import nodes_of, python_files
from tests.walk.conftest import worlds
from tests.walk.routes import filling, organisation_routes
from tests.walk.world import Worlds

__all__ = ["worlds"]


def packed(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


A_ROW = str(uuid4())
HOSTILE = {
    "nonsense": "zzz",
    "a place of the time before": packed(["a", A_ROW]),
    "null": packed([None, A_ROW]),
    "nul": packed(["a\0b", A_ROW]),
    "lone surrogate": packed(["\ud800", A_ROW]),
    "raw surrogate": "\ud800",
    "wrong types": packed({"a": [1]}),
    "the framework's own": "cD16eno=",
    "the framework's own with NUL": "cD1hJTAw",
    "an offset": urlsafe_b64encode(b"o=99999999999999999999&p=x").decode(),
    "of another list": write_cursor("members.Member.-hired_on", ["2020-01-01", A_ROW]),
    "signed for something else": signing.Signer(salt="link").sign_object(["a", A_ROW]),
    "long": "a" * 5_000,
}


@pytest.mark.parametrize("cursor", HOSTILE.values(), ids=HOSTILE)
def test_a_cursor_that_is_not_ours_is_refused(cast: Cast, cursor: str):
    with tenant(cast.acme), pytest.raises(BadCursor):
        page(Member.objects.all(), cursor=cursor)


@pytest.mark.parametrize("order", ["id", "-id", "family_name", "-live_at"])
def test_ours_goes_on_and_is_good_for_its_order_alone(cast: Cast, order: str):
    with tenant(cast.acme):
        people = Member.objects.all()
        first = page(people, order=order, size=2)
        second = page(people, order=order, size=9, cursor=first.next_cursor)
        assert [*first.rows, *second.rows] == list(
            people.order_by(order, "-id" if order[0] == "-" else "id")
        )
        with pytest.raises(BadCursor):
            page(people, order="given_name", cursor=first.next_cursor)


@pytest.mark.slow
@given(text=st.text())
def test_whatever_is_written_no_text_is_a_cursor(text: str):
    with pytest.raises(BadCursor):
        read_cursor("x", text)


@given(text=st.text(), at=st.integers(0, 200))
def test_ours_with_anything_changed_is_refused(text: str, at: int):
    ours = write_cursor("x", ["a", A_ROW])
    changed = ours[:at] + text + ours[at:]
    if changed == ours:
        assert read_cursor("x", changed) == ["a", A_ROW]
    else:
        with pytest.raises(BadCursor):
            read_cursor("x", changed)


@pytest.mark.slow
def test_every_list_starts_again_and_says_so(worlds: Worlds):
    """As many pages as calls of `page`: one whose cursor has another name is found missing."""
    browser, slug = sign_in(worlds.acme.owner), worlds.acme.organisation.slug
    started = set()
    for route in organisation_routes():
        url = route.url(slug, filling(worlds.acme, route))
        query = dict.fromkeys(CURSORS, HOSTILE["null"])
        answer = browser.get(url, query | {"q": "x"})
        assert answer.status_code < 500, url
        if answer.status_code == 302 and answer["Location"] == f"{url}?q=x":
            started.add(route.name)
            assert b"It starts again here" in browser.get(url).content
    lists = [
        node
        for path in python_files()
        if "views" in str(path)
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "page"
    ]
    assert len(started) >= len(lists) >= 12, started


@pytest.mark.parametrize("url", LISTS)
def test_the_api_refuses_with_a_reason(cast: Cast, url: str):
    make_token(cast.cora)
    for name, cursor in HOSTILE.items():
        if name == "raw surrogate":  # no program can send it
            continue
        answer = Caller().get(f"{url}?cursor={cursor}")
        assert (answer.status_code, set(answer.json()["fields"])) == (400, {"cursor"}), name


def test_a_nul_character_is_refused_in_the_api_s_own_shape(cast: Cast):
    make_token(cast.cora)
    answer = Caller().get("/api/v1/members/?cursor=%00")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec="utf-8")))
def test_no_text_in_any_parameter_breaks_a_list(cast: Cast, monkeypatch, text: str):
    monkeypatch.setitem(limits.LIMITS, "api", limits.Limit(100_000, 60))
    if not getattr(cast, "_has_token", False):
        make_token(cast.cora)
        cast._has_token = True  # type: ignore[attr-defined]  # our mark
    caller = Caller()
    from django.http import QueryDict

    for name in ("cursor", "page_size", "changed_since", "x"):
        query = QueryDict(mutable=True)
        query[name] = text
        answer = caller.get(f"/api/v1/members/?{query.urlencode()}")
        assert answer.status_code in {200, 400}, (name, text)
