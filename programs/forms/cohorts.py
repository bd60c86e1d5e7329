"""Cohorts: dates and places; and who is in them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.members.models import Member
from core.ui.forms import DateInput
from programs.models.programs import Cohort, Enrolment
from programs.operations.enrolments import MAX_CAPACITY, parts_of

MOST_PLACES = 100_000


class CohortForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("What people call this run: Spring 2027, for example."),
    )
    starts_on = forms.DateField(label=gettext_lazy("First day"), widget=DateInput)
    ends_on = forms.DateField(label=gettext_lazy("Last day"), widget=DateInput)
    places = forms.IntegerField(
        label=gettext_lazy("Places"),
        help_text=gettext_lazy("Leave empty if everybody who is accepted may come."),
        min_value=1,
        max_value=MOST_PLACES,
        required=False,
    )

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", _("The last day must come after the first."))


class EnrolForm(forms.Form):
    """A coordinator enrols somebody by their work e-mail."""

    email = forms.EmailField(
        label=gettext_lazy("Work e-mail"),
        help_text=gettext_lazy("Of somebody who is in your organisation already."),
        max_length=254,
    )
    part = forms.ChoiceField(label=gettext_lazy("Part"))
    capacity = forms.IntegerField(
        label=gettext_lazy("Capacity"),
        help_text=gettext_lazy("How many mentees a mentor can take on."),
        min_value=0,
        max_value=MAX_CAPACITY,
        initial=1,
        required=False,
    )

    def __init__(self, data: Any = None, *, cohort: Cohort, by: Member) -> None:
        super().__init__(data)
        self.by = by
        parts = parts_of(cohort.program)
        part = self.fields["part"]
        assert isinstance(part, forms.ChoiceField)
        part.choices = [(value, Enrolment.Part(value).label) for value in parts]
        if len(parts) == 1:
            part.widget = forms.HiddenInput()
            self.initial["part"] = parts[0]
            del self.fields["capacity"]

    def clean_email(self) -> Member:
        people = Member.objects.visible_to(self.by).reachable()
        member = people.filter(email__iexact=self.cleaned_data["email"]).first()
        if member is None:
            raise forms.ValidationError(_("Nobody of your organisation has this e-mail."))
        return member
