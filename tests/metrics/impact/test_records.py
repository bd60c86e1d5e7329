"""HR records on their way in: by file through the pages, and by REST in batches."""

from __future__ import annotations

import html
import json
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit.models import AuditEvent
from core.jobs.models import Job
from core.members.models import Member
from core.members.permissions import Permission
from core.tenancy.context import tenant
from metrics.impact.forms import RecordColumnsForm
from metrics.impact.operations import (
    begin_record_import,
    confirm_record_columns,
    enter_records,
)
from metrics.impact.records import (
    COLUMNS,
    PeopleIndex,
    Person,
    guess_columns,
    mapping_problems,
    plan_records,
)
from metrics.models import HrRecord, RecordImport
from programs.errors import BadMapping, ImportNotReady
from programs.importing.messages import Code
from programs.importing.tables import TableRow
from tests.api.test_api import SECRET, make_token
from tests.cast import Cast, main_of, sign_in
from tests.metrics.impact.build import colleagues
from tests.metrics.impact.test_pages import words
from tests.work import work_off

PATH = "/api/v1/outcomes/batch/"
FILE = """Employee ID,Stand,Status,Promotion date,Job satisfaction,Grade,Department,Office,Hire date
staff-0,2025-01-01,active,,4.5,L5,Sales,Bonn,2019-03-01
staff-1,2025-01-01,Terminated,,,L4,Law,Bonn,2018-01-01
nobody,2025-01-01,active,,,L4,Law,Bonn,2018-01-01
staff-0,2025-01-01,active,,3,L5,Sales,Bonn,2019-03-01
"""
ADA = Person(UUID(int=1), "Ada Byron", "ada@acme.example", "E-1")
BO = Person(UUID(int=2), "Bo Chen", "bo@acme.example", "E-2")
TODAY = date(2026, 6, 1)


def plan(cells: dict[str, str], existing: Any = None, known_on: date | None = None) -> Any:
    headers = list(cells)
    (row,) = plan_records(
        [TableRow(2, tuple(cells.values()))],
        mapping={name: headers.index(name) for name in headers},
        known_on=known_on,
        order="",
        today=TODAY,
        people=PeopleIndex([ADA, BO]),
        existing=existing or {},
    )
    return row


def codes(row: Any) -> list[tuple[str, Code]]:
    return [(problem.field, problem.code) for problem in row.problems]


def test_headings_of_hr_systems_are_known() -> None:
    headers = ["Personalnummer", "Stichtag", "Status", "Letzte Beförderung", "Entgeltgruppe", "x"]

    mapping = guess_columns(headers)

    assert {name: at for name, at in mapping.items() if at is not None} == {
        "employee_id": 0,
        "known_on": 1,
        "status": 2,
        "promoted_on": 3,
        "level": 4,
    }


def test_columns_must_say_whom_and_when_and_serve_one_field_each() -> None:
    problems = mapping_problems({"level": 3, "department": 3}, None)

    assert [(one.field, one.code) for one in problems] == [
        ("employee_id", Code.MAPPING_NO_PERSON),
        ("known_on", Code.MAPPING_NO_DAY),
        ("department", Code.MAPPING_COLUMN_TWICE),
    ]
    assert mapping_problems({"email": 0}, TODAY) == []


def test_a_row_becomes_a_record_with_a_person_and_a_day() -> None:
    row = plan({"email": "ADA@acme.example", "known_on": "2025-01-01", "job_satisfaction": "3,75"})

    assert (row.verdict, row.person, row.known_on) == ("new", ADA, date(2025, 1, 1))
    assert (row.values["job_satisfaction"], row.values["status"]) == (Decimal("3.75"), "employed")


def test_a_row_that_names_no_day_is_of_the_day_of_the_file() -> None:
    assert plan({"employee_id": "e-1"}, known_on=date(2025, 1, 1)).known_on == date(2025, 1, 1)


