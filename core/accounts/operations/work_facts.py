"""Entering and changing many people at once, as an import does: batches instead of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from core.accounts.operations.addresses import change_addresses, users_of
from core.accounts.operations.people import refusing_member
from core.audit.models import AuditEvent
from core.common import clock
from core.common.names import name_parts
from core.members.models import Member

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
        users = users_of([person.email.casefold() for person in batch])
        members = []
        for person in batch:
            email = person.email.casefold()
            given, family = name_parts(person.given_name, person.family_name, email=email)
            names = {"given_name": given, "family_name": family}
            members.append(Member(user=users[email], email=email, **names, **person.facts))
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

    The e-mail of somebody live changes when its mailbox confirms it: it counts then.  Raises
    AlreadyHere, EmployeeIdTaken, OwnManager, RoleAboveYours for the e-mail of who is not below
    `by`; ValueError for a column that is no such fact.
    """
    for facts in changes.values():
        if unknown := set(facts) - FACTS:
            raise ValueError(f"not a work fact: {sorted(unknown)}")
    addresses = {
        member: str(facts["email"]) for member, facts in changes.items() if "email" in facts
    }
    moved = set(change_addresses(addresses=addresses, by=by))
    by_columns: dict[tuple[str, ...], list[Member]] = {}
    for member, facts in changes.items():
        columns = {**facts}
        columns.pop("email", None)
        if {"given_name", "family_name"} & set(columns):
            columns |= _names(member, columns)
        for name, value in columns.items():
            setattr(member, name, value)
        if columns or member in moved:
            by_columns.setdefault(tuple(sorted(columns)), []).append(member)
    done = 0
    for names, members in by_columns.items():
        if names:
            with refusing_member():
                Member.objects.bulk_update(members, names, batch_size=BATCH)
        details = {
            member: {"changed": sorted({*names, *({"email"} if member in moved else ())})}
            for member in members
        }
        _record(by, "member.changed", details)
        done += len(members)
        step(done)
    return done


def _names(member: Member, facts: Mapping[str, Any]) -> dict[str, str]:
    given = str(facts.get("given_name", member.given_name))
    family = str(facts.get("family_name", member.family_name))
    given, family = name_parts(given, family, email=member.email)
    return {"given_name": given, "family_name": family}


def _record(by: Member | None, verb: str, details: Mapping[Member, Mapping[str, Any]]) -> None:
    """Write one audit row for each member, as `audit.record` would."""
    AuditEvent.objects.bulk_create(
        AuditEvent(
            actor_id=by.pk if by else None,
            verb=verb,
            target_kind="member",
            target_id=member.pk,
            details=dict(facts),
            at=clock.now(),
        )
        for member, facts in details.items()
    )
