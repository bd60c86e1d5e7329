"""What an invitation may promise, and what a leaving takes with it: counted over every room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.accounts.operations.invitations import MOST_AT_ONCE, Place, Quote
from core.accounts.queries import invitable, open_invitations_of
from core.members.models import ApiToken, Member
from core.members.permissions import grantable_roles
from feedback.testimonials.queries import said_to_the_invited
from pairing.models.partnerships import Seat
from programs.models.programs import Enrolment
from sessions.models.sessions import Session, Turn

States = Enrolment.State
IN_A_COHORT = (States.APPLIED, States.ACCEPTED, States.ACTIVE)
OUTSIDE = (States.WAITLISTED, States.DECLINED, States.WITHDRAWN)
LEFT_OUT: dict[str, Promise] = {
    "live": _("here already"),
    "left": _("left the organisation"),
    "declined_invitation": _("declined the invitation"),
    "above": _("to be invited by an owner"),
    States.WAITLISTED: _("on a waiting list"),
    States.DECLINED: _("not accepted into a cohort"),
    States.WITHDRAWN: _("withdrawn from a cohort"),
    "later": _("left for the next time: 500 at once"),
}


@dataclass(frozen=True)
class InvitationPlan:
    """Exactly who is invited and who is reminded; and of the others how many, and why not."""

    members: list[Member]
    reminded: int
    places: Mapping[UUID, Place]
    left_out: list[tuple[str, int]]

    @property
    def first(self) -> int:
        return len(self.members) - self.reminded

    @property
    def quotes(self) -> list[Quote]:
        """What people say of the programs, with their consent, in one of these e-mails or more."""
        return list(dict.fromkeys(row for place in self.places.values() for row in place.quotes))


def invitation_plan(rows: QuerySet[Member], *, by: Member) -> InvitationPlan:
    """Return what inviting these people would do.

    Never invited are those whose enrolments all wait, are declined or withdrawn: the e-mail
    would promise a place that they do not have.
    """
    people = list(rows.order_by("given_name", "family_name", "pk"))
    may = set(invitable(by).filter(pk__in=[p.pk for p in people]).values_list("pk", flat=True))
    enrolments = _enrolments_of(people)
    roles = grantable_roles(by)
    reasons = {
        person.pk: _left_out(person, may, roles, enrolments.get(person.pk, [])) for person in people
    }
    wanted = [person for person in people if not reasons[person.pk]]
    for person in wanted[MOST_AT_ONCE:]:
        reasons[person.pk] = "later"
    members = wanted[:MOST_AT_ONCE]
    counts = Counter(reason for reason in reasons.values() if reason)
    return InvitationPlan(
        members=members,
        reminded=len(open_invitations_of(members)),
        places=_places({m.pk: enrolments[m.pk][0] for m in members if m.pk in enrolments}),
        left_out=[(str(LEFT_OUT[reason]), counts[reason]) for reason in LEFT_OUT if counts[reason]],
    )


def _enrolments_of(people: list[Member]) -> dict[UUID, list[Enrolment]]:
    """Return the enrolments of people, those that hold a place first, the newest of them first."""
    rows = Enrolment.objects.filter(member__in=people).select_related("cohort__program")
    ordered = sorted(rows.order_by("-pk"), key=lambda row: row.state not in IN_A_COHORT)
    by_member: dict[UUID, list[Enrolment]] = {}
    for row in ordered:
        by_member.setdefault(row.member_id, []).append(row)
    return by_member


def _left_out(
    person: Member, may: set[UUID], grantable: list[str], enrolments: list[Enrolment]
) -> str:
    if person.state != Member.State.INVITED:
        return str(person.state)
    if person.pk not in may:
        return "above" if person.role not in grantable else "declined_invitation"
    state = enrolments[0].state if enrolments else ""
    return state if state in OUTSIDE else ""


def _places(enrolments: Mapping[UUID, Enrolment]) -> dict[UUID, Place]:
    """Return into what each of these is invited, with what people say of that program."""
    said = said_to_the_invited(row.cohort.program_id for row in enrolments.values())
    return {
        member: Place(
            program=row.cohort.program.name,
            part=Enrolment.Part(row.part).label,
            starts_on=row.cohort.starts_on,
            ends_on=row.cohort.ends_on,
            quotes=[
                Quote(" ".join(quote.text.split()), quote.signature)
                for quote in said.get(row.cohort.program_id, ())
            ],
        )
        for member, row in enrolments.items()
    }


@dataclass(frozen=True)
class Leaving:
    """How much ends, and how many hear of it, when somebody leaves."""

    enrolments: int
    partnerships: int
    partners: int
    sessions: int
    turns: int
    tokens: int


def what_leaves(member: Member, *, at: datetime) -> Leaving:
    """Return what goes with a person, over all programs."""
    seats = list(Seat.objects.open().filter(enrolment__member=member))
    partnerships = [seat.partnership_id for seat in seats]
    partners = Seat.objects.open().filter(partnership__in=partnerships)
    coming = Session.objects.filter(
        partnership__in=partnerships, state=Session.State.PLANNED, starts_at__gt=at
    )
    waiting = (*IN_A_COHORT, States.WAITLISTED)
    return Leaving(
        enrolments=Enrolment.objects.filter(member=member, state__in=waiting).count(),
        partnerships=len(set(partnerships)),
        partners=partners.exclude(enrolment__member=member)
        .values("enrolment__member")
        .distinct()
        .count(),
        sessions=coming.count(),
        turns=Turn.objects.filter(session__in=coming, seat__in=seats).count(),
        tokens=ApiToken.objects.filter(member=member, revoked_at=None).count(),
    )
