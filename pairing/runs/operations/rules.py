"""What runs to come start from: two people kept together or apart, and named sets of criteria."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from pairing.engine.shapes import Policy
from pairing.errors import LockBreaksRule, NotOfOneCohort, NotSuchAPair, SetNameTaken, SetRemoved
from pairing.inputs.snapshot import Choice
from pairing.models.runs import CriteriaSet, PairRule
from pairing.seating.queries import SeatedTables
from programs.models.programs import Cohort, Enrolment, Program


@transaction.atomic
def set_pair_rule(
    *, cohort: Cohort, kind: str, first: Enrolment, second: Enrolment, by: Member
) -> PairRule:
    """Keep two people of a cohort together (locked) or apart (forbidden) from the next run on.

    In a mentor program the rule is from mentee to mentor, whichever is named first; two people
    have one rule, so a new one replaces the old.  Raises NotOfOneCohort, NotSuchAPair, or
    LockBreaksRule where a rule keeps the two apart: a run could not keep both.
    """
    if first.pk == second.pk or {first.cohort_id, second.cohort_id} != {cohort.pk}:
        raise NotOfOneCohort
    if cohort.program.format == Program.Format.MENTOR:
        if not _seeks(first, second):
            first, second = second, first
        if not _seeks(first, second):
            raise NotSuchAPair
    else:
        first, second = sorted((first, second), key=lambda enrolment: enrolment.pk)
    clear_pair_rule(cohort=cohort, first=first, second=second, by=None)
    if kind == PairRule.Kind.LOCKED:
        _refuse_against_rules(cohort, first, second)
    rule = PairRule.objects.create(
        cohort=cohort, kind=PairRule.Kind(kind), first=first, second=second, set_by=by
    )
    people = [str(first.member_id), str(second.member_id)]
    record(by=by, verb="pair_rule.set", target=rule, rule=str(rule.kind), people=people)
    return rule


def _refuse_against_rules(cohort: Cohort, first: Enrolment, second: Enrolment) -> None:
    against = SeatedTables(cohort).against(str(first.pk), [str(second.pk)])
    if against:
        raise LockBreaksRule(
            first=first.member.full_name,
            second=second.member.full_name,
            rules=[line.rule for line in against],
        )


def _seeks(first: Enrolment, second: Enrolment) -> bool:
    part = Enrolment.Part
    return first.part in {part.MENTEE, part.BOTH} and second.part in {part.MENTOR, part.BOTH}


@transaction.atomic
def clear_pair_rule(
    *, cohort: Cohort, first: Enrolment, second: Enrolment, by: Member | None
) -> int:
    """Drop what is said about two people, in either order; return how many rules that were."""
    either = Q(first=first, second=second) | Q(first=second, second=first)
    rules = list(PairRule.objects.filter(either, cohort=cohort))
    for rule in rules:
        if by is not None:
            people = [str(first.member_id), str(second.member_id)]
            record(by=by, verb="pair_rule.cleared", target=rule, rule=rule.kind, people=people)
        rule.delete()
    return len(rules)


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