@pytest.mark.parametrize(
    ("cells", "problems"),
    [
        ({"employee_id": "E-9"}, [("", Code.PERSON_UNKNOWN)]),
        ({"employee_id": ""}, [("", Code.PERSON_UNKNOWN)]),
        ({"employee_id": "E-1", "email": "bo@acme.example"}, [("", Code.PERSON_UNKNOWN)]),
        ({"employee_id": "E-1", "known_on": ""}, [("known_on", Code.DAY_MISSING)]),
        ({"employee_id": "E-1", "known_on": "soon"}, [("known_on", Code.DATE_UNREADABLE)]),
        ({"employee_id": "E-1", "known_on": "2026-06-02"}, [("known_on", Code.DAY_TO_COME)]),
        ({"employee_id": "E-1", "status": "maybe"}, [("status", Code.STATUS_UNKNOWN)]),
        (
            {"employee_id": "E-1", "status": "active", "left_on": "2025-02-01"},
            [("left_on", Code.STILL_EMPLOYED)],
        ),
        (
            {"employee_id": "E-1", "job_satisfaction": "87"},
            [("job_satisfaction", Code.SATISFACTION_UNREADABLE)],
        ),
        (
            {"employee_id": "E-1", "job_satisfaction": "5.5"},
            [("job_satisfaction", Code.SATISFACTION_UNREADABLE)],
        ),
        ({"employee_id": "E-1", "level": "x" * 41}, [("level", Code.TEXT_TOO_LONG)]),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_whole(
    cells: dict[str, str], problems: list[tuple[str, Code]]
) -> None:
    row = plan({"known_on": "2025-01-01", "department": "Sales"} | cells)

    assert (row.verdict, codes(row), row.values) == ("refused", problems, {})


def test_who_has_left_has_a_last_day_and_who_has_a_last_day_has_left() -> None:
    day = {"employee_id": "E-1", "known_on": "2025-03-31"}
    assert plan(day | {"status": "left"}).values["left_on"] == date(2025, 3, 31)
    assert plan(day | {"left_on": "2025-03-15"}).values["status"] == "left"


def test_an_empty_cell_leaves_what_the_record_of_that_day_says() -> None:
    before: dict[str, Any] = dict.fromkeys(HrRecord.FACTS) | {
        "status": "left",
        "left_on": date(2024, 12, 1),
        "level": "L5",
        "department": "",
        "location": "Bonn",
    }
    existing = {(ADA.pk, date(2025, 1, 1)): before}
    cells = {"employee_id": "E-1", "known_on": "2025-01-01"}

    assert plan(cells, existing).verdict == "same"
    row = plan(cells | {"level": "L6"}, existing)
    assert (row.verdict, row.changes) == ("changed", (("level", "L5", "L6"),))
    back = plan(cells | {"status": "active"}, existing)
    assert (back.values["status"], back.values["left_on"]) == ("employed", None)


@pytest.fixture
def staff(cast: Cast) -> list[Member]:
    return colleagues(cast.acme, 3, "staff")


def upload(client: Client, cast: Cast, content: str = FILE) -> RecordImport:
    file = SimpleUploadedFile("records.csv", content.encode())
    answer = client.post(
        reverse("metrics:new_record_import", args=[cast.acme.slug]), {"file": file}
    )
    assert answer.status_code == 302
    with tenant(cast.acme):
        return RecordImport.objects.latest("id")


def columns(row: RecordImport, **more: str) -> dict[str, str]:
    """Return the form of columns as the page shows it."""
    form = RecordColumnsForm(record_import=row)
    initial = {name: field.initial for name, field in form.fields.items()}
    return {name: str(value) for name, value in initial.items() if value is not None} | more


def again(row: RecordImport, cast: Cast) -> RecordImport:
    with tenant(cast.acme):
        return RecordImport.objects.for_list().select_related("preview").get(pk=row.pk)


@pytest.mark.django_db
def test_a_file_goes_from_upload_to_records_through_the_pages(
    cast: Cast, staff: list[Member]
) -> None:
    hugo = sign_in(cast.hugo)
    row = upload(hugo, cast)
    assert "Reading" in hugo.get(row.get_absolute_url()).content.decode()
    work_off()
    row = again(row, cast)
    assert "Which column is which?" in main_of(hugo.get(row.get_absolute_url()))
    hugo.post(reverse("metrics:map_records", args=[cast.acme.slug, row.pk]), columns(row))
    work_off()

    row = again(row, cast)
    page = main_of(hugo.get(row.get_absolute_url()))
    assert (row.state, "Write 2 records" in page) == (RecordImport.State.PREVIEW, True)
    assert row.planned.counts == {"new": 2, "changed": 0, "same": 0, "refused": 2}
    assert "Nobody in your organisation has this employee ID" in page
    written = main_of(hugo.get(row.get_absolute_url(), {"verdict": "new", "after": "1"}))
    assert ("staff0" in written, "staff1" in written) == (False, True)
    with tenant(cast.acme):
        assert not HrRecord.objects.exists()
    url = reverse("metrics:apply_records", args=[cast.acme.slug, row.pk])
    hugo.post(url, {"digest": row.planned.digest})
    work_off()

    row = again(row, cast)
    assert "2 records written" in main_of(hugo.get(row.get_absolute_url()))
    assert row.counts == {"new": 2, "changed": 0, "same": 0, "refused": 2}
    with tenant(cast.acme):
        records = HrRecord.objects.order_by("member__employee_id")
        values = records.values_list("member", "status", "left_on", "level", "job_satisfaction")
        assert list(values) == [
            (staff[0].pk, "employed", None, "L5", Decimal("4.50")),
            (staff[1].pk, "left", date(2025, 1, 1), "L4", None),
        ]
    second = hugo.post(url, {"digest": row.planned.digest})
    assert second.status_code == 422  # a second click is refused politely
    assert str(ImportNotReady()) in html.unescape(main_of(second))
    with tenant(cast.acme):
        RecordImport.objects.update(preview=None)
    assert "Bring in HR records" in main_of(hugo.post(url, {}))


@pytest.mark.django_db
def test_the_next_file_with_the_same_headings_has_the_columns_of_the_last(
    cast: Cast, staff: list[Member]
) -> None:
    hugo = sign_in(cast.hugo)
    row = again(upload(hugo, cast), cast)
    work_off()
    row = again(row, cast)
    chosen = columns(row, level="", day="2025-01-01")
    hugo.post(reverse("metrics:map_records", args=[cast.acme.slug, row.pk]), chosen)
    work_off()
    row = again(row, cast)
    digest = {"digest": row.planned.digest}
    hugo.post(reverse("metrics:apply_records", args=[cast.acme.slug, row.pk]), digest)
    work_off()

    after = upload(hugo, cast)
    work_off()

    assert again(after, cast).mapping == again(row, cast).mapping
    assert again(after, cast).mapping["level"] is None


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_says_why(cast: Cast) -> None:
    hugo = sign_in(cast.hugo)
    row = upload(hugo, cast, "only a heading\n")
    work_off()

    page = main_of(hugo.get(row.get_absolute_url()))

    assert "There are no rows below the names of the columns." in page
    url = reverse("metrics:map_records", args=[cast.acme.slug, row.pk])
    assert hugo.post(url, {}).status_code == 302


@pytest.mark.django_db
def test_columns_that_cannot_be_used_are_refused_on_the_page(cast: Cast) -> None:
    hugo = sign_in(cast.hugo)
    row = upload(hugo, cast)
    work_off()
    row = again(row, cast)

    url = reverse("metrics:map_records", args=[cast.acme.slug, row.pk])
    answer = hugo.post(url, columns(row, known_on="", employee_id=""))

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"known_on", "employee_id"}


@pytest.mark.django_db
def test_what_has_changed_since_the_preview_is_not_written(cast: Cast, staff: list[Member]) -> None:
    hugo = sign_in(cast.hugo)
    row = upload(hugo, cast)
    work_off()
    row = again(row, cast)
    hugo.post(reverse("metrics:map_records", args=[cast.acme.slug, row.pk]), columns(row))
    work_off()
    row = again(row, cast)
    with tenant(cast.acme):
        HrRecord.objects.create(member=staff[0], known_on=date(2025, 1, 1), level="L9")

    url = reverse("metrics:apply_records", args=[cast.acme.slug, row.pk])
    hugo.post(url, {"digest": row.planned.digest})
    work_off()

    with tenant(cast.acme):
        assert list(HrRecord.objects.values_list("level", flat=True)) == ["L9"]
        job = Job.objects.latest("id")
    assert (job.state, bool(job.error)) == (Job.State.FAILED, True)
    assert job.error in main_of(hugo.get(row.get_absolute_url()))
    # and it can be planned anew
    hugo.post(reverse("metrics:map_records", args=[cast.acme.slug, row.pk]), columns(row))
    work_off()
    assert again(row, cast).planned.counts["changed"] == 1


@pytest.mark.django_db
def test_a_file_that_is_gone_can_be_neither_looked_at_nor_planned(cast: Cast) -> None:
    hugo = sign_in(cast.hugo)
    row = upload(hugo, cast)
    work_off()
    with tenant(cast.acme):
        RecordImport.objects.update(file=None)

    assert "Bring in HR records" in main_of(hugo.get(row.get_absolute_url()))
    with tenant(cast.acme):
        assert row.state == RecordImport.State.READING
        with pytest.raises(BadMapping):
            confirm_record_columns(
                record_import=row, mapping={}, known_on=None, date_order="", by=cast.hugo
            )
        with pytest.raises(ImportNotReady):
            begin_record_import(record_import=row, digest="", by=cast.hugo)


@pytest.mark.django_db
def test_reading_that_stopped_says_so(cast: Cast) -> None:
    hugo = sign_in(cast.hugo)
    row = upload(hugo, cast)
    with tenant(cast.acme):
        Job.objects.update(state=Job.State.FAILED, error="It broke.")

    assert "It broke." in main_of(hugo.get(row.get_absolute_url()))
    answer = hugo.get(row.get_absolute_url(), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == row.get_absolute_url()


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "status"), [("olga", 200), ("hugo", 200), ("cora", 403)])
def test_only_hr_and_owners_bring_in_and_see_records(cast: Cast, who: str, status: int) -> None:
    client = sign_in(getattr(cast, who))
    for name in ("impact", "impact_csv", "new_record_import"):
        assert client.get(reverse(f"metrics:{name}", args=[cast.acme.slug])).status_code == status


