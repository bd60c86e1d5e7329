"""What a person may type when joining; what may happen is in operations.py."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mentoring.accounts import operations
from mentoring.identity.models import User


class SignupForm(forms.Form):
    """Added to allauth's sign-up: who you are and the organisation you open."""

    organisation_name = forms.CharField(label=_("Organisation"), max_length=120)
    given_name = forms.CharField(label=_("Given name"), max_length=80)
    family_name = forms.CharField(label=_("Family name"), max_length=80)

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user exists: open the organisation with its owner."""
        data: dict[str, Any] = self.cleaned_data
        operations.create_organisation(
            name=data["organisation_name"],
            user=user,
            given_name=data["given_name"],
            family_name=data["family_name"],
        )
