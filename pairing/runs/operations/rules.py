"""Keeping two people together, or apart, in every run of a cohort."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from core.audit.operations import record
from core.members.models import Member
from pairing.errors import NotOfOneCohort, NotSuchAPair
from pairing.models.runs import PairRule
from programs.models.programs import Cohort, Enrolment, Program


@transaction.atomic
def set_pair_rule(
    *, cohort: Cohort, kind: str, first: Enrolment, second: Enrolment, by: Member
) -> PairRule:
    """Keep two people of a cohort together (locked) or apart (forbidden) from the next run on.

    In a mentor program the rule is from mentee to mentor, whichever is named first; two people
    have one rule, so a new one replaces the old.  Raises NotOfOneCohort or NotSuchAPair.
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
    rule = PairRule.objects.create(
        cohort=cohort, kind=PairRule.Kind(kind), first=first, second=second, set_by=by
    )
    names = [str(first.member), str(second.member)]
    record(by=by, verb="pair_rule.set", target=rule, rule=str(rule.kind), people=names)
    return rule


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
            names = [str(first.member), str(second.member)]
            record(by=by, verb="pair_rule.cleared", target=rule, rule=rule.kind, people=names)
        rule.delete()
    return len(rules)
