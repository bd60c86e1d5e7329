"""Self-assessments: asked at the start, the midpoint and the end; the skills are saved whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
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
from core.tenancy.days import day_of
from core.ui.forms import Taps
from feedback.assessments.moments import MIDPOINT_LASTS, at_midpoint
from feedback.assessments.peers import looks_like
from feedback.assessments.scales import OF_ONESELF, LibraryScale
from feedback.errors import AssessmentClosed
from feedback.models.assessments import Assessment, AssessmentQuerySet, AssessmentRating
from feedback.queries import not_on_a_break, open_seats
from feedback.surveys.base import SCALE, Sheet, Survey, answer, data_of
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import Competency
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Session

PURPOSE = "assessment"
# For so long after it was opened a start is a start, and a midpoint one; an end is open until its
# cohort is closed.
START_OPEN = timedelta(days=28)
RUNNING = (Cohort.Phase.MATCHING, Cohort.Phase.RUNNING)
MOMENTS = {
    Assessment.Moment.START: Q(state=Enrolment.State.ACTIVE, cohort__phase__in=RUNNING),
    Assessment.Moment.MIDPOINT: Q(state=Enrolment.State.ACTIVE, cohort__phase=Cohort.Phase.RUNNING),
    Assessment.Moment.END: Q(
        state__in=[Enrolment.State.ACTIVE, Enrolment.State.COMPLETED],
        cohort__phase=Cohort.Phase.CLOSING,
    ),
}
LEVELS = (
    (1, _("First steps")),
    (2, _("With help")),
    (3, _("On my own")),
    (4, _("With ease")),
    (5, _("I help others")),
)


class _AssessmentForm(forms.Form):
    """One scale for each competency, with what it looks like in practice; then those of oneself."""

    def __init__(
        self,
        data: Any,
        *,
        competencies: Sequence[Competency],
        scales: Sequence[LibraryScale],
        kept: Mapping[UUID, int],
        answers: Mapping[str, int],
    ) -> None:
        initial = {_field(skill): n for skill, n in kept.items()}
        super().__init__(data, initial={**initial, **answers})
        self._items = [item.key for scale in scales for item in scale.items]
        self._skills = {_field(skill.pk): skill.pk for skill in competencies}
        for skill in competencies:
            self.fields[_field(skill.pk)] = forms.TypedChoiceField(
                label=skill.name,
                help_text=looks_like(skill),
                choices=LEVELS,
                coerce=int,
                widget=Taps(steps=True),
            )
        for scale in scales:
            for item in scale.items:
                self.fields[item.key] = forms.TypedChoiceField(
                    label=str(item.words),
                    help_text=str(scale.question) if item is scale.items[0] else "",
                    choices=list(enumerate(scale.steps, start=1)),
                    coerce=int,
                    empty_value=None,
                    required=False,
                    widget=Taps(steps=True),
                )

    def ratings(self) -> dict[UUID, int]:
        return {skill: self.cleaned_data[name] for name, skill in self._skills.items()}

    def answers(self) -> dict[str, int]:
        given = {key: self.cleaned_data[key] for key in self._items}
        return {key: value for key, value in given.items() if value is not None}


def _field(skill: UUID) -> str:
    return f"skill_{skill.hex}"


def due(at: datetime) -> list[Assessment]:
    """Return what is to be asked at the start, the midpoint and the end, once each.

    The start opens when somebody has a partner, the midpoint with that of their partnership, the
    end when the cohort of somebody who had one is closing; a program without competencies asks
    for none of them, and nobody is asked on a break.
    """
    return [
        Assessment(enrolment=enrolment, moment=moment, opened_at=at)
        for moment in MOMENTS
        for enrolment in _due_enrolments(moment, day_of(at))
    ]


def _due_enrolments(moment: Assessment.Moment, today: date) -> list[Enrolment]:
    earlier = Assessment.objects.filter(enrolment=OuterRef("pk"), moment=moment)
    skills = Competency.objects.filter(program=OuterRef("cohort__program"))
    seats = Seat.objects.filter(enrolment=OuterRef("pk"))
    if moment == Assessment.Moment.END:
        seats = seats.exclude(partnership__state=Partnership.State.WITHDRAWN)
    else:
        seats = seats.open().filter(partnership__state__in=Partnership.OPEN)
    rows = Enrolment.objects.filter(
        MOMENTS[moment], not_on_a_break(today), ~Exists(earlier), Exists(skills), Exists(seats)
    )
    rows = rows.exclude(member__state=Member.State.LEFT)
    people = list(rows.select_related("member", "cohort__program").order_by("pk"))
    return _at_midpoint(people, today) if moment == Assessment.Moment.MIDPOINT else people


def _at_midpoint(people: Sequence[Enrolment], today: date) -> list[Enrolment]:
    """Return those of whose partnerships one has come to its midpoint."""
    seats = Seat.objects.open().filter(
        enrolment__in=people, partnership__state__in=Partnership.OPEN
    )
    there = {
        seat.enrolment_id
        for seat in seats.select_related("partnership")
        if at_midpoint(seat.partnership, today)
    }
    return [enrolment for enrolment in people if enrolment.pk in there]


def email(assessment: Assessment) -> Draft:
    enrolment = assessment.enrolment
    return Draft(
        member=enrolment.member,
        kind="feedback.assessment",
        program=enrolment.cohort.program_id,
        dedupe_key=f"assessment:{enrolment.pk}:{assessment.moment}",
        link=Link(signed=PURPOSE, object_id=assessment.pk),
        context={"program": enrolment.cohort.program.name, "moment": assessment.moment},
        about=assessment.pk,
        cause=enrolment.pk,  # asked at once with what begins or ends
    )


def _open(*, at: datetime) -> AssessmentQuerySet:
    """Return those whose moment is not over: that may be answered, or changed."""
    start, midpoint, end = (
        Exists(Enrolment.objects.filter(condition, pk=OuterRef("enrolment_id")))
        for condition in MOMENTS.values()
    )
    return Assessment.objects.filter(
        Q(start, moment=Assessment.Moment.START, opened_at__gt=at - START_OPEN)
        | Q(midpoint, moment=Assessment.Moment.MIDPOINT, opened_at__gt=at - MIDPOINT_LASTS)
        | Q(end, moment=Assessment.Moment.END)
    )


def scales_of(moment: str) -> Sequence[LibraryScale]:
    """Return what is asked beside the program's competencies."""
    return () if moment == Assessment.Moment.MIDPOINT else OF_ONESELF


