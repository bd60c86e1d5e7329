"""Agendas to begin with: one for each way to meet, fitted to the minutes there are."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programs.models.agenda import StepKind
from programs.models.programs import Program

Text = str | Promise


@dataclass(frozen=True)
class _ReadyAgenda:
    """Steps with their title, kind, and share of the time in percent."""

    name: Text
    steps: tuple[tuple[Text, StepKind, int], ...]

    def fitted(self, minutes: int) -> list[dict[str, str | int]]:
        """Return the steps in whole minutes that add up; the longest gives or takes the rest."""
        shares = [share for _title, _kind, share in self.steps]
        whole = [max(1, round(minutes * share / 100)) for share in shares]
        longest = whole.index(max(whole))
        whole[longest] = max(1, whole[longest] + minutes - sum(whole))
        return [
            {"title": str(title), "minutes": step_minutes, "kind": str(kind)}
            for (title, kind, _share), step_minutes in zip(self.steps, whole, strict=True)
        ]


_OPENING: tuple[tuple[Text, StepKind, int], ...] = (
    (_("Arrive: one word each"), StepKind.CHECK_IN, 7),
    (_("What came of our promises"), StepKind.ACTIONS, 13),
)
_CLOSING: tuple[tuple[Text, StepKind, int], ...] = (
    (_("One promise each"), StepKind.PROMISES, 13),
    (_("Look back: what worked, what to change, thanks"), StepKind.RETROSPECTIVE, 7),
)


def _around(*middle: tuple[Text, StepKind, int]) -> tuple[tuple[Text, StepKind, int], ...]:
    return (*_OPENING, *middle, *_CLOSING)


READY_AGENDAS: Mapping[str, _ReadyAgenda] = {
    "circle": _ReadyAgenda(
        _("Open circle and a decision"),
        _around(
            (_("The question, in rounds"), StepKind.ROUND, 35),
            (_("Decide together"), StepKind.DECISION, 25),
        ),
    ),
    "silent": _ReadyAgenda(
        _("Silent start, then a round"),
        _around(
            (_("Think and write"), StepKind.SILENT_WRITE, 15),
            (_("What the cards say, in rounds"), StepKind.ROUND, 45),
        ),
    ),
    "clinic": _ReadyAgenda(
        _("Case clinic"),
        _around((_("One case, peers consult"), StepKind.CASE_CLINIC, 60)),
    ),
    "troika": _ReadyAgenda(
        _("Troika"),
        _around(
            (_("In trios: each tells, two help"), StepKind.TROIKA, 45),
            (_("What we bring back, one round"), StepKind.ROUND, 15),
        ),
    ),
    "fishbowl": _ReadyAgenda(
        _("Fishbowl"),
        _around((_("The middle talks, one chair is free"), StepKind.FISHBOWL, 60)),
    ),
    "appreciation": _ReadyAgenda(
        _("Appreciative round"),
        _around(
            (_("In pairs: a moment I was proud of"), StepKind.PAIRS, 25),
            (_("One thing I saw you do"), StepKind.APPRECIATION, 35),
        ),
    ),
}


def agenda_for(program: Program, number: int) -> list[dict[str, Any]]:
    """Return what the session of that number begins with: its own agenda, or the program's."""
    chosen = program.season[number - 1]["agenda"] if number <= len(program.season) else ""
    if ready := READY_AGENDAS.get(chosen):
        return [*ready.fitted(program.session_minutes)]
    return copy.deepcopy(program.agenda)


@dataclass(frozen=True)
class SeasonLine:
    """One session as it is announced: what it is about, how it is held, what is reached then."""

    number: int
    theme: str
    agenda: str
    milestone: str


def season_lines(program: Program) -> list[SeasonLine]:
    """Return the sessions of a season that have something of their own to say."""
    lines = []
    for number, row in enumerate(program.season[: program.sessions_planned], 1):
        ready = READY_AGENDAS.get(row["agenda"])
        line = SeasonLine(number, row["theme"], str(ready.name) if ready else "", row["milestone"])
        if line.theme or line.agenda or line.milestone:
            lines.append(line)
    return lines
