"""What who wants to be a mentor is asked, and their manager."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programs.models.programs import Enrolment
from programs.models.selection import Candidacy


class CandidacyForm(forms.Form):
    statement = forms.CharField(
        label=_("How do you meet these criteria?"),
        help_text=_("The coordinators of this program read it. Your manager does not."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    manager_address = forms.EmailField(
        label=_("E-mail of your manager"),
        help_text=_("They get one e-mail with a question. They need no account."),
        max_length=254,
    )

    def __init__(
        self, data: Any = None, *, enrolment: Enrolment, candidacy: Candidacy | None
    ) -> None:
        manager = enrolment.member.manager
        super().__init__(
            data,
            initial={
                "statement": candidacy.statement if candidacy else "",
                "manager_address": candidacy.manager_address
                if candidacy
                else manager.email
                if manager
                else "",
            },
        )


class ManagerForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("Do you agree?"),
        choices=[
            ("yes", _("Yes, they can take the time for it")),
            ("no", _("No, for now they cannot")),
        ],
        widget=forms.RadioSelect,
    )
