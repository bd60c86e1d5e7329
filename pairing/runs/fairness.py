"""Whether a run treats groups of people alike: whom it treated how, figures by group, in words.

Rates and means by group, small cells hidden.  Source: metrics.md, "Small cells";
core.common.disclosure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import fmean
from types import MappingProxyType
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.common.numbers import decimal
from core.common.statistics import Interval, hidden_cells, mean_interval, wilson_interval
from core.tenancy.queries import settings_in_force
from pairing.engine.explain import Rank
from pairing.engine.shapes import FULL_POINTS, EngineError
from pairing.inputs.snapshot import Facts, Snapshot
from pairing.models.runs import MatchRun, ProposalSeat
from pairing.solve import solver_of
from pairing.texts.reasons import listed, policy_name
from programs.models.parts import Answer, Question
from programs.models.programs import Enrolment, Program
from programs.queries.words import answer_words

DAY = timedelta(days=1)
PARTS = {
    "mentee": lambda: _("Mentees"),
    "mentor": lambda: _("Mentors"),
    "peer": lambda: _("People"),
}


@dataclass(frozen=True)
class Outcome:
    """What a run did for one person in one part.

    group: what they said or are, "" where nobody knows. score: mean of their pairs, 0–100.
    choice: mean rank of their partners among those they were allowed, 1 is their best; in
    circles of everybody they sit with.
    waited: whole days from acceptance to the run.
    """

    group: str
    matched: bool
    score: float | None = None
    choice: float | None = None
    waited: int | None = None


@dataclass(frozen=True)
class _Figure:
    """A rate or mean over `n` people; None where there is no interval, hidden where too few."""

    n: int
    interval: Interval | None = None
    hidden: bool = False


@dataclass(frozen=True)
class _GroupRow:
    """One group, or everybody where `group` is None."""

    group: str | None
    matched: int
    rate: _Figure
    score: _Figure
    choice: _Figure
    waited: _Figure


@dataclass(frozen=True)
class _Report:
    """Groups by name, whoever is unknown last; then everybody."""

    groups: Sequence[_GroupRow] = field(default_factory=tuple)
    everybody: _GroupRow | None = None

    @property
    def hides(self) -> bool:
        rows = self.groups
        return any(f.hidden for row in rows for f in (row.rate, row.score, row.choice, row.waited))


def report_on(people: Sequence[Outcome], *, k: int) -> _Report:
    """Return rates (Wilson) and means (t) by group, both with 95 % intervals.

    Each column hides by itself what fewer than k people stand behind, and the one cell from
    which that could be worked out with the line of everybody.
    """
    if not people:
        return _Report()
    names = sorted(
        {outcome.group for outcome in people}, key=lambda name: (not name, name.casefold())
    )
    groups = [[outcome for outcome in people if outcome.group == name] for name in names]
    columns = [_hide([figure(group) for group in groups], k) for figure in _FIGURES]
    rows = [
        _GroupRow(name, sum(outcome.matched for outcome in group), *cells)
        for name, group, *cells in zip(names, groups, *columns, strict=True)
    ]
    everybody = [_hide([figure(people)], k)[0] for figure in _FIGURES]
    return _Report(rows, _GroupRow(None, sum(outcome.matched for outcome in people), *everybody))


def _hide(cells: Sequence[_Figure], k: int) -> list[_Figure]:
    hidden = hidden_cells([cell.n for cell in cells], k, disjoint=True)
    return [
        _Figure(0, hidden=True) if place in hidden else cell for place, cell in enumerate(cells)
    ]


def _rate(people: Sequence[Outcome]) -> _Figure:
    return _Figure(
        len(people), wilson_interval(sum(outcome.matched for outcome in people), len(people))
    )


def _mean(value: Callable[[Outcome], float | None]) -> Callable[[Sequence[Outcome]], _Figure]:
    def mean(people: Sequence[Outcome]) -> _Figure:
        # tenths are finer than anything shown, and whole numbers keep sums exact
        values = [round(known * 10) for outcome in people if (known := value(outcome)) is not None]
        squares = sum(number * number for number in values)
        interval = mean_interval(sum(values), squares, len(values))
        if interval is None:
            return _Figure(len(values))
        return _Figure(
            len(values), Interval(interval.estimate / 10, interval.low / 10, interval.high / 10)
        )

    return mean


_FIGURES: tuple[Callable[[Sequence[Outcome]], _Figure], ...] = (
    _rate,
    _mean(lambda outcome: outcome.score),
    _mean(lambda outcome: outcome.choice),
    _mean(lambda outcome: outcome.waited),
)


def attributes_of(program: Program) -> list[tuple[str, str]]:
    """Return what a report may be broken down by: work facts, and questions with one choice."""
    facts = [
        ("member:department", _("Department")),
        ("member:level", _("Level")),
        ("member:location", _("Location")),
    ]
    questions = program.questions.filter(kind=Question.Kind.CHOICE).order_by("position", "id")
    return facts + [(f"answer:{question.key}", question.label) for question in questions]


def fairness_of(
    run: MatchRun,
    attributes: Sequence[tuple[str, str]],
    places: Mapping[UUID, Sequence[Rank]] = MappingProxyType({}),
) -> list[_Table]:
    """Return for each attribute and part how a finished run treated each group.

    Candidates are those who took somebody and had nobody yet.  Groups are as people stand
    today; the number of statements does not grow with people or attributes.  places: of one pool,
    as `places_in` returns them.
    """
    k = settings_in_force().threshold
    seats = _seats(run, places)
    candidates = _candidates(Snapshot.from_json(run.snapshot))
    wanted = {who for people in candidates.values() for who in people}
    enrolments = {
        enrolment.pk: enrolment
        for enrolment in Enrolment.objects.filter(pk__in=wanted).select_related("member")
    }
    groups = _groups(enrolments, [name for name, _words in attributes])
    tables = []
    for name, words in attributes:
        for part, candidate_ids in candidates.items():
            people = [
                _outcome(
                    run,
                    enrolments[enrolment_id],
                    groups[name].get(enrolment_id, ""),
                    seats.get((enrolment_id, part), []),
                )
                for enrolment_id in candidate_ids
                if enrolment_id in enrolments
            ]
            if people:
                tables.append(table_of(words, part, report_on(people, k=k)))
    return tables


def _candidates(snapshot: Snapshot) -> dict[str, list[UUID]]:
    """Return by part who took somebody and had nobody yet."""
    return {
        part: [
            UUID(enrolment)
            for enrolment, capacity, seated in zip(
                side.enrolments, side.capacity, side.seated, strict=True
            )
            if capacity and not seated
        ]
        for part, side in snapshot.by_part.items()
    }


_Pairs = dict[tuple[UUID, str], list[tuple[int, float | None]]]


def _seats(run: MatchRun, places: Mapping[UUID, Sequence[Rank]]) -> _Pairs:
    """Return by person and part the scores of their pairs, and which choice each is to them.

    Who sits with several in one place has the mean of what those are to them.
    """
    seats: _Pairs = {}
    rows = ProposalSeat.objects.filter(proposal__run=run)
    for enrolment, part, score, choice in rows.values_list(
        "enrolment_id", "part", "proposal__score", "choice"
    ):
        own = [place for place, _of in places.get(enrolment, ())]
        seats.setdefault((enrolment, part), []).append((score, fmean(own) if own else choice))
    return seats


def places_in(run: MatchRun) -> dict[UUID, list[Rank]]:
    """Return for each person of one pool which of their own possible partners theirs are.

    As the run's circles or pairs stand now, moved by hand or not.  Empty for mentor programs:
    there a run stores it.
    """
    snapshot = Snapshot.from_json(run.snapshot)
    if snapshot.peers is None:
        return {}
    tables: dict[UUID, list[str]] = {}
    rows = ProposalSeat.objects.filter(proposal__run=run).order_by("id")
    for proposal, enrolment in rows.values_list("proposal_id", "enrolment_id"):
        tables.setdefault(proposal, []).append(str(enrolment))
    try:
        places = solver_of(snapshot).places_of(list(tables.values()))
    except EngineError:  # a run of old, whose criteria are not read any more
        return {}
    return {UUID(who): own for who, own in places.items()}


def _outcome(
    run: MatchRun, enrolment: Enrolment, group: str, pairs: Sequence[tuple[int, float | None]]
) -> Outcome:
    choices = [choice for _score, choice in pairs if choice is not None]
    waited = None
    if enrolment.accepted_at and run.finished_at:
        waited = max(0, (run.finished_at - enrolment.accepted_at) // DAY)
    return Outcome(
        group,
        matched=bool(pairs),
        score=sum(score for score, _choice in pairs) / len(pairs) if pairs else None,
        choice=sum(choices) / len(choices) if choices else None,
        waited=waited,
    )


def _groups(
    enrolments: dict[UUID, Enrolment], attributes: Sequence[str]
) -> dict[str, dict[UUID, str]]:
    groups: dict[str, dict[UUID, str]] = {name: {} for name in attributes}
    for name in attributes:
        source, _colon, key = name.partition(":")
        if source == "member":
            groups[name] = {
                pk: str(getattr(enrolment.member, key)) for pk, enrolment in enrolments.items()
            }
    keys = [name.removeprefix("answer:") for name in attributes if name.startswith("answer:")]
    if keys:
        rows = Answer.objects.filter(enrolment__in=enrolments, question__key__in=keys)
        for answer in rows.select_related("question"):
            words = answer_words(answer.question, answer.value)
            groups[f"answer:{answer.question.key}"][answer.enrolment_id] = words
    return groups


@dataclass(frozen=True)
class _Cell:
    """A figure with its interval and the number of people behind it, or that it is hidden."""

    value: str
    interval: str = ""
    n: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class _Line:
    name: str
    cells: Sequence[_Cell]


@dataclass(frozen=True)
class _Table:
    """One attribute's report for one part; `hides` says that cells are left out."""

    title: str
    lines: Sequence[_Line]
    hides: bool


