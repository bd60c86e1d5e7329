"""Choosing each other: suggestions, wishes and requests, from the page or an e-mail's link.

And the coordinator's side: who waits for a partner, and the requests between people as facts.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.common.pages import page
from core.members.links import (
    is_signed_in,
    is_theirs,
    remember_answer,
    settled_page,
    signed_link,
)
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.forms import Taps
from core.ui.pages import BY_LINK, SIGNED_IN, act, form_page
from pairing.errors import RequestDecided
from pairing.models.requests import PartnerRequest
from pairing.partnerships.cohorts import cohort_of, is_circles
from pairing.partnerships.queries import waiting_for_a_partner
from pairing.partnerships.refusals import told
from pairing.requests import queries
from pairing.requests.operations import answering, asking
from pairing.requests.queries import words_of
from pairing.requests.suggestions import MyChoices, my_choices
from pairing.texts.reasons import bars_of, read_reasons
from pairing.texts.sentence import reasons_for_partners, speaks_for_them
from programs.models.programs import Cohort, Enrolment, Program

LINK_AGE = timedelta(days=120)
MOVES = {"up": -1, "down": 1}
form_methods = require_http_methods(["GET", "HEAD", "POST"])


YES, MORE, NO = "yes", "more", "no"


class _WishForm(forms.Form):
    ACTS = (
        ("add", gettext_lazy("Add")),
        ("up", gettext_lazy("Up")),
        ("down", gettext_lazy("Down")),
        ("remove", gettext_lazy("Remove")),
    )

    wished = forms.UUIDField()
    act = forms.ChoiceField(choices=ACTS)


class _AskForm(forms.Form):
    asked = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("A few words to them"),
        help_text=gettext_lazy("Only the two of you can read them, whatever anybody's role."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class _AnswerForm(forms.Form):
    """Yes, no, or a question first; `may_question` while none has been asked."""

    ANSWERS = (
        (YES, gettext_lazy("Yes, gladly")),
        (MORE, gettext_lazy("Tell me more")),
        (NO, gettext_lazy("Not this time")),
    )

    answer = forms.ChoiceField(
        label=gettext_lazy("Would you like to?"), choices=ANSWERS, widget=Taps
    )
    words = forms.CharField(
        label=gettext_lazy("A few words back"),
        help_text=gettext_lazy("Only the two of you can read them. A question needs some."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, may_question: bool) -> None:
        super().__init__(data)
        if not may_question:
            answer = self.fields["answer"]
            assert isinstance(answer, forms.ChoiceField)
            answer.choices = [
                answer_choice for answer_choice in self.ANSWERS if answer_choice[0] != MORE
            ]
            self.fields["words"].help_text = _("Only the two of you can read them.")

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"]
        if self.cleaned_data.get("answer") == MORE and not words.strip():
            raise forms.ValidationError(_("What would you like to know?"))
        return words


class _WordsForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Your words"),
        help_text=gettext_lazy("Only the two of you can read them."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _choices(request: MemberRequest, cohort_id: UUID) -> MyChoices:
    """Return what this member may choose among in a cohort they take part in, or 404."""
    mine = Enrolment.objects.visible_to(request.member).for_list()
    enrolment = get_object_or_404(mine, cohort_id=cohort_id, member=request.member)
    return my_choices(enrolment, _looked_for(request))


def _looked_for(request: MemberRequest) -> str:
    """Return the name that is looked for, no longer than names are."""
    return request.GET.get("name", "").strip()[:100]


def _show(request: MemberRequest, choices: MyChoices, form: _AskForm | None = None) -> HttpResponse:
    context = {
        "choices": choices,
        "cohort": choices.enrolment.cohort,
        "asking": form.data.get("asked", "") if form else "",
        "ask_form": _AskForm(auto_id=False),
        "looked_for": _looked_for(request),
    }
    circles = is_circles(choices.enrolment.cohort)
    template = "pairing/circle_wishes.html" if circles else "pairing/self_match.html"
    return form_page(request, template, form, context)


@require_GET
@member_view(Permission.TAKE_PART)
def self_match(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    return _show(request, _choices(request, cohort_id))


@require_POST
@member_view(Permission.TAKE_PART)
def change_wish(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    choices = _choices(request, cohort_id)
    form = _WishForm(request.POST)
    if not form.is_valid():
        raise Http404
    change, wished = form.cleaned_data["act"], choices.named(form.cleaned_data["wished"])
    if wished is None:
        raise Http404
    if change == "add":
        told(request, lambda: asking.add_wish(enrolment=choices.enrolment, wished=wished))
    elif change == "remove":
        asking.remove_wish(enrolment=choices.enrolment, wished=wished)
    else:
        asking.move_wish(enrolment=choices.enrolment, wished=wished, by=MOVES[change])
    return redirect("pairing:self_match", request.member.organisation.slug, cohort_id)


@require_POST
@member_view(Permission.TAKE_PART)
def ask_partner(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    choices = _choices(request, cohort_id)
    form = _AskForm(request.POST)
    if not form.is_valid():
        if "asked" in form.errors:
            raise Http404
        return _show(request, choices, form)
    partner = choices.named(form.cleaned_data["asked"])
    if partner is None:
        raise Http404
    if not act(
        lambda: asking.ask_partner(
            asker=choices.enrolment,
            partner=partner,
            by=request.member,
            words=form.cleaned_data["words"],
        ),
        form,
    ):
        return _show(request, choices, form)
    messages.success(request, _("You have asked %(name)s.") % {"name": partner.member})
    return redirect("pairing:self_match", request.member.organisation.slug, cohort_id)


@form_methods
@member_view(Permission.TAKE_PART)
def partner_request(request: MemberRequest, request_id: UUID) -> HttpResponse:
    """A request that I sent or was sent."""
    return _request(request, request.member, request_id, SIGNED_IN)


@form_methods
@signed_link("request", max_age=LINK_AGE)
def open_request(request: HttpRequest, member: Member, request_id: UUID) -> HttpResponse:
    """Answering from an e-mail's link, without signing in; what was written is read signed in."""
    return _request(request, member, request_id, BY_LINK)


