"""Goals of a partnership: set, taken on, seen to go forward, met and celebrated."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.errors import GoalSettled
from agreements.goals import operations, queries
from agreements.goals.forms import GoalForm, LeadForm, MilestoneForm, ProgressForm
from agreements.goals.models import Goal
from agreements.goals.queries import GoalLine
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import today
from core.ui.forms import WordForm
from core.ui.pages import form_page
from pairing.models.partnerships import Partnership
from pairing.partnerships import seats as partnerships_seats
from pairing.partnerships.seats import partnership_of


def _line_of(request: MemberRequest, goal_id: UUID) -> GoalLine:
    """Return a goal this member sees with all its page shows, or 404."""
    rows = Goal.objects.visible_to(request.member).filter(id=goal_id)
    lines = queries.goal_lines(rows, request.member, today=today())
    if not lines:
        raise Http404
    return lines[0]


@require_safe
@member_view(Permission.TAKE_PART)
def goals(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """The goals of a partnership; for its coordinator their number by state."""
    partnership = partnership_of(request, partnership_id)
    context = {
        "partnership": partnership,
        "seat": partnerships_seats.seat_of(partnership, request.member),
        "goals": queries.goal_page(partnership=partnership, member=request.member, today=today()),
        "counts": queries.goal_counts([partnership.pk])[partnership.pk],
        "states": Goal.State,
    }
    return render(request, "agreements/goals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def new_goal(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Set a goal of one's own, or suggest one for all."""
    partnership = partnership_of(request, partnership_id)
    if partnerships_seats.seat_of(partnership, request.member) is None:
        raise PermissionDenied
    form = GoalForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        goal = operations.set_goal(
            partnership=partnership,
            title=given["title"],
            due_on=given["due_on"],
            milestones=given["milestones"],
            shared=given["whose"] == "shared",
            private=given["whose"] == "private",
            by=request.member,
        )
        return redirect(goal)
    return form_page(request, "agreements/new_goal.html", form, {"partnership": partnership})


@require_safe
@member_view(Permission.TAKE_PART)
def goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    """One goal: its milestones, who has taken it on, how far it is."""
    return _page(request, _line_of(request, goal_id))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def change_goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    """Word a goal anew."""
    line = _line_of(request, goal_id)
    if line.goal.is_settled:
        raise GoalSettled
    if not line.mine and not line.goal.is_shared:
        raise PermissionDenied
    form = GoalForm(request.POST or None, line=line)
    if form.is_valid():
        operations.change_goal(goal=line.goal, by=request.member, **form.cleaned_data)
        return redirect(line.goal)
    return form_page(request, "agreements/change_goal.html", form, {"line": line})


@require_POST
@member_view(Permission.TAKE_PART)
def take_on_goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    """Say yes to a shared goal."""
    line = _line_of(request, goal_id)
    return redirect(operations.take_on_goal(goal=line.goal, by=request.member))


@require_POST
@member_view(Permission.TAKE_PART)
def tick_milestone(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    """Mark a milestone as done or open."""
    line = _line_of(request, goal_id)
    form = MilestoneForm(request.POST)
    if not form.is_valid() or form.cleaned_data["place"] >= len(line.words.milestones):
        return _page(request, line, status=422)
    operations.tick_milestone(goal=line.goal, by=request.member, **form.cleaned_data)
    return redirect(line.goal)


@require_POST
@member_view(Permission.TAKE_PART)
def record_progress(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    """Say how far I see it."""
    line = _line_of(request, goal_id)
    form = ProgressForm(request.POST)
    if not form.is_valid():
        return _page(request, line, progress_form=form)
    operations.record_progress(goal=line.goal, by=request.member, **form.cleaned_data)
    return redirect(line.goal)


@require_POST
@member_view(Permission.TAKE_PART)
def lead_goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    """Give the lead to somebody for a term."""
    line = _line_of(request, goal_id)
    if not line.goal.is_shared:
        raise Http404
    form = LeadForm(
        request.POST, line=line, seats=partnerships_seats.open_seats(line.goal.partnership)
    )
    if not form.is_valid():
        return _page(request, line, lead_form=form)
    until = form.cleaned_data["until"]
    operations.lead_goal(goal=line.goal, seat=form.chosen, until=until, by=request.member)
    return redirect(line.goal)


@require_POST
@member_view(Permission.TAKE_PART)
def share_goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    """Show my goal to my partners, or take it back."""
    line = _line_of(request, goal_id)
    private = not line.goal.private
    return redirect(operations.share_goal(goal=line.goal, private=private, by=request.member))


@require_POST
@member_view(Permission.TAKE_PART)
def declare_met(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    """Say that it is met."""
    line = _line_of(request, goal_id)
    found = operations.declare_met(goal=line.goal, by=request.member)
    if found.state == Goal.State.MET:
        messages.success(request, _("Met. That is worth celebrating."))
    return redirect(found)


@require_POST
@member_view(Permission.TAKE_PART)
def drop_goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    """Let it go, with a word."""
    line = _line_of(request, goal_id)
    form = WordForm(request.POST)
    if not form.is_valid():
        return _page(request, line, drop_form=form)
    return redirect(
        operations.drop_goal(goal=line.goal, word=form.cleaned_data["word"], by=request.member)
    )


@require_POST
@member_view(Permission.TAKE_PART)
def agree_to_close(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Say that the goals are met and it is time to close."""
    partnership = partnership_of(request, partnership_id)
    partnership = operations.agree_to_close(partnership=partnership, by=request.member)
    if partnership.state == Partnership.State.COMPLETED:
        messages.success(request, _("You have all said so: this partnership is complete."))
        return redirect(partnership)
    return redirect("agreements:goals", request.member.organisation.slug, partnership.pk)


def _page(
    request: MemberRequest, line: GoalLine, *, status: int = 200, **given: Any
) -> HttpResponse:
    found = line.goal
    works = line.mine or (
        found.is_shared
        and partnerships_seats.seat_of(found.partnership, request.member) is not None
    )
    context: dict[str, Any] = {
        "line": line,
        "partnership": found.partnership,
        "works": works and not found.is_settled,
        "progress_form": ProgressForm(),
        "drop_form": WordForm(),
    }
    if found.is_shared:
        seats = partnerships_seats.open_seats(found.partnership)
        context["lead_form"] = LeadForm(line=line, seats=seats)
    context |= given
    return render(request, "agreements/goal.html", context, status=422 if given else status)
