"""The rotation engine: a season of turns in which everybody leads equally often, and why.

Plain Python on frozen dataclasses and numpy; it knows neither Django nor our other modules.
"""

from sessions.engine.fairness import Fairness, Share, fairness, lead_spread
from sessions.engine.plan import Change, changes, plan_season, replan
from sessions.engine.shapes import (
    Absence,
    Broken,
    BrokenRule,
    BrokenWhy,
    EngineError,
    LeadBound,
    Lock,
    Meeting,
    Member,
    PastTurn,
    Reason,
    ReasonCode,
    Role,
    Season,
    Turn,
    Unfilled,
    UnfilledWhy,
)

__all__ = [
    "Absence",
    "Broken",
    "BrokenRule",
    "BrokenWhy",
    "Change",
    "EngineError",
    "Fairness",
    "LeadBound",
    "Lock",
    "Meeting",
    "Member",
    "PastTurn",
    "Reason",
    "ReasonCode",
    "Role",
    "Season",
    "Share",
    "Turn",
    "Unfilled",
    "UnfilledWhy",
    "changes",
    "fairness",
    "lead_spread",
    "plan_season",
    "replan",
]
