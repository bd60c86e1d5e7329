"""What is read after a session: fragments for the pages of others, each a page of its own too."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.charts import BarsDrawing, Week, weekly_bars
from feedback.after_session import queries
from feedback.models.after_session import SessionFeedback
from feedback.surveys.base import day_words
from pairing.models.partnerships import Partnership
from sessions.models.sessions import Session


@require_safe
@member_view(Permission.TAKE_PART)
def after_session(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """What came of the questions after one session, for whoever looks."""
    sessions = Session.objects.visible_to(request.member).for_list()
    session = get_object_or_404(sessions, pk=session_id)
    answers = queries.after_session(session, request.member)
    return _show(request, "session", {"session": session, "answers": answers})


@require_safe
@member_view(Permission.TAKE_PART)
def ratings(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """The averages of a circle's sessions, as far as this member may read them."""
    rows = Partnership.objects.visible_to(request.member).for_list()
    partnership = get_object_or_404(rows, pk=partnership_id)
    shown = queries.ratings_of(partnership, request.member)
    context = {"partnership": partnership, "ratings": shown, "drawing": _line(shown)}
    return _show(request, "ratings", context)


@require_safe
@member_view(Permission.TAKE_PART)
def turns_led(request: MemberRequest) -> HttpResponse:
    """What was said to me about the sessions that I led, with a line over them."""
    turns = queries.feedback_of_turns(request.member)
    shown = [turn.turns for turn in turns if turn.turns]
    return _show(request, "turns_led", {"turns": turns[::-1], "drawing": _line(shown)})


@require_safe
@member_view(Permission.TAKE_PART)
def last_turn(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """What others would like me to try, before I lead again."""
    rows = Session.objects.visible_to(request.member).for_list()
    session = get_object_or_404(rows, pk=session_id)
    return _show(request, "last_turn", {"turn": queries.to_try_next(session, request.member)})


def _show(request: MemberRequest, name: str, context: dict[str, object]) -> HttpResponse:
    part = f"feedback/after_session/_{name}.html"
    if request.htmx:
        return render(request, part, context)
    return render(request, "feedback/after_session/page.html", {**context, "part": part})


def _line(rows: list[SessionFeedback]) -> BarsDrawing | None:
    """Return the averages over time once there are two to compare."""
    if len(rows) < 2:
        return None
    weeks = [
        Week(
            label=date_format(row.session.day, "j M"),
            value=round(float(row.mean or 0), 1),
            title=_("%(day)s: %(value).1f of 5, %(n)d answers")
            % {"day": day_words(row.session.day), "value": row.mean, "n": row.n},
        )
        for row in rows
    ]
    return weekly_bars(weeks, most=5.0)
