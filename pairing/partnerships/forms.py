"""What partners say when they rest or part."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.tenancy.days import today
from core.ui.forms import DateInput
from pairing.models.partnerships import Cause, Parting


class NameForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)


class EndForm(forms.Form):
    """Why a partnership ends; without blame."""

    REASONS = (
        ("fit", gettext_lazy("It did not fit")),
        ("time", gettext_lazy("No time for it")),
        ("left", gettext_lazy("Somebody changed job or left")),
        ("goals_met", gettext_lazy("What they wanted is reached")),
        ("other", gettext_lazy("Another reason")),
    )

    reason = forms.ChoiceField(
        label=gettext_lazy("Why does it end?"),
        help_text=gettext_lazy("Nobody is blamed. The next matching avoids this pair."),
        choices=REASONS,
        widget=forms.RadioSelect,
    )


def _kind_words(help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("A kind word"),
        help_text=help_text,
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PauseForm(forms.Form):
    """Until when; a partner may add a kind word, a coordinator is none of the partners."""

    until = forms.DateField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy(
            "It goes on by itself that day. Without a day, until you resume it."
        ),
        required=False,
        widget=DateInput,
    )
    words = _kind_words(gettext_lazy("Only the partners can read it."))

    def __init__(self, data: Any = None, *, partner: bool) -> None:
        super().__init__(data)
        if not partner:
            del self.fields["words"]

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is not None and until <= today():
            raise forms.ValidationError(_("Choose a day to come."))
        return until


class PartingForm(forms.Form):
    """What should be different next time, who may see it, and a kind word."""

    cause = forms.ChoiceField(
        label=gettext_lazy("What should be different next time?"),
        help_text=gettext_lazy(
            "Nobody is blamed, and your partners are not told. The next matching avoids it."
        ),
        choices=Cause.choices,
        widget=forms.RadioSelect,
    )
    coordinator_sees = forms.BooleanField(
        label=gettext_lazy("My coordinator may see this answer"),
        help_text=gettext_lazy("Without it only the matching reads it."),
        initial=True,
        required=False,
    )
    words = _kind_words(gettext_lazy("For the people you worked with; nobody else can read it."))

    def __init__(self, data: Any = None, *, earlier: Parting | None) -> None:
        initial = (
            {"cause": earlier.cause, "coordinator_sees": earlier.coordinator_sees}
            if earlier
            else {}
        )
        super().__init__(data, initial=initial)
