"""After a cohort's dates were changed: which partnerships fall outside, and whether they follow."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from pairing.partnerships.cohorts import cohort_of
from pairing.partnerships.operations import dates
from pairing.partnerships.queries import outside_the_cohort


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PARTNERSHIPS_MANAGE)
def move_dates(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Name the partnerships that end on another day than their cohort, and let them follow it."""
    cohort = cohort_of(request, cohort_id)
    if request.method == "POST":
        moved = dates.move_dates(cohort=cohort, by=request.member)
        sentence = ngettext(
            "%(n)d partnership ends with the cohort now.",
            "%(n)d partnerships end with the cohort now.",
            moved,
        )
        messages.success(request, sentence % {"n": moved})
        return redirect(cohort)
    outside = list(outside_the_cohort(cohort))
    if not outside:
        return redirect(cohort)
    return render(request, "pairing/move_dates.html", {"cohort": cohort, "outside": outside})
