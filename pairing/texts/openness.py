"""What partners may read of their reasons: evidence only where everybody it is about agreed.

Each answer that counts in a matching is stored with its owner's choice whether partners may
read it as a reason.  Work facts are known to colleagues anyway.  The choice is asked for when a
reason is read, not when the run was computed, so that it may be changed at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from pairing.texts.reasons import Reason
from programs.models.programs import Enrolment
from programs.queries.enrolments import shown_answers

KEPT_BACK = "kept_back"
ANSWER = "answer:"

People = Sequence[tuple[UUID, str]]  # enrolment and part of everybody at the table
Shown = Mapping[UUID, Mapping[str, bool]]


def reasons_for_partners(reasons: Sequence[Reason], people: People) -> list[Reason]:
    """Return the reasons as the people they are about may read them; one statement."""
    return open_reasons(reasons, people, shown_answers([enrolment for enrolment, _part in people]))


def open_reasons(reasons: Sequence[Reason], people: People, shown: Shown) -> list[Reason]:
    """Return the reasons without evidence that somebody keeps to themselves.

    What was not answered, what a coordinator prefers and whom one has wished for is no reason
    between partners.  A reason that is kept back stays if it speaks for them: without its
    evidence, and so with neutral words.  `shown` is `programs.queries.shown_answers`.
    """
    told: list[Reason] = []
    for reason in reasons:
        if reason.reason.startswith(("missing_", "bonus_")):
            continue
        if _agreed(reason, people, shown):
            told.append(reason)
        elif reason.points:
            told.append(replace(reason, reason=KEPT_BACK, evidence={}))
    return told


def _agreed(reason: Reason, people: People, shown: Shown) -> bool:
    """Say whether everybody lets partners read their answers behind this reason.

    A reason that does not say which fields it read was stored before anybody was asked.  Of
    two, an answer that is gone is not shown either; among peers not everybody answers.
    """
    if reason.fields is None:
        return False
    return all(
        shown.get(enrolment, {}).get(field.removeprefix(ANSWER), part == Enrolment.Part.PEER)
        for enrolment, part in people
        for field in _fields_of(reason.fields, part)
        if field.startswith(ANSWER)
    )


def _fields_of(fields: Sequence[str], part: str) -> Sequence[str]:
    """Return what a reason read of somebody in that part; of peers, both."""
    if part == Enrolment.Part.MENTEE:
        return fields[:1]
    if part == Enrolment.Part.MENTOR:
        return fields[1:]
    return fields
