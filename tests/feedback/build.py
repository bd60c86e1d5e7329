"""Cohorts, partnerships and sessions for feedback's tests: the parent first, models directly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from core.common import clock
from core.common.ids import new_id
from core.members.links import SignedLink, signed_path
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from feedback.models.built import BuiltSurvey, SurveyVersion
from feedback.models.check_ins import CheckIn
from feedback.queries import last_period
from feedback.surveys.base import open_due
from feedback.surveys.check_in import CHECK_IN
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import Competency
from programs.models.programs import Cohort, Enrolment, Program
from sessions.models.sessions import Attendance, Session

START = date(2026, 3, 2)  # a Monday
PERIOD = timedelta(weeks=2)
OPENS = START + PERIOD
NOON = time(12, tzinfo=UTC)


def noon(day: date) -> datetime:
    return datetime.combine(day, NOON)


AFTER_ONE_PERIOD = noon(OPENS)


def make_cohort(
    organisation: Organisation, name: str = "Spring", *, skills: int = 0, **facts: Any
) -> Cohort:
    """Make a running circles cohort, with check-ins every two weeks."""
    with tenant(organisation):
        program = Program.objects.create(
            name=f"Circles {name}", format=Program.Format.CIRCLES, check_in_weeks=2
        )
        for number in range(skills):
            Competency.objects.create(
                program=program,
                key=f"skill-{number}",
                name=f"Skill {number}",
                position=number,
                rubric=f"What skill {number} looks like.",
            )
        facts.setdefault("phase", Cohort.Phase.RUNNING)
        return Cohort.objects.create(
            program=program, name=name, starts_on=START, ends_on=date(2026, 12, 31), **facts
        )


def enrol(cohort: Cohort, member: Member, **facts: Any) -> Enrolment:
    """Let a person take part in a cohort as a peer, active unless said otherwise."""
    with tenant(cohort.organisation):
        facts.setdefault("state", Enrolment.State.ACTIVE)
        return Enrolment.objects.create(
            cohort=cohort,
            member=member,
            part=Enrolment.Part.PEER,
            applied_at=noon(START),
            accepted_at=noon(START),
            started_at=noon(START),
            **facts,
        )


def make_partnership(cohort: Cohort, *members: Member, **facts: Any) -> list[Seat]:
    """Make a partnership of these people; returns their seats in that order."""
    with tenant(cohort.organisation):
        facts = {"starts_on": START, "ends_on": cohort.ends_on, "name": "Circle Wye"} | facts
        partnership = Partnership.objects.create(cohort=cohort, published_at=noon(START), **facts)
        seats = []
        for member in members:
            enrolment = Enrolment.objects.filter(cohort=cohort, member=member).first()
            seats.append(
                Seat.objects.create(
                    partnership=partnership,
                    enrolment=enrolment or enrol(cohort, member),
                    part=Enrolment.Part.PEER,
                    taken_at=noon(START),
                )
            )
        return seats


def make_check_in(seat: Seat) -> CheckIn:
    """Open the first check-in of everybody there and return this seat's; the clock says when."""
    with tenant(seat.organisation):
        open_due(CHECK_IN, at=clock.now())
        return CheckIn.objects.for_list().get(seat=seat)


def make_held_session(*seats: Seat, day: date = OPENS, number: int = 1) -> Session:
    """Make a session that was held at ten with these people present."""
    starts_at = datetime.combine(day, time(10, tzinfo=UTC))
    with tenant(seats[0].organisation):
        session = Session.objects.create(
            partnership=seats[0].partnership,
            number=number,
            starts_at=starts_at,
            day=day,
            duration_minutes=60,
            state=Session.State.HELD,
            held_at=starts_at + timedelta(hours=1),
        )
        for seat in seats:
            Attendance.objects.create(session=session, seat=seat, kind=Attendance.Kind.PRESENT)
        return session


def link(purpose: str, member: Member, row: UUID | None = None, *, slug: str = "") -> str:
    """Return the path of a signed link for that person to that row, signed now."""
    link = SignedLink(slug or member.organisation.slug, member.pk, row or new_id())
    return signed_path(purpose, link, at=clock.now())


def make_survey(
    program: Program, items: Sequence[Mapping[str, Any]] = (), **facts: Any
) -> SurveyVersion:
    """Make a survey of that program with these questions, asked; returns its version."""
    with tenant(program.organisation):
        facts = {"title": "How is it?", "moments": ["d14"], "asking": True} | facts
        survey = BuiltSurvey.objects.create(program=program, **facts)
        rows = [{**EMPTY_ITEM, "key": f"q{n}", **row} for n, row in enumerate(items or [{}], 1)]
        return SurveyVersion.objects.create(survey=survey, number=1, items=rows)


EMPTY_ITEM = {
    "kind": "scale",
    "question": "How useful?",
    "choices": ["Not", "Partly", "Fully"],
    "rows": [],
    "required": True,
    "only_if": "",
}
FOUR_TAPS = {"met": "yes", "mood": "4", "progress": "3", "blocker": "time"}
ANSWER: dict[str, Any] = {"met": True, "mood": 4, "progress": 3, "blocker": "time"}


def last_asked(cohort: Cohort) -> int:
    """Return the latest period that anybody in this cohort has been asked about."""
    found = Cohort.objects.annotate(last=last_period()).get(pk=cohort.pk)
    return int(vars(found)["last"] or 0)
