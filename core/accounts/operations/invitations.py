"""Invitations: sent, sent again, taken back, accepted once."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from core.accounts.errors import (
    AlreadyInvited,
    AlreadyLive,
    NotInvited,
    NotToBeFound,
    RoleAboveYours,
)
from core.accounts.operations.keys import issue_key, revoke_keys
from core.accounts.operations.people import add_member, make_live
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.keys import derived_secret
from core.members.models import Invitation, Key, Member
from core.members.permissions import grantable_roles
from core.notifications import operations as notifications_operations
from core.notifications.operations import Link

INVITATION_LIFE = timedelta(days=7)
OPEN = Q(accepted_at=None, withdrawn_at=None)
MOST_AT_ONCE = 500


@transaction.atomic
def invite(
    *,
    email: str,
    given_name: str,
    family_name: str = "",
    role: str = Member.Role.PARTICIPANT,
    by: Member,
) -> Member:
    """Enter a person and send them an invitation.

    Raises AlreadyHere if they are in the organisation, RoleAboveYours for a role above `by`'s.
    """
    member = add_member(
        email=email, given_name=given_name, family_name=family_name, role=role, by=by
    )
    send_invitation(member=member, by=by)
    return member


@transaction.atomic
def send_invitation(*, member: Member, by: Member) -> Invitation:
    """Send an e-mail whose link opens the organisation for seven days; an older link stops.

    Somebody who has left may be invited back.  Raises AlreadyLive, RoleAboveYours, and
    AlreadyInvited if somebody else has invited them at this very moment.
    """
    if member.role not in grantable_roles(by):
        raise RoleAboveYours
    Member.objects.filter(pk=member.pk, state=Member.State.LEFT).update(
        state=Member.State.INVITED, left_at=None, live_at=None
    )
    member.refresh_from_db()
    if member.is_live:
        raise AlreadyLive
    _close_open_invitations(member)
    with refusing("invitation_one_open_per_member", AlreadyInvited()):
        invitation = Invitation.objects.create(member=member, invited_by=by)
    issue_key(
        kind=Key.Kind.INVITATION,
        object_id=invitation.pk,
        secret=derived_secret(Key.Kind.INVITATION, invitation.pk),
        expires_at=clock.now() + INVITATION_LIFE,
    )
    notifications_operations.enqueue(
        member=member,
        kind="accounts.invitation",
        dedupe_key=f"invitation:{invitation.pk}",
        link=Link(key="invitation", object_id=invitation.pk),
        context={"inviter": by.full_name, "days": INVITATION_LIFE.days},
        about=invitation.pk,
    )
    record(by=by, verb="invitation.sent", target=member, role=member.role)
    return invitation


def invite_waiting(*, by: Member) -> int:
    """Invite everybody who was entered but never had an invitation; return how many.

    At most 500 at once; people whose role is above `by`'s are left to somebody who may.
    """
    had_one = Invitation.objects.filter(member=OuterRef("pk"))
    waiting = Member.objects.filter(
        ~Exists(had_one), state=Member.State.INVITED, role__in=grantable_roles(by)
    ).order_by("pk")
    people = list(waiting[:MOST_AT_ONCE])
    for member in people:
        send_invitation(member=member, by=by)
    return len(people)


@transaction.atomic
def withdraw_invitation(*, member: Member, by: Member) -> None:
    """Take an open invitation back: its link stops, its e-mail is not sent if it still waits.

    Raises NotInvited if there is none.
    """
    if member.role not in grantable_roles(by):
        raise RoleAboveYours
    if not _close_open_invitations(member):
        raise NotInvited
    record(by=by, verb="invitation.withdrawn", target=member)


def _close_open_invitations(member: Member) -> int:
    closed = list(Invitation.objects.filter(OPEN, member=member).values_list("pk", flat=True))
    for invitation_id in closed:
        revoke_keys(kind=Key.Kind.INVITATION, object_id=invitation_id)
        notifications_operations.withdraw(about=invitation_id)
    return Invitation.objects.filter(OPEN, pk__in=closed).update(withdrawn_at=clock.now())


@transaction.atomic
def accept_invitation(*, key: Key, invitation: Invitation, password: str | None = None) -> Member:
    """Let the invited person in, once; return their Member, live.

    Whoever holds the key can read that mailbox.  Where the sign-in was never verified it is so
    now, and its password becomes the one given here or none: somebody else may have set it.
    Raises NotToBeFound if the key has been used, revoked or has run out meanwhile.
    """
    now = clock.now()
    open_now = Q(expires_at=None) | Q(expires_at__gt=now)
    used = Key.objects.filter(open_now, pk=key.pk, used_at=None, revoked_at=None).update(
        used_at=now
    )
    accepted = used and Invitation.objects.filter(OPEN, pk=invitation.pk).update(accepted_at=now)
    if not accepted:
        raise NotToBeFound
    member = Member.objects.select_related("organisation", "user").get(pk=invitation.member_id)
    if member.state != Member.State.INVITED:
        raise NotToBeFound
    if not has_verified_address(member):
        member.user.set_password(password)
        member.user.save(update_fields=["password"])
        EmailAddress.objects.filter(user=member.user).delete()
        EmailAddress.objects.create(
            user=member.user, email=member.user.email, verified=True, primary=True
        )
    record(by=member, verb="invitation.accepted", target=member)
    return make_live(member=member)


def has_verified_address(member: Member) -> bool:
    """Say whether the person behind this Member has signed in somewhere before."""
    return bool(EmailAddress.objects.filter(user_id=member.user_id, verified=True).exists())
