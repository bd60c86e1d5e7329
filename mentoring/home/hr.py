"""What HR finds at home: which figures are new, the reports, and the ways to take figures along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from core.members.models import ApiToken, Member
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.released import newly_released
from metrics.figures import definition
from programs.models.programs import Cohort

LATELY = timedelta(days=7)
REPORTS = 8


@dataclass(frozen=True)
class _News:
    """What is new in one cohort: where it stands, and which figures of answers moved on."""

    cohort: Cohort
    moved: bool
    figures: Sequence[str]


@dataclass(frozen=True)
class HrDay:
    news: Sequence[_News]
    reports: Sequence[Cohort]
    tokens: Sequence[ApiToken]


def hr_day(member: Member, *, now: datetime) -> HrDay:
    """Return what changed in the last seven days, the latest reports, and this person's tokens."""
    rows = Cohort.objects.visible_to(member).exclude(phase=Cohort.Phase.DRAFT).for_list()
    cohorts = list(rows.order_by("-starts_on", "id"))
    since = day_of(now - LATELY, settings_in_force().zone)
    released = newly_released([cohort.pk for cohort in cohorts], since)
    news = []
    for cohort in cohorts:
        moved = cohort.moved_at is not None and cohort.moved_at >= now - LATELY
        meanings = filter(None, map(definition, sorted(released.get(cohort.pk, ()))))
        names = [str(meaning.name) for meaning in meanings]
        if moved or names:
            news.append(_News(cohort, moved, names))
    tokens = ApiToken.objects.visible_to(member).filter(
        Q(expires_at=None) | Q(expires_at__gt=now), member=member, revoked_at=None
    )
    return HrDay(news, cohorts[:REPORTS], list(tokens.order_by("expires_at", "id")))
