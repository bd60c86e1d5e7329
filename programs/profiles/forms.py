"""What somebody says of themselves, and for each field who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.models.profiles import ProfileEntry

Field = ProfileEntry.Field
HELP: Mapping[str, Any] = {
    Field.OFFER: gettext_lazy("What others can learn from you or ask you about."),
    Field.SEEK: gettext_lazy("What you would like to learn or talk about."),
    Field.GOAL: gettext_lazy("What should be different for you when the program ends."),
    Field.HOURS: gettext_lazy("In your own words, such as: Tuesday and Thursday mornings."),
    Field.PRONOUNS: gettext_lazy("If you like to give them."),
}
LONG = (Field.OFFER, Field.SEEK, Field.GOAL)
LINE = {Field.HOURS: 200, Field.PRONOUNS: 40}


class ProfileForm(forms.Form):
    """Two controls for each field: its words, but for languages, and its readers."""

    def __init__(self, data: Any = None, *, entries: Mapping[str, ProfileEntry]) -> None:
        super().__init__(data)
        for field in Field:
            entry = entries.get(field)
            if field != Field.LANGUAGES:
                self.fields[field.value] = _words(field, entry)
            shown_to = entry.shown_to if entry else [ProfileEntry.Audience.PARTNERS]
            self.fields[f"{field.value}_shown_to"] = forms.MultipleChoiceField(
                label=_("Who reads this: %(field)s") % {"field": field.label},
                choices=ProfileEntry.Audience.choices,
                widget=forms.CheckboxSelectMultiple,
                initial=shown_to,
                required=False,
            )

    def pairs(self) -> list[tuple[str, str, BoundField | None, BoundField]]:
        """Return for each field its name, its label, and its two controls."""
        return [
            (
                field.value,
                str(field.label),
                self[field.value] if field.value in self.fields else None,
                self[f"{field.value}_shown_to"],
            )
            for field in Field
        ]

    @property
    def profile(self) -> dict[str, Any]:
        """Return what set_profile wants."""
        cleaned = self.cleaned_data
        return {
            "texts": {name: cleaned[name] for name in Field.values if name in cleaned},
            "shown_to": {name: cleaned[f"{name}_shown_to"] for name in Field.values},
        }


def _words(field: ProfileEntry.Field, entry: ProfileEntry | None) -> forms.CharField:
    return forms.CharField(
        label=field.label,
        help_text=HELP[field],
        max_length=LINE.get(field, 1000),
        widget=forms.Textarea(attrs={"rows": 3}) if field in LONG else forms.TextInput,
        initial=entry.text if entry else "",
        required=False,
    )
