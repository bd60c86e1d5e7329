"""Goals of a partnership: set, taken on, seen to go forward, met and celebrated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.errors import GoalChanged, GoalSettled
from agreements.goals import operations, queries
from agreements.goals.models import Goal
from agreements.goals.queries import GoalLine
from core.common import own_words
from core.common.diff import compare
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import today
from core.ui.forms import DateInput, Taps, WordForm, resent
from core.ui.pages import act, form_page
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import open_seats_seen, partnership_of, seat_of

MOST_MILESTONES = 12


class _GoalForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("What do you want to reach?"), max_length=200)
    due_on = forms.DateField(label=gettext_lazy("By when"), widget=DateInput)
    milestones = forms.CharField(
        label=gettext_lazy("Milestones"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One a line: how you will notice that it goes forward."),
    )
    whose = forms.ChoiceField(
        label=gettext_lazy("Whose goal is it?"),
        choices=[
            ("private", gettext_lazy("Mine, for me alone")),
            ("mine", gettext_lazy("Mine, and my partners see it")),
            ("shared", gettext_lazy("All of ours: it begins when everybody has taken it on")),
        ],
        widget=forms.RadioSelect,
    )

    # of a goal that is changed: the words that were open, so that nobody writes over another
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, line: GoalLine | None = None) -> None:
        initial: dict[str, object] = {"whose": "private"}
        if line is not None:
            steps = [step["words"] for step in line.words.milestones]
            initial = {
                "title": line.words.title,
                "due_on": line.goal.due_on,
                "milestones": "\n".join(steps),
                "version": queries.mark_of(line.words, line.goal.due_on),
            }
        super().__init__(data, initial=initial)
        del self.fields["version" if line is None else "whose"]

    def clean_milestones(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["milestones"].splitlines()]
        steps = list(dict.fromkeys(line for line in lines if line))
        if len(steps) > MOST_MILESTONES:
            raise ValidationError(_("At most %(n)d milestones.") % {"n": MOST_MILESTONES})
        if any(len(step) > 200 for step in steps):
            raise ValidationError(_("At most 200 characters a milestone."))
        return steps

    def clean(self) -> dict[str, object]:
        """Return what the operation takes: whose it is as `shared` and `private`."""
        values = dict(self.cleaned_data)
        if "version" in values:
            values["version"] = values["version"] or None
        if whose := values.pop("whose", ""):
            values |= {"shared": whose == "shared", "private": whose == "private"}
        return values


class _LeadForm(forms.Form):
    seat = forms.ChoiceField(label=gettext_lazy("Who leads it"))
    until = forms.DateField(label=gettext_lazy("To when"), widget=DateInput)

    def __init__(self, data: Any = None, *, line: GoalLine, seats: Iterable[Seat]) -> None:
        goal = line.goal
        super().__init__(data, initial={"seat": str(goal.lead_id or ""), "until": goal.lead_until})
        self.seats = {str(row.pk): row for row in seats}
        seat = self.fields["seat"]
        assert isinstance(seat, forms.ChoiceField)
        seat.choices = [(key, row.enrolment.member.full_name) for key, row in self.seats.items()]

    def clean_seat(self) -> Seat:
        return self.seats[self.cleaned_data["seat"]]


class _ProgressForm(forms.Form):
    level = forms.TypedChoiceField(
        label=gettext_lazy("How far are you?"),
        choices=[(n, str(n)) for n in range(1, 6)],
        help_text=gettext_lazy("From 1, begun, to 5, there."),
        coerce=int,
        widget=Taps(steps=True),
    )


class _MilestoneForm(forms.Form):
    done = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, milestones: int) -> None:
        super().__init__(data)
        self.fields["place"] = forms.IntegerField(min_value=0, max_value=milestones - 1)


def _line_of(request: MemberRequest, goal_id: UUID) -> GoalLine:
    """Return a goal this member sees with all its page shows, or 404."""
    rows = Goal.objects.visible_to(request.member).filter(id=goal_id)
    rows = rows.select_related("partnership__cohort__program")
    lines = queries.goal_lines(rows, request.member, today=today())
    if not lines:
        raise Http404
    own_words.found(lines[0].goal)
    return lines[0]


@require_safe
@member_view(Permission.TAKE_PART)
def goals(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
    context = {
        "partnership": partnership,
        "seat": seat_of(partnership, request.member),
        "goals": queries.goal_page(partnership=partnership, member=request.member, today=today()),
        "counts": queries.goal_counts([partnership.pk])[partnership.pk],
        "states": Goal.State,
    }
    return render(request, "agreements/goals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def new_goal(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Set a goal of one's own, or suggest one for all."""
    partnership = partnership_of(request, partnership_id)
    if seat_of(partnership, request.member) is None:
        raise PermissionDenied
    form = _GoalForm(request.POST or None)
    if form.is_valid():
        goal = operations.set_goal(partnership=partnership, by=request.member, **form.cleaned_data)
        return redirect(goal)
    return form_page(request, "agreements/new_goal.html", form, {"partnership": partnership})


