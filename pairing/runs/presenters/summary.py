"""What publishing a run will do, before it is done: whom it reaches, and what to mind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.common import clock
from core.members.models import Member
from core.notifications.markdown import as_text
from core.notifications.render import reader, text_with
from core.tenancy.days import today
from pairing.models.partnerships import Partnership
from pairing.models.runs import (
    UNDO_WITHIN,
    LeftOver,
    MatchRun,
    Proposal,
    ProposalQuerySet,
    ProposalSeat,
)
from pairing.partnerships.cohorts import is_circles, tables_count
from pairing.runs.emails import Tables, email_words, proposed_tables
from pairing.runs.presenters.results import LOW
from pairing.runs.queries import RunChanges, changes_since
from programs.models.programs import Enrolment

NAMED = 12


@dataclass(frozen=True)
class _Warning:
    """Something to mind before publishing, with the people it is about."""

    words: str
    names: tuple[str, ...]
    more: int


@dataclass(frozen=True)
class _Preview:
    name: str
    text: str


@dataclass(frozen=True)
class _Summary:
    tables: str
    people: int
    by_part: tuple[tuple[str, int], ...]
    left_over: tuple[str, ...]
    left: int
    more_left: int
    warnings: tuple[_Warning, ...]
    preview: _Preview | None
    changes: RunChanges
    earlier: int
    starts: int
    runs_from: date | None


def summary_of(run: MatchRun) -> _Summary:
    proposed = proposed_tables(run)
    changes = changes_since(run, proposed)
    tables = changes.stands
    parts: dict[str, set[UUID]] = {}
    for _proposal, people in tables:
        for seat in people:
            parts.setdefault(seat.part, set()).add(seat.enrolment_id)
    left = LeftOver.objects.filter(run=run).select_related("enrolment__member")
    names = [left_over.enrolment.member.full_name for left_over in left.order_by("-part", "id")]
    names += [seat.enrolment.member.full_name for seat in changes.alone]
    waiting = Enrolment.objects.filter(cohort=run.cohort_id, state=Enrolment.State.ACCEPTED)
    return _Summary(
        tables=tables_count(run.cohort, len(tables)),
        people=len(set().union(*parts.values())) if parts else 0,
        by_part=tuple(
            (_emails_to(part, len(parts[part])), len(parts[part]))
            for part in ("mentee", "mentor", "peer")
            if part in parts
        ),
        left_over=tuple(names[:NAMED]),
        left=len(names),
        more_left=max(0, len(names) - NAMED),
        warnings=tuple(_warnings(run, tables)),
        preview=_preview(run, tables),
        changes=changes,
        earlier=Partnership.objects.filter(cohort=run.cohort_id).standing().count(),
        starts=waiting.count(),
        runs_from=run.cohort.starts_on if run.cohort.starts_on > today() else None,
    )


def _emails_to(part: str, n: int) -> str:
    if part == "mentee":
        return ngettext("%(n)d mentee", "%(n)d mentees", n) % {"n": n}
    if part == "mentor":
        return ngettext("%(n)d mentor", "%(n)d mentors", n) % {"n": n}
    return ngettext("%(n)d person", "%(n)d people", n) % {"n": n}


def _warnings(run: MatchRun, tables: Tables) -> list[_Warning]:
    """Name what is weak or cannot arrive; nothing of it forbids publishing."""
    circles = is_circles(run.cohort)
    weak = [
        _named(run, proposal, people, circles)
        for proposal, people in sorted(tables, key=lambda table: table[0].score)
        if proposal.score < LOW
    ]
    silent = set(no_answers(run).values_list("pk", flat=True))
    unsaid = [
        _named(run, proposal, people, circles)
        for proposal, people in tables
        if proposal.pk in silent
    ]
    members = {seat.enrolment.member for _proposal, people in tables for seat in people}
    not_in = sorted(member.full_name for member in members if member.state != Member.State.LIVE)
    warnings = []
    fewest = run.cohort.program.circle_min
    small = [
        _("circle %(n)d (%(people)d)") % {"n": proposal.position, "people": len(people)}
        for proposal, people in tables
        if circles and len(people) < fewest
    ]
    if small:
        words = ngettext(
            "%(n)d circle is smaller than the design asks for: at least %(fewest)d people",
            "%(n)d circles are smaller than the design asks for: at least %(fewest)d people",
            len(small),
        )
        warnings.append(_warning(words % {"n": len(small), "fewest": fewest}, small))
    if weak:
        words = ngettext("%(n)d scores below %(low)d", "%(n)d score below %(low)d", len(weak))
        warnings.append(_warning(words % {"n": len(weak), "low": LOW}, weak))
    if unsaid:
        words = ngettext(
            "%(n)d rests on no answers: only work facts speak for it",
            "%(n)d rest on no answers: only work facts speak for them",
            len(unsaid),
        )
        warnings.append(_warning(words % {"n": len(unsaid)}, unsaid))
    if not_in:
        words = ngettext(
            "%(n)d person has not accepted their invitation yet; the e-mail still reaches them",
            "%(n)d people have not accepted their invitation yet; the e-mail still reaches them",
            len(not_in),
        )
        warnings.append(_warning(words % {"n": len(not_in)}, not_in))
    return warnings


def no_answers(run: MatchRun) -> ProposalQuerySet:
    """Return what the run proposes without one answer of its people to compare."""
    return Proposal.objects.filter(run=run).resting_on_no_answers()


def _named(run: MatchRun, proposal: Proposal, people: Sequence[ProposalSeat], circles: bool) -> str:
    values = {"n": proposal.position, "score": proposal.score}
    if circles:
        return _("circle %(n)d (%(score)d)") % values
    names = " – ".join(seat.enrolment.member.full_name for seat in people)
    return _("%(names)s (%(score)d)") % {**values, "names": names}


def _warning(words: str, names: Sequence[str]) -> _Warning:
    return _Warning(words, tuple(names[:NAMED]), max(0, len(names) - NAMED))


def _preview(run: MatchRun, tables: Tables) -> _Preview | None:
    """Return the e-mail of the first person as it will be, without its links."""
    if not tables:
        return None
    member = tables[0][1][0].enrolment.member
    email = email_words(run, tables)[member]
    words = {"why": [str(sentence) for sentence in email.why], "partnership": _("(its name)")}
    context = asdict(email) | reader(member, run.organisation) | words
    text = text_with("pairing.matched", context, run.cohort.program_id)
    return _Preview(member.full_name, as_text(text.body))


def may_still_be_undone(run: MatchRun) -> bool:
    """Say whether a published run is young enough to be taken back; not whether people have met."""
    return (
        run.state == MatchRun.State.PUBLISHED
        and run.published_at is not None
        and clock.now() < run.published_at + UNDO_WITHIN
    )
