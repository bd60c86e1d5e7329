"""Reading self-assessments: which are open, and what they hold so far."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from feedback.models import Assessment, AssessmentQuerySet, AssessmentRating
from mentoring.identity.models import Member
from programs.models import Cohort

# For so long after it was opened a start is a start; an end is open until its cohort is closed.
START_OPEN = timedelta(days=28)
RUNNING = (Cohort.Phase.MATCHING, Cohort.Phase.RUNNING)


def open_assessments(*, at: datetime) -> AssessmentQuerySet:
    """Return those whose moment is not over: that may be answered, or changed."""
    start = Q(
        moment=Assessment.Moment.START,
        opened_at__gt=at - START_OPEN,
        enrolment__cohort__phase__in=RUNNING,
    )
    end = Q(moment=Assessment.Moment.END, enrolment__cohort__phase=Cohort.Phase.CLOSING)
    return Assessment.objects.filter(start | end)


def assessment_is_open(assessment: Assessment, *, at: datetime) -> bool:
    """Say whether it may still be answered or changed."""
    return open_assessments(at=at).filter(pk=assessment.pk).exists()


def my_open_assessments(member: Member, *, at: datetime) -> AssessmentQuerySet:
    """Return what this person is asked to rate themselves on and has not, oldest first."""
    still = open_assessments(at=at).filter(pk=OuterRef("pk"))
    rows = Assessment.objects.visible_to(member).for_list()
    return rows.filter(Exists(still), answered_at=None).order_by("opened_at", "pk")


def ratings_of(assessment: Assessment, member: Member) -> dict[UUID, int]:
    """Return this person's own ratings by competency."""
    rows = AssessmentRating.objects.visible_to(member).filter(assessment=assessment)
    return dict(rows.values_list("competency_id", "rating"))
