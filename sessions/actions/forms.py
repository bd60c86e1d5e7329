"""What somebody promises until next time, and what came of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from pairing.models.partnerships import Seat


class PromiseForm(forms.Form):
    seat = forms.ChoiceField(label=gettext_lazy("Who promises"))
    words = forms.CharField(
        label=gettext_lazy("Until next time"),
        max_length=300,
        help_text=gettext_lazy("One action, with a verb."),
    )

    def __init__(self, data: Any = None, *, seats: list[Seat], mine: Seat) -> None:
        super().__init__(data, initial={"seat": str(mine.pk)})
        self.seats = {str(seat.pk): seat for seat in seats}
        field = self.fields["seat"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, seat.enrolment.member.full_name) for key, seat in self.seats.items()]

    @property
    def chosen(self) -> Seat:
        return self.seats[self.cleaned_data["seat"]]


class DoneForm(forms.Form):
    action = forms.UUIDField()


class ActionForm(forms.Form):
    words = forms.CharField(label=gettext_lazy("What will you do until next time?"), max_length=300)
