"""What is asked of decisions: who may answer, the lists, and one as its page shows it."""

from sessions.queries.decisions.lists import (
    FILTERS,
    DecisionLine,
    counts_of,
    decisions_of,
    for_agenda,
    in_the_room,
    owners_turn,
    reactions_due,
    votes_due,
    with_titles,
)
from sessions.queries.decisions.results import ANSWERS, RULES, Result
from sessions.queries.decisions.sheet import Can, DecisionSheet, Entry, decision_sheet
from sessions.queries.decisions.voters import Turnout, turnout, undecided, voters

__all__ = [
    "ANSWERS",
    "FILTERS",
    "RULES",
    "Can",
    "DecisionLine",
    "DecisionSheet",
    "Entry",
    "Result",
    "Turnout",
    "counts_of",
    "decision_sheet",
    "decisions_of",
    "for_agenda",
    "in_the_room",
    "owners_turn",
    "reactions_due",
    "turnout",
    "undecided",
    "voters",
    "votes_due",
    "with_titles",
]
