"""Who works with whom: what the apps above ask."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q

from pairing.models.partnerships import Partnership, PartnershipQuerySet, Seat
from programs.models.programs import Cohort


def counts_by_state(cohort: Cohort) -> dict[str, int]:
    """Return how many partnerships of a cohort are in each state, with one query."""
    rows = Partnership.objects.filter(cohort=cohort).order_by()
    counted: dict[str, int] = dict(
        rows.values("state").annotate(n=Count("id")).values_list("state", "n")
    )
    return counted


def search(rows: PartnershipQuerySet, words: str) -> PartnershipQuerySet:
    """Narrow to partnerships whose name, or one of whose people, holds all of these words."""
    for word in words.split()[:5]:
        person = Seat.objects.filter(partnership=OuterRef("pk")).filter(
            Q(enrolment__member__given_name__icontains=word)
            | Q(enrolment__member__family_name__icontains=word)
            | Q(enrolment__member__email__icontains=word)
        )
        rows = rows.filter(Q(name__icontains=word) | Exists(person))
    return rows
