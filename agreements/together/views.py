"""One page of what a partnership has agreed on: charter, goals, decisions."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agreements.charters import queries as charters_queries
from agreements.decisions.queries import lists
from agreements.goals import queries as goals_queries
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import today
from pairing.partnerships import seats
from pairing.partnerships.seats import partnership_of
from sessions.actions import queries


@require_safe
@member_view(Permission.TAKE_PART)
def together(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Decisions, charter, goals and actions in short: the fragment the table's page borrows."""
    partnership = partnership_of(request, partnership_id)
    member = request.member
    rows = lists.decisions_of(partnership, member)
    context = {
        "partnership": partnership,
        "seat": seats.seat_of(partnership, member),
        "decisions": rows.with_title(member)[:3],
        "charter": charters_queries.charter_facts([partnership.pk])[partnership.pk],
        "goals": goals_queries.goal_page(partnership=partnership, member=member, today=today()),
        "goal_counts": goals_queries.goal_counts([partnership.pk])[partnership.pk],
        "actions": queries.readable_open_actions(partnership, request.member),
        "action_counts": queries.action_counts([partnership.pk])[partnership.pk],
    }
    template = "agreements/_together.html" if request.htmx else "agreements/together.html"
    return render(request, template, context)
