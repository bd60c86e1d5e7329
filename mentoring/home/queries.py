"""What each home page shows: what is next for me, and for a coordinator who needs me today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from agreements.together.queries import TodoList, todo_of
from core.members.models import ConsentText, Member
from core.notifications.given_up import given_up
from core.ui.table import SeatView, TableDrawing, initials, round_table
from feedback.assessments.own import my_open_assessments
from feedback.concerns.queries import to_handle
from feedback.journal.queries import to_reflect_on
from feedback.models.assessments import Assessment
from feedback.models.check_ins import CheckIn
from feedback.models.concerns import ConcernFile
from feedback.models.fits import FitQuestion
from feedback.models.meetings import MeetingQuestion
from feedback.surveys.check_in import my_open_check_ins
from feedback.surveys.fit import my_open_fit_questions
from feedback.surveys.meeting import my_open_meetings
from feedback.surveys.table import WaitingSurvey, waiting_surveys
from metrics.todo import TodoRow, todo_list, todo_rows
from pairing.companions.queries import accompanied_by
from pairing.models.companions import Companion
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import PartnerRequest
from pairing.requests.queries import choosing_enrolments, requests_waiting_for
from programs.models.programs import ENROLLED, Cohort, Enrolment, Program
from programs.queries.enrolments import cohorts_open_to, to_accept_expectations, to_mentor_in
from programs.selection.queries import to_ask_manager
from programs.training.queries import Path, WorkshopLine, my_workshops, to_learn
from sessions.models.sessions import Absence, Session, Turn, counted
from sessions.page.queries.waiting import Waiting, waiting_for

AT_HOME = 8  # lines of a list at home; the rest is a link away
STILL_NEXT = timedelta(hours=2)  # a session that began an hour ago is still the next one


@dataclass(frozen=True)
class MyDay:
    concerns: list[ConcernFile]
    consents: list[ConsentText]
    open_cohorts: list[Cohort]
    # of who takes part somewhere
    session: Session | None = None
    turn: Turn | None = None
    away: bool = False
    drawing: TableDrawing | None = None
    turns: Sequence[Turn] = ()
    check_ins: Sequence[CheckIn] = ()
    assessments: Sequence[Assessment] = ()
    fits: Sequence[FitQuestion] = ()
    meetings: Sequence[MeetingQuestion] = ()
    surveys: Sequence[WaitingSurvey] = ()
    reflect: Session | None = None
    requests: Sequence[PartnerRequest] = ()
    choosing: Sequence[Enrolment] = ()
    waits: Sequence[Waiting] = ()
    todo: TodoList | None = None
    partnerships: Sequence[Partnership] = ()
    waiting: Sequence[Enrolment] = ()
    expectations: Sequence[Enrolment] = ()
    candidacies: Sequence[Enrolment] = ()
    accompanied: Sequence[Companion] = ()
    lessons: Sequence[Path] = ()
    workshops: Sequence[WorkshopLine] = ()
    to_mentor_in: Sequence[Cohort] = ()


@dataclass(frozen=True)
class _CohortLine:
    cohort: Cohort
    enrolled: int
    partnerships: int
    next_session: datetime | None


@dataclass(frozen=True)
class CoordinatorsDay:
    """What a coordinator finds at home, above their own day."""

    todo: list[TodoRow]  # the most urgent
    todo_count: int
    hidden_count: int
    given_up: int  # e-mails that did not arrive: one thing to do, for owners
    cohorts: list[_CohortLine]
    more_cohorts: int
    program: Program | None  # where a cohort can be opened, while none is under way

    @property
    def begins(self) -> bool:
        """Whether there is nothing at all yet."""
        return not self.cohorts and self.program is None

    @property
    def things_to_do(self) -> int:
        return self.todo_count + bool(self.given_up)


def what_is_there(member: Member) -> Mapping[str, object]:
    """Return of what seldom waits for somebody whether it is there at all: one statement."""
    return (
        Member.objects.filter(pk=member.pk)
        .annotate(
            concerns=Exists(ConcernFile.objects.handled_by(member).open()),
            consents=Exists(ConsentText.objects.waiting_for(member)),
            open_cohorts=Exists(Cohort.objects.open_to_all()),
            accompanied=Exists(Companion.objects.beside_now().filter(member=member)),
            enrolled=Exists(Enrolment.objects.filter(member=member)),
            undelivered=Exists(given_up(member)),
        )
        .values("concerns", "consents", "open_cohorts", "accompanied", "enrolled", "undelivered")
        .get()
    )


def my_day(member: Member, there: Mapping[str, object], *, now: datetime) -> MyDay:
    """Return what is next for this member, in a fixed number of statements.

    What hangs on a place in a cohort is not read for who has never had one, as most who coordinate.
    """
    concerns = to_handle(member) if there["concerns"] else []
    consents = list(ConsentText.objects.waiting_for(member)) if there["consents"] else []
    open_cohorts = cohorts_open_to(member) if there["open_cohorts"] else []
    accompanied = accompanied_by(member) if there["accompanied"] else []
    if not there["enrolled"]:
        return MyDay(concerns, consents, open_cohorts, accompanied=accompanied)
    mine = Seat.objects.filter(enrolment__member=member, left_at=None)
    of_mine = Exists(mine.filter(partnership=OuterRef("partnership_id")))
    session = (
        Session.objects.visible_to(member)
        .filter(of_mine, state=Session.State.PLANNED, starts_at__gte=now - STILL_NEXT)
        .filter(partnership__state=Partnership.State.ACTIVE)
        .order_by("starts_at", "id")
        .select_related("organisation", "partnership__cohort__program")
        .first()
    )
    turns = list(
        Turn.objects.filter(
            seat__enrolment__member=member,
            seat__left_at=None,
            session__partnership__state=Partnership.State.ACTIVE,
            session__state=Session.State.PLANNED,
            session__starts_at__gte=now - STILL_NEXT,
        )
        .select_related("role", "session__organisation", "session__partnership")
        .order_by("session__starts_at")[:6]
    )
    choosing = list(choosing_enrolments(member))
    drawing, away = (None, False) if session is None else _next_table(session, member)
    return MyDay(
        concerns,
        consents,
        open_cohorts,
        session=session,
        turn=next((turn for turn in turns if session and turn.session_id == session.pk), None),
        away=away,
        drawing=drawing,
        turns=turns,
        check_ins=list(my_open_check_ins(member, at=now)),
        assessments=list(my_open_assessments(member, at=now)),
        meetings=list(my_open_meetings(member, at=now)),
        fits=list(my_open_fit_questions(member, at=now)),
        surveys=waiting_surveys(member, at=now),
        reflect=to_reflect_on(member, at=now),
        requests=list(requests_waiting_for(member)),
        choosing=choosing,
        waits=waiting_for(member, at=now),
        todo=todo_of(member, at=now),
        partnerships=list(
            Partnership.objects.visible_to(member)
            .open()
            .filter(Exists(mine.filter(partnership=OuterRef("pk"))))
            .for_list()
            .order_by("-id")
        ),
        waiting=list(
            Enrolment.objects.filter(
                member=member,
                state__in=[
                    Enrolment.State.APPLIED,
                    Enrolment.State.WAITLISTED,
                    Enrolment.State.ACCEPTED,
                ],
            )
            .exclude(cohort__phase__in=Cohort.OVER)
            .exclude(pk__in=[enrolment.pk for enrolment in choosing])
            .for_list()
        ),
        expectations=to_accept_expectations(member),
        candidacies=to_ask_manager(member),
        accompanied=accompanied,
        lessons=to_learn(member),
        workshops=my_workshops(member, at=now),
        to_mentor_in=to_mentor_in(member, open_cohorts),
    )


def _next_table(session: Session, member: Member) -> tuple[TableDrawing, bool]:
    """Draw the table of the next session: who leads it, who is away, how turns even out."""
    seats = list(
        Seat.objects.filter(partnership=session.partnership_id, left_at=None)
        .select_related("enrolment__member")
        .order_by("id")
    )
    turns = list(
        Turn.objects.filter(session__partnership=session.partnership_id, seat__in=seats)
        .exclude(session__state__in=[Session.State.CANCELLED, Session.State.MISSED])
        .select_related("role", "session")
        .order_by("role__priority")
    )
    away = set(Absence.objects.filter(session=session).values_list("seat_id", flat=True))
    names = {turn.role.key: turn.role.name for turn in turns}
    views = []
    for seat in seats:
        own = [turn for turn in turns if turn.seat_id == seat.pk]
        now_held = [turn for turn in own if turn.session_id == session.pk]
        leads = any(turn.role.leads for turn in now_held)
        leading = [turn for turn in own if turn.role.leads]
        name = seat.enrolment.member.full_name
        views.append(
            SeatView(
                initials=initials(name),
                name=name,
                state="away" if seat.pk in away else "lead" if leads else "",
                tokens=tuple(turn.role.key for turn in now_held),
                turns_due=len(leading),
                turns_held=sum(turn.session.state == Session.State.HELD for turn in leading),
            )
        )
    total = Session.objects.filter(partnership=session.partnership_id).count()
    drawing = round_table(
        views,
        title=session.partnership.name,
        centre=str(session.number),
        under=f"/ {total}",
        role_names=names,
    )
    mine = any(seat.pk in away and seat.enrolment.member_id == member.pk for seat in seats)
    return drawing, mine


def coordinators_day(
    member: Member, there: Mapping[str, object], *, now: datetime
) -> CoordinatorsDay:
    """Return who needs this coordinator, and how each of their open cohorts stands."""
    rows = Cohort.objects.visible_to(member).exclude(phase__in=Cohort.OVER)
    enrolled = Enrolment.objects.filter(ENROLLED, cohort=OuterRef("pk")).order_by()
    tables = Partnership.objects.open().filter(cohort=OuterRef("pk")).order_by()
    upcoming = Session.objects.filter(partnership__cohort=OuterRef("pk")).upcoming(now)
    cohorts: list[Any] = list(  # with what is annotated
        rows.for_list()
        .annotate(
            people_in=Subquery(counted(enrolled)),
            tables_in=Subquery(counted(tables)),
            next_at=Subquery(upcoming.order_by("starts_at").values("starts_at")[:1]),
        )
        .order_by("-starts_on", "id")[:AT_HOME]
    )
    items = todo_list(member, now=now)
    open_items = [item for item in items if item.hidden_by is None]
    undelivered = given_up(member).count() if there["undelivered"] else 0
    programs = Program.objects.visible_to(member).filter(archived_at=None).order_by("-created_at")
    return CoordinatorsDay(
        program=None if cohorts else programs.first(),
        todo=todo_rows(open_items[:AT_HOME]),
        todo_count=len(open_items),
        hidden_count=len(items) - len(open_items),
        given_up=undelivered,
        more_cohorts=rows.count() - AT_HOME if len(cohorts) == AT_HOME else 0,
        cohorts=[
            _CohortLine(cohort, cohort.people_in or 0, cohort.tables_in or 0, cohort.next_at)
            for cohort in cohorts
        ],
    )