def table_of(attribute: str, part: str, report: _Report) -> _Table:
    rows = [*report.groups, *([report.everybody] if report.everybody else [])]
    title = _("%(who)s by %(attribute)s") % {
        "who": PARTS[part](),
        "attribute": attribute[:1].lower() + attribute[1:],
    }
    return _Table(title, _together([_line(row) for row in rows]), report.hides)


def _together(lines: Sequence[_Line]) -> list[_Line]:
    """Return the lines with one for all groups of which nothing is shown, before everybody."""
    silent = [line for line in lines[:-1] if all(cell.hidden for cell in line.cells)]
    if len(silent) < 2:
        return list(lines)
    told = [line for line in lines if line not in silent]
    together = _Line(listed([line.name for line in silent]), silent[0].cells)
    return [*told[:-1], together, told[-1]]


def _line(row: _GroupRow) -> _Line:
    name = _("Everybody") if row.group is None else row.group or _("not known")
    means = [_mean_cell(row.score, 0, 100), _mean_cell(row.choice, 1), _mean_cell(row.waited, 0)]
    return _Line(name, [_rate_cell(row), *means])


def _rate_cell(row: _GroupRow) -> _Cell:
    if row.rate.hidden:
        return _Cell("", hidden=True)
    interval = row.rate.interval
    if interval is None:
        return _Cell(_("no data"))
    return _Cell(
        _("%(share)d %% (%(matched)d of %(n)d)")
        % {
            "share": round(interval.estimate * 100),
            "matched": row.matched,
            "n": row.rate.n,
        },
        _("%(low)d–%(high)d %%")
        % {"low": round(interval.low * 100), "high": round(interval.high * 100)},
    )


