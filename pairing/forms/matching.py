"""What a coordinator may type about a matching and a partnership."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mentoring.design.forms import RangeInput
from pairing.compute import Counts
from pairing.models import PairRule
from pairing.words import POLICIES
from programs.models import Criterion


class MatchingForm(forms.Form):
    """Weights of the score criteria, and what to aim for where people are paired."""

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
        counts: Counts | None,
        pairs: bool,
        policy: str,
    ) -> None:
        super().__init__(data)
        self.criteria = {f"weight_{each.key}": each for each in criteria}
        for name, criterion in self.criteria.items():
            self.fields[name] = forms.IntegerField(
                label=criterion.label,
                help_text=_must(criterion, counts) if pairs else "",
                min_value=0,
                max_value=10,
                initial=criterion.weight,
                widget=RangeInput,
            )
        if pairs:
            self.fields["policy"].initial = policy
            self.fields["policy"].help_text = " · ".join(
                _("%(name)s: %(what)s") % {"name": name, "what": str(what).lower()}
                for name, what in list(POLICIES.values())[:1]
            )
        else:
            del self.fields["policy"]

    def weight_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.criteria]

    def weights(self) -> dict[UUID, int]:
        """Return the weights by criterion."""
        return {each.pk: self.cleaned_data[name] for name, each in self.criteria.items()}


def _must(criterion: Criterion, counts: Counts | None) -> str:
    alone = counts.as_must.get(criterion.key) if counts else None
    if alone is None:
        return ""
    if not alone:
        return _("As a must, everybody could still be matched")
    return ngettext(
        "As a must: %(n)d mentee could not be matched",
        "As a must: %(n)d mentees could not be matched",
        alone,
    ) % {"n": alone}


class PairRuleForm(forms.Form):
    """Two people who are to be kept together or apart, or neither any more."""

    KINDS = (*PairRule.Kind.choices, ("none", gettext_lazy("No rule")))

    kind = forms.ChoiceField(label=gettext_lazy("What holds for them"), choices=KINDS)
    first = forms.UUIDField(label=gettext_lazy("First person"))
    second = forms.UUIDField(label=gettext_lazy("Second person"))
    proposal = forms.UUIDField(required=False)


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


class NameForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)


class EndForm(forms.Form):
    """Why a partnership ends; without blame."""

    REASONS = (
        ("fit", gettext_lazy("It did not fit")),
        ("time", gettext_lazy("No time for it")),
        ("left", gettext_lazy("Somebody changed job or left")),
        ("goals_met", gettext_lazy("What they wanted is reached")),
        ("other", gettext_lazy("Another reason")),
    )

    reason = forms.ChoiceField(
        label=gettext_lazy("Why does it end?"),
        help_text=gettext_lazy("Nobody is blamed. The next matching avoids this pair."),
        choices=REASONS,
        widget=forms.RadioSelect,
    )
