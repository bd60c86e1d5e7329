"""What partnerships mean for the enrolments in them: begun, completed, finished.

It lives here because programs knows no partnership; the acts on enrolments are its operations.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from core.audit.operations import record
from core.common.rows import row_by_row
from core.members.models import Member
from core.tenancy.days import day_of
from pairing.models.partnerships import Partnership, Seat, SeatQuerySet
from programs.errors import AlreadyDecided
from programs.models.programs import Cohort, Enrolment
from programs.operations import enrolments

CLOSED_WITH_COHORT = "cohort_closed"
UNDO_WITHIN = timedelta(days=1)


def start_seated_enrolments(*, at: datetime) -> int:
    """Make active who was accepted and has a seat: somebody seated in what runs already."""
    seated = _seats().filter(left_at=None, partnership__state__in=Partnership.OPEN)
    rows = Enrolment.objects.filter(Exists(seated), state=Enrolment.State.ACCEPTED)
    by_cohort: dict[Cohort, list[Enrolment]] = {}
    for enrolment in rows.for_list().order_by("cohort_id", "id"):
        by_cohort.setdefault(enrolment.cohort, []).append(enrolment)
    return row_by_row(
        by_cohort.items(),
        lambda seated: enrolments.start_enrolments(cohort=seated[0], at=at, enrolments=seated[1]),
    )


def complete_enrolments(*, at: datetime) -> int:
    """Complete who has no open partnership any more and stayed in one to its completion.

    The moment is that of the partnership which was over last; how many.
    """
    completed = _seats().filter(_to_the_end(), partnership__state=Partnership.State.COMPLETED)
    rows = Enrolment.objects.filter(
        Exists(completed),
        ~Exists(_seats().filter(left_at=None, partnership__state__in=Partnership.OPEN)),
        state=Enrolment.State.ACTIVE,
    )

    def complete(enrolment: Enrolment) -> None:
        ends = Seat.objects.filter(
            _to_the_end(), enrolment=enrolment, partnership__state=Partnership.State.COMPLETED
        ).select_related("partnership")
        seat = ends.latest("partnership__ended_at")
        enrolments.complete_enrolment(enrolment=enrolment, at=seat.partnership.ended_at)

    return row_by_row(rows.for_list().order_by("id"), complete, refusals=(AlreadyDecided,))


def finish_enrolments(*, at: datetime) -> int:
    """Finish who is still in place when their cohort has closed and nothing of theirs is open."""
    rows = Enrolment.objects.in_place().filter(
        ~Exists(_seats().filter(left_at=None, partnership__state__in=Partnership.OPEN)),
        cohort__phase=Cohort.Phase.CLOSED,
    )
    return row_by_row(
        rows.for_list().order_by("id"),
        lambda enrolment: enrolments.finish_enrolment(
            enrolment=enrolment, at=enrolment.cohort.moved_at
        ),
        refusals=(AlreadyDecided,),
    )


@transaction.atomic
def reopen_partnerships(*, at: datetime) -> int:
    """Open again what ended because its cohort was closed, where that was undone; how many.

    With the seats that were open then, but for those of people who have gone since; one that
    rested until a day to come rests on.
    """
    ended = Partnership.objects.filter(
        cohort__phase=Cohort.Phase.CLOSING,
        cohort__moved_from=Cohort.Phase.CLOSED,
        end_reason__in=(CLOSED_WITH_COHORT, "too_few_sessions"),
        ended_at__gt=at - UNDO_WITHIN,
        ended_at__lte=F("cohort__moved_at"),
        ends_on__gte=day_of(at),
    )

    def reopen(partnership: Partnership) -> None:
        theirs = Seat.objects.filter(partnership=partnership, left_at=partnership.ended_at)
        theirs.filter(enrolment__state__in=Enrolment.IN_PLACE).exclude(
            enrolment__member__state=Member.State.LEFT
        ).update(left_at=None)
        rests = partnership.paused_until is not None and partnership.paused_until > day_of(at)
        Partnership.objects.filter(pk=partnership.pk).update(
            state=Partnership.State.PAUSED if rests else Partnership.State.ACTIVE,
            ended_at=None,
            end_reason="",
            changed_at=at,
        )
        record(by=None, verb="partnership.reopened", target=partnership)

    rows = ended.select_related("cohort__program", "organisation").order_by("id")
    return row_by_row(rows, reopen)


def _seats() -> SeatQuerySet:
    return Seat.objects.filter(enrolment=OuterRef("pk"))


def _to_the_end() -> Q:
    """Who had the seat when the partnership was over."""
    return Q(left_at=None) | Q(left_at__gte=F("partnership__ended_at"))
