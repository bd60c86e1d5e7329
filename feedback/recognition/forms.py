"""Forms of recognition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.members.models import Member


class ThanksForm(forms.Form):
    """Whom somebody thanks, what for, and whether the others may read it."""

    to = forms.ChoiceField(label=gettext_lazy("Whom do you thank?"))
    words = forms.CharField(
        label=gettext_lazy("What for?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    shown = forms.BooleanField(
        label=gettext_lazy("The others in the partnership may read it too"), required=False
    )

    def __init__(self, *args: Any, people: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(member.pk): member for member in people}
        choices = [(key, member.full_name) for key, member in self.people.items()]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        if len(people) < 2:  # nobody else is there to read it
            del self.fields["shown"]

    def clean_to(self) -> Member:
        return self.people[self.cleaned_data["to"]]

    @property
    def thanks(self) -> dict[str, Any]:
        return {"shown": False, **self.cleaned_data}


class CompetenciesForm(forms.Form):
    shows = forms.BooleanField(
        label=gettext_lazy("Show the competencies that my roles practise"), required=False
    )


class RevokeForm(forms.Form):
    """Why a certificate is revoked: kept, and asked of whoever revokes another's."""

    words = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, is_own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_own:
            self.fields["words"].required = False
            self.fields["words"].help_text = gettext_lazy("If you like: coordinators read it too.")
        else:
            self.fields["words"].help_text = gettext_lazy("The person reads it.")
