"""Two runs side by side: who changes partner, who gains, who loses, by one yardstick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.common.numbers import decimal
from core.ui.charts import ClassCounts, OverlayDrawing, overlaid_bars
from pairing.engine.shapes import EngineError, score_out_of_100
from pairing.inputs.snapshot import Shape, Snapshot
from pairing.models.runs import LeftOver, MatchRun
from pairing.partnerships.cohorts import is_circles, tables_count
from pairing.runs.presenters.results import ProofLine, points_in_all, proof_of, score_classes
from pairing.runs.queries import ProposedTable, tables_of
from pairing.solve import solver_of
from pairing.texts.reasons import policy_name
from programs.models.programs import Cohort, Enrolment, Program

GAINS, LOSES, EVEN, SEATED, LEFT = "gains", "loses", "even", "seated", "left"
SHOWN = (LEFT, LOSES, GAINS, SEATED, EVEN)  # the order of a list: who is worse off comes first
LEFT_NAMED = 12
MOST_NAMED = 3  # of a circle, only whom one did not have on the other side is named


@dataclass(frozen=True)
class _Side:
    """One run in a comparison; `scores` are by the yardstick of both."""

    run: MatchRun
    tables: str
    scores: tuple[int, ...]
    left: Mapping[tuple[str, str], str]  # (enrolment, part) -> name
    proof: ProofLine | None
    criteria: str
    total: str
    policy: str

    @property
    def mean(self) -> str:
        return decimal(fmean(self.scores)) if self.scores else ""

    @property
    def left_names(self) -> list[str]:
        return list(self.left.values())[:LEFT_NAMED]

    @property
    def more_left(self) -> int:
        return max(0, len(self.left) - LEFT_NAMED)

    @property
    def lowest(self) -> int | None:
        return min(self.scores, default=None)


@dataclass(frozen=True)
class _Change:
    """What becomes of one person from the first run to the second."""

    name: str
    part: str
    before: str
    after: str
    kind: str
    by: int

    @property
    def amount(self) -> int:
        return abs(self.by)


@dataclass(frozen=True)
class _Comparison:
    a: _Side
    b: _Side
    changes: tuple[_Change, ...]
    counts: Mapping[str, int]
    sentence: str
    note: str
    drawing: OverlayDrawing
    classes: Sequence[tuple[str, int, int]]
    chart: str


def compare(a: MatchRun, b: MatchRun) -> _Comparison:
    """Return what changes from run a to run b, both scored as b scores where they differ."""
    first, second = tables_of(a), tables_of(b)
    then, now = Snapshot.from_json(a.snapshot), Snapshot.from_json(b.snapshot)
    rescored = _rescored(then, now, first)
    scores_a = rescored if rescored is not None else [score for _proposal, _people, score in first]
    scores_b = [score for _proposal, _people, score in second]
    names = then.names | now.names
    changes = _changes(first, scores_a, second, scores_b, names)
    counts = {kind: sum(change.kind == kind for change in changes) for kind in SHOWN}
    both = [*scores_a, *scores_b]
    before, after = (score_classes(scores, within=both) for scores in (scores_a, scores_b))
    classes = [(label, n, m) for (label, n), (_label, m) in zip(before, after, strict=True)]
    same_terms = _same_terms(then, now)
    cohort = b.cohort
    return _Comparison(
        a=_side(a, first, scores_a, names),
        b=_side(b, second, scores_b, names),
        changes=tuple(changes),
        counts=counts,
        sentence=_sentence(a, b, cohort, changes, counts),
        note=_note(a, b, same_terms, rescored is not None),
        drawing=overlaid_bars(
            [
                ClassCounts(
                    label,
                    one,
                    other,
                    _("%(label)s: %(one)d in run %(a)d, %(other)d in run %(b)d")
                    % {"label": label, "one": one, "other": other, "a": a.number, "b": b.number},
                )
                for label, one, other in classes
            ]
        ),
        classes=classes,
        chart=_chart(a, b, scores_a, scores_b),
    )


def _side(
    run: MatchRun, tables: Sequence[ProposedTable], scores: Sequence[int], names: Mapping[str, str]
) -> _Side:
    left = LeftOver.objects.filter(run=run).order_by("-part", "id")
    return _Side(
        run=run,
        tables=tables_count(run.cohort, len(tables)),
        scores=tuple(scores),
        left={
            (str(enrolment), part): names.get(str(enrolment), "")
            for enrolment, part in left.values_list("enrolment_id", "part")
        },
        proof=proof_of(run),
        criteria=run.set_name or _("As designed"),
        total=points_in_all(run.objective or 0),
        policy="" if is_circles(run.cohort) else policy_name(run.policy),
    )


def _same_terms(a: Snapshot, b: Snapshot) -> bool:
    terms_a, terms_b = ([spec.terms for spec in snapshot.scores] for snapshot in (a, b))
    return terms_a == terms_b and a.preferred == b.preferred


def _rescored(a: Snapshot, b: Snapshot, tables: Sequence[ProposedTable]) -> list[int] | None:
    """Return the scores of run a's pairs as run b would score them.

    None where the terms are the same; a pair of whom b does not know both keeps the score it has.
    Circles are weighed as a whole: None if b does not know everybody who sits in one.
    """
    if _same_terms(a, b):
        return None
    try:
        solver = solver_of(b)
    except EngineError:
        return None
    if b.shape is Shape.CIRCLES:
        circles = [[who for who, _part in people] for _proposal, people, _score in tables]
        if not b.rows.places.keys() >= {who for circle in circles for who in circle}:
            return None
        weighed = solver.weigh(circles)
        return [weighed.score(circle) for circle in range(len(circles))] if weighed else None
    known = {(who, part) for part, side in b.by_part.items() for who in side.enrolments}
    scores = []
    for _proposal, people, score in tables:
        if not known.issuperset(people):
            scores.append(score)
            continue
        reasons = solver.explain(people) or ()
        scores.append(score_out_of_100(sum(reason.points for reason in reasons)))
    return scores


def _changes(
    first: Sequence[ProposedTable],
    scores_a: Sequence[int],
    second: Sequence[ProposedTable],
    scores_b: Sequence[int],
    names: Mapping[str, str],
) -> list[_Change]:
    before, after = _partners(first, scores_a), _partners(second, scores_b)
    changes = []
    for key in before.keys() | after.keys():
        (whom, score), (then, later) = before.get(key, ((), 0)), after.get(key, ((), 0))
        if whom == then:
            continue
        by = later - score
        if not then:
            kind, by = LEFT, 0
        elif not whom:
            kind, by = SEATED, 0
        else:
            kind = GAINS if by > 0 else LOSES if by < 0 else EVEN
        who, part = key
        changes.append(
            _Change(
                name=names.get(who, ""),
                part=part,
                before=_named(whom, then, names),
                after=_named(then, whom, names),
                kind=kind,
                by=by,
            )
        )
    order = {kind: place for place, kind in enumerate(SHOWN)}
    return sorted(changes, key=lambda change: (order[change.kind], -change.amount, change.name))


def _partners(
    tables: Sequence[ProposedTable], scores: Sequence[int]
) -> dict[tuple[str, str], tuple[tuple[str, ...], int]]:
    """Return by person whom they have and how well; in a mentor program from the mentee's side."""
    partners = {}
    for (_proposal, people, _own), score in zip(tables, scores, strict=True):
        for who, part in people:
            if part != Enrolment.Part.MENTOR:
                others = tuple(sorted(other for other, _part in people if other != who))
                partners[who, part] = (others, score)
    return partners


