"""The link in an e-mail that asks for an answer: no sign-in, and nothing changes by looking."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from agreements.decisions.models import Decision
from agreements.decisions.operations import deciding
from agreements.decisions.queries import sheet as decisions_sheet
from agreements.decisions.views.page import vote_form
from core.members.links import signed_link
from core.members.models import Member

LINK_AGE = timedelta(days=60)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_link("vote", max_age=LINK_AGE)
def open_vote(request: HttpRequest, member: Member, decision_id: UUID) -> HttpResponse:
    """Read a proposal and give or change one's answer; only at a table where one sits."""
    decision = get_object_or_404(Decision.objects.visible_to(member).for_list(), id=decision_id)
    sheet = decisions_sheet.decision_sheet(decision=decision, member=member)
    if sheet.seat is None:
        raise Http404
    form = vote_form(sheet, request.POST if request.method == "POST" else None)
    if form.is_valid():
        deciding.cast_vote(decision=decision, by=member, **form.given)
        return redirect(request.path)
    context = {"sheet": sheet, "form": form, "member": member}
    status = 422 if form.is_bound else 200
    return render(request, "agreements/decisions/vote.html", context, status=status)
