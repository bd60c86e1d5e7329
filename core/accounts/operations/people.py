"""Entering people, letting them in, changing what is known of them, and their leaving."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.db import transaction
from django.db.models import Q

from core.accounts.errors import (
    AlreadyHere,
    AlreadyLeft,
    EmployeeIdTaken,
    HasLeft,
    LastOwner,
    NotAsSuccessor,
    OwnManager,
    RoleAboveYours,
)
from core.accounts.operations.addresses import (
    change_addresses,
    close_changes,
    close_invitations,
    find_or_create_user,
    verify,
)
from core.accounts.operations.keys import revoke_keys, tell_of_offer
from core.accounts.queries import owners, possible_successors
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing_any
from core.common.names import name_parts
from core.members.models import ApiToken, Identity, Key, Member
from core.members.permissions import grantable_roles, is_below, runs_all_programs
from core.notifications import operations as notifications_operations
from core.notifications.operations import Link
from core.tenancy.queries import settings_in_force


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

    Raises AlreadyHere if a member with that e-mail exists, HasLeft if that one has left, and
    RoleAboveYours if `by` may not give that role.
    """
    if by is not None and role not in grantable_roles(by):
        raise RoleAboveYours
    address = email.strip().casefold()
    if Member.objects.filter(email__iexact=address, state=Member.State.LEFT).exists():
        raise HasLeft
    given_name, family_name = name_parts(given_name, family_name, email=address)
    with refusing_member():
        member = Member.objects.create(
            user=find_or_create_user(address),
            email=address,
            given_name=given_name,
            family_name=family_name,
            role=role,
            runs_all=_runs_all(role, by),
            **work_facts,
        )
    record(by=by, verb="member.added", target=member, role=role)
    return member


def _runs_all(role: str, by: Member | None) -> bool:
    """Say whether a new coordinator runs all programs: nobody is given more than the giver has."""
    return role == Member.Role.COORDINATOR and (by is None or runs_all_programs(by))


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
    """Let an invited member in: their first acceptance, wherever it comes from.

    It verifies the mailbox they were invited by, never another one of their sign-in.
    """
    changed = Member.objects.filter(pk=member.pk, state=Member.State.INVITED).update(
        state=Member.State.LIVE, live_at=clock.now(), came_back_as=None
    )
    if changed:
        verify(member.user, member.email)
        record(by=by or member, verb="member.went_live", target=member)
    member.refresh_from_db()
    return member


@transaction.atomic
def update_member(*, member: Member, by: Member | None, **facts: Any) -> Member:
    """Change a person's names, work e-mail or work facts; what stays as it was is not recorded.

    The e-mail of somebody live changes when its mailbox confirms it.  Raises AlreadyHere,
    EmployeeIdTaken, OwnManager, RoleAboveYours for the e-mail of who is not below `by`;
    ValueError for a column that is no such fact.
    """
    known = {"given_name", "family_name", "email", "language", *Member.WORK_FACTS}
    if unknown := set(facts) - known:
        raise ValueError(f"not a work fact: {sorted(unknown)}")
    email = facts.pop("email", member.email)
    named = {name: facts.get(name, getattr(member, name)) for name in ("given_name", "family_name")}
    given_name, family_name = name_parts(**named, email=member.email)
    facts |= {"given_name": given_name, "family_name": family_name}
    changed = {key: value for key, value in facts.items() if getattr(member, key) != value}
    if changed:
        with refusing_member():
            Member.objects.filter(pk=member.pk).update(**changed)
    columns = [*changed, *(["email"] if change_addresses(addresses={member: email}, by=by) else [])]
    if columns:
        record(by=by, verb="member.changed", target=member, changed=sorted(columns))
    member.refresh_from_db()
    return member


@transaction.atomic
def update_profile(*, member: Member, **facts: Any) -> Member:
    """Change what people may say of themselves: names, place, languages, and facts left to them.

    Raises ValueError for a fact that the organisation keeps to itself.
    """
    always = {"given_name", "family_name", "language", *Member.ALWAYS_OWN}
    if unknown := set(facts) - always - set(settings_in_force().own_facts):
        raise ValueError(f"not theirs to change: {sorted(unknown)}")
    return update_member(member=member, by=member, **facts)


