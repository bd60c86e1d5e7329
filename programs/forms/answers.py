"""A form field for each kind of question: it yields the value that the kind asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.dates import WEEKDAYS
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.tenancy.days import weekdays
from core.ui.forms import Taps
from programs.importing.values import Slot, merge_slots
from programs.models.parts import AnswerValue, Question
from programs.operations.answers import DAY_MINUTES, LONG_TEXT, MAX_ITEMS, NUMBER_LIMIT, SHORT_TEXT
from programs.queries.words import clock_words, option_names

LEVELS: tuple[tuple[int, Any], ...] = (
    (1, gettext_lazy("1, first steps")),
    (2, gettext_lazy("2, with help")),
    (3, gettext_lazy("3, on my own")),
    (4, gettext_lazy("4, with ease")),
    (5, gettext_lazy("5, I help others")),
)
LEAST_ROWS = 3
FREE_ROWS = 2
FEW = 6


class _Rows(forms.MultiWidget):
    """Several controls that make one answer, drawn by a template of ours and read by name.

    A MultiWidget without parts, so that a form lays it out as a group with a legend.
    """

    template_name = ""

    def __init__(self) -> None:
        super().__init__(widgets=[])

    @property
    def is_hidden(self) -> bool:
        """Without parts of its own a MultiWidget takes itself for hidden."""
        return False

    def id_for_label(self, id_: str, index: str = "0") -> str:
        """Return the first control's id: where the summary of errors leads."""
        return f"{id_}_{index}"

    def decompress(self, value: Any) -> list[Any]:
        return []

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        base = {"name": name, "id": (attrs or {}).get("id", f"id_{name}")}
        return SafeString(render_to_string(self.template_name, base | self.drawing(name, value)))

    def drawing(self, name: str, value: Any) -> dict[str, object]:
        raise NotImplementedError


