"""Work e-mails and the sign-ins behind them: who is whose, and which mailbox has been proved.

The one place that gives a Member a User, or calls an address verified.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Lower

from core.accounts.errors import AlreadyHere, NotLeft, NotToBeFound, RoleAboveYours
from core.accounts.operations.keys import issue_key, revoke_keys
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing, refusing_any
from core.members.keys import derived_secret
from core.members.models import (
    NOWHERE,
    AddressChange,
    DirectoryEntry,
    DirectoryGroupMember,
    Invitation,
    Key,
    Member,
    User,
)
from core.members.permissions import is_below
from core.notifications import operations as notifications_operations
from core.notifications.operations import Link


def users_by_address(addresses: Collection[str]) -> dict[str, User]:
    """Return the user of each folded address that has one; verified second addresses count."""
    second = EmailAddress.objects.filter(verified=True, email__in=addresses)
    users = {owned.email.casefold(): owned.user for owned in second.select_related("user")}
    folded = User.objects.annotate(folded=Lower("email")).filter(folded__in=addresses)
    # who has proved a mailbox comes before who only wrote it down
    return {user.email.casefold(): user for user in folded} | users


def users_of(addresses: Collection[str]) -> dict[str, User]:
    """Return the user of each folded address, made without a password where there is none."""
    users = users_by_address(addresses)
    new = [
        User(email=address, password=make_password(None))
        for address in addresses
        if address not in users
    ]
    # somebody else may make the same user at this moment: theirs is as good
    User.objects.bulk_create(new, ignore_conflicts=True)
    return users_by_address(addresses) if new else users


def find_or_create_user(email: str) -> User:
    """Return the user of an e-mail, made without a password if there is none.

    A second address that somebody has verified is theirs as well as their sign-in e-mail.
    """
    address = email.strip().casefold()
    return users_of([address])[address]


def has_signed_in(user: User) -> bool:
    """Say whether the person behind a sign-in has proved a mailbox of theirs before."""
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


def sign_in_of(member: Member, *, signed_in: User | None = None) -> User | None:
    """Return the sign-in that an invited person has to use; None if they have none yet.

    The Member's own if its owner has proved it, else whoever has proved the invited mailbox.  Who
    has been here before and is asked back by a mailbox that their sign-in has not proved may have
    `signed_in` as before; the mailbox alone does not say that it is them.
    """
    before = member.may_have_joined and not _has_proved(member.user, member.email)
    if has_signed_in(member.user) and (not before or signed_in == member.user):
        return member.user
    user = users_by_address([member.email.casefold()]).get(member.email.casefold())
    return user if user and has_signed_in(user) else None


def _has_proved(user: User, address: str) -> bool:
    proved = EmailAddress.objects.filter(user=user, verified=True, email__iexact=address)
    return bool(proved.exists())


def give_proved_user(
    member: Member, *, password: str | None, signed_in: User | None = None
) -> Member:
    """Let an invited person in by the sign-in of the mailbox that was just proved, and no other.

    Where nobody has proved that mailbox before, it becomes verified, and its password the one
    given here or none: somebody else may have set it.  Raises AlreadyHere if that sign-in is
    another Member's of this organisation.
    """
    user = sign_in_of(member, signed_in=signed_in) or find_or_create_user(member.email)
    member = give_sign_in(member, user)
    if prove(user, member.email) and password:
        user.set_password(password)
        user.save(update_fields=["password"])
    return member


def give_sign_in(member: Member, user: User) -> Member:
    """Let an invited person be whoever has this sign-in; every way in comes through here.

    Returns their Member.  A row that has been joined goes on only for the sign-in that it
    belonged to: whoever keeps the rows chooses where its invitation goes, and would else read
    what was written in confidence.  By another sign-in it is somebody new, a Member of their own.
    Raises AlreadyHere if that sign-in is another Member's of this organisation.
    """
    if user.pk == member.user_id:
        return member
    if member.may_have_joined:
        return _come_back_as_new(member, user)
    with refusing("member_user_once", AlreadyHere()):
        Member.objects.filter(pk=member.pk).update(user=user)
    member.user = user
    return member


def _come_back_as_new(member: Member, user: User) -> Member:
    """Enter who was invited back as somebody new: what is theirs is what the organisation knows.

    E-mail, employee id, invitation and the directory's entry are of the new one; history and
    sign-in stay with the old, who has left.
    """
    Member.objects.filter(pk=member.pk).update(
        email=_nowhere(member), employee_id="", state=Member.State.LEFT
    )
    columns = ("email", "given_name", "family_name", "role", "runs_all", *Member.WORK_FACTS)
    with refusing("member_user_once", AlreadyHere()):
        new = Member.objects.create(user=user, **{name: getattr(member, name) for name in columns})
    Member.objects.filter(pk=member.pk).update(came_back_as=new)
    Invitation.objects.open().filter(member=member).update(member=new)
    for rows in (DirectoryEntry.objects, DirectoryGroupMember.objects):
        rows.filter(member=member).update(member=new)
    record(by=None, verb="member.came_back_as_new", target=new, before=str(member.pk))
    return new


def _nowhere(member: Member) -> str:
    return f"{member.pk.hex}@{NOWHERE}"


@transaction.atomic
def prove_mailbox(*, email: str) -> tuple[User, bool]:
    """Return the sign-in of a mailbox that was just proved, and whether that is its first proof."""
    user = find_or_create_user(email)
    return user, prove(user, email)


@transaction.atomic
def prove(user: User, address: str) -> bool:
    """Call the mailbox of a sign-in proved; at its first proof nothing set before it stays.

    The one rule of all doors: a code, a link, an invitation.  Returns whether it was the first.
    """
    first = discard_unproved(user)
    if first:
        verify(user, address)
    return first


def discard_unproved(user: User) -> bool:
    """Take away what somebody else may have set before this sign-in's first proof.

    Its password, second steps and e-mails go; its web sessions hang on the password, so they end.
    Returns False, having done nothing, where a mailbox was proved before.
    """
    if has_signed_in(user):
        return False
    user.set_unusable_password()
    user.save(update_fields=["password"])
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    UserSession.objects.filter(user=user).delete()
    return True


@transaction.atomic
def end_sessions(user: User) -> None:
    """Sign somebody out everywhere."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def verify(user: User, address: str) -> None:
    """Call a mailbox proved, if it is the very one that this user signs in with."""
    if user.email.casefold() == address.casefold():
        EmailAddress.objects.get_or_create(
            user=user, email=user.email, defaults={"verified": True, "primary": True}
        )


