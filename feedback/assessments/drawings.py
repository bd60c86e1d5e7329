"""The pictures of how somebody leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.ui.charts import Change, DumbbellsDrawing, dumbbells
from feedback.assessments.queries import HowILead


@dataclass(frozen=True)
class Drawings:
    """Own view against peers, and then against now: as peers see it, and as the person does."""

    compared: DumbbellsDrawing | None
    peers: DumbbellsDrawing | None
    own: DumbbellsDrawing | None
    findings: Mapping[str, str]


def of(lead: HowILead) -> Drawings:
    compared = []
    for row in lead.compared:
        seen, own = row.peers_now, float(row.own_now or 0)
        if seen is None:
            continue
        low, high = seen.low, seen.high
        compared.append(
            Change(
                row.skill.name,
                own,
                seen.mean,
                None if low is None else low - own,
                None if high is None else high - own,
            )
        )
    peers = [
        Change(
            row.skill.name,
            row.moved.before.mean,
            row.moved.after.mean,
            row.moved.low,
            row.moved.high,
        )
        for row in lead.moved
        if row.moved
    ]
    own_moved = [
        Change(row.skill.name, *map(float, row.own_moved)) for row in lead.skills if row.own_moved
    ]
    return Drawings(_drawn(compared), _drawn(peers), _drawn(own_moved), _findings(lead))


def _findings(lead: HowILead) -> dict[str, str]:
    """Say in a sentence what each picture shows."""
    otherwise = [row for row in lead.compared if row.seen_otherwise]
    higher = [
        row for row in lead.own_moved if row.own_moved and row.own_moved[1] > row.own_moved[0]
    ]
    return {
        "compared": _("Your peers see %(n)d of %(all)d skills otherwise than you")
        % {"n": len(otherwise), "all": len(lead.compared)},
        "peers": _("%(n)d of %(all)d skills have grown, as your peers see it")
        % {"n": len(lead.grown), "all": len(lead.moved)},
        "own": _("You rate yourself higher than at first in %(n)d of %(all)d skills")
        % {"n": len(higher), "all": len(lead.own_moved)},
    }


def _drawn(changes: list[Change]) -> DumbbellsDrawing | None:
    return dumbbells(changes, least=1, most=5) if changes else None
