"""Self-assessments: opened at the start and at the end, saved whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from feedback.errors import AssessmentClosed
from feedback.models import Assessment, AssessmentRating
from feedback.queries.assessments import RUNNING, open_assessments
from mentoring.common import clock
from mentoring.identity.models import Member
from mentoring.notifications.operations import Door, Draft, enqueue_all, withdraw
from programs.models import Cohort, Competency, Enrolment

DOOR = "assessment"
MOMENTS = {
    Assessment.Moment.START: Q(state=Enrolment.State.ACTIVE, cohort__phase__in=RUNNING),
    Assessment.Moment.END: Q(
        state__in=[Enrolment.State.ACTIVE, Enrolment.State.COMPLETED],
        cohort__phase=Cohort.Phase.CLOSING,
    ),
}


@transaction.atomic
def open_due_assessments(*, at: datetime) -> int:
    """Open what is to be asked at the start and at the end, once each; return how many.

    The start opens when an enrolment becomes active, the end when its cohort is closing; a
    program without competencies asks for neither.
    """
    opened = [
        Assessment(enrolment=enrolment, moment=moment, opened_at=at)
        for moment in MOMENTS
        for enrolment in _to_ask(moment)
    ]
    # assessment_once decides between two workers
    Assessment.objects.bulk_create(opened, ignore_conflicts=True, batch_size=1000)
    ids = [assessment.pk for assessment in opened]
    ours = set(Assessment.objects.filter(pk__in=ids).values_list("pk", flat=True))
    letters = [_letter(assessment) for assessment in opened if assessment.pk in ours]
    enqueue_all(letters)
    return len(letters)


def _to_ask(moment: Assessment.Moment) -> list[Enrolment]:
    asked = Assessment.objects.filter(enrolment=OuterRef("pk"), moment=moment)
    skills = Competency.objects.filter(program=OuterRef("cohort__program"))
    rows = Enrolment.objects.filter(MOMENTS[moment], ~Exists(asked), Exists(skills))
    rows = rows.exclude(member__state=Member.State.LEFT)
    return list(rows.select_related("member", "cohort__program").order_by("pk"))


def _letter(assessment: Assessment) -> Draft:
    enrolment = assessment.enrolment
    return Draft(
        member=enrolment.member,
        kind="feedback.assessment",
        dedupe_key=f"assessment:{enrolment.pk}:{assessment.moment}",
        door=Door(signed=DOOR, object_id=assessment.pk),
        context={"program": enrolment.cohort.program.name, "moment": assessment.moment},
        about=assessment.pk,
    )


@transaction.atomic
def save_assessment(
    *, assessment: Assessment, by: Member, ratings: Mapping[UUID, int]
) -> Assessment:
    """Keep one rating, 1–5, for each competency of the program: all or none; changes what is kept.

    Raises AssessmentClosed when the moment is over; ValueError if it is not `by`'s own, or the
    ratings are not of exactly the program's competencies.
    """
    enrolment = assessment.enrolment
    skills = Competency.objects.filter(program=enrolment.cohort.program_id)
    if enrolment.member_id != by.pk or set(ratings) != set(skills.values_list("pk", flat=True)):
        raise ValueError("one's own assessment, each competency once")
    if not set(ratings.values()) <= set(range(1, 6)):
        raise ValueError("a rating is 1 to 5")
    now = clock.now()
    # guarded by the moment, in the statement that writes
    still = open_assessments(at=now).filter(pk=OuterRef("pk"))
    answered = Assessment.objects.filter(Exists(still), pk=assessment.pk).update(
        answered_at=Coalesce(F("answered_at"), Value(now))
    )
    if not answered:
        raise AssessmentClosed
    AssessmentRating.objects.bulk_create(
        [
            AssessmentRating(assessment=assessment, competency_id=skill, rating=rating)
            for skill, rating in ratings.items()
        ],
        update_conflicts=True,
        unique_fields=["organisation", "assessment", "competency"],
        update_fields=["rating"],
    )
    withdraw(about=assessment.pk)
    assessment.refresh_from_db(fields=["answered_at"])
    return assessment