@transaction.atomic
def change_role(*, member: Member, role: str, by: Member) -> Member:
    """Give a member another role.

    Raises RoleAboveYours unless `by` may give the new one and stands above the old one, LastOwner
    when the organisation would be left without an owner, AlreadyLeft for somebody who has left.
    """
    if role not in grantable_roles(by) or not (by.pk == member.pk or is_below(member, by)):
        raise RoleAboveYours
    owners_now = _live_owners_locked()
    now = Member.objects.get(pk=member.pk)
    if now.state == Member.State.LEFT:
        raise AlreadyLeft
    if now.role == role:
        return now
    if owners_now == [now.pk]:
        raise LastOwner
    Member.objects.filter(pk=now.pk).update(role=role, runs_all=_runs_all(role, by))
    record(by=by, verb="member.role_changed", target=now, before=now.role, after=role)
    member.refresh_from_db()
    return member


@transaction.atomic
def mark_left(*, member: Member, by: Member | None, successor: Member | None = None) -> Member:
    """Close a person's place: sign-in, tokens, keys, links and invitations end; history stays.

    `by` None is the organisation's directory, whoever it is about.

    `successor` takes over what somebody who runs programs looked after; without one an owner
    does (`queries.successor_of`).  Raises LastOwner, AlreadyLeft, NotAsSuccessor, and
    RoleAboveYours unless they stand below `by`; everybody may leave by themselves.
    """
    if by is not None and by.pk != member.pk and not is_below(member, by):
        raise RoleAboveYours
    if _live_owners_locked() == [member.pk]:
        raise LastOwner
    if successor and not possible_successors(member).filter(pk=successor.pk).exists():
        raise NotAsSuccessor
    now = clock.now()
    gone = Member.objects.filter(~Q(state=Member.State.LEFT), pk=member.pk).update(
        state=Member.State.LEFT, left_at=now, successor=successor
    )
    if not gone:
        raise AlreadyLeft
    # a token's secret is known to who leaves: it cannot pass to anybody, only be made anew
    tokens = list(ApiToken.objects.filter(member=member, revoked_at=None).order_by("pk"))
    for token in tokens:
        revoke_keys(kind=Key.Kind.API_TOKEN, object_id=token.pk)
    heir = successor or _heir_of(member, by) if tokens else None
    ApiToken.objects.filter(member=member, revoked_at=None).update(revoked_at=now, offered_to=heir)
    ApiToken.objects.filter(offered_to=member).update(offered_to=None)
    Identity.objects.filter(member=member).delete()
    close_invitations(member)
    close_changes(member)
    notifications_operations.withdraw(member=member)
    record(by=by, verb="member.left", target=member)
    member.refresh_from_db()
    if successor:
        _tell_successor(member, successor, [token.name for token in tokens])
    elif heir:
        for token in tokens:
            if not token.has_expired:
                tell_of_offer(token, heir, left=member.full_name)
    return member


@transaction.atomic
def set_runs_all(*, member: Member, runs_all: bool, by: Member) -> Member:
    """Say whether a coordinator runs all programs, or those alone that name them.

    Raises RoleAboveYours if `by` does not run all of them, or takes it from who is not below.
    """
    if not runs_all_programs(by) or not (runs_all or by.pk == member.pk or is_below(member, by)):
        raise RoleAboveYours
    changed = Member.objects.filter(
        pk=member.pk, role=Member.Role.COORDINATOR, runs_all=not runs_all
    ).update(runs_all=runs_all)
    if changed:
        record(by=by, verb="member.scope_changed", target=member, all_programs=runs_all)
    member.refresh_from_db()
    return member


def _heir_of(member: Member, by: Member | None) -> Member | None:
    """Return the owner who hears of the tokens of somebody without a successor."""
    if by and by.role == Member.Role.OWNER and by.pk != member.pk:
        return by
    return next(iter(owners()), None)


def _tell_successor(member: Member, successor: Member, tokens: list[str]) -> None:
    notifications_operations.enqueue(
        member=successor,
        kind="accounts.taken_over",
        dedupe_key=f"taken_over:{member.pk}:{member.left_at:%Y%m%dT%H%M%S}",
        link=Link(page=f"people/{member.pk}/"),
        context={"left": member.full_name, "tokens": tokens},
        about=member.pk,
        cause=member.pk,
    )


def _live_owners_locked() -> list[object]:
    """Return the live owners, locked: of two who step down at once, the second sees the first."""
    owners = Member.objects.live().filter(role=Member.Role.OWNER).order_by("pk")
    return [owner.pk for owner in owners.select_for_update(of=("self",))]
