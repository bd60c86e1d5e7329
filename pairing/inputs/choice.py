"""What a coordinator chooses to count: weights, rules on or off, and the limits of rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from pairing.engine.shapes import RuleKind

if TYPE_CHECKING:
    from pairing.inputs.snapshot import CriterionSpec

# numbers of rules that may be set in the studio: what they are, lowest, highest, step
LIMITS: Mapping[str, tuple[Any, float, float, float]] = {
    "hours_apart": (gettext_lazy("Hours apart at most"), 0, 12, 0.5),
}
ALWAYS_ON = frozenset({str(RuleKind.NEVER_MANAGER)})  # nobody is matched in a reporting line


@dataclass(frozen=True)
class Choice:
    """Weights by the criterion's key, rules that are off, and numbers in place of the design's."""

    weights: Mapping[str, int] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def applied_to(self, criteria: Iterable[CriterionSpec]) -> tuple[CriterionSpec, ...]:
        """Return the criteria of a snapshot as chosen; what the choice does not name stays."""
        chosen = []
        for spec in criteria:
            if spec.is_score:
                chosen.append(replace(spec, weight=self.weights.get(spec.key, spec.weight)))
            elif spec.key not in self.off or spec.kind in ALWAYS_ON:
                parameters = {**spec.parameters, **self.limits.get(spec.key, {})}
                chosen.append(replace(spec, parameters=parameters))
        return tuple(chosen)

    def differs_from(self, design: Sequence[CriterionSpec]) -> bool:
        """Say whether anything is chosen otherwise than the criteria of a design say."""
        return self.applied_to(design) != Choice().applied_to(design)

    def as_json(self) -> dict[str, object]:
        return {
            "weights": dict(sorted(self.weights.items())),
            "off": sorted(self.off),
            "limits": {
                key: dict(sorted(numbers.items())) for key, numbers in sorted(self.limits.items())
            },
        }


def choice_of(stored: Mapping[str, Any] | None) -> Choice | None:
    """Return a stored choice; None for "as the design says"."""
    if not stored:
        return None
    return Choice(
        weights={str(key): int(weight) for key, weight in stored["weights"].items()},
        off=frozenset(stored["off"]),
        limits={
            str(key): {str(name): float(value) for name, value in limits.items()}
            for key, limits in stored.get("limits", {}).items()
        },
    )
