"""What the letter of a publication says: with whom, and why as far as people let it be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mentoring.identity.models import Member
from pairing.models import MatchRun, Proposal, ProposalSeat
from pairing.openness import open_reasons
from pairing.words import why_these
from programs.models import Program
from programs.queries import shown_answers

Tables = Sequence[tuple[Proposal, list[ProposalSeat]]]


def letter_words(run: MatchRun, tables: Tables) -> dict[Member, dict[str, Any]]:
    """Return for each person of a run what their letter fills in, as plain values.

    Whoever has several partners gets one letter: each partnership adds names and a sentence.
    """
    shown = shown_answers([seat.enrolment_id for _proposal, seats in tables for seat in seats])
    found: dict[Member, dict[str, Any]] = {}
    for proposal, seats in tables:
        at_table = [(seat.enrolment_id, str(seat.part)) for seat in seats]
        told = open_reasons(proposal.reasons, at_table, shown)
        said = why_these(told, [(seat.part, seat.enrolment.member) for seat in seats])
        for seat in seats:
            words = found.setdefault(
                seat.enrolment.member,
                {
                    "program": run.cohort.program.name,
                    "partners": [],
                    "why": [],
                    "is_circle": run.cohort.program.format == Program.Format.CIRCLES,
                },
            )
            words["why"] += [said] if said else []
            words["partners"] += [
                each.enrolment.member.full_name for each in seats if each is not seat
            ]
    return found
