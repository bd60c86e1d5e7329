"""Looking at a program: what may be shown is released, and stays as it is."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.audit.operations import record
from core.common import clock
from core.common.errors import DomainError
from core.members.models import Member
from core.tenancy.queries import settings_in_force
from feedback.released import thresholds
from metrics.fit.queries import Outcome, gone, numbers_of, people_of
from metrics.fit.study import study
from metrics.models import FitLook
from metrics.queries.tallied import AsOf
from programs.models.parts import Criterion
from programs.models.programs import Cohort, Program


class NothingToLearn(DomainError):
    code, message = "fit_of_circles", _("Circles are matched as a whole: nothing is said of pairs.")


@transaction.atomic
def look_at_fit(*, program: Program, by: Member | None) -> list[FitLook]:
    """Look at each outcome of a program's partnerships; return the looks that were made.

    Whatever was released before is not read again.  After a refusal the next look waits until as
    many people as a figure needs are new, or the day on which it turns would tell of one of them.
    Raises NothingToLearn of circles.
    """
    if program.format == Program.Format.CIRCLES:
        raise NothingToLearn
    # two people at once would release the same partnerships twice
    Program.objects.select_for_update(of=("self",)).get(pk=program.pk)
    chosen = settings_in_force()
    as_of = AsOf.of(chosen, clock.now())
    cohorts = Cohort.objects.filter(program=program).values_list("pk", flat=True)
    k = max(thresholds(list(cohorts), chosen.threshold).values(), default=chosen.threshold)
    # the weight decides who comes first, and no answer of anybody
    rows = Criterion.objects.filter(program=program, sort=Criterion.Sort.SCORE)
    criteria = list(rows.order_by("-weight", "position", "pk").values_list("key", flat=True))
    made = []
    for outcome in Outcome.values:
        found = gone(program, outcome, as_of)
        ids = sorted(case.partnership for case in found.cases)
        before = (
            FitLook.objects.filter(program=program, outcome=outcome).exclude(refusal="").first()
        )
        seen = set(before.partnerships) if before else set()
        if before and people_of([pk for pk in ids if pk not in seen]) < k:
            continue
        if before:
            before.delete()
        result = study(found.cases, criteria, k, found.known, found.others)
        look = FitLook.objects.create(
            program=program,
            outcome=outcome,
            looked_on=as_of.today,
            refusal=result.refusal or "",
            partnerships=ids,
            splits={key: numbers_of(split) for key, split in result.splits.items()},
            refused=dict(result.refused),
        )
        said = look.refusal or "released"
        record(by=by, verb="fit.looked_at", target=program, outcome=outcome, result=said)
        made.append(look)
    return made