def change_addresses(*, addresses: Mapping[Member, str], by: Member | None) -> list[Member]:
    """Give people other work e-mails; return those who have theirs now.

    Who is not live gets it at once: an open invitation closes, and they are to be invited again.
    Who has never joined gets the sign-in of the new mailbox with it; of who has, the sign-in stays
    (`give_sign_in`).  Who is live gets it when its mailbox confirms it.
    Raises AlreadyHere if an address or its sign-in is another Member's, and RoleAboveYours unless
    it is `by`'s own or that of somebody below: whoever names the mailbox of a person may be them.
    """
    folded = {member: email.strip().casefold() for member, email in addresses.items()}
    wanted = {member: email for member, email in folded.items() if member.email != email}
    if by and not all(member.pk == by.pk or is_below(member, by) for member in wanted):
        raise RoleAboveYours
    at_once = {member: email for member, email in wanted.items() if not member.is_live}
    users = users_of(list(at_once.values()))
    for member, email in at_once.items():
        close_invitations(member)
        member.email = email
        if not member.may_have_joined:
            member.user = users[email]
        elif Member.objects.filter(user=users[email]).exclude(pk=member.pk).exists():
            raise AlreadyHere
    taken = {"member_email_once": AlreadyHere(), "member_user_once": AlreadyHere()}
    with refusing_any(taken):
        Member.objects.bulk_update(list(at_once), ["email", "user"], batch_size=500)
    for member, email in wanted.items():
        if member.is_live:
            _ask_for_confirmation(member=member, email=email, by=by)
    return list(at_once)


