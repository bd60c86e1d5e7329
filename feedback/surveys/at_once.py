"""All check-ins that wait for one person on one page: one button, and each is kept by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.common import clock
from core.members.links import is_theirs, remember_answer, settled_page, signed_link
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import BY_LINK, NOT_VALID, SIGNED_IN, act
from feedback.models.check_ins import CheckIn
from feedback.surveys.base import LINK_AGE, day_words, days_words
from feedback.surveys.check_in import AT_ONCE, CheckInForm, ask, my_open_check_ins


@dataclass(frozen=True)
class _Part:
    """One check-in on the page, with its own form."""

    check_in: CheckIn
    form: CheckInForm

    @property
    def days(self) -> str:
        return days_words(self.check_in.first_day, self.check_in.last_day)

    @property
    def until(self) -> str:
        return day_words(self.check_in.due_on - timedelta(days=1))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def signed_in(request: MemberRequest) -> HttpResponse:
    return _page(request, request.member, SIGNED_IN)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_link(AT_ONCE, max_age=LINK_AGE)
def by_link(request: HttpRequest, member: Member, check_in_id: UUID) -> HttpResponse:
    mine = CheckIn.objects.visible_to(member).of(member)
    check_in = get_object_or_404(mine, pk=check_in_id)
    waits = my_open_check_ins(member, at=clock.now()).exists()
    if not waits and not is_theirs(request, member, check_in_id):
        if request.method == "POST":
            return redirect(request.path)
        own_page = reverse("feedback:check_ins", args=[member.organisation.slug])
        answered = check_in.answered_at is not None
        return settled_page(request, member, own_page=own_page, answered=answered)
    return _page(request, member, BY_LINK, check_in_id)


def _page(
    request: HttpRequest, member: Member, frame: str, link_to: UUID | None = None
) -> HttpResponse:
    """Show what waits, or keep what was answered: an error at one loses nothing of the others.

    What was not touched goes on waiting, and is no error.  `link_to` is what a link opened:
    whoever answered by it reads on for that sitting.
    """
    sent: list[str] = []
    parts: list[_Part] = []
    for check_in in my_open_check_ins(member, at=clock.now()).with_met():
        prefix = check_in.pk.hex
        touched = request.method == "POST" and CheckInForm.touched(request.POST, prefix)
        form, keep = ask(check_in, member, request.POST if touched else None, prefix)
        if touched and act(keep, form):
            sent.append(check_in.seat.partnership.name)
        else:
            parts.append(_Part(check_in, form))
    wrong = any(part.form.errors for part in parts)
    if sent and link_to:
        remember_answer(request, member, link_to)
    if sent and not wrong:
        return redirect(request.path)
    context = {
        "frame": frame,
        "signed_in": frame == SIGNED_IN,
        "member": member,
        "parts": parts,
        "sent": sent,
        "nothing": request.method == "POST" and not sent and not wrong,
        "home_url": reverse("home", args=[member.organisation.slug]),
    }
    status = NOT_VALID if request.method == "POST" and parts else 200
    return render(request, "feedback/check_ins.html", context, status=status)
