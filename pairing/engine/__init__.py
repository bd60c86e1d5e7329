"""Who should work with whom: exact, proved, explained. Plain Python, numpy and OR-tools."""

from pairing.engine.circles import Circles, CirclesProblem, form_circles
from pairing.engine.errors import EngineError, ProofFailed
from pairing.engine.explain import explain
from pairing.engine.matching import match, verify
from pairing.engine.rules import blocked_by
from pairing.engine.shapes import (
    FULL_POINTS,
    IDENTITY,
    MANAGER,
    Bonus,
    Criterion,
    Explanation,
    Kind,
    LeftOver,
    Matching,
    Missing,
    Pair,
    People,
    Policy,
    Problem,
    Proof,
    Reason,
    Rule,
    RuleKind,
    Side,
    parts_out_of_100,
    score_out_of_100,
)

__all__ = [
    "FULL_POINTS",
    "IDENTITY",
    "MANAGER",
    "Bonus",
    "Circles",
    "CirclesProblem",
    "Criterion",
    "EngineError",
    "Explanation",
    "Kind",
    "LeftOver",
    "Matching",
    "Missing",
    "Pair",
    "People",
    "Policy",
    "Problem",
    "Proof",
    "ProofFailed",
    "Reason",
    "Rule",
    "RuleKind",
    "Side",
    "blocked_by",
    "explain",
    "form_circles",
    "match",
    "parts_out_of_100",
    "score_out_of_100",
    "verify",
]
