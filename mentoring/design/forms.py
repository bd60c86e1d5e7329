"""Forms look right without being told: the renderer, and the few widgets of our own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.template.loader import get_template
from django.utils.translation import gettext_lazy as _


class Renderer(DjangoTemplates):
    """Forms and fields come from our components, single widgets from Django."""

    form_template_name = "design/form.html"
    field_template_name = "design/field.html"

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("design/"):
            return get_template(template_name)
        return super().get_template(template_name)


class Taps(forms.RadioSelect):
    """A row of large buttons of which one can be chosen; for up to five short answers.

    `faces` draws a mouth over each answer, from sad to glad; `steps` draws rising bars.
    """

    def __init__(
        self, *, faces: bool = False, steps: bool = False, attrs: dict[str, Any] | None = None
    ) -> None:
        super().__init__(attrs=attrs)
        self.faces = faces
        self.steps = steps


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        # A date field of the browser reads and writes ISO 8601 only.
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%H:%M")


class DateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")


class SplitDateTime(forms.SplitDateTimeWidget):
    """A day and a time side by side, each with a name of its own for a screen reader."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        day: dict[str, Any] = {"type": "date", "aria-label": _("Day")}
        time: dict[str, Any] = {"type": "time", "aria-label": _("Time")}
        super().__init__(
            attrs=attrs,
            date_format="%Y-%m-%d",
            time_format="%H:%M",
            date_attrs=day,
            time_attrs=time,
        )


class RangeInput(forms.NumberInput):
    """A weight from `min` to `max`; the field prints the number beside its label."""

    input_type = "range"


def kind(field: forms.BoundField) -> str:
    """Return how a field is to be laid out.

    One of hidden, taps, radios, checkboxes, check, range, split, file or plain.
    """
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, Taps):
        return "taps"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radios"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.FileInput):
        return "file"
    if isinstance(widget, forms.MultiWidget | forms.SelectDateWidget):
        return "split"
    return "range" if getattr(widget, "input_type", "") == "range" else "plain"


def first_id(field: forms.BoundField) -> str:
    """Return the id of the first control of a field, for a link that should focus it."""
    in_parts = isinstance(field.field.widget, forms.MultiWidget)
    if in_parts or kind(field) in {"taps", "radios", "checkboxes"}:
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id
