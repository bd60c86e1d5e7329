"""The one order in which people are locked."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from programs.models.programs import Enrolment


def lock_people(ids: Iterable[UUID], *, wait: bool = True) -> dict[UUID, Enrolment]:
    """Lock these enrolments until the transaction ends, in the order of their ids.

    Everything that seats people or changes their requests locks people first and in this order:
    publishing does too, so that two of them wait for each other and never in a ring.  A sweep
    holds many in one transaction and does not wait: who is being seated now is left out.
    """
    rows = Enrolment.objects.select_for_update(of=("self",), skip_locked=not wait)
    enrolments = rows.filter(pk__in=set(ids)).select_related("member").order_by("id")
    return {enrolment.pk: enrolment for enrolment in enrolments}
