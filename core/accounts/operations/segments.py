"""Saved segments of the directory of people: made, renamed and deleted by who manages people."""

from __future__ import annotations

from django.db import transaction

from core.accounts.errors import NothingNarrowed, SegmentGone, SegmentNameTaken, TooManySegments
from core.accounts.queries import PeopleFilter
from core.audit.operations import record
from core.common.errors import refusing
from core.members.models import Member, Segment


@transaction.atomic
def save_segment(*, name: str, wanted: PeopleFilter, by: Member) -> Segment:
    """Save these filters under a name, without the order of the list.

    Raises NothingNarrowed if they mean everybody, SegmentNameTaken, and TooManySegments.
    """
    if not wanted.saved:
        raise NothingNarrowed
    # two at the same moment may make one more than there should be, which costs nobody anything
    if Segment.objects.count() >= Segment.MOST:
        raise TooManySegments
    with refusing("segment_name_once", SegmentNameTaken()):
        segment = Segment.objects.create(name=_one_line(name), filters=wanted.saved, made_by=by)
    record(by=by, verb="segment.saved", target=segment)
    return segment


@transaction.atomic
def rename_segment(*, segment: Segment, name: str, by: Member) -> Segment:
    """Call it otherwise; raises SegmentNameTaken, and SegmentGone if it was deleted meanwhile."""
    with refusing("segment_name_once", SegmentNameTaken()):
        renamed = Segment.objects.filter(pk=segment.pk).update(name=_one_line(name))
    if not renamed:
        raise SegmentGone
    record(by=by, verb="segment.renamed", target=segment)
    segment.refresh_from_db(fields=["name"])
    return segment


@transaction.atomic
def delete_segment(*, segment: Segment, by: Member) -> None:
    """Delete the name and its filters, nobody of those they mean; raises SegmentGone."""
    deleted, _rows = Segment.objects.filter(pk=segment.pk).delete()
    if not deleted:
        raise SegmentGone
    record(by=by, verb="segment.deleted", target=segment)


def _one_line(name: str) -> str:
    """Return a name without what cannot be seen to differ."""
    return " ".join(name.split())
