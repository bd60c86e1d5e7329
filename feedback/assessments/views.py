"""My own page of how I lead, its file, and the library of scales."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.common import clock, csv
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import AT_THE_FORM, act, form_page
from feedback.assessments import drawings, operations, pdf, queries
from feedback.assessments.forms import IntoSurveyForm, ScaleForm
from feedback.assessments.scales import SCALES
from feedback.errors import ScaleNameTaken, ScaleNotExportable
from feedback.models.built import BuiltSurvey
from programs.models.programs import Enrolment

AT_THE_SCALE = {**AT_THE_FORM, ScaleNameTaken: "name"}
COLUMNS = ("scale", "source", "licence", "permitted use", "answers", "item", "words", "reversed")


@require_safe
@member_view(Permission.TAKE_PART)
def how_i_lead(request: MemberRequest) -> HttpResponse:
    """How I lead in the newest program I take part in, or when this page has something."""
    mine = queries.enrolments_of(request.member)
    if mine:
        return redirect(queries.page_of(mine[0]))
    return render(request, "feedback/assessments/how_i_lead.html", {"lead": None})


@require_safe
@member_view(Permission.TAKE_PART)
def how_i_lead_in(request: MemberRequest, enrolment_id: UUID) -> HttpResponse:
    """How I see myself, how my peers see me, and what comes next; nobody else's page."""
    lead = queries.how_i_lead(_own(request, enrolment_id), request.member, at=clock.now())
    context = {
        "lead": lead,
        "drawings": drawings.of(lead),
        "others": queries.enrolments_of(request.member),
        "can_draw": pdf.can_draw(lead),
    }
    return render(request, "feedback/assessments/how_i_lead.html", context)


@require_safe
@member_view(Permission.TAKE_PART)
def how_i_lead_pdf(request: MemberRequest, enrolment_id: UUID) -> HttpResponse:
    """The same as a file, for a talk about one's own performance."""
    enrolment = _own(request, enrolment_id)
    lead = queries.how_i_lead(enrolment, request.member, at=clock.now())
    if not pdf.can_draw(lead):
        return redirect(queries.page_of(enrolment))
    answer = HttpResponse(pdf.draw(lead), content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="how-i-lead.pdf"'
    return answer


def _own(request: MemberRequest, enrolment_id: UUID) -> Enrolment:
    rows = Enrolment.objects.visible_to(request.member).filter(member=request.member)
    return get_object_or_404(rows.for_list(), pk=enrolment_id)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def scales(request: MemberRequest) -> HttpResponse:
    """All scales that can be put into a survey, with their source and licence."""
    context = {"own": queries.own_scales(request.member), "library": SCALES}
    return render(request, "feedback/assessments/scales.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def new_scale(request: MemberRequest) -> HttpResponse:
    """Bring a scale of the organisation's own."""
    form = ScaleForm(request.POST or None)
    added = act(
        lambda: operations.add_scale(by=request.member, **form.scale), form, at=AT_THE_SCALE
    )
    if added:
        messages.success(request, _("The scale is in your library."))
        return redirect("feedback:scales", request.member.organisation.slug)
    return form_page(request, "feedback/assessments/new_scale.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def scale(request: MemberRequest, scale_key: str) -> HttpResponse:
    """One scale: its items, where it is from, what is permitted; and into which survey it goes."""
    row = queries.find_scale(scale_key, request.member)
    surveys = BuiltSurvey.objects.visible_to(request.member).for_list()
    surveys = surveys.filter(program__archived_at=None).order_by("program__name", "title", "pk")
    form = IntoSurveyForm(request.POST or None, surveys=list(surveys))
    changed = act(
        lambda: operations.add_to_survey(scale=row, by=request.member, **form.cleaned_data), form
    )
    if changed:
        messages.success(request, _("The items stand at the end of the survey."))
        return redirect(changed)
    context = {"scale": row, "is_own": row not in SCALES}
    return form_page(request, "feedback/assessments/scale.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def edit_scale(request: MemberRequest, scale_key: str) -> HttpResponse:
    """Change one of the organisation's own; the page says what surveys keep of it."""
    row = queries.find_own(scale_key, request.member)
    form = ScaleForm(request.POST or None, scale=row)
    edited = act(
        lambda: operations.edit_scale(scale=row, by=request.member, **form.scale),
        form,
        at=AT_THE_SCALE,
    )
    if edited:
        messages.success(request, _("The scale is changed."))
        return redirect("feedback:scale", request.member.organisation.slug, edited.key)
    context = {"scale": row, "surveys": queries.surveys_with(row)}
    return form_page(request, "feedback/assessments/edit_scale.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def remove_scale(request: MemberRequest, scale_key: str) -> HttpResponse:
    """Take one of the organisation's own out of the library, once the person is sure."""
    row = queries.find_own(scale_key, request.member)
    if request.method == "POST":
        operations.remove_scale(scale=row, by=request.member)
        messages.success(request, _("The scale is removed. Surveys that ask its items keep them."))
        return redirect("feedback:scales", request.member.organisation.slug)
    scale = queries.scale_of(row)
    return render(request, "feedback/assessments/remove_scale.html", {"scale": scale})


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def export_scale(request: MemberRequest, scale_key: str) -> HttpResponseBase:
    """The items as a file, where the licence permits it."""
    row = queries.find_scale(scale_key, request.member)
    try:
        lines = operations.exported(row)
    except ScaleNotExportable as refusal:
        messages.error(request, str(refusal))
        return redirect("feedback:scale", request.member.organisation.slug, row.key)
    return csv.download(csv.lines(COLUMNS, lines), f"{row.key}.csv")
