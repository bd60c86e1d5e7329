"""Testimonials: what somebody lets others read of what a program was worth to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.runs import COORDINATING
from programs.models.programs import Cohort, Enrolment

if TYPE_CHECKING:
    from typing import Self

# whose consent holds: it was not revoked, and its author is here and can revoke it at any time
_IN_FORCE = Q(revoked_at=None, enrolment__member__state=Member.State.LIVE)
_SHOWN = _IN_FORCE & Q(picked_at__isnull=False)


class TestimonialQuerySet(TenantQuerySet["Testimonial"]):
    def visible_to(self, member: Member) -> Self:
        """One's own; those of a program one runs; and others where their authors let them be read:
        by the people of the cohort, in the report, by whoever may join the program."""
        rows, own = super().visible_to(member), Q(enrolment__member=member)
        cohorts = Cohort.objects.visible_to(member)
        if member.role in COORDINATING:
            return rows.filter(own | (_IN_FORCE & Q(Exists(cohorts.filter(pk=_OF_COHORT)))))
        theirs = Enrolment.objects.filter(
            cohort=_OF_COHORT, member=member, state__in=Testimonial.PEOPLE
        )
        joins = cohorts.filter(program=OuterRef("enrolment__cohort__program_id"))
        readable = Q(Exists(theirs), places__contains=[Testimonial.Place.COMMUNITY])
        readable |= Q(Exists(joins), places__contains=[Testimonial.Place.JOIN])
        if member.role == Member.Role.HR:
            readable |= Q(places__contains=[Testimonial.Place.REPORT])
        return rows.filter(own | (_SHOWN & readable))

    def in_force(self) -> Self:
        return self.filter(_IN_FORCE)

    def shown_in(self, place: Testimonial.Place) -> Self:
        """Return those that are picked and may stand there now, the last to be picked first."""
        return self.filter(_SHOWN, places__contains=[place]).order_by("-picked_at", "-id")

    def for_list(self) -> Self:
        return self.select_related("organisation", "enrolment__member", "enrolment__cohort")


_OF_COHORT = OuterRef("enrolment__cohort_id")


class Testimonial(TenantModel):
    """What somebody says of a program, and where and under which name it may be shown.

    It is shown once somebody who runs the program has picked it, as long as consent holds.
    """

    class Place(models.TextChoices):
        COMMUNITY = "community", gettext_lazy("To the people of this cohort")
        REPORT = "report", gettext_lazy("In the report, for coordinators and HR")
        JOIN = "join", gettext_lazy("To whoever may join this program")
        EMAIL = "email", gettext_lazy("In the e-mail that invites people to this program")

    class Signed(models.TextChoices):
        FULL = "full", gettext_lazy("My full name")
        FIRST = "first", gettext_lazy("My first name")
        NOBODY = "nobody", gettext_lazy("No name, only my part")

    # the people of a cohort: who has a place in it, or had one to its end
    PEOPLE = ("accepted", "active", "completed", "finished")
    # who can say what it was like
    AUTHORS = ("active", "completed", "finished")

    enrolment = TenantForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=600)
    places = ArrayField(models.CharField(max_length=9, choices=Place))
    signed = models.CharField(max_length=6, choices=Signed)
    given_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    picked_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("enrolment__member",), rows=True)
    objects = TestimonialQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "enrolment"], name="testimonial_once_per_enrolment"
            ),
            models.CheckConstraint(name="testimonial_somewhere", condition=Q(places__len__gt=0)),
        ]

    def __str__(self) -> str:
        return str(self.enrolment_id)

    @property
    def signature(self) -> str | Promise:
        """Return by whom it is, as its author lets it be said."""
        if self.signed == self.Signed.FULL:
            return str(self.enrolment.member.full_name)
        if self.signed == self.Signed.FIRST:
            return str(self.enrolment.member.given_name)
        return {
            Enrolment.Part.MENTOR: gettext_lazy("A mentor"),
            Enrolment.Part.MENTEE: gettext_lazy("A mentee"),
            Enrolment.Part.PEER: gettext_lazy("A peer"),
        }.get(Enrolment.Part(self.enrolment.part), gettext_lazy("Somebody who took part"))

    @property
    def places_words(self) -> list[str]:
        """Return where it may be shown, in words."""
        return [str(place.label) for place in self.Place if place in self.places]

    @property
    def is_shown(self) -> bool:
        return self.revoked_at is None and self.picked_at is not None
