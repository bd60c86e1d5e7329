"""A charter as its page shows it, and what others may know of it: whether it is signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from django.urls import reverse

from agreements.charters.models import Charter, CharterEdit, CharterSection, CharterSignature
from core.members.models import Member
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import open_seats_seen


@dataclass(frozen=True)
class _Signer:
    """One partner and how they stand to the text of now: signed, objects, or None: not yet."""

    seat: Seat
    signature: CharterSignature | None


@dataclass(frozen=True)
class CharterSheet:
    """A charter for its partners; `sections` are empty for everybody else."""

    charter: Charter | None
    seat: Seat | None
    reads_words: bool
    sections: tuple[CharterSection, ...]
    signers: tuple[_Signer, ...]

    @property
    def mine(self) -> CharterSignature | None:
        seat = self.seat
        own = (row.signature for row in self.signers if seat and row.seat.pk == seat.pk)
        return next(own, None)

    @property
    def can_sign(self) -> bool:
        return self.seat is not None and self.charter is not None and self.charter.revision > 0


@dataclass(frozen=True)
class _CharterFacts:
    """What a coordinator may know: whether there is one, and how many have signed it."""

    begun: bool
    signed: int
    partners: int

    @property
    def is_signed(self) -> bool:
        return self.begun and self.signed >= self.partners > 0


def charter_path(partnership: Partnership) -> str:
    return reverse("agreements:charter", args=[partnership.organisation.slug, partnership.pk])


def charter_sheet(*, partnership: Partnership, member: Member) -> CharterSheet:
    """Return the charter of a partnership as `member` sees it, in a fixed number of queries."""
    charter = Charter.objects.visible_to(member).filter(partnership=partnership).first()
    seats = open_seats_seen(partnership, member)
    seat = next((row for row in seats if row.enrolment.member_id == member.pk), None)
    sections = CharterSection.objects.visible_to(member).filter(charter=charter)
    signatures = CharterSignature.objects.visible_to(member).filter(
        charter=charter, revision=charter.revision if charter else 0
    )
    by_seat = {signature.seat_id: signature for signature in signatures} if charter else {}
    shown = _as_read_by(member, charter, list(sections)) if charter else ()
    return CharterSheet(
        charter=charter,
        seat=seat,
        reads_words=bool(shown) or seat is not None,
        sections=shown,
        signers=tuple(_Signer(row, by_seat.get(row.pk)) for row in seats),
    )


def _as_read_by(
    member: Member, charter: Charter, sections: list[CharterSection]
) -> tuple[CharterSection, ...]:
    """Return the sections in order; one that was changed after somebody left as it was then."""
    seen = {section.pk for section in sections}
    edits = CharterEdit.objects.visible_to(member).filter(section__charter=charter)
    for edit in edits.exclude(section__in=seen).select_related("section").order_by("-version"):
        if edit.section_id not in seen:
            seen.add(edit.section_id)
            edit.section.text, edit.section.version = edit.text, edit.version
            sections.append(edit.section)
    return tuple(sorted(sections, key=lambda section: section.position))


def earlier_texts(section: CharterSection, member: Member) -> list[CharterEdit]:
    """Return every text a section has had, the latest first."""
    rows = CharterEdit.objects.visible_to(member).filter(section=section)
    return list(rows.select_related("by__enrolment__member").order_by("-version"))


def charter_facts(partnerships: Iterable[UUID]) -> dict[UUID, _CharterFacts]:
    """Return how the charters of these partnerships stand: counts, no words; three statements."""
    ids = list(partnerships)
    begun = set(Charter.objects.filter(partnership__in=ids).values_list("partnership", flat=True))
    partners = Counter(
        Seat.objects.open().filter(partnership__in=ids).values_list("partnership", flat=True)
    )
    signed = Counter(
        CharterSignature.objects.filter(
            charter__partnership__in=ids,
            revision=F("charter__revision"),
            signed=True,
            seat__left_at=None,
        ).values_list("charter__partnership", flat=True)
    )
    return {id_: _CharterFacts(id_ in begun, signed[id_], partners[id_]) for id_ in ids}


def charters_to_sign(member: Member) -> list[Charter]:
    """Return the charters that wait for this person's word where they sit now."""
    mine = Seat.objects.open().filter(
        partnership=OuterRef("partnership_id"), enrolment__member=member
    )
    answered = CharterSignature.objects.filter(
        charter=OuterRef("pk"),
        revision=OuterRef("revision"),
        seat__enrolment__member=member,
        seat__left_at=None,
    )
    unwritten = CharterSection.objects.filter(charter=OuterRef("pk"), version=0)
    rows = Charter.objects.filter(Exists(mine), ~Exists(answered), ~Exists(unwritten))
    rows = rows.filter(revision__gt=0, partnership__state__in=Partnership.OPEN)
    return list(rows.select_related("partnership__organisation").order_by("id"))
