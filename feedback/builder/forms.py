"""The forms of the builder: the frame of a survey, and one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import VersionedForm
from feedback.builder.moments import DAY, FIXED, MOST_DAYS, MOST_SESSIONS, SESSION, session_of
from feedback.models.built import BuiltSurvey

KINDS = (
    ("scale", gettext_lazy("A scale in words")),
    ("choice", gettext_lazy("One of several answers")),
    ("choices", gettext_lazy("Several answers at once")),
    ("matrix", gettext_lazy("Several lines, each on the same scale")),
    ("text", gettext_lazy("An answer in words")),
)
# how many lines the answers of each kind have
SIZES = {"scale": (2, 7), "choice": (2, 12), "choices": (2, 12), "matrix": (2, 7), "text": (0, 0)}
MOST_ROWS, LONGEST = 10, 120


def _numbers(text: str, most: int) -> list[int]:
    """Read numbers that are separated by commas or spaces, each once, in order."""
    words = text.replace(",", " ").split()
    if not all(word.isdigit() and len(word) <= 4 and 1 <= int(word) <= most for word in words):
        raise ValidationError(
            _("Write numbers from 1 to %(most)d, with commas between them.") % {"most": most}
        )
    return sorted({int(word) for word in words})


class FrameForm(VersionedForm):
    """What a survey is called, when it is asked, and how."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=80)
    intro = forms.CharField(
        label=gettext_lazy("What it is for"),
        help_text=gettext_lazy("People read this above the questions and in the e-mail."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    moments = forms.MultipleChoiceField(
        label=gettext_lazy("When it is asked"),
        choices=FIXED,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sessions = forms.CharField(
        label=gettext_lazy("After which sessions"),
        help_text=gettext_lazy("Their numbers, such as 1, 3. Those who came are asked."),
        max_length=60,
        required=False,
    )
    days = forms.CharField(
        label=gettext_lazy("On which days"),
        help_text=gettext_lazy(
            "How many days after the start, such as 30, 60. In a rolling cohort the days count "
            "from when each person started."
        ),
        max_length=60,
        required=False,
    )
    mandatory = forms.BooleanField(
        label=gettext_lazy("Everybody is expected to answer"),
        help_text=gettext_lazy(
            "It can be answered for four weeks instead of two, with a reminder after one, two and "
            "three weeks. Nothing is locked for who does not answer."
        ),
        required=False,
    )
    anonymous = forms.BooleanField(
        label=gettext_lazy("Anonymous"),
        help_text=gettext_lazy(
            "Nobody can tell whose an answer is. Results are shown once it is closed, from 5 "
            "answers on. Rolling cohorts are not asked: there is no day on which it closes for all."
        ),
        required=False,
    )

    def __init__(self, data: Any = None, *, survey: BuiltSurvey | None = None) -> None:
        super().__init__(data, initial={} if survey is None else _stored(survey))

    def clean_sessions(self) -> str:
        return ", ".join(map(str, _numbers(self.cleaned_data["sessions"], MOST_SESSIONS)))

    def clean_days(self) -> str:
        return ", ".join(map(str, _numbers(self.cleaned_data["days"], MOST_DAYS)))

    @property
    def frame(self) -> dict[str, Any]:
        """What the operations take."""
        values = dict(self.cleaned_data)
        sessions = _numbers(values.pop("sessions"), MOST_SESSIONS)
        days = _numbers(values.pop("days"), MOST_DAYS)
        codes = [*(f"{SESSION}{n}" for n in sessions), *(f"{DAY}{n}" for n in days)]
        return {**values, "moments": [*values["moments"], *codes]}


def _stored(survey: BuiltSurvey) -> dict[str, Any]:
    fixed = dict(FIXED)
    numbered = [code for code in survey.moments if code not in fixed]
    return {
        "title": survey.title,
        "intro": survey.intro,
        "moments": [code for code in survey.moments if code in fixed],
        "sessions": ", ".join(code[1:] for code in numbered if session_of(code)),
        "days": ", ".join(code[1:] for code in numbered if not session_of(code)),
        "mandatory": survey.mandatory,
        "anonymous": survey.anonymous,
    }


class QuestionForm(VersionedForm):
    """One question; what its kind does not need is left out."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of answer"), choices=KINDS)
    question = forms.CharField(label=gettext_lazy("Question"), max_length=300)
    choices = forms.CharField(
        label=gettext_lazy("Answers"),
        help_text=gettext_lazy(
            "One a line: 2 to 7 steps of a scale, from least to most; up to 12 answers to choose "
            "from. Nothing for an answer in words."
        ),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    rows = forms.CharField(
        label=gettext_lazy("Lines"),
        help_text=gettext_lazy("One a line, up to 10, where several lines share one scale."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    required = forms.BooleanField(label=gettext_lazy("It must be answered"), required=False)
    only_if = forms.ChoiceField(
        label=gettext_lazy("Ask it"),
        required=False,
        help_text=gettext_lazy("Always, or only after one answer to an earlier question."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        items: Sequence[Mapping[str, Any]],
        item: Mapping[str, Any] | None = None,
    ) -> None:
        initial: dict[str, Any] = {"kind": "scale", "required": True}
        if item is not None:
            lines = {name: "\n".join(item[name]) for name in ("choices", "rows")}
            initial = {**item, **lines}
        super().__init__(data, initial=initial)
        before = items[: items.index(item)] if item is not None else items
        only_if = self.fields["only_if"]
        assert isinstance(only_if, forms.ChoiceField)
        only_if.choices = [("", _("always")), *_answers_before(before)]

    def clean_choices(self) -> list[str]:
        return _lines(self.cleaned_data["choices"])

    def clean_rows(self) -> list[str]:
        return _lines(self.cleaned_data["rows"])

    def clean(self) -> None:
        super().clean()
        kind = self.cleaned_data.get("kind")
        if kind is None or self.errors:
            return
        least, most = SIZES[kind]
        choices, rows = self._as_lines("choices"), self._as_lines("rows")
        if most and not least <= len(choices) <= most:
            self.add_error(
                "choices",
                _("Write %(least)d to %(most)d answers, one a line.")
                % {"least": least, "most": most},
            )
        if kind == "matrix" and not 1 <= len(rows) <= MOST_ROWS:
            self.add_error("rows", _("Write 1 to %(most)d lines.") % {"most": MOST_ROWS})
        self.cleaned_data["choices"] = choices if most else []
        self.cleaned_data["rows"] = rows if kind == "matrix" else []

    def _as_lines(self, name: str) -> list[str]:
        """Return lines as cleaned, or as stored where what somebody else changed was taken over."""
        value = self.cleaned_data[name]
        return value.splitlines() if isinstance(value, str) else value


def _answers_before(items: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [
        (
            f"{item['key']}={number}",
            _("only after “%(answer)s” to “%(question)s”")
            % {"answer": answer, "question": item["question"]},
        )
        for item in items
        if item["kind"] in {"scale", "choice"}
        for number, answer in enumerate(item["choices"], start=1)
    ]


def _lines(text: str) -> list[str]:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    kept = list(dict.fromkeys(line for line in lines if line))
    if any(len(line) > LONGEST for line in kept):
        raise ValidationError(_("At most %(n)d characters a line.") % {"n": LONGEST})
    return kept


class AskingForm(forms.Form):
    """One button: begin to ask, or stop."""

    asking = forms.BooleanField(required=False, widget=forms.HiddenInput)


class PlacesForm(forms.Form):
    """Up or down, by one button or as far as it was dragged."""

    places = forms.IntegerField(min_value=-60, max_value=60)


class CopyForm(forms.Form):
    """Which of the rows that may be copied."""

    survey = forms.UUIDField()
    item = forms.CharField(max_length=8, required=False)
