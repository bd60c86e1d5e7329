"""Who may not lead yet: a program can require lessons before somebody's first lead."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from pairing.models.partnerships import Seat, SeatQuerySet
from programs.errors import NotTrainedToLead
from programs.models.parts import MeetingRole
from programs.models.training import LessonProgress, PathStep
from programs.training.queries import lacking, missing_titles
from sessions.models.sessions import Attendance, Session, SessionQuerySet, Turn

LEAD = PathStep.When.LEAD


def not_yet_to_lead(seats: SeatQuerySet) -> SeatQuerySet:
    """Return the seats whose people have never led and have a lesson to do before they do."""
    present = Attendance.objects.filter(
        session=OuterRef("session"), seat=OuterRef("seat"), kind=Attendance.Kind.PRESENT
    )
    led = Turn.objects.filter(
        Exists(present),
        role__leads=True,
        session__state=Session.State.HELD,
        seat__enrolment__member=OuterRef("enrolment__member"),
    )
    return seats.filter(_lacking(), ~Exists(led))


def _lacking() -> Exists:
    return lacking(
        LEAD,
        member="enrolment__member",
        program="enrolment__cohort__program",
        part="enrolment__part",
    )


def require_trained(role: MeetingRole, seat: Seat) -> None:
    """Raise NotTrainedToLead, which names the lessons, if this seat may not take the role yet."""
    if role.leads and not_yet_to_lead(Seat.objects.filter(pk=seat.pk)).exists():
        enrolment = seat.enrolment
        raise NotTrainedToLead(enrolment.member.full_name, missing_titles(enrolment, LEAD))


def has_gates() -> bool:
    """Say whether any program requires a lesson before a first lead, or did."""
    return PathStep.objects.filter(when=LEAD, required=True).exists()


def led_too_soon(coming: SessionQuerySet) -> QuerySet[Turn]:
    """Return the turns to come in which somebody would lead who may not yet; none by choice."""
    turns = Turn.objects.filter(session__in=coming, role__leads=True, locked=False)
    return turns.filter(seat__in=not_yet_to_lead(Seat.objects.open()))


def may_lead_since(coming: SessionQuerySet) -> SeatQuerySet:
    """Return the open seats without a lead to come whose people have become ready to lead.

    A session to come has not been changed since they did the lesson, or it was taken off the path.
    """
    of_program = PathStep.objects.filter(
        key=OuterRef("key"),
        program=OuterRef(OuterRef("enrolment__cohort__program")),
        when=LEAD,
        required=True,
    )
    since = coming.filter(
        partnership=OuterRef(OuterRef("partnership")),
        changed_at__lt=Coalesce(OuterRef("done_at"), OuterRef("let_off_at")),
    )
    did = LessonProgress.objects.filter(
        Exists(of_program), Exists(since), member=OuterRef("enrolment__member")
    )
    before = coming.filter(
        partnership=OuterRef(OuterRef("partnership")), changed_at__lt=OuterRef("removed_at")
    )
    removed = PathStep.objects.filter(
        Exists(before), program=OuterRef("enrolment__cohort__program"), when=LEAD, required=True
    )
    leads = Turn.objects.filter(session__in=coming, role__leads=True, seat=OuterRef("pk"))
    seats = Seat.objects.open().filter(Q(Exists(did)) | Q(Exists(removed)), ~Exists(leads))
    return seats.exclude(_lacking())
