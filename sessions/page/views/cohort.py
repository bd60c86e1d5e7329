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
from core.ui.forms import FilterForm
from programs.models.programs import Cohort
from sessions.page.queries import lists


@require_safe
@member_view(Permission.PARTNERSHIPS_MANAGE)
def cohort_sessions(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """When the partnerships of a cohort meet, whether they did, and how many came."""
    cohort = _cohort(request, cohort_id)
    at, wanted = clock.now(), lists.SessionsFilter.read(request.GET)
    rows = lists.sessions_of_cohort(cohort, request.member)
    shown = page(
        lists.nearest_first(wanted.apply(rows, at=at), at=at).for_list().with_attendance(),
        order=wanted.path,
        cursor=request.GET.get("after", ""),
    )
    chips = lists.session_chips(rows, wanted, at=at)
    context = {
        "cohort": cohort,
        "rows": shown.rows,
        "wanted": wanted,
        "filters": FilterForm(wanted, placeholder=_("Partnership or person")),
        "chips": chips,
        "columns": lists.session_columns(wanted),
        "total": next(chip.n for chip in chips if chip.current),
        "query": wanted.url(),
        "more": wanted.url(after=shown.next_cursor) if shown.next_cursor else "",
        "at": at,
    }
    return render(request, "sessions/cohort_sessions.html", context)


@require_safe
@member_view(Permission.PARTNERSHIPS_MANAGE)
def cohort_sessions_csv(request: MemberRequest, cohort_id: UUID) -> StreamingHttpResponse:
    """Exactly the sessions that the list shows with this filter, as CSV."""
    cohort = _cohort(request, cohort_id)
    wanted = lists.SessionsFilter.read(request.GET)
    rows = lists.exported(cohort, request.member, wanted, at=clock.now())
    return csv.download(csv.lines(lists.COLUMNS, rows), "sessions.csv")


def _cohort(request: MemberRequest, cohort_id: UUID) -> Cohort:
    return get_object_or_404(Cohort.objects.visible_to(request.member).for_list(), id=cohort_id)
