"""What a coordinator may type about a matching and a partnership."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import RangeInput
from pairing.engine.shapes import Policy
from pairing.inputs.choice import ALWAYS_ON, LIMITS, Choice
from pairing.models.runs import PairRule
from pairing.texts.reasons import POLICIES
from programs.models.parts import Criterion


class MatchingForm(forms.Form):
    """What counts: weights of the criteria, rules on or off, and what to aim for."""

    policy = forms.ChoiceField(
        label=gettext_lazy("What to aim for"),
        choices=[(policy.value, words[0]) for policy, words in POLICIES.items()],
        required=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        criteria: Sequence[Criterion],
        start: Choice,
        policy: str,
        pairs: bool,
    ) -> None:
        super().__init__(data)
        self.scores = [
            criterion for criterion in criteria if criterion.sort == Criterion.Sort.SCORE
        ]
        self.rules = [criterion for criterion in criteria if criterion.sort == Criterion.Sort.RULE]
        for criterion in self.scores:
            self.fields[f"weight_{criterion.key}"] = forms.IntegerField(
                label=criterion.label,
                min_value=0,
                max_value=10,
                initial=start.weights.get(criterion.key, criterion.weight),
                widget=RangeInput,
            )
        for criterion in self.rules:
            always = criterion.kind in ALWAYS_ON
            self.fields[f"rule_{criterion.key}"] = forms.BooleanField(
                label=criterion.label,
                required=False,
                initial=always or criterion.key not in start.off,
                disabled=always,
            )
            for name in limits_of(criterion):
                label, low, high, step = LIMITS[name]
                self.fields[f"limit_{criterion.key}_{name}"] = forms.FloatField(
                    label=label,
                    min_value=low,
                    max_value=high,
                    widget=forms.NumberInput(attrs={"step": step}),
                    initial=start.limits.get(criterion.key, {}).get(
                        name, criterion.parameters[name]
                    ),
                )
        if pairs:
            self.fields["policy"].initial = policy
            self.fields["policy"].help_text = POLICIES[Policy(policy)][1]
        else:
            del self.fields["policy"]

    def weight_fields(self) -> list[tuple[str, forms.BoundField]]:
        """Return the key and field of each criterion that is weighed."""
        return [(criterion.key, self[f"weight_{criterion.key}"]) for criterion in self.scores]

    def rule_fields(self) -> list[tuple[str, forms.BoundField, list[forms.BoundField]]]:
        """Return the key of each rule, its switch and its numbers."""
        return [
            (
                rule.key,
                self[f"rule_{rule.key}"],
                [self[f"limit_{rule.key}_{name}"] for name in limits_of(rule)],
            )
            for rule in self.rules
        ]

    def choice(self) -> Choice:
        """Return what was chosen, or what the form starts from where it is not answered well."""
        answered = self.cleaned_data if self.is_bound and self.is_valid() else {}
        values = {name: answered.get(name, field.initial) for name, field in self.fields.items()}
        limits = {
            rule.key: {name: float(values[f"limit_{rule.key}_{name}"]) for name in limits_of(rule)}
            for rule in self.rules
        }
        return Choice(
            weights={
                criterion.key: int(values[f"weight_{criterion.key}"]) for criterion in self.scores
            },
            off=frozenset(rule.key for rule in self.rules if not values[f"rule_{rule.key}"]),
            limits={key: named for key, named in limits.items() if named},
        )


def limits_of(rule: Criterion) -> list[str]:
    """Return the numbers of a rule that may be set in the studio."""
    return [name for name in rule.parameters if name in LIMITS]


class SetNameForm(forms.Form):
    """What a choice is to be called."""

    name = forms.CharField(label=gettext_lazy("Name of the set"), max_length=80)


class PairRuleForm(forms.Form):
    """Two people who are to be kept together or apart, or neither any more."""

    KINDS = (*PairRule.Kind.choices, ("none", gettext_lazy("No rule")))

    kind = forms.ChoiceField(label=gettext_lazy("What holds for them"), choices=KINDS)
    first = forms.UUIDField(label=gettext_lazy("First person"))
    second = forms.UUIDField(label=gettext_lazy("Second person"))
    proposal = forms.UUIDField(required=False)


class TwoPeopleForm(forms.Form):
    """Two people of a cohort, by the ids of their enrolments."""

    first = forms.UUIDField()
    second = forms.UUIDField()


class ChoosePairForm(forms.Form):
    """The same, chosen by name from a cohort's people."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What holds for them"), choices=PairRule.Kind.choices
    )
    first = forms.ChoiceField(label=gettext_lazy("First person"))
    second = forms.ChoiceField(label=gettext_lazy("Second person"))

    def __init__(self, *, people: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        for name in ("first", "second"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("Choose a person")), *people]


class GroupsForm(forms.Form):
    """The attributes by which people are compared."""

    by = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, attributes: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, initial={"by": [attributes[0][0]]})
        field = self.fields["by"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.label = _("Compare people by")
        field.choices = list(attributes)
        self.attributes = attributes

    def chosen(self) -> list[tuple[str, str]]:
        """Return the attributes that are chosen, the first one where nothing was said yet."""
        named = self.cleaned_data["by"] if self.is_bound else self.initial["by"]
        return [attribute for attribute in self.attributes if attribute[0] in named]


class WhyNotForm(forms.Form):
    """Two people of a run to ask about."""

    first = forms.ChoiceField()
    second = forms.ChoiceField()

    def __init__(
        self,
        data: Any = None,
        *,
        first: Sequence[tuple[str, str]],
        second: Sequence[tuple[str, str]],
        circles: bool,
    ) -> None:
        super().__init__(data)
        words = (
            {"first": _("First person"), "second": _("Second person")}
            if circles
            else {"first": _("Mentee"), "second": _("Mentor")}
        )
        for name, people in (("first", first), ("second", second)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.label = words[name]
            field.choices = [("", _("Choose a person")), *people]

    def clean_second(self) -> str:
        second: str = self.cleaned_data["second"]
        if second == self.cleaned_data.get("first"):
            raise forms.ValidationError(_("Choose two different people."))
        return second
