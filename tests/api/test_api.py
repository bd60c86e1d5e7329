"""REST: who may, what is said, and that it is what the pages say."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.decisions.models import Decision
from agreements.goals.models import Goal
from core.accounts.operations import keys
from core.common import clock
from core.members.keys import hashed
from core.members.models import ApiToken, Key, Member
from core.members.permissions import Permission
from core.tenancy.context import tenant
from feedback.models.built import SurveyResult
from feedback.models.check_ins import CheckIn
from feedback.models.recognition import Certificate
from mentoring.resources import router
from metrics.definitions.shapes import Figure
from pairing.models.partnerships import Seat
from programs.models.parts import MeetingRole
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Session, Turn
from tests.cast import Cast, make_member
from tests.metrics.build import NOW, TODAY, figures, full_cohort, set_threshold

SECRET = "rt_a-secret-of-the-tests"
# but for what HR and owners alone read: tests/metrics/impact/test_records.py
LISTS = sorted(
    f"/api/v1/{prefix}/" for prefix, _viewset, _name in router.registry if prefix != "outcomes"
)
# of what is not read alone
METHODS = {
    "members/batch/": {"post"},
    "outcomes/batch/": {"post"},
    "webhooks/": {"get", "post"},
    "webhooks/{id}/": {"get", "patch", "delete"},
    "webhooks/{id}/secret/": {"post"},
    "webhooks/{id}/replay/": {"post"},
    "webhook-deliveries/{id}/replay/": {"post"},
}
SHAPE = ("type", "title", "status", "code", "detail")
PROBLEM = set(SHAPE)
SINGLE = ["/api/v1/figures.csv", "/api/v1/definitions/", "/api/v1/organisation/"]
ADDRESSES = [*LISTS, *SINGLE]


def make_token(
    member: Member, *scopes: Permission, secret: str = SECRET, **key: Any
) -> tuple[ApiToken, Key]:
    """Make a token as rows: what opens the link, and what it may."""
    with tenant(member.organisation):
        token = ApiToken.objects.create(
            member=member, name="Export", scopes=list(scopes or SCOPES), hint="test"
        )
        opener = Key.objects.create(
            kind=Key.Kind.API_TOKEN,
            organisation=member.organisation,
            object_id=token.pk,
            sha256=hashed(secret),
            **key,
        )
    return token, opener


SCOPES = (Permission.PEOPLE_READ, Permission.FACTS_READ, Permission.FIGURES_READ)


@dataclass
class Caller:
    """A program that calls with a token."""

    secret: str = SECRET

    def get(self, url: str, **headers: str) -> Any:
        with clock.at(NOW):
            bearer = f"Bearer {self.secret}"
            return Client().get(url, headers={"Authorization": bearer, **headers})

    def json(self, url: str) -> Any:
        answer = self.get(url)
        assert answer.status_code == 200, (url, answer.content)
        return answer.json()

    def csv(self, url: str) -> list[dict[str, str]]:
        body = b"".join(self.get(url).streaming_content).decode()
        return list(csv.DictReader(io.StringIO(body)))


@pytest.fixture
def acme(cast: Cast) -> Cohort:
    make_token(cast.cora)
    return full_cohort(cast.acme)


# ── who may ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("url", ADDRESSES)
def test_without_a_good_token_there_is_one_answer(cast: Cast, url: str) -> None:
    past = NOW - timedelta(days=1)
    make_token(cast.cora, secret="expired", expires_at=past)
    make_token(cast.cora, secret="revoked", revoked_at=past)
    make_token(cast.hugo, secret="left")
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.hugo.pk).update(state="left", left_at=past)
    answers = [Caller(secret).get(url) for secret in ("unknown", "", "expired", "revoked", "left")]
    answers.append(Client().get(url))
    answers.append(Client().get(url, headers={"Authorization": "Basic cm91bmQ6dGFibGU="}))
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert {answer["WWW-Authenticate"] for answer in answers} == {'Bearer realm="api"'}


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_token_without_the_scope_is_refused(cast: Cast, url: str) -> None:
    make_token(cast.cora, Permission.PEOPLE_READ)
    answer = Caller().get(url)
    assert answer.status_code == 403
    assert answer.json()["code"] == "permission_denied"
    assert set(answer.json()) == PROBLEM


def test_a_scope_that_the_member_s_role_has_lost_is_refused(cast: Cast) -> None:
    make_token(cast.cora)
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.cora.pk).update(role="participant")
    assert {Caller().get(url).status_code for url in ADDRESSES} == {403}


def test_hr_reads_facts_figures_and_the_people_who_are_live(cast: Cast) -> None:
    full_cohort(cast.acme)
    make_member(cast.acme, "Ines", live=False)
    make_token(cast.hugo)
    assert {Caller().get(url).status_code for url in ADDRESSES} == {200}
    people = Caller().json("/api/v1/members/")["results"]
    read = {row["given_name"] for row in people}
    assert {"Hugo", "Petra"} <= read
    assert "Ines" not in read
    # the directory is for who reads people by page: a scope is cut to the role's permissions
    assert not {"email", "employee_id", "manager"} & {name for row in people for name in row}
    assert len(Caller().json("/api/v1/enrolments/")["results"]) == 6
    assert len(Caller().json("/api/v1/check-ins/")["results"]) == 6


def test_a_token_shows_one_organisation(cast: Cast, acme: Cohort) -> None:
    theirs = full_cohort(cast.globex, "Mirror")
    with tenant(cast.globex):
        foreign = {str(pk) for pk in Member.objects.values_list("pk", flat=True)}
        foreign |= {str(pk) for pk in Enrolment.objects.values_list("pk", flat=True)}
        foreign |= {str(pk) for pk in CheckIn.objects.values_list("pk", flat=True)}
        foreign |= {str(pk) for pk in Session.objects.values_list("pk", flat=True)}
        foreign.add(str(theirs.pk))
    for url in LISTS:
        body = Caller().get(url).content.decode()
        assert not [known for known in foreign if known in body], url
    assert {row["cohort"] for row in Caller().csv("/api/v1/figures.csv")} == {acme.name}


@pytest.mark.parametrize("url", LISTS)
def test_foreign_and_unknown_ids_are_the_same_404(cast: Cast, acme: Cohort, url: str) -> None:
    make_token(cast.gina, secret="theirs")
    mirror = full_cohort(cast.globex, "Mirror")
    with tenant(cast.globex):
        seat = Seat.objects.filter(partnership__cohort=mirror).first()
        Decision.objects.create(
            partnership=seat.partnership,
            number=1,
            method="consent",
            proposer=seat,
            state=Decision.State.REACT,
            round=1,
            opened_at=clock.now(),
        )
        Goal.objects.create(partnership=seat.partnership, title="Listen", due_on=TODAY)
        role = MeetingRole.objects.create(program=mirror.program, key="lead", name="Lead")
        session = Session.objects.filter(partnership=seat.partnership).first()
        Turn.objects.create(session=session, seat=seat, role=role, reason="never_led")
        Certificate.objects.create(enrolment=seat.enrolment, issued_at=NOW)
        SurveyResult.objects.create(survey="voice", cohort=mirror)
    rows = Caller("theirs").json(url)["results"]
    assert rows, url
    foreign = rows[0].get("id") or rows[0]["cohort"]
    assert Caller("theirs").get(f"{url}{foreign}/").status_code == 200

    answers = [Caller().get(f"{url}{asked}/") for asked in (foreign, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["code"] == "not_found"
    assert set(answers[0].json()) == PROBLEM


@pytest.mark.parametrize("url", ADDRESSES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(cast: Cast, url: str, method: str) -> None:
    make_token(cast.cora)
    answer = getattr(Client(), method)(url, headers={"Authorization": f"Bearer {SECRET}"})
    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"
    assert set(answer.json()) == PROBLEM


def test_an_unknown_address_is_answered_as_json(cast: Cast) -> None:
    make_token(cast.cora)
    answer = Caller().get("/api/v1/happiness/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


# ── what is said ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "prefix", ["members", "enrolments", "partnerships", "sessions", "decisions"]
)
def test_a_list_of_facts_names_the_parameters_it_knows(
    cast: Cast, acme: Cohort, prefix: str
) -> None:
    answer = Caller().get(f"/api/v1/{prefix}/?sate=live&state=nonsense&page_size=2")
    assert answer.status_code == 400
    fields = answer.json()["fields"]
    assert set(fields) == {"sate", "state"}
    assert {"page_size", "state."} <= set(fields["sate"][0].replace(",", "").split())
    assert Caller().get(f"/api/v1/{prefix}/?page_size=2").status_code == 200


def test_members_are_their_work_facts(cast: Cast, acme: Cohort) -> None:
    rows = {row["email"]: row for row in Caller().json("/api/v1/members/")["results"]}
    petra = rows["petra@acme.example"]
    assert petra["id"] == str(cast.petra.pk)
    assert (petra["given_name"], petra["role"], petra["state"]) == ("Petra", "participant", "live")
    assert "user" not in petra
    live = Caller().json("/api/v1/members/?state=invited")["results"]
    assert live == []


def test_check_ins_say_when_and_never_what(acme: Cohort) -> None:
    rows = Caller().json("/api/v1/check-ins/")["results"]
    assert len(rows) == 6
    said = {"met", "mood", "progress", "blocker", "note", "text"}
    assert not said & set(rows[0])
    answered = Caller().json("/api/v1/check-ins/?answered=true")["results"]
    assert len(answered) == 4
    assert all(row["answered_at"] for row in answered)
    assert len(Caller().json("/api/v1/check-ins/?answered=false")["results"]) == 2


@pytest.mark.parametrize("name", ["enrolments", "check-ins", "partnerships", "figures"])
def test_a_filter_that_cannot_be_read_is_refused_by_name(acme: Cohort, name: str) -> None:
    answer = Caller().get(f"/api/v1/{name}/?cohort=spring")
    assert answer.status_code == 400
    body = answer.json()
    assert body["code"] == "invalid"
    assert body["detail"]
    assert body["fields"] == {"cohort": ["Must be a valid UUID."]}


def test_pages_follow_a_cursor_and_show_every_row_once(acme: Cohort) -> None:
    url: str | None = "/api/v1/enrolments/?page_size=4"
    seen: list[str] = []
    sizes = []
    while url:
        page = Caller().json(url)
        sizes.append(len(page["results"]))
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert sizes == [4, 2]
    assert len(set(seen)) == 6


@pytest.mark.parametrize("url", LISTS)
def test_one_row_and_three_cost_the_same_statements(cast: Cast, acme: Cohort, url: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            Caller().json(url)
        return len(queries)

    cost()
    one = cost()
    full_cohort(cast.acme, "Autumn")
    full_cohort(cast.acme, "Winter")
    assert cost() == one


# ── figures ─────────────────────────────────────────────────────────────────────────────


def as_strings(figure: Figure) -> tuple[str, ...]:
    parts = (
        figure.numerator,
        figure.denominator,
        figure.value,
        figure.low,
        figure.high,
        figure.n,
        figure.state.value,
    )
    return tuple("" if part is None else str(part) for part in parts)


@pytest.mark.parametrize("threshold", [1, 5, 7])
def test_figures_csv_and_page_are_the_same_to_the_last_digit(
    cast: Cast, acme: Cohort, threshold: int
) -> None:
    set_threshold(cast.acme, threshold)
    expected = {place: as_strings(figure) for place, figure in figures(acme).items()}
    columns = ("numerator", "denominator", "value", "low", "high", "n", "state")

    (cohort,) = Caller().json("/api/v1/figures/")["results"]
    rest = {
        (row["key"], row["part"]): tuple(
            "" if row[column] is None else str(row[column]) for column in columns
        )
        for row in cohort["figures"]
    }
    lines = {
        (row["figure"], row["part"]): tuple(row[column] for column in columns)
        for row in Caller().csv("/api/v1/figures.csv")
    }

    assert rest == expected
    assert lines == expected
    assert cohort["as_of"] == "2026-06-01T12:00:00Z"


def test_figures_of_one_cohort(cast: Cast, acme: Cohort) -> None:
    full_cohort(cast.acme, "Autumn")
    by_filter = Caller().json(f"/api/v1/figures/?cohort={acme.pk}")["results"]
    by_id = Caller().json(f"/api/v1/figures/{acme.pk}/")
    assert by_filter == [by_id]
    assert by_id["cohort"] == str(acme.pk)
    assert Caller().get(f"/api/v1/figures/?cohort={uuid4()}").status_code == 404


def test_csv_may_be_asked_for_by_its_media_type(cast: Cast, acme: Cohort) -> None:
    answer = Caller().get("/api/v1/figures.csv", Accept="text/csv")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    make_token(cast.cora, Permission.PEOPLE_READ, secret="narrow")
    refused = Caller("narrow").get("/api/v1/figures.csv", Accept="text/csv")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    other = Caller().get("/api/v1/figures.csv", Accept="application/json")
    assert (other.status_code, other.json()["code"]) == (406, "not_acceptable")


def test_the_printed_token_of_operations_opens_the_figures(cast: Cast) -> None:
    full_cohort(cast.acme)
    with tenant(cast.acme):
        _token, secret = keys.create_token(
            name="Night", scopes=[Permission.FIGURES_READ], by=cast.hugo
        )
    assert {row["cohort"] for row in Caller(secret).csv("/api/v1/figures.csv")} == {"Spring"}


# ── what is documented ──────────────────────────────────────────────────────────────────


def test_the_schema_is_made_without_a_warning(tmp_path: Any) -> None:
    file = tmp_path / "schema.json"
    call_command(
        "spectacular",
        "--fail-on-warn",
        "--validate",
        format="openapi-json",
        file=str(file),
        custom_settings="mentoring.api.SCHEMA_SETTINGS",
    )
    schema = json.loads(file.read_text())
    shapes = schema["components"]["schemas"]
    assert shapes["Error"]["required"] == [*SHAPE]
    assert shapes["Invalid"]["required"] == [*SHAPE, "fields"]
    paths = schema["paths"]
    assert set(ADDRESSES) <= set(paths)
    for path, operations in paths.items():
        assert set(operations) == METHODS.get(path.removeprefix("/api/v1/"), {"get"}), path
        for operation in operations.values():
            responses = set(operation["responses"])
            assert {"400", "401", "403", "404", "405", "406"} <= responses
            assert responses & {"200", "201", "204"}
            assert operation["security"] == [{"token": []}]
            assert operation["summary"]


def test_schema_and_docs_are_public_and_without_inline_script_or_style(db: None) -> None:
    assert Client().get(reverse("api_schema")).status_code == 200
    answer = Client().get(reverse("api_docs"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count("<script src=") == 3
    script = Client().get(reverse("api_docs") + "?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "SwaggerUIBundle" in script.content.decode()
