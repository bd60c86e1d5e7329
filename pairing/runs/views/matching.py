"""The matching studio: what counts, who could be matched at all, named sets, the runs so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from core.common.lists import holding
from core.common.pages import page
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.forms import Person, PersonField, RangeInput
from core.ui.pages import act
from pairing.engine.shapes import Policy
from pairing.inputs.collect import criteria_of
from pairing.inputs.snapshot import ALWAYS_ON, LIMITS, Choice, choice_of
from pairing.models.runs import CriteriaSet, MatchRun, PairRule, Proposal
from pairing.partnerships.cohorts import as_uuid, cohort_of, is_circles
from pairing.partnerships.refusals import told
from pairing.runs.operations import rules as kept_rules
from pairing.runs.operations import runs as run_operations
from pairing.runs.presenters.results import rows_of
from pairing.runs.presenters.studio import studio_of
from pairing.texts.reasons import POLICIES
from programs.models.parts import Criterion
from programs.models.programs import Cohort, Enrolment, EnrolmentQuerySet, Program

RUNS_SHOWN = 10
DESIGN = "design"  # in place of a set's id: as the program's design says


def limits_of(rule: Criterion) -> list[str]:
    return [name for name in rule.parameters if name in LIMITS]


class _MatchingForm(forms.Form):
    """What counts: weights of the criteria, rules on or off, and what to aim for."""

    policy = forms.ChoiceField(
        label=gettext_lazy("What to aim for"),
        choices=[(policy.value, words[0]) for policy, words in POLICIES.items()],
        required=False,
    )
    unaccepted_too = forms.BooleanField(
        label=gettext_lazy("Match them in this run too"), required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        criteria: Sequence[Criterion],
        start: Choice,
        policy: str,
        pairs: bool,
        unaccepted_too: bool = False,
    ) -> None:
        super().__init__(data, initial={"unaccepted_too": unaccepted_too})
        self.scores = [
            criterion for criterion in criteria if criterion.sort == Criterion.Sort.SCORE
        ]
        self.rules = [criterion for criterion in criteria if criterion.sort == Criterion.Sort.RULE]
        for criterion in self.scores:
            self.fields[f"weight_{criterion.key}"] = forms.IntegerField(
                label=criterion.label,
                min_value=0,
                max_value=10,
                initial=start.weights.get(criterion.key, criterion.weight),
                widget=RangeInput,
            )
        for criterion in self.rules:
            always = criterion.kind in ALWAYS_ON
            self.fields[f"rule_{criterion.key}"] = forms.BooleanField(
                label=criterion.label,
                required=False,
                initial=always or criterion.key not in start.off,
                disabled=always,
            )
            for name in limits_of(criterion):
                label, low, high, step = LIMITS[name]
                self.fields[f"limit_{criterion.key}_{name}"] = forms.FloatField(
                    label=label,
                    min_value=low,
                    max_value=high,
                    widget=forms.NumberInput(attrs={"step": step}),
                    initial=start.limits.get(criterion.key, {}).get(
                        name, criterion.parameters[name]
                    ),
                )
        if pairs:
            self.fields["policy"].initial = policy
            self.fields["policy"].help_text = POLICIES[Policy(policy)][1]
        else:
            del self.fields["policy"]

    def weight_fields(self) -> list[tuple[str, forms.BoundField]]:
        return [(criterion.key, self[f"weight_{criterion.key}"]) for criterion in self.scores]

    def rule_fields(self) -> list[tuple[str, forms.BoundField, list[forms.BoundField]]]:
        """Return the key of each rule, its switch and its numbers."""
        return [
            (
                rule.key,
                self[f"rule_{rule.key}"],
                [self[f"limit_{rule.key}_{name}"] for name in limits_of(rule)],
            )
            for rule in self.rules
        ]

    def with_unaccepted(self) -> bool:
        """Say whether people are matched too who have not accepted the expectations."""
        if self.is_bound and self.is_valid():
            return bool(self.cleaned_data["unaccepted_too"])
        return bool(self.initial["unaccepted_too"])

    def choice(self) -> Choice:
        """Return what was chosen, or what the form starts from where it is not answered well."""
        answered = self.cleaned_data if self.is_bound and self.is_valid() else {}
        values = {name: answered.get(name, field.initial) for name, field in self.fields.items()}
        limits = {
            rule.key: {name: float(values[f"limit_{rule.key}_{name}"]) for name in limits_of(rule)}
            for rule in self.rules
        }
        return Choice(
            weights={
                criterion.key: int(values[f"weight_{criterion.key}"]) for criterion in self.scores
            },
            off=frozenset(rule.key for rule in self.rules if not values[f"rule_{rule.key}"]),
            limits={key: named for key, named in limits.items() if named},
        )


class _SetNameForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the set"), max_length=80)


@dataclass(frozen=True)
class _Enrolled:
    """Whom a coordinator may name in a cohort."""

    rows: EnrolmentQuerySet

    def find(self, words: str, most: int) -> list[Person]:
        names = holding(words, "member__given_name", "member__family_name", "member__email")
        rows = self.rows.filter(names, state__in=Enrolment.IN_PLACE).order_by(
            "member__family_name", "member__given_name", "id"
        )
        shown = list(rows[:most])
        often = Counter(enrolment.member.full_name for enrolment in shown)
        return [(str(enrolment.pk), _told_apart(enrolment.member, often)) for enrolment in shown]

    def name_of(self, person_id: str) -> str:
        enrolment_id = as_uuid(person_id)
        enrolment = self.rows.filter(pk=enrolment_id).first() if enrolment_id else None
        return enrolment.member.full_name if enrolment else ""


def _told_apart(member: Member, often: Counter[str]) -> str:
    name = member.full_name
    return name if often[name] == 1 else f"{name} ({member.email})"


class _PairRuleForm(forms.Form):
    """Two people who are to be kept together or apart, or neither any more."""

    NONE = "none"  # what the button beside a rule sends; the form does not offer it

    proposal = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, people: _Enrolled) -> None:
        super().__init__(data)
        kinds: list[tuple[str, str]] = [(kind.value, str(kind.label)) for kind in PairRule.Kind]
        if data and data.get("kind") == self.NONE:
            kinds.append((self.NONE, _("No rule")))
        self.fields["kind"] = forms.ChoiceField(label=_("What holds for them"), choices=kinds)
        words = {"first": _("First person"), "second": _("Second person")}
        for name, label in words.items():
            self.fields[name] = PersonField(label=label, people=people)


@dataclass(frozen=True)
class _Start:
    """What the left column starts from: a named set, a run's own choice, or the design."""

    chosen: CriteriaSet | None
    choice: Choice
    policy: str


