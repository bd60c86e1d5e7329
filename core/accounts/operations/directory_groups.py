"""Groups that the organisation's directory sends, and the role that an owner lets them give.

A group gives nothing by itself: an owner maps it to a role, never to their own.  Who comes into
it has that role unless they may do more already; who goes out has what their other groups give.
A role that somebody has by hand and no group gives is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from core.accounts.errors import ExternalIdTaken, RoleAboveYours
from core.audit.operations import record
from core.common.errors import refusing
from core.members.models import DirectoryGroup, DirectoryGroupMember, DirectoryToken, Member
from core.members.permissions import ROLE_PERMISSIONS, Permission, grantable_roles


@dataclass(frozen=True)
class MembersChange:
    """One step of what a directory says of a group's people."""

    how: str  # "add", "remove" or "replace"
    members: frozenset[UUID]


@transaction.atomic
def enter_group(
    *,
    token: DirectoryToken,
    name: str,
    external_id: str = "",
    changes: Sequence[MembersChange] = (),
) -> DirectoryGroup:
    """Keep a group that the directory names; it gives no role yet.  Raises ExternalIdTaken."""
    with refusing("directory_group_external_id_once", ExternalIdTaken()):
        group = DirectoryGroup.objects.create(name=name, external_id=external_id)
    _change_members(group, changes)
    record(by=None, verb="directory_group.entered", target=group, token=token.name)
    return group


@transaction.atomic
def change_group(
    *,
    token: DirectoryToken,
    group: DirectoryGroup,
    changes: Sequence[MembersChange] = (),
    **columns: str,
) -> DirectoryGroup:
    """Change what the directory sends of a group; what it does not send stays.

    Raises ExternalIdTaken.
    """
    group = DirectoryGroup.objects.select_for_update(of=("self",)).get(pk=group.pk)
    changed = {name: text for name, text in columns.items() if getattr(group, name) != text}
    if changed:
        with refusing("directory_group_external_id_once", ExternalIdTaken()):
            DirectoryGroup.objects.filter(pk=group.pk).update(**changed)
        group.refresh_from_db()
    if _change_members(group, changes) or changed:
        record(by=None, verb="directory_group.changed", target=group, token=token.name)
    return group


@transaction.atomic
def remove_group(*, token: DirectoryToken, group: DirectoryGroup) -> None:
    """Forget a group; who was in it has what their other groups give."""
    record(by=None, verb="directory_group.removed", target=group, token=token.name)
    with _roles_following(_inside(group), group):
        DirectoryGroupMember.objects.filter(group=group).delete()
    DirectoryGroup.objects.filter(pk=group.pk).delete()


@transaction.atomic
def map_group(*, group: DirectoryGroup, role: str, by: Member) -> int:
    """Let a group give a role; return how many people have another one now.

    Raises RoleAboveYours for a role that `by` may not give, and for an owner's: no directory
    makes owners.
    """
    if role == Member.Role.OWNER or role not in grantable_roles(by):
        raise RoleAboveYours
    group = DirectoryGroup.objects.select_for_update(of=("self",)).get(pk=group.pk)
    if group.role == role:
        return 0
    details = {"before": group.role, "after": role}
    record(by=by, verb="directory_group.mapped", target=group, **details)
    with _roles_following(_inside(group), group, by) as changed:
        DirectoryGroup.objects.filter(pk=group.pk).update(role=role)
    return len(changed)


def _inside(group: DirectoryGroup) -> frozenset[UUID]:
    rows = DirectoryGroupMember.objects.filter(group=group)
    return frozenset(rows.values_list("member_id", flat=True))


def _change_members(group: DirectoryGroup, changes: Sequence[MembersChange]) -> bool:
    """Let people come and go, in that order; return whether anybody has."""
    before = after = _inside(group)
    for change in changes:
        match change.how:
            case "add":
                after |= change.members
            case "remove":
                after -= change.members
            case _:
                after = change.members
    with _roles_following(before ^ after, group):
        gone = DirectoryGroupMember.objects.filter(group=group, member__in=before - after)
        gone.delete()
        DirectoryGroupMember.objects.bulk_create(
            DirectoryGroupMember(group=group, member_id=pk) for pk in sorted(after - before)
        )
    return before != after


@contextmanager
def _roles_following(
    members: Collection[UUID], group: DirectoryGroup, by: Member | None = None
) -> Iterator[list[Member]]:
    """Let these people's roles follow what is changed of their groups inside; yields who changed.

    One gets more if the groups give more than the role there is; one gets less only where the
    role there is, is what the groups gave.
    """
    changed: list[Member] = []
    rows = Member.objects.filter(pk__in=members).exclude(state=Member.State.LEFT)
    people = list(rows.select_for_update(of=("self",)).order_by("pk"))
    before = _group_roles(members)
    yield changed
    after = _group_roles(members)
    for member in people:
        old = before.get(member.pk, Member.Role.PARTICIPANT)
        new = after.get(member.pk, Member.Role.PARTICIPANT)
        gets_more = _permissions(new) > _permissions(member.role)
        # also where neither gives more than the other: coordinators and HR see different things
        has_it_by_group = member.role == old
        if old == new or not (gets_more or has_it_by_group):
            continue
        # whoever runs programs by a group runs those that name them: all is an owner's word
        Member.objects.filter(pk=member.pk).update(role=new, runs_all=False)
        details = {"before": member.role, "after": new, "group": group.name}
        record(by=by, verb="directory.role_changed", target=member, **details)
        changed.append(member)


def _group_roles(members: Collection[UUID]) -> dict[UUID, str]:
    """Return the most that the groups of each of these people give."""
    rows = DirectoryGroupMember.objects.filter(member__in=members)
    roles: dict[UUID, str] = {}
    for member_id, role in rows.values_list("member_id", "group__role"):
        roles[member_id] = max(
            roles.get(member_id, role), role, key=lambda one: len(_permissions(one))
        )
    return roles


def _permissions(role: str) -> frozenset[Permission]:
    return ROLE_PERMISSIONS[role]
