"""People by REST in batches: an import's rules and words, once a key, and undone like one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from core.accounts.operations.people import mark_left
from core.members.models import Member
from core.members.permissions import Permission
from core.tenancy.context import tenant
from programs.models.imports import PeopleImport
from programs.models.programs import Enrolment
from programs.operations.imports import undo_import
from tests.api.test_api import SECRET, make_token
from tests.cast import Cast, make_member, sign_in
from tests.metrics.build import full_cohort

pytestmark = pytest.mark.django_db
PATH = "/api/v1/members/batch/"


def send(*people: dict[str, Any], key: str = "k-1", **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {SECRET}", "Idempotency-Key": key}
    sent = {"people": list(people), **body}
    return Client().post(PATH, sent, content_type="application/json", headers=headers)


def person(number: int, **facts: Any) -> dict[str, Any]:
    names = {"given_name": f"Given{number}", "family_name": f"Family{number}"}
    email = f"person{number}@acme.example"
    return {"employee_id": f"E-{number}", "email": email, **names, **facts}


def verdicts(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["verdict"] for row in answer.json()["rows"]]


def codes(answer: Any) -> list[list[str]]:
    return [[problem["code"] for problem in row["problems"]] for row in answer.json()["rows"]]


@pytest.fixture(autouse=True)
def token(cast: Cast) -> None:
    make_token(cast.cora, Permission.PEOPLE_MANAGE)


def test_people_are_entered_then_changed_by_their_employee_id(cast: Cast):
    answer = send(person(1, manager="E-2", languages="German, English"), person(2))
    assert verdicts(answer) == ["new", "new"]
    assert answer.json()["counts"]["new"] == 2
    changed = send(person(1, department="Law"), person(2), key="k-2")
    assert verdicts(changed) == ["changed", "same"]
    assert changed.json()["rows"][0]["changes"] == ["department"]
    with tenant(cast.acme):
        one = Member.objects.get(employee_id="E-1")
        assert (one.manager.employee_id, one.department) == ("E-2", "Law")
        assert one.languages == ["German", "English"]
        assert (one.state, one.role) == (Member.State.INVITED, Member.Role.PARTICIPANT)


def test_the_same_key_writes_once_and_answers_the_same(cast: Cast):
    first, again = send(person(1)), send(person(1))
    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    other = send(person(2))
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_used")
    with tenant(cast.acme):
        assert PeopleImport.objects.count() == 1
        assert not Member.objects.filter(employee_id="E-2").exists()


def test_a_batch_is_an_import_that_pages_show_and_undo(cast: Cast):
    row_id = send(person(1)).json()["id"]
    with tenant(cast.acme, member=cast.cora.pk):
        row = PeopleImport.objects.select_related("organisation").get(pk=row_id)
        assert row.may_be_undone
        page = row.get_absolute_url()
    assert sign_in(cast.cora).get(page, follow=True).status_code == 200
    with tenant(cast.acme, member=cast.cora.pk):
        PeopleImport.objects.filter(pk=row.pk).update(state=PeopleImport.State.UNDOING)
        row.refresh_from_db()
        undo_import(people_import=row, by=cast.cora, progress=lambda *_told: None)
        assert not Member.objects.filter(employee_id="E-1").exists()


def test_a_cohort_is_joined_by_those_with_a_part(cast: Cast):
    full_cohort(cast.acme)
    with tenant(cast.acme):
        peers = Enrolment.objects.filter(part="peer").values_list("cohort", flat=True)
        cohort = Enrolment.objects.values_list("cohort", flat=True).first()
        part = "peer" if cohort in set(peers) else "mentor"
        wanted = Enrolment.objects.filter(cohort=cohort).values_list("part", flat=True)[0]
    cohorts = {part: str(cohort)}
    answer = send(person(1, part=wanted), person(2), cohorts=cohorts).json()
    assert answer["enrolled"] + answer["waitlisted"] == 1
    with tenant(cast.acme):
        assert Enrolment.objects.filter(member__employee_id="E-1", cohort=cohort).count() == 1


def test_an_id_given_to_somebody_else_is_refused_in_the_imports_words(cast: Cast):
    send(person(1))
    stranger = {**person(9), "employee_id": "E-1"}
    answer = send(stranger, person(2), key="k-2")
    assert verdicts(answer) == ["refused", "new"]
    assert codes(answer)[0] == ["id_of_another"]
    assert "Given1 Family1" in answer.json()["rows"][0]["problems"][0]["detail"]
    with tenant(cast.acme):
        assert Member.objects.get(employee_id="E-1").email == "person1@acme.example"


def test_an_address_with_another_id_is_refused(cast: Cast):
    send(person(1))
    answer = send({**person(1), "employee_id": "E-77"}, key="k-2")
    assert (verdicts(answer), codes(answer)) == (["refused"], [["address_has_other_id"]])


def test_an_id_and_an_address_of_two_people_are_refused(cast: Cast):
    send(person(1), person(2))
    answer = send({**person(1), "email": person(2)["email"]}, key="k-2")
    assert (verdicts(answer), codes(answer)) == (["refused"], [["conflicting_identity"]])


def test_two_rows_about_one_person_are_both_refused_or_the_later(cast: Cast):
    answer = send(person(1), person(1, department="Law"))
    assert verdicts(answer) == ["new", "refused"]
    assert codes(answer)[1] == ["employee_id_repeated"]


def test_who_has_joined_proves_another_address_and_staff_keep_theirs(cast: Cast):
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(employee_id="P-1")
        Member.objects.filter(pk=cast.olga.pk).update(employee_id="O-1")
    rows = [
        {
            "employee_id": employee_id,
            "email": "thief@evil.example" if member is cast.petra else "thief2@evil.example",
            "given_name": member.given_name,
            "family_name": member.family_name,
        }
        for employee_id, member in (("P-1", cast.petra), ("O-1", cast.olga))
    ]
    answer = send(*rows)
    assert codes(answer) == [["email_to_prove"], ["email_by_hand"]]
    with tenant(cast.acme):
        assert Member.objects.get(pk=cast.petra.pk).email == cast.petra.email
        assert Member.objects.get(pk=cast.olga.pk).email == cast.olga.email


def test_who_has_left_is_a_question_that_no_program_answers(cast: Cast):
    with tenant(cast.acme):
        gone = make_member(cast.acme, "Given1", email="person1@acme.example")
        mark_left(member=gone, by=cast.olga)
    answer = send(person(1))
    assert (verdicts(answer), codes(answer)) == (["question"], [["has_left"]])
    with tenant(cast.acme):
        assert Member.objects.get(pk=gone.pk).state == Member.State.LEFT


@pytest.mark.parametrize(
    ("people", "field"),
    [
        ([], "people"),
        ([{"email": "a@acme.example"}], "people.0.employee_id"),
        ([person(1, employee_id="")], "people.0.employee_id"),
        ([person(0), person(1, department=7)], "people.1.department"),
        ([person(1, role="owner")], "people.0.role"),
        ([person(1, status="left")], "people.0.status"),
        ([person(n) for n in range(1001)], "people"),
        ("x", "people"),
    ],
)
def test_what_cannot_be_read_is_400_and_writes_nothing(cast: Cast, people: Any, field: str):
    headers = {"Authorization": f"Bearer {SECRET}", "Idempotency-Key": "k"}
    answer = Client().post(
        PATH, {"people": people}, content_type="application/json", headers=headers
    )
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    with tenant(cast.acme):
        assert not PeopleImport.objects.exists()


def test_a_key_is_needed(cast: Cast):
    answer = send(person(1), key="")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["Idempotency-Key"])
    assert send(person(1), key="k" * 81).status_code == 400


def test_reading_scopes_write_nothing(cast: Cast):
    make_token(cast.cora, Permission.PEOPLE_READ, Permission.FACTS_READ, secret="reads")
    make_token(cast.hugo, Permission.PEOPLE_MANAGE, secret="hr")
    for secret in ("reads", "hr"):
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
        body = {"people": [person(1)]}
        answer = Client().post(PATH, body, content_type="application/json", headers=headers)
        assert answer.status_code == 403
