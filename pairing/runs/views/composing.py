"""Composing the circles of a draft by hand: choose a person, see the price, move them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.forms import ListedPeople, Person, PersonField
from core.ui.pages import act, form_page
from pairing.models.runs import MatchRun, Proposal
from pairing.partnerships.cohorts import is_circles
from pairing.runs.operations import composing
from pairing.runs.presenters.composing import Draft
from pairing.runs.views.runs import run_of
from programs.models.programs import Enrolment


class _PersonForm(forms.Form):
    def __init__(self, data: Any = None, *, people: Sequence[Person]) -> None:
        super().__init__(data)
        self.fields["person"] = PersonField(label=_("Person"), people=ListedPeople(people))


class _CircleForm(forms.Form):
    person = forms.UUIDField()
    proposal = forms.UUIDField()


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PARTNERSHIPS_MANAGE)
def compose_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Show what each circle, and the run, would score with somebody there; move them."""
    run = run_of(request, run_id)
    if not is_circles(run.cohort) or run.objective is None:
        raise Http404
    form = _CircleForm(request.POST if request.method == "POST" else None)
    if act(lambda: _place(request, run, form.cleaned_data), form):
        proposal = form.cleaned_data["proposal"]
        return redirect(f"{run.get_absolute_url()}#proposal-{proposal}")
    draft = Draft(run)
    people = draft.named()
    query = request.POST if request.method == "POST" else request.GET
    choose = _PersonForm(query if query.get("person") else None, people=people)
    chosen = choose.cleaned_data["person"] if choose.is_valid() else ""
    context = {
        "run": run,
        "cohort": run.cohort,
        "tab": "matching",
        "draft": run.state == MatchRun.State.DRAFT,
        "choose": choose,
        "chosen": chosen,
        "name": dict(people).get(chosen, ""),
        "sits": draft.circle_of(chosen),
        "options": draft.places(chosen) if chosen else [],
        "page": reverse("pairing:compose_run", args=[request.member.organisation.slug, run.pk]),
    }
    return form_page(request, "pairing/compose_run.html", form, context)


def _place(request: MemberRequest, run: MatchRun, ids: dict[str, UUID]) -> object:
    people = Enrolment.objects.visible_to(request.member).filter(cohort=run.cohort_id)
    proposals = Proposal.objects.visible_to(request.member).filter(run=run)
    return composing.place_by_hand(
        run=run,
        enrolment=get_object_or_404(people.select_related("member"), pk=ids["person"]),
        proposal=get_object_or_404(proposals, pk=ids["proposal"]),
        by=request.member,
    )
