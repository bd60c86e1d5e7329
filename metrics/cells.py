"""Figures of a part of a cohort: of a department, a level, a place of work, or a period.

What may be asked for is fixed: one group at a time, or whole weeks.  Each is a cell of a breakdown
that is hidden as a whole is, so nothing follows from a filter that does not stand in the
breakdowns.  Source: docs/adr/0044-cells-not-filters.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations, product
from uuid import UUID

import rustworkx
from django.utils.translation import gettext

from core.tenancy.models import OrganisationSettings
from metrics.definitions.feedback import CHECKIN_RESPONSE
from metrics.definitions.participation import ENROLLED, MATCH_RATE
from metrics.definitions.sessions import ATTENDANCE_RATE, SESSION_COMPLETION
from metrics.definitions.shapes import Figure
from metrics.definitions.weeks import weeks_of
from metrics.figures import SOURCES, WEEKLY
from metrics.queries.facts import CohortFacts, Facts
from metrics.queries.groups import GROUPS, Behind, behind
from programs.models.programs import Cohort

BY_GROUP = (ENROLLED.key, MATCH_RATE.key, ATTENDANCE_RATE.key, CHECKIN_RESPONSE.key)
BY_WEEK = (SESSION_COMPLETION.key, ATTENDANCE_RATE.key, CHECKIN_RESPONSE.key)

Cell = tuple[str, str]  # a group (department, level, location) and one of its values
Cells = dict[Cell, list[Figure]]


def weekly_cells(
    cohorts: Sequence[Cohort], chosen: OrganisationSettings, now: datetime
) -> dict[UUID, dict[str, list[Figure]]]:
    """Return the figures that have weeks, week by week, of each cohort."""
    facts = Facts(cohorts, chosen, now, SOURCES, WEEKLY)
    return {
        cohort.pk: {key: weeks_of(CohortFacts(cohort, facts), key) for key in BY_WEEK}
        for cohort in cohorts
    }


def group_cells(
    cohorts: Sequence[Cohort], chosen: OrganisationSettings, now: datetime
) -> dict[UUID, Cells]:
    """Return each cohort's figures by department, level and place of work, in BY_GROUP's order.

    All three are made together, since what may be shown of one depends on what is shown of the
    others.
    """
    facts = Facts(cohorts, chosen, now, SOURCES, WEEKLY)
    rows = behind(facts.ids, facts.as_of)
    return {
        cohort.pk: _cells(rows.get(cohort.pk, []), CohortFacts(cohort, facts).k)
        for cohort in cohorts
    }


def nobody_to_be_seen() -> list[Figure]:
    """Return what stands for a group that a cohort has nobody of: it reads as too few do."""
    return [_too_few(key) for key in BY_GROUP]


def _cells(rows: Sequence[Behind], k: int) -> Cells:
    by_key = {
        key: dict(_figures(key, [row for row in rows if key in row.adds], k)) for key in BY_GROUP
    }
    known = {cell for figures in by_key.values() for cell in figures}
    return {
        cell: [by_key[key].get(cell) or _too_few(key) for key in BY_GROUP]
        for cell in sorted(known, key=lambda cell: (cell[0], cell[1].casefold()))
    }


def _too_few(key: str) -> Figure:
    return Figure(key, "", None, None, None, None).hidden()


def _figures(key: str, rows: Sequence[Behind], k: int) -> Iterator[tuple[Cell, Figure]]:
    people: dict[Cell, set[UUID]] = {
        (group, value): set()
        for group in GROUPS
        for value in sorted({row.groups[group] for row in rows}, key=str.casefold)
    }
    counts: dict[Cell, list[int]] = {cell: [0, 0] for cell in people}
    for row in rows:
        for cell in row.groups.items():
            people[cell].add(row.enrolment)
            counts[cell][0] += row.adds[key][0]
            counts[cell][1] += row.adds[key][1]
    hidden = cells_to_hide(people, k)
    for cell, (numerator, denominator) in counts.items():
        group, value = cell
        part, label = f"{group}:{value}", value or gettext("not known")
        if key == ENROLLED.key:
            figure = Figure.count(key, part, numerator, label)
        else:
            figure = Figure.ratio(key, part, numerator, denominator, len(people[cell]), label)
        yield cell, figure.hidden() if cell in hidden else figure


def cells_to_hide(people: Mapping[Cell, set[UUID]], k: int) -> set[Cell]:
    """Return the cells that may not be shown, of breakdowns of the same people by several groups.

    Within a breakdown the rule of remainders holds.  Between two of them, sums of cells of one are
    subtracted from sums of cells of the other: who knows that all of a department are of one level
    has the others of that level.  Such a difference is a cut through the graph whose nodes are the
    cells and whose edges are the people they share; while there is one of fewer than k people, the
    smallest cell on its smaller side is hidden too.
    """
    hidden = {cell for cell, behind_it in people.items() if len(behind_it) < k}
    while True:
        for group in GROUPS:
            hidden |= _remainder({c: people[c] for c in people if c[0] == group}, hidden, k)
        more = _told_by_a_difference(people, hidden, k)
        if more is None:
            return hidden
        hidden.add(more)


def _remainder(people: Mapping[Cell, set[UUID]], hidden: set[Cell], k: int) -> set[Cell]:
    """Return what else of one breakdown is to be hidden, so that its remainder tells of k people.

    Unlike `hidden_cells` it is told what is hidden for other reasons.
    """
    out = hidden & people.keys()
    while out and not (len(out) > 1 and sum(len(people[cell]) for cell in out) >= k):
        shown = people.keys() - out
        if not shown:
            break
        out.add(_smallest(people, shown))
    return out


def _smallest(people: Mapping[Cell, set[UUID]], cells: Iterable[Cell]) -> Cell:
    return min(cells, key=lambda cell: (len(people[cell]), cell))


def _told_by_a_difference(
    people: Mapping[Cell, set[UUID]], hidden: set[Cell], k: int
) -> Cell | None:
    """Return a cell whose hiding undoes a difference of fewer than k people, if there is one."""
    for groups in combinations(GROUPS, 2):
        for sides in _narrow_cuts(people, hidden, groups, k):
            known = [side - hidden for side in sides if side - hidden]
            if known:
                fewest = min(known, key=lambda side: sum(len(people[cell]) for cell in side))
                return _smallest(people, fewest)
    return None


def _narrow_cuts(
    people: Mapping[Cell, set[UUID]], hidden: set[Cell], groups: tuple[str, str], k: int
) -> Iterator[tuple[set[Cell], set[Cell]]]:
    """Yield both sides of cuts of fewer than k people between two breakdowns.

    What is hidden of one breakdown is one node: only its sum is known.
    """
    graph: rustworkx.PyGraph[set[Cell], int] = rustworkx.PyGraph(multigraph=False)
    nodes: dict[str, dict[int, set[Cell]]] = {}
    for group in groups:
        own = [cell for cell in people if cell[0] == group]
        sets = [{cell} for cell in own if cell not in hidden] + [hidden & set(own)]
        nodes[group] = {graph.add_node(cells): cells for cells in sets if cells}
    behind_it = {
        place: set[UUID]().union(*(people[cell] for cell in cells))
        for own_nodes in nodes.values()
        for place, cells in own_nodes.items()
    }
    for one, other in product(*nodes.values()):
        shared = len(behind_it[one] & behind_it[other])
        if shared:
            graph.add_edge(one, other, shared)
    for component in rustworkx.connected_components(graph):
        part = graph.subgraph(sorted(component))
        cut = rustworkx.stoer_wagner_min_cut(part, weight_fn=float)
        if cut is not None and cut[0] < k:
            here = set[Cell]().union(*(part[place] for place in cut[1]))
            yield here, set[Cell]().union(*part.nodes()) - here
