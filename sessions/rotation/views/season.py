"""The season of a partnership, and swapping turns in it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.common import clock
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import form_page
from pairing.partnerships.seats import partnership_of
from sessions.rotation.errors import NotForYouToAssign
from sessions.rotation.forms import SwapForm
from sessions.rotation.operations import turns as rotation_operations_turns
from sessions.rotation.queries import season as rotation_season
from sessions.rotation.queries import turns as rotation_turns


@require_safe
@member_view(Permission.TAKE_PART)
def partnership_sessions(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """The season; for htmx its fragment, which the partnership's page borrows."""
    partnership = partnership_of(request, partnership_id)
    season = rotation_season.season_table(
        partnership=partnership, member=request.member, at=clock.now()
    )
    template = "sessions/_season.html" if request.htmx else "sessions/partnership_sessions.html"
    return render(request, template, {"season": season, "partnership": partnership})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def swap_turns(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Exchange two turns of the season, of one session or of two."""
    partnership = partnership_of(request, partnership_id)
    turns = rotation_turns.turns_to_swap(
        partnership=partnership, member=request.member, at=clock.now()
    )
    if not turns:
        raise NotForYouToAssign
    form = SwapForm(request.POST or None, turns=turns)
    if form.is_valid():
        first, second = form.chosen
        rotation_operations_turns.swap_turns(first=first, second=second, by=request.member)
        messages.success(request, _("The turns are swapped. Later turns even out."))
        return redirect("sessions:partnership_sessions", _slug(request), partnership.pk)
    return form_page(request, "sessions/swap_turns.html", form, {"partnership": partnership})


def _slug(request: MemberRequest) -> str:
    return request.member.organisation.slug