@pytest.mark.django_db
def test_a_record_is_read_by_hr_by_owners_and_by_its_person(
    cast: Cast, staff: list[Member]
) -> None:
    with tenant(cast.acme):
        HrRecord.objects.create(member=cast.petra, known_on=date(2025, 1, 1))
        seen = {
            name
            for name in ("olga", "cora", "hugo", "petra", "pavel")
            if HrRecord.objects.visible_to(getattr(cast, name)).exists()
        }
    assert seen == {"olga", "hugo", "petra"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "facts",
    [
        {"status": "left"},
        {"left_on": date(2025, 1, 1)},
        {"job_satisfaction": Decimal("5.5")},
    ],
)
def test_the_database_refuses_records_that_contradict_themselves(
    cast: Cast, facts: dict[str, Any]
) -> None:
    with tenant(cast.acme), pytest.raises(IntegrityError), transaction.atomic():
        HrRecord.objects.create(member=cast.petra, known_on=date(2025, 1, 1), **facts)


@pytest.mark.django_db
def test_one_person_has_one_record_a_day(cast: Cast) -> None:
    with tenant(cast.acme):
        HrRecord.objects.create(member=cast.petra, known_on=date(2025, 1, 1))
        with pytest.raises(IntegrityError), transaction.atomic():
            HrRecord.objects.create(member=cast.petra, known_on=date(2025, 1, 1))


