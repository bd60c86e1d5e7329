"""A partnership as a part of a program sees it: its people are invented, nothing is real."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.table import SeatView, initials, round_table
from pairing.models.partnerships import Partnership, Seat
from pairing.texts.reasons import Bar
from programs.models.programs import Cohort, Enrolment, Program
from programs.queries.agendas import season_lines

NAMES = (
    ("Amara", "Nwosu"),
    ("Jonas", "Lindqvist"),
    ("Mei", "Tanaka"),
    ("Rafael", "Moreno"),
    ("Sofia", "Petrova"),
    ("Tom", "Baker"),
    ("Yara", "Haddad"),
    ("Emil", "Novak"),
    ("Ines", "Duarte"),
    ("Omar", "Farouk"),
    ("Lena", "Vogel"),
    ("Kofi", "Mensah"),
)
Parts = Enrolment.Part
# with whom somebody of a part sits
SEATS = {
    Parts.MENTOR: (Parts.MENTOR, Parts.MENTEE),
    Parts.MENTEE: (Parts.MENTEE, Parts.MENTOR),
    Parts.PEER: (Parts.PEER, Parts.PEER),
}


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def seen_as(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """Show a partnership of invented people with the eyes of one part, drawn by the real page."""
    rows = Program.objects.visible_to(request.member).select_related("organisation")
    program = get_object_or_404(rows, pk=program_id)
    mentoring = program.format == Program.Format.MENTOR
    known = [Parts.MENTOR, Parts.MENTEE] if mentoring else [Parts.PEER]
    wanted = request.GET.get("part")
    part = next((part for part in known if part == wanted), known[0])
    circles = program.format == Program.Format.CIRCLES
    seats = _invented(program, SEATS[part] + (Parts.PEER,) * (program.circle_min - 2) * circles)
    people = [seat.enrolment.member for seat in seats]
    context = {
        "program": program,
        "part": part,
        "parts": [(other, other.label) for other in known] if mentoring else [],
        "you": people[0],
        "partnership": seats[0].partnership,
        "seats": seats,
        "circles": circles,
        "expectations": program.expectations_for(part),
        "season": season_lines(program),
        "bars": [
            Bar(criterion.label, 1, 1, 100, _("Here it says in a sentence how they fit."), False)
            for criterion in program.criteria.all()
            if criterion.sort == criterion.Sort.SCORE and criterion.weight
        ],
        "table": round_table(
            [SeatView(initials(member.full_name), member.full_name) for member in people],
            title=seats[0].partnership.name,
        ),
    }
    return render(request, "pairing/seen_as.html", context)


def _invented(program: Program, parts: tuple[Parts, ...]) -> list[Seat]:
    """Return seats of a partnership that is written nowhere; addresses lead to nobody."""
    cohort = Cohort(program=program, organisation=program.organisation)
    # over, so that no button writes to people whom there are not
    over = Partnership.State.COMPLETED
    partnership = Partnership(cohort=cohort, name=_("An example"), state=over)
    seats = []
    for number, part in enumerate(parts):
        given, family = NAMES[number]
        member = Member(given_name=given, family_name=family, job_title=_("invented"))
        enrolment = Enrolment(cohort=cohort, member=member, part=part)
        seats.append(Seat(partnership=partnership, enrolment=enrolment, part=part))
    return seats
