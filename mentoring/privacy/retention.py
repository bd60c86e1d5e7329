"""Who is erased by themselves and when: so many days after they left, as the settings say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Greatest

from core.accounts.queries import owners
from core.audit.models import AuditEvent
from core.common import clock
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.operations import Link, enqueue
from core.tenancy.queries import settings_in_force
from mentoring.privacy.erasing import erase_member
from programs.models.programs import Cohort, Enrolment

AT_ONCE = 20
SHOWN = 100
OVER = (Cohort.Phase.CLOSED, Cohort.Phase.CALLED_OFF)


@dataclass(frozen=True)
class Erasure:
    """Somebody who has left, and when their words and names go."""

    member: Member
    at: datetime


def gone() -> Any:
    """Return the Members who have left and are not erased, with `since`, when their time begins.

    It is when they left, or when the last cohort they were in was closed if that came later.
    """
    closed = (
        Enrolment.objects.filter(member=OuterRef("pk"), cohort__phase__in=OVER)
        .order_by()
        .values("member")
        .annotate(last=Max("cohort__moved_at"))
        .values("last")
    )
    rows = Member.objects.filter(state=Member.State.LEFT, erased_at=None, merged_into=None)
    # of NULL and a moment PostgreSQL's GREATEST is the moment
    return rows.annotate(since=Greatest("left_at", Subquery(closed)))


def erasures_to_come() -> list[Erasure]:
    """Return whom the days of the settings will erase, the next one first."""
    days = timedelta(days=settings_in_force().retention_days)
    rows = gone().filter(since__isnull=False).order_by("since", "pk")[:SHOWN]
    return [Erasure(member, member.since + days) for member in rows]


def erased_lately() -> list[AuditEvent]:
    """Return the log: who was erased when and by whom, the last one first."""
    return list(AuditEvent.objects.filter(verb="member.erased").order_by("-id")[:SHOWN])


def asked_to_be_erased() -> list[Member]:
    """Return who waits for an owner, the longest first."""
    rows = Member.objects.exclude(erasure_asked_at=None).filter(erased_at=None)
    return list(rows.order_by("erasure_asked_at")[:SHOWN])


def erase_due(*, at: datetime) -> int:
    """Erase who left longer ago than the settings keep; return how many that were."""
    before = at - timedelta(days=settings_in_force().retention_days)
    due = gone().filter(since__lte=before).order_by("since", "pk")[:AT_ONCE]
    return row_by_row(due, lambda member: bool(erase_member(member=member, by=None)))


def ask_to_be_erased(*, by: Member) -> Member:
    """Ask the owners to erase one's own words and names; asked once, they are told once."""
    now = clock.now()
    if Member.objects.filter(pk=by.pk, erasure_asked_at=None).update(erasure_asked_at=now):
        for owner in owners():
            enqueue(
                member=owner,
                kind="accounts.erasure_asked",
                dedupe_key=f"erasure:{by.pk}:{now:%Y%m%dT%H%M%S}:{owner.pk}",
                link=Link(page=f"people/{by.pk}/erase/"),
                context={"who": by.full_name},
                about=by.pk,
                program=None,
            )
    by.refresh_from_db()
    return by


def withdraw_asking(*, by: Member) -> Member:
    """Take back what one has asked: nothing is erased."""
    Member.objects.filter(pk=by.pk).update(erasure_asked_at=None)
    by.refresh_from_db()
    return by
