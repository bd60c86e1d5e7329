"""The matching studio: what counts, who could be matched at all, and the runs so far."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mentoring.common.pages import page
from mentoring.identity.http import MemberRequest, member_view
from mentoring.identity.permissions import Permission
from pairing import operations
from pairing.engine import Policy
from pairing.forms import ChoosePairForm, MatchingForm, PairRuleForm
from pairing.models import MatchRun, PairRule, Proposal
from pairing.results import is_circles, rows_of
from pairing.studio import Studio, studio_of
from programs import operations as programs
from programs.models import Cohort, Criterion, Enrolment, Program

RUNS_SHOWN = 10


def cohort_of(request: MemberRequest, cohort_id: UUID) -> Cohort:
    """Return the cohort, or 404 if this member does not see it."""
    return get_object_or_404(Cohort.objects.visible_to(request.member).for_list(), id=cohort_id)


def matching_form(
    request: MemberRequest, cohort: Cohort, studio: Studio, data: QueryDict | None = None
) -> MatchingForm:
    """Return the form of weights and policy, with the policy of the last run."""
    criteria = Criterion.objects.visible_to(request.member).filter(
        program_id=cohort.program_id, sort=Criterion.Sort.SCORE
    )
    runs = MatchRun.objects.visible_to(request.member).filter(cohort=cohort)
    policy = runs.order_by("-number").values_list("policy", flat=True).first()
    return MatchingForm(
        data,
        criteria=list(criteria),
        counts=studio.counts,
        pairs=cohort.program.format == Program.Format.MENTOR,
        policy=policy or Policy.FAIREST_WORST_CASE,
    )


def studio_context(request: MemberRequest, cohort: Cohort) -> dict[str, Any]:
    """Return what the left column of the studio shows."""
    studio = studio_of(cohort)
    return {
        "cohort": cohort,
        "tab": "matching",
        "studio": studio,
        "form": matching_form(request, cohort, studio),
        "circles": is_circles(cohort),
    }


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def matching(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Show the criteria with their weights, the pair rules and the runs."""
    return _show(request, cohort_of(request, cohort_id))


def _show(
    request: MemberRequest, cohort: Cohort, form: MatchingForm | None = None, status: int = 200
) -> HttpResponse:
    context = studio_context(request, cohort)
    runs = MatchRun.objects.visible_to(request.member).filter(cohort=cohort).for_list()
    shown = page(
        runs.defer("snapshot").annotate(
            tables=Count("proposals", distinct=True), left=Count("left_over", distinct=True)
        ),
        order="-number",
        cursor=request.GET.get("cursor", ""),
        size=RUNS_SHOWN,
    )
    rules = PairRule.objects.visible_to(request.member).filter(cohort=cohort)
    people = Enrolment.objects.visible_to(request.member).filter(
        cohort=cohort, state__in=[Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE]
    )
    named = people.select_related("member").order_by("member__family_name", "member__given_name")
    context |= {
        "runs": shown.rows,
        "next_cursor": shown.next_cursor,
        "pair_rules": rules.select_related("first__member", "second__member").order_by("id"),
        "pair_form": ChoosePairForm(people=[(str(e.pk), e.member.full_name) for e in named]),
    }
    if form is not None:
        context["form"], status = form, 422
    return render(request, "pairing/matching.html", context, status=status)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def start_match_run(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Keep the weights, and run with them unless only keeping was asked for."""
    cohort = cohort_of(request, cohort_id)
    form = matching_form(request, cohort, studio_of(cohort), request.POST)
    if not form.is_valid():
        return _show(request, cohort, form)
    programs.set_weights(program=cohort.program, weights=form.weights(), by=request.member)
    if "keep" in request.POST:
        messages.success(request, _("The weights are kept. Runs from now on use them."))
        return redirect("pairing:matching", request.member.organisation.slug, cohort.pk)
    policy = form.cleaned_data.get("policy") or Policy.FAIREST_WORST_CASE
    run = operations.start_match_run(cohort=cohort, policy=policy, by=request.member)
    return redirect(run)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def set_pair_rule(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Lock two people together, keep them apart, or drop what was said; htmx gets the line."""
    cohort = cohort_of(request, cohort_id)
    form = PairRuleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose two people and what holds for them."))
        return _show(request, cohort, status=422)
    chosen = form.cleaned_data
    people = Enrolment.objects.visible_to(request.member).filter(cohort=cohort)
    people = people.select_related("member")
    first = get_object_or_404(people, id=chosen["first"])
    second = get_object_or_404(people, id=chosen["second"])
    if chosen["kind"] == "none":
        operations.clear_pair_rule(cohort=cohort, first=first, second=second, by=request.member)
    else:
        operations.set_pair_rule(
            cohort=cohort, kind=chosen["kind"], first=first, second=second, by=request.member
        )
    if not chosen["proposal"]:
        return redirect("pairing:matching", request.member.organisation.slug, cohort.pk)
    proposals = Proposal.objects.visible_to(request.member).filter(run__cohort=cohort)
    proposal = get_object_or_404(
        proposals.select_related("run__organisation"), id=chosen["proposal"]
    )
    if request.htmx:
        row = rows_of(proposal.run, [proposal])[0]
        context = {"row": row, "run": proposal.run, "cohort": cohort, "editable": True}
        return render(request, "pairing/_proposal.html", context)
    return redirect(f"{proposal.run.get_absolute_url()}#proposal-{proposal.pk}")
