"""A cohort with a history, written as rows: what figures are counted from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation, OrganisationSettings
from feedback.models.assessments import Assessment, AssessmentRating
from feedback.models.check_ins import CheckIn
from feedback.models.released import ReleaseMark
from metrics.definitions.shapes import Figure
from metrics.figures import figures_of
from metrics.health import Alert, in_words, partnership_findings
from metrics.operations import release_answers
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import Competency
from programs.models.programs import Cohort, Enrolment, Program
from sessions.models.sessions import Attendance, Session
from tests.cast import make_member

BERLIN = ZoneInfo("Europe/Berlin")  # where the organisations of the tests are
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TODAY = date(2026, 6, 1)  # a Monday


def partnership_alerts(member: Member, *, now: datetime) -> list[Alert]:
    """Return what is found in a coordinator's partnerships, in words."""
    return in_words(partnership_findings(member, now=now))


def noon(day: date) -> datetime:
    """Return the organisation's noon of a day."""
    return datetime.combine(day, time(12), BERLIN).astimezone(UTC)


def make_cohort(
    organisation: Organisation, name: str = "Spring", format: str = "circles"
) -> Cohort:
    """Make a running cohort of a program of that format; the program is shared by format."""
    with tenant(organisation):
        program, _ = Program.objects.get_or_create(name=f"Leading {format}", format=format)
        return Cohort.objects.create(
            program=program,
            name=name,
            phase=Cohort.Phase.RUNNING,
            starts_on=date(2026, 1, 5),
            ends_on=date(2026, 12, 18),
        )


def enrol(
    cohort: Cohort,
    member: Member,
    state: str = "active",
    *,
    part: str = "peer",
    started: date | None = date(2026, 1, 5),
    ended: date | None = None,
) -> Enrolment:
    """Enrol somebody; accepted and started unless the state lies before that."""
    accepted = state in Enrolment.ACCEPTED_OR_LATER
    begun = noon(started) if started and accepted and state != "accepted" else None
    return Enrolment.objects.create(
        cohort=cohort,
        member=member,
        part=part,
        state=state,
        applied_at=noon(date(2026, 1, 2)),
        accepted_at=noon(date(2026, 1, 2)) if accepted else None,
        started_at=begun,
        ended_at=noon(ended) if ended else None,
    )


def people(organisation: Organisation, count: int, prefix: str = "Peer") -> list[Member]:
    """Make so many people."""
    return [make_member(organisation, f"{prefix}{number}") for number in range(count)]


def circle(cohort: Cohort, enrolments: Sequence[Enrolment], name: str = "Wye") -> Partnership:
    """Seat people at one table from the cohort's first day."""
    partnership = Partnership.objects.create(
        cohort=cohort,
        name=name,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        published_at=noon(date(2026, 1, 5)),
    )
    for enrolment in enrolments:
        sit(partnership, enrolment)
    return partnership


def sit(
    partnership: Partnership,
    enrolment: Enrolment,
    taken: date = date(2026, 1, 5),
    left: date | None = None,
) -> Seat:
    """Give somebody a seat."""
    return Seat.objects.create(
        partnership=partnership,
        enrolment=enrolment,
        part="mentee" if enrolment.part == "both" else enrolment.part,
        taken_at=noon(taken),
        left_at=noon(left) if left else None,
    )


def meet(
    partnership: Partnership, day: date, state: str = "held", came: str = "", **fields: Any
) -> Session:
    """Write a session, with one e-mail of attendance a seat: p(resent), e(xcused), a(bsent)."""
    number = Session.objects.filter(partnership=partnership).count() + 1
    session = Session.objects.create(
        partnership=partnership,
        number=number,
        starts_at=noon(day),
        day=day,
        duration_minutes=60,
        state=state,
        held_at=noon(day) if state == "held" else None,
        **fields,
    )
    kinds = {"p": "present", "e": "excused", "a": "absent"}
    seats = Seat.objects.filter(partnership=partnership).order_by("id")
    for seat, email in zip(seats, came, strict=False):
        Attendance.objects.create(session=session, seat=seat, kind=kinds[email])
    return session


def ask(seat: Seat, period: int, due: date, answered: date | None = None) -> CheckIn:
    """Write a check-in that falls due on a day, answered or not."""
    said: dict[str, Any] = {"met": True, "mood": 4, "progress": 3} if answered else {}
    return CheckIn.objects.create(
        seat=seat,
        period=period,
        opens_on=due - timedelta(days=14),
        due_on=due,
        opened_at=noon(due - timedelta(days=14)),
        answered_at=noon(answered) if answered else None,
        answered_on=answered,
        **said,
    )


def rate(enrolment: Enrolment, competency: Competency, start: int | None, end: int | None) -> None:
    """Write what somebody said of themselves at the start and the end."""
    for moment, rating in (("start", start), ("end", end)):
        if rating is None:
            continue
        assessment, _ = Assessment.objects.update_or_create(
            enrolment=enrolment,
            moment=moment,
            defaults={"opened_at": NOW, "answered_at": NOW},
        )
        AssessmentRating.objects.create(assessment=assessment, competency=competency, rating=rating)


def set_threshold(organisation: Organisation, k: int) -> None:
    """Choose below how many people a figure is hidden."""
    with tenant(organisation):
        OrganisationSettings.objects.update(threshold=k)
        ReleaseMark.objects.all().delete()  # as if it had been so from the beginning


def release(organisation: Organisation, now: datetime = NOW) -> None:
    """Look at all answers as on a new day, whichever it is."""
    with tenant(organisation), clock.at(now):
        ReleaseMark.objects.update(looked_on=None)
        release_answers(at=now)


def figures(cohort: Cohort, now: datetime = NOW) -> dict[tuple[str, str], Figure]:
    """Return a cohort's figures by key and part, on the day after all that has been answered."""
    release(cohort.organisation, now)
    with tenant(cohort.organisation_id), clock.at(now):
        rows = Cohort.objects.filter(pk=cohort.pk).for_list()
        found = figures_of(list(rows), OrganisationSettings.objects.get(), now)
        return {(figure.key, figure.part): figure for figure in found[cohort.pk]}


def full_cohort(organisation: Organisation, name: str = "Spring") -> Cohort:
    """Make a cohort of six with a session, check-ins and ratings: a figure of each kind."""
    cohort = make_cohort(organisation, name)
    members = people(organisation, 6, prefix=name)
    with tenant(organisation):
        competency, _ = Competency.objects.get_or_create(
            program=cohort.program, key="listening", defaults={"name": "Active listening"}
        )
        enrolments = [enrol(cohort, member) for member in members]
        partnership = circle(cohort, enrolments)
        meet(partnership, TODAY - timedelta(days=21), came="pppppe")
        meet(partnership, TODAY - timedelta(days=14), "cancelled", cause="workload")
        meet(partnership, TODAY - timedelta(days=7), came="ppppaa")
        meet(partnership, TODAY + timedelta(days=7), "planned")
        for place, seat in enumerate(Seat.objects.filter(partnership=partnership).order_by("id")):
            due = TODAY - timedelta(days=7)
            ask(seat, 1, due, due - timedelta(days=3) if place < 4 else None)
        for place, enrolment in enumerate(enrolments):
            rate(enrolment, competency, 2 + place % 2, 4 + place // 2 % 2)
    release(organisation)
    return cohort
