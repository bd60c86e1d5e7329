"""An import from upload to report, through the pages, with the export of a real HR system."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.accounts.operations import invitations
from core.common import clock
from core.jobs import operations as jobs_operations
from core.jobs import progress
from core.jobs.models import Job
from core.members.models import Invitation, Member, User
from core.tenancy.context import tenant
from programs.importing.tables import read_table
from programs.models.imports import PeopleImport
from programs.models.parts import Answer
from programs.models.programs import Cohort, Enrolment
from programs.operations import imports
from programs.queries import enrolments
from tests.cast import make_member, sign_in
from tests.programs.build import make_cohort, make_program
from tests.programs.imports import begin, confirm, upload, work

CSV = Path(__file__).parents[1] / "data" / "leadership-circles.csv"
NONE = {"left": 0, "back": 0, "without_part": 0}
SMALL = """Employee ID,First name,Last name,Work email,Department,Manager ID,Part,Hire date
1,Ada,Byron,ada@acme.example,Sales,2,peer,2020-01-31
2,Bo,Chen,bo@acme.example,Sales,,peer,2019-05-06
"""


@pytest.fixture
def cora(cast):
    return sign_in(cast.cora)


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Return all rows that an import could touch, as they are."""
    return {
        model.__name__: sorted(map(repr, model.objects.values_list(*columns)))
        for model, columns in [
            (
                Member,
                [each.attname for each in Member._meta.concrete_fields],
            ),
            (Enrolment, [each.attname for each in Enrolment._meta.concrete_fields]),
            (Answer, ["enrolment_id", "question__key", "value"]),
            (Cohort, ["id", "places_taken"]),
        ]
    }


@pytest.fixture
def cohorts(cast):
    circles = make_cohort(make_program(cast.acme), "Circles")
    program = make_program(cast.acme, "Mentoring", "mentor-and-mentee")
    return {"peer": str(circles.pk), "mentor": str(make_cohort(program, "Pairs").pk)}


def test_the_export_of_a_real_hr_system_goes_through_the_pages(cast, cora, cohorts):
    address = upload(cora, CSV.read_bytes(), CSV.name)
    confirm(cora, address, **cohorts)

    preview = cora.get(address).content.decode()
    chips = dict(re.findall(r'class="chip"[^>]*>\s*(\w[\w ]*?) (\d+)</a>', preview))
    assert chips == {
        "All rows": "244",
        "new": "232",
        "changed": "0",
        "same": "2",
        "leaves": "0",
        "question": "0",
        "refused": "10",
        "with a warning": "17",
    }
    assert "Import 232 people" in preview
    refused = cora.get(f"{address}?verdict=refused").content.decode()
    assert refused.count('class="is-wrong"') == 10
    assert "Work e-mail: There is no e-mail address." in refused

    with tenant(cast.acme):
        job = work(begin(cora, address))
        assert (job.state, job.error) == ("done", "")
        assert job.result == {
            "entered": 232,
            "changed": 0,
            "enrolled": 232,
            "waitlisted": 0,
            **NONE,
        }
        assert job.result_path == address
        people = Member.objects.exclude(email__endswith="acme.example")
        assert people.count() == people.filter(state="invited").count() == 232
        parts = {
            part: Enrolment.objects.filter(part=part, state="accepted").count()
            for part in Enrolment.Part.values
        }
        assert sum(parts.values()) == 232
        assert parts["peer"] == Enrolment.objects.filter(cohort=cohorts["peer"]).count()
        uma = Member.objects.get(employee_id="E10000")
        assert (uma.email, uma.level, uma.languages) == (
            "uma.jansen0@northwind.example",
            "3",
            ["en", "af", "xh"],
        )
        assert uma.manager.employee_id == "E10159"
        answers = enrolments.answers_of(Enrolment.objects.filter(member=uma))
        assert next(iter(answers.values())) == {
            "skills_sought": {"active-listening": 1, "delegation": 1, "decision-making": 1},
            "goal": "move from expert to team lead",
            "interests": ["music"],
            "availability": [[0, 840, 960], [3, 900, 1020], [4, 540, 660]],
        }
        assert Member.objects.get(employee_id="E10133").manager is None
    report = cora.get(address).content.decode()
    assert "232 new people" in report
    lines = list(csv.reader(io.StringIO(body(cora.get(f"{address}problems.csv")))))
    assert len({line[0] for line in lines[1:]}) == 17 + 10 + 2
    assert ["2", "Uma Jansen"] not in [line[:2] for line in lines]