def _request(request: HttpRequest, member: Member, request_id: UUID, frame: str) -> HttpResponse:
    mine = PartnerRequest.objects.visible_to(member).between(member).for_list()
    partner_request = get_object_or_404(mine, pk=request_id)
    is_asked = partner_request.asked.member_id == member.pk
    signed_in = frame == SIGNED_IN or is_signed_in(request, member)
    asks = is_asked and partner_request.state == PartnerRequest.State.OPEN
    if not (signed_in or asks or is_theirs(request, member, partner_request.pk)):
        refused = str(RequestDecided()) if request.method == "POST" else ""
        own_page = partner_request.get_absolute_url()
        answered = partner_request.decided_at is not None
        return settled_page(request, member, own_page=own_page, answered=answered, refused=refused)
    form = _form(request, partner_request, is_asked=is_asked)
    if request.method == "POST":
        if "withdraw" in request.POST and not is_asked:
            told(request, lambda: answering.withdraw_request(request=partner_request, by=member))
            return redirect(request.path)
        if form is None:  # what comes too late finds how it stands now
            messages.info(request, str(RequestDecided()))
            return redirect(request.path)
        if act(lambda: _say(partner_request, member, form, is_asked=is_asked), form):
            if frame == BY_LINK:
                remember_answer(request, member, partner_request.pk)
            return redirect(request.path)
    other = partner_request.asker.member if is_asked else partner_request.asked.member
    page: dict[str, object] = {
        "frame": frame,
        "member": member,
        "request_row": partner_request,
        "other": other,
        "asked": is_asked,
        "said": words_of(partner_request, member) if signed_in else {},
        "reads_on": "" if signed_in else partner_request.get_absolute_url(),
        "bars": bars_of(
            [
                reason
                for reason in reasons_for_partners(
                    read_reasons(partner_request.reasons), partner_request.people
                )
                if signed_in and speaks_for_them(reason)
            ]
        ),
        "mentor": _mentor(partner_request),
        "signed_in": frame == SIGNED_IN,
    }
    return form_page(request, "pairing/partner_request.html", form, page)


