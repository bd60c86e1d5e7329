"""How evenly the word goes round in a partnership: of the circle, never of a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from django.db.models import Exists, OuterRef

from sessions.models.rooms import Round, Voice
from sessions.models.sessions import Attendance, Session
from sessions.rotation.engine.evenness import SESSIONS_FOR_A_VERDICT, verdict, voice_balance


@dataclass(frozen=True)
class Voices:
    """Turns spoken in one partnership: by session, the counts of those who were there.

    `balance` is the mean over sessions, from 0 (one voice alone) to 1 (an even round); None
    before three sessions can be told.  `unheard` are the seats whose person spoke no turn in a
    session with a round, of all `expected` in such sessions.
    """

    sessions: dict[UUID, tuple[int, ...]]
    balance: Fraction | None
    unheard: frozenset[UUID]
    expected: frozenset[UUID]

    @property
    def told(self) -> int:
        return sum(1 for counts in self.sessions.values() if voice_balance(counts) is not None)

    @property
    def missing(self) -> int:
        return max(0, SESSIONS_FOR_A_VERDICT - self.told)

    def balance_of(self, session_id: UUID) -> Fraction | None:
        return voice_balance(self.sessions.get(session_id, ()))


NO_VOICES = Voices({}, None, frozenset(), frozenset())


@dataclass(frozen=True)
class Spoken:
    """How many turns one person took in a held session at which they were present."""

    pk: UUID
    partnership: UUID
    session: UUID
    seat: UUID
    enrolment: UUID
    turns: int
    in_round: bool


def spoken_at(partnerships: Iterable[UUID]) -> list[Spoken]:
    """Return the turns spoken in these partnerships, session by session; one statement.

    Only people who were present count: who was not there had no turn to take.
    """
    there = Attendance.objects.filter(
        session=OuterRef("session"), seat=OuterRef("seat"), kind=Attendance.Kind.PRESENT
    )
    rows = Voice.objects.filter(
        Exists(there), session__partnership__in=partnerships, session__state=Session.State.HELD
    ).annotate(in_round=Exists(Round.objects.filter(session=OuterRef("session"))))
    columns = ("pk", "session__partnership", "session", "seat", "seat__enrolment", "turns")
    ordered = rows.order_by("session", "id")
    return [Spoken(*row) for row in ordered.values_list(*columns, "in_round")]


def voices_of(partnerships: Iterable[UUID]) -> dict[UUID, Voices]:
    """Return the voices of each of these partnerships, over the sessions they have held."""
    wanted = list(partnerships)
    counts: dict[UUID, dict[UUID, list[int]]] = defaultdict(lambda: defaultdict(list))
    unheard: dict[UUID, set[UUID]] = defaultdict(set)
    expected: dict[UUID, set[UUID]] = defaultdict(set)
    for spoken in spoken_at(wanted):
        counts[spoken.partnership][spoken.session].append(spoken.turns)
        if spoken.in_round:
            expected[spoken.partnership].add(spoken.seat)
            if not spoken.turns:
                unheard[spoken.partnership].add(spoken.seat)
    return {
        partnership: Voices(
            sessions={session: tuple(turns) for session, turns in counts[partnership].items()},
            balance=verdict([tuple(turns) for turns in counts[partnership].values()]),
            unheard=frozenset(unheard[partnership]),
            expected=frozenset(expected[partnership]),
        )
        for partnership in wanted
    }
