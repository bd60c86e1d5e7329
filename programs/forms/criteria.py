"""Criteria and rules of a design: what is compared, how, and how much it weighs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.common.env import semantic_model
from core.ui.forms import RangeInput, VersionedForm
from programs.forms.design import PartForm
from programs.importing.fields import PERSON_FIELDS
from programs.models.parts import Criterion, Question
from programs.models.programs import Program

SCORES: tuple[tuple[str, Any], ...] = (
    ("levels", gettext_lazy("Skills sought that are offered at that level")),
    ("overlap", gettext_lazy("What both have in common")),
    ("same", gettext_lazy("The same on both sides")),
    ("different", gettext_lazy("Different on both sides")),
    ("gap", gettext_lazy("Difference of two numbers")),
    ("timezone", gettext_lazy("Overlap of working hours")),
    ("availability", gettext_lazy("Free at the same time")),
)
# offered where the extra `semantic` is installed
TEXT: tuple[str, Any] = ("text", gettext_lazy("Alike in meaning, in their own words"))
RULES: tuple[tuple[str, Any], ...] = (
    ("must_share", gettext_lazy("Must have one in common")),
    ("never_same", gettext_lazy("Never the same")),
    ("clocks_within", gettext_lazy("Time zones at most … hours apart")),
    ("never_manager", gettext_lazy("Never in one's own reporting line")),
)
# what a person keeps as it stands: two of them are the same or not
FACTS = ("department", "team", "job_title", "level", "location", "time_zone")
WORK_FACTS: tuple[tuple[str, Any], ...] = (
    *(
        (f"member:{name}", gettext_lazy(PERSON_FIELDS[name].label))
        for name in (*FACTS, "languages")
    ),
    ("member:manager", gettext_lazy("Manager")),
)
# the form's fields that are columns of a criterion; the others become its parameters
COLUMNS = ("label", "kind", "seeker_field", "offerer_field", "weight")
KIND_NAMES: dict[str, object] = dict((*SCORES, TEXT, *RULES))
PLAIN = frozenset({"choice", "scale", "number", *FACTS})
# what each kind can compare, by the kind of question or the name of the work fact
FITS: dict[str, frozenset[str]] = {
    "levels": frozenset({"skills"}),
    "overlap": frozenset({"skills", "choices", "languages"}),
    "same": PLAIN,
    "different": PLAIN,
    "gap": frozenset({"scale", "number", "level"}),
    "text": frozenset({"short_text", "long_text"}),
    "timezone": frozenset({"time_zone"}),
    "clocks_within": frozenset({"time_zone"}),
    "availability": frozenset({"availability"}),
    "must_share": frozenset({"skills", "choices", "languages"}),
    "never_same": PLAIN,
    "never_manager": frozenset({"manager"}),
}


class CriterionForm(PartForm):
    """A term of the score, or a rule; each kind reads the numbers it needs."""

    label = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=gettext_lazy("How it compares"),
        choices=[
            (gettext_lazy("Adds to the score"), SCORES),
            (gettext_lazy("Rules a pair out"), RULES),
        ],
    )
    seeker_field = forms.ChoiceField(label=gettext_lazy("Mentee's answer"))
    offerer_field = forms.ChoiceField(label=gettext_lazy("Mentor's answer"))
    weight = forms.IntegerField(
        label=gettext_lazy("Weight"),
        help_text=gettext_lazy("0 counts for nothing, 10 counts most. Rules have no weight."),
        min_value=0,
        max_value=10,
        initial=5,
        widget=RangeInput(attrs={"min": 0, "max": 10}),
    )
    missing = forms.ChoiceField(
        label=gettext_lazy("Where somebody has not answered"),
        choices=[
            ("zero", gettext_lazy("It is left out: no points, and shown as unanswered")),
            ("neutral", gettext_lazy("Half of the points")),
        ],
        required=False,
    )
    ideal_low = forms.IntegerField(
        label=gettext_lazy("Ideal difference from"), min_value=-20, max_value=20, required=False
    )
    ideal_high = forms.IntegerField(
        label=gettext_lazy("Ideal difference to"),
        help_text=gettext_lazy("For a difference of two numbers: offered minus sought."),
        min_value=-20,
        max_value=20,
        required=False,
    )
    falloff = forms.IntegerField(
        label=gettext_lazy("Distance without points"),
        help_text=gettext_lazy(
            "How far outside the ideal difference nothing is counted any more; up to there the "
            "points fall evenly."
        ),
        min_value=1,
        max_value=100,
        required=False,
    )
    enough_overlap = forms.IntegerField(
        label=gettext_lazy("Minutes that are enough"),
        help_text=gettext_lazy("For free times a week, or working hours in common a day."),
        min_value=15,
        max_value=10_080,
        required=False,
    )
    required_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes a circle must share"),
        help_text=gettext_lazy(
            "For free times, in circles: at which all can meet. Empty asks none."
        ),
        min_value=15,
        max_value=10_080,
        required=False,
    )
    company = forms.BooleanField(
        label=gettext_lazy("Nobody is the only one of their group"),
        help_text=gettext_lazy(
            "For what should differ: where possible there are two of each group."
        ),
        required=False,
    )
    hours_apart = forms.DecimalField(
        label=gettext_lazy("Hours apart at most"),
        help_text=gettext_lazy(
            "For the rule about time zones. A person whose zone is not known fits everybody."
        ),
        min_value=0,
        max_value=12,
        max_digits=4,
        decimal_places=2,
        required=False,
    )

    def __init__(self, data: Any = None, *, program: Program, row: Criterion | None = None) -> None:
        super().__init__(data, program=program, row=row)
        self.kept = dict(row.parameters) if row else {}
        self.kinds = {name: name.partition(":")[2] for name, _words in WORK_FACTS}
        known = row is not None and row.kind == TEXT[0]
        texts = known or semantic_model() is not None
        questions = [
            (f"answer:{question.key}", question.label)
            for question in program.questions.all()
            if texts or question.kind not in {Question.Kind.SHORT_TEXT, Question.Kind.LONG_TEXT}
        ]
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [
            (_("Adds to the score"), [*SCORES, *([TEXT] if texts else [])]),
            (_("Rules a pair out"), RULES),
        ]
        self.kinds |= {
            f"answer:{question.key}": question.kind for question in program.questions.all()
        }
        for name in ("seeker_field", "offerer_field"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(_("Answers"), questions), (_("Work facts"), WORK_FACTS)]

    def initial_of(self, row: Criterion) -> dict[str, object]:
        """Its columns, and those of its parameters that have a field of their name."""
        low, high = row.parameters.get("ideal", (None, None))
        parameters = {
            name: value for name, value in row.parameters.items() if name in self.base_fields
        }
        return (
            {name: getattr(row, name) for name in COLUMNS}
            | {"ideal_low": low, "ideal_high": high}
            | parameters
        )

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        kind = cleaned.get("kind")
        for name in ("seeker_field", "offerer_field"):
            field_name = cleaned.get(name)
            if kind and field_name and self.kinds[field_name] not in FITS[kind]:
                self.add_error(name, _("This cannot be compared in that way."))
        low, high = cleaned.get("ideal_low"), cleaned.get("ideal_high")
        if kind == "gap" and low is not None and high is not None and low > high:
            self.add_error("ideal_high", _("This is less than where the ideal begins."))

    def values(self) -> Mapping[str, object]:
        cleaned = self.cleaned_data
        kind = cleaned["kind"]
        parameters: dict[str, object] = {}
        if kind == "gap":
            low = 0 if cleaned["ideal_low"] is None else cleaned["ideal_low"]
            high = max(low, 1) if cleaned["ideal_high"] is None else cleaned["ideal_high"]
            falloff = cleaned["falloff"] or self.kept.get("falloff", 3)
            parameters = {**self.kept, "falloff": falloff, "ideal": [low, high]}
        elif kind == "clocks_within":
            hours = cleaned["hours_apart"]
            parameters = {"hours_apart": 3.0 if hours is None else float(hours)}
        elif kind in {"timezone", "availability"}:
            fixed = {"working_minutes": 540} if kind == "timezone" else {"slot_minutes": 30}
            parameters = {**fixed, **self.kept, "enough_overlap": cleaned["enough_overlap"] or 120}
        if kind == "availability":
            parameters.pop("required_minutes", None)
            if cleaned["required_minutes"]:
                parameters["required_minutes"] = cleaned["required_minutes"]
        if kind == "different" and cleaned["company"]:
            parameters["company"] = True
        rule = kind in dict(RULES)
        if not rule and cleaned["missing"]:
            parameters["missing"] = cleaned["missing"]
        return {name: cleaned[name] for name in COLUMNS} | {
            "sort": Criterion.Sort.RULE if rule else Criterion.Sort.SCORE,
            "parameters": parameters,
        }


class WeightsForm(VersionedForm):
    def __init__(self, data: Any = None, *, criteria: Iterable[Criterion]) -> None:
        super().__init__(data)
        self.criteria = {f"weight_{criterion.key}": criterion for criterion in criteria}
        for name, criterion in self.criteria.items():
            self.fields[name] = forms.IntegerField(
                label=criterion.label,
                min_value=0,
                max_value=10,
                initial=criterion.weight,
                widget=RangeInput(attrs={"min": 0, "max": 10}),
            )

    def weights(self) -> dict[UUID, int]:
        return {criterion.pk: self.cleaned_data[name] for name, criterion in self.criteria.items()}
