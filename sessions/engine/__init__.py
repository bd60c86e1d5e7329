"""The rotation engine: a season of turns in which everybody leads equally often, and why.

Plain Python on frozen dataclasses and numpy; it knows neither Django nor our other modules.
"""

from sessions.engine.fairness import Fairness, Share, debts, fairness, gini, lead_spread
from sessions.engine.plan import Change, changes, plan_season, replan
from sessions.engine.shapes import (
    Absence,
    Broken,
    BrokenRule,
    BrokenWhy,
    EngineError,
    LeadBound,
    LeftOpen,
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
from sessions.engine.standins import StandIn, stand_ins

__all__ = [
    "Absence",
    "Broken",
    "BrokenRule",
    "BrokenWhy",
    "Change",
    "EngineError",
    "Fairness",
    "LeadBound",
    "LeftOpen",
    "Lock",
    "Meeting",
    "Member",
    "PastTurn",
    "Reason",
    "ReasonCode",
    "Role",
    "Season",
    "Share",
    "StandIn",
    "Turn",
    "Unfilled",
    "UnfilledWhy",
    "changes",
    "debts",
    "fairness",
    "gini",
    "lead_spread",
    "plan_season",
    "replan",
    "stand_ins",
]
