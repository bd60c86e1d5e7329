"""Who was reminded twice in a week and still owes an answer: a coordinator asks instead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from agreements.decisions.models import Decision
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.models.check_ins import CheckIn
from feedback.models.surveys import SurveyResponse
from metrics.health import Reason, coordinated_by
from metrics.models import Finding
from pairing.partnerships.cohorts import as_uuid
from sessions.models.polls import TimePoll
from sessions.models.sessions import Session

FOR = timedelta(days=14)


def unanswered_findings(member: Member | None, *, now: datetime) -> list[Finding]:
    """Return who, at which table, still owes an answer that is not asked for by e-mail any more.

    It clears with the answer, when the thing closes, or after two weeks.
    """
    emails = list(
        Email.objects.filter(escalated_at__gt=now - FOR, answered_at=None)
        .exclude(member__state=Member.State.LEFT)
        .order_by("escalated_at", "pk")
    )
    if not emails:
        return []
    things = _open_things({thing for email in emails for thing in _things(email)})
    waits: dict[tuple[UUID, UUID], list[Email]] = defaultdict(list)
    for email in emails:
        for thing in _things(email) & set(things):
            waits[things[thing], email.member_id].append(email)
    tables = coordinated_by(member).filter(pk__in=set(things.values()))
    cohorts = dict(tables.order_by().values_list("pk", "cohort"))
    zone = settings_in_force().zone
    findings = []
    for (partnership_id, person_id), unsent in waits.items():
        if partnership_id in cohorts:
            last = unsent[-1].escalated_at
            assert last is not None
            day = day_of(last, zone)
            findings.append(
                Finding(
                    reason=Reason.ASKED_TWICE.value,
                    cohort_id=cohorts[partnership_id],
                    partnership_id=partnership_id,
                    person_id=person_id,
                    since=day,
                    facts=[day.isoformat(), sorted({email.kind for email in unsent})],
                )
            )
    return findings


def _things(email: Email) -> set[UUID]:
    """Return what an e-mail may ask about: its row, or what its link opens."""
    opened = as_uuid(email.link.get("object", ""))
    return {thing for thing in (email.about_id, opened) if thing}


def _open_things(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return those of them that can still be answered, with their partnership."""
    ids = list(ids)
    rows = (
        CheckIn.objects.unanswered().filter(pk__in=ids).values_list("pk", "seat__partnership"),
        SurveyResponse.objects.filter(pk__in=ids, answered_at=None, seat__isnull=False).values_list(
            "pk", "seat__partnership"
        ),
        TimePoll.objects.filter(pk__in=ids, state=TimePoll.State.OPEN).values_list(
            "pk", "partnership"
        ),
        Session.objects.filter(pk__in=ids, state=Session.State.PLANNED).values_list(
            "pk", "partnership"
        ),
        Decision.objects.filter(pk__in=ids, state=Decision.State.DECIDE).values_list(
            "pk", "partnership"
        ),
    )
    return {thing: partnership for group in rows for thing, partnership in group}
