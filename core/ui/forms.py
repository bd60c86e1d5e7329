"""Forms look right without being told: the renderer, and the few widgets of our own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol, TypeAlias, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.renderers import DjangoTemplates
from django.http import QueryDict
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.common.lists import LONGEST_SEARCH, ListFilter
from core.common.video import https_link
from core.common.zones import zone_words

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


def digest(value: object) -> str:
    """Return eight letters that tell one plain value from another; no secret."""
    return sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:8]


class VersionedForm(forms.Form):
    """A form over what is stored and what somebody else may be changing at the same time.

    It remembers what each field held when it was filled in.  What the others changed meanwhile
    and I did not is taken over; where both changed one field, I am told what it holds now, mine
    stays in the form, and saving again is a decision.  Wants `initial` to be what is stored.
    """

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # last, since the fields of some forms are made by their __init__
        self.fields["version"].initial = self.stored_version

    def stored_version(self) -> str:
        """Return what every field holds as it is stored now, a digest each."""
        fields = [(name, field) for name, field in self.fields.items() if name != "version"]
        return json.dumps(
            {
                name: self._digest(name, self.get_initial_for_field(field, name))
                for name, field in fields
            }
        )

    def _digest(self, name: str, value: object) -> str:
        text = str(self.fields[name].prepare_value(value) or "")  # False, None and "" are one
        return digest(text.split())  # a browser sends other line ends than are stored

    def clean(self) -> None:
        super().clean()
        then = _read_version(self.cleaned_data.pop("version", ""))
        told = dict(then)
        for name, now in json.loads(self.stored_version()).items():
            if name not in self.cleaned_data or then.get(name, now) == now:
                continue
            stored = self.get_initial_for_field(self.fields[name], name)
            mine = self._digest(name, self.cleaned_data[name])
            if mine == then[name]:
                self.cleaned_data[name] = stored
            elif mine != now:
                told[name] = now
                self.add_error(name, _somebody_changed(stored))
        if told != then:
            self.data = resent(self.data, json.dumps(told))


def resent(data: Mapping[str, Any], version: str) -> QueryDict:
    """Return what was sent, with another version."""
    copy = cast(QueryDict, data).copy()  # what a request holds
    copy["version"] = version
    return copy


def _read_version(text: str) -> Mapping[str, str]:
    try:
        version = json.loads(text or "{}")
    except ValueError:
        return {}
    return version if isinstance(version, dict) else {}


def _somebody_changed(stored: object) -> str:
    return _(
        "Somebody changed this meanwhile to “%(now)s”. Yours is still here: save again to keep it."
    ) % {"now": str(stored)[:200]}


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

    def to_python(self, value: str | datetime | date | None) -> datetime | None:
        """Return it in the reader's zone: a text may name one of its own, and any."""
        moment = super().to_python(value)
        try:
            return None if moment is None else timezone.localtime(moment)
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


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
    field.help_text = _("In your time zone, %(zone)s.") % {"zone": zone_words()}


def wall(instant: datetime) -> datetime:
    return timezone.localtime(instant)


class FilterForm(forms.Form):
    """What narrows a list, by GET: words, and for each of `choices` one of the values there are.

    `kept` is what else the address says; it stays.
    """

    q = forms.CharField(
        label=gettext_lazy("Search"),
        max_length=LONGEST_SEARCH,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    def __init__(
        self,
        wanted: ListFilter,
        choices: Mapping[str, tuple[Any, Sequence[tuple[str, Any]]]] | None = None,
        *,
        placeholder: Any = "",
    ) -> None:
        super().__init__(initial=wanted.parts)
        self.fields["q"].widget.attrs["placeholder"] = placeholder
        for name, (label, values) in (choices or {}).items():
            offered = list(values)
            chosen = self.initial.get(name, "")
            if chosen and chosen not in dict(offered):
                offered.insert(0, (chosen, chosen))
            if offered:
                self.fields[name] = forms.ChoiceField(
                    label=label, choices=[("", _("Any")), *offered], required=False
                )
        self.kept = {name: value for name, value in wanted.parts.items() if name not in self.fields}
        self.narrow = wanted.is_narrow


class WordForm(forms.Form):
    word = forms.CharField(label=gettext_lazy("Why, briefly"), max_length=200)


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


MOST_NAMED = 20
Person: TypeAlias = tuple[str, str]  # an id, and what to call whom it is


class People(Protocol):
    """Whom a form may name: however many they are, a page shows twenty of them at most."""

    def find(self, words: str, most: int) -> Sequence[Person]:
        """Return up to so many whose name holds all of these words."""
        ...

    def name_of(self, person_id: str) -> str:
        """Return the name of one of them; "" for anybody else."""
        ...


@dataclass(frozen=True)
class ListedPeople:
    """People of a list that is at hand anyway, such as a run's snapshot."""

    rows: Sequence[Person]

    def find(self, words: str, most: int) -> Sequence[Person]:
        return [row for row in self.rows if _holds(row[1], words)][:most]

    def name_of(self, person_id: str) -> str:
        return dict(self.rows).get(person_id, "")


def _holds(name: str, words: str) -> bool:
    name = name.casefold()
    return all(word in name for word in words.casefold().split())


class _PersonInput(forms.TextInput):
    """A name is typed; where several have it, it is sent once more with the one who is meant."""

    input_type = "search"

    def __init__(self, people: People) -> None:
        super().__init__(attrs={"maxlength": LONGEST_SEARCH, "autocomplete": "off"})
        self.people = people
        self.options: Sequence[Person] = ()

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        sent = data.getlist(name) if hasattr(data, "getlist") else [data.get(name) or ""]
        typed, *chosen = sent or [""]
        # a choice of before does not stand against another name that is typed now
        if chosen and _holds(self.people.name_of(chosen[-1]), typed):
            return str(chosen[-1])
        return str(typed)

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        known = self.people.name_of(str(value or ""))
        field = super().render(name, known or value, dict(attrs or {}), renderer)
        if known:
            return format_html('{}<input type="hidden" name="{}" value="{}">', field, name, value)
        if not self.options:
            return field
        choices = format_html_join(
            "",
            '<label class="check"><input type="radio" name="{}" value="{}"><span>{}</span></label>',
            ((name, person_id, words) for person_id, words in self.options),
        )
        group = '{}<div role="radiogroup" aria-label="{}">{}</div>'
        return format_html(group, field, _("Who is meant"), choices)


class PersonField(forms.CharField):
    """Somebody by a part of their name; becomes the id.  An id may be sent too, as links do."""

    def __init__(self, *, people: People, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_SEARCH, widget=_PersonInput(people), **kwargs)
        self.people = people

    def clean(self, value: Any) -> str:
        words = str(super().clean(value))
        if not words or self.people.name_of(words):
            return words
        rows = self.people.find(words, MOST_NAMED + 1)
        same = [row for row in rows if row[1].casefold() == words.casefold()]
        if len(rows) == 1 or len(same) == 1:
            return (same or rows)[0][0]
        if not rows:
            raise ValidationError(_("Nobody here has this name."))
        assert isinstance(self.widget, _PersonInput)
        self.widget.options = rows[:MOST_NAMED]
        raise ValidationError(
            _("Several people have it: choose one.")
            if len(rows) <= MOST_NAMED
            else _("Many people have it: choose one, or type more of the name.")
        )
