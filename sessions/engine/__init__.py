"""The rotation engine: a season of turns in which everybody leads equally often, and why.

Plain Python on frozen dataclasses and numpy; it knows neither Django nor our other modules.
"""

from sessions.engine.fairness import debts, lead_spread
from sessions.engine.plan import plan_season, replan
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
    "EngineError",
    "LeadBound",
    "LeftOpen",
    "Lock",
    "Meeting",
    "Member",
    "Reason",
    "ReasonCode",
    "Role",
    "Season",
    "StandIn",
    "Turn",
    "Unfilled",
    "UnfilledWhy",
    "debts",
    "lead_spread",
    "plan_season",
    "replan",
    "stand_ins",
]
