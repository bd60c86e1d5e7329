"""One decision as a conversation, and what its partners may say and do in it.

They do so signed in, or by the link in an e-mail that asks for an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.decisions.forms import (
    AmendForm,
    DecideForm,
    KeepForm,
    OutcomeForm,
    ProposalForm,
    RemarkForm,
    VoteForm,
)
from agreements.decisions.models import Decision, Method, Remark, Wording
from agreements.decisions.operations import deciding, ending, proposing, talking
from agreements.decisions.operations.proposing import Proposal
from agreements.decisions.queries import sheet as decisions_sheet
from agreements.decisions.queries.sheet import DecisionSheet
from agreements.errors import DecisionMoved, NotYoursToSteer, VotingOver, WordingChanged
from core.common.diff import compare
from core.common.errors import DomainError
from core.members.links import is_theirs, remember_answer, settled_page, signed_link
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import today
from core.ui.forms import resent
from core.ui.pages import act, form_page
from pairing.models.partnerships import Partnership
from pairing.partnerships.seats import open_seats

LINK_AGE = timedelta(days=60)
# an answer may cross with a change: that is said where it was typed
TOO_LATE: dict[type[DomainError], str | None] = {VotingOver: None}


def decision_of(request: MemberRequest, decision_id: UUID) -> Decision:
    """Return a decision whose facts this member sees, or 404."""
    rows = Decision.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, id=decision_id)


def sheet_of(request: MemberRequest, decision: Decision) -> DecisionSheet:
    return decisions_sheet.decision_sheet(decision=decision, member=request.member)


@require_safe
@member_view(Permission.TAKE_PART)
def decision(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    return _page(request, decision_of(request, decision_id))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def edit_draft(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    draft = decision_of(request, decision_id)
    sheet = sheet_of(request, draft)
    if not sheet.can.open or sheet.wording is None:
        raise DecisionMoved
    wording, mine = sheet.wording, request.member.pk
    form = ProposalForm(
        request.POST or None,
        seats=[s for s in open_seats(draft.partnership) if s.enrolment.member_id != mine],
        initial={
            "title": wording.title,
            "text": wording.text,
            "options": "\n".join(wording.options),
            "method": draft.method,
            "quorum": draft.quorum,
            "window_days": draft.window_days,
            "review_weeks": draft.review_weeks,
            "practice": draft.practice,
            "pause_until": draft.pause_until,
            "advisers": {adviser.seat_id: adviser.because for adviser in sheet.advisers},
        },
    )
    if form.is_valid():
        proposal = Proposal(**form.cleaned_data)
        return redirect(proposing.edit_draft(decision=draft, proposal=proposal, by=request.member))
    context = {"decision": draft, "partnership": draft.partnership}
    return form_page(request, "agreements/decisions/edit_draft.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def discard_draft(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    draft = decision_of(request, decision_id)
    proposing.discard_draft(decision=draft, by=request.member)
    return redirect("agreements:decisions", request.member.organisation.slug, draft.partnership_id)


def _step(
    operation: Callable[..., object],
    form_name: str = "",
    make_form: Callable[[MemberRequest, Decision], forms.Form] = lambda request, _decision: (
        forms.Form(request.POST)
    ),
) -> Callable[..., HttpResponseBase]:
    """Return the view that runs one operation with what its form holds, if it has one.

    It shows the decision as it is then; or again the form, if that has mistakes, by the name
    which the page has for it.
    """

    @require_POST
    @member_view(Permission.TAKE_PART)
    def take(request: MemberRequest, decision_id: UUID) -> HttpResponse:
        decision = decision_of(request, decision_id)
        form = make_form(request, decision)
        if not form.is_valid():
            return _page(request, decision, **{form_name: form})

        def step() -> None:
            operation(decision=decision, by=request.member, **form.cleaned_data)

        if not act(step, form, at=TOO_LATE):
            return _page(request, decision_of(request, decision_id), refused=form)
        return _again(request, decision)

    return take


def _closing_form(request: MemberRequest, decision: Decision) -> forms.Form:
    """Return what its owner has to say when a decision by advice is closed; else nothing."""
    form_class = DecideForm if decision.method == Method.ADVICE else forms.Form
    return form_class(request.POST)


open_decision = _step(proposing.open_decision)
ask_question = _step(
    talking.ask_question, "ask_form", lambda request, _: RemarkForm(request.POST, prefix="ask")
)
start_reactions = _step(talking.start_reactions)
react = _step(
    talking.react, "react_form", lambda request, _: RemarkForm(request.POST, is_reaction=True)
)
open_voting = _step(deciding.open_voting)
vote = _step(
    deciding.cast_vote,
    "vote_form",
    lambda request, decision: vote_form(sheet_of(request, decision), request.POST),
)
withdraw_objection = _step(deciding.withdraw_objection)
close_decision = _step(deciding.close_decision, "decide_form", _closing_form)
withdraw_decision = _step(deciding.withdraw_decision)
agree_outcome = _step(
    ending.agree_outcome,
    "outcome_form",
    lambda request, decision: OutcomeForm(
        request.POST, decision=decision, seats=open_seats(decision.partnership)
    ),
)
keep_decision = _step(ending.keep_decision, "keep_form", lambda request, _: KeepForm(request.POST))
reopen_decision = _step(ending.reopen_decision)


@require_POST
@member_view(Permission.TAKE_PART)
def answer_question(request: MemberRequest, decision_id: UUID, remark_id: UUID) -> HttpResponse:
    decision = decision_of(request, decision_id)
    rows = Remark.objects.visible_to(request.member).filter(decision=decision)
    question = get_object_or_404(rows, id=remark_id, kind=Remark.Kind.QUESTION)
    form = RemarkForm(request.POST, prefix="answer")
    if not form.is_valid():
        return _page(request, decision, answer_form=form, answering=question.pk)
    talking.answer_question(question=question, by=request.member, **form.cleaned_data)
    return _again(request, decision)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def amend(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Change the text; the earlier one stays."""
    decision = decision_of(request, decision_id)
    sheet = sheet_of(request, decision)
    if sheet.wording is None or not sheet.can.amend:
        raise NotYoursToSteer if decision.is_running else DecisionMoved
    form = AmendForm(
        request.POST or None, decision=decision, wording=sheet.wording, objections=sheet.objections
    )
    context: dict[str, object] = {"sheet": sheet}
    if act(
        lambda: deciding.amend(decision=decision, by=request.member, **form.cleaned_data),
        form,
        at={WordingChanged: None},
    ):
        return redirect(decision)
    if form.non_field_errors():
        context |= _both_texts(sheet.wording, form)
        form.data = resent(request.POST, str(sheet.wording.version))
    return form_page(request, "agreements/decisions/amend.html", form, context)


