"""Whom a coordinator asks about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _


class WhyNotForm(forms.Form):
    """Two people of a run to ask about."""

    first = forms.ChoiceField()
    second = forms.ChoiceField()

    def __init__(
        self,
        data: Any = None,
        *,
        first: Sequence[tuple[str, str]],
        second: Sequence[tuple[str, str]],
        circles: bool,
    ) -> None:
        super().__init__(data)
        words = (
            {"first": _("First person"), "second": _("Second person")}
            if circles
            else {"first": _("Mentee"), "second": _("Mentor")}
        )
        for name, people in (("first", first), ("second", second)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.label = words[name]
            field.choices = [("", _("Choose a person")), *people]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("first") and cleaned.get("first") == cleaned.get("second"):
            self.add_error("second", _("Choose two different people."))
        return cleaned
