"""Self-assessments: asked at the start and at the end, saved whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member
from core.notifications.operations import Draft, Link, withdraw
from core.ui.forms import Taps
from feedback.errors import AssessmentClosed
from feedback.models import Assessment, AssessmentQuerySet, AssessmentRating
from feedback.surveys.base import SCALE, Sheet, Survey, answer, data_of
from programs.models.parts import Competency
from programs.models.programs import Cohort, Enrolment

PURPOSE = "assessment"
# For so long after it was opened a start is a start; an end is open until its cohort is closed.
START_OPEN = timedelta(days=28)
RUNNING = (Cohort.Phase.MATCHING, Cohort.Phase.RUNNING)
MOMENTS = {
    Assessment.Moment.START: Q(state=Enrolment.State.ACTIVE, cohort__phase__in=RUNNING),
    Assessment.Moment.END: Q(
        state__in=[Enrolment.State.ACTIVE, Enrolment.State.COMPLETED],
        cohort__phase=Cohort.Phase.CLOSING,
    ),
}
LEVELS = ((1, _("New")), (2, _("Early")), (3, _("Steady")), (4, _("Strong")), (5, _("Model")))


class _AssessmentForm(forms.Form):
    """One scale for each competency, with what it looks like in practice."""

    def __init__(
        self, data: Any, *, competencies: Sequence[Competency], kept: Mapping[UUID, int]
    ) -> None:
        super().__init__(data, initial={_field(skill): n for skill, n in kept.items()})
        self._skills = {_field(skill.pk): skill.pk for skill in competencies}
        for skill in competencies:
            self.fields[_field(skill.pk)] = forms.TypedChoiceField(
                label=skill.name,
                help_text=skill.rubric,
                choices=LEVELS,
                coerce=int,
                widget=Taps(steps=True),
            )

    def ratings(self) -> dict[UUID, int]:
        return {skill: self.cleaned_data[name] for name, skill in self._skills.items()}


def _field(skill: UUID) -> str:
    return f"skill_{skill.hex}"


def due(at: datetime) -> list[Assessment]:
    """Return what is to be asked at the start and at the end, once each.

    The start opens when an enrolment becomes active, the end when its cohort is closing; a
    program without competencies asks for neither.
    """
    return [
        Assessment(enrolment=enrolment, moment=moment, opened_at=at)
        for moment in MOMENTS
        for enrolment in _to_ask(moment)
    ]


def _to_ask(moment: Assessment.Moment) -> list[Enrolment]:
    earlier = Assessment.objects.filter(enrolment=OuterRef("pk"), moment=moment)
    skills = Competency.objects.filter(program=OuterRef("cohort__program"))
    rows = Enrolment.objects.filter(MOMENTS[moment], ~Exists(earlier), Exists(skills))
    rows = rows.exclude(member__state=Member.State.LEFT)
    return list(rows.select_related("member", "cohort__program").order_by("pk"))


def email(assessment: Assessment) -> Draft:
    enrolment = assessment.enrolment
    return Draft(
        member=enrolment.member,
        kind="feedback.assessment",
        dedupe_key=f"assessment:{enrolment.pk}:{assessment.moment}",
        link=Link(signed=PURPOSE, object_id=assessment.pk),
        context={"program": enrolment.cohort.program.name, "moment": assessment.moment},
        about=assessment.pk,
    )


def _open(*, at: datetime) -> AssessmentQuerySet:
    """Return those whose moment is not over: that may be answered, or changed."""
    start = Q(
        moment=Assessment.Moment.START,
        opened_at__gt=at - START_OPEN,
        enrolment__cohort__phase__in=RUNNING,
    )
    end = Q(moment=Assessment.Moment.END, enrolment__cohort__phase=Cohort.Phase.CLOSING)
    return Assessment.objects.filter(start | end)


def my_open_assessments(member: Member, *, at: datetime) -> AssessmentQuerySet:
    """Return what this person is asked to rate themselves on and has not, oldest first."""
    still = _open(at=at).filter(pk=OuterRef("pk"))
    rows = Assessment.objects.visible_to(member).for_list()
    return rows.filter(Exists(still), answered_at=None).order_by("opened_at", "pk")


def ratings_of(assessment: Assessment, member: Member) -> dict[UUID, int]:
    """Return this person's own ratings by competency."""
    rows = AssessmentRating.objects.visible_to(member).filter(assessment=assessment)
    return dict(rows.values_list("competency_id", "rating"))


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
    if not set(ratings.values()) <= set(SCALE):
        raise ValueError("a rating is 1 to 5")
    now = clock.now()
    still = _open(at=now).filter(pk=OuterRef("pk"))
    answer(Assessment.objects.filter(Exists(still), pk=assessment.pk), AssessmentClosed(), at=now)
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


def sheet(request: HttpRequest, member: Member, assessment_id: UUID) -> Sheet:
    mine = Assessment.objects.visible_to(member).for_list()
    assessment = get_object_or_404(mine, pk=assessment_id)
    program = assessment.enrolment.cohort.program
    skills = list(Competency.objects.visible_to(member).filter(program=program))
    kept = ratings_of(assessment, member)
    form = _AssessmentForm(data_of(request), competencies=skills, kept=kept)
    return Sheet(
        "feedback/assessment.html",
        {
            "assessment": assessment,
            "program": program,
            "open": _open(at=clock.now()).filter(pk=assessment.pk).exists(),
            "rated": [(skill, kept[skill.pk]) for skill in skills if skill.pk in kept],
        },
        form,
        lambda: save_assessment(assessment=assessment, by=member, ratings=form.ratings()),
    )


ASSESSMENT = Survey(
    name="assessment",
    purpose=PURPOSE,
    address="assessments/<uuid:assessment_id>/",
    due=due,
    email=email,
    sheet=sheet,
    opens=Assessment,
)
