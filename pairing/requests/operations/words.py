"""Words between the two: written as their author, readable by both and by nobody else."""

from __future__ import annotations

from core.members.models import Member
from core.tenancy.context import current_organisation_id, tenant
from pairing.models.requests import PartnerRequest, RequestWords


def keep_words(request: PartnerRequest, kind: str, by: Member, text: str) -> None:
    """Keep what `by` says, once for each kind; said again it replaces what was said.

    Words that are taken back leave an empty row: the database lets nobody delete bodies.
    """
    text = text.strip()
    readers = [request.asker.member_id, request.asked.member_id]
    with tenant(current_organisation_id(), member=by.pk):
        earlier = RequestWords.objects.filter(request=request, kind=kind)
        if not earlier.update(text=text, readers=readers) and text:
            RequestWords.objects.create(
                request=request,
                kind=RequestWords.Kind(kind),
                author=by,
                text=text,
                readers=readers,
            )
