"""Electing somebody to a role: one page that shows the step it is at, and one POST a step."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import clock
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import today
from core.ui.pages import act, form_page
from pairing.partnerships import seats
from pairing.partnerships.seats import partnership_of
from programs.models.parts import MeetingRole
from sessions.elections import operations, queries
from sessions.elections.forms import ConsentForm, NominationForm, OpenElectionForm, ProposeForm
from sessions.elections.queries import ElectionSheet
from sessions.errors import ElectionAlreadyOpen
from sessions.models.elections import Election


@require_safe
@member_view(Permission.TAKE_PART)
def elections(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
    rows = queries.elections_of(partnership=partnership, member=request.member)
    is_partner = seats.seat_of(partnership, request.member) is not None
    page = {"partnership": partnership, "elections": rows, "is_partner": is_partner}
    return render(request, "sessions/elections.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def open_election(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
    seats.require_seat(partnership, request.member)
    roles = MeetingRole.objects.visible_to(request.member)
    form = OpenElectionForm(
        request.POST or None,
        roles=roles.filter(program=partnership.cohort.program_id),
        today=today(),
        last_day=partnership.ends_on,
    )
    if election := act(
        lambda: operations.open_election(
            partnership=partnership, by=request.member, **form.cleaned_data
        ),
        form,
        at={ElectionAlreadyOpen: "role"},
    ):
        messages.success(request, _("Everybody is asked whom they nominate."))
        return redirect(election)
    return form_page(request, "sessions/open_election.html", form, {"partnership": partnership})


@require_safe
@member_view(Permission.TAKE_PART)
def election(request: MemberRequest, partnership_id: UUID, election_id: UUID) -> HttpResponse:
    return _page(request, _sheet(request, partnership_id, election_id))


@require_POST
@member_view(Permission.TAKE_PART)
def nominate(request: MemberRequest, partnership_id: UUID, election_id: UUID) -> HttpResponse:
    sheet = _sheet(request, partnership_id, election_id)
    changing = sheet.election.state == Election.State.CHANGES
    form = NominationForm(request.POST, seats=sheet.people, aside=not changing)
    if not form.is_valid():
        return _page(request, sheet, form)
    write = operations.change_nomination if changing else operations.nominate
    write(election=sheet.election, by=request.member, **form.cleaned_data)
    return redirect(sheet.election)


@require_POST
@member_view(Permission.TAKE_PART)
def step_election(request: MemberRequest, partnership_id: UUID, election_id: UUID) -> HttpResponse:
    """Go on to the next step: reasons once all have nominated, then the change round."""
    sheet = _sheet(request, partnership_id, election_id)
    if sheet.election.state == Election.State.NOMINATING:
        operations.hear_reasons(election=sheet.election, by=request.member)
    else:
        operations.open_changes(election=sheet.election, by=request.member)
    return redirect(sheet.election)


@require_POST
@member_view(Permission.TAKE_PART)
def propose(request: MemberRequest, partnership_id: UUID, election_id: UUID) -> HttpResponse:
    sheet = _sheet(request, partnership_id, election_id)
    form = ProposeForm(request.POST, seats=sheet.people, first=None)
    if not form.is_valid():
        return _page(request, sheet, form)
    operations.propose(election=sheet.election, by=request.member, **form.cleaned_data)
    return redirect(sheet.election)


@require_POST
@member_view(Permission.TAKE_PART)
def consent(request: MemberRequest, partnership_id: UUID, election_id: UUID) -> HttpResponse:
    sheet = _sheet(request, partnership_id, election_id)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _page(request, sheet, form)
    operations.consent(
        election=sheet.election,
        consents=form.cleaned_data["answer"] == "consent",
        objection=form.cleaned_data["objection"],
        by=request.member,
    )
    return redirect(sheet.election)


@require_POST
@member_view(Permission.TAKE_PART)
def end_election(request: MemberRequest, partnership_id: UUID, election_id: UUID) -> HttpResponse:
    sheet = _sheet(request, partnership_id, election_id)
    operations.end_election(election=sheet.election, by=request.member)
    messages.success(request, _("The election has ended; the role goes round again."))
    return redirect(sheet.election)


def _sheet(request: MemberRequest, partnership_id: UUID, election_id: UUID) -> ElectionSheet:
    rows = Election.objects.visible_to(request.member).filter(partnership=partnership_id)
    row = get_object_or_404(rows.for_list(), pk=election_id)
    return queries.election_sheet(election=row, member=request.member, at=clock.now())


def _page(
    request: MemberRequest, sheet: ElectionSheet, form: forms.Form | None = None
) -> HttpResponse:
    """Show the step with its form; one with mistakes answers 422 and keeps what was typed."""
    state = sheet.election.state
    shown = form
    if shown is None and state == Election.State.NOMINATING and sheet.seat and not sheet.mine:
        shown = NominationForm(seats=sheet.people, aside=True)
    elif shown is None and state == Election.State.CHANGES and sheet.seat:
        shown = NominationForm(seats=sheet.people, aside=False)
    elif shown is None and state == Election.State.CONSENT and sheet.seat:
        shown = ConsentForm()
    best = sheet.tally[0][0] if sheet.tally else None
    page = {
        "sheet": sheet,
        "election": sheet.election,
        "partnership": sheet.election.partnership,
        "form": shown,
        "propose_form": ProposeForm(seats=sheet.people, first=best),
    }
    return render(request, "sessions/election.html", page, status=422 if form else 200)
