"""Closing an organisation, and deleting it thirty days later."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.accounts.operations.pruning import remove_users
from core.audit.operations import record
from core.common import clock
from core.members.models import Key, Member
from core.notifications.models import Envelope
from core.notifications.operations import withdraw_all_but
from core.tenancy.context import tenant
from core.tenancy.models import Due, Organisation, TenantForeignKey, TenantModel
from mentoring import follow_ups
from mentoring.privacy.tables import tables
from programs.models.programs import Cohort
from programs.operations.cohorts import move_cohort
from sessions.models.sessions import Session

KEPT = timedelta(days=30)
ROUNDS = 5  # what one follow-up does the next one may have to notice
Phase = Cohort.Phase
GOING_ON = (Phase.RUNNING, Phase.CLOSING)
BEFORE = (Phase.DRAFT, Phase.ENROLLING, Phase.MATCHING)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Closing:
    """What ends when an organisation is closed."""

    people: int
    closed: int
    called_off: int
    sessions: int


def what_closes() -> Closing:
    return Closing(
        people=Member.objects.reachable().count(),
        closed=Cohort.objects.filter(phase__in=GOING_ON).count(),
        called_off=Cohort.objects.filter(phase__in=BEFORE).count(),
        sessions=Session.objects.filter(
            state=Session.State.PLANNED, starts_at__gt=clock.now()
        ).count(),
    )


@transaction.atomic
def close_organisation(*, by: Member) -> Organisation:
    """Close the organisation of this owner: nobody comes in any more, and no link or key opens.

    Cohorts are closed or called off and calendars told; e-mails of that still go, all others are
    taken back.  Thirty days later everything is deleted.
    """
    organisation: Organisation = by.organisation
    words = _("%(name)s has been closed.") % {"name": organisation.name}
    for cohort in Cohort.objects.filter(phase=Phase.RUNNING):
        move_cohort(cohort=cohort, to=Phase.CLOSING, by=by, confirmed=True)
    for cohort in Cohort.objects.filter(phase=Phase.CLOSING):
        move_cohort(cohort=cohort, to=Phase.CLOSED, by=by, confirmed=True)
    for cohort in Cohort.objects.filter(phase__in=BEFORE):
        move_cohort(cohort=cohort, to=Phase.CALLED_OFF, by=by, confirmed=True, words=words)
    record(by=by, verb="organisation.closed", target=organisation)
    for _round in range(ROUNDS):
        if not follow_ups.follow_up(organisation.pk):
            break
    withdraw_all_but(~Q(calendar=[]) | Q(kind="programs.called_off"))
    Organisation.objects.filter(pk=organisation.pk).update(closed_at=clock.now())
    organisation.refresh_from_db()
    return organisation


def delete_closed() -> int:
    """Delete the rows of organisations closed thirty days ago; return how many those were.

    The bare row with its address stays, without a name, so that nobody is given it again.
    """
    over = Organisation.objects.filter(closed_at__lt=clock.now() - KEPT).exclude(name="")
    deleted = 0
    for organisation in over:
        try:
            _delete(organisation)
            deleted += 1
        except Exception:
            log.exception("one closed organisation could not be deleted")
    return deleted


@transaction.atomic
def _delete(organisation: Organisation) -> None:
    with tenant(organisation):
        users = list(Member.objects.values_list("user_id", flat=True))
        for model in _children_first():
            rows: Any = model._base_manager.all()
            # the database takes bodies along with their facts; nothing else would be left to it
            rows._raw_delete(rows.db)
        Envelope.objects.filter(organisation=organisation).delete()
    Key.objects.filter(organisation=organisation).delete()
    Due.objects.filter(organisation=organisation).delete()
    Organisation.objects.filter(pk=organisation.pk).update(name="")
    for user in users:  # one by one: who has another organisation keeps the sign-in
        remove_users([UUID(str(user))])


def _children_first() -> list[type[TenantModel]]:
    """Return the tables in an order in which no row goes that another still refers to.

    Private bodies are left out, since nobody may delete them: they go with the fact they belong
    to, which therefore goes before whatever else they refer to.
    """
    models = tables()
    private = {model for model in models if _is_private(model)}
    waiting = [model for model in models if model not in private]
    ordered: list[type[TenantModel]] = []
    while waiting:
        held = {target for model in waiting for target in _targets(model)}
        for model in private:
            facts = _facts_of(model)
            if any(fact in waiting for fact in facts):
                held |= _targets(model) - facts
        free = [model for model in waiting if model not in held]
        assert free, "two tables refer to each other"
        ordered += free
        waiting = [model for model in waiting if model in held]
    return ordered


def _is_private(model: type[TenantModel]) -> bool:
    return any(field.name == "readers" for field in model._meta.local_fields)


def _targets(model: type[TenantModel]) -> set[type[TenantModel]]:
    fields = model._meta.local_fields
    named = [field.related_model for field in fields if isinstance(field, TenantForeignKey)]
    return {target for target in named if issubclass(target, TenantModel)} - {model}


def _facts_of(model: type[TenantModel]) -> set[type[TenantModel]]:
    """Return the tables whose rows take the bodies of this one along, as the database says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT confrelid::regclass::text FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f' AND confdeltype = 'c'",
            [model._meta.db_table],
        )
        names = {name for (name,) in cursor.fetchall()}
    return {other for other in tables() if other._meta.db_table in names}