def _mentor(partner_request: PartnerRequest) -> Member | None:
    """Return who is to be the mentor, where there is one: whoever is asked."""
    if partner_request.cohort.program.format != Program.Format.MENTOR:
        return None
    asked: Member = partner_request.asked.member
    return asked


def _form(
    request: HttpRequest, partner_request: PartnerRequest, *, is_asked: bool
) -> _AnswerForm | _WordsForm | None:
    """Return the form of whoever may say something; None where nothing is left to be said."""
    data = request.POST if request.method == "POST" else None
    if is_asked and partner_request.state == PartnerRequest.State.OPEN:
        return _AnswerForm(data, may_question=partner_request.questioned_at is None)
    if not is_asked and partner_request.is_undecided:
        return _WordsForm(data)
    return None


def _say(
    partner_request: PartnerRequest,
    member: Member,
    form: _AnswerForm | _WordsForm,
    *,
    is_asked: bool,
) -> None:
    answer = form.cleaned_data
    words = answer["words"]
    if not is_asked:
        if partner_request.state == PartnerRequest.State.QUESTION:
            answering.answer_question(request=partner_request, by=member, words=words)
        else:
            answering.say_with_request(request=partner_request, by=member, words=words)
    elif answer["answer"] == YES:
        answering.accept_request(request=partner_request, by=member, words=words)
    elif answer["answer"] == MORE:
        answering.ask_for_more(request=partner_request, by=member, words=words)
    else:
        answering.decline_request(request=partner_request, by=member, words=words)


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def waiting(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Who waits for a partner and for how long; who has asked whom, and how it stands."""
    cohort = cohort_of(request, cohort_id)
    rows = queries.queue(cohort, request.member)
    undecided = list(rows.undecided())
    shown = page(
        rows.exclude(state__in=PartnerRequest.UNDECIDED),
        order="-decided_at",
        cursor=request.GET.get("cursor", ""),
    )
    context = {
        "cohort": cohort,
        "tab": "waiting",
        "waiting": waiting_for_a_partner(cohort, request.member),
        "circles": is_circles(cohort),
        "undecided": undecided,
        "decided": shown.rows,
        "next_cursor": shown.next_cursor,
        "self_match": cohort.program.lets_people_ask,
        "wishes": cohort.program.lets_people_wish,
    }
    return render(request, "pairing/waiting.html", context)


def _managed(request: MemberRequest, request_id: UUID) -> PartnerRequest:
    """Return a request of a cohort that this coordinator runs, or 404."""
    cohorts = Cohort.objects.visible_to(request.member)
    rows = PartnerRequest.objects.visible_to(request.member).filter(cohort__in=cohorts)
    return get_object_or_404(rows.for_list(), id=request_id)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def accept_on_behalf(request: MemberRequest, request_id: UUID) -> HttpResponse:
    partner_request = _managed(request, request_id)
    told(
        request,
        lambda: answering.accept_on_behalf(request=partner_request, by=request.member),
        _("%(one)s and %(other)s are partners now. Both are told.")
        % {"one": partner_request.asker.member, "other": partner_request.asked.member},
    )
    return redirect("pairing:waiting", request.member.organisation.slug, partner_request.cohort_id)


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def close_request(request: MemberRequest, request_id: UUID) -> HttpResponse:
    partner_request = _managed(request, request_id)
    told(
        request,
        lambda: answering.close_request(request=partner_request, by=request.member),
        _("The request is closed. The asker hears of it."),
    )
    return redirect("pairing:waiting", request.member.organisation.slug, partner_request.cohort_id)
