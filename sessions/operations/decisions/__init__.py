"""Decisions: proposed, clarified, reacted to, amended, decided, reviewed; each change is a Step."""

from sessions.operations.decisions.deciding import (
    amend,
    cast_vote,
    close_decision,
    open_voting,
    withdraw_decision,
    withdraw_objection,
)
from sessions.operations.decisions.ending import agree_outcome, keep_decision, reopen_decision
from sessions.operations.decisions.proposing import (
    Proposal,
    discard_draft,
    edit_draft,
    open_decision,
    propose,
)
from sessions.operations.decisions.sweeps import (
    close_due_decisions,
    open_due_reviews,
    remind_undecided,
)
from sessions.operations.decisions.talking import (
    answer_question,
    ask_question,
    react,
    start_reactions,
)

__all__ = [
    "Proposal",
    "agree_outcome",
    "amend",
    "answer_question",
    "ask_question",
    "cast_vote",
    "close_decision",
    "close_due_decisions",
    "discard_draft",
    "edit_draft",
    "keep_decision",
    "open_decision",
    "open_due_reviews",
    "open_voting",
    "propose",
    "react",
    "remind_undecided",
    "reopen_decision",
    "start_reactions",
    "withdraw_decision",
    "withdraw_objection",
]
