"""Whom somebody may thank, and what stands on a certificate, from the facts as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.utils.translation import ngettext

from core.members.keys import derived_secret
from core.members.links import absolute
from core.members.models import Key, Member
from core.tenancy.days import day_of
from feedback.models.recognition import (
    Certificate,
    Milestone,
    MilestoneQuerySet,
    Thanks,
    ThanksQuerySet,
)
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import Competency, MeetingRole
from programs.models.programs import Cohort, Enrolment, Program
from sessions.models.sessions import Attendance, Session, Turn

AT_MOST = 10  # of a cohort's celebrations on its community's page
FEW = 3  # fewer pairs than these are not counted out
FOR_THE_COHORT = (
    Milestone.Kind.CONTACT_KEPT,
    Milestone.Kind.EVERYBODY_LED,
    Milestone.Kind.CLOSING_DONE,
)
TO_THE_END = Q(left_at=None) | Q(left_at__gte=F("partnership__ended_at"))


def people_at(partnership: Partnership) -> list[Member]:
    """Return who sits in a partnership, or did at its end, in the order of their seats."""
    seats = Seat.objects.filter(TO_THE_END, partnership=partnership)
    people = {seat.enrolment.member for seat in seats.select_related("enrolment__member")}
    return sorted(people, key=lambda member: member.pk)


def to_thank(partnership: Partnership, by: Member) -> list[Member]:
    """Return the partners whom this person may thank there: none, if they are no partner."""
    people = people_at(partnership)
    if by not in people:
        return []
    here = [member for member in people if member.state != Member.State.LEFT]
    return [member for member in here if member != by]


def thanks_read_by(member: Member) -> ThanksQuerySet:
    """Return what this person may read of thanks, the newest first."""
    return Thanks.objects.visible_to(member).for_list().order_by("-id")


def milestones_of(partnership: Partnership, member: Member) -> MilestoneQuerySet:
    """Return what there is to celebrate there, as far as this person sees it, the newest first."""
    rows = Milestone.objects.visible_to(member).filter(partnership=partnership)
    return rows.for_list().order_by("-reached_at", "-id")


def milestones_in(cohort: Cohort, member: Member) -> MilestoneQuerySet:
    """Return what the tables of a cohort have reached, as far as this person sees it."""
    return Milestone.objects.visible_to(member).filter(partnership__cohort=cohort).for_list()


@dataclass(frozen=True)
class Celebration:
    """Something a cohort celebrates: what, and where; of pairs how many, and no name."""

    words: str
    where: str
    at: datetime | None


def celebrated_in(cohort: Cohort) -> list[Celebration]:
    """Return what a whole cohort may celebrate: what tables have reached together.

    A circle is named.  A pair is called by its people's names, so that pairs are only counted,
    and never one or two; what one person reached is for their own table.
    """
    rows = Milestone.objects.filter(
        partnership__cohort=cohort, seat=None, kind__in=FOR_THE_COHORT
    ).exclude(partnership__state=Partnership.State.WITHDRAWN)
    if cohort.program.format == Program.Format.CIRCLES:
        newest = rows.for_list().order_by("-reached_at", "-id")[:AT_MOST]
        return [Celebration(row.words, row.partnership.name, row.reached_at) for row in newest]
    counts = rows.order_by("kind").values("kind").annotate(n=Count("pk")).filter(n__gte=FEW)
    return [
        Celebration(
            str(Milestone.Kind(row["kind"]).label),
            ngettext("%(n)d partnership", "%(n)d partnerships", row["n"]) % {"n": row["n"]},
            None,
        )
        for row in counts
    ]


def own_milestones(member: Member) -> MilestoneQuerySet:
    """Return this person's own milestones, and those of the tables at which they sat then."""
    sat = Seat.objects.filter(
        Q(left_at=None) | Q(left_at__gte=OuterRef("reached_at")),
        partnership=OuterRef("partnership"),
        enrolment__member=member,
        taken_at__lte=OuterRef("reached_at"),
    )
    mine = Q(seat__enrolment__member=member) | Q(Exists(sat), seat=None)
    rows = Milestone.objects.visible_to(member).filter(mine)
    return rows.for_list().order_by("-reached_at", "-id")


@dataclass(frozen=True)
class Table:
    """Where somebody worked to the end: its name if it is a circle's, else nobody's name."""

    name: str
    people: int


@dataclass(frozen=True)
class RoleHeld:
    name: str
    times: int


@dataclass(frozen=True)
class Facts:
    begins: date
    ends: date
    sessions: int
    minutes: int
    roles: tuple[RoleHeld, ...]
    tables: tuple[Table, ...]
    competencies: tuple[str, ...]  # what these roles practise, if it is to stand there

    @property
    def met(self) -> str:
        """Return how often and how long, in words."""
        hours = round(self.minutes / 60, 1)
        sessions = ngettext("%(n)d session", "%(n)d sessions", self.sessions) % {"n": self.sessions}
        # a part of an hour is said like several
        long = ngettext("%(n)s hour", "%(n)s hours", 1 if hours == 1 else 2) % {"n": f"{hours:g}"}
        return f"{sessions}, {long}"


def facts_of(certificate: Certificate) -> Facts:
    enrolment = certificate.enrolment
    present = Attendance.objects.filter(
        seat__enrolment=enrolment, kind=Attendance.Kind.PRESENT, session__state=Session.State.HELD
    )
    met = Session.objects.filter(Exists(present.filter(session=OuterRef("pk")))).order_by()
    counted = met.aggregate(sessions=Count("pk"), minutes=Sum("duration_minutes"))
    turns = Turn.objects.filter(
        Exists(present.filter(session=OuterRef("session"), seat=OuterRef("seat")))
    )
    held = turns.order_by().values("role").annotate(times=Count("pk"))
    times = dict(held.values_list("role", "times"))
    roles = MeetingRole.objects.filter(pk__in=times).order_by("-leads", "priority", "id")
    practised = Competency.objects.filter(pk__in=roles.order_by().values("competency"))
    return Facts(
        begins=day_of(enrolment.started_at or certificate.issued_at),
        ends=day_of(enrolment.ended_at or certificate.issued_at),
        sessions=counted["sessions"],
        minutes=counted["minutes"] or 0,
        roles=tuple(RoleHeld(role.name, times[role.pk]) for role in roles),
        tables=_tables(enrolment),
        competencies=tuple(str(row) for row in practised) if certificate.shows_competencies else (),
    )


def _tables(enrolment: Enrolment) -> tuple[Table, ...]:
    seats = Seat.objects.filter(TO_THE_END, partnership__state=Partnership.State.COMPLETED)
    mine = seats.filter(enrolment=enrolment)
    rows = (
        seats.filter(partnership__in=mine.values("partnership"))
        .order_by("partnership__starts_on", "partnership_id")
        .values("partnership_id", "partnership__name")
        .annotate(people=Count("enrolment", distinct=True))
    )
    # a pair is called by its people's names, and they have not been asked
    circles = enrolment.cohort.program.format == Program.Format.CIRCLES
    return tuple(Table(row["partnership__name"] if circles else "", row["people"]) for row in rows)


def address_of(certificate: Certificate) -> str:
    """Return where anybody who is given it sees whether the certificate is valid."""
    kind = Key.Kind.CERTIFICATE
    return absolute(f"/certificates/{derived_secret(kind, certificate.pk)}/")


def certificate_of(key: Key) -> Certificate | None:
    """Return what a certificate's key opens; nothing of somebody who is erased."""
    rows = Certificate.objects.for_list().filter(enrolment__member__erased_at=None)
    return rows.filter(pk=key.object_id).first()
