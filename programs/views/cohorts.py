"""Cohorts: opened, shown, changed, moved through their phases."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import clock
from core.common.errors import DomainError
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import today
from core.ui.pages import act, form_page
from programs.errors import NoSuchStep
from programs.forms.cohorts import CohortForm
from programs.forms.decisions import MoveForm
from programs.models.programs import Cohort, Enrolment
from programs.operations import cohorts
from programs.queries import eligibility, enrolments, moves
from programs.queries.imports import invitable_enrolments
from programs.queries.moves import ORDER, STEPS
from programs.views.common import find_cohort, find_program


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def new_cohort(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = find_program(request, program_id)
    form = CohortForm(request.POST or None)
    if cohort := act(
        lambda: cohorts.create_cohort(program=program, by=request.member, **form.answers()),
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
    steps = [(phase, _step_words(cohort, phase)) for phase in STEPS[cohort.phase]]
    context = {
        "cohort": cohort,
        "counts": counts,
        "steps": steps,
        "undo": _undo_words(cohort),
        "rules": eligibility.rule_words(cohort),
        "due": [move for move in moves.due_moves(today()) if move.cohort.pk == cohort.pk],
        "invitable": invitable_enrolments(
            Enrolment.objects.visible_to(request.member).filter(cohort=cohort)
        ).count(),
        "silent": enrolments.silent_about_expectations(cohort),
        "states": [
            (state, Enrolment.State(state).label, counts.states[state])
            for state in Enrolment.State.values
            if counts.states.get(state)
        ],
        "parts": [(Enrolment.Part(part).label, number) for part, number in counts.parts.items()],
    }
    return render(request, "programs/cohort.html", context)


def _step_words(cohort: Cohort, to: str) -> str:
    """Return what the button says that takes a cohort to a phase."""
    label = Cohort.Phase(to).label
    if to == Cohort.Phase.CALLED_OFF:
        return _("Call it off")
    forward = ORDER.index(to) > ORDER.index(cohort.phase)
    return (_("Go on to: %(phase)s") if forward else _("Back to: %(phase)s")) % {"phase": label}


def _undo_words(cohort: Cohort) -> str:
    """Return the phase to which the last move can still be undone; "" if it cannot."""
    recent = cohort.moved_at and cohort.moved_at > clock.now() - cohorts.UNDO_WITHIN
    return str(Cohort.Phase(cohort.moved_from).label) if recent and cohort.moved_from else ""


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def edit_cohort(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    was = (cohort.starts_on, cohort.ends_on)
    form = CohortForm(request.POST or None, cohort=cohort)
    if act(lambda: cohorts.edit_cohort(cohort=cohort, by=request.member, **form.answers()), form):
        if was != (cohort.starts_on, cohort.ends_on):
            # partnerships live above: their page names those that fall outside
            return redirect("pairing:move_dates", request.member.organisation.slug, cohort.pk)
        return redirect(cohort)
    return form_page(request, "programs/edit_cohort.html", form, {"cohort": cohort})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def move_cohort(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Say what comes of a move and ask; one that asks nothing is done at once."""
    cohort = find_cohort(request, cohort_id)
    to = request.POST.get("to", "") or request.GET.get("to", "")
    if to not in STEPS[cohort.phase]:  # somebody else has moved it meanwhile
        messages.error(request, str(NoSuchStep()))
        return redirect(cohort)
    matters = moves.matters_of_move(cohort, to, today())
    asks = any(matter.asks for matter in matters)
    form = MoveForm(request.POST or None, to=to, asks=asks)
    if act(
        lambda: cohorts.move_cohort(cohort=cohort, by=request.member, **form.cleaned_data), form
    ):
        phase = Cohort.Phase(cohort.phase).label
        messages.success(request, _("This cohort is now: %(phase)s.") % {"phase": phase})
        return redirect(cohort)
    context = {
        "cohort": cohort,
        "to": to,
        "step": _step_words(cohort, to),
        "matters": matters,
        "hindered": any(matter.hinders for matter in matters),
        "ends": to in {Cohort.Phase.CLOSING, Cohort.Phase.CLOSED},
    }
    return form_page(request, "programs/move_cohort.html", form, context)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def undo_move(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    try:
        cohorts.undo_move(cohort=cohort, by=request.member)
    except DomainError as refusal:  # said on the page where the button was
        messages.error(request, str(refusal))
        return redirect(cohort)
    phase = Cohort.Phase(cohort.phase).label
    messages.success(request, _("This cohort is now: %(phase)s.") % {"phase": phase})
    return redirect(cohort)
