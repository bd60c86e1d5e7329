"""REST as HTTP has it: problems, what one has already, small answers, and no copy kept."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.test import Client

from core.members import limits
from core.members.edge import LONGEST
from core.members.models import Member
from core.members.permissions import Permission
from core.tenancy.context import tenant
from tests.api.test_api import LISTS, PROBLEM, SECRET, Caller, make_token
from tests.cast import Cast
from tests.metrics.build import full_cohort

URL = "/api/v1/members/"


def get(url: str, scheme: str = "Bearer", **headers: str) -> Any:
    return Client().get(url, headers={"Authorization": f"{scheme} {SECRET}", **headers})


@pytest.mark.parametrize(
    ("url", "headers", "status", "code"),
    [
        (URL, {"Authorization": "Bearer x"}, 401, "not_authenticated"),
        ("/api/v1/figures.csv", {}, 403, "permission_denied"),
        ("/api/v1/figures.csv", {"Accept": "text/csv"}, 403, "permission_denied"),
        (f"{URL}00000000-0000-0000-0000-000000000000/", {}, 404, "not_found"),
        ("/api/v1/nothing/", {}, 404, "not_found"),
        ("/api/v1/nothing", {}, 404, "not_found"),
        (URL, {"Accept": "text/html"}, 406, "not_acceptable"),
        (f"{URL}?state=%00", {}, 400, "invalid"),
        (f"{URL}%00/", {}, 400, "invalid"),
        (f"{URL}?state=x", {}, 400, "invalid"),
        (f"{URL}?state={'x' * LONGEST}", {}, 414, "too_long"),
    ],
)
def test_whatever_is_refused_is_a_problem(
    cast: Cast, url: str, headers: dict[str, str], status: int, code: str
) -> None:
    make_token(cast.cora, Permission.FACTS_READ)
    answer = get(url, **headers)
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert set(body) - {"fields"} == PROBLEM
    assert (body["type"], bool(body["title"])) == ("about:blank", True)


def test_who_asks_too_often_is_told_when_to_go_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_token(cast.cora)
    monkeypatch.setitem(limits.LIMITS, "api", limits.Limit(60, 60, burst=1))
    assert get(URL).status_code == 200
    answer = get(URL)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert answer["Content-Type"] == "application/problem+json"
    assert int(answer["Retry-After"]) >= 1


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_scheme_has_no_case(cast: Cast, scheme: str) -> None:
    make_token(cast.cora)
    assert get(URL, scheme).status_code == 200


@pytest.mark.parametrize("url", [url for url in LISTS if "figures" not in url])
def test_who_has_it_already_is_not_sent_it_again(cast: Cast, url: str) -> None:
    make_token(cast.cora)
    full_cohort(cast.acme)
    first = get(url)
    again = get(url, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert get(f"{url}?page_size=1", **{"If-None-Match": first["ETag"]}).status_code in {200, 304}


def test_what_has_changed_is_sent(cast: Cast) -> None:
    make_token(cast.cora)
    one = f"{URL}{cast.petra.pk}/"
    tags = {url: get(url)["ETag"] for url in (URL, one)}
    assert [get(url, **{"If-None-Match": tags[url]}).status_code for url in tags] == [304, 304]
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(department="Law")
    assert [get(url, **{"If-None-Match": tags[url]}).status_code for url in tags] == [200, 200]


def test_it_is_sent_small_to_who_can_read_that(cast: Cast) -> None:
    make_token(cast.cora)
    full_cohort(cast.acme)
    plain, small = get(URL), get(URL, **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small["Vary"]
    assert json.loads(gzip.decompress(small.content))["results"] == plain.json()["results"]
    streamed = get("/api/v1/figures.csv", **{"Accept-Encoding": "gzip"})
    body = gzip.decompress(b"".join(streamed.streaming_content))
    assert body.startswith(b"program,cohort")


def test_no_copy_of_it_is_kept(cast: Cast) -> None:
    make_token(cast.cora)
    for url in (*LISTS, "/api/v1/figures.csv", "/api/v1/nothing/"):
        assert Caller().get(url)["Cache-Control"] == "no-store"
