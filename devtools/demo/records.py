"""What the HR system says of Northwind's people: at the start, and two months later."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

from core.members.models import Member
from core.tenancy.days import today
from devtools.demo.history import Events, Life
from metrics.impact import operations

FIRST_DAY, SECOND_DAY = 1, 66  # of the story; rows of an import are kept for a week


def send_records(people: Sequence[Member], *, hr: Member, draw: random.Random) -> Events:
    """Let HR's program write a record of everybody over REST, twice; some have been promoted."""
    hired = {person.pk: timedelta(days=draw.randint(200, 4000)) for person in people}
    mark = {person.pk: draw.randint(26, 46) for person in people}
    promoted = {person.pk for person in draw.sample(list(people), 4)}
    begun: list[date] = []

    def send(_life: Life) -> None:
        day = today()
        begun.append(day)
        records = []
        for person in people:
            since = begun[0] - min(hired[person.pk], timedelta(days=400))
            moved = len(begun) > 1 and person.pk in promoted
            records.append(
                {
                    "employee_id": person.employee_id,
                    "known_on": day.isoformat(),
                    "status": "employed",
                    "hired_on": (begun[0] - hired[person.pk]).isoformat(),
                    "in_role_since": (day if moved else since).isoformat(),
                    "promoted_on": day.isoformat() if moved else "",
                    "job_satisfaction": f"{(mark[person.pk] + 2 * moved) / 10}",
                    "level": str(int(person.level) + moved),
                    "department": person.department,
                    "location": person.location,
                }
            )
        operations.enter_records(records=records, key=f"records-{day.isoformat()}", by=hr)

    return {FIRST_DAY: send, SECOND_DAY: send}
