"""Lists as files: the rows and names of REST, safe in a spreadsheet, and of one's own alone."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from core.common.csv import FORMULA_STARTS
from core.members.models import Member
from core.members.permissions import Permission
from core.tenancy.context import tenant
from tests.api.test_api import LISTS, SECRET, Caller, make_token
from tests.cast import Cast, make_member
from tests.metrics.build import full_cohort

FILES = [url.rstrip("/") for url in LISTS if "figures" not in url]


def read(url: str) -> bytes:
    answer: Any = Client().get(url, headers={"Authorization": f"Bearer {SECRET}"})
    assert answer.status_code == 200, answer.content
    return answer.getvalue()


def as_csv(url: str, separator: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read(url).decode()), delimiter=separator))


@pytest.mark.parametrize("url", FILES)
def test_a_file_has_the_rows_and_the_names_of_its_list(cast: Cast, url: str) -> None:
    make_token(cast.cora)
    full_cohort(cast.acme)
    full_cohort(cast.globex)
    rows = Caller().json(f"{url}/?page_size=500")["results"]
    lines, objects = as_csv(f"{url}.csv"), read(f"{url}.jsonl").decode().splitlines()
    assert {line["id"] for line in lines} == {row["id"] for row in rows}
    by_id: dict[str, Any] = {one["id"]: one for one in map(json.loads, objects)}
    assert len(objects) == len(lines) == len(rows)
    for row in rows:
        one = by_id[row["id"]]
        assert set(one) <= set(row)
        plain = {name for name, value in row.items() if not isinstance(value, list | dict)}
        assert {name: one[name] for name in plain & set(one) if "_at" not in name} == {
            name: row[name] for name in plain & set(one) if "_at" not in name
        }
    assert not rows or list(lines[0]) == list(by_id[rows[0]["id"]])


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_nothing_in_it_is_a_formula(cast: Cast, start: str) -> None:
    make_token(cast.cora)
    with tenant(cast.acme):
        text = f'{start}HYPERLINK("x","y")'
        Member.objects.filter(pk=cast.petra.pk).update(department=text)
    (row,) = (row for row in as_csv("/api/v1/members.csv") if row["id"] == str(cast.petra.pk))
    assert row["department"] == f"'{text}"
    lines = map(json.loads, read("/api/v1/members.jsonl").decode().splitlines())
    (one,) = (one for one in lines if one["id"] == str(cast.petra.pk))
    assert one["department"] == text


def test_it_is_written_as_a_spreadsheet_wants_it(cast: Cast) -> None:
    make_token(cast.cora)
    make_member(cast.acme, "Zoë")
    url = "/api/v1/members.csv?separator=semicolon"
    assert "Zoë" in {row["given_name"] for row in as_csv(url, ";")}
    assert read(f"{url}&bom=true").startswith(b"\xef\xbb\xbfid;")
    assert read("/api/v1/members.csv?separator=tab").startswith(b"id\t")


def test_it_is_narrowed_as_its_list_is_and_refuses_what_it_does_not_know(cast: Cast) -> None:
    make_token(cast.cora)
    make_member(cast.acme, "Ines", live=False)
    assert [row["given_name"] for row in as_csv("/api/v1/members.csv?state=invited")] == ["Ines"]
    for query in ("page_size=2", "changed_since=2026-01-01T00:00:00Z", "separator=x", "bom=x"):
        answer = Caller().get(f"/api/v1/members.csv?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_scope_that_is_wanting_leaves_its_columns_out(cast: Cast) -> None:
    make_token(cast.cora, Permission.FACTS_READ)
    assert not {"email", "employee_id", "manager"} & set(as_csv("/api/v1/members.csv")[0])
