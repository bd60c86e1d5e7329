"""What somebody owes the others at their tables: an answer, a signature, an action, a goal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from agreements.charters.models import Charter
from agreements.charters.queries import charters_to_sign
from agreements.decisions.models import Decision
from agreements.decisions.queries.lists import owners_turn, reactions_due, votes_due
from agreements.goals.queries import GoalLine, my_goals
from core.members.models import Member
from core.tenancy.days import day_of
from sessions.actions.queries import my_open_actions
from sessions.models.actions import Action

SOON = timedelta(days=14)


@dataclass(frozen=True)
class TodoList:
    """What waits for one person, by what it is; `goals` are due soon or wait for their yes."""

    votes: list[Decision]
    reactions: list[Decision]
    reviews: list[Decision]
    charters: list[Charter]
    actions: list[Action]
    goals: list[GoalLine]

    def __bool__(self) -> bool:
        decisions = (self.votes, self.reactions, self.reviews)
        return any([*decisions, self.charters, self.actions, self.goals])


def todo_of(member: Member, *, at: datetime) -> TodoList:
    """Return what this person owes at the tables where they sit now; a fixed number of reads."""
    today = day_of(at)
    goals = [
        line
        for line in my_goals(member, today=today)
        if line.goal.due_on <= today + SOON or (line.goal.is_shared and not line.i_agreed)
    ]
    return TodoList(
        votes=list(votes_due(member, at=at).with_title(member)),
        reactions=list(reactions_due(member).with_title(member)),
        reviews=list(owners_turn(member).with_title(member)),
        charters=charters_to_sign(member),
        actions=list(my_open_actions(member)),
        goals=goals,
    )
