"""How a run treats groups of people."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.queries import settings_in_force
from pairing.runs.forms import GroupsForm
from pairing.runs.presenters.fairness import price_of, table_of
from pairing.runs.queries.fairness import attributes_of, fairness_of
from pairing.runs.views.runs import run_of
from pairing.solve import Facts


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def fairness(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Compare groups of people in a run; htmx gets the panel alone."""
    run = run_of(request, run_id)
    data = request.GET if "by" in request.GET else None
    form = GroupsForm(data, attributes=attributes_of(run.cohort.program))
    may_report = run.objective is not None and (not form.is_bound or form.is_valid())
    breakdowns = fairness_of(run, form.chosen()) if may_report else []
    context = {
        "run": run,
        "cohort": run.cohort,
        "tab": "matching",
        "form": form,
        "k": settings_in_force().threshold,
        "price": price_of(Facts.from_json(run.facts), run.policy)
        if run.objective is not None
        else "",
        "tables": [
            table_of(breakdown.attribute, breakdown.part, breakdown.report)
            for breakdown in breakdowns
        ],
    }
    template = "pairing/_fairness.html" if request.htmx else "pairing/fairness.html"
    return render(request, template, context, status=422 if form.errors else 200)
