"""What each home page shows: what is next for me, and for a coordinator who needs me today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from agreements.together.queries import TodoList, todo_of
from core.members.links import SignedLink, signed_path
from core.members.models import Member
from core.ui.table import SeatView, TableDrawing, initials, round_table
from feedback.models import Assessment, CheckIn, FitQuestion
from feedback.surveys.assessment import my_open_assessments
from feedback.surveys.check_in import my_open_check_ins
from feedback.surveys.fit import my_open_fit_questions
from metrics.health import Alert, alerts
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import PartnerRequest
from pairing.requests.queries import choosing_enrolments, requests_waiting_for
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Absence, Session, Turn

STILL_NEXT = timedelta(hours=2)  # a session that began an hour ago is still the next one


@dataclass(frozen=True)
class _DueCheckIn:
    """A check-in that waits for this member, with the link that opens it."""

    check_in: CheckIn
    path: str


@dataclass(frozen=True)
class MyDay:
    session: Session | None
    turn: Turn | None
    away: bool
    drawing: TableDrawing | None
    turns: list[Turn]
    check_ins: list[_DueCheckIn]
    assessments: list[Assessment]
    fits: list[FitQuestion]
    requests: list[PartnerRequest]
    choosing: list[Enrolment]
    todo: TodoList
    partnerships: list[Partnership]
    waiting: list[Enrolment]
    open_cohorts: list[Cohort]


@dataclass(frozen=True)
class _CohortLine:
    cohort: Cohort
    people: int
    partnerships: int
    next_session: datetime | None


@dataclass(frozen=True)
class CoordinatorsDay:
    """What a coordinator finds at home, above their own day."""

    needs: list[Alert]
    cohorts: list[_CohortLine]


def my_day(member: Member, *, now: datetime) -> MyDay:
    """Return what is next for this member, in a fixed number of statements."""
    mine = Seat.objects.filter(enrolment__member=member, left_at=None)
    of_mine = Exists(mine.filter(partnership=OuterRef("partnership_id")))
    session = (
        Session.objects.visible_to(member)
        .filter(of_mine, state=Session.State.PLANNED, starts_at__gte=now - STILL_NEXT)
        .order_by("starts_at", "id")
        .select_related("organisation", "partnership__cohort__program")
        .first()
    )
    turns = list(
        Turn.objects.filter(
            seat__enrolment__member=member,
            session__state=Session.State.PLANNED,
            session__starts_at__gte=now - STILL_NEXT,
        )
        .select_related("role", "session__organisation")
        .order_by("session__starts_at")[:6]
    )
    choosing = list(choosing_enrolments(member))
    drawing, away = (None, False) if session is None else _next_table(session, member)
    return MyDay(
        session=session,
        turn=next((turn for turn in turns if session and turn.session_id == session.pk), None),
        away=away,
        drawing=drawing,
        turns=turns,
        check_ins=_due_check_ins(member, now),
        assessments=list(my_open_assessments(member, at=now)),
        fits=list(my_open_fit_questions(member, at=now)),
        requests=list(requests_waiting_for(member)),
        choosing=choosing,
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
            .exclude(pk__in=[enrolment.pk for enrolment in choosing])
            .for_list()
        ),
        open_cohorts=list(
            Cohort.objects.filter(phase=Cohort.Phase.ENROLLING)
            .exclude(Exists(Enrolment.objects.filter(cohort=OuterRef("pk"), member=member)))
            .for_list()
            .order_by("starts_on")
        ),
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


def _due_check_ins(member: Member, now: datetime) -> list[_DueCheckIn]:
    slug = member.organisation.slug
    return [
        _DueCheckIn(
            check_in,
            signed_path("check-in", SignedLink(slug, member.pk, check_in.pk), at=now),
        )
        for check_in in my_open_check_ins(member, at=now)
    ]


def coordinators_day(member: Member, *, now: datetime) -> CoordinatorsDay:
    """Return who needs this coordinator, and how each of their open cohorts stands."""
    cohorts = list(
        Cohort.objects.visible_to(member)
        .exclude(phase=Cohort.Phase.CLOSED)
        .for_list()
        .order_by("-starts_on", "id")[:6]
    )
    ids = [cohort.pk for cohort in cohorts]
    people = dict(
        Enrolment.objects.filter(cohort__in=ids)
        .filter(state__in=Enrolment.ACCEPTED_OR_LATER)
        .values_list("cohort")
        .annotate(n=Count("id"))
    )
    partnerships = dict(
        Partnership.objects.filter(cohort__in=ids)
        .filter(Q(state__in=Partnership.OPEN))
        .values_list("cohort")
        .annotate(n=Count("id"))
    )
    upcoming: dict[object, datetime] = {}
    for cohort_id, starts_at in (
        Session.objects.filter(partnership__cohort__in=ids)
        .upcoming(now)
        .values_list("partnership__cohort", "starts_at")[:500]
    ):
        upcoming.setdefault(cohort_id, starts_at)
    return CoordinatorsDay(
        needs=alerts(member, now=now),
        cohorts=[
            _CohortLine(
                cohort,
                people.get(cohort.pk, 0),
                partnerships.get(cohort.pk, 0),
                upcoming.get(cohort.pk),
            )
            for cohort in cohorts
        ],
    )
