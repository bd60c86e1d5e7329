"""Wishes and who waits, as a run finds them: read with the rest of a snapshot."""

from __future__ import annotations

from typing import Any

from pairing.models import Wish
from pairing.queries.waiting import causes_of, waiting_since
from programs.models import Cohort


def favours_now(cohort: Cohort) -> dict[str, list[Any]]:
    """Return wishes [asker, wished, rank], who waits, and [who, cause] for them, as plain JSON."""
    wishes: list[list[Any]] = []
    if cohort.program.lets_people_ask:
        rows = Wish.objects.filter(enrolment__cohort=cohort).order_by("enrolment_id", "rank")
        wishes = [
            [str(who), str(whom), rank]
            for who, whom, rank in rows.values_list("enrolment_id", "wished_id", "rank")
        ]
    waiting = waiting_since(cohort)
    causes = causes_of(list(waiting))
    return {
        "wishes": wishes,
        "first": sorted(str(each) for each in waiting),
        "avoided": sorted([str(who), cause] for who, cause in causes.items()),
    }
