"""Pages of workshops: those of a cohort, one of them, and who came."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import clock
from core.common.errors import DomainError
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.models.programs import Program
from programs.models.training import Workshop, WorkshopPlace
from programs.training import queries, workshops
from programs.training.forms import AttendanceForm, WorkshopForm
from programs.training.ics import event_of
from programs.views.common import find_cohort

methods = require_http_methods(["GET", "HEAD", "POST"])
MOST = 100  # workshops of one cohort on a page


def _find(request: MemberRequest, workshop_id: UUID) -> Workshop:
    rows = Workshop.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=workshop_id)


def _runs(request: MemberRequest, program_id: UUID) -> bool:
    return (
        can(request.member, Permission.PROGRAMS_MANAGE)
        and Program.objects.visible_to(request.member).filter(pk=program_id).exists()
    )


def _theirs(request: MemberRequest, workshop_id: UUID) -> Workshop:
    """Return a workshop of a program that this coordinator runs."""
    programs = Program.objects.visible_to(request.member)
    rows = Workshop.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows.filter(cohort__program__in=programs), pk=workshop_id)


@require_safe
@member_view(Permission.TAKE_PART)
def cohort_workshops(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    rows = Workshop.objects.visible_to(request.member).filter(cohort=cohort).for_list()
    context = {
        "cohort": cohort,
        "lines": queries.workshops_for(request.member, rows.order_by("-starts_at", "id")[:MOST]),
        "runs": _runs(request, cohort.program_id),
    }
    return render(request, "programs/training/workshops.html", context)


@methods
@member_view(Permission.PROGRAMS_MANAGE)
def new_workshop(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    form = WorkshopForm(request.POST or None)
    row = act(
        lambda: workshops.plan_workshop(cohort=cohort, by=request.member, **form.cleaned_data), form
    )
    if row:
        messages.success(request, _("The people of this cohort are told."))
        return redirect(row)
    return form_page(request, "programs/training/edit_workshop.html", form, {"cohort": cohort})


@methods
@member_view(Permission.PROGRAMS_MANAGE)
def edit_workshop(request: MemberRequest, workshop_id: UUID) -> HttpResponse:
    workshop = _theirs(request, workshop_id)
    form = WorkshopForm(request.POST or None, workshop=workshop)
    if act(
        lambda: workshops.change_workshop(
            workshop=workshop, by=request.member, **form.cleaned_data
        ),
        form,
    ):
        messages.success(request, _("Saved. Of another time or place who comes is told."))
        return redirect(workshop)
    context = {"cohort": workshop.cohort, "workshop": workshop}
    return form_page(request, "programs/training/edit_workshop.html", form, context)


@methods
@member_view(Permission.PROGRAMS_MANAGE)
def call_off_workshop(request: MemberRequest, workshop_id: UUID) -> HttpResponse:
    """Ask with the number of people who are told, then call it off."""
    workshop = _theirs(request, workshop_id)
    if request.method == "POST":
        _said(
            request,
            lambda: workshops.call_off_workshop(workshop=workshop, by=request.member),
            _("The workshop is called off, and who it concerns is told."),
        )
        return redirect(workshop)
    told = workshop.people.exclude(state=WorkshopPlace.State.GIVEN_UP).count()
    context = {"workshop": workshop, "cohort": workshop.cohort, "told": told}
    return render(request, "programs/training/call_off_workshop.html", context)


def _said(request: MemberRequest, operation: object, done: str) -> None:
    """Run what one button does; a refusal is said on the page where the button was."""
    assert callable(operation)
    try:
        operation()
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)


@require_safe
@member_view(Permission.TAKE_PART)
def workshop(request: MemberRequest, workshop_id: UUID) -> HttpResponse:
    """What happens there, my place, and for who runs it who comes and who came."""
    return _page(request, _find(request, workshop_id), None)


def _page(request: MemberRequest, row: Workshop, form: AttendanceForm | None) -> HttpResponse:
    people = list(
        WorkshopPlace.objects.visible_to(request.member)
        .filter(workshop=row)
        .exclude(state=WorkshopPlace.State.GIVEN_UP)
        .select_related("member")
        .order_by("asked_at", "id")
    )
    coming = [place for place in people if place.state == WorkshopPlace.State.COMING]
    now = clock.now()
    runs = _runs(request, row.cohort.program_id)
    context = {
        "workshop": row,
        "cohort": row.cohort,
        "agenda": queries.html_of(row.agenda, row.organisation.slug),
        "mine": next((place for place in people if place.member_id == request.member.pk), None),
        "line": queries.place_in_line_of(row, request.member),
        "free": queries.free_places(row),
        "may_sign_up": queries.may_sign_up(row, request.member),
        "to_come": row.called_off_at is None and row.starts_at > now,
        "runs": runs,
        "coming": coming,
        "waiting": [place for place in people if place not in coming],
    }
    if runs and row.starts_at <= now and coming:
        form = form or AttendanceForm(places=coming)
    return form_page(request, "programs/training/workshop.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def sign_up(request: MemberRequest, workshop_id: UUID) -> HttpResponse:
    row = _find(request, workshop_id)
    _said(
        request,
        lambda: workshops.sign_up(workshop=row, by=request.member),
        _("It is noted. Below you see how it stands."),
    )
    return redirect(row)


@require_POST
@member_view(Permission.TAKE_PART)
def give_up_place(request: MemberRequest, workshop_id: UUID) -> HttpResponse:
    row = _find(request, workshop_id)
    _said(
        request,
        lambda: workshops.give_up(workshop=row, by=request.member),
        _("You are not on the list any more."),
    )
    return redirect(row)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def record_workshop(request: MemberRequest, workshop_id: UUID) -> HttpResponse:
    row = _theirs(request, workshop_id)
    places = WorkshopPlace.objects.visible_to(request.member).filter(
        workshop=row, state=WorkshopPlace.State.COMING
    )
    form = AttendanceForm(request.POST, places=list(places.select_related("member")))
    if act(
        lambda: workshops.record_attendance(
            workshop=row, came=form.cleaned_data["came"], by=request.member
        ),
        form,
    ):
        came = len(form.cleaned_data["came"])
        words = ngettext("%(n)d person came.", "%(n)d people came.", came) % {"n": came}
        messages.success(request, words)
        return redirect(row)
    return _page(request, row, form)


@require_safe
@member_view(Permission.TAKE_PART)
def workshop_ics(request: MemberRequest, workshop_id: UUID) -> HttpResponse:
    row = _find(request, workshop_id)
    answer = HttpResponse(event_of(row), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="workshop.ics"'
    return answer
