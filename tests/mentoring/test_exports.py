"""Lists as files of a worker: the rows of REST in four formats, for who asked and for a day."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from agreements.goals.models import Goal
from core.common import clock
from core.jobs.models import Job, StoredFile
from core.members.access import RESOURCES
from core.members.dictionary import MEANINGS, OWN, meaning_of
from core.members.models import Member
from core.members.sheets import NOT_IN_XML
from core.tenancy.context import tenant
from mentoring.exports import forms, operations
from mentoring.exports.lists import HEAD, WORDS, dictionary
from mentoring.resources import FILES
from metrics.figures import DEFINITIONS
from pairing.models.partnerships import Partnership
from tests.cast import Cast, main_of, sign_in
from tests.metrics.build import full_cohort
from tests.work import work_off

HERE = "/o/acme/exports/"


def export(by: Member, what: str = "members", form: str = "csv", **more: Any) -> Job:
    """Have a list written by the page, and the worker done with it."""
    answer: Any = sign_in(by).post(HERE, {"list": what, "format": form, **more})
    assert answer.status_code == 302, main_of(answer)
    work_off()
    with tenant(by.organisation):
        return Job.objects.get(pk=answer.url.rstrip("/").rpartition("/")[2])


def fetch(by: Member, job: Job) -> bytes:
    answer: Any = sign_in(by).get(f"{HERE}{job.pk}/")
    assert answer.status_code == 200
    content: bytes = answer.getvalue()
    assert answer["Content-Length"] == str(len(content))
    return content


def as_csv(content: bytes, separator: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode()), delimiter=separator))


@pytest.mark.parametrize("what", list(WORDS))
def test_csv_and_json_lines_have_all_rows_of_their_list(cast: Cast, what: str):
    full_cohort(cast.acme)
    full_cohort(cast.globex)
    with tenant(cast.acme, member=cast.cora.pk):
        rows, columns = FILES[what].file_for(cast.cora)
        ids = {str(pk) for pk in rows.values_list("pk", flat=True)}
    lines = as_csv(fetch(cast.cora, job := export(cast.cora, what)))
    assert ({line["id"] for line in lines}, len(lines)) == (ids, len(ids))
    assert (job.state, job.result["rows"]) == (Job.State.DONE, len(ids))
    objects = fetch(cast.cora, export(cast.cora, what, "jsonl")).decode().splitlines()
    assert {json.loads(one)["id"] for one in objects} == ids
    assert not lines or list(lines[0]) == [column.name for column in columns]


def test_a_workbook_holds_texts_as_texts_and_days_as_days(cast: Cast):
    full_cohort(cast.acme)
    with tenant(cast.acme):
        # a formula, and a sign that XML cannot hold
        Member.objects.filter(pk=cast.petra.pk).update(
            department='=HYPERLINK("x")', team="a\x0bb", languages=["German"]
        )
        live_at = Member.objects.get(pk=cast.petra.pk).live_at
    book = load_workbook(io.BytesIO(fetch(cast.cora, export(cast.cora, "members", "xlsx"))))
    head, *rows = book["data"].iter_rows()
    names = [cell.value for cell in head]
    (row,) = (
        dict(zip(names, row, strict=True)) for row in rows if row[0].value == str(cast.petra.pk)
    )
    cell = row["department"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("x")', "s")
    assert (row["team"].value, row["languages"].value) == ("ab", '["German"]')
    assert live_at
    assert isinstance(row["live_at"].value, datetime)
    assert abs(row["live_at"].value.replace(tzinfo=UTC) - live_at) < timedelta(seconds=1)
    lines = [[cell.value for cell in line] for line in book["columns"].iter_rows()]
    assert lines[0] == list(HEAD)
    assert [line[1] for line in lines[1:]] == names
    book = load_workbook(io.BytesIO(fetch(cast.cora, export(cast.cora, "cohorts", "xlsx"))))
    head, first, *_rest = book["data"].iter_rows(values_only=True)
    assert isinstance(dict(zip(head, first, strict=True))["starts_on"], datetime)


def test_parquet_has_types_and_says_what_its_columns_mean(cast: Cast):
    parquet = pytest.importorskip("pyarrow.parquet")
    full_cohort(cast.acme)
    table = parquet.read_table(
        io.BytesIO(fetch(cast.cora, export(cast.cora, "members", "parquet")))
    )
    rows = {row["id"]: row for row in table.to_pylist()}
    with tenant(cast.acme, member=cast.cora.pk):
        petra = Member.objects.get(pk=cast.petra.pk)
        assert len(rows) == FILES["members"].file_for(cast.cora)[0].count()
    row = rows[str(petra.pk)]
    assert (row["live_at"], row["languages"]) == (petra.live_at, petra.languages)
    assert (row["given_name"], row["manager"]) == ("Petra", None)
    meaning = table.schema.field("live_at").metadata[b"meaning"].decode()
    assert meaning == "When they accepted their invitation (UTC)"


def test_where_parquet_is_not_installed_the_page_says_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    words = "Parquet is offered here once"
    page = main_of(sign_in(cast.cora).get(HERE))
    assert (words in page) != ('value="parquet"' in page)
    for module in (forms, __import__("mentoring.exports.views", fromlist=["x"])):
        monkeypatch.setattr(module, "can_write_parquet", lambda: False)
    page = main_of(sign_in(cast.cora).get(HERE))
    assert words in page
    assert 'value="parquet"' not in page
    asked = {"list": "members", "format": "parquet"}
    assert sign_in(cast.cora).post(HERE, asked).status_code == 422


def test_csv_is_written_as_a_german_pc_wants_it(cast: Cast):
    job = export(cast.cora, "members", "csv", separator="semicolon", bom="on")
    content = fetch(cast.cora, job)
    assert content.startswith(b"\xef\xbb\xbfid;")
    assert as_csv(content[3:], ";")


def test_true_and_false_are_written_in_full(cast: Cast):
    full_cohort(cast.acme)
    with tenant(cast.acme):
        partnership = Partnership.objects.latest("pk")
        Goal.objects.create(
            partnership=partnership, title="Ours", state=Goal.State.ACTIVE, due_on="2026-12-01"
        )
    said = {line["shared"] for line in as_csv(fetch(cast.cora, export(cast.cora, "goals")))}
    assert said == {"true"}


def test_a_long_file_is_kept_in_parts_and_fetched_whole(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(operations, "PART", 200)
    job = export(cast.cora)
    assert len(job.result["files"]) > 1
    lines = as_csv(fetch(cast.cora, job))
    assert len(lines) == job.result["rows"]
    with tenant(cast.acme):
        StoredFile.objects.filter(pk=job.result["files"][-1]).delete()
    with pytest.raises(operations.FileGone):
        fetch(cast.cora, job)


def test_it_is_its_askers_alone_and_for_a_day(cast: Cast):
    job = export(cast.cora)
    assert f"{HERE}{job.pk}/" in main_of(sign_in(cast.cora).get(HERE))
    assert f"{HERE}{job.pk}/" not in main_of(sign_in(cast.olga).get(HERE))
    for other, status in ((cast.olga, 404), (cast.hugo, 404), (cast.petra, 403)):
        assert sign_in(other).get(f"{HERE}{job.pk}/").status_code in {status, 404}
    with tenant(cast.acme):
        Job.objects.filter(pk=job.pk).update(finished_at=clock.now() - operations.LIFE)
    assert sign_in(cast.cora).get(f"{HERE}{job.pk}/").status_code == 404
    assert f"{HERE}{job.pk}/" not in main_of(sign_in(cast.cora).get(HERE))


def test_who_may_see_less_by_now_does_not_get_what_they_could_see(cast: Cast):
    job = export(cast.cora)
    assert "email" in as_csv(fetch(cast.cora, job))[0]
    assert "email" not in as_csv(fetch(cast.hugo, export(cast.hugo)))[0]
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.cora.pk).update(role=Member.Role.HR)
    assert sign_in(cast.cora).get(f"{HERE}{job.pk}/").status_code == 404


def test_a_stopped_one_keeps_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    from core.jobs.progress import Cancelled, Reporter

    def stopped(self: Reporter, done: int, of: int, what: str) -> None:
        raise Cancelled

    monkeypatch.setattr(Reporter, "__call__", stopped)
    job = export(cast.cora)
    with tenant(cast.acme):
        assert (job.state, StoredFile.objects.count()) == (Job.State.CANCELLED, 0)


def test_what_a_sheet_cannot_hold_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.members.sheets.SHEET_ROWS", 1)
    job = export(cast.cora, "members", "xlsx")
    assert (job.state, "Take CSV" in job.error) == (Job.State.FAILED, True)
    assert NOT_IN_XML.sub("", "a\x00b") == "ab"


def test_every_column_is_explained_and_nothing_else_is(cast: Cast):
    used, own = set[str](), set[tuple[str, str]]()
    for name in WORDS:
        for column in RESOURCES[name].all_fields:
            assert meaning_of(name, column).words
            if column in OWN.get(name, {}):
                own.add((name, column))
            else:
                used.add(column)
    assert used == set(MEANINGS)
    assert own == {(name, column) for name, columns in OWN.items() for column in columns}
    assert set(WORDS) == set(FILES) - {"outcomes"}
    with tenant(cast.acme, member=cast.cora.pk):
        head, *lines = dictionary(cast.cora)
    values = {line[2]: line for line in lines if line[:2] == ("figures", "value")}
    assert set(values) == {entry.key for entry in DEFINITIONS}
    assert all(line[5] and line[7].endswith(f"/{key}/") for key, line in values.items())
    content: Any = sign_in(cast.cora).get(f"{HERE}columns.csv")
    assert [tuple(row) for row in csv.reader(io.StringIO(content.getvalue().decode()))] == [
        tuple(map(str, line)) for line in (head, *lines)
    ]