def _both_texts(wording: Wording, form: AmendForm) -> dict[str, object]:
    """Return the text of now and what the typed one would change; saved again, it follows on."""
    values = form.cleaned_data
    mine = "\n\n".join([values["title"], values["text"], *values.get("options", [])])
    theirs = "\n\n".join([wording.title, wording.text, *wording.options])
    return {"theirs": theirs, "pieces": compare(theirs, mine)}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_link("vote", max_age=LINK_AGE)
def open_vote(request: HttpRequest, member: Member, decision_id: UUID) -> HttpResponse:
    """Answer a proposal, not signed in; only where one sits.  Nothing changes by looking.

    The proposal is what is asked; what one has answered is changed in the same sitting, or signed
    in, and so is a proposal read that is not asked any more.
    """
    decision = get_object_or_404(Decision.objects.visible_to(member).for_list(), id=decision_id)
    sheet = decisions_sheet.decision_sheet(decision=decision, member=member)
    if sheet.seat is None:
        raise Http404
    theirs = is_theirs(request, member, decision.pk)
    if not theirs and (sheet.mine or (not sheet.can.vote and request.method != "POST")):
        if request.method == "POST":
            return redirect(request.path)
        own_page = decision.get_absolute_url()
        return settled_page(request, member, own_page=own_page, answered=bool(sheet.mine))
    form = vote_form(sheet, request.POST if request.method == "POST" else None)
    if act(
        lambda: deciding.cast_vote(decision=decision, by=member, **form.cleaned_data),
        form,
        at=TOO_LATE,
    ):
        remember_answer(request, member, decision.pk)
        return redirect(request.path)
    if form.non_field_errors():
        decision = Decision.objects.visible_to(member).for_list().get(pk=decision.pk)
        sheet = decisions_sheet.decision_sheet(decision=decision, member=member)
        form.data = request.POST.copy()
        form.data["read"] = str(decision.ballot)  # read now, with the words of now above it
    context = {"sheet": sheet, "member": member, "reads": theirs or sheet.can.vote}
    return form_page(request, "agreements/decisions/vote.html", form, context)


def vote_form(sheet: DecisionSheet, data: Any = None) -> VoteForm:
    """Return the form of an answer, filled with the one that stands."""
    options = sheet.wording.options if sheet.wording else []
    decision = sheet.decision
    return VoteForm(
        data, method=decision.method, options=options, mine=sheet.mine, ballot=decision.ballot
    )


def room(
    request: MemberRequest,
    partnership: Partnership,
    decision: Decision | None,
    *,
    status: int = 200,
    **shown: Any,
) -> HttpResponse:
    context: dict[str, object] = {"partnership": partnership}
    if decision is not None:
        sheet = sheet_of(request, decision)
        seen = _seen(sheet)
        context |= {"sheet": sheet, "decision": decision, "seen": seen, **_forms(sheet), **shown}
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
    can, decision = sheet.can, sheet.decision
    words = sheet.my_reaction.words if sheet.my_reaction else ""
    offers: dict[str, tuple[bool, Callable[[], forms.Form]]] = {
        "ask_form": (can.ask, lambda: RemarkForm(prefix="ask")),
        "answer_form": (can.answer, lambda: RemarkForm(prefix="answer")),
        "react_form": (
            can.react,
            lambda: RemarkForm(is_reaction=True, initial={"words": words}),
        ),
        "vote_form": (can.vote, lambda: vote_form(sheet)),
        "decide_form": (can.decide, DecideForm),
        "outcome_form": (
            can.agree,
            lambda: OutcomeForm(decision=decision, seats=open_seats(decision.partnership)),
        ),
        "keep_form": (can.keep, lambda: KeepForm(initial={"review_on": _later(decision)})),
    }
    return {name: make() for name, (offered, make) in offers.items() if offered}


def _later(decision: Decision) -> date:
    """Propose a day for the next review: as long from now as it was at first."""
    return today() + timedelta(weeks=decision.review_weeks)


def _page(request: MemberRequest, decision: Decision, **shown: Any) -> HttpResponse:
    """Show the conversation, with a form that has mistakes in place of its empty one."""
    status = 422 if shown else 200
    if request.htmx.target == "decision-in-room":
        return room(request, decision.partnership, decision, status=status, **shown)
    sheet = sheet_of(request, decision)
    context = {"sheet": sheet, **_forms(sheet), **shown}
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
