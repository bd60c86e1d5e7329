"""Matching runs and requests, and the partnerships that come of them."""

from pairing.models.partings import Cause, KindWords, Parting
from pairing.models.partnerships import Partnership, PartnershipQuerySet, Seat, SeatQuerySet
from pairing.models.publication import PublicationRequest, PublicationRequestQuerySet
from pairing.models.requests import PartnerRequest, PartnerRequestQuerySet, RequestWords, Wish
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
    "Cause",
    "CriteriaSet",
    "CriteriaSetQuerySet",
    "KindWords",
    "LeftOver",
    "MatchRun",
    "MatchRunQuerySet",
    "PairRule",
    "Parting",
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
