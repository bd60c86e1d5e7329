"""Mail domains whose people may join by themselves: added, proved by a TXT record, removed."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q

from core.accounts import dns
from core.accounts.errors import (
    AlreadyHere,
    DomainNotProved,
    DomainTaken,
    NotOfThisDomain,
    PublicMailDomain,
    UseYourInvitation,
    WasHere,
)
from core.accounts.operations.addresses import close_invitations, give_sign_in
from core.accounts.operations.keys import issue_key
from core.accounts.operations.people import add_member, make_live
from core.accounts.public_mail import is_public
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.keys import new_secret
from core.members.models import JoinDomain, Key, Member, User


def domain_secret(domain: str) -> str:
    """Return what a proved domain's Key is found by."""
    return f"domain:{domain}"


@transaction.atomic
def add_domain(*, domain: str, by: Member) -> JoinDomain:
    """Add a domain; nobody joins by it before it is proved.

    Raises PublicMailDomain, and DomainTaken if it is there.
    """
    if is_public(domain):
        raise PublicMailDomain
    with refusing("join_domain_once", DomainTaken()):
        row = JoinDomain.objects.create(domain=domain, proof=new_secret())
    record(by=by, verb="domain.added", target=row)
    return row


@transaction.atomic
def prove_domain(*, domain: JoinDomain, by: Member) -> JoinDomain:
    """Let its people join if the TXT record is there: one organisation for each domain.

    Raises DomainNotProved, and DomainTaken if another organisation has proved it.
    """
    if domain.record_value not in dns.txt_records(domain.record_name):
        raise DomainNotProved
    if JoinDomain.objects.filter(pk=domain.pk, proved_at=None).update(proved_at=clock.now()):
        with refusing("key_once", DomainTaken()):
            secret = domain_secret(domain.domain)
            issue_key(kind=Key.Kind.DOMAIN, object_id=domain.pk, secret=secret)
        record(by=by, verb="domain.proved", target=domain)
    domain.refresh_from_db()
    return domain


@transaction.atomic
def remove_domain(*, domain: JoinDomain, by: Member) -> None:
    """Let nobody else join by it; who has joined stays."""
    record(by=by, verb="domain.removed", target=domain)
    Key.objects.filter(kind=Key.Kind.DOMAIN, object_id=domain.pk).delete()
    JoinDomain.objects.filter(pk=domain.pk).delete()


@transaction.atomic
def join_by_domain(
    *, domain: JoinDomain, user: User, given_name: str, family_name: str, time_zone: str = ""
) -> Member:
    """Let somebody in as a participant who has proved a mailbox of that domain.

    Who was invited has proved here what the invitation would have.  Raises NotOfThisDomain,
    AlreadyHere, WasHere for who has left, UseYourInvitation for who is to do more than take part.
    """
    proved = EmailAddress.objects.filter(user=user, verified=True)
    own = proved.filter(email__iendswith=f"@{domain.domain}").order_by("-primary", "pk").first()
    if own is None or domain.proved_at is None:
        raise NotOfThisDomain
    email = own.email.casefold()
    people = Member.objects.select_for_update(of=("self",)).select_related("organisation", "user")
    member = people.filter(Q(user=user) | Q(email__iexact=email)).first()
    if member is None:
        names = {"given_name": given_name, "family_name": family_name}
        member = add_member(email=email, by=None, time_zone=time_zone, **names)
    elif member.state == Member.State.LEFT:
        raise WasHere
    elif member.is_live:
        if member.user_id != user.pk:
            raise AlreadyHere
        return member
    elif member.role != Member.Role.PARTICIPANT:
        raise UseYourInvitation
    else:
        member = give_sign_in(member, user)
    close_invitations(member)
    member = make_live(member=member)
    record(by=member, verb="domain.joined", target=member, domain=domain.domain)
    return member
