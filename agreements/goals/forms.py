"""What a person may type about a charter, a goal or an action."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.goals.queries import GoalLine
from core.ui.forms import DateInput, Taps
from pairing.models.partnerships import Seat

MOST_MILESTONES = 12


class GoalForm(forms.Form):
    """A goal, its milestones and whose it is."""

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

    def __init__(self, data: Any = None, *, line: GoalLine | None = None) -> None:
        initial: dict[str, Any] = {"whose": "private"}
        if line is not None:
            steps = [step["words"] for step in line.words.milestones]
            initial = {
                "title": line.words.title,
                "due_on": line.goal.due_on,
                "milestones": "\n".join(steps),
            }
        super().__init__(data, initial=initial)
        if line is not None:
            del self.fields["whose"]

    def clean_milestones(self) -> list[str]:
        lines = [" ".join(each.split()) for each in self.cleaned_data["milestones"].splitlines()]
        steps = list(dict.fromkeys(each for each in lines if each))
        if len(steps) > MOST_MILESTONES:
            raise ValidationError(_("At most %(n)d milestones.") % {"n": MOST_MILESTONES})
        if any(len(step) > 200 for step in steps):
            raise ValidationError(_("At most 200 characters a milestone."))
        return steps


class LeadForm(forms.Form):
    """Who leads a shared goal, and to when."""

    seat = forms.ChoiceField(label=gettext_lazy("Who leads it"))
    until = forms.DateField(label=gettext_lazy("To when"), widget=DateInput)

    def __init__(self, data: Any = None, *, line: GoalLine, seats: Iterable[Seat]) -> None:
        goal = line.goal
        super().__init__(data, initial={"seat": str(goal.lead_id or ""), "until": goal.lead_until})
        self.seats = {str(each.pk): each for each in seats}
        seat = self.fields["seat"]
        assert isinstance(seat, forms.ChoiceField)
        seat.choices = [(key, row.enrolment.member.full_name) for key, row in self.seats.items()]

    @property
    def chosen(self) -> Seat:
        """Who is to lead; only of a valid form."""
        return self.seats[self.cleaned_data["seat"]]


class ProgressForm(forms.Form):
    """How far one sees a goal."""

    level = forms.TypedChoiceField(
        label=gettext_lazy("How far are you?"),
        choices=[(n, str(n)) for n in range(1, 6)],
        help_text=gettext_lazy("From 1, begun, to 5, there."),
        coerce=int,
        widget=Taps(steps=True),
    )


class MilestoneForm(forms.Form):
    """Which milestone, and whether it is done."""

    place = forms.IntegerField(min_value=0, max_value=MOST_MILESTONES)
    done = forms.BooleanField(required=False)
