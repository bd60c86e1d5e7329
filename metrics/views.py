"""Figures as pages: a cohort's report, the organisation's insights, and every definition."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core.common import clock, csv
from core.common.pages import page
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view
from metrics.exports import figure_lines
from metrics.figures import DEFINITIONS, definition, figures_of
from metrics.report import OVERVIEW, overview, report
from programs.models.programs import Cohort

COHORTS_A_PAGE = 25


@require_safe
@member_view(Permission.FIGURES_READ)
def insights(request: MemberRequest) -> HttpResponse:
    rows = Cohort.objects.visible_to(request.member).exclude(phase=Cohort.Phase.DRAFT).for_list()
    cursor = request.GET.get("cursor", "")
    shown = page(rows, order="-starts_on", cursor=cursor, size=COHORTS_A_PAGE)
    figures = figures_of(shown.rows, request.organisation_settings, clock.now())
    context = {
        "cohorts": [(cohort, overview(figures[cohort.pk])) for cohort in shown.rows],
        "heads": [definition(key) for key in OVERVIEW],
        "next_cursor": shown.next_cursor,
        "cursor": cursor,
        "now": clock.now(),
    }
    return render(request, "metrics/insights.html", context)


@require_safe
@member_view(Permission.FIGURES_READ)
def cohort_report(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = _cohort(request, cohort_id)
    now = clock.now()
    figures = figures_of([cohort], request.organisation_settings, now)[cohort.pk]
    context = {
        "cohort": cohort,
        "tab": "report",
        "report": report(figures),
        "manages": can(request.member, Permission.PROGRAMS_MANAGE),
        "threshold": request.organisation_settings.threshold,
        "now": now,
    }
    return render(request, "metrics/report.html", context)


@require_safe
@member_view(Permission.FIGURES_READ)
def report_csv(request: MemberRequest, cohort_id: UUID) -> StreamingHttpResponse:
    cohort = _cohort(request, cohort_id)
    return csv.download(figure_lines(request.member, [cohort.pk], clock.now()), "report.csv")


@require_safe
@member_view(Permission.FIGURES_READ)
def definitions(request: MemberRequest) -> HttpResponse:
    return render(request, "metrics/definitions.html", {"definitions": DEFINITIONS})


@require_safe
@member_view(Permission.FIGURES_READ)
def figure_definition(request: MemberRequest, key: str) -> HttpResponse:
    entry = definition(key)
    if entry is None:
        raise Http404
    context = {"definition": entry, "threshold": request.organisation_settings.threshold}
    return render(request, "metrics/definition.html", context)


def _cohort(request: MemberRequest, cohort_id: UUID) -> Cohort:
    rows = Cohort.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=cohort_id)
