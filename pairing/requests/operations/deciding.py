"""What a coordinator may decide when two people get no further by themselves."""

from __future__ import annotations

from django.db import transaction

from core.audit.operations import record
from core.members.models import Member
from pairing.models.partnerships import Partnership
from pairing.models.requests import PartnerRequest
from pairing.requests.operations.answering import decide, seat_both
from pairing.requests.operations.people import lock_people


@transaction.atomic
def accept_on_behalf(*, request: PartnerRequest, by: Member) -> Partnership:
    """Bring the two together without waiting for an answer; refused as `accept_request` is."""
    partnership = seat_both(request, by)
    record(by=by, verb="partner_request.accepted_on_behalf", target=request)
    return partnership


@transaction.atomic
def close_request(*, request: PartnerRequest, by: Member) -> PartnerRequest:
    """Close it for both; the sweep asks the next wish and writes to the asker.

    Raises RequestDecided.
    """
    lock_people([request.asker_id])
    decide(request, PartnerRequest.State.CLOSED, PartnerRequest.Because.COORDINATOR)
    record(by=by, verb="partner_request.closed", target=request)
    return request
