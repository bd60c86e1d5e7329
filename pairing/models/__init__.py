"""Matching runs and requests, and the partnerships that come of them."""

from pairing.models.partnerships import Partnership, PartnershipQuerySet, Seat, SeatQuerySet
from pairing.models.requests import (
    PartnerRequest,
    PartnerRequestQuerySet,
    RequestWords,
    Wish,
)
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
    "PartnerRequest",
    "PartnerRequestQuerySet",
    "Partnership",
    "PartnershipQuerySet",
    "Proposal",
    "ProposalSeat",
    "RequestWords",
    "Seat",
    "SeatQuerySet",
    "Wish",
]
