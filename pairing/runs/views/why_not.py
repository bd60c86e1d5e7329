"""Why two people of a run are not together."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from pairing.partnerships.cohorts import is_circles
from pairing.runs.forms import WhyNotForm
from pairing.runs.presenters.why_not import answer_why_not, choices_of
from pairing.runs.views.runs import run_of


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def why_not(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Ask about any two people of a run; htmx gets the answer alone."""
    run = run_of(request, run_id)
    first, second = choices_of(run)
    circles = is_circles(run.cohort)
    query = request.GET if "first" in request.GET and "second" in request.GET else None
    form = WhyNotForm(query, first=first, second=second, circles=circles)
    context = {"run": run, "cohort": run.cohort, "tab": "matching", "circles": circles}
    context |= {"form": form, "has_result": run.objective is not None}
    if query is None:
        form.initial = {name: request.GET.get(name, "") for name in ("first", "second")}
    elif context["has_result"] and form.is_valid():
        context["asked"] = form.cleaned_data
        context["answer"] = answer_why_not(run, **form.cleaned_data)
    template = "pairing/_why_not.html" if request.htmx else "pairing/why_not.html"
    return render(request, template, context, status=422 if form.errors else 200)
