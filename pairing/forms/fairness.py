"""Which groups a fairness report compares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _


class GroupsForm(forms.Form):
    """The attributes by which people are compared."""

    by = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, attributes: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, initial={"by": [attributes[0][0]]})
        field = self.fields["by"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.label = _("Compare people by")
        field.choices = list(attributes)
        self.attributes = attributes

    def chosen(self) -> list[tuple[str, str]]:
        """Return the attributes that are chosen, the first one where nothing was said yet."""
        named = self.cleaned_data["by"] if self.is_bound else self.initial["by"]
        return [attribute for attribute in self.attributes if attribute[0] in named]
