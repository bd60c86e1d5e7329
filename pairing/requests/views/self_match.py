"""Choosing each other: suggestions, wishes and requests, from the page or an e-mail's link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.members.links import signed_link
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from pairing.models.requests import PartnerRequest
from pairing.requests import queries as requests_queries
from pairing.requests.forms import MORE, YES, AnswerForm, AskForm, WishForm, WordsForm
from pairing.requests.operations import answering as requests_answering
from pairing.requests.operations import asking, wishes
from pairing.requests.presenters import MyChoices, my_choices
from pairing.texts.openness import reasons_for_partners
from pairing.texts.reasons import bars_of, read_reasons
from programs.models.programs import Enrolment

LINK_AGE = timedelta(days=120)
SIGNED_IN, BY_LINK = "core/base.html", "core/public.html"
MOVES = {"up": -1, "down": 1}
answering = require_http_methods(["GET", "HEAD", "POST"])


def _choices(request: MemberRequest, cohort_id: UUID) -> MyChoices:
    """Return what this member may choose among in a cohort they take part in, or 404."""
    mine = Enrolment.objects.visible_to(request.member).for_list()
    enrolment = get_object_or_404(mine, cohort_id=cohort_id, member=request.member)
    return my_choices(enrolment)


def _show(request: MemberRequest, choices: MyChoices, form: AskForm | None = None) -> HttpResponse:
    context = {
        "choices": choices,
        "cohort": choices.enrolment.cohort,
        "form": form,
        "asking": form.data.get("asked", "") if form else "",
        "ask_form": AskForm(auto_id=False),
    }
    return render(request, "pairing/self_match.html", context, status=422 if form else 200)


@require_GET
@member_view(Permission.TAKE_PART)
def self_match(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """My list of wishes, five suggestions with reasons, and my requests."""
    return _show(request, _choices(request, cohort_id))


@require_POST
@member_view(Permission.TAKE_PART)
def change_wish(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Put somebody on my list, move them up or down, or take them off."""
    choices = _choices(request, cohort_id)
    form = WishForm(request.POST)
    if not form.is_valid():
        raise Http404
    act, wished = form.cleaned_data["act"], choices.named(form.cleaned_data["wished"])
    if wished is None:
        raise Http404
    if act == "add":
        wishes.add_wish(enrolment=choices.enrolment, wished=wished)
    elif act == "remove":
        wishes.remove_wish(enrolment=choices.enrolment, wished=wished)
    else:
        wishes.move_wish(enrolment=choices.enrolment, wished=wished, by=MOVES[act])
    return redirect("pairing:self_match", request.member.organisation.slug, cohort_id)


@require_POST
@member_view(Permission.TAKE_PART)
def ask_partner(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Send a request with a few words."""
    choices = _choices(request, cohort_id)
    form = AskForm(request.POST)
    if not form.is_valid():
        if "asked" in form.errors:
            raise Http404
        return _show(request, choices, form)
    asked = choices.named(form.cleaned_data["asked"])
    if asked is None:
        raise Http404
    sent = asking.ask_partner(
        asker=choices.enrolment, asked=asked, by=request.member, words=form.cleaned_data["words"]
    )
    messages.success(request, _("You have asked %(name)s.") % {"name": sent.asked.member})
    return redirect("pairing:self_match", request.member.organisation.slug, cohort_id)


@answering
@member_view(Permission.TAKE_PART)
def partner_request(request: MemberRequest, request_id: UUID) -> HttpResponse:
    """A request that I sent or was sent."""
    return _request(request, request.member, request_id, SIGNED_IN)


@answering
@signed_link("request", max_age=LINK_AGE)
def open_request(request: HttpRequest, member: Member, request_id: UUID) -> HttpResponse:
    """The same from an e-mail's link, without signing in."""
    return _request(request, member, request_id, BY_LINK)


def _request(request: HttpRequest, member: Member, request_id: UUID, frame: str) -> HttpResponse:
    mine = PartnerRequest.objects.visible_to(member).between(member).for_list()
    partner_request = get_object_or_404(mine, pk=request_id)
    asked = partner_request.asked.member_id == member.pk
    form = _form(request, partner_request, asked=asked)
    if request.method == "POST":
        if "withdraw" in request.POST and not asked:
            requests_answering.withdraw_request(request=partner_request, by=member)
            return redirect(request.path)
        if form is None or form.is_valid():
            _say(partner_request, member, form, asked=asked)
            return redirect(request.path)
    other = partner_request.asker.member if asked else partner_request.asked.member
    page: dict[str, Any] = {
        "frame": frame,
        "member": member,
        "request_row": partner_request,
        "other": other,
        "asked": asked,
        "form": form,
        "said": requests_queries.words_of(partner_request, member),
        "bars": bars_of(
            reasons_for_partners(read_reasons(partner_request.reasons), partner_request.people)
        ),
        "signed_in": frame == SIGNED_IN,
    }
    bound = form is not None and form.is_bound
    return render(request, "pairing/partner_request.html", page, status=422 if bound else 200)


def _form(
    request: HttpRequest, partner_request: PartnerRequest, *, asked: bool
) -> AnswerForm | WordsForm | None:
    """Return the form of whoever may say something; None where nothing is left to be said."""
    data = request.POST if request.method == "POST" else None
    if asked and partner_request.state == PartnerRequest.State.OPEN:
        return AnswerForm(data, may_question=partner_request.questioned_at is None)
    if not asked and partner_request.is_undecided:
        return WordsForm(data)
    return None


def _say(
    partner_request: PartnerRequest,
    member: Member,
    form: AnswerForm | WordsForm | None,
    *,
    asked: bool,
) -> None:
    """Do what was said; without a form it comes too late, and the operation says so."""
    answer = form.cleaned_data if form else {"answer": YES, "words": "…"}
    words = answer["words"]
    if not asked:
        if partner_request.state == PartnerRequest.State.QUESTION:
            requests_answering.answer_question(request=partner_request, by=member, words=words)
        else:
            requests_answering.say_with_request(request=partner_request, by=member, words=words)
    elif answer["answer"] == YES:
        requests_answering.accept_request(request=partner_request, by=member, words=words)
    elif answer["answer"] == MORE:
        requests_answering.ask_for_more(request=partner_request, by=member, words=words)
    else:
        requests_answering.decline_request(request=partner_request, by=member, words=words)