def last_run(request: MemberRequest, cohort: Cohort) -> MatchRun | None:
    """Return the newest run of a cohort, without its snapshot."""
    runs = MatchRun.objects.visible_to(request.member).filter(cohort=cohort)
    return runs.order_by("-number").defer("snapshot").first()


def sets_of(request: MemberRequest, cohort: Cohort) -> list[CriteriaSet]:
    """Return the named sets of a cohort's program, by name."""
    sets = CriteriaSet.objects.visible_to(request.member).kept()
    return list(sets.filter(program_id=cohort.program_id).order_by("name", "id"))


def start_from(sets: Sequence[CriteriaSet], named: str, run: MatchRun | None) -> _Start:
    """Return the set that is named (`design` for none), else what this run used."""
    by_id = {row.pk: row for row in sets}
    policy = run.policy if run else Policy.FAIREST_WORST_CASE
    if not named and run:
        used = by_id.get(run.criteria_set_id) if run.criteria_set_id else None
        return _Start(used, choice_of(run.choice) or Choice(), policy)
    set_id = as_uuid(named)
    if set_id is None:
        return _Start(None, Choice(), policy)
    if set_id not in by_id:
        raise Http404
    chosen = by_id[set_id]
    return _Start(chosen, choice_of(chosen.choice) or Choice(), chosen.policy)


def matching_form(
    cohort: Cohort,
    start: _Start,
    data: QueryDict | None = None,
    *,
    unaccepted_too: bool = False,
) -> _MatchingForm:
    return _MatchingForm(
        data,
        unaccepted_too=unaccepted_too,
        criteria=criteria_of(cohort),
        start=start.choice,
        policy=start.policy,
        pairs=not is_circles(cohort),
    )