@require_safe
@member_view(Permission.TAKE_PART)
def goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    return _page(request, _line_of(request, goal_id))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def change_goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    line = _line_of(request, goal_id)
    if line.goal.is_settled:
        raise GoalSettled
    if not line.mine and not line.goal.is_shared:
        raise PermissionDenied
    form = _GoalForm(request.POST or None, line=line)
    context: dict[str, object] = {"line": line}
    if act(
        lambda: operations.change_goal(goal=line.goal, by=request.member, **form.cleaned_data),
        form,
        at={GoalChanged: None},
    ):
        return redirect(line.goal)
    if form.non_field_errors():
        context |= _both_texts(line, form)
        form.data = resent(request.POST, queries.mark_of(line.words, line.goal.due_on))
    return form_page(request, "agreements/change_goal.html", form, context)


def _both_texts(line: GoalLine, form: _GoalForm) -> dict[str, object]:
    """Return the words of now and what the typed ones would change; saved again, they follow on."""
    values = form.cleaned_data
    steps = tuple({"words": words, "done_on": None} for words in values["milestones"])
    mine = queries.GoalWords(values["title"], steps).whole(values["due_on"])
    theirs = line.words.whole(line.goal.due_on)
    return {"theirs": theirs, "pieces": compare(theirs, mine)}


@require_POST
@member_view(Permission.TAKE_PART)
def take_on_goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    line = _line_of(request, goal_id)
    return redirect(operations.take_on_goal(goal=line.goal, by=request.member))


@require_POST
@member_view(Permission.TAKE_PART)
def tick_milestone(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    line = _line_of(request, goal_id)
    form = _MilestoneForm(request.POST, milestones=len(line.words.milestones))
    return _act(request, line, operations.tick_milestone, milestone_form=form)


@require_POST
@member_view(Permission.TAKE_PART)
def record_progress(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    line, form = _line_of(request, goal_id), _ProgressForm(request.POST)
    return _act(request, line, operations.record_progress, progress_form=form)


@require_POST
@member_view(Permission.TAKE_PART)
def lead_goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    line = _line_of(request, goal_id)
    if not line.goal.is_shared:
        raise Http404
    form = _LeadForm(
        request.POST, line=line, seats=open_seats_seen(line.goal.partnership, request.member)
    )
    return _act(request, line, operations.lead_goal, lead_form=form)


@require_POST
@member_view(Permission.TAKE_PART)
def share_goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    """Show my goal to my partners, or take it back."""
    line = _line_of(request, goal_id)
    private = not line.goal.private
    return redirect(operations.share_goal(goal=line.goal, private=private, by=request.member))


@require_POST
@member_view(Permission.TAKE_PART)
def declare_met(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    line = _line_of(request, goal_id)
    goal = operations.declare_met(goal=line.goal, by=request.member)
    if goal.state == Goal.State.MET:
        messages.success(request, _("Met. That is worth celebrating."))
    return redirect(goal)


@require_POST
@member_view(Permission.TAKE_PART)
def drop_goal(request: MemberRequest, goal_id: UUID) -> HttpResponse:
    line, form = _line_of(request, goal_id), WordForm(request.POST)
    return _act(request, line, operations.drop_goal, drop_form=form)


@require_POST
@member_view(Permission.TAKE_PART)
def agree_to_close(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Say that the goals are met and it is time to close."""
    partnership = partnership_of(request, partnership_id)
    partnership = operations.agree_to_close(partnership=partnership, by=request.member)
    if partnership.state == Partnership.State.COMPLETED:
        messages.success(request, _("You have all said so: this partnership is complete."))
        return redirect(partnership)
    return redirect("agreements:goals", request.member.organisation.slug, partnership.pk)


def _act(
    request: MemberRequest, line: GoalLine, operation: Callable[..., object], **shown: forms.Form
) -> HttpResponse:
    """Run an operation with what its form holds; with mistakes the page shows that form again."""
    (form,) = shown.values()
    if not form.is_valid():
        return _page(request, line, **shown)
    operation(goal=line.goal, by=request.member, **form.cleaned_data)
    return redirect(line.goal)


def _page(request: MemberRequest, line: GoalLine, **shown: forms.Form) -> HttpResponse:
    goal = line.goal
    works = line.mine or (goal.is_shared and seat_of(goal.partnership, request.member) is not None)
    context: dict[str, object] = {
        "line": line,
        "partnership": goal.partnership,
        "works": works and not goal.is_settled,
        "progress_form": _ProgressForm(),
        "drop_form": WordForm(),
    }
    if goal.is_shared:
        context["lead_form"] = _LeadForm(
            line=line, seats=open_seats_seen(goal.partnership, request.member)
        )
    context |= shown
    return render(request, "agreements/goal.html", context, status=422 if shown else 200)
