"""What has changed since a run was computed, and a stamp of all that a matching depends on.

The stamp changes with any of it and costs no snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, QuerySet, Subquery, TextField
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.jobs.models import Job
from core.members.models import Member
from core.tenancy.days import today
from core.tenancy.queries import settings_in_force
from pairing.engine.rules import FORBIDDEN, blocked_by_rule
from pairing.engine.shapes import EngineError
from pairing.inputs.collect import take_snapshot
from pairing.inputs.snapshot import Shape, Snapshot, choice_of
from pairing.models.partnerships import Seat
from pairing.models.requests import Wish
from pairing.models.runs import MatchRun, PairRule, Proposal, ProposalSeat
from pairing.runs.emails import Tables, seats_of
from pairing.solve import Seats, solver_of
from programs.models.parts import Answer, Criterion, Question
from programs.models.programs import Cohort, Enrolment, Program
from programs.models.training import LessonProgress, PathStep

ProposedTable = tuple[UUID, Seats, int]  # a proposal, who would sit there, its score


@dataclass(frozen=True)
class RunChanges:
    """What of a draft no longer holds.

    `blocking`: sentences why it may not be published.  `notes`: what it does not know.  `stands`:
    what can be published, `left_out`: sentences on whom that leaves out, `alone`: whose partners
    those are.
    """

    stands: Tables = ()
    left_out: tuple[str, ...] = ()
    alone: tuple[ProposalSeat, ...] = ()
    blocking: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def changes_since(run: MatchRun, tables: Tables) -> RunChanges:
    """Compare what a run was computed from with how the cohort stands now.

    Who has gone, has a partner by now or takes nobody is left out: their pair is not made, their
    circle is one smaller.  A run may not be published when nothing stands, when a rule or a
    coordinator now keeps two of its people apart, or when a lock that was set since is not kept.
    New people, new answers and new weights only make another run worth a thought.
    """
    then = Snapshot.from_json(run.snapshot)
    now = take_snapshot(run.cohort, choice_of(run.choice), unaccepted_too=run.unaccepted_too)
    stands, alone, left_out = _stands(then, now, tables)
    seats = seats_of(stands)
    blocking = list(_locks_not_kept(then, now, seats))
    if not blocking:
        blocking = list(_kept_apart(now, seats))
    if tables and not stands:
        blocking = list(left_out)
    notes = _notes(then, now)
    return RunChanges(stands, tuple(left_out), tuple(alone), tuple(blocking), tuple(notes))


def _stands(
    then: Snapshot, now: Snapshot, tables: Tables
) -> tuple[Tables, list[ProposalSeat], list[str]]:
    """Return the tables that can still be made, best first, whose partner is gone, and why."""
    free = {
        (enrolment, part): room
        for part, side in now.by_part.items()
        for enrolment, room in zip(side.enrolments, side.capacity, strict=True)
    }
    known = set(free)
    circles = then.shape is Shape.CIRCLES
    stands: list[tuple[Proposal, list[ProposalSeat]]] = []
    alone: list[ProposalSeat] = []
    left_out: list[str] = []
    for proposal, seats in tables:
        keys = [(str(seat.enrolment_id), str(seat.part)) for seat in seats]
        staying = [seat for seat, key in zip(seats, keys, strict=True) if free.get(key, 0) > 0]
        if len(staying) < len(seats):
            left_out += [
                _without_room(then.names.get(key[0], "?"), key in known)
                for key in keys
                if free.get(key, 0) <= 0
            ]
            if not circles or len(staying) < 2:
                alone += staying
                continue
        for seat in staying:
            free[str(seat.enrolment_id), str(seat.part)] -= 1
        stands.append((proposal, staying))
    seated = {(seat.enrolment_id, seat.part) for _proposal, seats in stands for seat in seats}
    seated |= {
        (UUID(enrolment), part)
        for part, side in now.by_part.items()
        for enrolment, has_partner in zip(side.enrolments, side.seated, strict=True)
        if has_partner
    }
    alone = [seat for seat in alone if (seat.enrolment_id, seat.part) not in seated]
    once = {(seat.enrolment_id, seat.part): seat for seat in alone}
    return stands, list(once.values()), list(dict.fromkeys(left_out))


def _without_room(name: str, is_there: bool) -> str:
    if is_there:
        return _("%(name)s has no place free any more.") % {"name": name}
    return _("%(name)s has left the cohort or has a partner by now.") % {"name": name}


def _locks_not_kept(then: Snapshot, now: Snapshot, tables: Sequence[Seats]) -> Iterable[str]:
    names = now.names
    together = [{enrolment for enrolment, _part in table} for table in tables]
    for pair in now.locked:
        new = pair not in then.locked and all(who in names for who in pair)
        if new and not any(set(pair) <= table for table in together):
            yield _("%(first)s and %(second)s have been locked together since.") % {
                "first": names[pair[0]],
                "second": names[pair[1]],
            }


def _kept_apart(now: Snapshot, tables: Sequence[Seats]) -> Iterable[str]:
    """Name the pairs that the rules as they stand now would not allow."""
    try:
        problem = solver_of(now).as_two_sides()
    except EngineError as error:
        yield str(error)
        return
    labels, rows, columns = now.labels, now.rows.places, now.columns.places
    blocked = blocked_by_rule(problem)
    for table in tables:
        for first, second in _couples(table):
            i, j = rows[first], columns[second]
            for key, mask in blocked.items():
                if mask[i, j]:
                    rule = _("set to never together") if key == FORBIDDEN else labels.get(key, key)
                    yield _("%(first)s and %(second)s may not be together: %(rule)s.") % {
                        "first": problem.seekers.names[i],
                        "second": problem.offerers.names[j],
                        "rule": rule,
                    }


def _couples(table: Seats) -> Iterable[tuple[str, str]]:
    mentees = [enrolment for enrolment, part in table if part == "mentee"]
    if mentees:
        return [(mentees[0], mentor) for mentor, part in table if part == "mentor"]
    people = [enrolment for enrolment, _part in table]
    return [(a, b) for i, a in enumerate(people) for b in people[i + 1 :]]


def _notes(then: Snapshot, now: Snapshot) -> Iterable[str]:
    before, after = then.names, now.names
    new = len(after.keys() - before.keys())
    if new:
        yield ngettext(
            "%(n)d person has been accepted since and is not in it.",
            "%(n)d people have been accepted since and are not in it.",
            new,
        ) % {"n": new}
    gone = len(before.keys() - after.keys())
    if gone:
        yield ngettext(
            "%(n)d person it knew has left or found a partner since.",
            "%(n)d people it knew have left or found a partner since.",
            gone,
        ) % {"n": gone}
    answers_then, answers_now = _answers(then), _answers(now)
    changed = sum(
        1
        for who in answers_then.keys() & answers_now.keys()
        if answers_then[who] != answers_now[who]
    )
    if changed:
        yield ngettext(
            "%(n)d person has changed answers or work facts since.",
            "%(n)d people have changed answers or work facts since.",
            changed,
        ) % {"n": changed}
    if [spec.terms for spec in then.criteria] != [spec.terms for spec in now.criteria]:
        yield _("Criteria, weights or rules have been changed since.")


def _answers(snapshot: Snapshot) -> dict[tuple[str, str], list[Any]]:
    return {
        (part, enrolment): [column[i] for _key, column in sorted(side.columns.items())]
        for part, side in snapshot.by_part.items()
        for i, enrolment in enumerate(side.enrolments)
    }


class _RowsStamp(Func):
    """How many rows, and the sum of hashes: of whole rows with some fields more, or of fields.

    Contents are hashed and not times of change, because not every row keeps one.
    """

    output_field = TextField()

    def as_sql(  # type: ignore[override]  # no other keyword is ever passed to it
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        own, *fields = self.get_source_expressions()
        assert isinstance(own, Col)
        # the table by the name it has here: in a subquery that is no longer its own
        texts = (
            [f"{compiler.quote_name_unless_alias(own.alias)}::text"] if self.extra["whole"] else []
        )
        texts += [f"{compiler.compile(field)[0]}::text" for field in fields]
        return f"(count(*), sum(hashtextextended({' || '.join(texts)}, 0)))::text", ()


def _stamp(rows: QuerySet[Any], *fields: str, whole: bool = True) -> Subquery:
    stamp = _RowsStamp(F("pk"), *(F(name) for name in fields), whole=whole)
    return Subquery(rows.order_by().annotate(stamp=stamp).values("stamp"))


def matching_stamp(cohort: Cohort) -> str:
    """Return a stamp of what `take_snapshot` would read now; one statement.

    It holds the day as well, because a pause ends by itself.
    """
    enrolments = Enrolment.objects.filter(cohort=cohort)
    row = Cohort.objects.filter(pk=cohort.pk).values_list(
        _stamp(enrolments),
        _stamp(Answer.objects.filter(enrolment__cohort=cohort)),
        _stamp(Member.objects.filter(pk__in=enrolments.values("member"))),
        # reporting lines lead through people of other cohorts
        _stamp(Member.objects.filter(manager__isnull=False), "id", "manager_id", whole=False),
        _stamp(Criterion.objects.filter(program=cohort.program_id)),
        _stamp(Question.objects.filter(program=cohort.program_id)),
        _stamp(Seat.objects.filter(partnership__cohort=cohort), "partnership__state"),
        _stamp(PairRule.objects.filter(cohort=cohort)),
        _stamp(Wish.objects.filter(enrolment__cohort=cohort)),
        _stamp(Program.objects.filter(pk=cohort.program_id)),
        _stamp(PathStep.objects.filter(program=cohort.program_id)),
        _stamp(LessonProgress.objects.filter(member__in=enrolments.values("member"))),
        "starts_on",
        "program_id",
    )
    settings = settings_in_force()
    return "|".join(str(part) for part in (*row.get(), settings.time_zone, today()))


def tables_of(run: MatchRun) -> list[ProposedTable]:
    """Return what a run proposes, best first, scored by the run's own terms; one query."""
    seats: dict[UUID, list[tuple[str, str]]] = {}
    scores: dict[UUID, int] = {}
    rows = ProposalSeat.objects.filter(proposal__run=run).order_by("proposal__position", "id")
    for proposal, score, enrolment, part in rows.values_list(
        "proposal_id", "proposal__score", "enrolment_id", "part"
    ):
        seats.setdefault(proposal, []).append((str(enrolment), part))
        scores[proposal] = score
    return [(proposal, people, scores[proposal]) for proposal, people in seats.items()]


