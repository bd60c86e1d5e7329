"""What the organisation's directory sends by SCIM: people entered, changed, and let go.

The rules of who is who are those of an imported file; who has left is never brought back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.errors import (
    AlreadyRevoked,
    ComesBackByHand,
    ExternalIdTaken,
    InDirectory,
    TwoPeople,
)
from core.accounts.operations.keys import issue_key, revoke_keys
from core.accounts.operations.people import add_member, mark_left, update_member
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.keys import new_secret
from core.members.models import DirectoryEntry, DirectoryToken, Key, Member


# ── tokens ──
@transaction.atomic
def create_directory_token(*, name: str, by: Member) -> tuple[DirectoryToken, str]:
    """Let a directory in; return its token with the secret, shown this once."""
    secret = _new_secret()
    token = DirectoryToken.objects.create(name=name, hint=secret[-4:])
    issue_key(kind=Key.Kind.SCIM, object_id=token.pk, secret=secret)
    record(by=by, verb="directory_token.created", target=token)
    return token, secret


@transaction.atomic
def rotate_directory_token(*, token: DirectoryToken, by: Member) -> tuple[DirectoryToken, str]:
    """Make a new secret; the one before opens for another day, so that nothing stops meanwhile.

    Raises AlreadyRevoked.
    """
    now, secret = clock.now(), _new_secret()
    standing = DirectoryToken.objects.filter(pk=token.pk, revoked_at=None)
    if not standing.update(hint=secret[-4:], rotated_at=now):
        raise AlreadyRevoked
    keys = Key.objects.filter(kind=Key.Kind.SCIM, object_id=token.pk, revoked_at=None)
    keys.filter(expires_at=None).update(expires_at=now + DirectoryToken.OVERLAP)
    issue_key(kind=Key.Kind.SCIM, object_id=token.pk, secret=secret)
    record(by=by, verb="directory_token.rotated", target=token)
    token.refresh_from_db()
    return token, secret


@transaction.atomic
def revoke_directory_token(*, token: DirectoryToken, by: Member) -> None:
    """Stop a directory for good, with every secret of its.  Raises AlreadyRevoked."""
    standing = DirectoryToken.objects.filter(pk=token.pk, revoked_at=None)
    if not standing.update(revoked_at=clock.now()):
        raise AlreadyRevoked
    revoke_keys(kind=Key.Kind.SCIM, object_id=token.pk)
    record(by=by, verb="directory_token.revoked", target=token)


def _new_secret() -> str:
    return f"rts_{new_secret()}"


# ── people ──
@transaction.atomic
def enter_person(
    *, token: DirectoryToken, email: str, external_id: str = "", active: bool = True, **facts: Any
) -> Member:
    """Enter a person whom the directory names, or take over the one who is here already.

    Who it is: the person with the employee id, if the e-mail or both names agree; without one,
    the person with the e-mail, unless they have another id.  Raises TwoPeople (both named),
    ComesBackByHand, InDirectory, ExternalIdTaken.
    """
    member = _who(email, facts)
    if member is None:
        facts.setdefault("given_name", "")
        member = add_member(email=email, by=None, **facts)
        _keep_entry(member, external_id)
        record(by=None, verb="directory.entered", target=member, token=token.name)
        return member if active else remove_person(token=token, member=member)
    if member.state == Member.State.LEFT:
        raise ComesBackByHand
    if DirectoryEntry.objects.filter(member=member, deleted_at=None).exists():
        raise InDirectory
    return change_person(
        token=token,
        member=member,
        values={"email": email, "external_id": external_id, "active": active, **facts},
    )


@transaction.atomic
def change_person(*, token: DirectoryToken, member: Member, values: Mapping[str, Any]) -> Member:
    """Change what the directory sends of a person; what it does not send stays.

    Raises ComesBackByHand if it calls somebody active who has left, and what `update_member`
    and `mark_left` raise.
    """
    facts = dict(values)
    active = facts.pop("active", None)
    external_id = facts.pop("external_id", None)
    left = member.state == Member.State.LEFT
    if left and active:
        raise ComesBackByHand
    _keep_entry(member, external_id)
    if facts and not left:
        before = {name: getattr(member, name) for name in facts}
        member = update_member(member=member, by=None, **facts)
        # the e-mail of somebody live waits for its mailbox
        changed = sorted(name for name in facts if getattr(member, name) != before[name])
        if changed:
            details = {"changed": changed, "token": token.name}
            record(by=None, verb="directory.changed", target=member, **details)
    if active is False and not left:
        return remove_person(token=token, member=member)
    return member


@transaction.atomic
def remove_person(*, token: DirectoryToken, member: Member, delete: bool = False) -> Member:
    """Let somebody go whom the directory calls inactive or deletes: they have left.

    A deleted one the directory does not see any more.  Raises LastOwner.
    """
    if member.state != Member.State.LEFT:
        member = mark_left(member=member, by=None)
        record(by=None, verb="directory.left", target=member, token=token.name)
    if delete:
        _keep_entry(member, "")
        DirectoryEntry.objects.filter(member=member).update(deleted_at=clock.now())
    return member


def _keep_entry(member: Member, external_id: str | None) -> None:
    values: dict[str, Any] = {"deleted_at": None}
    if external_id is not None:
        values["external_id"] = external_id
    with refusing("directory_entry_external_id_once", ExternalIdTaken()):
        DirectoryEntry.objects.update_or_create(member=member, defaults=values)


def _who(email: str, facts: Mapping[str, Any]) -> Member | None:
    """Return the person that the directory speaks of, by the rules of an imported file."""
    employee_id = str(facts.get("employee_id") or "")
    people = Member.objects.filter(merged_into=None, came_back_as=None).select_related(
        "organisation"
    )
    with_email = people.filter(email__iexact=email).first()
    with_id = people.filter(employee_id__iexact=employee_id).first() if employee_id else None
    if with_id and with_email and with_id.pk != with_email.pk:
        raise TwoPeople(
            _("The employee id is of %(one)s, the e-mail of %(other)s.")
            % {"one": _named(with_id), "other": _named(with_email)}
        )
    if with_id and not with_email and not _same_name(with_id, facts):
        raise TwoPeople(
            _("The employee id is of %(one)s, who has another name and e-mail than %(other)s.")
            % {"one": _named(with_id), "other": email}
        )
    if with_email and not with_id and employee_id and with_email.employee_id:
        raise TwoPeople(
            _("The e-mail is of %(one)s, whose employee id is %(id)s and not %(other)s.")
            % {"one": _named(with_email), "id": with_email.employee_id, "other": employee_id}
        )
    return with_id or with_email


def _named(member: Member) -> str:
    return f"{member.full_name} ({member.email})"


def _same_name(member: Member, facts: Mapping[str, Any]) -> bool:
    names = [(str(facts.get(name, "")), getattr(member, name)) for name in _NAMES]
    return all(sent and sent.casefold() == known.casefold() for sent, known in names)


_NAMES = ("given_name", "family_name")
