"""An import beyond its first preview: letters, answers, leavers, memory, and undoing it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from core.accounts.operations import invitations, people
from core.audit.models import AuditEvent
from core.common import clock
from core.jobs import operations as jobs_operations
from core.jobs.models import Job
from core.members.models import Invitation, Member
from core.tenancy.context import tenant
from programs.errors import BadMapping, ImportNotReady, ImportNotUndone, PlanChanged
from programs.importing.values import PersonValues
from programs.models.imports import ImportPreview, PeopleImport
from programs.models.parts import Answer, Question
from programs.models.programs import Cohort, Enrolment
from programs.operations import designs, imports
from programs.queries.enrolments import not_answered
from tests.cast import make_member, sign_in
from tests.programs.build import make_cohort, make_program
from tests.programs.importing.test_reading import workbook
from tests.programs.imports import begin, confirm, do_waiting_work, upload, work

SMALL = """Employee ID,First name,Last name,Work email,Department,Manager ID,Part
1,Ada,Byron,ada@acme.example,Sales,2,peer
2,Bo,Chen,bo@acme.example,Sales,,peer
"""


@pytest.fixture
def cora(cast):
    return sign_in(cast.cora)


@pytest.fixture
def cohort(cast):
    return make_cohort(make_program(cast.acme), "Circles")


def text_of(client, address: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(address).content.decode()).split())


def apply(client, content, *, cohort=None, **chosen) -> tuple[str, Job]:
    address = upload(client, content)
    confirm(client, address, **({"peer": str(cohort.pk)} if cohort else {}), **chosen)
    return address, work(begin(client, address))


def undo(client, address: str) -> Job:
    assert client.post(f"{address}undo/").status_code == 302
    do_waiting_work()
    return Job.objects.order_by("-id")[0]


def test_a_workbook_goes_the_same_way_as_a_text_file(cast, cora):
    raw = workbook(["Employee ID", "Name", "Work email"], [7, "Ada Byron", "ada@acme.example"])
    with tenant(cast.acme):
        _address, job = apply(cora, raw)
        ada = Member.objects.get(email="ada@acme.example")
        assert (job.result["entered"], ada.employee_id, ada.full_name) == (1, "7", "Ada Byron")


def test_the_code_page_is_shown_with_names_and_can_be_changed(cast, cora):
    raw = "First name,Last name,Work email\nBjörk,Öl,b@acme.example\n".encode("mac_roman")
    with tenant(cast.acme):
        address = upload(cora, raw)
        page = cora.get(address).content.decode()
        assert "Are these names right?" in page
        assert '<option value="mac_roman" selected>Mac: Björk, Öl</option>' in page
        assert cora.post(f"{address}letters/", {"code_page": "cp1252"}).status_code == 302
        do_waiting_work()
        assert "For example Bjšrk" in cora.get(address).content.decode()
        assert cora.post(f"{address}letters/", {"code_page": "klingon"}).status_code == 400


def test_a_utf_8_file_asks_nothing_about_letters(cast, cora):
    address = upload(cora, SMALL)
    assert "Are these names right?" not in cora.get(address).content.decode()


def test_the_columns_are_as_they_were_confirmed_last_time(cast, cora):
    with tenant(cast.acme):
        first = upload(cora, "Contact,Unit,Work email\na@acme.example,X,other\n")
        confirm(cora, first, email="0", team="1")
        second = upload(cora, "Unit,Contact,Work email\nX,b@acme.example,other\n")
        mapping = PeopleImport.objects.order_by("-id")[0].mapping
        assert {name: at for name, at in mapping.items() if at is not None} == {
            "email": 1,
            "team": 0,
        }
        assert "For example b@acme.example" in cora.get(second).content.decode()


def test_rows_without_a_part_are_counted_and_enrol_as_somebody_says(cast, cora, cohort):
    text = "Name,Work email\nAda Byron,ada@acme.example\nBo Chen,bo@acme.example\n"
    with tenant(cast.acme):
        address = upload(cora, text)
        confirm(cora, address, peer=str(cohort.pk))
        assert "2 rows name no part: these people are entered and not enrolled." in text_of(
            cora, address
        )
        confirm(cora, address, rows_without_part="peer", peer=str(cohort.pk))
        page = text_of(cora, address)
        assert "2 peers" in page
        assert "Ada Byron ada@acme.example Peer new" in page
        assert work(begin(cora, address)).result["enrolled"] == 2


def test_the_programs_own_questions_are_columns(cast, cora, cohort):
    with tenant(cast.acme):
        question = Question.objects.create(
            program=cohort.program,
            key="besides-work",
            kind="choices",
            label="Besides work",
            options=[{"key": "theatre", "name": "Theatre"}],
        )
        address = upload(
            cora, SMALL.replace("Part\n", "Part,Spare\n").replace("peer\n", "peer,Theatre\n")
        )
        confirm(cora, address, peer=str(cohort.pk), pages=1)
        page = cora.get(address).content.decode()
        assert "Besides work" in page, "the cohort just chosen asks a question"
        confirm(cora, address, **{f"question:{question.pk}": "7"})
        work(begin(cora, address))
        values = Answer.objects.filter(question=question).values_list("value", flat=True)
        assert list(values) == [["theatre"]] * 2


def test_columns_are_asked_for_again_only_while_the_file_has_one_left(cast, cora):
    with tenant(cast.acme):
        program = designs.create_program(template="mentor-and-mentee", name="Guides", by=None)
    mentors = make_cohort(program, "Spring")
    whole = "First name,Last name,Work email,Role\nAda,Byron,ada@acme.example,Mentor\n"
    with tenant(cast.acme):
        assert program.questions.filter(required=True).exists()
        address = upload(cora, whole)
        confirm(cora, address, mentor=str(mentors.pk))
        preview = text_of(cora, address)
        assert "Import 1 person" in preview
        assert "What the program asks and the file does not answer" in preview
        work(begin(cora, address))
        assert Enrolment.objects.get(cohort=mentors).state == "accepted"
        assert [row.member.email for row in not_answered(mentors)] == ["ada@acme.example"]
        more = upload(cora, whole.replace("Role", "Role,Hobby").replace("Mentor\n", "Mentor,Go\n"))
        confirm(cora, more, mentor=str(mentors.pk), pages=1)
        assert "Questions of the program" in text_of(cora, more)


def test_who_has_left_is_asked_about_and_comes_back_by_an_invitation(cast, cora, cohort):
    with tenant(cast.acme):
        apply(cora, SMALL, cohort=cohort)
        ada = Member.objects.get(employee_id="1")
        Member.objects.filter(pk=ada.pk).update(state="left", left_at=clock.now())
        address = upload(cora, SMALL.replace("ada@acme.example,Sales", "ada@acme.example,Legal"))
        confirm(cora, address)
        assert "Ada Byron (ada@acme.example) has left." in text_of(cora, address)

        assert work(begin(cora, address)).result["back"] == 0
        ada.refresh_from_db()
        assert (ada.state, ada.department) == ("left", "Sales"), "never revived silently"

        address = upload(cora, SMALL.replace("ada@acme.example,Sales", "ada@acme.example,Legal"))
        confirm(cora, address)
        answered = cora.post(f"{address}answer/", {"line": "2", "answer": "back"})
        assert answered["Location"].endswith("?verdict=question")
        assert "1 question answered" in text_of(cora, answered["Location"])
        assert work(begin(cora, address)).result["back"] == 1
        ada.refresh_from_db()
        assert (ada.state, ada.department) == ("invited", "Legal")
        assert Invitation.objects.filter(member=ada, accepted_at=None).exists()


def test_who_has_left_gives_address_and_id_to_somebody_else(cast, cora):
    with tenant(cast.acme):
        apply(cora, SMALL)
        old = Member.objects.get(employee_id="1")
        Member.objects.filter(pk=old.pk).update(state="left", left_at=clock.now())
        address = upload(cora, SMALL.replace("Ada,Byron", "Ada,Other"))
        confirm(cora, address)
        cora.post(f"{address}answer/", {"line": "2", "answer": "else"})
        assert work(begin(cora, address)).result["entered"] == 1
        old.refresh_from_db()
        new = Member.objects.get(employee_id="1")
        assert (new.full_name, new.email, new.state) == ("Ada Other", "ada@acme.example", "invited")
        assert (old.state, old.full_name, old.employee_id) == ("left", "Ada Byron", "")
        assert old.user_id != new.user_id


def test_a_new_address_of_who_was_invited_stops_the_old_link_and_the_next_may_have_it(cast, cora):
    """F2: a corrected address, and later a colleague who gets the old one."""
    with tenant(cast.acme):
        apply(cora, SMALL)
        ada = Member.objects.get(employee_id="1")
        invitations.send_invitation(member=ada, by=cast.cora)
        apply(cora, SMALL.replace("ada@acme", "a.byron@acme"))
        ada.refresh_from_db()
        assert (ada.email, ada.user.email) == ("a.byron@acme.example",) * 2
        assert not Invitation.objects.open().filter(member=ada).exists()
        _address, job = apply(cora, "First name,Last name,Work email\nAda,Neu,ada@acme.example\n")
        assert (job.state, job.result["entered"]) == ("done", 1)


def test_a_name_of_one_word_is_the_one_to_greet_by_and_stays_so(cast, cora):
    """F23."""
    text = "Last name,Work email\nSukarno\u202e,s@acme.example\n"
    with tenant(cast.acme):
        apply(cora, text)
        known = Member.objects.get(email="s@acme.example")
        assert (known.given_name, known.family_name) == ("Sukarno", "")
        assert apply(cora, text)[1].result["changed"] == 0


def test_leavers_go_only_when_they_are_ticked_and_counted(cast, cora):
    with tenant(cast.acme):
        apply(cora, SMALL)
        shorter = "\n".join(SMALL.splitlines()[:2])
        address = upload(cora, shorter)
        confirm(cora, address, absent_leave="on", peer="")
        page = text_of(cora, f"{address}?verdict=leaves")
        assert "Bo Chen bo@acme.example – leaves" in page
        assert "Not in the file." in page
        here = Member.objects.filter(state="live", role="participant").count()
        assert f"{here + 1} people have left" in page
        assert work(begin(cora, address)).result["left"] == 0

        address = upload(cora, "Employee ID,Work email,Status\n2,bo@acme.example,terminated\n")
        confirm(cora, address)
        assert work(begin(cora, address, leavers="on")).result["left"] == 1
        assert Member.objects.get(employee_id="2").state == "left"
        assert Member.objects.get(employee_id="1").state == "invited"


def test_undoing_restores_facts_and_removes_whom_it_entered(cast, cora, cohort):
    with tenant(cast.acme):
        petra = cast.petra
        Member.objects.filter(pk=petra.pk).update(employee_id="9", department="Sales", team="A")
        before = set(Member.objects.values_list("pk", "department", "team", "manager"))
        text = SMALL.replace("Part\n", "Part,Team\n").replace("peer\n", "peer,\n")
        text += f"9,{petra.given_name},{petra.family_name},{petra.email},Legal,2,,B\n"
        address, job = apply(cora, text, cohort=cohort)
        assert (job.result["entered"], job.result["changed"]) == (2, 1)
        assert Cohort.objects.get(pk=cohort.pk).places_taken == 2
        page = text_of(cora, f"{address}undo/")
        assert "Removed, with their enrolment 2" in page
        assert "Get their earlier facts back 1" in page

        job = undo(cora, address)

        assert (job.state, job.result) == ("done", {"removed": 2, "restored": 1})
        assert set(Member.objects.values_list("pk", "department", "team", "manager")) == before
        assert not Enrolment.objects.exists()
        assert Cohort.objects.get(pk=cohort.pk).places_taken == 0
        assert "Undone: 2 removed, 1 with their earlier facts." in text_of(cora, address)
        assert cora.post(f"{address}undo/").status_code == 409


def test_undoing_says_whom_it_leaves_and_touches_nothing_that_came_later(cast, cora, cohort):
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(employee_id="9", department="Sales")
        row = f"9,{cast.petra.given_name},{cast.petra.family_name},{cast.petra.email},Legal,,\n"
        address, _job = apply(cora, SMALL.replace(",2,peer", ",,peer") + row, cohort=cohort)
        ada = Member.objects.get(employee_id="1")
        invitations.send_invitation(member=ada, by=cast.cora)
        Member.objects.filter(pk=cast.petra.pk).update(department="Research")
        assert "These stay: they were invited" in text_of(cora, f"{address}undo/")

        job = undo(cora, address)

        assert job.result == {"removed": 1, "restored": 0}
        cast.petra.refresh_from_db()
        assert cast.petra.department == "Research", "somebody has changed it since"
        assert Enrolment.objects.filter(member=ada, state="accepted").exists()
        assert "other entries need them: Ada Byron." in text_of(cora, address)


def test_the_manager_of_somebody_who_stays_stays(cast, cora):
    with tenant(cast.acme):
        address, _job = apply(cora, SMALL)
        invitations.send_invitation(member=Member.objects.get(employee_id="1"), by=cast.cora)
        assert undo(cora, address).result == {"removed": 0, "restored": 0}
        assert Member.objects.get(employee_id="1").manager.employee_id == "2"


def test_an_import_is_undone_within_a_day(cast, cora):
    with tenant(cast.acme):
        address, _job = apply(cora, SMALL)
        assert "For a day." in text_of(cora, address)
        with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
            assert "For a day." not in text_of(sign_in(cast.cora), address)
            assert sign_in(cast.cora).post(f"{address}undo/").status_code == 409
        assert Member.objects.filter(employee_id="1").exists()


def test_people_who_changed_meanwhile_are_looked_at_anew(cast, cora):
    with tenant(cast.acme):
        address = upload(cora, SMALL)
        confirm(cora, address)
        make_member(cast.acme, "Ada", live=False)
        assert work(begin(cora, address)).state == "failed"
        assert cora.post(f"{address}again/").status_code == 302
        do_waiting_work()
        assert work(begin(cora, address)).state == "done"


@pytest.mark.parametrize("kind", [imports.READ_KIND, imports.PLAN_KIND])
def test_reading_and_planning_can_be_stopped(cast, cora, kind, monkeypatch):
    with tenant(cast.acme):
        monkeypatch.setattr("tests.programs.imports.do_waiting_work", lambda: None)
        address = upload(cora, SMALL)
        if kind == imports.PLAN_KIND:
            do_waiting_work()
            confirm(cora, address)
        job = Job.objects.get(kind=kind)
        page = cora.get(address).content.decode()
        assert "Stop" in page
        jobs_operations.cancel(job=job, by=cast.cora)
        words = "Upload it again." if kind == imports.READ_KIND else "Which column is which?"
        assert words in cora.get(address).content.decode()


def test_the_page_that_watches_a_job_leads_on_by_itself(cast, cora):
    with tenant(cast.acme):
        address = upload(cora, SMALL)
        answer = cora.get(address, headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == address


def test_who_may_do_it(cast, cora):
    with tenant(cast.acme):
        address = upload(cora, SMALL)
    hugo = sign_in(cast.hugo)
    for step in ("letters/", "again/", "answer/", "undo/", "columns/", "apply/"):
        assert hugo.post(address + step).status_code == 403
    assert hugo.get(reverse("programs:people_imports", args=["acme"])).status_code == 403


def kept_import() -> PeopleImport:
    return PeopleImport.objects.get()


def state_of_the_import() -> tuple[str, str]:
    row = kept_import()
    return row.state, str(row.job_id)


def quiet(done: int, of: int, what: str) -> None:
    """Report to nobody."""


def test_an_import_that_is_applied_is_neither_read_nor_mapped_nor_planned_nor_answered(cast, cora):
    with tenant(cast.acme):
        apply(cora, SMALL)
        before, row = state_of_the_import(), kept_import()
        assert before[0] == "applied"
        with pytest.raises(ImportNotReady):
            imports.read_again(people_import=row, code_page="cp1252", by=cast.cora)
        with pytest.raises(ImportNotReady):
            imports.confirm_mapping(
                people_import=row, mapping=row.mapping, cohorts={}, by=cast.cora
            )
        with pytest.raises(ImportNotReady):
            imports.plan_again(people_import=row, by=cast.cora)
        with pytest.raises(ImportNotReady):
            imports.answer_row(people_import=row, line=2, answer="back", by=cast.cora)
        assert (state_of_the_import(), kept_import().answers) == (before, {})


def test_an_import_without_its_columns_is_not_planned_again(cast, cora):
    with tenant(cast.acme):
        upload(cora, SMALL)
        before = state_of_the_import()
        with pytest.raises(ImportNotReady):
            imports.plan_again(people_import=kept_import(), by=cast.cora)
        assert state_of_the_import() == before
        assert before[0] == "mapping"


def test_a_mapping_without_an_address_is_refused_and_not_kept(cast, cora):
    with tenant(cast.acme):
        upload(cora, SMALL)
        row = kept_import()
        with pytest.raises(BadMapping):
            imports.confirm_mapping(
                people_import=row, mapping={"given_name": 1}, cohorts={}, by=cast.cora
            )
        assert (kept_import().mapping, kept_import().state) == (row.mapping, "mapping")


def test_an_answer_about_a_row_is_taken_back(cast, cora):
    with tenant(cast.acme):
        people.mark_left(member=cast.petra, by=cast.cora)
        address = upload(cora, f"First name,Work email\nPetra,{cast.petra.email}\n")
        confirm(cora, address)
        imports.answer_row(people_import=kept_import(), line=2, answer="back", by=cast.cora)
        assert kept_import().answers == {"2": "back"}
        imports.answer_row(people_import=kept_import(), line=2, answer="", by=cast.cora)
        assert kept_import().answers == {}


def test_who_enters_one_of_the_people_while_they_are_written_stops_the_import(cast, cora):
    with tenant(cast.acme):
        address = upload(cora, SMALL)
        confirm(cora, address)
        row = kept_import()
        digest = begin(cora, address).input["digest"]

        def enter_ada(done: int, of: int, what: str) -> None:
            if what == "Planning rows" and done == 1:
                make_member(cast.acme, "Ada", live=False)

        with pytest.raises(PlanChanged):
            imports.apply_import(people_import=row, digest=digest, by=cast.cora, progress=enter_ada)
        assert kept_import().state == "applying"
        assert not Member.objects.filter(employee_id__in=["1", "2"]).exists()


def test_languages_before_and_after_are_shown_in_one_line(cast, cora):
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(languages=["German"])
        rows = f"Petra,Acme,{cast.petra.email},English; French\n"
        address = upload(cora, f"First name,Last name,Work email,Languages\n{rows}")
        confirm(cora, address)
        shown = ImportPreview.from_bytes(bytes(kept_import().preview.content)).rows
        assert [row.changes for row in shown] == [(("languages", "German", "English, French"),)]


def test_a_column_that_is_called_like_a_question_of_another_kind_is_no_answer():
    question = Question(organisation_id=1, key="goal", kind=Question.Kind.CHOICES, options=[])
    assert imports.answers_from(PersonValues(goal="Listen"), [question]) == {}


def test_an_undo_is_begun_once_and_taken_once(cast, cora):
    with tenant(cast.acme):
        apply(cora, SMALL)
        job = imports.begin_undo(people_import=kept_import(), by=cast.cora)
        with pytest.raises(ImportNotUndone):
            imports.begin_undo(people_import=kept_import(), by=cast.cora)
        assert state_of_the_import() == ("undoing", str(job.pk))
        do_waiting_work()
        assert kept_import().state == "undone"
        with pytest.raises(ImportNotUndone):
            imports.begin_undo(people_import=kept_import(), by=cast.cora)
        trail = AuditEvent.objects.filter(verb="import.undone")
        assert trail.count() == 1
        again = imports.undo_import(people_import=kept_import(), by=cast.cora, progress=quiet)
        assert (again.removed, again.as_json()) == (2, kept_import().report)
        assert trail.count() == 1


def test_undoing_leaves_whom_a_row_of_another_room_holds(cast, cora, cohort):
    with tenant(cast.acme):
        address, _job = apply(cora, SMALL.replace(",2,peer", ",,peer"), cohort=cohort)
        ada = Member.objects.get(employee_id="1")
        jobs_operations.keep_file(name="hers.txt", content=b"x", by=ada)

        job = undo(cora, address)

        assert job.result == {"removed": 1, "restored": 0}
        assert Enrolment.objects.get().member_id == ada.pk
        assert Cohort.objects.get(pk=cohort.pk).places_taken == 1
        assert kept_import().report["undone"]["kept"] == ["Ada Byron"]


def test_undoing_gives_who_has_left_since_no_earlier_facts(cast, cora):
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(employee_id="9", department="Sales")
        row = f"9,{cast.petra.given_name},{cast.petra.family_name},{cast.petra.email},Legal,,\n"
        address, job = apply(cora, SMALL.splitlines()[0] + "\n" + row)
        assert job.result["changed"] == 1
        people.mark_left(member=cast.petra, by=cast.cora)
        assert undo(cora, address).result == {"removed": 0, "restored": 0}
        assert Member.objects.get(pk=cast.petra.pk).department == "Legal"
