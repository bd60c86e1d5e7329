"""Entering people, letting them in, changing what is known of them, and their leaving."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q

from core.accounts.errors import (
    AlreadyHere,
    AlreadyLeft,
    EmployeeIdTaken,
    LastOwner,
    OwnManager,
    RoleAboveYours,
)
from core.accounts.operations.keys import revoke_keys
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing_any
from core.members.models import ApiToken, Invitation, Key, Member, User
from core.members.permissions import grantable_roles
from core.notifications import operations as notifications_operations


def find_or_create_user(email: str) -> User:
    """Return the user of an e-mail, made without a password if there is none.

    A second address that somebody has verified is theirs as well as their sign-in e-mail.
    """
    address = email.strip().casefold()
    user = User.objects.filter(email__iexact=address).first()
    if user is None:
        owned = EmailAddress.objects.filter(email__iexact=address, verified=True)
        user = next((row.user for row in owned.select_related("user")), None)
    if user:
        return user
    try:
        with transaction.atomic():
            return User.objects.create_user(address)
    except IntegrityError:
        return User.objects.get(email__iexact=address)


@transaction.atomic
def add_member(
    *,
    email: str,
    given_name: str,
    family_name: str = "",
    role: str = Member.Role.PARTICIPANT,
    by: Member | None,
    **work_facts: Any,
) -> Member:
    """Enter a person, invited but not yet live; makes or finds the user and never says which.

    Raises AlreadyHere if a member with that e-mail exists and RoleAboveYours if `by` may not
    give that role.
    """
    if by is not None and role not in grantable_roles(by):
        raise RoleAboveYours
    with refusing_member():
        member = Member.objects.create(
            user=find_or_create_user(email),
            email=email.strip().casefold(),
            given_name=given_name,
            family_name=family_name,
            role=role,
            **work_facts,
        )
    record(by=by, verb="member.added", target=member, role=role)
    return member


def refusing_member() -> AbstractContextManager[None]:
    """Turn what the database refuses of a member, one or many, into a sentence for a person."""
    return refusing_any(
        {
            "member_email_once": AlreadyHere(),
            "member_user_once": AlreadyHere(),
            "member_employee_id_once": EmployeeIdTaken(),
            "member_is_not_own_manager": OwnManager(),
        }
    )


@transaction.atomic
def make_live(*, member: Member, by: Member | None = None) -> Member:
    """Let an invited member in: their first acceptance, wherever it comes from."""
    changed = Member.objects.filter(pk=member.pk, state=Member.State.INVITED).update(
        state=Member.State.LIVE, live_at=clock.now()
    )
    if changed:
        EmailAddress.objects.get_or_create(
            user_id=member.user_id,
            email=member.user.email,
            defaults={"verified": True, "primary": True},
        )
        record(by=by or member, verb="member.went_live", target=member)
    member.refresh_from_db()
    return member


@transaction.atomic
def update_member(*, member: Member, by: Member | None, **facts: Any) -> Member:
    """Change a person's names or work facts; nothing is written or recorded where all is as it was.

    Raises EmployeeIdTaken, OwnManager; ValueError for a column that is no such fact.
    """
    if unknown := set(facts) - {"given_name", "family_name", *Member.WORK_FACTS}:
        raise ValueError(f"not a work fact: {sorted(unknown)}")
    changed = {key: value for key, value in facts.items() if getattr(member, key) != value}
    if not changed:
        return member
    with refusing_member():
        Member.objects.filter(pk=member.pk).update(**changed)
    record(by=by, verb="member.changed", target=member, changed=sorted(changed))
    member.refresh_from_db()
    return member


@transaction.atomic
def update_profile(
    *,
    member: Member,
    given_name: str,
    family_name: str,
    time_zone: str,
    location: str,
    country: str,
) -> Member:
    return update_member(
        member=member,
        by=member,
        given_name=given_name,
        family_name=family_name,
        time_zone=time_zone,
        location=location,
        country=country,
    )


@transaction.atomic
def change_role(*, member: Member, role: str, by: Member) -> Member:
    """Give a member another role.

    Raises RoleAboveYours unless `by` may give both the old and the new one, LastOwner when the
    organisation would be left without an owner, AlreadyLeft for somebody who has left.
    """
    if not {role, member.role} <= set(grantable_roles(by)):
        raise RoleAboveYours
    owners = _live_owners_locked()
    now = Member.objects.get(pk=member.pk)
    if now.state == Member.State.LEFT:
        raise AlreadyLeft
    if now.role == role:
        return now
    if owners == [now.pk]:
        raise LastOwner
    Member.objects.filter(pk=now.pk).update(role=role)
    record(by=by, verb="member.role_changed", target=now, before=now.role, after=role)
    member.refresh_from_db()
    return member


@transaction.atomic
def mark_left(*, member: Member, by: Member) -> Member:
    """Close a person's place: tokens stop, keys and invitations are revoked, history stays.

    Raises LastOwner, AlreadyLeft, and RoleAboveYours if they hold a role that `by` may not
    give; everybody may leave by themselves.
    """
    if by.pk != member.pk and member.role not in grantable_roles(by):
        raise RoleAboveYours
    if _live_owners_locked() == [member.pk]:
        raise LastOwner
    now = clock.now()
    gone = Member.objects.filter(~Q(state=Member.State.LEFT), pk=member.pk).update(
        state=Member.State.LEFT, left_at=now
    )
    if not gone:
        raise AlreadyLeft
    for token in ApiToken.objects.filter(member=member, revoked_at=None):
        revoke_keys(kind=Key.Kind.API_TOKEN, object_id=token.pk)
    ApiToken.objects.filter(member=member, revoked_at=None).update(revoked_at=now)
    for invitation in Invitation.objects.filter(member=member, accepted_at=None, withdrawn_at=None):
        revoke_keys(kind=Key.Kind.INVITATION, object_id=invitation.pk)
        notifications_operations.withdraw(about=invitation.pk)
    Invitation.objects.filter(member=member, accepted_at=None, withdrawn_at=None).update(
        withdrawn_at=now
    )
    record(by=by, verb="member.left", target=member)
    member.refresh_from_db()
    return member


def _live_owners_locked() -> list[object]:
    """Return the live owners, locked: of two who step down at once, the second sees the first."""
    owners = Member.objects.live().filter(role=Member.Role.OWNER).order_by("pk")
    return [owner.pk for owner in owners.select_for_update(of=("self",))]