def together(people: Seats) -> frozenset[str]:
    """Return who sits there, whatever the part."""
    return frozenset(who for who, _part in people)


def changed_since(run: MatchRun, other: MatchRun) -> list[UUID]:
    """Return the proposals of a run that the other run does not make: other people together."""
    known = {together(people) for _proposal, people, _score in tables_of(other)}
    return [
        proposal for proposal, people, _score in tables_of(run) if together(people) not in known
    ]


def job_of(run: MatchRun) -> Job | None:
    """Return the work on a run: it belongs to the program, and is seen by whoever sees the run."""
    return Job.objects.filter(pk=run.job_id).first() if run.job_id else None


def runs_to_compare(cohort: Cohort) -> list[MatchRun]:
    """Return the runs of a cohort that have a result, newest first."""
    runs = MatchRun.objects.filter(cohort=cohort, objective__isnull=False)
    return list(runs.defer("snapshot").order_by("-number"))


def last_beside(run: MatchRun) -> MatchRun | None:
    """Return the run to hold this one against: the last that is published, else the one before."""
    others = MatchRun.objects.filter(cohort_id=run.cohort_id, objective__isnull=False)
    others = others.exclude(pk=run.pk).defer("snapshot").order_by("-number")
    published = others.filter(state=MatchRun.State.PUBLISHED).first()
    return published or others.filter(number__lt=run.number).first()
