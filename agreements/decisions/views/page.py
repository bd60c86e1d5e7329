"""One decision as a conversation, and what its partners may say and do in it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.decisions.errors import DecisionMoved, NotYoursToSteer
from agreements.decisions.forms import (
    AmendForm,
    DecideForm,
    KeepForm,
    OutcomeForm,
    ProposalForm,
    ReactForm,
    SayForm,
    VoteForm,
)
from agreements.decisions.models import Decision, Remark
from agreements.decisions.operations import deciding, ending, proposing, talking
from agreements.decisions.queries import sheet as decisions_sheet
from agreements.decisions.queries.sheet import DecisionSheet
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import today
from core.ui.pages import form_page
from pairing.models.partnerships import Partnership
from pairing.partnerships.seats import open_seats


def decision_of(request: MemberRequest, decision_id: UUID) -> Decision:
    """Return a decision whose facts this member sees, or 404."""
    rows = Decision.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, id=decision_id)


def sheet_of(request: MemberRequest, decision: Decision) -> DecisionSheet:
    return decisions_sheet.decision_sheet(decision=decision, member=request.member)


@require_safe
@member_view(Permission.TAKE_PART)
def decision(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """The conversation; for htmx its body."""
    return _page(request, decision_of(request, decision_id))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def edit_draft(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Write one's draft over."""
    found = decision_of(request, decision_id)
    sheet = sheet_of(request, found)
    if not sheet.can.open or sheet.wording is None:
        raise DecisionMoved
    wording, mine = sheet.wording, request.member.pk
    form = ProposalForm(
        request.POST or None,
        seats=[s for s in open_seats(found.partnership) if s.enrolment.member_id != mine],
        initial={
            "title": wording.title,
            "text": wording.text,
            "options": "\n".join(wording.options),
            "method": found.method,
            "quorum": found.quorum,
            "window_days": found.window_days,
            "review_weeks": found.review_weeks,
            "practice": found.practice,
            "asked": {asked.seat_id: asked.because for asked in sheet.asked},
        },
    )
    if form.is_valid():
        proposing.edit_draft(decision=found, proposal=form.proposal, by=request.member)
        return redirect(found)
    context = {"decision": found, "partnership": found.partnership}
    return form_page(request, "agreements/decisions/edit_draft.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def discard_draft(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Throw one's draft away."""
    found = decision_of(request, decision_id)
    proposing.discard_draft(decision=found, by=request.member)
    return redirect("agreements:decisions", request.member.organisation.slug, found.partnership_id)


@require_POST
@member_view(Permission.TAKE_PART)
def open_decision(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Show one's draft to the others."""
    found = decision_of(request, decision_id)
    proposing.open_decision(decision=found, by=request.member)
    return _again(request, found)


@require_POST
@member_view(Permission.TAKE_PART)
def ask_question(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Ask what is not clear."""
    found = decision_of(request, decision_id)
    form = SayForm(request.POST, prefix="ask")
    if not form.is_valid():
        return _page(request, found, ask_form=form)
    talking.ask_question(decision=found, words=form.cleaned_data["words"], by=request.member)
    return _again(request, found)


@require_POST
@member_view(Permission.TAKE_PART)
def answer_question(request: MemberRequest, decision_id: UUID, remark_id: UUID) -> HttpResponse:
    """Answer a question."""
    found = decision_of(request, decision_id)
    rows = Remark.objects.visible_to(request.member).filter(decision=found)
    question = get_object_or_404(rows, id=remark_id, kind=Remark.Kind.QUESTION)
    form = SayForm(request.POST, prefix="answer")
    if not form.is_valid():
        return _page(request, found, answer_form=form, answering=question.pk)
    talking.answer_question(question=question, words=form.cleaned_data["words"], by=request.member)
    return _again(request, found)


@require_POST
@member_view(Permission.TAKE_PART)
def start_reactions(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Ask each for a reaction."""
    found = decision_of(request, decision_id)
    talking.start_reactions(decision=found, by=request.member)
    return _again(request, found)


@require_POST
@member_view(Permission.TAKE_PART)
def react(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Say what it does to me, or pass."""
    found = decision_of(request, decision_id)
    form = ReactForm(request.POST)
    if not form.is_valid():
        return _page(request, found, react_form=form)
    talking.react(decision=found, words=form.cleaned_data["words"], by=request.member)
    return _again(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def amend(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Change the text; the earlier one stays."""
    found = decision_of(request, decision_id)
    sheet = sheet_of(request, found)
    if sheet.wording is None or not sheet.can.amend:
        raise NotYoursToSteer if found.is_running else DecisionMoved
    form = AmendForm(
        request.POST or None, decision=found, wording=sheet.wording, objections=sheet.objections
    )
    if form.is_valid():
        deciding.amend(
            decision=found,
            title=form.cleaned_data["title"],
            text=form.cleaned_data["text"],
            options=form.cleaned_data.get("options", ()),
            integrates=form.integrated,
            by=request.member,
        )
        return redirect(found)
    return form_page(request, "agreements/decisions/amend.html", form, {"sheet": sheet})


@require_POST
@member_view(Permission.TAKE_PART)
def open_voting(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Ask everybody for an answer."""
    found = decision_of(request, decision_id)
    deciding.open_voting(decision=found, by=request.member)
    return _again(request, found)


@require_POST
@member_view(Permission.TAKE_PART)
def vote(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Give or change my answer."""
    found = decision_of(request, decision_id)
    sheet = sheet_of(request, found)
    form = vote_form(sheet, request.POST)
    if not form.is_valid():
        return _page(request, found, vote_form=form)
    deciding.cast_vote(decision=found, by=request.member, **form.given)
    return _again(request, found)


@require_POST
@member_view(Permission.TAKE_PART)
def withdraw_objection(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Let my objection go."""
    found = decision_of(request, decision_id)
    deciding.withdraw_objection(decision=found, by=request.member)
    return _again(request, found)


@require_POST
@member_view(Permission.TAKE_PART)
def close_decision(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Count the answers; for advice, decide."""
    found = decision_of(request, decision_id)
    given: dict[str, Any] = {}
    if found.method == "advice":
        form = DecideForm(request.POST)
        if not form.is_valid():
            return _page(request, found, decide_form=form)
        given = form.cleaned_data
    deciding.close_decision(decision=found, by=request.member, **given)
    return _again(request, found)


@require_POST
@member_view(Permission.TAKE_PART)
def withdraw_decision(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Take a proposal back."""
    found = decision_of(request, decision_id)
    deciding.withdraw_decision(decision=found, by=request.member)
    return _again(request, found)


@require_POST
@member_view(Permission.TAKE_PART)
def agree_outcome(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Say who sees to it, by when, and when it is looked at again."""
    found = decision_of(request, decision_id)
    form = OutcomeForm(request.POST, decision=found, seats=open_seats(found.partnership))
    if not form.is_valid():
        return _page(request, found, outcome_form=form)
    ending.agree_outcome(decision=found, by=request.member, **form.agreed)
    return _again(request, found)


@require_POST
@member_view(Permission.TAKE_PART)
def keep_decision(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Leave a reviewed decision as it is."""
    found = decision_of(request, decision_id)
    form = KeepForm(request.POST)
    if not form.is_valid():
        return _page(request, found, keep_form=form)
    ending.keep_decision(decision=found, by=request.member, **form.cleaned_data)
    return _again(request, found)


@require_POST
@member_view(Permission.TAKE_PART)
def reopen_decision(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Take it up again."""
    found = decision_of(request, decision_id)
    ending.reopen_decision(decision=found, by=request.member)
    return _again(request, found)


def vote_form(sheet: DecisionSheet, data: Any = None) -> VoteForm:
    """Return the form of an answer, filled with the one that stands."""
    options = sheet.wording.options if sheet.wording else []
    return VoteForm(data, method=sheet.decision.method, options=options, mine=sheet.mine)


def room(
    request: MemberRequest,
    partnership: Partnership,
    decision: Decision | None,
    *,
    status: int = 200,
    **given: forms.Form,
) -> HttpResponse:
    """Answer the fragment that the meeting room borrows."""
    context: dict[str, Any] = {"partnership": partnership}
    if decision is not None:
        sheet = sheet_of(request, decision)
        seen = _seen(sheet)
        context |= {"sheet": sheet, "decision": decision, "seen": seen, **_forms(sheet), **given}
        if request.GET.get("seen") == seen:
            return render(request, "agreements/decisions/_turnout.html", context)
    answer = render(request, "agreements/decisions/_in_room.html", context, status=status)
    if "seen" in request.GET:  # asked for the count, and the decision has moved on
        answer["HX-Retarget"], answer["HX-Reswap"] = "#decision-in-room", "outerHTML"
    return answer


def _seen(sheet: DecisionSheet) -> str:
    """Name what the room shows of a decision but its count: when it differs, all is shown anew."""
    decision = sheet.decision
    closing = int(sheet.can.close) + int(sheet.can.decide)
    marks = (decision.pk.hex, decision.state, decision.version, decision.ballot, closing)
    return ".".join(map(str, marks))


def _forms(sheet: DecisionSheet) -> dict[str, forms.Form]:
    """Return an empty form for each thing this person may say now."""
    can, decision = sheet.can, sheet.decision
    words = sheet.my_reaction.words if sheet.my_reaction else ""
    wanted: dict[str, tuple[bool, Any]] = {
        "ask_form": (can.ask, lambda: SayForm(prefix="ask")),
        "answer_form": (can.answer, lambda: SayForm(prefix="answer")),
        "react_form": (can.react, lambda: ReactForm(initial={"words": words})),
        "vote_form": (can.vote, lambda: vote_form(sheet)),
        "decide_form": (can.decide, DecideForm),
        "outcome_form": (
            can.agree,
            lambda: OutcomeForm(decision=decision, seats=open_seats(decision.partnership)),
        ),
        "keep_form": (can.keep, lambda: KeepForm(initial={"review_on": _later(decision)})),
    }
    return {name: make() for name, (offered, make) in wanted.items() if offered}


def _later(decision: Decision) -> date:
    """Propose a day for the next review: as long from now as it was at first."""
    return today() + timedelta(weeks=decision.review_weeks)


def _page(request: MemberRequest, decision: Decision, **given: Any) -> HttpResponse:
    """Show the conversation, with a form that has mistakes in place of its empty one."""
    status = 422 if given else 200
    if request.htmx and request.POST.get("shown") == "room":
        return room(request, decision.partnership, decision, status=status, **given)
    sheet = sheet_of(request, decision)
    context = {"sheet": sheet, **_forms(sheet), **given}
    template = (
        "agreements/decisions/_decision.html"
        if request.htmx
        else "agreements/decisions/decision.html"
    )
    return render(request, template, context, status=status)


def _again(request: MemberRequest, decision: Decision) -> HttpResponse:
    """Answer what has changed: to htmx what it shows, as a reload would show it."""
    if not request.htmx:
        return redirect(decision)
    return _page(request, decision_of(request, decision.pk))
