"""What the e-mail of a publication says: with whom, and why as far as people let it be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from core.members.models import Member
from pairing.models.runs import MatchRun, Proposal, ProposalSeat
from pairing.solve import Seats
from pairing.texts.reasons import read_reasons
from pairing.texts.sentence import open_reasons, why_these
from programs.models.programs import Program
from programs.queries.enrolments import shown_answers

Tables = Sequence[tuple[Proposal, list[ProposalSeat]]]


def proposed_tables(run: MatchRun) -> Tables:
    """Return a run's proposals with who sits there, best first; one query."""
    seats = (
        ProposalSeat.objects.filter(proposal__run=run)
        .select_related("proposal", "enrolment__member")
        .order_by("proposal__position", "id")
    )
    return [(proposal, list(people)) for proposal, people in groupby(seats, lambda s: s.proposal)]


def seats_of(tables: Tables) -> list[Seats]:
    """Return who would sit at each table, in which part."""
    return [[(str(seat.enrolment_id), seat.part) for seat in seats] for _proposal, seats in tables]


@dataclass(frozen=True)
class _MatchEmail:
    program: str
    is_circle: bool
    partners: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)


def email_words(run: MatchRun, tables: Tables) -> dict[Member, _MatchEmail]:
    """Return for each person of a run what their e-mail fills in.

    Whoever has several partners gets one e-mail: each partnership adds names and a sentence.
    """
    shown = shown_answers([seat.enrolment_id for _proposal, seats in tables for seat in seats])
    program = run.cohort.program
    is_circle = program.format == Program.Format.CIRCLES
    emails: dict[Member, _MatchEmail] = {}
    for proposal, seats in tables:
        at_table = [(seat.enrolment_id, str(seat.part)) for seat in seats]
        told = open_reasons(read_reasons(proposal.reasons), at_table, shown)
        why = why_these(told, [(seat.part, seat.enrolment.member) for seat in seats])
        for seat in seats:
            email = emails.setdefault(seat.enrolment.member, _MatchEmail(program.name, is_circle))
            email.why.extend([why] if why else [])
            email.partners.extend(
                other.enrolment.member.full_name for other in seats if other is not seat
            )
    return emails
