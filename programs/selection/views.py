"""Wanting to be a mentor: the own page of it, and the manager's, who follows a signed link."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.common import clock
from core.members.links import is_signed_in, signed_link
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.models.programs import Enrolment
from programs.models.selection import Candidacy
from programs.queries.enrolments import enrolment_of
from programs.selection import operations
from programs.selection.forms import CandidacyForm, ManagerForm
from programs.selection.queries import candidacy_of
from programs.views.common import find_cohort

methods = require_http_methods(["GET", "HEAD", "POST"])


@methods
@member_view(Permission.TAKE_PART)
def candidacy(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Say how one meets the criteria, and have one's manager asked; see what they answered."""
    cohort = find_cohort(request, cohort_id)
    enrolment = enrolment_of(cohort, request.member)
    if enrolment is None or not cohort.program.selects(enrolment.part):
        raise Http404
    row = candidacy_of(enrolment)
    form = CandidacyForm(request.POST or None, enrolment=enrolment, candidacy=row)
    if act(
        lambda: operations.ask_manager(enrolment=enrolment, by=request.member, **form.cleaned_data),
        form,
    ):
        messages.success(request, _("Your manager has been asked."))
        return redirect("programs:candidacy", cohort.organisation.slug, cohort.pk)
    undecided = enrolment.state in Enrolment.UNDECIDED
    context = {
        "cohort": cohort,
        "candidacy": row,
        "waits": row is not None and undecided and row.is_open(clock.now()),
        "may_ask": undecided and not (row and row.answer),
    }
    return form_page(request, "programs/selection/candidacy.html", form, context)


@methods
@signed_link("manager", max_age=Candidacy.ANSWERED_WITHIN)
def manager(request: HttpRequest, member: Member, candidacy_id: UUID) -> HttpResponse:
    """Answer for somebody of one's team; the page names them and the program, nothing else.

    Who asks cannot answer: their own sign-in is refused.
    """
    rows = Candidacy.objects.visible_to(member).select_related("enrolment__cohort__program")
    row = get_object_or_404(rows, pk=candidacy_id)
    own = is_signed_in(request, member)
    form = ManagerForm(request.POST if request.method == "POST" else None)
    if not own:
        act(lambda: operations.answer(candidacy=row, **form.cleaned_data), form)
    undecided = row.enrolment.state in Enrolment.UNDECIDED
    context = {
        "applicant": member.full_name,
        "program": row.enrolment.cohort.program,
        "own": own,
        "asks": undecided and row.is_open(clock.now()),
        "answered": bool(row.answer),
    }
    return form_page(request, "programs/selection/manager.html", form, context)
