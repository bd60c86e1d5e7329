"""Cohorts: opened, shown, changed, moved through their phases."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common.errors import DomainError
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.forms.cohorts import CohortForm
from programs.models.programs import Cohort, Enrolment
from programs.operations import cohorts
from programs.operations.cohorts import ORDER, steps_from
from programs.queries import enrolments
from programs.views.common import find_cohort, find_program


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def new_cohort(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    form = CohortForm(request.POST or None)
    if cohort := act(
        lambda: cohorts.create_cohort(program=program, by=request.member, **form.cleaned_data),
        form,
        at={DomainError: "name"},
    ):
        return redirect(cohort)
    return form_page(request, "programs/new_cohort.html", form, {"program": program})


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def cohort(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    counts = enrolments.cohort_counts(cohort)
    at = ORDER.index(cohort.phase)
    steps = steps_from(cohort.phase)
    context = {
        "cohort": cohort,
        "counts": counts,
        "phases": _phases(cohort),
        "next_phase": _phase_words(steps[-1]) if at < len(ORDER) - 1 else None,
        # with people in it a cohort cannot be a draft again
        "previous_phase": _phase_words(steps[0])
        if at > 1 or (at == 1 and not counts.everybody)
        else None,
        "states": [
            (state, Enrolment.State(state).label, counts.states[state])
            for state in Enrolment.State.values
            if counts.states.get(state)
        ],
        "parts": [(Enrolment.Part(part).label, number) for part, number in counts.parts.items()],
    }
    return render(request, "programs/cohort.html", context)


def _phase_words(phase: str) -> tuple[str, str]:
    return phase, str(Cohort.Phase(phase).label)


def _phases(cohort: Cohort) -> list[tuple[str, str, str]]:
    """Return the timeline: each phase with a note and whether it is done or now."""
    at = ORDER.index(cohort.phase)
    notes = {
        Cohort.Phase.RUNNING: _("from %(day)s") % {"day": date_format(cohort.starts_on, "j M Y")},
        Cohort.Phase.CLOSING: _("from %(day)s") % {"day": date_format(cohort.ends_on, "j M Y")},
    }
    return [
        (
            str(Cohort.Phase(phase).label),
            notes.get(Cohort.Phase(phase), ""),
            "done" if place < at else "now" if place == at else "",
        )
        for place, phase in enumerate(ORDER)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def edit_cohort(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    names = ("name", "starts_on", "ends_on", "places")
    form = CohortForm(request.POST or None, initial={name: getattr(cohort, name) for name in names})
    if act(
        lambda: cohorts.edit_cohort(cohort=cohort, by=request.member, **form.cleaned_data), form
    ):
        return redirect(cohort)
    return form_page(request, "programs/edit_cohort.html", form, {"cohort": cohort})


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def move_cohort(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    moved = cohorts.move_cohort(cohort=cohort, to=request.POST.get("to", ""), by=request.member)
    phase = Cohort.Phase(moved.phase).label
    messages.success(request, _("This cohort is now: %(phase)s.") % {"phase": phase})
    return redirect(moved)
