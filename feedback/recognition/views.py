"""Thanks, and certificates: a person's own, a cohort's, and for whoever has its address."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.views.answers import closed_link
from core.common.pages import page
from core.members.keys import find_key
from core.members.models import Key
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from core.ui.pages import act, form_page
from feedback.models.recognition import Certificate
from feedback.recognition import operations, pdf, queries
from feedback.recognition.forms import CompetenciesForm, RevokeForm, ThanksForm
from pairing.partnerships.seats import partnership_of
from programs.community.views.common import find_community
from programs.models.programs import Cohort

THANKS = 5  # on a community's page
MOST = 50  # milestones on one page: a table has seven kinds, and its people four


@require_safe
@member_view(Permission.TAKE_PART)
def recognition(request: MemberRequest) -> HttpResponse:
    """What I have reached, my certificates, and thanks to me and from me."""
    rows = Certificate.objects.visible_to(request.member).of(request.member).for_list()
    mine = Q(to=request.member) | Q(author=request.member)
    thanks = queries.thanks_read_by(request.member).filter(mine)
    shown = page(thanks, cursor=request.GET.get("after", ""))
    context = {
        "certificates": rows.order_by("-id"),
        "milestones": queries.own_milestones(request.member)[:MOST],
        "page": shown,
    }
    return render(request, "feedback/recognition/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def celebrations(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Milestones, and what partners thank each other for; the partnership's page borrows them."""
    partnership = partnership_of(request, partnership_id)
    people = queries.to_thank(partnership, request.member)
    form = ThanksForm(request.POST or None, people=people)
    if thanks := act(
        lambda: operations.give_thanks(partnership=partnership, by=request.member, **form.thanks),
        form,
    ):
        messages.success(request, _("%(name)s is told of your thanks.") % {"name": thanks.to})
        return redirect(operations.celebrations_page(partnership))
    rows = queries.thanks_read_by(request.member).filter(partnership=partnership)
    shown = page(rows, cursor=request.GET.get("after", ""))
    milestones = queries.milestones_of(partnership, request.member)[:MOST]
    context = {
        "partnership": partnership,
        "milestones": milestones,
        "people": people,
        "page": shown,
    }
    if request.htmx and request.method != "POST":
        return render(request, "feedback/recognition/_celebrations.html", context)
    return form_page(request, "feedback/recognition/celebrations.html", form, context)


@require_safe
@member_view(Permission.TAKE_PART)
def cohort_celebrations(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """What a cohort celebrates, and thanks there that I may read; its community borrows it."""
    cohort = find_community(request, cohort_id)
    thanks = queries.thanks_read_by(request.member).filter(partnership__cohort=cohort)
    context = {
        "cohort": cohort,
        "celebrations": queries.celebrated_in(cohort),
        "all_thanks": thanks[:THANKS],
    }
    name = "_of_cohort" if request.htmx else "of_cohort"
    return render(request, f"feedback/recognition/{name}.html", context)


@require_safe
@member_view(Permission.PARTNERSHIPS_MANAGE)
def cohort_recognition(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """What a cohort's tables have reached, and its certificates, for whoever runs it."""
    cohorts = Cohort.objects.visible_to(request.member).for_list()
    cohort = get_object_or_404(cohorts, pk=cohort_id)
    rows = Certificate.objects.visible_to(request.member).filter(enrolment__cohort=cohort)
    shown = page(rows.for_list(), cursor=request.GET.get("after", ""))
    milestones = queries.milestones_in(cohort, request.member)
    reached = page(milestones, cursor=request.GET.get("reached", ""), order="-id")
    context = {"cohort": cohort, "page": shown, "reached": reached}
    return render(request, "feedback/recognition/cohort.html", context)


@require_safe
@member_view(Permission.TAKE_PART)
def certificate(request: MemberRequest, certificate_id: UUID) -> HttpResponse:
    """One certificate, with its address; its owner says what stands on it."""
    row = _certificate(request, certificate_id)
    facts = queries.facts_of(row)
    context = {
        "certificate": row,
        "facts": facts,
        "lines": pdf.lines(facts),
        "can_draw": pdf.can_draw(row),
        "address": queries.address_of(row),
        "is_own": row.enrolment.member_id == request.member.pk,
        "form": CompetenciesForm(initial={"shows": row.shows_competencies}),
    }
    return render(request, "feedback/recognition/certificate.html", context)


@require_safe
@member_view(Permission.TAKE_PART)
def certificate_pdf(request: MemberRequest, certificate_id: UUID) -> HttpResponse:
    """The certificate as a file to print; none of a revoked one or of letters we lack."""
    row = _certificate(request, certificate_id)
    if not (row.is_valid and pdf.can_draw(row)):
        return redirect(row)
    answer = HttpResponse(pdf.draw(row), content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="certificate.pdf"'
    return answer


@require_POST
@member_view(Permission.TAKE_PART)
def show_competencies(request: MemberRequest, certificate_id: UUID) -> HttpResponse:
    own = Certificate.objects.visible_to(request.member).of(request.member).for_list()
    row = get_object_or_404(own, pk=certificate_id)
    form = CompetenciesForm(request.POST)
    act(
        lambda: operations.show_competencies(
            certificate=row, by=request.member, **form.cleaned_data
        ),
        form,
    )
    return redirect(row)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def revoke_certificate(request: MemberRequest, certificate_id: UUID) -> HttpResponse:
    """Revoke a certificate: one's own, or with a reason that of somebody in one's program."""
    row = _certificate(request, certificate_id)
    is_own = row.enrolment.member_id == request.member.pk
    sent = request.POST if request.method == "POST" else None
    form = RevokeForm(sent, is_own=is_own)
    if act(
        lambda: operations.revoke_certificate(
            certificate=row, by=request.member, **form.cleaned_data
        ),
        form,
    ):
        messages.success(request, _("The certificate is revoked. Its address says so."))
        return redirect(row)
    context = {"certificate": row, "is_own": is_own}
    return form_page(request, "feedback/recognition/revoke.html", form, context)


@login_not_required
@never_cache
@require_safe
def verify(request: HttpRequest, key: str) -> HttpResponse:
    """Whether a certificate is valid, for whoever was given its address."""
    opened = find_key(Key.Kind.CERTIFICATE, key)
    if opened is None:
        return closed_link(request)
    with tenant(opened.organisation_id):
        row = queries.certificate_of(opened)
        if row is None:
            return closed_link(request)
        with timezone.override(settings_in_force().zone):
            context = {"certificate": row, "facts": queries.facts_of(row)}
            answer = render(request, "feedback/recognition/verify.html", context)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _certificate(request: MemberRequest, certificate_id: UUID) -> Certificate:
    rows = Certificate.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=certificate_id)
