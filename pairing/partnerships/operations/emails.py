"""What partners are told when who sits there changes.

The cause of each is the reader's enrolment, or that people have left the organisation: what the
other apps say of the same act, also of another table of theirs, joins it.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise

from core.members.models import Member
from core.notifications.operations import Draft, Link, enqueue_all
from pairing.inputs.collect import waiting_since
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import cause_of_change, open_seats, seats_told
from pairing.texts.reasons import read_reasons
from pairing.texts.sentence import reasons_for_partners, why_these
from programs.models.programs import Program


def to_newcomers(partnership: Partnership, seats: Sequence[Seat], *, before: str = "") -> None:
    """Tell who has just been seated with whom they are; `before`: the circle that they leave."""
    at_table = open_seats(partnership)
    reasons = reasons_for_partners(
        read_reasons(partnership.reasons),
        [(seat.enrolment_id, str(seat.part)) for seat in at_table],
    )
    why = why_these(reasons, [(seat.part, seat.enrolment.member) for seat in at_table])
    enqueue_all(
        [
            Draft(
                member=seat.enrolment.member,
                kind="pairing.matched",
                program=partnership.cohort.program_id,
                dedupe_key=f"pairing.matched:{seat.pk}:{seat.enrolment.member_id}",
                link=Link(page=partnership.get_absolute_url()),
                context={
                    "program": partnership.cohort.program.name,
                    "partnership": partnership.name,
                    "is_circle": partnership.cohort.program.format == Program.Format.CIRCLES,
                    "partners": [
                        other.enrolment.member.full_name
                        for other in at_table
                        if other.pk != seat.pk
                    ],
                    "why": [why] if why else [],
                    "before": before,
                    "starts_on": partnership.starts_on.isoformat(),
                },
                about=partnership.pk,
                cause=seat.enrolment_id,
            )
            for seat in seats
        ]
    )


def of_a_change(
    partnership: Partnership,
    *,
    act: UUID,
    joined: Sequence[Member] = (),
    left: Sequence[Member] = (),
) -> None:
    """Tell those who sit there, but not who has just come, who has come or gone.

    `act` is the id of what makes this change another than the last: a seat.
    """
    new = {member.pk for member in joined}
    told = seats_told(partnership)
    cause = cause_of_change(partnership)
    enqueue_all(
        [
            Draft(
                member=seat.enrolment.member,
                kind="pairing.changed",
                program=partnership.cohort.program_id,
                dedupe_key=f"pairing.changed:{act}:{partnership.pk}:{seat.enrolment.member_id}",
                link=Link(page=partnership.get_absolute_url()),
                context={
                    "partnership": partnership.name,
                    "joined": [other.full_name for other in joined],
                    "left": [other.full_name for other in left],
                    "people": len(told),
                },
                about=partnership.pk,
                cause=cause or seat.enrolment_id,
            )
            for seat in told
            if seat.enrolment.member_id not in new
        ]
    )


def of_the_end(
    partnership: Partnership,
    seats: Sequence[Seat],
    *,
    left: bool = False,
    gone: str | Promise = "",
) -> None:
    """Tell these people that it has ended, or with `left` that they have left it.

    `gone` names who no longer takes part, where that is the reason.  Nobody is said to wait who
    still sits elsewhere in that part, or whose cohort is matched no more.
    """
    cohort = partnership.cohort
    cause = cause_of_change(partnership)
    waiting = waiting_since(cohort) if cohort.is_matched else {}
    circles = partnership.cohort.program.format == Program.Format.CIRCLES
    page = reverse("pairing:parting", args=[partnership.organisation.slug, partnership.pk])
    enqueue_all(
        [
            Draft(
                member=seat.enrolment.member,
                kind="pairing.parted",
                program=partnership.cohort.program_id,
                dedupe_key=f"parted:{partnership.pk}:{seat.enrolment.member_id}",
                link=Link(page=page),
                context={
                    "partnership": partnership.name,
                    "program": partnership.cohort.program.name,
                    "left": left,
                    "gone": gone,
                    "waits": (seat.enrolment_id, seat.part) in waiting,
                    "first": not circles and (seat.enrolment_id, seat.part) in waiting,
                },
                cause=cause or seat.enrolment_id,
            )
            for seat in seats
            if seat.enrolment.member.state != Member.State.LEFT
        ]
    )
