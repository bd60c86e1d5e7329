"""Undoing a publication: asked for and done here, because only sessions know who has met."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.common import clock
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from pairing.models.partnerships import Partnership
from pairing.models.runs import MatchRun
from sessions.planning.operations import undoing
from sessions.planning.queries import publication


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PARTNERSHIPS_MANAGE)
def undo_publication(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Say what taking a publication back will do, then do it."""
    runs = MatchRun.objects.visible_to(request.member).for_list()
    run = get_object_or_404(runs, id=run_id)
    if request.method == "POST":
        undoing.undo_publication(run=run, by=request.member)
        words = _("Run %(n)d is taken back. Everybody can be matched again.")
        messages.success(request, words % {"n": run.number})
        return redirect("pairing:matching", request.member.organisation.slug, run.cohort_id)
    theirs = Partnership.objects.visible_to(request.member).filter(run=run)
    context = {
        "run": run,
        "cohort": run.cohort,
        "tab": "matching",
        "partnerships": theirs.count(),
        "published": run.state == MatchRun.State.PUBLISHED,
        "met": publication.run_has_met(run, at=clock.now()),
    }
    return render(request, "sessions/undo_publication.html", context)
