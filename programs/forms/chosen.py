"""Many people at once, chosen on the list of people: where they enrol, and as what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.members.models import Member
from programs.errors import NotThatPart
from programs.models.programs import Cohort, Enrolment
from programs.operations.enrolments import OVER, parts_of


class EnrolChosenForm(forms.Form):
    cohort: forms.ModelChoiceField[Cohort] = forms.ModelChoiceField(
        label=_("Enrol them in"), queryset=None
    )
    part = forms.ChoiceField(label=_("as"), choices=Enrolment.Part.choices)

    def __init__(self, data: Any = None, *, by: Member) -> None:
        super().__init__(data)
        field = self.fields["cohort"]
        assert isinstance(field, forms.ModelChoiceField)
        rows = Cohort.objects.visible_to(by).for_list()
        field.queryset = rows.exclude(phase__in=OVER).order_by("-starts_on", "id")

    def clean(self) -> None:
        super().clean()
        cohort, part = self.cleaned_data.get("cohort"), self.cleaned_data.get("part")
        if cohort and part and part not in parts_of(cohort.program):
            self.add_error("part", str(NotThatPart.message))
