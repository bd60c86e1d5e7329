"""Forms of the scales' library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import VersionedForm
from feedback.models.built import BuiltSurvey
from feedback.models.scales import OwnScale

TURNED = "-"  # before an item that is scored the other way round
MOST_ITEMS, LONGEST = 40, 120


class ScaleForm(VersionedForm):
    """A scale of the organisation's own, with what its licence permits."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    question = forms.CharField(
        label=gettext_lazy("Question above the items"),
        help_text=gettext_lazy("Such as: How far is this true of you?"),
        max_length=200,
    )
    items = forms.CharField(
        label=gettext_lazy("Items"),
        help_text=gettext_lazy(
            "One a line. Begin an item with - where agreeing means less: it is scored the other "
            "way round."
        ),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    steps = forms.CharField(
        label=gettext_lazy("Answers"),
        help_text=gettext_lazy("2 to 7, one a line, from least to most."),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        help_text=gettext_lazy("Who wrote it, and where it is published."),
        max_length=300,
    )
    licence = forms.CharField(label=gettext_lazy("Licence"), max_length=200)
    use = forms.CharField(
        label=gettext_lazy("Permitted use"),
        help_text=gettext_lazy("Such as: in our own programs until June 2027."),
        max_length=300,
        required=False,
    )
    exportable = forms.BooleanField(
        label=gettext_lazy("The licence lets the items leave this platform"),
        help_text=gettext_lazy(
            "Without a tick here no file has the words of its items, results of surveys included."
        ),
        required=False,
    )

    def __init__(self, data: Any = None, *, scale: OwnScale | None = None) -> None:
        super().__init__(data, initial={} if scale is None else _stored(scale))

    def clean_items(self) -> str:
        text: str = self.cleaned_data["items"]
        items = _items(text)
        if not 2 <= len(items) <= MOST_ITEMS or not all(item["words"] for item in items):
            raise ValidationError(_("Write 2 to %(most)d items.") % {"most": MOST_ITEMS})
        return text

    def clean_steps(self) -> str:
        text: str = self.cleaned_data["steps"]
        steps = _lines(text)
        if not 2 <= len(steps) <= 7 or any(len(step) > 60 for step in steps):
            raise ValidationError(_("Write 2 to 7 answers of at most 60 characters, one a line."))
        return text

    @property
    def scale(self) -> dict[str, Any]:
        """What the operations take."""
        values = dict(self.cleaned_data)
        return {**values, "items": _items(values["items"]), "steps": _lines(values["steps"])}


def _items(text: str) -> list[dict[str, Any]]:
    return [
        {"words": line.removeprefix(TURNED).strip(), "reversed": line.startswith(TURNED)}
        for line in _lines(text)
    ]


def _stored(scale: OwnScale) -> dict[str, Any]:
    names = ("name", "question", "source", "licence", "use", "exportable")
    lines = [f"{TURNED if item['reversed'] else ''}{item['words']}" for item in scale.items]
    return {
        **{name: getattr(scale, name) for name in names},
        "items": "\n".join(lines),
        "steps": "\n".join(scale.steps),
    }


def _lines(text: str) -> list[str]:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    kept = list(dict.fromkeys(line for line in lines if line))
    if any(len(line) > LONGEST for line in kept):
        raise ValidationError(_("At most %(n)d characters a line.") % {"n": LONGEST})
    return kept


class IntoSurveyForm(forms.Form):
    """Into which survey the items of a scale are put."""

    survey = forms.ChoiceField(label=gettext_lazy("Survey"))

    def __init__(self, data: Any = None, *, surveys: Sequence[BuiltSurvey]) -> None:
        super().__init__(data)
        self._surveys = {str(row.pk): row for row in surveys}
        survey = self.fields["survey"]
        assert isinstance(survey, forms.ChoiceField)
        survey.choices = [
            (key, f"{row.title} ({row.program.name})") for key, row in self._surveys.items()
        ]

    def clean_survey(self) -> BuiltSurvey:
        return self._surveys[self.cleaned_data["survey"]]
