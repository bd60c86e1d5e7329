"""Reading: a cohort's check-ins as facts, and the notes that were meant for me."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode
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
from core.ui.forms import FilterForm
from feedback.models.check_ins import CheckInNote
from feedback.queries import (
    CheckInFacts,
    CheckInsFilter,
    Mean,
    Response,
    check_in_facts,
    cohort_ends,
    cohort_nudges,
    concerned_by_leaving,
    last_period,
)
from pairing.partnerships.cohorts import as_uuid
from programs.models.programs import Cohort, Enrolment

COLUMNS_WITH_NAMES = 12


@require_safe
@member_view(Permission.PARTNERSHIPS_MANAGE)
def cohort_ending(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Count what ends with a cohort; the page that asks for it borrows this as a fragment."""
    cohorts = Cohort.objects.visible_to(request.member).for_list()
    cohort = get_object_or_404(cohorts, pk=cohort_id)
    ending = cohort_ends(cohort, at=clock.now())
    template = "feedback/_cohort_ending.html" if request.htmx else "feedback/cohort_ending.html"
    return render(request, template, {"cohort": cohort, "ending": ending})


@require_safe
@member_view(Permission.TAKE_PART)
def leaving(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Count whom it concerns if people leave a cohort: oneself, or those a coordinator chose."""
    cohorts = Cohort.objects.visible_to(request.member).for_list()
    cohort = get_object_or_404(cohorts, pk=cohort_id)
    chosen = [text for text in request.GET.getlist("enrolment") if as_uuid(text)]
    rows = Enrolment.objects.visible_to(request.member).filter(cohort=cohort).in_place()
    people = rows.filter(pk__in=chosen) if chosen else rows.filter(member=request.member)
    context = {
        "cohort": cohort,
        "leaving": concerned_by_leaving(list(people), at=clock.now()),
    }
    template = "feedback/_leaving.html" if request.htmx else "feedback/leaving.html"
    return render(request, template, context)


@require_safe
@member_view(Permission.PARTNERSHIPS_MANAGE)
def cohort_check_ins(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """A cohort's check-ins: who was asked and who has answered, never what they wrote."""
    cohorts = Cohort.objects.visible_to(request.member).for_list()
    cohort = get_object_or_404(cohorts.annotate(last=last_period()), pk=cohort_id)
    wanted, query = CheckInsFilter.read(request.GET), request.GET
    facts = check_in_facts(
        cohort,
        request.member,
        at=clock.now(),
        last=vars(cohort)["last"] or 0,
        wanted=wanted,
        after=query.get("after", ""),
        waiting_after=query.get("waiting", ""),
    )
    more_people = urlencode({**wanted.parts, "waiting": facts.next_waiting})
    return render(
        request,
        "feedback/cohort_check_ins.html",
        {
            "cohort": cohort,
            "facts": facts,
            "finding": _finding(facts),
            "filters": FilterForm(wanted, placeholder=_("Name or person")),
            "more": wanted.url(after=facts.next_partnerships) if facts.next_partnerships else "",
            "more_people": f"?{more_people}" if facts.next_waiting else "",
            "nudges": cohort_nudges(cohort, at=clock.now()),
            "heat": _heat(facts),
            "table": [
                {
                    "name": partnership.name,
                    "responses": [_in_words(partnership.periods.get(p)) for p in facts.periods],
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
                _Trend(_("Mood"), facts.moods),
                _Trend(_("Progress"), facts.progress),
            ],
        },
    )


def _in_words(response: Response | None) -> str:
    return _("%(answered)s of %(asked)s") % vars(response) if response else "–"


def _finding(facts: CheckInFacts) -> str:
    counted = {**vars(facts.total), "periods": len(facts.periods)}
    if facts.periods[:1] in ([], [1]):
        return _("%(answered)d of %(asked)d check-ins are answered so far") % counted
    return (
        _("%(answered)d of %(asked)d check-ins of the last %(periods)d periods are answered")
        % counted
    )


def _heat(facts: CheckInFacts) -> HeatDrawing:
    drawing = heat_grid(
        [
            (
                partnership.name,
                [
                    _cell(partnership.name, period, partnership.periods.get(period))
                    for period in facts.periods
                ],
            )
            for partnership in facts.partnerships
        ],
        row_labels=[str(period) for period in facts.periods],
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
class _Trend:
    """One answer's means, period by period, and their drawing once there are two to compare."""

    name: str
    points: Sequence[Mean]

    @property
    def shown(self) -> list[Mean]:
        return [point for point in self.points if point.value is not None]

    @property
    def latest(self) -> Mean | None:
        return self.shown[-1] if self.shown else None

    @property
    def drawing(self) -> BarsDrawing | None:
        if len(self.shown) < 2:
            return None
        weeks = [
            Week(
                label=str(point.period),
                value=round(float(point.value or 0), 1),
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
