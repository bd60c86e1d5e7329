"""Forms of the journal."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.common.lists import LONGEST_SEARCH


class EntryForm(forms.Form):
    text = forms.CharField(
        label=_("What stays with you?"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Only you can read it: no coordinator, no partner, no owner."),
    )


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Words in it"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    @property
    def words(self) -> str:
        return str(self.cleaned_data["q"]) if self.is_valid() else ""
