"""Which proposals of a run are shown: chips, department and words, all of it in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet

from pairing.models.runs import MatchRun, Proposal, ProposalSeat
from pairing.partnerships.queries import person_named
from pairing.runs.presenters.comparing import changed_since

LOW = 60
SHOWN = ("all", "low", "changed", "locked")
ORDERS = {"best": "position", "lowest": "-position"}


@dataclass(frozen=True)
class ProposalFilter:
    """What the URL asks for; what it does not know counts as not asked."""

    show: str = "all"
    department: str = ""
    words: str = ""
    order: str = "best"

    def query(self, **changed: str) -> str:
        """Return it as a query string, with some of it changed; what is usual is left out."""
        usual = {"show": "all", "department": "", "q": "", "order": "best"}
        values = {
            "show": self.show,
            "department": self.department,
            "q": self.words,
            "order": self.order,
        }
        values |= changed
        told = {key: value for key, value in values.items() if value != usual.get(key, "")}
        return f"?{urlencode(told)}"


def read_filter(query: Mapping[str, str]) -> ProposalFilter:
    show, order = query.get("show", "all"), query.get("order", "best")
    return ProposalFilter(
        show=show if show in SHOWN else "all",
        department=query.get("department", "")[:120],
        words=query.get("q", "").replace("\x00", "")[:100].strip(),
        order=order if order in ORDERS else "best",
    )


def narrowed(rows: QuerySet[Proposal], filters: ProposalFilter) -> QuerySet[Proposal]:
    """Narrow proposals to those with somebody of that department, and with all of these words."""
    seats = ProposalSeat.objects.filter(proposal=OuterRef("pk"))
    if filters.department:
        rows = rows.filter(Exists(seats.filter(enrolment__member__department=filters.department)))
    for word in filters.words.split()[:5]:
        rows = rows.filter(Exists(seats.filter(person_named(word))))
    return rows


def chosen(
    rows: QuerySet[Proposal], run: MatchRun, against: MatchRun | None, filters: ProposalFilter
) -> QuerySet[Proposal]:
    rows = narrowed(rows, filters)
    if filters.show == "low":
        rows = rows.filter(score__lt=LOW)
    elif filters.show == "locked":
        rows = rows.filter(locked=True)
    elif filters.show == "changed":
        rows = rows.filter(pk__in=changed_since(run, against) if against else [])
    return rows


def departments_of(run: MatchRun) -> list[str]:
    seats = ProposalSeat.objects.filter(proposal__run=run).exclude(enrolment__member__department="")
    names = seats.order_by("enrolment__member__department").values_list(
        "enrolment__member__department", flat=True
    )
    return list(names.distinct())
