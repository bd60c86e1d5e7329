"""Who still needs their manager's yes to be a mentor."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from core.common import clock
from core.members.models import Member
from programs.models.programs import Cohort, Enrolment, EnrolmentQuerySet
from programs.models.selection import Candidacy

SELECTED_PARTS = (Enrolment.Part.MENTOR, Enrolment.Part.BOTH)


def without_yes(rows: EnrolmentQuerySet) -> EnrolmentQuerySet:
    """Return those undecided who would be mentors, where mentors are selected, and lack it."""
    yes = Candidacy.objects.filter(enrolment=OuterRef("pk"), answer=Candidacy.Answer.YES)
    return rows.filter(
        ~Exists(yes), part__in=SELECTED_PARTS, state__in=(*Enrolment.UNDECIDED, "declined")
    ).exclude(cohort__program__mentor_criteria="")


def lacking_yes(people: Collection[Enrolment]) -> list[Enrolment]:
    """Return those of these people who lack it, in their order."""
    ids = [enrolment.pk for enrolment in people]
    lacking = set(without_yes(Enrolment.objects.filter(pk__in=ids)).values_list("pk", flat=True))
    return [enrolment for enrolment in people if enrolment.pk in lacking]


def to_ask_manager(member: Member) -> list[Enrolment]:
    """Return where this person wants to be a mentor and no manager is being asked."""
    waits = Candidacy.objects.filter(enrolment=OuterRef("pk")).exclude(
        answer="", asked_at__lte=clock.now() - Candidacy.ANSWERED_WITHIN
    )
    rows = Enrolment.objects.filter(~Exists(waits), member=member, state__in=Enrolment.UNDECIDED)
    return list(without_yes(rows).exclude(cohort__phase__in=Cohort.OVER).for_list())


def candidacy_of(enrolment: Enrolment) -> Candidacy | None:
    return Candidacy.objects.filter(enrolment=enrolment).first()