def waiting(at: datetime) -> AssessmentQuerySet:
    """Return those without an answer of people who may be asked now."""
    there = not_on_a_break(day_of(at), "enrolment__")
    return _open(at=at).filter(there, answered_at=None)


def my_open_assessments(member: Member, *, at: datetime) -> AssessmentQuerySet:
    """Return what this person is asked to rate themselves on and has not, oldest first."""
    return waiting(at).visible_to(member).for_list().order_by("opened_at", "pk")


def ratings_of(assessment: Assessment, member: Member) -> dict[UUID, int]:
    """Return this person's own ratings by competency."""
    rows = AssessmentRating.objects.visible_to(member).filter(assessment=assessment)
    return dict(rows.values_list("competency_id", "rating"))


@transaction.atomic
def save_assessment(
    *,
    assessment: Assessment,
    by: Member,
    ratings: Mapping[UUID, int],
    scales: Mapping[str, int] | None = None,
) -> Assessment:
    """Keep one rating, 1–5, for each competency of the program: all or none; changes what is kept.

    `scales` are the answers to the items asked beside them, as many as somebody gives.  Raises
    AssessmentClosed when the moment is over; ValueError if it is not `by`'s own, or the ratings
    are not of exactly the program's competencies, or an answer is to no item.
    """
    answers = dict(scales or {})
    asked = scales_of(assessment.moment)
    enrolment = assessment.enrolment
    skills = Competency.objects.filter(program=enrolment.cohort.program_id)
    if enrolment.member_id != by.pk or set(ratings) != set(skills.values_list("pk", flat=True)):
        raise ValueError("one's own assessment, each competency once")
    if not set(ratings.values()) <= set(SCALE):
        raise ValueError("a rating is 1 to 5")
    keys = {item.key for scale in asked for item in scale.items}
    if not set(answers) <= keys or not set(answers.values()) <= set(SCALE):
        raise ValueError("an answer to an item of these scales is 1 to 5")
    now = clock.now()
    still = _open(at=now).filter(pk=OuterRef("pk"))
    rows = Assessment.objects.filter(Exists(still), pk=assessment.pk)
    answer(rows, AssessmentClosed(), at=now, scales=answers)
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
    assessment.refresh_from_db(fields=["answered_at", "scales"])
    return assessment


def sheet(request: HttpRequest, member: Member, assessment_id: UUID) -> Sheet:
    mine = Assessment.objects.visible_to(member).for_list()
    assessment = get_object_or_404(mine, pk=assessment_id)
    program = assessment.enrolment.cohort.program
    skills = list(Competency.objects.visible_to(member).filter(program=program))
    kept = ratings_of(assessment, member)
    form = _AssessmentForm(
        data_of(request),
        competencies=skills,
        scales=scales_of(assessment.moment),
        kept=kept,
        answers=assessment.scales,
    )
    return Sheet(
        "feedback/assessment.html",
        {
            "assessment": assessment,
            "program": program,
            "open": _open(at=clock.now()).filter(pk=assessment.pk).exists(),
            "rated": [(skill, kept[skill.pk]) for skill in skills if skill.pk in kept],
        },
        form,
        lambda: save_assessment(
            assessment=assessment, by=member, ratings=form.ratings(), scales=form.answers()
        ),
        answered=assessment.answered_at is not None,
        after=lambda: _next_time(assessment, member),
    )


def _next_time(assessment: Assessment, member: Member) -> dict[str, object]:
    """Return when the first of this person's partnerships in that cohort meets next."""
    sits = open_seats().filter(enrolment=assessment.enrolment, partnership=OuterRef("partnership"))
    session = (
        Session.objects.visible_to(member)
        .upcoming(clock.now())
        .filter(Exists(sits))
        .select_related("partnership")
        .first()
    )
    return {"partnership": session.partnership, "next_session": session} if session else {}


ASSESSMENT = Survey(
    name="assessment",
    purpose=PURPOSE,
    address="assessments/<uuid:assessment_id>/",
    due=due,
    email=email,
    sheet=sheet,
    opens=Assessment,
    waiting=waiting,
)
