"""Entering and changing many people at once, as an import does: batches instead of rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Lower

from core.accounts.operations.people import refusing_member
from core.audit.models import AuditEvent
from core.common import clock
from core.members.models import Member, User

BATCH = 500
# as columns: a manager is linked by id without being read
FACTS = {"given_name", "family_name", "email", "manager_id", *Member.WORK_FACTS} - {"manager"}
Step = Callable[[int], None]


@dataclass(frozen=True)
class NewMember:
    email: str
    given_name: str
    family_name: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def _no_step(done: int) -> None:
    """Stand in where nobody watches."""


def users_by_address(addresses: Collection[str]) -> dict[str, User]:
    """Return the user of each folded address that has one; verified second addresses count."""
    second = EmailAddress.objects.filter(verified=True, email__in=addresses)
    users = {owned.email.casefold(): owned.user for owned in second.select_related("user")}
    folded = User.objects.annotate(folded=Lower("email")).filter(folded__in=addresses)
    return users | {user.email.casefold(): user for user in folded}


def _users(addresses: Collection[str]) -> dict[str, User]:
    users = users_by_address(addresses)
    new = [
        User(email=address, password=make_password(None))
        for address in addresses
        if address not in users
    ]
    # somebody else may make the same user at this moment: theirs is as good
    User.objects.bulk_create(new, ignore_conflicts=True)
    return users_by_address(addresses) if new else users


@transaction.atomic
def enter_members(
    *, people: Sequence[NewMember], by: Member | None, step: Step = _no_step
) -> list[Member]:
    """Enter people as invited participants, in this order; `step` hears how many are in.

    Raises AlreadyHere if an address or its user is already a member and EmployeeIdTaken if an
    employee id is: then nobody is entered.
    """
    entered: list[Member] = []
    for start in range(0, len(people), BATCH):
        batch = people[start : start + BATCH]
        users = _users([person.email.casefold() for person in batch])
        members = [
            Member(
                user=users[person.email.casefold()],
                email=person.email.casefold(),
                given_name=person.given_name,
                family_name=person.family_name,
                **person.facts,
            )
            for person in batch
        ]
        with refusing_member():
            Member.objects.bulk_create(members)
        _record(by, "member.added", {member: {"role": str(member.role)} for member in members})
        entered += members
        step(len(entered))
    return entered


@transaction.atomic
def update_work_facts(
    *, changes: Mapping[Member, Mapping[str, Any]], by: Member | None, step: Step = _no_step
) -> int:
    """Change names, work e-mail and work facts of many members; return how many changed.

    Raises AlreadyHere, EmployeeIdTaken, OwnManager; ValueError for a column that is no such fact.
    """
    for facts in changes.values():
        if unknown := set(facts) - FACTS:
            raise ValueError(f"not a work fact: {sorted(unknown)}")
    by_columns: dict[tuple[str, ...], list[Member]] = {}
    for member, facts in changes.items():
        for name, value in facts.items():
            setattr(member, name, value)
        if facts:
            by_columns.setdefault(tuple(sorted(facts)), []).append(member)
    done = 0
    for columns, members in by_columns.items():
        with refusing_member():
            Member.objects.bulk_update(members, columns, batch_size=BATCH)
        _record(by, "member.changed", {member: {"changed": list(columns)} for member in members})
        done += len(members)
        step(done)
    return done


def _record(by: Member | None, verb: str, details: Mapping[Member, Mapping[str, Any]]) -> None:
    """Write one audit row for each member, as `audit.record` would."""
    AuditEvent.objects.bulk_create(
        AuditEvent(
            actor_id=by.pk if by else None,
            actor_name=by.full_name if by else "",
            verb=verb,
            target_kind="member",
            target_id=member.pk,
            target_name=member.full_name[:200],
            details=dict(facts),
            at=clock.now(),
        )
        for member, facts in details.items()
    )
