"""The design of a program and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.models.parts import Competency, MeetingRole, Question, free_key
from programs.models.programs import CadenceUnit, Program
from programs.templates_catalog import TEMPLATES

MOST_OPTIONS = 60


class NewProgramForm(forms.Form):
    template = forms.ChoiceField(label=gettext_lazy("Template"), widget=forms.RadioSelect)
    name = forms.CharField(label=gettext_lazy("Name of the program"), max_length=120)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        template = self.fields["template"]
        assert isinstance(template, forms.ChoiceField)
        template.choices = [
            (key, f"{chosen.name}. {chosen.summary}") for key, chosen in TEMPLATES.items()
        ]


class DesignForm(forms.Form):
    """What the design itself says; its parts have forms of their own."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=Program.Format.choices)
    expectations = forms.CharField(
        label=gettext_lazy("Expectations"),
        help_text=gettext_lazy("One a line. Everybody accepts them before they enrol."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    cadence_every = forms.IntegerField(
        label=gettext_lazy("Sessions come every"), min_value=1, max_value=52
    )
    cadence_unit = forms.ChoiceField(
        label=gettext_lazy("counted in"), choices=CadenceUnit.choices, widget=forms.RadioSelect
    )
    session_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes of a session"), min_value=10, max_value=480
    )
    sessions_planned = forms.IntegerField(
        label=gettext_lazy("Sessions of a season"), min_value=1, max_value=60
    )
    sessions_agreed = forms.IntegerField(
        label=gettext_lazy("Least number of sessions"),
        help_text=gettext_lazy("With fewer, a partnership counts as ended, not as completed."),
        min_value=0,
        max_value=60,
    )
    check_in_weeks = forms.IntegerField(
        label=gettext_lazy("Weeks between check-ins"), min_value=1, max_value=52
    )
    circle_min = forms.IntegerField(
        label=gettext_lazy("Smallest circle"), min_value=3, max_value=12
    )
    circle_max = forms.IntegerField(label=gettext_lazy("Largest circle"), min_value=3, max_value=12)
    self_match = forms.BooleanField(
        label=gettext_lazy("People may choose each other"),
        help_text=gettext_lazy(
            "They see suggestions with reasons, rank wishes and ask; runs weigh the wishes."
        ),
        required=False,
    )
    request_days = forms.IntegerField(
        label=gettext_lazy("Days to answer a request"),
        help_text=gettext_lazy("Then it lapses, and the next wish is asked by itself."),
        min_value=1,
        max_value=30,
    )
    requests_asking = forms.IntegerField(
        label=gettext_lazy("Most people one person asks at once"), min_value=1, max_value=5
    )
    requests_asked = forms.IntegerField(
        label=gettext_lazy("Most requests that wait for one person"), min_value=1, max_value=20
    )
    second_person = forms.BooleanField(
        label=gettext_lazy("A second person approves a publication"),
        help_text=gettext_lazy("Another coordinator or an owner sees the same summary first."),
        required=False,
    )

    def __init__(self, data: Any = None, *, program: Program) -> None:
        initial = {name: getattr(program, name) for name in self.base_fields}
        super().__init__(data, initial=initial)

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        smallest, largest = cleaned.get("circle_min"), cleaned.get("circle_max")
        if smallest and largest and smallest > largest:
            self.add_error("circle_max", _("This is smaller than the smallest circle."))
        if cleaned.get("self_match") and cleaned.get("format") == Program.Format.CIRCLES:
            self.add_error(
                "self_match", _("Circles are formed by a run: only pairs can choose each other.")
            )


class PartForm(forms.Form):
    """What the forms of a design's parts share: a program, and the row that is changed, if any."""

    def __init__(self, data: Any = None, *, program: Program, row: Any | None = None) -> None:
        super().__init__(data, initial=self.initial_of(row) if row else None)

    def initial_of(self, row: Any) -> dict[str, object]:
        return {name: getattr(row, name) for name in self.base_fields}

    def values(self) -> Mapping[str, object]:
        return self.cleaned_data


class CompetencyForm(PartForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    rubric = forms.CharField(
        label=gettext_lazy("What it looks like"),
        help_text=gettext_lazy("What somebody does who is good at it."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class MeetingRoleForm(PartForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    duties = forms.CharField(
        label=gettext_lazy("Duties"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Filled in which order"),
        help_text=gettext_lazy("0 is filled first; later ones stay open when people are few."),
        min_value=0,
        max_value=99,
        initial=9,
    )
    competency: forms.ModelChoiceField[Competency] = forms.ModelChoiceField(
        label=gettext_lazy("Competency it grows"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("None"),
    )
    after: forms.ModelChoiceField[MeetingRole] = forms.ModelChoiceField(
        label=gettext_lazy("Comes after"),
        help_text=gettext_lazy("Only who has held that role before takes this one."),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Nothing"),
    )
    needs_level = forms.IntegerField(
        label=gettext_lazy("Level needed"),
        help_text=gettext_lazy("In its competency, 1 to 5; 0 asks for none."),
        min_value=0,
        max_value=5,
        initial=0,
        required=False,
    )
    leads = forms.BooleanField(
        label=gettext_lazy("Leads the meeting"),
        help_text=gettext_lazy("One role leads; its turns are shared out equally."),
        required=False,
    )

    def __init__(
        self, data: Any = None, *, program: Program, row: MeetingRole | None = None
    ) -> None:
        super().__init__(data, program=program, row=row)
        competency, after = self.fields["competency"], self.fields["after"]
        assert isinstance(competency, forms.ModelChoiceField)
        assert isinstance(after, forms.ModelChoiceField)
        competency.queryset = program.competencies.all()
        others = program.meeting_roles.all()
        after.queryset = others.exclude(pk=row.pk) if row else others

    def clean_needs_level(self) -> int:
        """Empty asks for none."""
        return self.cleaned_data["needs_level"] or 0


class QuestionForm(PartForm):
    label = forms.CharField(label=gettext_lazy("Question"), max_length=200)
    help = forms.CharField(label=gettext_lazy("Help"), max_length=300, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of answer"), choices=Question.Kind.choices)
    options = forms.CharField(
        label=gettext_lazy("Options"),
        help_text=gettext_lazy("One a line, for skills and choices."),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    asked_of = forms.ChoiceField(
        label=gettext_lazy("Asked of"),
        choices=Question.AskedOf.choices,
        help_text=gettext_lazy("In circles and pairs, everybody is asked."),
    )
    required = forms.BooleanField(label=gettext_lazy("This has to be answered"), required=False)

    WITH_OPTIONS = (Question.Kind.SKILLS, Question.Kind.CHOICE, Question.Kind.CHOICES)

    def __init__(self, data: Any = None, *, program: Program, row: Question | None = None) -> None:
        super().__init__(data, program=program, row=row)
        self.known = list(row.options) if row else []

    def initial_of(self, row: Question) -> dict[str, object]:
        lines = "\n".join(option["name"] for option in row.options)
        return super().initial_of(row) | {"options": lines}

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        if "options" not in cleaned or "kind" not in cleaned:
            return
        names = [line.strip() for line in cleaned["options"].splitlines() if line.strip()]
        names = list(dict.fromkeys(names)) if cleaned["kind"] in self.WITH_OPTIONS else []
        if cleaned["kind"] in self.WITH_OPTIONS and not names:
            self.add_error("options", _("Write at least one option."))
        if len(names) > MOST_OPTIONS or any(len(name) > 120 for name in names):
            self.add_error("options", _("At most 60 options of 120 characters."))
        cleaned["options"] = self._with_keys(names)

    def _with_keys(self, names: list[str]) -> list[dict[str, str]]:
        """An option that keeps its name keeps its key, and with it what people answered."""
        keys = {option["name"]: option["key"] for option in self.known}
        taken = {keys[name] for name in names if name in keys}
        options = []
        for name in names:
            key = keys.get(name) or free_key(slugify(name) or "option", taken)
            taken.add(key)
            options.append({"key": key, "name": name})
        return options
