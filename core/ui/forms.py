"""Forms look right without being told: the renderer, and the few widgets of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.renderers import DjangoTemplates
from django.template.loader import get_template
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.common.video import https_link

Row = TypeVar("Row", bound=Model)


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

    def __init__(self, *, faces: bool = False, steps: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.faces = faces
        self.steps = steps


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        # A date field of the browser reads and writes ISO 8601 only.
        super().__init__(format="%Y-%m-%d", **kwargs)


class _DateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", **kwargs)


class SplitDateTime(forms.SplitDateTimeWidget):
    """A day and a time side by side, each with a name of its own for a screen reader."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            date_format="%Y-%m-%d",
            time_format="%H:%M",
            date_attrs={"type": "date", "aria-label": cast(str, _("Day"))},
            time_attrs={"type": "time", "aria-label": cast(str, _("Time"))},
            **kwargs,
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
    in_parts = isinstance(field.field.widget, forms.MultiWidget)
    if in_parts or kind(field) in {"taps", "radios", "checkboxes"}:
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


FAR = timedelta(days=1100)  # a typing mistake, not a plan


def _in_reach(value: datetime) -> None:
    if abs(value - clock.now()) > FAR:
        raise ValidationError(_("Choose a day within three years of today."))


class Moment(forms.DateTimeField):
    """A day and a time in the reader's zone, which the help names."""

    widget = _DateTimeInput
    default_validators = [_in_reach]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.help_text = self.help_text or gettext_lazy("In your time zone.")


class VideoField(forms.CharField):
    """A link into a video room: of the organisation's kind, or anybody's own."""

    default_validators = [https_link]
    widget = forms.URLInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Video link"))
        kwargs.setdefault(
            "help_text", gettext_lazy("A room of your own is fine too, with https:// in front.")
        )
        super().__init__(max_length=300, required=False, **kwargs)


def zone_help(field: forms.Field) -> None:
    zone = timezone.get_current_timezone_name()
    field.help_text = _("In your time zone, %(zone)s.") % {"zone": zone}


def wall(instant: datetime) -> datetime:
    return timezone.localtime(instant)


class WordForm(forms.Form):
    word = forms.CharField(label=gettext_lazy("Why, in a word"), max_length=200)


def offer_rows(
    form: forms.Form,
    name: str,
    rows: Iterable[Row],
    label: Callable[[Row], str],
    *more: tuple[str, str],
) -> None:
    """Let a TypedChoiceField offer rows: its cleaned value is the row, None for one of `more`."""
    field = form.fields[name]
    assert isinstance(field, forms.TypedChoiceField)
    by_key = {str(row.pk): row for row in rows}
    field.choices = [*((key, label(row)) for key, row in by_key.items()), *more]
    field.coerce = by_key.get
