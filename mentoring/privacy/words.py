"""Words of people who are still here: they go some months after what they were written in is over.

A partnership is over when it has ended, a place in a cohort when the cohort has.  That something
happened stays.  What has a clock of its own (concerns, e-mails, files) is left to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Min

from core.audit.models import AuditEvent
from core.audit.operations import changes_of, record
from core.common import clock
from core.common.months import months_before
from core.common.rows import row_by_row
from core.members.models import Member
from core.tenancy import due
from core.tenancy.context import current_organisation_id, tenant
from core.tenancy.models import OrganisationSettings, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep
from core.tenancy.queries import settings_in_force
from mentoring.privacy.erasing import empty
from mentoring.privacy.retention import OVER
from mentoring.privacy.tables import tables
from pairing.models.partnerships import Partnership
from programs.models.programs import Enrolment

AT_ONCE = 20
SHOWN = 100
CHOICES = (6, 12, 24, 36, 60)
VERB = "words.erased"


@dataclass(frozen=True)
class OldWords:
    """How much some months would erase at once, and what is the next to follow."""

    partnerships: int
    enrolments: int
    people: int
    next_at: datetime | None


@cache
def path_to(model: type[TenantModel], target: type[TenantModel]) -> str | None:
    """Return the shortest way from a row to the partnership or the place it was written in."""
    ways: list[tuple[type[TenantModel], tuple[str, ...]]] = [(model, ())]
    seen = {model}
    while ways:
        here, way = ways.pop(0)
        if here is target:
            return "__".join(way)
        for field in here._meta.local_fields:
            there = field.related_model
            if isinstance(field, TenantForeignKey) and there not in seen:
                assert isinstance(there, type)
                assert issubclass(there, TenantModel)
                seen.add(there)
                ways.append((there, (*way, field.name)))
    return None


@cache
def written_in(target: type[TenantModel]) -> dict[type[TenantModel], str]:
    """Return the tables whose words are written in partnerships, or in places of a cohort.

    What may be in a partnership (an answer about it) is with the places where it is in none.
    """
    ways = {
        model: way
        for model in tables()
        if model.privacy.keep in (Keep.PERSON, Keep.PARTNERSHIP)
        and (model.privacy.erase or model.privacy.rows or model.privacy.shared)
        and (way := path_to(model, target)) is not None
    }
    if target is Partnership:
        return ways
    return {model: way for model, way in ways.items() if not _always_in_partnership(model)}


def _always_in_partnership(model: type[TenantModel]) -> bool:
    way = path_to(model, Partnership)
    if way is None:
        return False
    for name in way.split("__"):
        field = model._meta.get_field(name)
        assert isinstance(field, TenantForeignKey)
        if field.null:
            return False
        there = field.related_model
        assert isinstance(there, type)
        assert issubclass(there, TenantModel)
        model = there
    return True


def due_partnerships(*, before: datetime) -> Any:
    """Return the partnerships that were over by then, and whose words are still there."""
    return Partnership.objects.filter(ended_at__lte=before, words_erased_at=None)


def due_enrolments(*, before: datetime) -> Any:
    """Return the places in cohorts that were over by then, whose words are still there."""
    return Enrolment.objects.filter(
        cohort__phase__in=OVER, cohort__moved_at__lte=before, words_erased_at=None
    )


def old_words(*, months: int, at: datetime) -> OldWords:
    """Count what would go at once if words were kept for so many months."""
    before = months_before(at, months)
    partnerships, enrolments = due_partnerships(before=before), due_enrolments(before=before)
    seats = partnerships.filter(seats__isnull=False).values("seats__enrolment__member")
    people = Member.objects.filter(pk__in=seats) | Member.objects.filter(
        pk__in=enrolments.values("member")
    )
    return OldWords(
        partnerships.count(), enrolments.count(), people.count(), _next_at(before, months)
    )


def _next_at(before: datetime, months: int) -> datetime | None:
    later = [
        Partnership.objects.filter(ended_at__gt=before).aggregate(at=Min("ended_at"))["at"],
        Enrolment.objects.filter(cohort__phase__in=OVER, cohort__moved_at__gt=before).aggregate(
            at=Min("cohort__moved_at")
        )["at"],
    ]
    first = min((at for at in later if at), default=None)
    return months_before(first, -months) if first else None


@transaction.atomic
def keep_words(*, months: int | None, by: Member) -> OrganisationSettings:
    """Say how long words are kept after what they were written in is over; None: always.

    Raises ValueError for a time that is not offered.
    """
    if months is not None and months not in CHOICES:
        raise ValueError(f"not offered: {months}")
    chosen = settings_in_force()
    changes = changes_of(chosen, {"words_months": months})
    if changes:
        OrganisationSettings.objects.filter(pk=chosen.pk).update(words_months=months)
        record(
            by=by,
            verb="organisation.changed",
            target=by.organisation,
            changed=sorted(changes),
            changes=changes,
        )
        due.mark()
    chosen.refresh_from_db()
    return chosen


def erase_old_words(*, at: datetime) -> int:
    """Erase the words of what has been over for as long as the settings say; return how much."""
    months = settings_in_force().words_months
    if months is None:
        return 0
    before = months_before(at, months)
    partnerships = row_by_row(
        due_partnerships(before=before).order_by("ended_at", "pk")[:AT_ONCE], _erase_partnership
    )
    enrolments = row_by_row(
        due_enrolments(before=before)
        .select_related("cohort")
        .order_by("cohort__moved_at", "pk")[:AT_ONCE],
        _erase_enrolment,
    )
    return partnerships + enrolments


def words_erased_lately() -> list[AuditEvent]:
    """Return the log: of which partnerships and places words went and when, the last one first."""
    return list(AuditEvent.objects.filter(verb=VERB).order_by("-id")[:SHOWN])


def _erase_partnership(partnership: Partnership) -> bool:
    people = partnership.seats.order_by("pk").values_list("enrolment__member", flat=True)
    emptied = sum(
        _empty_as(member_id, Partnership, partnership.pk) for member_id in dict.fromkeys(people)
    )
    Partnership.objects.filter(pk=partnership.pk).update(words_erased_at=clock.now())
    record(by=None, verb=VERB, target=partnership, rows=emptied)
    return True


def _erase_enrolment(enrolment: Enrolment) -> bool:
    emptied = _empty_as(enrolment.member_id, Enrolment, enrolment.pk)
    Enrolment.objects.filter(pk=enrolment.pk).update(words_erased_at=clock.now())
    record(by=None, verb=VERB, target=enrolment, rows=emptied)
    return True


def _empty_as(member_id: Any, target: type[TenantModel], pk: Any) -> int:
    """Empty what one of those who wrote there may read: private bodies are shown to no other."""
    emptied = 0
    with tenant(current_organisation_id(), member=member_id):
        for model, way in written_in(target).items():
            rows = model._base_manager.filter(**{way or "pk": pk})
            if target is Enrolment and (other := path_to(model, Partnership)):
                rows = rows.filter(**{other: None})
            rows = model._base_manager.filter(pk__in=rows.values("pk"))
            if model.privacy.rows:
                emptied += rows.delete()[0]
            else:
                names = {*model.privacy.erase, *model.privacy.shared}
                emptied += empty(rows, model, sorted(names))
    return emptied