def _ask_for_confirmation(*, member: Member, email: str, by: Member | None) -> AddressChange:
    """Ask a new mailbox whether it is this person's; until it says so the old one stands.

    Raises AlreadyHere if the address is another Member's.
    """
    if Member.objects.filter(email__iexact=email).exclude(pk=member.pk).exists():
        raise AlreadyHere
    open_change = AddressChange.objects.open().filter(member=member).first()
    if open_change and open_change.email == email and not _has_run_out(open_change):
        return open_change  # asked already: a file that is read again asks nobody twice
    close_changes(member)
    change = AddressChange.objects.create(member=member, email=email)
    issue_key(
        kind=Key.Kind.ADDRESS,
        object_id=change.pk,
        secret=derived_secret(Key.Kind.ADDRESS, change.pk),
        expires_at=clock.now() + Invitation.LIFE,
    )
    notifications_operations.enqueue(
        member=member,
        kind="accounts.new_address",
        dedupe_key=f"new_address:{change.pk}",
        link=Link(key="address", object_id=change.pk),
        context={"before": member.email, "days": Invitation.LIFE.days},
        about=change.pk,
        address=email,
    )
    record(by=by, verb="address.asked", target=member)
    return change


def _has_run_out(change: AddressChange) -> bool:
    return change.created_at + Invitation.LIFE <= clock.now()


@transaction.atomic
def withdraw_address_change(*, member: Member, by: Member) -> None:
    """Leave a person's work e-mail as it is: the link in the new mailbox stops.

    Raises RoleAboveYours unless it is `by`'s own or that of somebody below.
    """
    if member.pk != by.pk and not is_below(member, by):
        raise RoleAboveYours
    if close_changes(member):
        record(by=by, verb="address.kept", target=member)


@transaction.atomic
def confirm_address(*, key: Key, change: AddressChange) -> Member:
    """Let a new mailbox be a live person's; the one before is told.

    The sign-in is the person's own and stays.  Raises NotToBeFound if the link has been used or
    closed meanwhile, AlreadyHere if the address has become another Member's.
    """
    now = clock.now()
    used = Key.objects.filter(pk=key.pk, used_at=None, revoked_at=None, expires_at__gt=now).update(
        used_at=now
    )
    confirmed = used and AddressChange.objects.open().filter(pk=change.pk).update(confirmed_at=now)
    member = Member.objects.select_for_update(of=("self",)).get(pk=change.member_id)
    if not confirmed or not member.is_live:
        raise NotToBeFound
    before = member.email
    with refusing("member_email_once", AlreadyHere()):
        Member.objects.filter(pk=member.pk).update(email=change.email)
    member.refresh_from_db()
    record(by=member, verb="address.confirmed", target=member)
    notifications_operations.enqueue(
        member=member,
        kind="accounts.address_changed",
        dedupe_key=f"address_changed:{change.pk}",
        link=Link(page="me/"),
        context={"before": before, "after": change.email},
        about=change.pk,
        address=before,
    )
    return member


@transaction.atomic
def release_address(*, member: Member, by: Member | None) -> Member:
    """Free the work e-mail and the sign-in of somebody who has left: another person has it now.

    Raises NotLeft for anybody who is still here.
    """
    if member.state != Member.State.LEFT:
        raise NotLeft
    address = _nowhere(member)
    user = find_or_create_user(address)
    Member.objects.filter(pk=member.pk).update(email=address, user=user)
    record(by=by, verb="address.released", target=member)
    member.refresh_from_db()
    return member


def close_invitations(member: Member) -> int:
    """Close every open invitation of a person: link and unsent e-mail stop; return how many."""
    closed = list(Invitation.objects.open().filter(member=member).values_list("pk", flat=True))
    for invitation_id in closed:
        revoke_keys(kind=Key.Kind.INVITATION, object_id=invitation_id)
        notifications_operations.withdraw(about=invitation_id)
    return Invitation.objects.open().filter(pk__in=closed).update(withdrawn_at=clock.now())


def close_changes(member: Member) -> int:
    """Close every open confirmation of a person's new e-mail; return how many were open."""
    closed = list(AddressChange.objects.open().filter(member=member).values_list("pk", flat=True))
    for change_id in closed:
        revoke_keys(kind=Key.Kind.ADDRESS, object_id=change_id)
        notifications_operations.withdraw(about=change_id)
    return AddressChange.objects.open().filter(pk__in=closed).update(withdrawn_at=clock.now())
