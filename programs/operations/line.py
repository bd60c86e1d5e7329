"""The waiting list: who moves up, who leaves it, and who comes first in the next cohort."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from core.audit.operations import record
from core.common import clock
from core.common.rows import row_by_row
from core.members.models import Member
from programs.errors import AlreadyDecided, ManagerHasNotSaidYes, NoPlaceFree
from programs.models.parts import Answer
from programs.models.programs import Cohort, Enrolment
from programs.operations.emails import write_to
from programs.operations.enrolments import OVER, accept, withdraw
from programs.queries.moves import carried_over
from programs.selection.queries import without_yes


def follow_who_came_back(*, at: datetime) -> int:
    """Move the places given for a return to who came back as somebody new; how many.

    What was begun before they left stays where it was, and so does a place that has a partner.
    """
    there = Enrolment.objects.filter(
        cohort=OuterRef("cohort"), member=OuterRef("member__came_back_as")
    )
    given = Enrolment.objects.filter(
        ~Exists(there),
        member__came_back_as__isnull=False,
        created_at__gte=F("member__left_at"),
        state__in=(*Enrolment.UNDECIDED, Enrolment.State.ACCEPTED),
    )
    return row_by_row(
        given.select_related("member").order_by("id"),
        lambda enrolment: Enrolment.objects.filter(pk=enrolment.pk).update(
            member=enrolment.member.came_back_as_id, changed_at=at
        ),
    )


def withdraw_who_left(*, at: datetime) -> int:
    """Withdraw the open enrolments of people who have left the organisation; how many.

    The place is free then.  Nothing is written to whoever has left.
    """
    gone = Enrolment.objects.filter(
        member__state=Member.State.LEFT,
        state__in=(*Enrolment.UNDECIDED, *Enrolment.IN_PLACE),
    )
    return row_by_row(
        gone.for_list().order_by("id"),
        lambda enrolment: withdraw(enrolment=enrolment, by=None, reason=Enrolment.EndReason.LEFT),
        refusals=(AlreadyDecided,),
    )


def move_up_waiting(*, at: datetime) -> int:
    """Give free places of open cohorts to who waits, in the order of the line; how many.

    Elsewhere who is first tops the coordinator's list: see `waiting_with_a_place_free`.
    """
    cohorts = Cohort.objects.with_a_place_free().filter(entry=Cohort.Entry.OPEN)
    line = Enrolment.objects.filter(
        cohort__in=cohorts.exclude(phase__in=(Cohort.Phase.DRAFT, *OVER))
    )
    return row_by_row(
        # in their order, but for who waits for their manager's yes: nobody waits for that with them
        line.in_line().exclude(pk__in=without_yes(line).values("pk")).for_list(),
        lambda enrolment: accept(enrolment=enrolment, by=None, over_waiting=True),
        refusals=(AlreadyDecided, NoPlaceFree, ManagerHasNotSaidYes),
    )


@transaction.atomic
def carry_over(*, cohort: Cohort, by: Member | None) -> int:
    """Put who waits in an earlier cohort of the program at the head of this one's line; how many.

    They keep their part, their answers and since when they wait, and are told; where enrolment is
    open they move up at once, else the coordinator finds them first.  There they withdraw.
    """
    waiting = list(carried_over(cohort))
    now = clock.now()
    here: set[UUID] = set()
    for earlier in waiting:
        Enrolment.objects.filter(pk=earlier.pk).update(
            state_before=F("state"),
            state=Enrolment.State.WITHDRAWN,
            ended_at=now,
            end_reason=Enrolment.EndReason.NEXT_COHORT,
            changed_at=now,
        )
        if earlier.member_id in here:  # they waited in two of them
            continue
        here.add(earlier.member_id)
        enrolment = Enrolment.objects.create(
            cohort=cohort,
            member=earlier.member,
            part=earlier.part,
            capacity=earlier.capacity,
            state=Enrolment.State.WAITLISTED,
            applied_at=now,
            waiting_since=earlier.waiting_since or earlier.applied_at,
            expectations_accepted_at=earlier.expectations_accepted_at,
            expectations_version=earlier.expectations_version,
            changed_at=now,
        )
        Answer.objects.bulk_create(
            Answer(
                enrolment=enrolment,
                question_id=answer.question_id,
                value=answer.value,
                shown=answer.shown,
            )
            for answer in Answer.objects.filter(enrolment=earlier)
        )
        record(by=by, verb="enrolment.carried_over", target=enrolment, was=str(earlier.pk))
        write_to([enrolment], "programs.first_in_line", by=by)
    return len(here)