def body(answer) -> str:
    return b"".join(answer.streaming_content).decode()


def test_the_same_file_twice_changes_nothing(cast, cora, cohorts):
    with tenant(cast.acme):
        states = []
        for _time in range(2):
            address = upload(cora, CSV.read_bytes())
            confirm(cora, address, **cohorts)
            job = work(begin(cora, address))
            states.append(everything())
        assert states[0] == states[1]
    assert job.result == {"entered": 0, "changed": 0, "enrolled": 0, "waitlisted": 0, **NONE}
    with tenant(cast.acme):
        last = PeopleImport.objects.order_by("-id")[0]
        assert last.report["counts"] == {
            "new": 0,
            "changed": 0,
            "same": 234,
            "leaves": 0,
            "question": 0,
            "refused": 10,
        }


def test_a_changed_row_changes_the_person_and_their_own_answers_stay(cast, cora, cohorts):
    with tenant(cast.acme):
        first = upload(cora, SMALL)
        confirm(cora, first, **cohorts)
        work(begin(cora, first))
        ada = Member.objects.get(employee_id="1")
        assert ada.manager.given_name == "Bo"

        second = upload(
            cora,
            SMALL.replace("ada@acme.example,Sales,2,peer", "ada.b@acme.example,Legal,,mentor"),
        )
        confirm(cora, second, **cohorts)
        page = cora.get(second).content.decode()
        assert "<del>Sales</del> <ins>Legal</ins>" in page
        job = work(begin(cora, second))

        ada.refresh_from_db()
        assert job.result["changed"] == 1
        assert (ada.email, ada.department) == ("ada.b@acme.example", "Legal")
        assert ada.manager.given_name == "Bo", "an empty cell leaves the value alone"
        assert User.objects.filter(email="ada@acme.example").exists()


def test_a_page_never_reads_the_file_and_each_job_reads_it_once(cast, cora, monkeypatch):
    readings = []

    def counted(content, **more):
        readings.append(len(content))
        return read_table(content, **more)

    monkeypatch.setattr("programs.queries.imports.read_table", counted)
    with tenant(cast.acme):
        address = upload(cora, SMALL)
        confirm(cora, address)
        cora.get(address)
        cora.get(f"{address}?columns")
        work(begin(cora, address))
    assert readings == [len(SMALL.encode())] * 3, "read, plan, apply"


def test_rows_without_a_cohort_enter_people_alone(cast, cora):
    with tenant(cast.acme):
        address = upload(cora, SMALL)
        confirm(cora, address)
        job = work(begin(cora, address))
        assert job.result == {"entered": 2, "changed": 0, "enrolled": 0, "waitlisted": 0, **NONE}
        assert not Enrolment.objects.exists()


def test_a_member_of_another_organisation_keeps_the_one_user(cast, cora):
    greta = cast.greta
    with tenant(cast.acme):
        address = upload(cora, SMALL.replace("ada@acme.example", greta.email))
        confirm(cora, address)
        work(begin(cora, address))
        assert Member.objects.get(employee_id="1").user_id == greta.user_id
    with tenant(cast.globex):
        greta.refresh_from_db()
        assert greta.given_name == "Greta"


def test_more_people_than_places_wait(cast, cora):
    cohort = make_cohort(make_program(cast.acme), places=1)
    with tenant(cast.acme):
        address = upload(cora, SMALL)
        confirm(cora, address, peer=str(cohort.pk))
        job = work(begin(cora, address))
        assert (job.result["enrolled"], job.result["waitlisted"]) == (1, 1)


