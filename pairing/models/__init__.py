"""Matching runs and requests, and the partnerships that come of them."""

from pairing.models.partnerships import Partnership, PartnershipQuerySet, Seat, SeatQuerySet
from pairing.models.publication import PublicationRequest, PublicationRequestQuerySet
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
from pairing.models.sets import CriteriaSet, CriteriaSetQuerySet

__all__ = [
    "COORDINATING",
    "CriteriaSet",
    "CriteriaSetQuerySet",
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
    "PublicationRequest",
    "PublicationRequestQuerySet",
    "RequestWords",
    "Seat",
    "SeatQuerySet",
    "Wish",
]
