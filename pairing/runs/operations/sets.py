"""Keeping a choice of weights, rules and aim under a name."""

from __future__ import annotations

from django.db import transaction

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from pairing.engine.shapes import Policy
from pairing.errors import SetNameTaken, SetRemoved
from pairing.inputs.choice import Choice
from pairing.models.runs import CriteriaSet
from programs.models.programs import Program


@transaction.atomic
def keep_criteria_set(
    *, program: Program, name: str, choice: Choice, policy: str, by: Member | None
) -> CriteriaSet:
    """Keep a choice under a new name; raises SetNameTaken, ValueError for a policy that is none."""
    with refusing("criteria_set_name_once", SetNameTaken()):
        kept = CriteriaSet.objects.create(
            program=program,
            name=name.strip(),
            policy=Policy(policy),
            choice=choice.as_json(),
            made_by=by,
        )
    record(by=by, verb="criteria_set.kept", target=kept)
    return kept


@transaction.atomic
def change_criteria_set(
    *, criteria_set: CriteriaSet, choice: Choice, policy: str, by: Member
) -> CriteriaSet:
    """Put another choice under the same name; runs keep what they used.  Raises SetRemoved."""
    _update(criteria_set, choice=choice.as_json(), policy=Policy(policy))
    record(by=by, verb="criteria_set.changed", target=criteria_set)
    return criteria_set


@transaction.atomic
def rename_criteria_set(*, criteria_set: CriteriaSet, name: str, by: Member) -> CriteriaSet:
    """Give a set another name; raises SetNameTaken or SetRemoved."""
    was = criteria_set.name
    with refusing("criteria_set_name_once", SetNameTaken()):
        _update(criteria_set, name=name.strip())
    record(by=by, verb="criteria_set.renamed", target=criteria_set, was=was)
    return criteria_set


@transaction.atomic
def remove_criteria_set(*, criteria_set: CriteriaSet, by: Member) -> CriteriaSet:
    """Take a set away; it can be brought back, and runs keep its name.  Raises SetRemoved."""
    _update(criteria_set, removed_at=clock.now())
    record(by=by, verb="criteria_set.removed", target=criteria_set)
    return criteria_set


@transaction.atomic
def restore_criteria_set(*, criteria_set: CriteriaSet, by: Member) -> CriteriaSet:
    """Bring a set back; raises SetNameTaken where its name has gone to another meanwhile."""
    with refusing("criteria_set_name_once", SetNameTaken()):
        back = CriteriaSet.objects.filter(pk=criteria_set.pk, removed_at__isnull=False)
        restored = back.update(removed_at=None, changed_at=clock.now())
    criteria_set.refresh_from_db()
    if restored:
        record(by=by, verb="criteria_set.brought_back", target=criteria_set)
    return criteria_set


def _update(criteria_set: CriteriaSet, **fields: object) -> None:
    kept = CriteriaSet.objects.filter(pk=criteria_set.pk, removed_at=None)
    if not kept.update(changed_at=clock.now(), **fields):
        raise SetRemoved
    criteria_set.refresh_from_db()
