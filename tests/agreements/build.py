"""Builders of decisions: a proposal at each of its states, made by the operations."""

from __future__ import annotations

from typing import Any

from agreements.decisions.models import Decision
from agreements.decisions.operations import deciding as decisions_deciding
from agreements.decisions.operations import proposing, talking
from agreements.decisions.operations.proposing import Proposal
from core.tenancy.context import tenant
from tests.sessions.conftest import Circle

WORDS = "From December we meet for 90 minutes"


def draft(circle: Circle, who: str = "Petra", **proposed: Any) -> Decision:
    """Let somebody write a draft."""
    proposed.setdefault("title", WORDS)
    with tenant(circle.partnership.organisation_id):
        return proposing.propose(
            partnership=circle.partnership,
            proposal=Proposal(**proposed),
            by=circle.seat(who).enrolment.member,
        )


def opened(circle: Circle, who: str = "Petra", **proposed: Any) -> Decision:
    """Let somebody propose; the others may ask."""
    decision = draft(circle, who, **proposed)
    with tenant(circle.partnership.organisation_id):
        return proposing.open_decision(decision=decision, by=circle.seat(who).enrolment.member)


def reacting(circle: Circle, who: str = "Petra", **proposed: Any) -> Decision:
    """Let a proposal come to reactions."""
    decision = opened(circle, who, **proposed)
    with tenant(circle.partnership.organisation_id):
        return talking.start_reactions(decision=decision, by=circle.seat(who).enrolment.member)


def deciding(circle: Circle, who: str = "Petra", **proposed: Any) -> Decision:
    """Let a proposal come to its ballot."""
    decision = reacting(circle, who, **proposed)
    with tenant(circle.partnership.organisation_id):
        return decisions_deciding.open_voting(
            decision=decision, by=circle.seat(who).enrolment.member
        )


def vote(circle: Circle, decision: Decision, **given: Any) -> None:
    """Let people answer: `Petra="consent"`; a pair brings a reason, a list the marks."""
    with tenant(circle.partnership.organisation_id):
        for who, answer in given.items():
            said: dict[str, Any] = {"answer": answer}
            if isinstance(answer, tuple):
                said = {"answer": answer[0], "reason": answer[1]}
            elif isinstance(answer, list):
                said = {"marks": answer}
            decisions_deciding.cast_vote(
                decision=decision, by=circle.seat(who).enrolment.member, **said
            )