def test_cancelling_leaves_nothing_and_it_can_be_applied_again(cast, cora, cohorts):
    with tenant(cast.acme):
        address = upload(cora, SMALL)
        confirm(cora, address)
        before = everything()
        job = begin(cora, address)
        progress.wish_cancelled(job.pk)
        work(job)
        assert (job.state, everything()) == ("cancelled", before)
        page = cora.get(address).content.decode()
        assert "You stopped the import. Nothing was changed." in page

        assert work(begin(cora, address)).state == "done"


def test_a_cancel_in_the_middle_undoes_what_was_written(cast, cora, cohorts, monkeypatch):
    from core.jobs.progress import Cancelled

    with tenant(cast.acme):
        address = upload(cora, SMALL)
        confirm(cora, address, **cohorts)
        before = everything()
        job = begin(cora, address)

        def stop_at_the_end(self, done, of, what):
            if Enrolment.objects.exists() or what == "Enrolling":
                raise Cancelled

        monkeypatch.setattr(progress.Reporter, "__call__", stop_at_the_end)
        work(job)
        assert (job.state, everything()) == ("cancelled", before)


def test_people_who_changed_since_the_preview_stop_the_import(cast, cora):
    with tenant(cast.acme):
        address = upload(cora, SMALL)
        confirm(cora, address)
        job = begin(cora, address)
        make_member(cast.acme, "Ada", live=False)
        before = everything()
        work(job)
        assert (job.state, everything()) == ("failed", before)
        assert job.error.startswith("People have changed since the preview.")
    assert "People have changed since the preview." in cora.get(address).content.decode()


def test_a_sign_in_address_of_somebody_here_is_a_conflict_of_its_line_alone(cast, cora):
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(email="p@elsewhere.example")
        address = upload(cora, SMALL.replace("bo@acme.example", "petra@acme.example"))
        confirm(cora, address)
        page = cora.get(address).content.decode()
        assert "Petra" in page
        assert "p@elsewhere.example) signs in, who is here already" in page
        job = work(begin(cora, address))
        assert job.result["entered"] == 1, "the other line goes in"
        assert not Member.objects.filter(employee_id="2").exists()


def test_a_file_never_changes_the_address_of_who_has_joined(cast, cora):
    """F1, A6: whoever joined keeps the door that they alone have proved."""
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(employee_id="7")
        user_id = cast.petra.user_id
        for name in (f"{cast.petra.given_name},{cast.petra.family_name}", "Zoë,Yılmaz"):
            address = upload(
                cora, f"Employee ID,First name,Last name,Work email\n7,{name},z@x.example\n"
            )
            confirm(cora, address)
            work(begin(cora, address))
        cast.petra.refresh_from_db()
        assert (cast.petra.email, cast.petra.user_id) == ("petra@acme.example", user_id)
        assert cast.petra.given_name == "Petra"
        assert not User.objects.filter(email="z@x.example").exists()


def test_a_job_that_runs_again_after_its_end_writes_nothing_more(cast, cora, cohorts):
    with tenant(cast.acme):
        address = upload(cora, SMALL)
        confirm(cora, address)
        job = work(begin(cora, address))
        after = everything()
        Job.objects.filter(pk=job.pk).update(state="queued", finished_at=None)
        assert work(job).result["entered"] == 2
        assert everything() == after


