"""What is asked before something is decided about people, or a cohort is moved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import DateInput
from programs.models.programs import Cohort, Enrolment
from programs.operations.enrolments import MAX_CAPACITY, parts_of

REASONS = [(str(reason), reason.label) for reason in Enrolment.CHOSEN_REASONS]


class DecisionForm(forms.Form):
    """The words, and the reason where one is kept, of one decision about some people."""

    on_request = forms.ChoiceField(
        label=gettext_lazy("Who wants it"),
        choices=[("yes", gettext_lazy("They asked me")), ("no", gettext_lazy("I decide it"))],
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(label=gettext_lazy("Why"), widget=forms.RadioSelect)
    over_waiting = forms.BooleanField(
        label=gettext_lazy("They go ahead of the people who wait"), required=False
    )
    without_manager = forms.BooleanField(
        label=gettext_lazy("Accept them without their manager's yes"), required=False
    )
    words = forms.CharField(
        label=gettext_lazy("Your words to them"),
        help_text=gettext_lazy("They are part of the e-mail."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, data: Any = None, *, decision: str, waiting: str = "", no_yes: str = ""
    ) -> None:
        super().__init__(data)
        asked = {
            "accept": {"words"}
            | ({"over_waiting"} if waiting else set())
            | ({"without_manager"} if no_yes else set()),
            "waitlist": {"words"},
            "decline": {"reason", "words"},
            "withdraw": {"on_request", "reason", "words"},
        }.get(decision, set())
        for name in set(self.fields) - asked:
            del self.fields[name]
        if waiting and "over_waiting" in self.fields:
            self.fields["over_waiting"].help_text = _("On the waiting list: %(names)s.") % {
                "names": waiting
            }
        if "without_manager" in self.fields:
            self.fields["without_manager"].help_text = _("Not said yet for: %(names)s.") % {
                "names": no_yes
            }
        if "reason" in self.fields:
            field = self.fields["reason"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = (
                REASONS if decision == "withdraw" else list(Enrolment.DeclineReason.choices)
            )

    def answers(self) -> dict[str, Any]:
        """Return what the operation of the decision takes."""
        answers = dict(self.cleaned_data)
        if "on_request" in answers:
            answers["on_request"] = answers["on_request"] == "yes"
        return answers


class LeaveForm(forms.Form):
    """Why somebody withdraws by themselves."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("Your coordinator reads it. Health is never asked."),
        choices=REASONS,
        widget=forms.RadioSelect,
    )


class PauseForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("It ends by itself on this day."),
        widget=DateInput,
    )


class PlaceForm(forms.Form):
    """Part and capacity of somebody, as a coordinator changes them."""

    part = forms.ChoiceField(label=gettext_lazy("Part"))
    capacity = forms.IntegerField(
        label=gettext_lazy("Capacity"),
        help_text=gettext_lazy("How many mentees a mentor can take on."),
        min_value=0,
        max_value=MAX_CAPACITY,
    )

    def __init__(self, data: Any = None, *, enrolment: Enrolment) -> None:
        super().__init__(data, initial={"part": enrolment.part, "capacity": enrolment.capacity})
        field = self.fields["part"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (part, Enrolment.Part(part).label) for part in parts_of(enrolment.cohort.program)
        ]


class MoveForm(forms.Form):
    """That somebody has read what comes of a move; words where a cohort is called off."""

    to = forms.CharField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("Your words to everybody"),
        help_text=gettext_lazy("They are part of the e-mail. Say why, and what happens next."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    confirmed = forms.BooleanField(label=gettext_lazy("I have read this, and it is meant"))

    def __init__(self, data: Any = None, *, to: str, asks: bool) -> None:
        super().__init__(data, initial={"to": to})
        if to != Cohort.Phase.CALLED_OFF:
            del self.fields["words"]
        if not asks:
            del self.fields["confirmed"]
