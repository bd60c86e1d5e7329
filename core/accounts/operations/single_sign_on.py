"""An organisation's own provider, and who is who there."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import transaction

from core.accounts.errors import (
    AlreadyHere,
    IdentityTaken,
    NotConnected,
    NotTested,
    OtherProtocol,
    OwnerNotConnected,
)
from core.accounts.operations.addresses import (
    close_invitations,
    find_or_create_user,
    give_sign_in,
    prove_mailbox,
)
from core.accounts.operations.invitations import accept_invitation
from core.accounts.operations.people import make_live
from core.accounts.queries import NO_MAILBOX, address_confirmed_since, has_own_sign_in
from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing, refusing_any
from core.common.secrets import seal
from core.members.models import (
    DirectoryEntry,
    Identity,
    IdentityProvider,
    Invitation,
    Key,
    Member,
    User,
)
from core.tenancy.models import OrganisationSettings

SECRET_PURPOSE = "sso"


# ── the provider ──
@transaction.atomic
def save_provider(
    *, name: str, issuer: str, client_id: str, subject_claim: str, secret: str = "", by: Member
) -> IdentityProvider:
    """Set up or change where people sign in by OpenID Connect; without a secret it stays.

    Raises OtherProtocol.
    """
    values = {
        "name": name,
        "protocol": IdentityProvider.Protocol.OIDC,
        "issuer": issuer.rstrip("/"),
        "client_id": client_id,
        "subject_claim": subject_claim,
    }
    if secret:
        values["secret"] = seal(secret, purpose=SECRET_PURPOSE)
    return _save(values, by)


@transaction.atomic
def save_saml_provider(
    *,
    name: str,
    entity_id: str,
    sign_in_url: str,
    certificates: str,
    subject_claim: str,
    by: Member,
) -> IdentityProvider:
    """Set up or change where people sign in by SAML.  Raises OtherProtocol."""
    values = {
        "name": name,
        "protocol": IdentityProvider.Protocol.SAML,
        "issuer": entity_id,
        "sign_in_url": sign_in_url,
        "certificates": certificates,
        "subject_claim": subject_claim,
    }
    return _save(values, by)


def _save(values: Mapping[str, str], by: Member) -> IdentityProvider:
    """Keep a provider.

    What was tested is no longer: nobody has to sign in there until it is tested again.  Who is
    who at another issuer is another matter: those connections go.  So they would with another
    protocol, and that is said and counted where the provider is removed.
    """
    row = IdentityProvider.objects.select_for_update(of=("self",)).first()
    if row and row.protocol != values["protocol"]:
        raise OtherProtocol
    changed = [key for key, value in values.items() if row is None or getattr(row, key) != value]
    if row is None:
        row = IdentityProvider.objects.create(**values)
    elif not changed:
        return row
    elif changed != ["name"]:
        IdentityProvider.objects.filter(pk=row.pk).update(**values, tested_at=None)
        OrganisationSettings.objects.update(asks_sso=False)
        if {"issuer", "subject_claim"} & set(changed):
            _disconnect_everybody(row)
    else:
        IdentityProvider.objects.filter(pk=row.pk).update(name=values["name"])
    row.refresh_from_db()
    record(by=by, verb="identity_provider.changed", target=row, changed=sorted(changed))
    return row


@transaction.atomic
def remove_provider(*, provider: IdentityProvider, by: Member) -> None:
    """Forget the provider and who is who there; people sign in by themselves again."""
    record(by=by, verb="identity_provider.removed", target=provider)
    OrganisationSettings.objects.update(asks_sso=False)
    _disconnect_everybody(provider)
    IdentityProvider.objects.filter(pk=provider.pk).delete()


def _disconnect_everybody(provider: IdentityProvider) -> None:
    """Forget who is who; whoever has signed in only there does so by a code to the work e-mail.

    That sign-in is the mailbox's: it is proved when a code is typed, as of somebody invited.  It
    is the one they had when they joined: another that was named and confirmed since need not be
    theirs, so who had theirs changed comes in by an invitation, as somebody new.
    """
    identities = Identity.objects.filter(provider=provider)
    people = Member.objects.filter(
        ~address_confirmed_since(), pk__in=identities.values("member_id")
    )
    for member in people.select_related("user"):
        if not has_own_sign_in(member):
            with suppress(AlreadyHere), refusing("member_user_once", AlreadyHere()):
                Member.objects.filter(pk=member.pk).update(user=find_or_create_user(member.email))
    identities.delete()


@transaction.atomic
def give_own_sign_in(*, member: Member, email: str) -> Member:
    """Give somebody who signs in at the provider alone the sign-in of a mailbox just proved.

    Raises AlreadyHere if that sign-in is another Member's.
    """
    user, _first = prove_mailbox(email=email)
    with refusing("member_user_once", AlreadyHere()):
        Member.objects.filter(pk=member.pk).update(user=user)
    record(by=member, verb="identity.sign_in_added", target=member)
    member.refresh_from_db()
    return member


@transaction.atomic
def pass_test(*, provider: IdentityProvider, by: Member) -> None:
    """Note that a sign-in has come back as it should."""
    IdentityProvider.objects.filter(pk=provider.pk).update(tested_at=clock.now())
    record(by=by, verb="identity_provider.tested", target=provider)


@transaction.atomic
def require_provider(*, provider: IdentityProvider, required: bool, by: Member) -> None:
    """Let people in by the provider alone, or by their own sign-ins too.  Raises NotTested."""
    if required and provider.tested_at is None:
        raise NotTested
    OrganisationSettings.objects.update(asks_sso=required)
    record(by=by, verb="identity_provider.required", target=provider, required=required)


# ── who is who there ──
@transaction.atomic
def member_of_subject(*, provider: IdentityProvider, subject: str) -> Member:
    """Return whom this subject of the provider is here, live.

    Connected before; or the directory names the subject as the externalId of somebody who was
    only entered: then they are connected and have joined.  An e-mail connects nobody, and a
    directory neither an owner nor who has joined: whoever runs it could else be them.  Raises
    NotConnected, OwnerNotConnected, IdentityTaken.
    """
    known = Identity.objects.filter(provider=provider, subject=subject).first()
    entry = DirectoryEntry.objects.filter(external_id=subject, deleted_at=None).first()
    row = known or entry
    if row is None:
        raise NotConnected
    people = Member.objects.select_related("organisation", "user")
    member = people.select_for_update(of=("self",)).get(pk=row.member_id)
    if known is None and member.role == Member.Role.OWNER:
        raise OwnerNotConnected
    if known and member.is_live:
        return member
    # who has joined before connects it themselves, or opens the invitation back
    if known or member.state != Member.State.INVITED or member.may_have_joined:
        raise NotConnected
    _connect(provider, subject, member)
    close_invitations(member)
    return make_live(member=give_sign_in(member, _new_user()))


@transaction.atomic
def accept_by_subject(
    *, provider: IdentityProvider, subject: str, key: Key, invitation: Invitation
) -> Member:
    """Let an invited person in who has opened the link and signed in at the provider.

    Raises NotToBeFound where the link is closed meanwhile, IdentityTaken.
    """
    user = _new_user()
    member = accept_invitation(key=key, invitation=invitation, user=user)
    _connect(provider, subject, member)
    return member


@transaction.atomic
def connect(*, provider: IdentityProvider, subject: str, member: Member) -> Identity:
    """Connect somebody live, who has confirmed it is them, with their sign-in at the provider.

    Raises IdentityTaken.
    """
    return _connect(provider, subject, member)


def _connect(provider: IdentityProvider, subject: str, member: Member) -> Identity:
    taken = {"identity_once": IdentityTaken(), "identity_once_per_member": IdentityTaken()}
    with refusing_any(taken):
        identity = Identity.objects.create(provider=provider, subject=subject, member=member)
    record(by=member, verb="identity.connected", target=member, provider=provider.name)
    return identity


def _new_user() -> User:
    """Make a sign-in that is good for nothing but this organisation's provider.

    Never one that the work e-mail has elsewhere: the provider has proved no mailbox.
    """
    return User.objects.create(email=f"{uuid4().hex}@{NO_MAILBOX}", password=make_password(None))
