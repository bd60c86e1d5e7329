"""The form by which somebody gives a testimonial, with their consent to where it is shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.models.testimonials import Testimonial


class TestimonialForm(forms.Form):
    text = forms.CharField(
        label=_("What was it worth to you?"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Name nobody but yourself: the others have not been asked."),
    )
    places = forms.MultipleChoiceField(
        label=_("Where may it be shown?"),
        choices=Testimonial.Place.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nowhere else, and only if a coordinator picks it."),
    )
    signed = forms.ChoiceField(
        label=_("Under which name?"),
        choices=Testimonial.Signed.choices,
        widget=forms.RadioSelect,
        help_text=_("Coordinators always see whose it is."),
    )

    def __init__(self, *args: Any, before: Testimonial | None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"signed": Testimonial.Signed.FIRST}
        if before:
            initial = {"text": before.text, "places": before.places, "signed": before.signed}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
