"""Enrolling: part, capacity, the program's questions, expectations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.common.zones import zone_words
from programs.forms.answers import field_for
from programs.models.parts import AnswerValue, Question
from programs.models.programs import Cohort, Enrolment
from programs.operations.answers import is_asked, is_empty
from programs.operations.enrolments import MAX_CAPACITY, parts_of
from programs.queries.words import option_names


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


class ChoosePartForm(forms.Form):
    """What somebody wants to be, before they are asked what that part is asked."""

    part = forms.ChoiceField(label=gettext_lazy("I take part as"), widget=forms.RadioSelect)

    def __init__(self, *, cohort: Cohort, part: str = "") -> None:
        super().__init__(initial={"part": part})
        field = self.fields["part"]
        assert isinstance(field, forms.ChoiceField)
        names = [(part, Enrolment.Part(part).label) for part in parts_of(cohort.program)]
        field.choices = names


class JoinForm(forms.Form):
    """Built from the questions that one part is asked; `answers()` is what apply() wants."""

    part = forms.ChoiceField(label=gettext_lazy("I take part as"), widget=forms.HiddenInput)
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
        part: str,
        zone: str,
        questions: Sequence[Question],
        enrolment: Enrolment | None = None,
        saved: Mapping[str, AnswerValue],
        shown: Mapping[str, bool],
        compared: Sequence[Question] = (),
    ) -> None:
        initial: dict[str, object] = {f"q_{key}": value for key, value in saved.items()}
        initial |= {"part": part, "capacity": enrolment.capacity if enrolment else 1}
        super().__init__(data, initial=initial)
        asked = [question for question in questions if is_asked(question, part)]
        known = {question.key: question for question in asked} | {"": None}
        # what follows from a question that this part is not asked is not asked either
        self.questions = [question for question in asked if question.follows in known]
        names = [(name, Enrolment.Part(name).label) for name in parts_of(cohort.program)]
        field = self.fields["part"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = names
        if part not in {Enrolment.Part.MENTOR, Enrolment.Part.BOTH}:
            del self.fields["capacity"]
        for question in self.questions:
            field = field_for(question, saved.get(question.key))
            if question.kind == Question.Kind.AVAILABILITY:
                in_zone = _("In your own time zone: %(zone)s.") % {"zone": zone_words(zone)}
                field.help_text = f"{in_zone} {question.help}".strip()
            if earlier := known[question.follows]:
                wanted = question.only_if.partition("=")[2]
                only = _("Only if you chose “%(answer)s” at “%(question)s”.") % {
                    "answer": option_names(earlier).get(wanted, wanted),
                    "question": earlier.label,
                }
                field.help_text = f"{only} {field.help_text}".strip()
                field.widget.attrs |= {"data-only-if": f"q_{earlier.key}", "data-answer": wanted}
            self.fields[f"q_{question.key}"] = field
            if question in compared:
                self.fields[f"show_{question.key}"] = shown_field(question, shown)
        # who is in accepts them with a button of its own; another part may expect more
        stays = enrolment is not None and enrolment.part == part
        if cohort.program.expectations_for(part) and not stays:
            self.fields["expectations"] = forms.BooleanField(
                label=_("I accept these expectations"),
                error_messages={"required": _("Accept the expectations to take part.")},
            )

    def clean(self) -> None:
        super().clean()
        for question in self.questions:
            name = f"q_{question.key}"
            missing = name not in self.errors and is_empty(self.cleaned_data.get(name))
            if question.required and missing and question.applies(self.answers()):
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
