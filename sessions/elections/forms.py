"""What a person may type in an election."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import DateInput, offer_rows
from pairing.models.partnerships import Seat
from programs.models.parts import MeetingRole

STEPS_ASIDE = "-"


def _name(seat: Seat) -> str:
    return str(seat.enrolment.member.full_name)


class OpenElectionForm(forms.Form):
    role = forms.TypedChoiceField(label=gettext_lazy("Role"))
    description = forms.CharField(
        label=gettext_lazy("What the role asks for"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("What this person does for all of you, and what they are good at."),
    )
    term_until = forms.DateField(label=gettext_lazy("The term ends on"), widget=DateInput)
    review_on = forms.DateField(
        label=gettext_lazy("We look back on it on"),
        widget=DateInput,
        required=False,
        help_text=gettext_lazy("Halfway through the term if you leave it open."),
    )

    def __init__(
        self, data: Any = None, *, roles: Iterable[MeetingRole], today: date, last_day: date
    ) -> None:
        super().__init__(data, initial={"term_until": min(today + timedelta(days=90), last_day)})
        self.today, self.last_day = today, last_day
        offer_rows(self, "role", roles, lambda role: role.name)

    def clean_term_until(self) -> date:
        until: date = self.cleaned_data["term_until"]
        if until <= self.today:
            raise forms.ValidationError(_("Choose a day that is still to come."))
        if until > self.last_day:
            raise forms.ValidationError(_("The partnership ends before that day."))
        return until

    def clean(self) -> None:
        super().clean()
        values = self.cleaned_data
        review, until = values.get("review_on"), values.get("term_until")
        if review and until and not self.today < review <= until:
            self.add_error("review_on", _("Choose a day within the term."))


class NominationForm(forms.Form):
    nominee = forms.TypedChoiceField(label=gettext_lazy("I nominate"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("because"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Say what you have seen them do."),
    )

    def __init__(self, data: Any = None, *, seats: Iterable[Seat], aside: bool) -> None:
        super().__init__(data)
        more = [(STEPS_ASIDE, _("Nobody: I step aside"))] if aside else []
        offer_rows(self, "nominee", seats, _name, *more)


class ConsentForm(forms.Form):
    """Consent, or an objection with its reason: the two buttons of the page."""

    answer = forms.ChoiceField(
        choices=[("consent", "consent"), ("object", "object")], widget=forms.HiddenInput
    )
    objection = forms.CharField(
        label=gettext_lazy("My objection"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy(
            "Only if you object: what would harm what you are here for, and why."
        ),
    )

    def clean(self) -> None:
        super().clean()
        values = self.cleaned_data
        if values.get("answer") == "object" and not (values.get("objection") or "").strip():
            self.add_error("objection", _("Say why, so that the others can answer it."))


class ProposeForm(forms.Form):
    candidate = forms.TypedChoiceField(label=gettext_lazy("Candidate"))

    def __init__(self, data: Any = None, *, seats: Iterable[Seat], first: Seat | None) -> None:
        super().__init__(data, initial={"candidate": str(first.pk) if first else ""})
        offer_rows(self, "candidate", seats, _name)
