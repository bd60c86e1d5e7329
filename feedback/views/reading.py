"""Reading: a cohort's check-ins as facts, and the notes that were meant for me."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from feedback.models import CheckInNote
from feedback.queries import CheckInFacts, check_in_facts
from feedback.queries.check_ins import PartnershipPeriods, PeriodMean
from mentoring.common import clock
from mentoring.common.pages import page
from mentoring.design.charts import (
    BarsDrawing,
    HeatCell,
    HeatDrawing,
    Week,
    heat_grid,
    heat_step,
    weekly_bars,
)
from mentoring.identity.http import MemberRequest, member_view
from mentoring.identity.permissions import Permission
from programs.models import Cohort


@require_safe
@member_view(Permission.PARTNERSHIPS_MANAGE)
def cohort_check_ins(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """A cohort's check-ins: who was asked and who has answered, never what they wrote."""
    cohorts = Cohort.objects.visible_to(request.member).for_list()
    cohort = get_object_or_404(cohorts, pk=cohort_id)
    facts = check_in_facts(cohort, request.member, at=clock.now())
    return render(
        request,
        "feedback/cohort_check_ins.html",
        {
            "cohort": cohort,
            "facts": facts,
            "heat": _heat(facts),
            "table": [
                {"name": found.name, "responses": [found.periods.get(p) for p in facts.periods]}
                for found in facts.partnerships
            ],
            "steps": [
                (0, _("nobody")),
                (1, _("up to a third")),
                (2, _("up to two thirds")),
                (3, _("more")),
            ],
            "mood": _bars(facts.means, "mood"),
            "progress": _bars(facts.means, "progress"),
        },
    )


def _heat(facts: CheckInFacts) -> HeatDrawing:
    last = max(facts.periods, default=0)
    return heat_grid(
        [
            (found.name, [_cell(found, period) for period in range(1, last + 1)])
            for found in facts.partnerships
        ],
        row_labels=[str(period) for period in range(1, last + 1)],
    )


def _cell(found: PartnershipPeriods, period: int) -> HeatCell:
    response = found.periods.get(period)
    if response is None:
        return HeatCell(None, "")
    words = ngettext(
        "%(name)s, period %(period)d: %(answered)d of %(asked)d has answered",
        "%(name)s, period %(period)d: %(answered)d of %(asked)d have answered",
        response.asked,
    ) % {"name": found.name, "period": period, **vars(response)}
    return HeatCell(heat_step(response.answered, response.asked), words)


def _bars(means: Sequence[PeriodMean], what: str) -> BarsDrawing | None:
    """Return columns of a mean, 1 to 5, of the periods with enough answers; None without any."""
    weeks = [
        Week(
            label=str(mean.period),
            value=round(value, 1),
            title=_("Period %(period)d: %(value).1f of 5, n = %(n)d")
            % {"period": mean.period, "value": value, "n": mean.n},
        )
        for mean in means
        if (value := getattr(mean, what)) is not None
    ]
    return weekly_bars(weeks, most=5.0) if weeks else None


@require_safe
@member_view(Permission.TAKE_PART)
def notes(request: MemberRequest) -> HttpResponse:
    """The lines that others, and I, wrote with check-ins for me to read."""
    rows = CheckInNote.objects.visible_to(request.member).exclude(text="").for_list()
    shown = page(rows, cursor=request.GET.get("after", ""))
    return render(request, "feedback/notes.html", {"page": shown})
