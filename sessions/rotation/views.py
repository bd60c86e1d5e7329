"""Turns that change hands: asking, answering, declining, coming forward.

An offer has two links, signed in below /o/ and signed by link outside it, as check-ins have.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import clock
from core.common.errors import DomainError
from core.members.links import is_theirs, remember_answer, settled_page, signed_link
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import BY_LINK, SIGNED_IN, act, form_page
from pairing.errors import NotTheirs
from pairing.partnerships import seats
from pairing.partnerships.refusals import told
from pairing.partnerships.seats import partnership_of
from programs.errors import NotTrainedToLead
from sessions.errors import (
    AlreadyBegun,
    HolderAbsent,
    NotForYouToAssign,
    NotPlanned,
    OfferClosed,
    OfferOutdated,
    TurnAlreadyAsked,
    TurnsClash,
)
from sessions.models.offers import TurnOffer
from sessions.models.sessions import Session, Turn
from sessions.rotation.forms import (
    DeclineForm,
    OfferAnswerForm,
    SwapForm,
    SwapRequestForm,
    TakeForm,
)
from sessions.rotation.operations import offers, rotation
from sessions.rotation.operations import turns as rotation_operations_turns
from sessions.rotation.queries import season as rotation_season
from sessions.rotation.queries import turns
from sessions.rotation.queries import turns as rotation_turns
from sessions.rotation.queries.turns import Difference

LINK_AGE = timedelta(days=30)
# an answer may meet a season that has changed, and is told so on the page of its question
TOO_LATE: dict[type[DomainError], None] = dict.fromkeys(
    (
        *(OfferClosed, OfferOutdated, HolderAbsent, NotTrainedToLead, TurnsClash, NotPlanned),
        AlreadyBegun,
    )
)
AT_SWAP = {HolderAbsent: None, NotTrainedToLead: None, TurnsClash: "second"}
answering = require_http_methods(["GET", "HEAD", "POST"])


@answering
@member_view(Permission.TAKE_PART)
def turn_offer(request: MemberRequest, offer_id: UUID) -> HttpResponse:
    """Will you take this turn? Seen by its table, answered by who was asked."""
    return _turn_offer(request, request.member, offer_id, SIGNED_IN)


@answering
@signed_link("turn", max_age=LINK_AGE)
def open_turn_offer(request: HttpRequest, member: Member, offer_id: UUID) -> HttpResponse:
    return _turn_offer(request, member, offer_id, BY_LINK)


def _turn_offer(request: HttpRequest, member: Member, offer_id: UUID, frame: str) -> HttpResponse:
    rows = TurnOffer.objects.visible_to(member).for_list()
    offer = get_object_or_404(rows, pk=offer_id)
    form = OfferAnswerForm(request.POST or None)
    answer = partial(offers.answer_offer, offer=offer, by=member)
    if act(lambda: answer(accepts=form.accepts), form, at=TOO_LATE):
        if frame == BY_LINK:
            remember_answer(request, member, offer.pk)
        return redirect(request.path)
    if form.errors:
        offer = rows.get(pk=offer_id)  # as it is now, whoever was faster
    mine = offer.asked.enrolment.member_id == member.pk
    open_ = offer.is_open(clock.now())
    theirs = frame == SIGNED_IN or is_theirs(request, member, offer.pk)
    if not (theirs or (open_ and mine)):
        return settled_page(
            request,
            member,
            own_page=offer.get_absolute_url(),
            answered=offer.answered_at is not None,
            refused=" ".join(map(str, form.non_field_errors())),
            status=422 if form.errors else 200,
        )
    page = {
        "frame": frame,
        "form": form,
        "member": member,
        "offer": offer,
        "mine": mine,
        "open": open_,
        "can_withdraw": open_
        and offer.kind == TurnOffer.Kind.SWAP
        and offer.giver.enrolment.member_id == member.pk,
        "moves": _would_change(offer, member) if open_ and mine else [],
    }
    return form_page(request, "sessions/turn_offer.html", form, page)


def _would_change(offer: TurnOffer, member: Member) -> list[str]:
    """Say what agreeing would change; nothing where it would be refused."""
    try:
        moved: list[Difference] = rotation.previewed(
            partnership=offer.session.partnership,
            act=lambda: offers.answer_offer(offer=offer, accepts=True, by=member),
        )
    except DomainError:
        moved = []
    offer.refresh_from_db(fields=["state", "answered_at"])
    return [difference.words() for difference in moved]


@require_POST
@member_view(Permission.TAKE_PART)
def withdraw_offer(request: MemberRequest, offer_id: UUID) -> HttpResponse:
    rows = TurnOffer.objects.visible_to(request.member).for_list()
    offer = get_object_or_404(rows, pk=offer_id)
    offers.withdraw_offer(offer=offer, by=request.member)
    messages.success(request, _("The question is withdrawn."))
    return redirect(offer)


@answering
@member_view(Permission.TAKE_PART)
def request_swap(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
    mine, theirs = turns.turns_to_exchange(
        partnership=partnership, member=request.member, at=clock.now()
    )
    if not mine or not theirs:
        raise NotTheirs
    form = SwapRequestForm(request.POST or None, mine=mine, theirs=theirs)
    if offer := act(
        lambda: offers.request_swap(by=request.member, **form.cleaned_data),
        form,
        at={HolderAbsent: None, NotTrainedToLead: None, TurnAlreadyAsked: "mine"},
    ):
        words = _("%(name)s has been asked.") % {"name": offer.asked.enrolment.member.given_name}
        messages.success(request, words)
        return redirect(offer)
    return form_page(request, "sessions/request_swap.html", form, {"partnership": partnership})


@answering
@member_view(Permission.TAKE_PART)
def decline_turn(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """Decline my turn in this session, with a reason; somebody else is asked."""
    session = _session(request, session_id)
    seat = seats.require_seat(session.partnership, request.member)
    turn = Turn.objects.visible_to(request.member).filter(session=session, seat=seat)
    mine = turn.select_related("session__partnership", "role").first()
    if mine is None:
        raise NotPlanned if not session.is_planned else NotTheirs
    form = DeclineForm(request.POST or None)
    if form.is_valid():
        offers.decline_turn(turn=mine, by=request.member, **form.cleaned_data)
        messages.success(request, _("You have declined this turn. Somebody else is asked."))
        return redirect(session)
    return form_page(
        request, "sessions/decline_turn.html", form, {"session": session, "turn": mine}
    )


@require_POST
@member_view(Permission.TAKE_PART)
def take_turn(request: MemberRequest, session_id: UUID) -> HttpResponse:
    session = _session(request, session_id)
    roles = session.partnership.cohort.program.meeting_roles.all()
    form = TakeForm(request.POST, roles=list(roles))
    if not form.is_valid():
        return HttpResponse(status=422)
    turn = told(
        request, lambda: offers.take_turn(session=session, by=request.member, **form.cleaned_data)
    )
    if turn:
        messages.success(request, _("The role %(role)s is yours.") % {"role": turn.role.name})
    return redirect(session)


def _session(request: MemberRequest, session_id: UUID) -> Session:
    return get_object_or_404(Session.objects.visible_to(request.member).for_list(), id=session_id)


@require_safe
@member_view(Permission.TAKE_PART)
def partnership_sessions(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """The season; for htmx its fragment, which the partnership's page borrows."""
    partnership = partnership_of(request, partnership_id)
    season = rotation_season.season_table(
        partnership=partnership, member=request.member, at=clock.now()
    )
    template = "sessions/_season.html" if request.htmx else "sessions/partnership_sessions.html"
    return render(request, template, {"season": season, "partnership": partnership})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def swap_turns(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
    turns = rotation_turns.turns_to_swap(
        partnership=partnership, member=request.member, at=clock.now()
    )
    if not turns:
        raise NotForYouToAssign
    form = SwapForm(request.POST or None, turns=turns)

    def swap() -> None:
        rotation_operations_turns.swap_turns(by=request.member, **form.cleaned_data)

    moves: list[str] = []
    seen = ""
    if form.is_valid():
        moves, seen = rotation.unseen_moves(request.POST, partnership=partnership, act=swap)
    if not moves and act(swap, form, at=AT_SWAP):
        messages.success(request, _("The turns are swapped, and who it concerns is told."))
        return redirect("sessions:partnership_sessions", _slug(request), partnership.pk)
    context = {"partnership": partnership, "moves": moves, "seen": seen}
    return form_page(request, "sessions/swap_turns.html", form, context)


def _slug(request: MemberRequest) -> str:
    return request.member.organisation.slug
