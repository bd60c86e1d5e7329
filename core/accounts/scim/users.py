"""A SCIM User read and written: its attributes are a Member's columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Exists, OuterRef

from core.accounts.scim.errors import INVALID_VALUE, ScimError
from core.accounts.scim.queries import bare, compared, operations_of
from core.accounts.scim.schemas import ENTERPRISE, USER
from core.common.ids import ids_in
from core.common.names import clean_name
from core.members.models import DirectoryEntry, Member, MemberQuerySet

_WORK = ENTERPRISE.casefold()
# attribute, its case folded: the column of a Member, or a word of the directory's own
COLUMNS = {
    "username": "email",
    "externalid": "external_id",
    "active": "active",
    "name.givenname": "given_name",
    "name.familyname": "family_name",
    "title": "job_title",
    "timezone": "time_zone",
    f"{_WORK}:employeenumber": "employee_id",
    f"{_WORK}:department": "department",
    f"{_WORK}:manager": "manager",
    f"{_WORK}:manager.value": "manager",
}
_NEEDED = {"email", "active", "given_name"}
_LONGEST = {"external_id": 200}


def seen_by_directory() -> MemberQuerySet:
    """Return whom the directory sees: everybody but tombstones and whom it has deleted.

    Who came back as somebody new is that one: it finds them by e-mail or externalId, and lets them
    go by that id.
    """
    deleted = DirectoryEntry.objects.filter(member=OuterRef("pk"), deleted_at__isnull=False)
    rows: MemberQuerySet = Member.objects.filter(merged_into=None, came_back_as=None).exclude(
        Exists(deleted), state=Member.State.LEFT
    )
    return rows


def filtered(rows: MemberQuerySet, wanted: str) -> MemberQuerySet:
    """Narrow by `userName eq "…"`, or by externalId or id in the same way."""
    if not wanted:
        return rows
    name, value = compared(wanted, ("userName", "externalId", "id"), USER)
    if name == "username":
        return rows.filter(email__iexact=value)
    if name == "id":
        return rows.filter(pk__in=ids_in([value]))
    entries = DirectoryEntry.objects.filter(external_id=value, deleted_at=None)
    return rows.filter(pk__in=entries.values("member_id"))


# ── written ──
def _as_json(member: Member, external_id: str, base: str) -> dict[str, Any]:
    user: dict[str, Any] = {
        "schemas": [USER],
        "id": str(member.pk),
        "userName": member.email,
        "name": _filled(givenName=member.given_name, familyName=member.family_name),
        "displayName": member.full_name,
        "active": member.state != Member.State.LEFT,
        "emails": [{"value": member.email, "type": "work", "primary": True}],
        "meta": {
            "resourceType": "User",
            "created": member.created_at.isoformat(),
            "location": f"{base}/Users/{member.pk}",
        },
        **_filled(externalId=external_id, title=member.job_title, timezone=member.time_zone),
    }
    work = _filled(employeeNumber=member.employee_id, department=member.department)
    if member.manager_id:
        work["manager"] = {"value": str(member.manager_id)}
    if work:
        user["schemas"].append(ENTERPRISE)
        user[ENTERPRISE] = work
    return user


def all_as_json(members: Sequence[Member], base: str) -> list[dict[str, Any]]:
    entries = DirectoryEntry.objects.filter(member__in=members)
    ids = dict(entries.values_list("member_id", "external_id"))
    return [_as_json(member, ids.get(member.pk, ""), base) for member in members]


def _filled(**values: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


# ── read ──
def read_user(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that a User's representation gives; what it does not name is not there."""
    values = _columns(_flat(body))
    if not values.get("email"):
        raise ScimError("userName is needed: the work e-mail.", kind=INVALID_VALUE)
    return values


def read_patch(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that a PatchOp changes, the last word counting."""
    flat: dict[str, Any] = {}
    for operation in operations_of(body):
        value = None if operation.op == "remove" else operation.value
        flat |= _flat({operation.path: value} if operation.path else operation.values)
    return _columns(flat)


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes by their whole names, case folded: `name.givenname`, `urn:…:user:…`."""
    flat: dict[str, Any] = {}
    for name, value in body.items():
        key = bare(str(name), USER)
        if key == "name" and value is None:
            flat |= {"name.familyname": None}
        elif key == _WORK and value is None:
            flat |= {column: None for column in COLUMNS if column.startswith(_WORK)}
        elif isinstance(value, Mapping) and key in {"name", _WORK, f"{_WORK}:manager"}:
            mark = ":" if key == _WORK else "."
            for inner, given in _flat(value).items():
                flat |= _flat({f"{key}{mark}{inner}": given})
        else:
            flat[key] = value
    return flat


def _columns(flat: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in flat.items():
        if column := COLUMNS.get(name):
            columns[column] = _value(column, value)
    return columns


def _value(column: str, value: object) -> object:
    if value in (None, "") and column in _NEEDED:
        raise ScimError("userName, active and a given name cannot be empty.", kind=INVALID_VALUE)
    if column == "active":
        return _truth(value)
    text = "" if value is None else value
    if not isinstance(text, str):
        raise ScimError("Text is expected here.", kind=INVALID_VALUE)
    text = clean_name(text)
    longest = _LONGEST.get(column) or getattr(Member._meta.get_field(column), "max_length", None)
    if longest and len(text) > longest:
        raise ScimError(f"This is longer than {longest} characters.", kind=INVALID_VALUE)
    if column == "email":
        return _email(text)
    if column == "manager":
        return _manager(text)
    if column == "time_zone" and text and text not in available_timezones():
        raise ScimError("timezone is an IANA name, such as Europe/Berlin.", kind=INVALID_VALUE)
    return text


def _truth(value: object) -> bool:
    words = {"true": True, "false": False}  # Entra sends them as text
    truth = words.get(value.casefold()) if isinstance(value, str) else value
    if not isinstance(truth, bool):
        raise ScimError("active is true or false.", kind=INVALID_VALUE)
    return truth


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise ScimError(
            "userName is the work e-mail: map it to the attribute that holds it.",
            kind=INVALID_VALUE,
        ) from None
    return text.casefold()


def _manager(text: str) -> Member | None:
    if not text:
        return None
    manager = seen_by_directory().filter(pk__in=ids_in([text])).first()
    if manager is None:
        raise ScimError("There is nobody with the id of this manager.", kind=INVALID_VALUE)
    return manager
