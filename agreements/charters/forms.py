"""What people write into a charter, and how they sign it or object."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy


class SectionForm(forms.Form):
    """One section; `version` says which text was open, so that nobody writes over another."""

    text = forms.CharField(
        label=gettext_lazy("What we agree on"),
        max_length=4000,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class NewSectionForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title of the section"), max_length=120)


class SignForm(forms.Form):
    """Which text was read."""

    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class ObjectForm(SignForm):
    """Why one cannot sign."""

    reason = forms.CharField(
        label=gettext_lazy("What keeps you from signing?"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