def test_a_second_click_on_apply_is_refused_politely(cast, cora):
    with tenant(cast.acme):
        address = upload(cora, SMALL)
        confirm(cora, address)
        begin(cora, address)
        answer = cora.post(f"{address}apply/", {"digest": "x"})
        assert answer.status_code == 409
        assert Job.objects.filter(kind=imports.JOB_KIND).count() == 1
        assert "You may leave this page" in cora.get(address).content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\n\n", "empty"),
        (b"PK\x03\x04 spreadsheet", "workbook"),
        (b"\xd0\xcf\x11\xe0 spreadsheet", "old spreadsheet"),
        (b"Work email\n", "no rows"),
        (b'Work email\n"never closed', "never closes"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(cast, cora, content, words):
    address = upload(cora, content)
    page = cora.get(address).content.decode()
    assert words in page
    assert "Import people" in page, "the way on"


def test_an_empty_file_is_refused_at_once(cast, cora):
    file = SimpleUploadedFile("people.csv", b"", "text/csv")
    answer = cora.post(reverse("programs:new_import", args=["acme"]), {"file": file})
    assert answer.status_code == 422
    assert "empty" in answer.content.decode()
    with tenant(cast.acme):
        assert not PeopleImport.objects.exists()


def test_a_mapping_without_an_address_or_with_a_column_twice_is_refused(cast, cora):
    address = upload(cora, SMALL)
    answer = cora.post(f"{address}columns/", {"email": ""})
    assert answer.status_code == 422
    assert "Choose the column that holds the e-mail address." in answer.content.decode()
    answer = cora.post(f"{address}columns/", {"email": "3", "given_name": "3"})
    assert answer.status_code == 422
    assert "already fills another field" in answer.content.decode()


def test_an_import_whose_file_has_expired_says_so(cast, cora):
    address = upload(cora, SMALL)
    confirm(cora, address)
    with tenant(cast.acme):
        from core.jobs.models import StoredFile

        StoredFile.objects.update(expires_at="2020-01-01T00:00:00Z")
        jobs_operations.drop_expired_files(at=clock.now())
    assert "no longer kept" in cora.get(address).content.decode()


def test_exactly_those_shown_are_invited_and_reminded(cast, cora, cohorts):
    """B1: never who waits, was declined, has withdrawn or said no; and again after a week."""
    with tenant(cast.acme):
        rows = [f"{n},N{n},Name,n{n}@acme.example,,,peer,\n" for n in range(5)]
        address = upload(cora, SMALL.splitlines()[0] + "\n" + "".join(rows))
        confirm(cora, address, **cohorts)
        work(begin(cora, address))
        cohort = Cohort.objects.for_list().get(pk=cohorts["peer"])
        for n, state in enumerate(("waitlisted", "declined")):
            Enrolment.objects.filter(member__employee_id=n).update(state=state)
        no = invitations.send_invitation(member=Member.objects.get(employee_id=2), by=cast.cora)
        Invitation.objects.filter(pk=no.pk).update(declined_at=clock.now())
        asked = reverse("people:invite_from_cohort", args=["acme", cohort.pk])
        assert f'action="{asked}"' in cora.get(address).text
        shown = cora.post(asked, {"all": "yes"})
        assert "2 people get a first invitation." in " ".join(shown.content.decode().split())

        def confirmed(query: str = "") -> Any:
            people = [row.pk for row in Member.objects.filter(employee_id__in=range(5))]
            return cora.post(f"{asked}{query}", {"confirm": "yes", "person": people})

        assert confirmed("?q=n3")["Location"].endswith("?q=n3")
        invited = Invitation.objects.exclude(pk=no.pk)
        assert [row.member.employee_id for row in invited] == ["3"]
        assert invited[0].place["program"] == cohort.program.name
        confirmed()
        invited = Invitation.objects.open().exclude(pk=no.pk)
        assert sorted(row.member.employee_id for row in invited) == ["3", "4"]


@pytest.mark.parametrize("page", ["people_imports", "new_import"])
def test_who_may_import(cast, page):
    address = reverse(f"programs:{page}", args=["acme"])
    expected = {cast.olga: 200, cast.cora: 200, cast.hugo: 403, cast.petra: 403, cast.gina: 404}
    assert {who: sign_in(who).get(address).status_code for who in expected} == expected


def test_an_import_is_found_by_its_organisation_only(cast, cora):
    address = upload(cora, SMALL)
    gina = sign_in(cast.gina)
    assert gina.get(address.replace("/acme/", "/globex/")).status_code == 404
    unknown = reverse("programs:people_import", args=["acme", uuid4()])
    assert cora.get(unknown).status_code == 404
