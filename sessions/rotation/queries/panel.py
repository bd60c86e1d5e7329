"""The figures of the fairness panel: who has led, who is owed a turn, how minutes are shared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from sessions.models.sessions import Session
from sessions.rotation.engine.evenness import debts, gini

ENOUGH = 0.5  # of a turn: whoever is owed less is not named


Lead = tuple[Session, UUID, Collection[UUID]]  # a session, who leads it, and all who are there


@dataclass(frozen=True)
class Panel:
    """How leading is shared. `owed` counts turns over the sessions held: above 0 somebody has led
    less than their share, below 0 more; `gini` is that of minutes led over the season, 0 to 1."""

    have_led: int
    all: int
    gini: float | None
    owed: Mapping[UUID, float]
    words: str


def fairness_panel(leads: Sequence[Lead], names: Mapping[UUID, str]) -> Panel:
    """Return the panel of a season for the people of `names`, in their order at the table."""
    minutes = dict.fromkeys(names, 0)
    for session, leader, _present in leads:
        if leader in minutes:
            minutes[leader] += session.duration_minutes
    held = [(leader, present) for session, leader, present in leads if session.is_held]
    by_seat = debts(
        (str(leader), [str(seat) for seat in {*present, leader}]) for leader, present in held
    )
    owed = {seat: round(by_seat.get(str(seat), 0.0), 1) for seat in names}
    uneven = gini(list(minutes.values()))
    return Panel(
        have_led=len({leader for leader, _present in held} & set(names)),
        all=len(names),
        gini=None if uneven is None else round(float(uneven), 2),
        owed=owed,
        words=_owed(owed, names),
    )


def _owed(owed: Mapping[UUID, float], names: Mapping[UUID, str]) -> str:
    """Say who is owed most of a turn to lead, if anybody is."""
    most = max(owed.values(), default=0)
    if most < ENOUGH:
        return ""
    who = [names[seat] for seat, turns in owed.items() if turns == most]
    return _("Next in line to lead: %(who)s.") % {"who": ", ".join(who)}
