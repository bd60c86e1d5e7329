"""Reading: a cohort's check-ins as facts, and the notes that were meant for me."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from core.common import clock
from core.common.pages import page
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.charts import (
    BarsDrawing,
    HeatCell,
    HeatDrawing,
    Week,
    heat_grid,
    heat_step,
    weekly_bars,
)
from feedback.models import CheckInNote
from feedback.queries import CheckInFacts, Response, check_in_facts
from programs.models.programs import Cohort

COLUMNS_WITH_NAMES = 12


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
                {
                    "name": partnership.name,
                    "responses": [partnership.periods.get(p) for p in facts.periods],
                }
                for partnership in facts.partnerships
            ],
            "steps": [
                (0, _("nobody")),
                (1, _("up to a third")),
                (2, _("up to two thirds")),
                (3, _("more")),
            ],
            "trends": [
                _Trend(_("Mood"), [_Point(m.period, m.mood, m.n) for m in facts.means]),
                _Trend(_("Progress"), [_Point(m.period, m.progress, m.n) for m in facts.means]),
            ],
        },
    )


def _heat(facts: CheckInFacts) -> HeatDrawing:
    last = max(facts.periods, default=0)
    drawing = heat_grid(
        [
            (
                partnership.name,
                [
                    _cell(partnership.name, period, partnership.periods.get(period))
                    for period in range(1, last + 1)
                ],
            )
            for partnership in facts.partnerships
        ],
        row_labels=[str(period) for period in range(1, last + 1)],
    )
    # Below a few columns the first and the last name would stand on each other.
    wide = len(facts.partnerships) >= COLUMNS_WITH_NAMES
    return drawing if wide else replace(drawing, first="", last="")


def _cell(name: str, period: int, response: Response | None) -> HeatCell:
    if response is None:
        return HeatCell(None, "")
    words = ngettext(
        "%(name)s, period %(period)d: %(answered)d of %(asked)d has answered",
        "%(name)s, period %(period)d: %(answered)d of %(asked)d have answered",
        response.asked,
    ) % {"name": name, "period": period, **vars(response)}
    return HeatCell(heat_step(response.answered, response.asked), words)


@dataclass(frozen=True)
class _Point:
    """A mean of one period over `n` people; None where there are too few to show it."""

    period: int
    value: float | None
    n: int


@dataclass(frozen=True)
class _Trend:
    """One answer's means, period by period, and their drawing once there are two to compare."""

    name: str
    points: Sequence[_Point]

    @property
    def shown(self) -> list[_Point]:
        return [point for point in self.points if point.value is not None]

    @property
    def latest(self) -> _Point | None:
        return self.shown[-1] if self.shown else None

    @property
    def drawing(self) -> BarsDrawing | None:
        if len(self.shown) < 2:
            return None
        weeks = [
            Week(
                label=str(point.period),
                value=round(point.value or 0.0, 1),
                title=_("Period %(period)d: %(value).1f of 5, n = %(n)d") % vars(point),
            )
            for point in self.shown
        ]
        return weekly_bars(weeks, most=5.0)


@require_safe
@member_view(Permission.TAKE_PART)
def notes(request: MemberRequest) -> HttpResponse:
    """The lines that others, and I, wrote with check-ins for me to read."""
    rows = CheckInNote.objects.visible_to(request.member).exclude(text="").for_list()
    shown = page(rows, cursor=request.GET.get("after", ""))
    return render(request, "feedback/notes.html", {"page": shown})
