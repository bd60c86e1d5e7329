"""A cohort's phases: which comes after which, what hinders a move, what it asks, what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from uuid import UUID

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.members.models import Member
from programs.models.programs import EXPECTS, Cohort, Enrolment, EnrolmentQuerySet

Phase = Cohort.Phase
ORDER: tuple[str, ...] = (
    Phase.DRAFT,
    Phase.ENROLLING,
    Phase.MATCHING,
    Phase.RUNNING,
    Phase.CLOSING,
    Phase.CLOSED,
)
# the first is the way on; a closed cohort or one called off is only undone, within a day
STEPS: Mapping[str, tuple[str, ...]] = {
    Phase.DRAFT: (Phase.ENROLLING, Phase.CALLED_OFF),
    Phase.ENROLLING: (Phase.MATCHING, Phase.DRAFT, Phase.CALLED_OFF),
    Phase.MATCHING: (Phase.RUNNING, Phase.ENROLLING, Phase.CALLED_OFF),
    Phase.RUNNING: (Phase.CLOSING, Phase.MATCHING),
    Phase.CLOSING: (Phase.CLOSED, Phase.RUNNING),
    Phase.CLOSED: (),
    Phase.CALLED_OFF: (),
}
SURVEYS_OVER = timedelta(days=21)  # after the last day: then nothing keeps a cohort closing
DAY = "j F Y"


class Weight(Enum):
    """What a matter means for a move."""

    HINDERS = auto()  # it cannot be done
    ASKS = auto()  # somebody has to confirm it; a date alone does not
    TELLS = auto()  # it follows, and is said before


@dataclass(frozen=True)
class Matter:
    weight: Weight
    sentence: str

    @property
    def hinders(self) -> bool:
        return self.weight is Weight.HINDERS

    @property
    def asks(self) -> bool:
        return self.weight is Weight.ASKS


def matters_of_move(cohort: Cohort, to: str, today: date) -> list[Matter]:
    """Return what there is to read before a cohort goes to a phase, the gravest first."""
    return _matters(cohort, to, today, _people([cohort]).get(cohort.pk, _People({}, 0)))


@dataclass
class _People:
    """How many are in a cohort by state, and how many of those in place are silent."""

    states: dict[str, int]
    silent: int


def _people(cohorts: Sequence[Cohort]) -> dict[UUID, _People]:
    """Return the people of cohorts, counted in one statement."""
    rows = Enrolment.objects.filter(cohort__in=cohorts).order_by().values("cohort", "state")
    counts = rows.annotate(
        n=Count("pk"), silent=Count("pk", filter=Q(EXPECTS, expectations_accepted_at=None))
    )
    by_cohort: dict[UUID, _People] = {}
    for row in counts:
        people = by_cohort.setdefault(row["cohort"], _People({}, 0))
        people.states[row["state"]] = row["n"]
        if row["state"] in Enrolment.IN_PLACE:
            people.silent += row["silent"]
    return by_cohort


def _matters(cohort: Cohort, to: str, today: date, people: _People) -> list[Matter]:
    states = people.states
    match to:
        case Phase.DRAFT:
            matters = _hinders(states, _("People have enrolled, so it can no longer be a draft."))
        case Phase.ENROLLING:
            matters = _enrolling(cohort)
        case Phase.MATCHING if cohort.phase == Phase.RUNNING:
            matters = _back_to_matching(states)
        case Phase.MATCHING:
            matters = _matching(states, people.silent)
        case Phase.RUNNING if cohort.phase == Phase.CLOSING:
            matters = _runs_on(cohort, today)
        case Phase.RUNNING:
            matters = _running(cohort, states, today)
        case Phase.CLOSING:
            matters = _closing(cohort, states, today)
        case Phase.CLOSED:
            matters = _closed(states)
        case _:
            matters = _called_off(states)
    return sorted(matters, key=lambda matter: matter.weight.value)


def _hinders(states: Mapping[str, int], sentence: str) -> list[Matter]:
    return [Matter(Weight.HINDERS, sentence)] if states else []


def _enrolling(cohort: Cohort) -> list[Matter]:
    program, matters = cohort.program, []
    if program.archived_at:
        matters.append(Matter(Weight.HINDERS, _("This program is archived. Bring it back first.")))
    if not any(program.expectations_for(part) for part in Enrolment.Part.values):
        matters.append(
            Matter(Weight.ASKS, _("The program has no expectations: nobody accepts anything."))
        )
    if not program.questions.exists():
        matters.append(
            Matter(Weight.ASKS, _("The program has no question: matching knows work facts alone."))
        )
    elif not program.questions.filter(required=True).exists():
        matters.append(
            Matter(Weight.TELLS, _("No question has to be answered: people may leave all empty."))
        )
    carried = carried_over(cohort).count() if cohort.phase == Phase.DRAFT else 0
    if carried:
        sentence = ngettext(
            "%(n)d person who waited in an earlier cohort comes first, and is told.",
            "%(n)d people who waited in an earlier cohort come first, and are told.",
            carried,
        )
        matters.append(Matter(Weight.TELLS, sentence % {"n": carried}))
    return matters


def carried_over(cohort: Cohort) -> EnrolmentQuerySet:
    """Return who waits in an earlier cohort of the program and is not in this one."""
    here = Enrolment.objects.filter(cohort=cohort).values("member")
    earlier = Enrolment.objects.filter(
        cohort__program=cohort.program_id,
        cohort__phase__in=(Phase.RUNNING, Phase.CLOSING, *Cohort.OVER),
        cohort__ends_on__isnull=False,
        state=Enrolment.State.WAITLISTED,
    ).exclude(member__state=Member.State.LEFT)
    return earlier.exclude(cohort=cohort).exclude(member__in=here).in_line().for_list()


def _matching(states: Mapping[str, int], silent: int) -> list[Matter]:
    matters = []
    in_place = sum(states.get(state, 0) for state in Enrolment.IN_PLACE)
    if not in_place:
        matters.append(Matter(Weight.ASKS, _("Nobody has a place yet.")))
    if applied := states.get(Enrolment.State.APPLIED, 0):
        sentence = ngettext(
            "%(n)d application is not decided.", "%(n)d applications are not decided.", applied
        )
        matters.append(Matter(Weight.ASKS, sentence % {"n": applied}))
    if silent:
        sentence = ngettext(
            "%(n)d person has not accepted the expectations.",
            "%(n)d people have not accepted the expectations.",
            silent,
        )
        matters.append(Matter(Weight.TELLS, sentence % {"n": silent}))
    return matters


def _back_to_matching(states: Mapping[str, int]) -> list[Matter]:
    if not (active := states.get(Enrolment.State.ACTIVE, 0)):
        return []
    sentence = ngettext(
        "%(n)d person takes part already. Match late people while it runs.",
        "%(n)d people take part already. Match late people while it runs.",
        active,
    )
    return [Matter(Weight.HINDERS, sentence % {"n": active})]


def _running(cohort: Cohort, states: Mapping[str, int], today: date) -> list[Matter]:
    matters = []
    if not states.get(Enrolment.State.ACTIVE):
        matters.append(Matter(Weight.ASKS, _("Nobody has a partner: nothing is published.")))
    if cohort.starts_on > today:
        sentence = _("The first day is %(day)s. The cohort moves by itself then.")
        day = date_format(cohort.starts_on, DAY)
        matters.append(Matter(Weight.ASKS, sentence % {"day": day}))
    if applied := states.get(Enrolment.State.APPLIED, 0):
        sentence = ngettext(
            "%(n)d application that is not decided goes to the waiting list; the person is told.",
            "%(n)d applications that are not decided go to the waiting list; the people are told.",
            applied,
        )
        matters.append(Matter(Weight.TELLS, sentence % {"n": applied}))
    return matters


def _runs_on(cohort: Cohort, today: date) -> list[Matter]:
    if cohort.ends_on and cohort.ends_on <= today:
        return [Matter(Weight.HINDERS, _("The last day is over. Change the dates first."))]
    return []


def _closing(cohort: Cohort, states: Mapping[str, int], today: date) -> list[Matter]:
    matters = []
    if cohort.ends_on is None or cohort.ends_on > today:
        words = (
            _("This cohort has no last day.")
            if cohort.ends_on is None
            else _("The last day is only %(day)s.") % {"day": date_format(cohort.ends_on, DAY)}
        )
        matters.append(Matter(Weight.ASKS, words))
    told = sum(states.get(state, 0) for state in (*Enrolment.IN_PLACE, "waitlisted"))
    sentence = ngettext("%(n)d person is told.", "%(n)d people are told.", told)
    return [*matters, Matter(Weight.TELLS, sentence % {"n": told})]


def _closed(states: Mapping[str, int]) -> list[Matter]:
    in_place = sum(states.get(state, 0) for state in Enrolment.IN_PLACE)
    sentence = ngettext(
        "%(n)d person is in still: they have then completed it or not.",
        "%(n)d people are in still: they have then completed it or not.",
        in_place,
    )
    return [Matter(Weight.ASKS, sentence % {"n": in_place})]


def _called_off(states: Mapping[str, int]) -> list[Matter]:
    everybody = sum(states.get(state, 0) for state in (*Enrolment.UNDECIDED, *Enrolment.IN_PLACE))
    waiting = states.get(Enrolment.State.WAITLISTED, 0)
    matters = [
        Matter(
            Weight.ASKS,
            ngettext(
                "%(n)d person is told, with your words.",
                "%(n)d people are told, with your words.",
                everybody,
            )
            % {"n": everybody},
        )
    ]
    if waiting:
        sentence = ngettext(
            "%(n)d person of the waiting list comes first in the next cohort of this program.",
            "%(n)d people of the waiting list come first in the next cohort of this program.",
            waiting,
        )
        matters.append(Matter(Weight.TELLS, sentence % {"n": waiting}))
    return matters


def timeline(cohort: Cohort) -> list[tuple[str, str, str]]:
    """Return the timeline: each phase with a note and whether it is done or now."""
    if cohort.phase == Phase.CALLED_OFF:
        return [(str(Phase.CALLED_OFF.label), "", "now")]
    at = ORDER.index(cohort.phase)
    days = {Phase.RUNNING: cohort.starts_on, Phase.CLOSING: cohort.ends_on}
    notes = {
        phase: _("from %(day)s") % {"day": date_format(day, "j M Y")}
        for phase, day in days.items()
        if day
    }
    return [
        (
            str(Phase(phase).label),
            notes.get(Phase(phase), ""),
            "done" if place < at else "now" if place == at else "",
        )
        for place, phase in enumerate(ORDER)
    ]


@dataclass(frozen=True)
class DueMove:
    """A cohort whose date has come, where it would go, and what there is to read before."""

    cohort: Cohort
    to: str
    day: date
    matters: Sequence[Matter]

    @property
    def goes_by_itself(self) -> bool:
        return all(matter.weight is Weight.TELLS for matter in self.matters)

    @property
    def sentences(self) -> list[str]:
        return [matter.sentence for matter in self.matters if matter.weight is not Weight.TELLS]


def due_moves(today: date) -> list[DueMove]:
    """Return the cohorts whose date for the next phase has come."""
    rows = Cohort.objects.exclude(phase__in=(Phase.DRAFT, *Cohort.OVER)).for_list()
    due = []
    for cohort in rows.order_by("starts_on", "id"):
        to, day = _next_by_date(cohort)
        if day is not None and day <= today:
            due.append((cohort, to, day))
    people = _people([cohort for cohort, _to, _day in due])
    return [
        DueMove(cohort, to, day, _matters(cohort, to, today, people.get(cohort.pk, _People({}, 0))))
        for cohort, to, day in due
    ]


def _next_by_date(cohort: Cohort) -> tuple[str, date | None]:
    match cohort.phase:
        case Phase.ENROLLING:
            until = cohort.enrol_until
            return Phase.MATCHING, until + timedelta(days=1) if until else None
        case Phase.MATCHING:
            return Phase.RUNNING, cohort.starts_on
        case Phase.RUNNING:
            return Phase.CLOSING, cohort.ends_on
    return Phase.CLOSED, cohort.ends_on + SURVEYS_OVER if cohort.ends_on else None


def moves_that_ask(member: Member | None, today: date) -> list[DueMove]:
    """Return what a date alone does not do, in cohorts of this coordinator or in all."""
    moves = [move for move in due_moves(today) if not move.goes_by_itself]
    if member is None or not moves:
        return moves
    seen = set(Cohort.objects.visible_to(member).values_list("pk", flat=True))
    return [move for move in moves if move.cohort.pk in seen]
