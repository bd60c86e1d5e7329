"""Inviting many at once, and leaving: what reaches into every room is counted before it is done."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.accounts.operations import people
from core.accounts.operations.invitations import send_invitations
from core.accounts.queries import PeopleFilter
from core.accounts.views.sign_in import confirmed
from core.common import clock
from core.common.ids import ids_in
from core.members.limits import spend
from core.members.models import Member, MemberQuerySet, MergeProposal
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from mentoring.people import proposals
from mentoring.people.forms import AgreeForm, LeaveForm, MergeForm
from mentoring.people.merging import CannotMerge, Merging, merge_members, what_merges
from mentoring.people.proposals import ProposalOver, agree_to_merge, open_proposal, propose_merge
from mentoring.people.queries import invitation_plan, what_leaves
from programs.models.programs import Cohort, Enrolment
from programs.queries.lists import EnrolmentFilter


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def invite_chosen(request: MemberRequest) -> HttpResponse:
    """Show exactly who is invited and who is not, then do it: of those ticked, or all filtered."""
    wanted = PeopleFilter.read(request.GET)
    rows = wanted.apply(Member.objects.visible_to(request.member))
    if "all" not in request.POST:
        rows = rows.filter(pk__in=ids_in(request.POST.getlist("person")))
    return _invite(request, rows, reverse("accounts:people", args=[_slug(request)]) + wanted.url())


@require_POST
@member_view(Permission.PEOPLE_MANAGE)
def invite_from_cohort(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """The same for the people of a cohort, narrowed as its list is."""
    cohort = get_object_or_404(Cohort.objects.visible_to(request.member), id=cohort_id)
    wanted = EnrolmentFilter.read(request.GET)
    chosen = wanted.apply(Enrolment.objects.visible_to(request.member).filter(cohort=cohort))
    rows = Member.objects.visible_to(request.member).filter(pk__in=chosen.values("member"))
    if "confirm" in request.POST:
        rows = rows.filter(pk__in=ids_in(request.POST.getlist("person")))
    elif "all" not in request.POST:
        chosen = chosen.filter(pk__in=ids_in(request.POST.getlist("enrolment")))
        rows = rows.filter(pk__in=chosen.values("member"))
    back = reverse("programs:cohort_people", args=[_slug(request), cohort.pk]) + wanted.url()
    return _invite(request, rows, back)


def _slug(request: MemberRequest) -> str:
    return request.member.organisation.slug


def _invite(request: MemberRequest, rows: MemberQuerySet, back: str) -> HttpResponse:
    plan = invitation_plan(rows, by=request.member)
    if "confirm" not in request.POST:
        context = {"plan": plan, "back": back, "action": request.get_full_path()}
        return render(request, "mentoring/invite_chosen.html", context)
    spend(request.member, "invite_many")
    n = send_invitations(members=plan.members, by=request.member, places=plan.places)
    sentence = ngettext("%(n)s invitation goes out.", "%(n)s invitations go out.", n) % {"n": n}
    messages.success(request, sentence)
    return redirect(back)


@require_http_methods(["GET", "POST"])
@member_view(Permission.PEOPLE_MANAGE)
def mark_left(request: MemberRequest, member_id: UUID) -> HttpResponse:
    rows = Member.objects.visible_to(request.member).for_list()
    return _leave(request, get_object_or_404(rows, id=member_id))


@require_http_methods(["GET", "POST"])
@member_view(Permission.TAKE_PART)
def leave(request: MemberRequest) -> HttpResponse:
    return _leave(request, request.member)


def _leave(request: MemberRequest, person: Member) -> HttpResponse:
    own = person.pk == request.member.pk
    form = LeaveForm(request.POST if request.method == "POST" else None, member=person)
    leaving = what_leaves(person, at=clock.now())
    gone = act(
        lambda: people.mark_left(member=person, by=request.member, **form.cleaned_data), form
    )
    if gone and own:
        return redirect("organisations")
    if gone:
        messages.success(request, _("%(name)s has left.") % {"name": person.full_name})
        return redirect(person)
    context = {"person": person, "own": own, "leaving": leaving}
    return form_page(request, "mentoring/leave.html", form, context)


@require_GET
@member_view(Permission.SETTINGS_MANAGE)
def choose_merged(request: MemberRequest, member_id: UUID) -> HttpResponse:
    """Find whoever is the same person as this one."""
    rows = Member.objects.visible_to(request.member)
    person = get_object_or_404(rows.for_list(), id=member_id)
    words = request.GET.get("q", person.family_name or person.given_name)[:80]
    others = rows.exclude(pk=person.pk).filter(merged_into=None)
    candidates = (
        PeopleFilter(q=words).apply(others).order_by("given_name", "family_name", "pk")[:20]
    )
    context = {"person": person, "people": candidates, "q": words}
    return render(request, "mentoring/choose_merged.html", context)


@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
def merge(request: MemberRequest, member_id: UUID, other_id: UUID) -> HttpResponse:
    """Say what two rows of one person become, then make one of them, or ask the two."""
    rows = Member.objects.visible_to(request.member).for_list()
    one, other = (get_object_or_404(rows, id=id_) for id_ in (member_id, other_id))
    if waiting := open_proposal(one, other):
        return redirect(waiting)
    try:
        merging = what_merges(one, other)
    except CannotMerge as refusal:
        messages.error(request, str(refusal))
        return redirect("people:choose_merged", _slug(request), one.pk)
    form = MergeForm(request.POST or None, members=merging.may_stay)
    if done := act(lambda: _merge(merging, by=request.member, **form.cleaned_data), form):
        messages.success(
            request,
            _("Both are asked by e-mail.")
            if merging.needs_both
            else _("%(name)s is one person now.") % {"name": done},
        )
        return redirect(done)
    context = {"merging": merging, "person": one, "days": MergeProposal.LIFE.days}
    return form_page(request, "mentoring/merge.html", form, context)


def _merge(merging: Merging, *, stays: Member, by: Member) -> Member | MergeProposal:
    goes = merging.goes_with(stays)
    if merging.needs_both:
        return propose_merge(stays=stays, goes=goes, by=by)
    return merge_members(stays=stays, goes=goes, by=by)


@require_http_methods(["GET", "POST"])
@member_view(Permission.TAKE_PART)
@confirmed
def merge_proposal(request: MemberRequest, merge_id: UUID) -> HttpResponse:
    """Show what would be seen by whom, and who has said yes; POST says yes as one of the two."""
    rows = MergeProposal.objects.visible_to(request.member).for_list()
    proposal = get_object_or_404(rows, id=merge_id)
    mine = request.member in (proposal.stays, proposal.goes)
    if request.method == "POST" and not mine:
        raise PermissionDenied
    form = AgreeForm(request.POST if request.method == "POST" else None)
    answered = act(lambda: agree_to_merge(proposal=proposal, by=request.member), form)
    if answered and answered.outcome and request.member == answered.goes:
        return redirect("organisations")  # who asked for this page cannot see it any more
    if answered:
        return redirect(answered)
    context = {"proposal": proposal, "mine": mine, "agreed": proposal.has_agreed(request.member)}
    return form_page(request, "mentoring/merge_proposal.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def refuse_merge(request: MemberRequest, merge_id: UUID) -> HttpResponse:
    rows = MergeProposal.objects.visible_to(request.member).for_list()
    proposal = get_object_or_404(
        rows.filter(Q(stays=request.member) | Q(goes=request.member)), id=merge_id
    )
    return _close_merge(request, proposals.refuse_merge, proposal)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def withdraw_merge(request: MemberRequest, merge_id: UUID) -> HttpResponse:
    rows = MergeProposal.objects.visible_to(request.member).for_list()
    return _close_merge(request, proposals.withdraw_merge, get_object_or_404(rows, id=merge_id))


def _close_merge(
    request: MemberRequest, close: Callable[..., MergeProposal], proposal: MergeProposal
) -> HttpResponse:
    """Close it and show its page, which says what came of it, also if it was closed before."""
    try:
        close(proposal=proposal, by=request.member)
    except ProposalOver as refusal:
        messages.error(request, str(refusal))
    return redirect(proposal)
