"""A SCIM Group read and written: its name, and the people in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.accounts.operations.directory_groups import MembersChange
from core.accounts.scim.errors import INVALID_PATH, INVALID_VALUE, ScimError
from core.accounts.scim.queries import Operation, bare, compared, operations_of
from core.accounts.scim.schemas import GROUP
from core.accounts.scim.users import seen_by_directory
from core.common.ids import ids_in
from core.common.names import clean_name
from core.members.models import DirectoryGroup, DirectoryGroupMember

# attribute, its case folded: the column
_COLUMNS = {"displayname": "name", "externalid": "external_id"}
LONGEST = 200
MOST_MEMBERS = 10_000
_ONE_MEMBER = re.compile(r'members\[\s*value\s+eq\s+"([^"]*)"\s*\]', re.I)


def filtered(wanted: str) -> QuerySet[DirectoryGroup]:
    """Return the groups, narrowed by `displayName eq "…"`, or by externalId or id."""
    rows = DirectoryGroup.objects.all()
    if not wanted:
        return rows
    name, value = compared(wanted, ("displayName", "externalId", "id"), GROUP)
    if name == "id":
        return rows.filter(pk__in=ids_in([value]))
    return rows.filter(external_id=value) if name == "externalid" else rows.filter(name=value)


def with_id(group_id: str) -> DirectoryGroup:
    group = DirectoryGroup.objects.filter(pk__in=ids_in([group_id])).first()
    if group is None:
        raise ScimError("There is no group with this id.", status=404)
    return group


# ── written ──
def as_json(groups: Sequence[DirectoryGroup], base: str) -> list[dict[str, Any]]:
    inside: dict[UUID, list[dict[str, str]]] = {group.pk: [] for group in groups}
    people = seen_by_directory().values("pk")
    rows = DirectoryGroupMember.objects.filter(group__in=groups, member__in=people)
    for group_id, member_id in rows.order_by("pk").values_list("group_id", "member_id"):
        person = {"value": str(member_id), "$ref": f"{base}/Users/{member_id}"}
        inside[group_id].append(person)
    return [_as_json(group, inside[group.pk], base) for group in groups]


def _as_json(group: DirectoryGroup, people: list[dict[str, str]], base: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "schemas": [GROUP],
        "id": str(group.pk),
        "displayName": group.name,
        "meta": {
            "resourceType": "Group",
            "created": group.created_at.isoformat(),
            "location": f"{base}/Groups/{group.pk}",
        },
    }
    if people:
        shown["members"] = people
    if group.external_id:
        shown["externalId"] = group.external_id
    return shown


# ── read ──
def read_group(body: Mapping[str, Any]) -> tuple[dict[str, str], list[MembersChange]]:
    """Return the columns and the people of a Group's representation; no name is no group."""
    columns, changes = _read([Operation("replace", "", body)])
    if not columns.get("name"):
        raise ScimError("displayName is needed.", kind=INVALID_VALUE)
    return columns, changes


def read_patch(body: Mapping[str, Any]) -> tuple[dict[str, str], list[MembersChange]]:
    """Return the columns that a PatchOp changes, and who comes and goes, in its order."""
    return _read(list(operations_of(body)))


def _read(operations: Sequence[Operation]) -> tuple[dict[str, str], list[MembersChange]]:
    columns: dict[str, str] = {}
    changes: list[MembersChange] = []
    for operation in operations:
        values = {operation.path: operation.value} if operation.path else operation.values
        for name, value in values.items():
            key = bare(str(name), GROUP)
            if column := _COLUMNS.get(key):
                columns[column] = _text(column, None if operation.op == "remove" else value)
            elif key == "members" or key.startswith("members["):
                changes.append(_change(operation.op, str(name), value))
    return columns, changes


def _change(op: str, path: str, value: object) -> MembersChange:
    if "[" in path:
        match = _ONE_MEMBER.fullmatch(path[path.casefold().index("members") :])
        if match is None or op != "remove":
            raise ScimError('Only members[value eq "…"] is removed so.', kind=INVALID_PATH)
        return MembersChange("remove", frozenset(ids_in([match[1]])))
    if op == "remove":
        # without a value everybody goes
        if value is None:
            return MembersChange("replace", frozenset())
        return MembersChange("remove", frozenset(ids_in(_values(value))))
    return MembersChange(op, _people(_values(value)))


def _values(value: object) -> list[str]:
    rows = value if isinstance(value, list) else [] if value is None else [value]
    if len(rows) > MOST_MEMBERS:
        raise ScimError(f"More than {MOST_MEMBERS} people at once.", kind="tooMany")
    ids = [row.get("value") if isinstance(row, Mapping) else row for row in rows]
    if not all(isinstance(one, str) for one in ids):
        raise ScimError("A member is an object with the id of a person.", kind=INVALID_VALUE)
    return [str(one) for one in ids]


def _people(values: list[str]) -> frozenset[UUID]:
    rows = seen_by_directory().filter(pk__in=ids_in(values))
    people = frozenset(rows.values_list("pk", flat=True))
    if len(people) < len(set(values)):
        raise ScimError("There is nobody with the id of a member.", kind=INVALID_VALUE)
    return people


def _text(column: str, value: object) -> str:
    text = clean_name(value) if isinstance(value, str) else ""
    if value is not None and not isinstance(value, str):
        raise ScimError("Text is expected here.", kind=INVALID_VALUE)
    if len(text) > LONGEST:
        raise ScimError(f"This is longer than {LONGEST} characters.", kind=INVALID_VALUE)
    if column == "name" and not text:
        raise ScimError("displayName cannot be empty.", kind=INVALID_VALUE)
    return text