def _mean_cell(figure: _Figure, lowest: float, highest: float = math.inf) -> _Cell:
    """Return a mean in words; its interval ends where the scale does."""
    if figure.hidden:
        return _Cell("", hidden=True)
    if figure.interval is None:
        return _Cell(_("no data"), n=_n(figure.n) if figure.n else "")
    low, high = max(lowest, figure.interval.low), min(highest, figure.interval.high)
    return _Cell(
        decimal(float(figure.interval.estimate)),
        f"{decimal(low)}–{decimal(high)}",
        _n(figure.n),
    )


def _n(n: int) -> str:
    return _("n = %(n)d") % {"n": n}


def price_of(facts: Facts, policy: str) -> str:
    """Say what this run's aim gave up in points against the best total; "" where nobody counted."""
    if facts.best_total is None or facts.total is None:
        return ""
    if facts.demands is not None:
        return _price_in_circles(facts, facts.best_total, facts.best_total - facts.total)
    best, lost = facts.best_total, facts.best_total - facts.total
    aim = policy_name(policy)
    if not lost:
        words = _("Aiming for “%(aim)s” costs nothing here: no matching has more points in all.")
        if facts.most_total is not None:
            words = _("Aiming for “%(aim)s” costs nothing here: no matching with more was found.")
        return _with_bound(words % {"aim": aim}, facts)
    points = lost * 100 / FULL_POINTS
    sentence = ngettext(
        "Aiming for “%(aim)s” costs %(lost)s point of %(best)s, %(share)s %% of the best total.",
        "Aiming for “%(aim)s” costs %(lost)s points of %(best)s, %(share)s %% of the best total.",
        round(points),
    ) % {
        "aim": aim,
        "lost": decimal(points),
        "best": decimal(best * 100 / FULL_POINTS),
        "share": decimal(lost * 100 / best, 2),
    }
    return _with_bound(sentence, facts)


def _with_bound(sentence: str, facts: Facts) -> str:
    """Add what nothing can exceed, where it is not proved that the best total is the best."""
    if facts.most_total is None:
        return sentence
    most = _("It is not proved that %(best)s is the most; more than %(most)s is impossible.") % {
        "best": decimal((facts.best_total or 0) * 100 / FULL_POINTS, 2),
        "most": decimal(facts.most_total * 100 / FULL_POINTS, 2),
    }
    return f"{sentence} {most}"


# what circles put before points, by the key of `demands_of`
DEMANDS = {
    "met": gettext_lazy("new faces"),
    "company": gettext_lazy("nobody alone of their group"),
    "time": gettext_lazy("the free time they must share"),
    "first": gettext_lazy("who goes first"),
}


def _price_in_circles(facts: Facts, best: int, lost: int) -> str:
    named = [str(DEMANDS[key]) for key in facts.demands or () if key in DEMANDS]
    if not named:
        words = _("These circles aim at points alone, so the aim costs nothing.")
        return _with_bound(words, facts)
    values = {
        "what": listed(named),
        "lost": decimal(lost * 100 / FULL_POINTS, 2),
        "best": decimal(best * 100 / FULL_POINTS, 2),
    }
    if not lost and facts.most_total is None:
        return _("Before points comes: %(what)s. It costs nothing here.") % values
    if not lost:
        words = _("Before points comes: %(what)s. No circles with more points were found without.")
        return _with_bound(words % values, facts)
    words = _(
        "Before points comes: %(what)s. It costs %(lost)s of 100 points: circles without it were "
        "found that score %(best)s."
    )
    return _with_bound(words % values, facts)
