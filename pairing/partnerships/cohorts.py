"""The cohort that a page is about, and what is said of it by its format."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import ngettext

from core.members.requests import MemberRequest
from programs.models.programs import Cohort, Program


def cohort_of(request: MemberRequest, cohort_id: UUID) -> Cohort:
    """Return the cohort, or 404 if this member does not see it."""
    return get_object_or_404(Cohort.objects.visible_to(request.member).for_list(), id=cohort_id)


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def is_circles(cohort: Cohort) -> bool:
    return str(cohort.program.format) == Program.Format.CIRCLES


def tables_count(cohort: Cohort, n: int) -> str:
    """Return "42 pairs" or "24 circles"."""
    if is_circles(cohort):
        return ngettext("%(n)d circle", "%(n)d circles", n) % {"n": n}
    return ngettext("%(n)d pair", "%(n)d pairs", n) % {"n": n}
