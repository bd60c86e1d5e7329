"""The coordinator's side: who waits for a partner, and the requests between people as facts."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.common.pages import page
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from pairing.models.requests import PartnerRequest
from pairing.partnerships.cohorts import cohort_of, is_circles
from pairing.partnerships.queries import waiting_for_a_new_partner
from pairing.requests import queries
from pairing.requests.operations import answering
from programs.models.programs import Cohort


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def waiting(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Who waits for a partner and for how long; who has asked whom, and how it stands."""
    cohort = cohort_of(request, cohort_id)
    rows = queries.queue(cohort, request.member)
    undecided = list(rows.undecided())
    shown = page(
        rows.exclude(state__in=PartnerRequest.UNDECIDED),
        order="-decided_at",
        cursor=request.GET.get("cursor", ""),
    )
    context = {
        "cohort": cohort,
        "tab": "waiting",
        "waiting": waiting_for_a_new_partner(cohort, request.member),
        "circles": is_circles(cohort),
        "undecided": undecided,
        "decided": shown.rows,
        "next_cursor": shown.next_cursor,
        "self_match": cohort.program.lets_people_ask,
    }
    return render(request, "pairing/waiting.html", context)


def _managed(request: MemberRequest, request_id: UUID) -> PartnerRequest:
    """Return a request of a cohort that this coordinator runs, or 404."""
    cohorts = Cohort.objects.visible_to(request.member)
    rows = PartnerRequest.objects.visible_to(request.member).filter(cohort__in=cohorts)
    return get_object_or_404(rows.for_list(), id=request_id)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def accept_on_behalf(request: MemberRequest, request_id: UUID) -> HttpResponse:
    partner_request = _managed(request, request_id)
    partnership = answering.accept_on_behalf(request=partner_request, by=request.member)
    messages.success(request, _("%(name)s are partners now.") % {"name": partnership.name})
    return redirect("pairing:waiting", request.member.organisation.slug, partner_request.cohort_id)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def close_request(request: MemberRequest, request_id: UUID) -> HttpResponse:
    partner_request = answering.close_request(
        request=_managed(request, request_id), by=request.member
    )
    messages.success(request, _("The request is closed. The asker hears of it."))
    return redirect("pairing:waiting", request.member.organisation.slug, partner_request.cohort_id)
