"""The directory of an organisation, by SCIM 2.0: who is entered, changed and let go."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server

from core.accounts.operations import people
from core.accounts.scim.schemas import ENTERPRISE, PATCH, USER
from core.audit.models import AuditEvent
from core.common import clock
from core.members.limits import LIMITS, Limit
from core.members.models import DirectoryToken, Member
from core.tenancy.context import tenant
from core.tenancy.models import Due
from tests.cast import Cast, make_member, sign_in
from tests.core.accounts.build import make_directory_token

pytestmark = pytest.mark.django_db


class Directory:
    """A directory that speaks SCIM with one organisation."""

    def __init__(self, secret: str, slug: str = "acme") -> None:
        self.secret, self.slug, self.browser = secret, slug, Client()

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        answer = self.browser.generic(
            method,
            f"/scim/v2/{self.slug}/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/scim+json",
            headers={"Authorization": f"Bearer {self.secret}"},
        )
        assert answer["Content-Type"] == "application/scim+json"
        return answer.status_code, json.loads(answer.content) if answer.content else None

    def patch(self, user_id: object, *operations: dict[str, Any]) -> tuple[int, Any]:
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return self("PATCH", f"Users/{user_id}", body)


@pytest.fixture
def directory(cast: Cast) -> Directory:
    return Directory(make_directory_token(cast.olga)[1])


def user(user_name: str = "dina@acme.example", **others: Any) -> dict[str, Any]:
    return {
        "schemas": [USER, ENTERPRISE],
        "userName": user_name,
        "name": {"givenName": "Dina", "familyName": "Dahl"},
        "active": True,
        **others,
    }


def at_work(**facts: Any) -> dict[str, Any]:
    return {ENTERPRISE: facts}


def reload(member: Member) -> Member:
    with tenant(member.organisation_id):
        return Member.objects.get(pk=member.pk)


def test_a_person_is_entered_read_and_found(cast: Cast, directory: Directory):
    body = user(
        externalId="x-1",
        title="Baker",
        **at_work(employeeNumber="7", department="Bread", manager={"value": str(cast.cora.pk)}),
    )
    status, made = directory("POST", "Users", body)
    assert status == 201
    assert made["userName"] == "dina@acme.example"
    assert made["externalId"] == "x-1"
    assert made["active"] is True
    assert made[ENTERPRISE] == {
        "employeeNumber": "7",
        "department": "Bread",
        "manager": {"value": str(cast.cora.pk)},
    }
    with tenant(cast.acme):
        member = Member.objects.get(email="dina@acme.example")
        acts = set(AuditEvent.objects.filter(target_id=member.pk).values_list("verb", flat=True))
    assert (member.state, member.role, member.job_title) == ("invited", "participant", "Baker")
    assert acts == {"member.added", "directory.entered"}
    assert directory("GET", f"Users/{made['id']}") == (200, made)
    for wanted in ('userName eq "DINA@acme.example"', 'externalId eq "x-1"'):
        status, listed = directory("GET", f"Users?filter={wanted}")
        assert (status, listed["totalResults"]) == (200, 1)
        assert listed["Resources"] == [made]
    assert directory("POST", "Users", body)[1]["scimType"] == "uniqueness"


def test_everybody_is_listed_by_pages(cast: Cast, directory: Directory):
    status, listed = directory("GET", "Users?startIndex=2&count=2")
    assert status == 200
    assert (listed["totalResults"], listed["startIndex"], listed["itemsPerPage"]) == (5, 2, 2)
    names = {user["userName"] for user in directory("GET", "Users")[1]["Resources"]}
    assert {user["userName"] for user in listed["Resources"]} < names
    assert not any("globex" in name for name in names)
    bare = directory("GET", "Users?count=1&attributes=userName")[1]["Resources"][0]
    assert set(bare) == {"schemas", "id", "userName"}


def test_patch_changes_what_it_names_in_every_dialect(cast: Cast, directory: Directory):
    petra = cast.petra.pk
    status, changed = directory.patch(
        petra,
        {"op": "Replace", "path": "name.familyName", "value": "Perez"},
        {"op": "add", "path": f"{ENTERPRISE}:department", "value": "Tea"},
        {"op": "replace", "value": {"title": "Taster", f"{ENTERPRISE}:employeeNumber": "12"}},
        {"op": "replace", "value": {ENTERPRISE: {"manager": {"value": str(cast.cora.pk)}}}},
        {"op": "add", "path": 'emails[type eq "work"].value', "value": "ignored@acme.example"},
    )
    assert status == 200
    member = reload(cast.petra)
    assert (member.family_name, member.department, member.job_title) == ("Perez", "Tea", "Taster")
    assert (member.employee_id, member.manager_id) == ("12", cast.cora.pk)
    assert changed["userName"] == cast.petra.email
    directory.patch(petra, {"op": "remove", "path": f"{ENTERPRISE}:manager"})
    assert reload(cast.petra).manager_id is None


def test_replace_leaves_what_it_does_not_name(cast: Cast, directory: Directory):
    directory.patch(cast.petra.pk, {"op": "add", "path": "title", "value": "Taster"})
    body = user(cast.petra.email, name={"givenName": "Pia", "familyName": "Perez"})
    status, changed = directory("PUT", f"Users/{cast.petra.pk}", body)
    assert (status, changed["displayName"], changed["title"]) == (200, "Pia Perez", "Taster")


def test_the_email_of_somebody_live_waits_for_its_mailbox(cast: Cast, directory: Directory):
    status, changed = directory("PUT", f"Users/{cast.petra.pk}", user("new@acme.example"))
    assert (status, changed["userName"]) == (200, cast.petra.email)


@pytest.mark.parametrize("how", ["patch", "put", "delete", "text"])
def test_inactive_and_deleted_people_have_left(cast: Cast, directory: Directory, how: str):
    Due.objects.all().delete()
    path = f"Users/{cast.petra.pk}"
    if how == "delete":
        assert directory("DELETE", path) == (204, None)
        assert directory("GET", path)[0] == 404
        assert (
            directory("GET", f'Users?filter=userName eq "{cast.petra.email}"')[1]["totalResults"]
            == 0
        )
    elif how == "put":
        body = user(cast.petra.email, active=False)
        assert directory("PUT", path, body)[1]["active"] is False
    else:
        value: object = "False" if how == "text" else False
        answer = directory.patch(cast.petra.pk, {"op": "Replace", "path": "active", "value": value})
        assert answer[1]["active"] is False
    assert reload(cast.petra).state == Member.State.LEFT
    assert Due.objects.filter(organisation=cast.acme).exists()  # partners are told by follow-ups
    assert sign_in(cast.petra).get("/o/acme/").status_code == 404
    with tenant(cast.acme):
        acts = AuditEvent.objects.filter(target_id=cast.petra.pk, verb="directory.left")
        assert acts.get().details["token"] == "Entra"


@pytest.mark.parametrize("how", ["post", "patch", "put"])
def test_nobody_who_has_left_is_brought_back(cast: Cast, directory: Directory, how: str):
    with tenant(cast.acme):
        people.mark_left(member=cast.petra, by=cast.olga)
    if how == "post":
        status, error = directory("POST", "Users", user(cast.petra.email))
    elif how == "put":
        status, error = directory("PUT", f"Users/{cast.petra.pk}", user(cast.petra.email))
    else:
        operation = {"op": "replace", "value": {"active": True}}
        status, error = directory.patch(cast.petra.pk, operation)
    assert status == 409
    assert "People" in error["detail"]
    assert reload(cast.petra).state == Member.State.LEFT


def test_the_last_owner_stays(cast: Cast, directory: Directory):
    status, error = directory("DELETE", f"Users/{cast.olga.pk}")
    assert (status, error["status"]) == (409, "409")
    assert "owner" in error["detail"]
    assert reload(cast.olga).is_live


# id known or not, e-mail known or not, names agreeing or not: the rules of a file
@pytest.mark.parametrize(
    ("email", "names", "employee_id", "status"),
    [
        ("anna@acme.example", ("Anna", "Arc"), "1", 201),  # all agree
        ("anna@acme.example", ("Someone", "Else"), "1", 201),  # id and e-mail
        ("other@acme.example", ("Anna", "Arc"), "1", 201),  # id and both names
        ("other@acme.example", ("Anna", "Other"), "1", 409),  # id alone is nobody
        ("bert@acme.example", ("Bert", "Bo"), "1", 409),  # id of one, e-mail of another
        ("anna@acme.example", ("Anna", "Arc"), "9", 409),  # e-mail, but another id
        ("anna@acme.example", ("Anna", "Arc"), "", 201),  # e-mail alone
    ],
)
def test_who_is_who(
    cast: Cast,
    directory: Directory,
    email: str,
    names: tuple[str, str],
    employee_id: str,
    status: int,
):
    anna = make_member(cast.acme, "Anna", family_name="Arc", employee_id="1", live=False)
    make_member(cast.acme, "Bert", family_name="Bo", employee_id="2", live=False)
    name = {"givenName": names[0], "familyName": names[1]}
    body = user(email, name=name, **at_work(employeeNumber=employee_id))
    answer, made = directory("POST", "Users", body)
    assert answer == status
    if status == 201:
        assert made["id"] == str(anna.pk)
        assert reload(anna).email == email
    else:
        assert "Anna Arc (anna@acme.example)" in made["detail"]
        assert reload(anna).email == "anna@acme.example"


@pytest.mark.parametrize(
    "body",
    [
        user("no e-mail"),
        user(""),
        user(active="perhaps"),
        user(title="x" * 5000),
        user(title=["a list"]),
        user(timezone="Mars/Olympus"),
        user(**at_work(manager={"value": "nobody"})),
        {"schemas": [USER]},
        ["a list"],
        json.loads('{"name":' * 90 + "{}" + "}" * 90),
    ],
)
def test_what_cannot_be_read_is_400(directory: Directory, body: object):
    status, error = directory("POST", "Users", body)
    assert (status, error["status"]) == (400, "400")
    assert error["scimType"]


def test_twenty_kilobytes_of_brackets_are_400(directory: Directory):
    for text in ("[" * 20_000, '{"name":' * 3_000 + "{}" + "}" * 3_000, "\x00", '"\\ud800"'):
        answer = directory.browser.post(
            "/scim/v2/acme/Users",
            text,
            content_type="application/scim+json",
            headers={"Authorization": f"Bearer {directory.secret}"},
        )
        assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ('Users?filter=title co "x"', 400),
        ('Users?filter=userName eq "a" or id eq "b"', 400),
        ("Users?startIndex=one", 400),
        ("Users/nobody", 404),
        ("Groups", 200),
        ("Groups/none", 404),
        ("Schemas/none", 404),
        (f"Schemas/{USER}", 200),
        ("ResourceTypes/User", 200),
        ("ResourceTypes/Group", 200),
        ("ServiceProviderConfig", 200),
    ],
)
def test_what_there_is_and_what_not(directory: Directory, path: str, status: int):
    assert directory("GET", path)[0] == status


def test_a_token_opens_its_own_organisation_alone(cast: Cast):
    _token, secret = make_directory_token(cast.gustav)
    assert Directory(secret, "globex")("GET", "Users")[0] == 200
    assert Directory(secret, "acme")("GET", "Users")[0] == 401
    assert Directory("guess", "acme")("GET", "Users")[0] == 401
    status, error = Directory(secret, "globex")("GET", f"Users/{cast.petra.pk}")
    assert (status, error["detail"]) == (404, "There is nobody with this id.")


def test_a_token_is_limited(cast: Cast, directory: Directory, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(LIMITS, "scim", Limit(2, 60))
    answers = [directory("GET", "Users?count=0")[0] for _ in range(3)]
    assert answers == [200, 200, 429]


def test_an_owner_makes_rotates_and_revokes_a_token(cast: Cast):
    browser = sign_in(cast.olga)
    page = browser.post("/o/acme/settings/directory/", {"name": "Okta"})
    first = page.context["secret"]
    assert Directory(first)("GET", "Users")[0] == 200
    with tenant(cast.acme):
        token = DirectoryToken.objects.get(name="Okta")
    path = f"/o/acme/settings/directory/{token.pk}/"
    second = browser.post(f"{path}rotate/").context["secret"]
    assert [Directory(secret)("GET", "Users")[0] for secret in (first, second)] == [200, 200]
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        assert [Directory(secret)("GET", "Users")[0] for secret in (first, second)] == [401, 200]
    browser.post(f"{path}revoke/")
    assert Directory(second)("GET", "Users")[0] == 401
    assert browser.post(f"{path}rotate/").status_code == 409
    assert first not in browser.get("/o/acme/settings/directory/").content.decode()


@pytest.mark.parametrize("who", ["cora", "hugo", "petra"])
def test_the_page_is_for_owners(cast: Cast, who: str):
    assert sign_in(getattr(cast, who)).get("/o/acme/settings/directory/").status_code == 403


def test_a_token_goes_on_when_its_maker_leaves(cast: Cast, directory: Directory):
    second = make_member(cast.acme, "Otto", Member.Role.OWNER)
    with tenant(cast.acme):
        people.mark_left(member=cast.olga, by=second)
    assert directory("GET", "Users")[0] == 200


@pytest.mark.slow
def test_an_independent_client_finds_nothing_against_the_standard(
    cast: Cast, directory: Directory, monkeypatch: pytest.MonkeyPatch
):
    """The cases of scim2-tester, over what our own /Schemas and /ResourceTypes promise.

    What a schema cannot say it is told: a userName is an e-mail, managers are people, and who is
    not active has left.
    """

    def example(path: Any) -> Any:
        model = getattr(path.resolve(), "target_model", None)
        if "manager" in getattr(model, "__name__", "").casefold():
            return str(cast.cora.pk)
        name = str(path).rpartition(":")[2].rpartition(".")[2]
        known = {"userName": f"{uuid4()}@acme.example", "timezone": "Europe/Oslo", "active": True}
        return known.get(name)

    monkeypatch.setattr("scim2_tester.filling.get_random_example_value", example)
    client = WSGISCIMClient(
        _in_this_transaction,
        base_url="http://testserver/scim/v2/acme",
        headers={"Authorization": f"Bearer {directory.secret}"},
    )
    results = check_server(client)
    wrong = [result for result in results if result.status not in {Status.SUCCESS, Status.SKIPPED}]
    # "active" is always said, so there is nothing to remove
    assert [str(result.reason) for result in wrong if "'active'" not in str(result.reason)] == []
    assert len(wrong) <= 1
    assert len(results) > 50


def _in_this_transaction(environ: Any, start_response: Any) -> Any:
    """Answer as the web process does, but keep the connection that the test's rows are in."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        answer = get_wsgi_application()(environ, start_response)
        content = b"".join(answer)
        answer.close()
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
    return [content]


