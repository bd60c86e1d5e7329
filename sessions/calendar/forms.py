"""What people may type on the page of their calendar."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.common.fetch import is_address


class BusyForm(forms.Form):
    """The address of a calendar of one's own; webcal:// is what programs call https://."""

    address = forms.CharField(
        label=gettext_lazy("Address of your calendar"),
        max_length=2000,
        widget=forms.URLInput,
        help_text=gettext_lazy(
            "It begins with https:// or webcal:// and usually ends with .ics. Nobody else sees it."
        ),
    )

    def clean_address(self) -> str:
        typed = str(self.cleaned_data["address"]).strip()
        address = re.sub(r"^webcals?://", "https://", typed, flags=re.IGNORECASE)
        if not is_address(address):
            raise ValidationError(_("Give an address that begins with https:// or webcal://."))
        return address
