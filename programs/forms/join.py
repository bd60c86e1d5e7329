"""Enrolling: part, capacity, the program's questions, expectations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.forms.answers import field_for
from programs.models.parts import AnswerValue, Question
from programs.models.programs import Cohort, Enrolment
from programs.operations.answers import is_asked, is_empty
from programs.operations.enrolments import MAX_CAPACITY, parts_of


def shown_field(question: Question, shown: Mapping[str, bool], label: str = "") -> forms.Field:
    """Return the choice whether partners may read this answer as a reason."""
    return forms.BooleanField(
        label=label or _("My partners may read this as a reason why we were matched"),
        help_text=""
        if label
        else _("If not, it still counts, and they read only what was compared."),
        required=False,
        initial=shown.get(question.key, question.shown_unless_said),
    )


class SharingForm(forms.Form):
    """Which of one's answers partners may read; to be changed at any time."""

    def __init__(
        self, data: Any = None, *, questions: Sequence[Question], shown: Mapping[str, bool]
    ) -> None:
        super().__init__(data)
        self.questions = questions
        for question in questions:
            self.fields[f"show_{question.key}"] = shown_field(question, shown, question.label)

    def shown(self) -> dict[str, bool]:
        return {
            question.key: self.cleaned_data[f"show_{question.key}"] for question in self.questions
        }


class JoinForm(forms.Form):
    """Built from the questions of a cohort's program; `answers()` is what apply() wants."""

    part = forms.ChoiceField(label=gettext_lazy("I take part as"), widget=forms.RadioSelect)
    capacity = forms.IntegerField(
        label=gettext_lazy("How many people can you take on?"),
        help_text=gettext_lazy("As a mentor. Most take on one or two."),
        min_value=0,
        max_value=MAX_CAPACITY,
        required=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        cohort: Cohort,
        questions: list[Question],
        enrolment: Enrolment | None = None,
        saved: Mapping[str, AnswerValue],
        shown: Mapping[str, bool],
        compared: Sequence[Question] = (),
    ) -> None:
        initial: dict[str, object] = {f"q_{key}": value for key, value in saved.items()}
        if enrolment:
            initial |= {"part": enrolment.part, "capacity": enrolment.capacity}
        super().__init__(data, initial=initial)
        self.questions = questions
        names = {part: Enrolment.Part(part).label for part in parts_of(cohort.program)}
        part = self.fields["part"]
        assert isinstance(part, forms.ChoiceField)
        part.choices = list(names.items())
        if len(names) == 1:
            part.widget = forms.HiddenInput()
            self.initial.setdefault("part", next(iter(names)))
            del self.fields["capacity"]
        else:
            self.initial.setdefault("capacity", 1)
        for question in questions:
            self.fields[f"q_{question.key}"] = self._field(
                question, saved.get(question.key), several=len(names) > 1
            )
            if question in compared:
                self.fields[f"show_{question.key}"] = shown_field(question, shown)
        if cohort.program.expectations and not (enrolment and enrolment.expectations_accepted_at):
            self.fields["expectations"] = forms.BooleanField(
                label=_("I accept these expectations"),
                error_messages={"required": _("Accept the expectations to take part.")},
            )

    def _field(
        self, question: Question, answer: AnswerValue | None, *, several: bool
    ) -> forms.Field:
        field = field_for(question, answer)
        if several and question.asked_of != Question.AskedOf.EVERYONE:
            whom = (
                _("For mentors.")
                if question.asked_of == Question.AskedOf.OFFERERS
                else _("For mentees.")
            )
            field.help_text = f"{whom} {question.help}".strip()
        return field

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        part = cleaned.get("part")
        for question in self.questions:
            name = f"q_{question.key}"
            if not part or not is_asked(question, part):
                # what that part is not asked cannot be wrong either
                if part:
                    self.errors.pop(name, None)
                continue
            if question.required and name not in self.errors and is_empty(cleaned.get(name)):
                self.add_error(name, _("This has to be answered."))

    @property
    def capacity_given(self) -> int:
        """Return for how many partners there is room; one where nothing was said."""
        capacity = self.cleaned_data.get("capacity")
        return 1 if capacity is None else int(capacity)

    def answers(self) -> dict[str, AnswerValue | None]:
        return {
            question.key: self.cleaned_data.get(f"q_{question.key}") for question in self.questions
        }

    def shown(self) -> dict[str, bool]:
        names = {f"show_{question.key}": question.key for question in self.questions}
        return {key: self.cleaned_data[name] for name, key in names.items() if name in self.fields}
