"""What is asked before what cannot be undone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.members.models import ConsentText
from core.tenancy.models import Organisation


class EraseForm(forms.Form):
    """Nothing but the page that counts: one button."""


class CloseForm(forms.Form):
    name = forms.CharField(
        label=_("The organisation’s name"),
        help_text=_("Type it, so that nothing is closed by mistake"),
        max_length=120,
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if name != self.organisation.name:
            raise forms.ValidationError(_("This is not its name."))
        return name


class ConsentForm(forms.Form):
    """Agreeing to the version that was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ConsentTextForm(ConsentForm):
    text = forms.CharField(
        label=_("What people are asked to agree to"),
        help_text=_("Markdown. Leave it empty to stop asking."),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 16}),
    )

    def __init__(self, *args: Any, newest: ConsentText | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = (
            {"version": newest.version, "text": newest.text} if newest else {"version": 0}
        )


class WordsForm(forms.Form):
    """How long words are kept; sent twice, since what is over for longer goes at once."""

    months = forms.TypedChoiceField(
        label=_("Keep words for"),
        help_text=_("From the end of the partnership or the cohort in which they were written"),
        choices=[
            ("", _("As long as their author is here")),
            ("60", _("5 years")),
            ("36", _("3 years")),
            ("24", _("2 years")),
            ("12", _("1 year")),
            ("6", _("6 months")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
