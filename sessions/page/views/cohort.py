"""The sessions of a cohort, for those who coordinate it: facts, no words."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.common import clock, csv
from core.common.pages import page
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from programs.models.programs import Cohort
from sessions.models.sessions import Session
from sessions.page.queries import lists

ORDERS = {"newest": "-starts_at", "oldest": "starts_at"}


@require_safe
@member_view(Permission.PARTNERSHIPS_MANAGE)
def cohort_sessions(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """When the partnerships of a cohort meet, whether they did, and how many came."""
    cohort = _cohort(request, cohort_id)
    at, state = clock.now(), _state(request)
    sort = request.GET.get("sort", "newest")
    rows = lists.sessions_of_cohort(cohort, request.member, state=state, at=at)
    result = page(
        rows.for_list().with_attendance(),
        order=ORDERS.get(sort, "-starts_at"),
        cursor=request.GET.get("cursor", ""),
    )
    counts = lists.count_by_state(cohort, request.member, at=at)
    context = {
        "cohort": cohort,
        "rows": result.rows,
        "next_cursor": result.next_cursor,
        "state": state,
        "sort": sort if sort in ORDERS else "newest",
        "filters": _filters(counts, state),
        "shown_count": counts[state],
        "at": at,
    }
    return render(request, "sessions/cohort_sessions.html", context)


@require_safe
@member_view(Permission.PARTNERSHIPS_MANAGE)
def cohort_sessions_csv(request: MemberRequest, cohort_id: UUID) -> StreamingHttpResponse:
    """Exactly the sessions that the list shows with this filter, as CSV."""
    cohort = _cohort(request, cohort_id)
    rows = lists.exported(cohort, request.member, state=_state(request), at=clock.now())
    answer = StreamingHttpResponse(csv.lines(lists.COLUMNS, rows), content_type="text/csv")
    answer["Content-Disposition"] = 'attachment; filename="sessions.csv"'
    return answer


def _filters(counts: dict[str, int], state: str) -> list[dict[str, object]]:
    """Return the filter chips: those with rows, all of them, and the one that is on."""
    labels = {"": _("All"), **dict(Session.State.choices), lists.OVERDUE: _("To be recorded")}
    return [
        {"label": labels[key], "url": f"?state={key}", "count": n, "current": key == state}
        for key, n in counts.items()
        if n or key in {"", state}
    ]


def _cohort(request: MemberRequest, cohort_id: UUID) -> Cohort:
    return get_object_or_404(Cohort.objects.visible_to(request.member).for_list(), id=cohort_id)


def _state(request: MemberRequest) -> str:
    state = request.GET.get("state", "")
    return state if state in lists.FILTERS else ""
