"""What a coordinator chooses to count: weights, rules on or off, and the limits of rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy

from pairing.engine import RuleKind

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

    def applied_to(self, criteria: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the criteria of a snapshot as chosen; what the choice does not name stays."""
        found = []
        for each in criteria:
            key = each["key"]
            if each["sort"] == "score":
                found.append({**each, "weight": self.weights.get(key, each["weight"])})
            elif key not in self.off or each["kind"] in ALWAYS_ON:
                parameters = {**each["parameters"], **self.limits.get(key, {})}
                found.append({**each, "parameters": parameters})
        return found

    def differs_from(self, design: Sequence[Mapping[str, Any]]) -> bool:
        """Say whether anything is chosen otherwise than the criteria of a design say."""
        return self.applied_to(design) != Choice().applied_to(design)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON, the same for the same choice."""
        return {
            "weights": dict(sorted(self.weights.items())),
            "off": sorted(self.off),
            "limits": {
                key: dict(sorted(each.items())) for key, each in sorted(self.limits.items())
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