TITLE = {"op": "add", "path": "title", "value": "Taster"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"schemas": [USER], "Operations": [TITLE]}, "invalidSyntax"),
        ({"Operations": [TITLE]}, "invalidSyntax"),
        ({"schemas": [PATCH]}, "invalidSyntax"),
        ({"schemas": [PATCH], "Operations": TITLE}, "invalidSyntax"),
        ({"schemas": [PATCH], "Operations": ["add"]}, "invalidSyntax"),
        ({"schemas": [PATCH], "Operations": [{**TITLE, "op": "append"}]}, "invalidSyntax"),
        ({"schemas": [PATCH], "Operations": [{"op": "remove"}]}, "noTarget"),
        ({"schemas": [PATCH], "Operations": [{**TITLE, "path": ["title"]}]}, "invalidPath"),
        ({"schemas": [PATCH], "Operations": [{**TITLE, "path": "title["}]}, "invalidPath"),
        ({"schemas": [PATCH], "Operations": [{"op": "add", "value": "Taster"}]}, "invalidValue"),
        ({"schemas": [PATCH], "Operations": [TITLE] * 101}, "tooMany"),
    ],
)
def test_a_patch_that_cannot_be_read_changes_nothing_and_says_why(
    cast: Cast, directory: Directory, body: object, kind: str
):
    status, error = directory("PATCH", f"Users/{cast.petra.pk}", body)
    assert (status, error["scimType"]) == (400, kind)
    assert reload(cast.petra).job_title == ""
    assert directory.patch(cast.petra.pk, *[TITLE] * 100)[0] == 200
    assert reload(cast.petra).job_title == "Taster"
