"""Who should work with whom: exact, proved, explained. Plain Python, numpy and OR-tools."""

from pairing.engine.circles import Circles, CirclesProblem, form_circles
from pairing.engine.errors import EngineError, ProofFailed
from pairing.engine.explain import explain
from pairing.engine.matching import match
from pairing.engine.peers import (
    PeerPairs,
    PeersProblem,
    explain_peers,
    pair_peers,
)
from pairing.engine.remedy import Remedy, Rival, remedies
from pairing.engine.rules import blocked_by
from pairing.engine.shapes import (
    FULL_POINTS,
    IDENTITY,
    MANAGER,
    Bonus,
    Changes,
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
from pairing.engine.standing import Choice, own_choices
from pairing.engine.whynot import Move, Obstacle, WhyNot, why_not

__all__ = [
    "FULL_POINTS",
    "IDENTITY",
    "MANAGER",
    "Bonus",
    "Changes",
    "Choice",
    "Circles",
    "CirclesProblem",
    "Criterion",
    "EngineError",
    "Explanation",
    "Kind",
    "LeftOver",
    "Matching",
    "Missing",
    "Move",
    "Obstacle",
    "Pair",
    "PeerPairs",
    "PeersProblem",
    "People",
    "Policy",
    "Problem",
    "Proof",
    "ProofFailed",
    "Reason",
    "Remedy",
    "Rival",
    "Rule",
    "RuleKind",
    "Side",
    "WhyNot",
    "blocked_by",
    "explain",
    "explain_peers",
    "form_circles",
    "match",
    "own_choices",
    "pair_peers",
    "parts_out_of_100",
    "remedies",
    "score_out_of_100",
    "why_not",
]