class _SkillsWidget(_Rows):
    """One row for each skill, with a level to choose or none."""

    template_name = "programs/widgets/skills.html"

    def __init__(self, skills: Mapping[str, str]) -> None:
        super().__init__()
        self.skills = dict(skills)

    def drawing(self, name: str, value: Any) -> dict[str, object]:
        levels = value if isinstance(value, dict) else {}
        return {
            "levels": [(str(level), words) for level, words in LEVELS],
            "rows": [
                (f"{name}__{key}", words, str(levels.get(key, "")))
                for key, words in self.skills.items()
            ],
        }

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        read = {key: data.get(f"{name}__{key}", "") for key in self.skills}
        return {key: level for key, level in read.items() if level}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class _SkillsField(forms.Field):
    """Skills with a level from 1 to 5: {"facilitation": 4}."""

    def __init__(self, *, skills: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(widget=_SkillsWidget(skills), **kwargs)

    def to_python(self, value: Any) -> dict[str, int]:
        levels: dict[str, int] = {}
        for key, level in (value or {}).items():
            if str(level) not in {"1", "2", "3", "4", "5"}:
                raise ValidationError(_("Choose a level from 1 to 5."), code="level")
            levels[key] = int(level)
        return levels


class _AvailabilityWidget(_Rows):
    """Rows of weekday, from and to; there are always two more than are filled."""

    template_name = "programs/widgets/availability.html"

    def drawing(self, name: str, value: Any) -> dict[str, object]:
        rows = []
        for row in value or []:
            day, start, end = row
            start = clock_words(start) if isinstance(start, int) else start
            end = clock_words(end) if isinstance(end, int) else end
            rows.append((str(day), start, "23:59" if end == "24:00" else end))
        wanted = min(max(LEAST_ROWS, len(rows) + FREE_ROWS), MAX_ITEMS)
        rows += [("", "", "")] * (wanted - len(rows))
        days = [(str(day), WEEKDAYS[day]) for day in weekdays()]
        return {"days": days, "rows": rows}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        def column(part: str) -> list[str]:
            if hasattr(data, "getlist"):
                values: list[str] = data.getlist(f"{name}__{part}")
                return values
            return list(data.get(f"{name}__{part}", []))

        rows = zip(column("day"), column("from"), column("to"), strict=False)
        return [list(row) for row in rows if any(row)]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class _AvailabilityField(forms.Field):
    """Free times of a week: [[weekday, start minute, end minute]], joined where they touch."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=_AvailabilityWidget(), **kwargs)

    def to_python(self, value: Any) -> list[list[int]]:
        slots = [_slot(row) for row in value or []]
        if len(slots) > MAX_ITEMS:
            raise ValidationError(_("These are too many times."), code="many")
        return [[slot.weekday, slot.start_minute, slot.end_minute] for slot in merge_slots(slots)]


def _slot(row: Sequence[Any]) -> Slot:
    day, start, end = row
    if str(day) not in {"0", "1", "2", "3", "4", "5", "6"}:
        raise ValidationError(_("Choose a day for each time."), code="day")
    begins, ends = _minute(start), _minute(end)
    if ends == DAY_MINUTES - 1:  # a clock of the browser cannot say 24:00
        ends = DAY_MINUTES
    if begins >= ends:
        raise ValidationError(_("A time has to end after it begins."), code="order")
    return Slot(int(day), begins, ends)


def _minute(text: Any) -> int:
    hour, colon, minute = str(text).partition(":")
    whole = colon and hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()
    if not whole or int(hour[:3]) > 23 or int(minute[:3]) > 59:
        raise ValidationError(_("Write a time as 09:30."), code="time")
    return int(hour) * 60 + int(minute)


def _number(**common: Any) -> forms.Field:
    return forms.IntegerField(min_value=-NUMBER_LIMIT, max_value=NUMBER_LIMIT, **common)


def _scale(**common: Any) -> forms.Field:
    steps = [(str(step), str(step)) for step in range(1, 6)]
    return forms.TypedChoiceField(
        choices=steps, coerce=int, empty_value=None, widget=Taps(steps=True), **common
    )


def _choice(options: list[tuple[str, str]], **common: Any) -> forms.Field:
    if len(options) <= FEW:
        return forms.ChoiceField(choices=options, widget=forms.RadioSelect, **common)
    return forms.ChoiceField(choices=[("", _("Choose one")), *options], **common)


def field_for(question: Question, answer: AnswerValue | None = None) -> forms.Field:
    """Return the form field of a question; `answer` is the present one.

    What was answered in words that are no option (an import brings them) can be kept.
    Whether an answer is required depends on the part, so that JoinForm sees to it.
    """
    common: dict[str, Any] = {
        "label": question.label,
        "help_text": question.help,
        "required": False,
    }
    options = option_names(question)
    kind = Question.Kind(question.kind)
    if kind in {Question.Kind.SKILLS, Question.Kind.CHOICES} and isinstance(answer, dict | list):
        options |= {str(key): str(key) for key in answer if key not in options}
    match kind:
        case Question.Kind.SKILLS:
            return _SkillsField(skills=options, **common)
        case Question.Kind.CHOICE:
            return _choice(list(options.items()), **common)
        case Question.Kind.CHOICES:
            return forms.MultipleChoiceField(
                choices=list(options.items()), widget=forms.CheckboxSelectMultiple, **common
            )
        case Question.Kind.SCALE:
            return _scale(**common)
        case Question.Kind.NUMBER:
            return _number(**common)
        case Question.Kind.SHORT_TEXT:
            return forms.CharField(max_length=SHORT_TEXT, **common)
        case Question.Kind.LONG_TEXT:
            area = forms.Textarea(attrs={"rows": 4, "data-draft": question.key})
            return forms.CharField(max_length=LONG_TEXT, widget=area, **common)
        case Question.Kind.AVAILABILITY:
            return _AvailabilityField(**common)
