"""What was promised: the list of a table, done or dropped with a word; and what it owes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.forms import WordForm
from pairing.models.partnerships import Partnership
from pairing.partnerships import seats
from pairing.partnerships.seats import partnership_of
from sessions.actions import operations, queries
from sessions.actions.forms import ActionForm
from sessions.models.actions import Action


@require_safe
@member_view(Permission.TAKE_PART)
def actions(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """What people at this table have promised; for its coordinator how many."""
    return _page(request, partnership_of(request, partnership_id))


@require_POST
@member_view(Permission.TAKE_PART)
def promise_action(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
    seat = seats.seat_of(partnership, request.member)
    if seat is None:
        raise PermissionDenied
    form = ActionForm(request.POST)
    if not form.is_valid():
        return _page(request, partnership, form=form)
    operations.promise_between_sessions(
        partnership=partnership,
        seat=seat,
        words=form.cleaned_data["words"],
        due_on=None,
        by=request.member,
    )
    return _to_actions(request, partnership.pk)


@require_POST
@member_view(Permission.TAKE_PART)
def do_action(request: MemberRequest, action_id: UUID) -> HttpResponse:
    action = _action_of(request, action_id)
    operations.do_action(action=action, by=request.member)
    return _to_actions(request, action.partnership_id)


@require_POST
@member_view(Permission.TAKE_PART)
def drop_action(request: MemberRequest, action_id: UUID) -> HttpResponse:
    action = _action_of(request, action_id)
    form = WordForm(request.POST)
    if not form.is_valid():
        return _page(
            request,
            partnership_of(request, action.partnership_id),
            drop_form=form,
            dropping=action.pk,
        )
    operations.drop_action(action=action, word=form.cleaned_data["word"], by=request.member)
    return _to_actions(request, action.partnership_id)


def _page(request: MemberRequest, partnership: Partnership, **forms: Any) -> HttpResponse:
    settled = Action.objects.visible_to(request.member).for_list()
    settled = settled.filter(partnership=partnership, settled_at__isnull=False)
    context = {
        "partnership": partnership,
        "seat": seats.seat_of(partnership, request.member),
        "actions": queries.readable_open_actions(partnership, request.member),
        "settled": settled.order_by("-settled_at", "-id")[:20],
        "counts": queries.action_counts([partnership.pk])[partnership.pk],
        "form": ActionForm(),
        "drop_form": WordForm(),
        **forms,
    }
    return render(request, "sessions/actions.html", context, status=422 if forms else 200)


def _action_of(request: MemberRequest, action_id: UUID) -> Action:
    rows = Action.objects.visible_to(request.member).select_related("partnership")
    return get_object_or_404(rows, id=action_id)


def _to_actions(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    return redirect("sessions:actions", request.member.organisation.slug, partnership_id)