def studio_context(
    request: MemberRequest,
    cohort: Cohort,
    *,
    last: MatchRun | None,
    run: MatchRun | None = None,
    form: _MatchingForm | None = None,
) -> dict[str, object]:
    """Return what the studio shows: as `run` has it, else as it would start after the `last`."""
    query = request.POST if request.method == "POST" else request.GET
    sets = sets_of(request, cohort)
    start = start_from(sets, query.get("set", ""), run or last)
    if form is None:
        form = matching_form(
            cohort,
            start,
            request.GET if "count" in request.GET else None,
            unaccepted_too=run.unaccepted_too if run else False,
        )
    valid = form.is_bound and form.is_valid()
    studio = studio_of(
        cohort,
        form.choice() if valid or not form.is_bound else start.choice,
        unaccepted_too=form.with_unaccepted(),
    )
    return {
        "cohort": cohort,
        "tab": "matching",
        "studio": studio,
        "form": form,
        "weights": [(field, studio.line(key)) for key, field in form.weight_fields()],
        "rules": [(switch, studio.line(key), limits) for key, switch, limits in form.rule_fields()],
        "sets": sets,
        "chosen_set": start.chosen,
        "circles": is_circles(cohort),
        "one_pool": cohort.program.format != Program.Format.MENTOR,
    }


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def matching(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    return show_studio(request, cohort_of(request, cohort_id))


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def matching_counts(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Count who could be matched with what is chosen now; a plain request gets the whole page."""
    cohort = cohort_of(request, cohort_id)
    start = start_from(sets_of(request, cohort), DESIGN, last_run(request, cohort))
    form = matching_form(cohort, start, request.GET)
    if not request.htmx:
        return show_studio(request, cohort, form)
    if not form.is_valid():
        return HttpResponse(status=204)  # the form itself says what is wrong when it is sent
    studio = studio_of(cohort, form.choice(), unaccepted_too=form.with_unaccepted())
    context = {"studio": studio, "oob": True}
    return render(request, "pairing/_counts.html", context)


def show_studio(
    request: MemberRequest,
    cohort: Cohort,
    form: _MatchingForm | None = None,
    status: int = 200,
    *,
    pair_form: _PairRuleForm | None = None,
) -> HttpResponse:
    """Answer with the studio; a form with errors keeps what was typed."""
    runs = MatchRun.objects.visible_to(request.member).filter(cohort=cohort).for_list()
    shown = page(
        runs.defer("snapshot").annotate(
            tables=Count("proposals", distinct=True), left=Count("left_over", distinct=True)
        ),
        order="-number",
        cursor=request.GET.get("cursor", ""),
        size=RUNS_SHOWN,
    )
    # a further page does not begin with the newest
    last = last_run(request, cohort) if "cursor" in request.GET else next(iter(shown.rows), None)
    context = studio_context(request, cohort, last=last, form=form)
    rules = PairRule.objects.visible_to(request.member).filter(cohort=cohort)
    context |= {
        "runs": shown.rows,
        "comparable": [run for run in shown.rows if run.objective is not None],
        "next_cursor": shown.next_cursor,
        "pair_rules": rules.select_related("first__member", "second__member").order_by("id"),
        "pair_form": pair_form or _PairRuleForm(people=_people_of(request, cohort)),
        "removed_set": removed_set(request),
    }
    return render(request, "pairing/matching.html", context, status=status)


def removed_set(request: MemberRequest) -> CriteriaSet | None:
    """Return the set that has just been removed, so that it can be brought back."""
    removed = CriteriaSet.objects.visible_to(request.member).filter(removed_at__isnull=False)
    set_id = as_uuid(request.GET.get("removed", ""))
    return removed.filter(pk=set_id).first() if set_id else None


def _people_of(request: MemberRequest, cohort: Cohort) -> _Enrolled:
    rows = Enrolment.objects.visible_to(request.member).filter(cohort=cohort)
    return _Enrolled(rows.select_related("member"))


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def start_match_run(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Run with what is chosen; the run remembers the set it was made from."""
    cohort = cohort_of(request, cohort_id)
    named = request.POST.get("set") or DESIGN
    start = start_from(sets_of(request, cohort), named, last_run(request, cohort))
    form = matching_form(cohort, start, request.POST)
    run = act(
        lambda: run_operations.start_match_run(
            cohort=cohort,
            policy=form.cleaned_data.get("policy") or start.policy,
            choice=form.choice(),
            criteria_set=start.chosen,
            unaccepted_too=form.with_unaccepted(),
            by=request.member,
        ),
        form,
    )
    if run is None:
        return show_studio(request, cohort, form, 422)
    return redirect(run)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def set_pair_rule(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Lock two people together, keep them apart, or drop what was said; htmx gets the line."""
    cohort = cohort_of(request, cohort_id)
    people = _people_of(request, cohort)
    form = _PairRuleForm(request.POST, people=people)
    if not form.is_valid():
        messages.error(request, _("Choose two people and what holds for them."))
        return show_studio(request, cohort, status=422, pair_form=form)
    rule = form.cleaned_data
    first, second = (get_object_or_404(people.rows, id=rule[who]) for who in ("first", "second"))
    if rule["kind"] == form.NONE:
        kept_rules.clear_pair_rule(cohort=cohort, first=first, second=second, by=request.member)
    elif not _set_rule(request, cohort, rule["kind"], first, second):
        return show_studio(request, cohort, status=422, pair_form=form)
    if not rule["proposal"]:
        return redirect("pairing:matching", request.member.organisation.slug, cohort.pk)
    proposals = Proposal.objects.visible_to(request.member).filter(run__cohort=cohort)
    proposal = get_object_or_404(proposals.select_related("run__organisation"), id=rule["proposal"])
    if request.htmx:
        row = rows_of(proposal.run, [proposal])[0]
        context = {"row": row, "run": proposal.run, "cohort": cohort, "editable": True}
        context["one_pool"] = cohort.program.format != Program.Format.MENTOR
        return render(request, "pairing/_proposal.html", context)
    return redirect(f"{proposal.run.get_absolute_url()}#proposal-{proposal.pk}")


def _set_rule(
    request: MemberRequest, cohort: Cohort, kind: str, first: Enrolment, second: Enrolment
) -> bool:
    """Keep a rule, or say why not: two whom a rule keeps apart are not locked together."""
    kept = told(
        request,
        lambda: kept_rules.set_pair_rule(
            cohort=cohort, kind=kind, first=first, second=second, by=request.member
        ),
    )
    return kept is not None


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
    named = request.POST.get("set") or DESIGN
    start = start_from(sets_of(request, cohort), named, last_run(request, cohort))
    form = matching_form(cohort, start, request.POST)
    if not form.is_valid():
        return show_studio(request, cohort, form, 422)
    choice, policy = form.choice(), form.cleaned_data.get("policy") or start.policy
    if start.chosen and "change" in request.POST:
        kept = kept_rules.change_criteria_set(
            criteria_set=start.chosen, choice=choice, policy=policy, by=request.member
        )
    else:
        name = _SetNameForm(request.POST)
        if not name.is_valid():
            form.add_error(None, _("Give the set a name, at most 80 characters long."))
            return show_studio(request, cohort, form, 422)
        kept = kept_rules.keep_criteria_set(
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
    cohort = cohort_of(request, cohort_id)
    kept = _set_of(request, cohort, set_id)
    form = _SetNameForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the set a name, at most 80 characters long."))
        return show_studio(request, cohort, status=422)
    kept_rules.rename_criteria_set(
        criteria_set=kept, name=form.cleaned_data["name"], by=request.member
    )
    return _studio(request, cohort, f"set={kept.pk}")


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def remove_criteria_set(request: MemberRequest, cohort_id: UUID, set_id: UUID) -> HttpResponse:
    """Take a set away; the studio offers to bring it back."""
    cohort = cohort_of(request, cohort_id)
    kept = _set_of(request, cohort, set_id)
    kept_rules.remove_criteria_set(criteria_set=kept, by=request.member)
    return _studio(request, cohort, f"set={DESIGN}&removed={kept.pk}")


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def restore_criteria_set(request: MemberRequest, cohort_id: UUID, set_id: UUID) -> HttpResponse:
    cohort = cohort_of(request, cohort_id)
    kept = _set_of(request, cohort, set_id)
    kept_rules.restore_criteria_set(criteria_set=kept, by=request.member)
    return _studio(request, cohort, f"set={kept.pk}")
