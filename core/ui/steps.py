"""The steps of an agenda as one form: add, move and remove rows, with or without a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import digest, resent

MOST_STEPS = 30
NEW = {"title": "", "minutes": 10}


@dataclass(frozen=True)
class _StepRow:
    place: int
    title: BoundField
    minutes: BoundField
    kind: BoundField
    first: bool
    last: bool
    begun: bool

    @property
    def wrong(self) -> bool:
        return bool(self.title.errors or self.minutes.errors or self.kind.errors)


class StepsForm(forms.Form):
    """An agenda's rows; `begun` of them run already and stay.

    A press on a small button changes nothing yet: `rearranged` and `filled` return the form as it
    is then.  `version` is of the steps that were stored when it was opened: whoever saves over
    another version is told once, keeps what they typed, and may save again.
    """

    count = forms.IntegerField(min_value=1, max_value=MOST_STEPS, widget=forms.HiddenInput)
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        steps: Sequence[Mapping[str, Any]],
        kinds: Iterable[tuple[str, Any]],
        begun: int = 0,
        version: str = "",
    ) -> None:
        self.kinds, self.begun = list(kinds), begun
        self.stored_version = digest([dict(step) for step in steps])
        self.rows_given = _typed(data) if data is not None else [dict(step) for step in steps]
        initial = {"count": len(self.rows_given), "version": version or self.stored_version}
        super().__init__(data, initial=initial)
        known = {str(key) for key, _words in self.kinds}
        for place, step in enumerate(self.rows_given):
            fixed = place < begun
            kind = step.get("kind", "")
            self.fields[f"title_{place}"] = forms.CharField(
                label=gettext_lazy("What happens"),
                max_length=120,
                initial=step.get("title", ""),
                widget=forms.TextInput(attrs={"readonly": True} if fixed else {}),
            )
            self.fields[f"minutes_{place}"] = forms.IntegerField(
                label=gettext_lazy("Minutes"),
                min_value=1,
                max_value=480,
                initial=step.get("minutes", ""),
                widget=forms.NumberInput(attrs={"readonly": True} if fixed else {}),
            )
            self.fields[f"kind_{place}"] = forms.ChoiceField(
                label=gettext_lazy("How"),
                choices=self.kinds,
                initial=kind if kind in known else "topic",
            )

    def rows(self) -> list[_StepRow]:
        last = len(self.rows_given) - 1
        return [
            _StepRow(
                place,
                self[f"title_{place}"],
                self[f"minutes_{place}"],
                self[f"kind_{place}"],
                first=place <= self.begun,
                last=place == last,
                begun=place < self.begun,
            )
            for place in range(len(self.rows_given))
        ]

    @property
    def minutes(self) -> int:
        """The minutes that are written so far; what is no number counts as none."""
        typed = (str(step.get("minutes", "")) for step in self.rows_given)
        return sum(int(text) for text in typed if text.isdecimal() and len(text) < 4)

    @property
    def steps(self) -> list[dict[str, object]]:
        """What the rows say; only of a valid form."""
        cleaned = self.cleaned_data
        return [
            {
                "title": cleaned[f"title_{place}"],
                "minutes": cleaned[f"minutes_{place}"],
                "kind": cleaned[f"kind_{place}"],
            }
            for place in range(len(self.rows_given))
        ]

    def rearranged(self, act: str) -> StepsForm:
        """Return the form after a press on add, up-2, down-2 or remove-2."""
        rows = list(self.rows_given)
        verb, _dash, number = act.partition("-")
        place = int(number) if number.isdecimal() and len(number) < 3 else -1
        if verb == "add" and len(rows) < MOST_STEPS:
            rows.append(dict(NEW))
        elif self.begun <= place < len(rows):
            if verb == "remove" and len(rows) > 1:
                rows.pop(place)
            elif verb == "up" and place > self.begun:
                rows[place - 1], rows[place] = rows[place], rows[place - 1]
            elif verb == "down" and place + 1 < len(rows):
                rows[place + 1], rows[place] = rows[place], rows[place + 1]
        return self.filled(rows)

    def filled(self, steps: Sequence[Mapping[str, Any]]) -> StepsForm:
        """Return the form with other steps in it, not saved yet."""
        version = str(self.data.get("version", ""))
        return StepsForm(steps=steps, kinds=self.kinds, begun=self.begun, version=version)

    def clean(self) -> dict[str, object]:
        """The count is that of the rows."""
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        if cleaned.get("count") != len(self.rows_given):
            raise forms.ValidationError(_("An agenda has 1 to 30 steps."))
        if cleaned["version"] not in {"", self.stored_version}:
            self.data = resent(self.data, self.stored_version)
            raise forms.ValidationError(
                _("Somebody changed this agenda meanwhile. Save again to keep yours.")
            )
        return cleaned


def _typed(data: Mapping[str, object]) -> list[dict[str, object]]:
    count = str(data.get("count", ""))
    number = int(count) if count.isdecimal() and len(count) < 3 else 0
    return [
        {name: data.get(f"{name}_{place}", "") for name in ("title", "minutes", "kind")}
        for place in range(min(number, MOST_STEPS))
    ]
