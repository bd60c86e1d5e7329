"""Groups of the directory by SCIM 2.0, and the role that an owner lets them give."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from core.accounts.errors import RoleAboveYours
from core.accounts.operations import people
from core.accounts.operations.directory_groups import map_group
from core.accounts.scim.schemas import GROUP, PATCH
from core.audit.models import AuditEvent
from core.members.models import DirectoryGroup, Member
from core.tenancy.context import tenant
from tests.cast import Cast, make_member, sign_in
from tests.core.accounts.build import make_directory_token
from tests.core.accounts.test_scim import Directory, directory, reload

__all__ = ["directory"]
pytestmark = pytest.mark.django_db

Role = Member.Role


def group_of(*members: Member, name: str = "Mentoring team", **others: Any) -> dict[str, Any]:
    people = [{"value": str(member.pk)} for member in members]
    return {"schemas": [GROUP], "displayName": name, "members": people, **others}


def made(directory: Directory, *members: Member, name: str = "Mentoring team") -> str:
    status, group = directory("POST", "Groups", group_of(*members, name=name))
    assert status == 201
    return str(group["id"])


def patch(directory: Directory, group: str, *operations: dict[str, Any]) -> tuple[int, Any]:
    body = {"schemas": [PATCH], "Operations": list(operations)}
    return directory("PATCH", f"Groups/{group}", body)


def mapped(cast: Cast, group: str, role: str) -> int:
    with tenant(cast.acme):
        row = DirectoryGroup.objects.get(pk=group)
        return map_group(group=row, role=role, by=cast.olga)


def inside(directory: Directory, group: str) -> set[str]:
    status, shown = directory("GET", f"Groups/{group}")
    assert status == 200
    return {person["value"] for person in shown.get("members", [])}


def test_a_group_is_entered_found_changed_and_removed(cast: Cast, directory: Directory):
    status, group = directory("POST", "Groups", group_of(cast.petra, externalId="g-1"))
    assert status == 201
    assert group["displayName"] == "Mentoring team"
    assert group["members"] == [
        {
            "value": str(cast.petra.pk),
            "$ref": f"{group['meta']['location'].partition('/Groups')[0]}/Users/{cast.petra.pk}",
        }
    ]
    assert directory("GET", f"Groups/{group['id']}") == (200, group)
    for wanted in ('displayName eq "Mentoring team"', 'externalId eq "g-1"'):
        assert directory("GET", f"Groups?filter={wanted}")[1]["Resources"] == [group]
    bare = directory("GET", "Groups?excludedAttributes=members")[1]["Resources"][0]
    assert "members" not in bare
    assert directory("POST", "Groups", group_of(externalId="g-1"))[1]["scimType"] == "uniqueness"
    body = group_of(cast.cora, cast.hugo, name="Others")
    assert directory("PUT", f"Groups/{group['id']}", body)[1]["displayName"] == "Others"
    assert inside(directory, group["id"]) == {str(cast.cora.pk), str(cast.hugo.pk)}
    assert directory("DELETE", f"Groups/{group['id']}") == (204, None)
    assert directory("GET", f"Groups/{group['id']}")[0] == 404
    with tenant(cast.acme):
        acts = AuditEvent.objects.filter(target_id=group["id"]).values_list("verb", flat=True)
        assert set(acts) == {
            *("directory_group.entered", "directory_group.changed", "directory_group.removed")
        }
    assert {reload(one).role for one in (cast.petra, cast.cora, cast.hugo)} == {
        *(Role.PARTICIPANT, Role.COORDINATOR, Role.HR)
    }


def test_everything_is_searched_at_once(cast: Cast, directory: Directory):
    group = made(directory, cast.petra)
    users = directory("GET", "Users")[1]["totalResults"]
    everything = directory("POST", ".search", {})[1]
    assert everything["totalResults"] == users + 1
    assert everything["Resources"][-1]["id"] == group
    last = directory("POST", ".search", {"startIndex": users, "count": 2})[1]["Resources"]
    assert [row["meta"]["resourceType"] for row in last] == ["User", "Group"]
    wanted = {"filter": 'displayName eq "Mentoring team"'}
    assert directory("POST", ".search", wanted)[1]["totalResults"] == 1
    assert directory("POST", ".search", {"filter": 'title co "x"'})[0] == 400


def test_people_come_and_go_in_every_dialect(cast: Cast, directory: Directory):
    petra, cora, hugo = (str(one.pk) for one in (cast.petra, cast.cora, cast.hugo))
    group = made(directory, cast.petra)
    patch(directory, group, {"op": "Add", "path": "members", "value": [{"value": cora}]})
    assert inside(directory, group) == {petra, cora}
    patch(directory, group, {"op": "remove", "path": f'members[value eq "{petra}"]'})
    assert inside(directory, group) == {cora}
    entra = {"op": "Remove", "path": "members", "value": [{"value": cora}]}
    patch(directory, group, {"op": "add", "value": {"members": [{"value": hugo}]}}, entra)
    assert inside(directory, group) == {hugo}
    okta = {"op": "replace", "value": {"id": group, "displayName": "New name"}}
    assert patch(directory, group, okta)[1]["displayName"] == "New name"
    replaced = {"op": "replace", "path": f"{GROUP}:members", "value": [{"value": petra}]}
    patch(directory, group, replaced)
    assert inside(directory, group) == {petra}
    patch(directory, group, {"op": "remove", "path": "members"})
    assert inside(directory, group) == set()


@pytest.mark.parametrize(
    "body",
    [
        {"schemas": [GROUP]},
        group_of(name=""),
        group_of(name="x" * 201),
        group_of(members="text"),
        group_of(members=[{"value": "nobody"}]),
        group_of(members=[{"value": ["a list"]}]),
        group_of(members=[{"value": str(uuid4())}]),
        group_of(members=[{}] * 10_001),
        ["a list"],
    ],
    ids=range(9),
)
def test_what_cannot_be_read_is_400(directory: Directory, body: object):
    assert directory("POST", "Groups", body)[0] == 400


def test_a_group_of_another_organisation_is_not_there(cast: Cast, directory: Directory):
    group = made(directory, cast.petra)
    there = Directory(make_directory_token(cast.gustav)[1], "globex")
    assert there("GET", f"Groups/{group}")[0] == 404
    assert there("DELETE", f"Groups/{group}")[0] == 404
    assert there("GET", "Groups")[1]["totalResults"] == 0
    assert there("POST", "Groups", group_of(cast.petra))[0] == 400


def test_a_mapped_group_gives_its_role_and_takes_it_back(cast: Cast, directory: Directory):
    group = made(directory, cast.petra)
    assert reload(cast.petra).role == Role.PARTICIPANT
    assert mapped(cast, group, Role.COORDINATOR) == 1
    now = reload(cast.petra)
    assert (now.role, now.runs_all) == (Role.COORDINATOR, False)
    with tenant(cast.acme):
        act = AuditEvent.objects.get(target_id=cast.petra.pk, verb="directory.role_changed")
        assert act.actor_id == cast.olga.pk
        assert act.details["group"] == "Mentoring team"
    newcomer = make_member(cast.acme, "Nora", live=False)
    patch(directory, group, {"op": "add", "path": "members", "value": {"value": str(newcomer.pk)}})
    assert reload(newcomer).role == Role.COORDINATOR
    with tenant(cast.acme):
        act = AuditEvent.objects.get(target_id=newcomer.pk, verb="directory.role_changed")
        assert act.actor_id is None
    other = made(directory, cast.petra, name="Figures")
    mapped(cast, other, Role.HR)
    assert reload(cast.petra).role == Role.COORDINATOR
    directory("DELETE", f"Groups/{group}")
    assert [reload(one).role for one in (cast.petra, newcomer)] == [Role.HR, Role.PARTICIPANT]
    mapped(cast, other, Role.PARTICIPANT)
    assert reload(cast.petra).role == Role.PARTICIPANT


def test_a_role_given_by_hand_stays(cast: Cast, directory: Directory):
    group = made(directory, cast.cora, cast.olga, cast.petra)
    assert mapped(cast, group, Role.HR) == 1
    patch(directory, group, {"op": "remove", "path": "members"})
    roles = [reload(one).role for one in (cast.cora, cast.olga, cast.petra)]
    assert roles == [Role.COORDINATOR, Role.OWNER, Role.PARTICIPANT]


def test_who_has_left_gets_no_role(cast: Cast, directory: Directory):
    with tenant(cast.acme):
        people.mark_left(member=cast.petra, by=cast.olga)
    group = made(directory, cast.petra)
    assert mapped(cast, group, Role.COORDINATOR) == 0
    assert reload(cast.petra).role == Role.PARTICIPANT


def test_no_group_makes_owners_and_nobody_gives_more_than_they_may(
    cast: Cast, directory: Directory
):
    group = made(directory, cast.petra)
    with tenant(cast.acme):
        row = DirectoryGroup.objects.get(pk=group)
        for role, by in ((Role.OWNER, cast.olga), (Role.COORDINATOR, cast.hugo)):
            with pytest.raises(RoleAboveYours):
                map_group(group=row, role=role, by=by)
        with pytest.raises(IntegrityError, match="makes_no_owner"), transaction.atomic():
            DirectoryGroup.objects.update(role=Role.OWNER)
    page = f"/o/acme/settings/directory/groups/{group}/"
    assert sign_in(cast.olga).post(page, {"role": "owner"}).status_code == 422
    assert reload(cast.petra).role == Role.PARTICIPANT


def test_an_owner_maps_a_group_on_its_page(cast: Cast, directory: Directory):
    group = made(directory, cast.petra, cast.cora)
    browser = sign_in(cast.olga)
    assert "Mentoring team" in browser.get("/o/acme/settings/directory/").content.decode()
    page = f"/o/acme/settings/directory/groups/{group}/"
    assert browser.get(page).context["roles"] == [("Coordinator", 1), ("Participant", 1)]
    assert browser.post(page, {"role": "hr"})["Location"] == "/o/acme/settings/directory/"
    assert reload(cast.petra).role == Role.HR
    for who in (cast.cora, cast.hugo):
        assert sign_in(who).get(page).status_code == 403
    assert sign_in(cast.gustav).get(page.replace("acme", "globex")).status_code == 404
