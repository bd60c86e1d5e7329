"""A person's list of wishes: at most five, each once, in their own order."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from pairing.errors import SelfMatchClosed, TooManyWishes
from pairing.models.requests import Wish
from pairing.requests.operations.asking import lock_people
from pairing.requests.queries import is_open
from programs.models.programs import Enrolment


@transaction.atomic
def add_wish(*, enrolment: Enrolment, wished: Enrolment) -> list[UUID]:
    """Put somebody at the end of the list; whoever stands there already stays where they are.

    Returns the list as it now is.  Raises SelfMatchClosed or TooManyWishes; ValueError for
    somebody of another cohort or oneself.
    """
    if wished.cohort_id != enrolment.cohort_id or wished.pk == enrolment.pk:
        raise ValueError("a wish is for somebody else of the same cohort")
    order = _locked(enrolment)
    if wished.pk in order:
        return order
    if len(order) >= Wish.MOST:
        raise TooManyWishes
    return _keep(enrolment, [*order, wished.pk])


@transaction.atomic
def move_wish(*, enrolment: Enrolment, wished: Enrolment, by: int) -> list[UUID]:
    """Move somebody up (-1) or down (1) the list; at the end nothing changes."""
    order = _locked(enrolment)
    if wished.pk not in order:
        return order
    at = order.index(wished.pk)
    to = min(max(at + by, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    return _keep(enrolment, order)


@transaction.atomic
def remove_wish(*, enrolment: Enrolment, wished: Enrolment) -> list[UUID]:
    """Take somebody off the list; those behind move up."""
    order = _locked(enrolment)
    return _keep(enrolment, [wished_id for wished_id in order if wished_id != wished.pk])


def _locked(enrolment: Enrolment) -> list[UUID]:
    if not is_open(enrolment.cohort):
        raise SelfMatchClosed
    lock_people([enrolment.pk])
    rows = Wish.objects.filter(enrolment=enrolment).order_by("rank")
    return list(rows.values_list("wished_id", flat=True))


def _keep(enrolment: Enrolment, order: list[UUID]) -> list[UUID]:
    Wish.objects.filter(enrolment=enrolment).delete()
    Wish.objects.bulk_create(
        Wish(enrolment=enrolment, wished_id=wished_id, rank=rank)
        for rank, wished_id in enumerate(order, start=1)
    )
    return order
