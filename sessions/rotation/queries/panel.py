"""The figures of the fairness panel: who has led, who is owed a turn, how minutes are shared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from sessions.models.sessions import Session
from sessions.rotation.engine.evenness import debts, gini

ENOUGH = 0.5  # of a turn: whoever is owed less is not named


@dataclass(frozen=True)
class SessionLead:
    """One session with a leader, and everybody who was there or will be."""

    session: Session
    leader: UUID
    present: Collection[UUID]


@dataclass(frozen=True)
class Panel:
    """How leading is shared. `owed` counts turns over the sessions held: above 0 somebody has led
    less than their share, below 0 more; `gini` is that of minutes led over the season, 0 to 1."""

    have_led: int
    all: int
    gini: float | None
    owed: Mapping[UUID, float]
    words: str


def fairness_panel(led: Sequence[SessionLead], names: Mapping[UUID, str]) -> Panel:
    """Return the panel of a season for the people of `names`, in their order at the table."""
    minutes = dict.fromkeys(names, 0)
    for lead in led:
        if lead.leader in minutes:
            minutes[lead.leader] += lead.session.duration_minutes
    held = [lead for lead in led if lead.session.is_held]
    debts_of_seats = debts(
        (str(lead.leader), [str(seat) for seat in {*lead.present, lead.leader}]) for lead in held
    )
    owed = {seat: round(debts_of_seats.get(str(seat), 0.0), 1) for seat in names}
    uneven = gini(list(minutes.values()))
    return Panel(
        have_led=len({lead.leader for lead in held} & set(names)),
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
    return _("Next in line to lead, by what they are owed: %(who)s.") % {"who": ", ".join(who)}