def _named(people: Sequence[str], beside: Sequence[str], names: Mapping[str, str]) -> str:
    if not people:
        return _("nobody")
    if len(people) <= 2:
        return ", ".join(names.get(who, "") for who in people)
    new = [names.get(who, "") for who in people if who not in set(beside)]
    shown = ", ".join(sorted(new)[:MOST_NAMED])
    more = len(new) - MOST_NAMED
    if more > 0:
        shown = _("%(names)s and %(n)d more") % {"names": shown, "n": more}
    return shown or _("the same people")


def _chart(a: MatchRun, b: MatchRun, one: Sequence[int], other: Sequence[int]) -> str:
    if not one or not other:
        return _("Only one of the runs proposes anybody.")
    difference = fmean(other) - fmean(one)
    values = {"a": a.number, "b": b.number, "n": decimal(abs(difference))}
    if abs(difference) < 0.05:
        return _("Both runs score the same on average") % values
    if difference > 0:
        return _("Run %(b)d scores %(n)s more on average than run %(a)d") % values
    return _("Run %(b)d scores %(n)s less on average than run %(a)d") % values


def _sentence(
    a: MatchRun,
    b: MatchRun,
    cohort: Cohort,
    changes: Sequence[_Change],
    counts: Mapping[str, int],
) -> str:
    runs = {"a": a.number, "b": b.number, "n": len(changes)}
    if not changes:
        return _("Run %(a)d and run %(b)d put the same people together.") % runs
    if cohort.program.format == Program.Format.MENTOR:
        words = ngettext(
            "From run %(a)d to run %(b)d, %(n)d mentee changes partner: %(what)s.",
            "From run %(a)d to run %(b)d, %(n)d mentees change partner: %(what)s.",
            len(changes),
        )
    else:
        words = ngettext(
            "From run %(a)d to run %(b)d, %(n)d person has other partners: %(what)s.",
            "From run %(a)d to run %(b)d, %(n)d people have other partners: %(what)s.",
            len(changes),
        )
    clauses = [
        ngettext("%(n)d gains", "%(n)d gain", counts[GAINS]) % {"n": counts[GAINS]},
        ngettext("%(n)d loses", "%(n)d lose", counts[LOSES]) % {"n": counts[LOSES]},
    ]
    if counts[EVEN]:
        clauses.append(_("%(n)d neither") % {"n": counts[EVEN]})
    if counts[LEFT]:
        clauses.append(
            ngettext("%(n)d is left over", "%(n)d are left over", counts[LEFT])
            % {"n": counts[LEFT]}
        )
    if counts[SEATED]:
        clauses.append(
            ngettext("%(n)d finds somebody", "%(n)d find somebody", counts[SEATED])
            % {"n": counts[SEATED]}
        )
    return words % {**runs, "what": ", ".join(clauses)}


def _note(a: MatchRun, b: MatchRun, same_terms: bool, rescored: bool) -> str:
    if same_terms:
        return ""
    if rescored:
        return _(
            "The two runs weigh differently. So that they can be compared, what run %(a)d proposes "
            "is scored here as run %(b)d scores."
        ) % {"a": a.number, "b": b.number}
    return _("The two runs weigh differently, and each is scored here by its own criteria.")
