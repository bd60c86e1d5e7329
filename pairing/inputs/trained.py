"""Who may not be matched yet: a program can require lessons before somebody's first partner."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from pairing.models.partnerships import Partnership, Seat
from programs.errors import NotTrainedToMatch
from programs.models.programs import Enrolment, EnrolmentQuerySet
from programs.models.training import PathStep
from programs.training.queries import lacking, missing_titles

MATCHING = PathStep.When.MATCHING


def not_yet_to_match(enrolments: EnrolmentQuerySet) -> EnrolmentQuerySet:
    """Return those who have never had a partner and have a lesson to do before they get one."""
    seats = Seat.objects.filter(enrolment=OuterRef("pk"))
    seats = seats.exclude(partnership__state=Partnership.State.WITHDRAWN)
    return enrolments.filter(lacking(MATCHING), ~Exists(seats))


def require_trained(people: Iterable[Enrolment]) -> None:
    """Raise NotTrainedToMatch, which names the first of them and the lessons."""
    keys = [enrolment.pk for enrolment in people]
    rows = not_yet_to_match(Enrolment.objects.filter(pk__in=keys))
    if enrolment := rows.for_list().order_by("id").first():
        titles = missing_titles(enrolment, MATCHING)
        raise NotTrainedToMatch(enrolment.member.full_name, titles)
