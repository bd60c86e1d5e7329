"""The benches of REST and of files still run: on few rows, and without their speed."""

from __future__ import annotations

import json

import pytest

from bench import api as bench_api
from bench import exports as bench_exports
from bench._lines import Lines
from core.members import limits
from core.tenancy.context import tenant
from programs.models.programs import Enrolment

pytestmark = pytest.mark.django_db


def test_pages_files_and_a_client_that_keeps_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for name in ("api", "export"):
        monkeypatch.setitem(limits.LIMITS, name, limits.Limit(10_000, 60))
    monkeypatch.setattr(bench_api, "SIZE", "20")
    owner = bench_exports.make_cohort(180)
    client = bench_exports.caller(owner)
    lines = Lines("tests")
    bench_api.bench_pages(lines, client, 180)
    for ending in ("csv", "jsonl"):
        bench_exports.bench_file(lines, owner, client, 180, ending)
    bench_exports.bench_pages(lines, owner, client, 180)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["case"] for line in said} == {"pages", "csv", "jsonl", "rest"}
    puller = bench_api.Puller(client)
    puller.pull()
    with tenant(owner.organisation):
        there = {str(pk): n for pk, n in Enrolment.objects.values_list("pk", "capacity")}
    assert puller.rows == there
