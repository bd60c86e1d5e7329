"""Participants and colleagues with HR records of a whole year, written as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from core.common.ids import new_id
from core.members.models import Member, User
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from metrics.models import HrRecord
from programs.models.programs import Cohort
from tests.metrics.build import enrol, make_cohort

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
STARTED, START, END = date(2025, 1, 15), date(2025, 1, 1), date(2026, 1, 1)
AFTER = date(2026, 1, 10)


def colleagues(organisation: Organisation, count: int, prefix: str) -> list[Member]:
    """Make so many people who have joined, without what makes one by one slow."""
    users = User.objects.bulk_create(
        [User(email=f"{prefix}{at}@{organisation.slug}.example") for at in range(count)]
    )
    with tenant(organisation):
        return Member.objects.bulk_create(
            [
                Member(
                    pk=new_id(),
                    user=user,
                    email=user.email,
                    given_name=f"{prefix}{at}",
                    employee_id=f"{prefix}-{at}",
                    state=Member.State.LIVE,
                    live_at=NOW,
                )
                for at, user in enumerate(users)
            ]
        )


def know(
    members: Sequence[Member],
    *,
    promoted: int = 0,
    left: int = 0,
    satisfied: int = 0,
    level: str = "5",
    start: date = START,
    **facts: Any,
) -> None:
    """Write what was known of each at the start, and what became of the first so many."""
    then = {"level": level, "department": "Sales", "location": "Bonn", "hired_on": date(2020, 1, 1)}
    after = start.replace(year=start.year + 1, day=10)
    rows = [HrRecord(member=one, known_on=start, **then | facts) for one in members]
    for at, member in enumerate(members):
        gone = at >= len(members) - left
        rows.append(
            HrRecord(
                member=member,
                known_on=after,
                status="left" if gone else "employed",
                left_on=start.replace(month=9) if gone else None,
                promoted_on=start.replace(month=6) if at < promoted else None,
                job_satisfaction=None if gone else Decimal("4.2" if at < satisfied else "3"),
            )
        )
    HrRecord.objects.bulk_create(rows)


def compared_cohort(
    organisation: Organisation,
    name: str = "Winter",
    *,
    ours: int = 25,
    promoted: int = 10,
    others: int = 40,
    others_promoted: int = 6,
) -> Cohort:
    """Make a cohort whose year is over, of whom more were promoted than of their colleagues."""
    cohort = make_cohort(organisation, name)
    participants = colleagues(organisation, ours, f"{name.lower()}")
    beside = colleagues(organisation, others, f"{name.lower()}-other") if others else []
    with tenant(organisation):
        for member in participants:
            enrol(cohort, member, started=STARTED)
        know(participants, promoted=promoted, satisfied=15)
        know(beside, promoted=others_promoted, left=8, satisfied=15)
    return cohort
