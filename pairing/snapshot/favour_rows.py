"""Wishes and who waits, as a run finds them: read with the rest of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from pairing.models import Wish
from pairing.queries.waiting import causes_of, waiting_since
from programs.models import Cohort


@dataclass(frozen=True)
class Favours:
    """Wishes (asker, wished, rank), who goes first, and what is to be different for whom."""

    wishes: tuple[tuple[str, str, int], ...]
    first: tuple[str, ...]
    avoided: tuple[tuple[str, str], ...]


def favours_now(cohort: Cohort) -> Favours:
    """Return wishes and who waits as they stand now."""
    wishes: tuple[tuple[str, str, int], ...] = ()
    if cohort.program.lets_people_ask:
        rows = Wish.objects.filter(enrolment__cohort=cohort).order_by("enrolment_id", "rank")
        wishes = tuple(
            (str(who), str(whom), rank)
            for who, whom, rank in rows.values_list("enrolment_id", "wished_id", "rank")
        )
    waiting = waiting_since(cohort)
    causes = causes_of(list(waiting))
    return Favours(
        wishes,
        tuple(sorted(map(str, waiting))),
        tuple(sorted((str(who), cause) for who, cause in causes.items())),
    )
