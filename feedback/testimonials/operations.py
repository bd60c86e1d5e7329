"""Testimonials: given and revoked by their authors, picked by whoever runs the program."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from feedback.models.testimonials import Testimonial
from feedback.testimonials.errors import NotYetThere, TestimonialGone
from feedback.testimonials.queries import authors_place
from pairing.errors import NotTheirs
from programs.models.programs import Cohort


@transaction.atomic
def give_testimonial(
    *, cohort: Cohort, by: Member, text: str, places: Sequence[str], signed: str
) -> Testimonial:
    """Say what the program was worth, and let it be shown in these places under that name.

    Given again it takes the place of what was there: other words, or a consent that was revoked,
    have to be picked anew.  Raises NotYetThere for who has no place in the cohort.
    """
    enrolment = authors_place(cohort, by)
    if enrolment is None:
        raise NotYetThere
    rows = Testimonial.objects.select_for_update(of=("self",)).filter(enrolment=enrolment)
    before = rows.first()
    values = {"text": text, "places": sorted(places), "signed": signed, "revoked_at": None}
    stays = before and before.revoked_at is None and before.text == text
    picked_at = before.picked_at if before and stays else None
    given, _new = Testimonial.objects.update_or_create(
        enrolment=enrolment,
        defaults={**values, "given_at": clock.now(), "picked_at": picked_at},
    )
    record(by=by, verb="testimonial.given", target=cohort, places=sorted(places))
    return given


@transaction.atomic
def revoke_testimonial(*, testimonial: Testimonial, by: Member) -> Testimonial:
    """Let it be shown nowhere any more, at once.  Raises NotTheirs for anybody but its author."""
    if testimonial.enrolment.member_id != by.pk:
        raise NotTheirs
    Testimonial.objects.filter(pk=testimonial.pk, revoked_at=None).update(
        revoked_at=clock.now(), picked_at=None
    )
    testimonial.refresh_from_db()
    record(by=by, verb="testimonial.revoked", target=testimonial.enrolment.cohort)
    return testimonial


@transaction.atomic
def pick_testimonial(*, testimonial: Testimonial, by: Member) -> Testimonial:
    """Show it where its author lets it be shown; raises TestimonialGone without their consent."""
    rows = Testimonial.objects.in_force().filter(pk=testimonial.pk)
    if not rows.filter(picked_at=None).update(picked_at=clock.now()) and not rows.exists():
        raise TestimonialGone
    record(by=by, verb="testimonial.picked", target=testimonial.enrolment.cohort)
    testimonial.refresh_from_db()
    return testimonial


@transaction.atomic
def unpick_testimonial(*, testimonial: Testimonial, by: Member) -> Testimonial:
    """Show it nowhere for now; its author's consent stays."""
    Testimonial.objects.filter(pk=testimonial.pk).update(picked_at=None)
    record(by=by, verb="testimonial.unpicked", target=testimonial.enrolment.cohort)
    testimonial.refresh_from_db()
    return testimonial
