"""What partners say of themselves to each other; the partnership's page borrows it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from pairing.partnerships.seats import open_seats_seen, partnership_of, seat_of
from programs.profiles.queries import profiles_of


@require_safe
@member_view(Permission.TAKE_PART)
def profiles(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """The profiles of who sits there: what is for partners is read by partners alone."""
    partnership = partnership_of(request, partnership_id)
    seats = open_seats_seen(partnership, request.member)
    people = [seat.enrolment.member for seat in seats]
    partners = [member.pk for member in people] if seat_of(partnership, request.member) else []
    others = [member for member in people if member.pk != request.member.pk]
    context = {
        "partnership": partnership,
        "profiles": profiles_of(others, by=request.member, partners=partners),
    }
    if request.htmx:
        return render(request, "pairing/_profiles.html", context)
    return render(request, "pairing/profiles.html", context)