def send(*records: dict[str, Any], key: str = "k-1") -> Any:
    headers = {"Authorization": f"Bearer {SECRET}", "Idempotency-Key": key}
    body = {"records": list(records)}
    return Client().post(PATH, body, content_type="application/json", headers=headers)


RECORD = {"employee_id": "staff-0", "known_on": "2025-01-01", "level": "L5"}


@pytest.mark.django_db
def test_a_batch_writes_records_and_says_what_became_of_each(
    cast: Cast, staff: list[Member]
) -> None:
    make_token(cast.hugo, Permission.OUTCOMES_MANAGE)

    answer = send(RECORD, {"employee_id": "nobody", "known_on": "2025-01-01"})

    assert answer.status_code == 200
    report = answer.json()
    assert report["counts"] == {"new": 1, "changed": 0, "same": 0, "refused": 1}
    assert [row["verdict"] for row in report["rows"]] == ["new", "refused"]
    assert report["rows"][1]["problems"][0]["code"] == "person_unknown"
    changed = send(RECORD | {"level": "L6"}, key="k-2").json()["rows"][0]
    assert (changed["verdict"], changed["changes"]) == ("changed", ["level"])
    assert send(RECORD | {"level": "L6"}, key="k-3").json()["rows"][0]["verdict"] == "same"
    got = Client().get("/api/v1/outcomes/", headers={"Authorization": f"Bearer {SECRET}"}).json()
    assert [(row["member"], row["level"]) for row in got["results"]] == [(str(staff[0].pk), "L6")]
    lines = Client().get("/api/v1/outcomes.jsonl", headers={"Authorization": f"Bearer {SECRET}"})
    assert json.loads(b"".join(lines))["known_on"] == "2025-01-01"


