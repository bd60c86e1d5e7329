"""Testimonials of a cohort: one's own, those to pick from, and those that are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from core.members.models import Member
from feedback.models.testimonials import Testimonial, TestimonialQuerySet
from programs.models.programs import Cohort, Enrolment

Place = Testimonial.Place
MOST_QUOTES = 2  # in an e-mail: more would hide what it is for


def authors_place(cohort: Cohort, member: Member) -> Enrolment | None:
    """Return the enrolment from which this person can say what it was like; None without one."""
    rows = Enrolment.objects.filter(cohort=cohort, member=member, state__in=Testimonial.AUTHORS)
    return rows.select_related("organisation", "member", "cohort").first()


def is_of_cohort(cohort: Cohort, member: Member) -> bool:
    """Say whether this person is one of the cohort's people."""
    rows = Enrolment.objects.filter(cohort=cohort, member=member, state__in=Testimonial.PEOPLE)
    return rows.exists()


def own_testimonial(cohort: Cohort, member: Member) -> Testimonial | None:
    """Return what this person has written, also where they have revoked it."""
    rows = Testimonial.objects.visible_to(member).for_list()
    return rows.filter(enrolment__cohort=cohort, enrolment__member=member).first()


def to_pick_from(cohort: Cohort, member: Member) -> TestimonialQuerySet:
    """Return those with consent in force, for whoever runs the program; the newest first."""
    rows = Testimonial.objects.visible_to(member).in_force().for_list()
    return rows.filter(enrolment__cohort=cohort).order_by("-given_at", "-id")


def said_to_the_cohort(cohort: Cohort, member: Member) -> TestimonialQuerySet:
    rows = Testimonial.objects.visible_to(member).shown_in(Place.COMMUNITY).for_list()
    return rows.filter(enrolment__cohort=cohort)


def said_in_the_report(cohort: Cohort, member: Member) -> TestimonialQuerySet:
    rows = Testimonial.objects.visible_to(member).shown_in(Place.REPORT).for_list()
    return rows.filter(enrolment__cohort=cohort)


def said_to_who_may_join(cohort: Cohort, member: Member) -> TestimonialQuerySet:
    """Return what people of this cohort and of earlier ones of the program say."""
    rows = Testimonial.objects.visible_to(member).shown_in(Place.JOIN).for_list()
    return rows.filter(enrolment__cohort__program=cohort.program_id)


def said_to_the_invited(programs: Iterable[UUID]) -> dict[UUID, list[Testimonial]]:
    """Return what an invitation into these programs quotes: the last to be picked, two at most."""
    rows = Testimonial.objects.shown_in(Place.EMAIL).for_list()
    said: dict[UUID, list[Testimonial]] = defaultdict(list)
    for row in rows.filter(enrolment__cohort__program__in=set(programs)):
        said[row.enrolment.cohort.program_id].append(row)
    return {program: quotes[:MOST_QUOTES] for program, quotes in said.items()}
