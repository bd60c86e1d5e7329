"""The front link, the list of a person's organisations, and each person's home."""

from __future__ import annotations

import sys

from django.contrib.auth.decorators import login_not_required, login_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext as _

from core.common import clock
from core.common.problems import problem
from core.members.models import User
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view, members_of
from core.ui.table import SeatView, TableDrawing, round_table
from mentoring.home import queries
from mentoring.home.hr import hr_day


@login_not_required
def front(request: HttpRequest) -> HttpResponse:
    """What Roundtable is, and the way in; signed-in people go to their organisations."""
    if request.user.is_authenticated:
        return redirect("organisations")
    return render(request, "mentoring/front.html", {"drawing": _front_table()})


@login_not_required
def favicon(_request: HttpRequest) -> HttpResponse:
    """The address browsers ask on their own for a document that names no icon (an e-mail shown)."""
    return redirect(static("favicon.svg"))


def _front_table() -> TableDrawing:
    """Six seats, four roles, and a season in which leading has come round to half of them."""
    tokens = (("facilitator",), ("timekeeper",), (), ("voice_watcher",), (), ("note_taker",))
    seats = [
        SeatView(
            initials="",
            name="",
            state="lead" if place == 0 else "",
            tokens=held,
            turns_due=1,
            turns_held=int(place < 4),
        )
        for place, held in enumerate(tokens)
    ]
    return round_table(seats, sentence=_("A round table of six, one of whom leads this time."))


@login_required
def organisations(request: HttpRequest) -> HttpResponse:
    """The organisations of the person who has signed in; straight in where there is one."""
    assert isinstance(request.user, User)
    members = members_of(request.user.pk)
    if len(members) == 1 and "choose" not in request.GET:
        return redirect(members[0].organisation)
    return render(request, "mentoring/organisations.html", {"members": members})


@member_view(Permission.TAKE_PART)
def home(request: MemberRequest) -> HttpResponse:
    member, now = request.member, clock.now()
    coordinating, there = None, queries.what_is_there(member)
    if can(member, Permission.PARTNERSHIPS_MANAGE):
        coordinating = queries.coordinators_day(member, there, now=now)
    reads = can(member, Permission.FIGURES_READ) and coordinating is None
    context = {
        "member": member,
        "now": now,
        "hr": hr_day(member, now=now) if reads else None,
        "day": queries.my_day(member, there, now=now),
        "coordinating": coordinating,
    }
    return render(request, "mentoring/home.html", context)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"whom_to_ask": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a failure: 503 where PostgreSQL is away or too busy, which passes, else 500."""
    by_program = request.path_info.startswith("/api/")
    if not isinstance(sys.exc_info()[1], OperationalError):
        if by_program:
            return problem(500, "failed", "This failed here, and not because of what was sent.")
        return render(request, "500.html", status=500)
    later = {"Retry-After": "5", "Cache-Control": "no-store"}
    if by_program:
        answer = problem(503, "unavailable", "The database is away. Try again in a moment.")
        for name, value in later.items():
            answer[name] = value
        return answer
    # without the request: who asks is not known, and finding out would ask the database again
    return HttpResponse(render_to_string("503.html"), status=503, headers=later)