@pytest.mark.django_db
def test_the_same_key_writes_once_and_another_body_with_it_is_refused(
    cast: Cast, staff: list[Member]
) -> None:
    make_token(cast.hugo, Permission.OUTCOMES_MANAGE)
    first, second = send(RECORD), send(RECORD)

    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    other = send(RECORD | {"level": "L7"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_used")
    with tenant(cast.acme):
        assert HrRecord.objects.get().level == "L5"


@pytest.mark.django_db
def test_a_batch_needs_its_key_and_only_known_fields(cast: Cast) -> None:
    make_token(cast.hugo, Permission.OUTCOMES_MANAGE)

    assert list(send(RECORD, key=" ").json()["fields"]) == ["Idempotency-Key"]
    assert send({"name": "Ada"}).status_code == 400
    assert send().status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("scope", [Permission.FACTS_READ, Permission.PEOPLE_MANAGE])
def test_no_other_scope_opens_records(cast: Cast, scope: Permission) -> None:
    make_token(cast.olga, scope)

    assert send(RECORD).status_code == 403
    got = Client().get("/api/v1/outcomes/", headers={"Authorization": f"Bearer {SECRET}"})
    assert got.status_code == 403


@pytest.mark.django_db
def test_a_coordinators_token_opens_no_records_whatever_its_scope_says(cast: Cast) -> None:
    make_token(cast.cora, Permission.OUTCOMES_MANAGE)

    assert send(RECORD).status_code == 403


@pytest.mark.django_db
def test_nobody_elses_people_can_be_written_about(cast: Cast) -> None:
    with tenant(cast.globex):
        row, _is_new = enter_records(
            records=[{"email": cast.petra.email, "known_on": "2025-01-01"}],
            key="k",
            by=cast.gustav,
        )
        assert row.counts["refused"] == 1


@pytest.mark.django_db
def test_the_list_is_read_only_costs_the_same_and_knows_no_stranger(
    cast: Cast, staff: list[Member]
) -> None:
    make_token(cast.hugo, Permission.OUTCOMES_MANAGE)
    headers = {"Authorization": f"Bearer {SECRET}"}
    client, url = Client(headers=headers), "/api/v1/outcomes/"

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    with tenant(cast.acme):
        first = HrRecord.objects.create(member=staff[0], known_on=date(2025, 1, 1))
    client.get(url)
    one = cost()
    with tenant(cast.acme):
        for at in (1, 2):
            HrRecord.objects.create(member=staff[at], known_on=date(2025, 1, 1))
    assert cost() == one
    assert len(client.get(url).json()["results"]) == 3
    assert len(client.get(url, {"member": staff[1].pk}).json()["results"]) == 1
    assert client.get(url, {"status": "left"}).json()["results"] == []
    assert client.get(f"{url}{first.pk}/").json()["id"] == str(first.pk)
    assert client.post(url).status_code == 405
    make_token(cast.gustav, Permission.OUTCOMES_MANAGE, secret="theirs")
    theirs = Client(headers={"Authorization": "Bearer theirs"})
    assert theirs.get(f"{url}{first.pk}/").status_code == 404
    assert theirs.get(url).json()["results"] == []


def test_each_column_has_words_that_guess_it() -> None:
    for name, column in COLUMNS.items():
        assert guess_columns([column.headers.split("|")[0]])[name] == 0, name


@pytest.mark.django_db
def test_an_import_is_undone_where_nothing_has_changed_since(
    cast: Cast, staff: list[Member]
) -> None:
    make_token(cast.hugo, Permission.OUTCOMES_MANAGE)
    facts = {"status": "left", "left_on": "2024-12-31", "job_satisfaction": "4.5"}
    send(RECORD | {"level": "L4", "hired_on": "2020-02-29"}, key="before")
    send(
        RECORD | facts,
        RECORD | {"employee_id": "staff-1"},
        RECORD | {"employee_id": "staff-2"},
        {"employee_id": "nobody", "known_on": "2025-01-01"},
        key="mistake",
    )
    send(RECORD | {"employee_id": "staff-2", "location": "Bonn"}, key="after")
    with tenant(cast.acme):
        row = RecordImport.objects.for_list().get(idempotency_key="mistake")
    hugo, url = sign_in(cast.hugo), reverse("metrics:undo_records", args=[cast.acme.slug, row.pk])
    assert url in main_of(hugo.get(row.get_absolute_url()))
    asked = words(main_of(hugo.get(url)))
    assert "Records removed 1 Get their earlier facts back 1 Stay 1" in asked
    with tenant(cast.acme):
        assert HrRecord.objects.count() == 3  # asking does nothing

    hugo.post(url)
    assert "Undoing the import of" in hugo.get(row.get_absolute_url()).content.decode()
    work_off()

    page = words(main_of(hugo.get(row.get_absolute_url())))
    assert "Undone: 1 removed, 1 with their earlier facts." in page
    assert "1 record has changed since and stays." in page
    assert url not in main_of(hugo.get(row.get_absolute_url()))
    with tenant(cast.acme):
        row = again(row, cast)
        assert row.state == RecordImport.State.UNDONE
        first, third = HrRecord.objects.order_by("member__employee_id")
        assert first.member == staff[0]
        assert (first.level, first.status, first.left_on) == ("L4", "employed", None)
        assert (first.hired_on, first.job_satisfaction) == (date(2020, 2, 29), None)
        assert (third.member, third.location) == (staff[2], "Bonn")
        said = AuditEvent.objects.get(verb="record_import.undone").details
        assert {name: said[name] for name in ("removed", "restored", "kept")} == {
            "removed": 1,
            "restored": 1,
            "kept": 1,
        }


@pytest.mark.django_db
def test_what_is_undone_or_wrote_nothing_is_not_undone_again(
    cast: Cast, staff: list[Member]
) -> None:
    make_token(cast.hugo, Permission.OUTCOMES_MANAGE)
    send(RECORD, key="a")
    send({"employee_id": "nobody", "known_on": "2025-01-01"}, key="b")
    hugo = sign_in(cast.hugo)
    with tenant(cast.acme):
        written, nothing = (
            RecordImport.objects.for_list().get(idempotency_key=key) for key in ("a", "b")
        )

    def undo(row: RecordImport) -> Any:
        return hugo.post(reverse("metrics:undo_records", args=[cast.acme.slug, row.pk]))

    undo(written)
    work_off()
    assert "can no longer be undone" in undo(written).content.decode()
    assert "can no longer be undone" in undo(nothing).content.decode()
    asked = hugo.get(reverse("metrics:undo_records", args=[cast.acme.slug, nothing.pk]))
    assert (asked.status_code, asked["Location"]) == (302, nothing.get_absolute_url())
    with tenant(cast.acme):
        job = Job.objects.get(kind="metrics.undo_records")
        Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
        RecordImport.objects.filter(pk=written.pk).update(state=RecordImport.State.UNDOING)
    undo(written)  # its job had stopped half way, and left everything as it was
    work_off()
    with tenant(cast.acme):
        assert again(written, cast).state == RecordImport.State.UNDONE
        assert not HrRecord.objects.exists()
