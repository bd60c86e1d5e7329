"""Invitations: sent, sent again, taken back, accepted or declined once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.functional import Promise

from core.accounts.errors import (
    AlreadyHere,
    AlreadyInvited,
    AlreadyLive,
    NoMailbox,
    NotInvited,
    NotToBeFound,
    RoleAboveYours,
)
from core.accounts.operations.addresses import (
    close_invitations,
    give_proved_user,
    give_sign_in,
    release_address,
)
from core.accounts.operations.keys import issue_key
from core.accounts.operations.people import add_member, make_live
from core.accounts.queries import invitable, who_left
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.keys import derived_secret
from core.members.languages import in_language_of
from core.members.limits import spend_of_organisation
from core.members.models import Invitation, Key, Member, User
from core.members.permissions import grantable_roles, runs_all_programs
from core.notifications import operations as notifications_operations
from core.notifications.operations import Link
from core.notifications.render import written
from core.tenancy.queries import settings_in_force

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Quote:
    """What somebody let us say to those who are invited, and under which name."""

    words: str
    by: str | Promise  # in the language of who reads it


@dataclass(frozen=True)
class Place:
    """Into what somebody is invited, in plain words: the caller knows of programs, we do not.

    `quotes` stand in this e-mail alone: for a later reminder consent may be revoked.
    """

    program: str = ""
    part: str | Promise = ""  # in the language of who is invited
    starts_on: date | None = None
    ends_on: date | None = None
    quotes: Sequence[Quote] = ()

    def as_json(self) -> dict[str, str]:
        days = [day for day in (self.starts_on, self.ends_on) if day]
        dates = " – ".join(date_format(day, "j F Y") for day in days)
        values = {"program": self.program, "part": str(self.part), "dates": dates}
        return {name: value for name, value in values.items() if value}


@transaction.atomic
def invite(
    *,
    email: str,
    given_name: str,
    family_name: str = "",
    role: str = Member.Role.PARTICIPANT,
    same: bool | None = None,
    by: Member,
) -> Member:
    """Enter a person and send them an invitation.

    Where somebody who has left had that e-mail, `same` says whether they are back; if it is
    another person, the address is released.  Raises AlreadyHere if they are in the organisation,
    HasLeft if they were and `same` is not said, RoleAboveYours for a role above `by`'s.
    """
    left = who_left(by, email)
    if left and same:
        send_invitation(member=left, by=by)
        return left
    if left and same is False:
        release_address(member=left, by=by)
    member = add_member(
        email=email, given_name=given_name, family_name=family_name, role=role, by=by
    )
    send_invitation(member=member, by=by)
    return member


@transaction.atomic
def send_invitation(*, member: Member, by: Member | None, place: Place | None = None) -> Invitation:
    """Send an e-mail whose link opens the organisation for seven days; an older link stops.

    Sent again it is a reminder, into the same place unless another is given.  Somebody who has
    left may be invited back: they prove the mailbox anew, and what was theirs stays closed.
    Raises AlreadyLive (so is a row that was merged into another), RoleAboveYours, NoMailbox for
    whose address is released, TooManyInvitations, and AlreadyInvited if somebody else has invited
    them at this very moment.
    """
    if by is not None and member.role not in grantable_roles(by):
        raise RoleAboveYours
    if member.merged_into_id:
        raise AlreadyLive
    if not member.has_mailbox:
        raise NoMailbox
    spend_of_organisation("invitations", 1)
    return _send(member=member, by=by, place=place)


def _send(*, member: Member, by: Member | None, place: Place | None) -> Invitation:
    back = Member.objects.filter(pk=member.pk, state=Member.State.LEFT)
    if by is not None and not runs_all_programs(by):
        back.update(runs_all=False)  # nobody brings back more than they have
    back.update(state=Member.State.INVITED, live_at=None, successor=None)
    member.refresh_from_db()
    if member.is_live:
        raise AlreadyLive
    before = Invitation.objects.open().filter(member=member).first()
    close_invitations(member)
    now = clock.now()
    again = before is not None and before.declined_at is None
    kept = before.place if before else {}
    with in_language_of(member):
        into = place.as_json() if place else kept
    with refusing("invitation_one_open_per_member", AlreadyInvited()):
        invitation = Invitation.objects.create(
            member=member,
            invited_by=by,
            created_at=now,
            first_sent_at=before.first_sent_at if before and again else now,
            place=into,
        )
    issue_key(
        kind=Key.Kind.INVITATION,
        object_id=invitation.pk,
        secret=derived_secret(Key.Kind.INVITATION, invitation.pk),
        expires_at=invitation.expires_at,
    )
    notifications_operations.enqueue(
        member=member,
        kind="accounts.invitation",
        dedupe_key=f"invitation:{invitation.pk}",
        link=Link(key="invitation", object_id=invitation.pk),
        context={
            "inviter": by.full_name if by else "",
            "address": by.email if by else "",
            "again": again,
            "place": invitation.place,
            "quotes": [asdict(quote) for quote in place.quotes] if place else [],
            "until": written(invitation.expires_at, member, settings_in_force().zone),
        },
        about=invitation.pk,
    )
    record(by=by, verb="invitation.sent", target=member, role=member.role)
    return invitation


@transaction.atomic
def send_invitations(
    *, members: Iterable[Member], by: Member, places: Mapping[UUID, Place] | None = None
) -> int:
    """Invite exactly these people, or remind them; return how many e-mails go out.

    Whoever is live, has left, has declined, or holds a role above `by`'s is passed over: a list
    may be older than what has happened since.  At most 500 at once; raises TooManyInvitations,
    and sends none, if the organisation's day does not allow them all.
    """
    wanted = [member.pk for member in members][:MOST_AT_ONCE]
    people = invitable(by).filter(pk__in=wanted).select_related("organisation").order_by("pk")
    chosen = list(people)
    if chosen:
        spend_of_organisation("invitations", len(chosen))
    for member in chosen:
        _send(member=member, by=by, place=(places or {}).get(member.pk))
    return len(chosen)


@transaction.atomic
def withdraw_invitation(*, member: Member, by: Member) -> None:
    """Take an open invitation back: its link stops, its e-mail is not sent if it still waits.

    Raises NotInvited if there is none.
    """
    if member.role not in grantable_roles(by):
        raise RoleAboveYours
    if not close_invitations(member):
        raise NotInvited
    record(by=by, verb="invitation.withdrawn", target=member)


@transaction.atomic
def accept_invitation(
    *,
    key: Key,
    invitation: Invitation,
    password: str | None = None,
    time_zone: str = "",
    languages: Iterable[str] = (),
    user: User | None = None,
    signed_in: User | None = None,
) -> Member:
    """Let the invited person in, once; return their Member, live.

    It is another one where a sign-in that is not the row's comes back to it (`give_sign_in`).
    `user` is the sign-in of who has signed in at the organisation's own provider; nothing is
    proved then that holds elsewhere.  `signed_in` is whoever's browser accepts it.

    Whoever holds the key can read the mailbox it was sent to: that one is proved, and no other.
    Raises NotToBeFound if the key has been used, revoked or has run out meanwhile.
    """
    _use_up(key)
    member = _locked_member(invitation)
    if (
        not Invitation.objects.open()
        .filter(pk=invitation.pk, declined_at=None)
        .update(accepted_at=clock.now())
    ):
        raise NotToBeFound
    try:
        if user is None:
            member = give_proved_user(member, password=password, signed_in=signed_in)
        else:
            member = give_sign_in(member, user)
    except AlreadyHere:
        # their sign-in is another Member here: a coordinator has to say who is who
        raise NotToBeFound from None
    Invitation.objects.filter(pk=invitation.pk).update(member=member)
    record(by=member, verb="invitation.accepted", target=member)
    own = {"time_zone": time_zone, "languages": list(languages)}
    Member.objects.filter(pk=member.pk).update(**{key: own[key] for key in own if own[key]})
    return make_live(member=member)


@transaction.atomic
def decline_invitation(*, key: Key, invitation: Invitation) -> None:
    """Say no: the link stops, no reminder is sent, and the list of people shows it.

    Raises NotToBeFound if the key has been used, revoked or has run out meanwhile.
    """
    _use_up(key)
    member = _locked_member(invitation)
    if (
        not Invitation.objects.open()
        .filter(pk=invitation.pk, declined_at=None)
        .update(declined_at=clock.now())
    ):
        raise NotToBeFound
    record(by=member, verb="invitation.declined", target=member)


def _use_up(key: Key) -> None:
    now = clock.now()
    open_now = Q(expires_at=None) | Q(expires_at__gt=now)
    if not Key.objects.filter(open_now, pk=key.pk, used_at=None, revoked_at=None).update(
        used_at=now
    ):
        raise NotToBeFound


def _locked_member(invitation: Invitation) -> Member:
    """Return who is invited, locked: their e-mail stays what it is until this has ended."""
    locked = Member.objects.select_related("organisation", "user").select_for_update(of=("self",))
    member = locked.get(pk=invitation.member_id)
    if member.state != Member.State.INVITED:
        raise NotToBeFound
    return member
