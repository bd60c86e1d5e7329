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


def voices_of(partnerships: Iterable[UUID]) -> dict[UUID, Voices]:
    """Return the voices of each of these partnerships, over the sessions they have held.

    Only people who were present count: who was not there had no turn to take.
    """
    wanted = list(partnerships)
    there = Attendance.objects.filter(
        session=OuterRef("session"), seat=OuterRef("seat"), kind=Attendance.Kind.PRESENT
    )
    rows = Voice.objects.filter(
        Exists(there), session__partnership__in=wanted, session__state=Session.State.HELD
    ).annotate(in_round=Exists(Round.objects.filter(session=OuterRef("session"))))
    counts: dict[UUID, dict[UUID, list[int]]] = defaultdict(lambda: defaultdict(list))
    unheard: dict[UUID, set[UUID]] = defaultdict(set)
    expected: dict[UUID, set[UUID]] = defaultdict(set)
    for partnership, session, seat, turns, in_round in rows.order_by("session", "id").values_list(
        "session__partnership", "session", "seat", "turns", "in_round"
    ):
        counts[partnership][session].append(turns)
        if in_round:
            expected[partnership].add(seat)
            if not turns:
                unheard[partnership].add(seat)
    return {
        partnership: Voices(
            sessions={session: tuple(turns) for session, turns in counts[partnership].items()},
            balance=verdict([tuple(turns) for turns in counts[partnership].values()]),
            unheard=frozenset(unheard[partnership]),
            expected=frozenset(expected[partnership]),
        )
        for partnership in wanted
    }
