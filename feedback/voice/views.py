"""How the word goes round in one's own circle: what was counted, and what was said."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import today
from feedback.models.voice import VoiceResult
from feedback.surveys.voice import SEATS
from pairing.models.partnerships import Partnership, Seat
from sessions.room.voices import voices_of


@require_safe
@member_view(Permission.TAKE_PART)
def voices(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """The voices of a circle, for those who sit there; its page borrows it as a fragment."""
    rows = Partnership.objects.visible_to(request.member).for_list()
    partnership = get_object_or_404(rows, pk=partnership_id)
    seats = Seat.objects.visible_to(request.member).open().filter(partnership=partnership)
    get_object_or_404(seats, enrolment__member=request.member)
    results = VoiceResult.objects.visible_to(request.member).filter(partnership=partnership)
    template = "feedback/voice/_voices.html" if request.htmx else "feedback/voice/voices.html"
    return render(
        request,
        template,
        {
            "partnership": partnership,
            "result": results.standing(today()).first(),
            "voices": voices_of([partnership.pk])[partnership.pk],
            "is_asked": seats.count() >= SEATS,
        },
    )
