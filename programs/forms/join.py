"""Enrolling: part, capacity, the program's questions, expectations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.forms.answers import field_for
from programs.models import Cohort, Enrolment, Question
from programs.operations.answers import is_asked, is_empty
from programs.operations.enrolments import MAX_CAPACITY, parts_of


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
        said: dict[str, Any] | None = None,
    ) -> None:
        said = said or {}
        initial = {f"q_{key}": value for key, value in said.items()}
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
            self.fields[f"q_{question.key}"] = self._field(question, said, several=len(names) > 1)
        if cohort.program.expectations and not (enrolment and enrolment.expectations_accepted_at):
            self.fields["expectations"] = forms.BooleanField(
                label=_("I accept these expectations"),
                error_messages={"required": _("Accept the expectations to take part.")},
            )

    def _field(self, question: Question, said: dict[str, Any], *, several: bool) -> forms.Field:
        field = field_for(question, said.get(question.key))
        if several and question.asked_of != Question.AskedOf.EVERYONE:
            whom = (
                _("For mentors.")
                if question.asked_of == Question.AskedOf.OFFERERS
                else _("For mentees.")
            )
            field.help_text = f"{whom} {question.help}".strip()
        return field

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
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
        return cleaned

    @property
    def capacity_given(self) -> int:
        """Return for how many partners there is room; one where nothing was said."""
        given = self.cleaned_data.get("capacity")
        return 1 if given is None else int(given)

    def answers(self) -> dict[str, Any]:
        """Return the answers by question key."""
        return {
            question.key: self.cleaned_data.get(f"q_{question.key}") for question in self.questions
        }
