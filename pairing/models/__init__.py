"""Matching runs, what they propose, and the partnerships that come of them."""

from pairing.models.partnerships import Partnership, PartnershipQuerySet, Seat, SeatQuerySet
from pairing.models.runs import (
    COORDINATING,
    LeftOver,
    MatchRun,
    MatchRunQuerySet,
    PairRule,
    Proposal,
    ProposalSeat,
)

__all__ = [
    "COORDINATING",
    "LeftOver",
    "MatchRun",
    "MatchRunQuerySet",
    "PairRule",
    "Partnership",
    "PartnershipQuerySet",
    "Proposal",
    "ProposalSeat",
    "Seat",
    "SeatQuerySet",
]
