"""What somebody promises until next time, and what came of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.ui.forms import offer_rows
from pairing.models.partnerships import Seat


class PromiseForm(forms.Form):
    seat = forms.TypedChoiceField(label=gettext_lazy("Who promises"))
    words = forms.CharField(
        label=gettext_lazy("By next time"),
        max_length=300,
        help_text=gettext_lazy("One action, with a verb."),
    )

    def __init__(self, data: Any = None, *, seats: list[Seat], mine: Seat) -> None:
        super().__init__(data, initial={"seat": str(mine.pk)})
        offer_rows(self, "seat", seats, lambda seat: seat.enrolment.member.full_name)


class DoneForm(forms.Form):
    action = forms.UUIDField()


class ActionForm(forms.Form):
    words = forms.CharField(label=gettext_lazy("What will you do by next time?"), max_length=300)
