"""What a run is held against: another run, two people it keeps apart, and groups of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.queries import settings_in_force
from core.ui.forms import ListedPeople, Person, PersonField
from core.ui.pages import form_page
from pairing.inputs.snapshot import Facts
from pairing.models.runs import MatchRun, PairRule
from pairing.partnerships.cohorts import as_uuid, cohort_of, is_circles
from pairing.runs.fairness import attributes_of, fairness_of, places_in, price_of
from pairing.runs.operations import rules as kept_rules
from pairing.runs.operations import runs as run_operations
from pairing.runs.presenters.comparing import (
    EVEN,
    GAINS,
    LEFT,
    LOSES,
    SEATED,
    SHOWN,
    compare,
)
from pairing.runs.presenters.why_not import answer_why_not, choices_of
from pairing.runs.queries import runs_to_compare
from pairing.runs.views.runs import run_of
from programs.models.programs import Enrolment

CHANGES_SHOWN = 50


class _TwoPeopleForm(forms.Form):
    first = forms.UUIDField()
    second = forms.UUIDField()


class _GroupsForm(forms.Form):
    by = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, attributes: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, initial={"by": [attributes[0][0]]})
        field = self.fields["by"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.label = _("Compare people by")
        field.choices = list(attributes)
        self.attributes = attributes

    def chosen(self) -> list[tuple[str, str]]:
        """Return the attributes that are chosen, the first one where nothing was said yet."""
        named = self.cleaned_data["by"] if self.is_bound else self.initial["by"]
        return [attribute for attribute in self.attributes if attribute[0] in named]


class _WhyNotForm(forms.Form):
    def __init__(
        self, data: Any = None, *, first: Sequence[Person], second: Sequence[Person], circles: bool
    ) -> None:
        super().__init__(data)
        words = (
            {"first": _("First person"), "second": _("Second person")}
            if circles
            else {"first": _("Mentee"), "second": _("Mentor")}
        )
        for name, people in (("first", first), ("second", second)):
            self.fields[name] = PersonField(label=words[name], people=ListedPeople(people))

    def clean_second(self) -> str:
        second: str = self.cleaned_data["second"]
        if second == self.cleaned_data.get("first"):
            raise forms.ValidationError(_("Choose two different people."))
        return second


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def compare_runs(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Show who changes, gains and loses from one run to another; without two, ask for them."""
    cohort = cohort_of(request, cohort_id)
    runs = runs_to_compare(cohort)
    context = {"cohort": cohort, "tab": "matching", "runs": runs, "circles": is_circles(cohort)}
    computed = MatchRun.objects.visible_to(request.member).for_list()
    computed = computed.filter(cohort=cohort, objective__isnull=False)
    ids = [as_uuid(request.GET.get(side, "")) for side in ("a", "b")]
    if all(ids):
        a, b = (get_object_or_404(computed, pk=run_id) for run_id in ids)
        comparison = compare(a, b)
        show = request.GET.get("show", "")
        show = show if show in SHOWN else ""
        start = int(request.GET["from"]) if request.GET.get("from", "").isdecimal() else 0
        rows = [change for change in comparison.changes if show in {"", change.kind}]
        more = {"a": a.pk, "b": b.pk, "show": show, "from": start + CHANGES_SHOWN}
        context |= {
            "a": a,
            "b": b,
            "found": comparison,
            "sides": [comparison.a, comparison.b],
            "chips": _chips(a, b, comparison.counts, show),
            "changes": rows[start : start + CHANGES_SHOWN],
            "next_url": f"?{urlencode(more)}" if len(rows) > start + CHANGES_SHOWN else "",
        }
    elif len(runs) > 1:
        context |= {"b": runs[0], "a": runs[1]}
    return render(request, "pairing/compare_runs.html", context)


def _chips(
    a: MatchRun, b: MatchRun, counts: Mapping[str, int], show: str
) -> list[tuple[str, str, bool]]:
    """Return words, query and whether it is on, for each kind of change there is."""
    words = {
        LEFT: _("Left over: %(n)d"),
        LOSES: _("Lose: %(n)d"),
        GAINS: _("Gain: %(n)d"),
        SEATED: _("Find somebody: %(n)d"),
        EVEN: _("Score the same: %(n)d"),
    }
    both = urlencode({"a": a.pk, "b": b.pk})
    chips = [(_("All %(n)d") % {"n": sum(counts.values())}, f"?{both}", not show)]
    for kind in SHOWN:
        if counts[kind]:
            label = words[kind] % {"n": counts[kind]}
            chips.append((label, f"?{both}&show={kind}", kind == show))
    return chips


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def pair_by_hand(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Lock two people together and run again as this run was: the rest moves by itself."""
    run = run_of(request, run_id)
    form = _TwoPeopleForm(request.POST)
    if not form.is_valid():
        return redirect(run)
    people = Enrolment.objects.visible_to(request.member).filter(cohort=run.cohort)
    first, second = (
        get_object_or_404(people.select_related("member"), id=form.cleaned_data[name])
        for name in ("first", "second")
    )
    kept_rules.set_pair_rule(
        cohort=run.cohort,
        kind=PairRule.Kind.LOCKED,
        first=first,
        second=second,
        by=request.member,
    )
    return redirect(run_operations.repeat_match_run(run=run, by=request.member))


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def fairness(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Compare groups of people in a run; htmx gets the panel alone."""
    run = run_of(request, run_id)
    data = request.GET if "by" in request.GET else None
    form = _GroupsForm(data, attributes=attributes_of(run.cohort.program))
    may_report = run.objective is not None and (not form.is_bound or form.is_valid())
    places = places_in(run) if may_report else {}
    context = {
        "run": run,
        "cohort": run.cohort,
        "tab": "matching",
        "k": settings_in_force().threshold,
        "circles": is_circles(run.cohort),
        "price": price_of(Facts.from_json(run.facts), run.policy)
        if run.objective is not None
        else "",
        "tables": fairness_of(run, form.chosen(), places) if may_report else [],
    }
    template = "pairing/_fairness.html" if request.htmx else "pairing/fairness.html"
    return form_page(request, template, form, context)


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def why_not(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Ask about any two people of a run; htmx gets the answer alone."""
    run = run_of(request, run_id)
    first, second = choices_of(run)
    circles = is_circles(run.cohort)
    query = request.GET if "first" in request.GET and "second" in request.GET else None
    form = _WhyNotForm(query, first=first, second=second, circles=circles)
    context = {"run": run, "cohort": run.cohort, "tab": "matching", "circles": circles}
    context["has_result"] = run.objective is not None
    if query is None:
        form.initial = {name: request.GET.get(name, "") for name in ("first", "second")}
    elif context["has_result"] and form.is_valid():
        context["asked"] = form.cleaned_data
        context["answer"] = answer_why_not(run, **form.cleaned_data)
    template = "pairing/_why_not.html" if request.htmx else "pairing/why_not.html"
    return form_page(request, template, form, context)
