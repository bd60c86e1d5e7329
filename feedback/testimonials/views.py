"""What people say: to the people of a cohort, in its report, to who may join; and one's own."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common.pages import page
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from feedback.models.testimonials import Testimonial, TestimonialQuerySet
from feedback.review.queries import review_of
from feedback.testimonials import operations, queries
from feedback.testimonials.errors import TestimonialGone
from feedback.testimonials.forms import TestimonialForm
from programs.models.programs import Cohort

MOST = 12  # on a page of others


@require_safe
@member_view(Permission.TAKE_PART)
def people_say(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """What people of a cohort say of it, for its people; and to pick from, for who runs it."""
    cohort = _cohort(request, cohort_id)
    manages = can(request.member, Permission.PROGRAMS_MANAGE)
    if not manages and not queries.is_of_cohort(cohort, request.member):
        raise Http404
    said = queries.said_to_the_cohort(cohort, request.member)
    if request.htmx:
        return render(request, "feedback/testimonials/_said.html", {"said": said[:MOST]})
    rows = queries.to_pick_from(cohort, request.member) if manages else said.none()
    context = {
        "cohort": cohort,
        "manages": manages,
        "said": said[:MOST],
        "page": page(rows, cursor=request.GET.get("after", ""), order="-given_at"),
        "own": queries.own_testimonial(cohort, request.member),
        "writes": queries.authors_place(cohort, request.member) is not None,
        "review": review_of(cohort, request.member),
    }
    return render(request, "feedback/testimonials/people_say.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def own(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Write what it was worth to me, say where it may be shown, or change that."""
    cohort = _cohort(request, cohort_id)
    if queries.authors_place(cohort, request.member) is None:
        raise Http404
    before = queries.own_testimonial(cohort, request.member)
    form = TestimonialForm(request.POST or None, before=before)
    if act(
        lambda: operations.give_testimonial(cohort=cohort, by=request.member, **form.cleaned_data),
        form,
    ):
        messages.success(request, _("Thank you. You can revoke your consent here at any time."))
        return _back(request, cohort)
    context = {"cohort": cohort, "own": before}
    return form_page(request, "feedback/testimonials/own.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def revoke(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = _cohort(request, cohort_id)
    row = queries.own_testimonial(cohort, request.member)
    if row is None:
        raise Http404
    operations.revoke_testimonial(testimonial=row, by=request.member)
    messages.success(request, _("It is shown nowhere any more."))
    return redirect("feedback:own_testimonial", request.member.organisation.slug, cohort.pk)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def pick(request: MemberRequest, cohort_id: UUID, testimonial_id: UUID) -> HttpResponse:
    return _change(request, cohort_id, testimonial_id, operations.pick_testimonial)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def unpick(request: MemberRequest, cohort_id: UUID, testimonial_id: UUID) -> HttpResponse:
    return _change(request, cohort_id, testimonial_id, operations.unpick_testimonial)


def _change(
    request: MemberRequest,
    cohort_id: UUID,
    testimonial_id: UUID,
    operation: Callable[..., Testimonial],
) -> HttpResponse:
    """Pick one or not; what was revoked meanwhile is not in the list, and that is said there."""
    cohort = _cohort(request, cohort_id)
    row = queries.to_pick_from(cohort, request.member).filter(pk=testimonial_id).first()
    try:
        if row is None:
            raise TestimonialGone
        operation(testimonial=row, by=request.member)
    except TestimonialGone as refusal:
        messages.error(request, str(refusal))
    return _back(request, cohort)


@require_safe
@member_view(Permission.FIGURES_READ)
def in_report(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """What people let be read in the report, which borrows this."""
    cohort = _cohort(request, cohort_id)
    return _borrowed(request, cohort, queries.said_in_the_report(cohort, request.member))


@require_safe
@member_view(Permission.TAKE_PART)
def to_join(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """What people say to whoever may join; the page of joining borrows this."""
    cohort = _cohort(request, cohort_id)
    return _borrowed(request, cohort, queries.said_to_who_may_join(cohort, request.member))


def _borrowed(request: MemberRequest, cohort: Cohort, said: TestimonialQuerySet) -> HttpResponse:
    part = "feedback/testimonials/_said.html"
    page_of_its_own = "feedback/testimonials/borrowed.html"
    context = {"cohort": cohort, "said": said[:MOST], "part": part}
    return render(request, part if request.htmx else page_of_its_own, context)


def _back(request: MemberRequest, cohort: Cohort) -> HttpResponse:
    return redirect("feedback:people_say", request.member.organisation.slug, cohort.pk)


def _cohort(request: MemberRequest, cohort_id: UUID) -> Cohort:
    return get_object_or_404(Cohort.objects.visible_to(request.member).for_list(), pk=cohort_id)
