"""E-mails about requests: each once for its reason, none with the words between the two."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.urls import reverse

from core.common.dates import day_words
from core.members.models import Member
from core.notifications import operations as notifications_operations
from core.notifications.operations import Link
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Partnership
from pairing.models.requests import PartnerRequest
from programs.models.programs import Program
from programs.queries.designs import coordinators_of

LINK = "request"


def to_the_asked(request: PartnerRequest) -> None:
    """Say who asks, until when an answer is good, and open the page where it is given."""
    signed = Link(signed=LINK, object_id=request.pk)
    _to_asked(request, "pairing.request", "request", link=signed)


def of_a_question(request: PartnerRequest) -> None:
    """Say to the asker that the other would like to know more first."""
    _to_asker(request, "pairing.request_question", "request-question")


def of_an_answer(request: PartnerRequest) -> None:
    """Say to the asked that their question has been answered: read, signed in, where it stands."""
    page = Link(page=request.get_absolute_url())
    _to_asked(request, "pairing.request_answered", "request-answered", link=page)


def of_an_end(request: PartnerRequest, *, then: PartnerRequest | None) -> None:
    """Say to the asker that nothing comes of it, and whom they are asking now instead."""
    more = {"how": str(request.state), "then": then.asked.member.full_name if then else ""}
    about = then or request
    _to_asker(request, "pairing.request_over", "request-over", more, link=about)


def of_no_need(request: PartnerRequest) -> None:
    """Say to who was asked that there is nothing left to answer, and why without names."""
    page = Link(page=request.get_absolute_url())
    _to_asked(request, "pairing.request_closed", "request-closed", link=page, withdrawn=False)


def of_a_yes(request: PartnerRequest, partnership: Partnership) -> None:
    """Say to both that they are partners now, and what happens next."""
    page = reverse("pairing:partnership", args=[request.organisation.slug, partnership.pk])
    asker, partner = request.asker.member, request.asked.member
    for place, other in ((request.asker, partner), (request.asked, asker)):
        member = place.member
        notifications_operations.enqueue(
            member=member,
            kind="pairing.request_accepted",
            program=request.cohort.program_id,
            dedupe_key=f"request-accepted:{request.pk}:{member.pk}",
            link=Link(page=page),
            context={
                "program": request.cohort.program.name,
                "name": other.full_name,
                "mentor": request.cohort.program.format == Program.Format.MENTOR
                and member is asker,
                "mentee": request.cohort.program.format == Program.Format.MENTOR
                and member is partner,
                "starts": day_words(partnership.starts_on, "j F"),
            },
            about=partnership.pk,
            cause=place.pk,
        )


def of_being_stuck(request: PartnerRequest) -> None:
    """Say to the coordinators that somebody's last request came to nothing: names, no words."""
    slug = request.organisation.slug
    page = reverse("pairing:waiting", args=[slug, request.cohort_id])
    for coordinator in coordinators_of(request.cohort.program):
        notifications_operations.enqueue(
            member=coordinator,
            kind="pairing.request_stuck",
            program=request.cohort.program_id,
            dedupe_key=f"request-stuck:{request.pk}:{coordinator.pk}",
            link=Link(page=page),
            context=_context(request, coordinator) | {"name": request.asker.member.full_name},
            about=request.pk,
        )


def _to_asked(
    request: PartnerRequest, kind: str, key: str, *, link: Link, withdrawn: bool = True
) -> None:
    """`withdrawn`: while it is unsent, the end of the request takes it back."""
    notifications_operations.enqueue(
        member=request.asked.member,
        kind=kind,
        program=request.cohort.program_id,
        dedupe_key=f"{key}:{request.pk}",
        link=link,
        context=_context(request, request.asked.member) | {"name": request.asker.member.full_name},
        about=request.pk if withdrawn else None,
        needed_by=request.due_at,
    )


def _to_asker(
    request: PartnerRequest,
    kind: str,
    key: str,
    more: dict[str, str] | None = None,
    *,
    link: PartnerRequest | None = None,
) -> None:
    notifications_operations.enqueue(
        member=request.asker.member,
        kind=kind,
        program=request.cohort.program_id,
        dedupe_key=f"{key}:{request.pk}",
        link=Link(page=(link or request).get_absolute_url()),
        context=_context(request, request.asker.member)
        | {"name": request.asked.member.full_name}
        | (more or {}),
        about=request.pk,
    )


def _context(request: PartnerRequest, reader: Member) -> dict[str, str | bool]:
    zone = reader.time_zone or settings_in_force().time_zone
    until = request.due_at.astimezone(ZoneInfo(zone))
    return {
        "program": request.cohort.program.name,
        "until": day_words(until, "j F, H:i"),
        "mentor": request.cohort.program.format == Program.Format.MENTOR,
    }
