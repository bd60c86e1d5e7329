"""Named sets of criteria: kept from the studio's form, renamed, removed and brought back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from pairing.models.runs import CriteriaSet
from pairing.partnerships.cohorts import cohort_of
from pairing.runs.forms import SetNameForm
from pairing.runs.operations import sets as runs_sets
from pairing.runs.views.matching import DESIGN, matching_form, show_studio, start_from
from programs.models.programs import Cohort


def _studio(request: MemberRequest, cohort: Cohort, query: str) -> HttpResponse:
    url = reverse("pairing:matching", args=[request.member.organisation.slug, cohort.pk])
    return redirect(f"{url}?{query}")


def _set_of(request: MemberRequest, cohort: Cohort, set_id: UUID) -> CriteriaSet:
    sets = CriteriaSet.objects.visible_to(request.member).filter(program_id=cohort.program_id)
    return get_object_or_404(sets, id=set_id)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def keep_criteria_set(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Keep what is chosen in the studio: in the set it came from, or under a new name."""
    cohort = cohort_of(request, cohort_id)
    start = start_from(request, cohort, request.POST.get("set") or DESIGN, None)
    form = matching_form(cohort, start, request.POST)
    if not form.is_valid():
        return show_studio(request, cohort, form, 422)
    choice, policy = form.choice(), form.cleaned_data.get("policy") or start.policy
    if start.chosen and "change" in request.POST:
        kept = runs_sets.change_criteria_set(
            criteria_set=start.chosen, choice=choice, policy=policy, by=request.member
        )
    else:
        name = SetNameForm(request.POST)
        if not name.is_valid():
            form.add_error(None, _("Give the set a name, at most 80 characters long."))
            return show_studio(request, cohort, form, 422)
        kept = runs_sets.keep_criteria_set(
            program=cohort.program,
            name=name.cleaned_data["name"],
            choice=choice,
            policy=policy,
            by=request.member,
        )
    messages.success(request, _("“%(name)s” is kept.") % {"name": kept.name})
    return _studio(request, cohort, f"set={kept.pk}")


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def rename_criteria_set(request: MemberRequest, cohort_id: UUID, set_id: UUID) -> HttpResponse:
    """Give a set another name."""
    cohort = cohort_of(request, cohort_id)
    kept = _set_of(request, cohort, set_id)
    form = SetNameForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the set a name, at most 80 characters long."))
        return show_studio(request, cohort, status=422)
    runs_sets.rename_criteria_set(
        criteria_set=kept, name=form.cleaned_data["name"], by=request.member
    )
    return _studio(request, cohort, f"set={kept.pk}")


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def remove_criteria_set(request: MemberRequest, cohort_id: UUID, set_id: UUID) -> HttpResponse:
    """Take a set away; the studio offers to bring it back."""
    cohort = cohort_of(request, cohort_id)
    kept = _set_of(request, cohort, set_id)
    runs_sets.remove_criteria_set(criteria_set=kept, by=request.member)
    return _studio(request, cohort, f"set={DESIGN}&removed={kept.pk}")


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def restore_criteria_set(request: MemberRequest, cohort_id: UUID, set_id: UUID) -> HttpResponse:
    """Bring a removed set back."""
    cohort = cohort_of(request, cohort_id)
    kept = _set_of(request, cohort, set_id)
    runs_sets.restore_criteria_set(criteria_set=kept, by=request.member)
    return _studio(request, cohort, f"set={kept.pk}")
