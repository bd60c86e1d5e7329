"""The cohort that a page of partnerships is about."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from core.members.requests import MemberRequest
from programs.models.programs import Cohort


def cohort_of(request: MemberRequest, cohort_id: UUID) -> Cohort:
    """Return the cohort, or 404 if this member does not see it."""
    return get_object_or_404(Cohort.objects.visible_to(request.member).for_list(), id=cohort_id)


def as_uuid(text: str) -> UUID | None:
    """Return the id that was sent, None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
