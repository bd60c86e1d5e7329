"""What somebody owes the others at their tables: an answer, a signature, an action, a goal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from agreements.charters.models import Charter
from agreements.charters.queries import charters_to_sign
from agreements.decisions.queries.lists import (
    DecisionLine,
    owners_turn,
    reactions_due,
    votes_due,
    with_titles,
)
from agreements.goals.queries import GoalLine, my_goals
from core.members.models import Member
from core.tenancy.days import day_of
from sessions.actions.queries import my_open_actions
from sessions.models.actions import Action

SOON = timedelta(days=14)


@dataclass(frozen=True)
class Owed:
    """What waits for one person, by what it is; `goals` are due soon or wait for their yes."""

    votes: list[DecisionLine]
    reactions: list[DecisionLine]
    reviews: list[DecisionLine]
    charters: list[Charter]
    actions: list[Action]
    goals: list[GoalLine]

    def __bool__(self) -> bool:
        decisions = (self.votes, self.reactions, self.reviews)
        return any([*decisions, self.charters, self.actions, self.goals])


def owed_by(member: Member, *, at: datetime) -> Owed:
    """Return what this person owes at the tables where they sit now; a fixed number of reads."""
    today = day_of(at)
    waiting = [*votes_due(member, at=at), *reactions_due(member), *owners_turn(member)]
    lines = with_titles(waiting, member)
    goals = [
        line
        for line in my_goals(member, today=today)
        if line.goal.due_on <= today + SOON or (line.goal.is_shared and not line.i_agreed)
    ]
    return Owed(
        votes=[line for line in lines if line.decision.state == "decide"],
        reactions=[line for line in lines if line.decision.state == "react"],
        reviews=[line for line in lines if line.decision.state == "review"],
        charters=charters_to_sign(member),
        actions=list(my_open_actions(member)),
        goals=goals,
    )
