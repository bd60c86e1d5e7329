"""Keys and API tokens: what opens a public link, and who may make one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from core.accounts.errors import AlreadyRevoked, NotForTokens, ScopeNotYours, TokenNotYours
from core.audit.operations import record
from core.common import clock
from core.common.dates import day_words
from core.common.rows import row_by_row
from core.members.keys import hashed, new_secret
from core.members.models import ApiToken, Key, Member
from core.members.permissions import Permission, token_scopes_of
from core.notifications import operations as notifications_operations
from core.notifications.operations import Link
from core.tenancy.context import current_organisation_id
from core.tenancy.days import day_of

OFFERED = "accounts.token_offered"


@transaction.atomic
def issue_key(
    *, kind: Key.Kind, object_id: UUID, secret: str, expires_at: datetime | None = None
) -> Key:
    """Let a secret open one row of the organisation in force."""
    return Key.objects.create(
        kind=kind,
        organisation_id=current_organisation_id(),
        object_id=object_id,
        sha256=hashed(secret),
        expires_at=expires_at,
    )


@transaction.atomic
def revoke_keys(*, kind: Key.Kind, object_id: UUID) -> int:
    """Close every link of that kind to that row; return how many were open."""
    return Key.objects.filter(
        kind=kind,
        object_id=object_id,
        organisation_id=current_organisation_id(),
        revoked_at=None,
    ).update(revoked_at=clock.now())


@transaction.atomic
def create_token(
    *,
    name: str,
    scopes: Sequence[Permission | str],
    by: Member,
    expires_at: datetime | None = None,
    addresses: Sequence[str] = (),
    program_id: UUID | None = None,
) -> tuple[ApiToken, str]:
    """Make an API token that acts for `by`; return it with its secret, shown this once.

    It ends after a year at the latest, and then unless something else is said.
    Raises ScopeNotYours for a scope that tokens may not have or that `by` has not.
    """
    wanted = sorted({str(scope) for scope in scopes})
    if not set(wanted) <= {str(scope) for scope in token_scopes_of(by, program_id)}:
        raise ScopeNotYours
    secret = _new_token_secret()
    expires_at = _end_of_token(expires_at)
    token = ApiToken.objects.create(
        member=by,
        name=name,
        scopes=wanted,
        hint=secret[-4:],
        expires_at=expires_at,
        addresses=list(addresses),
        program_id=program_id,
    )
    issue_key(kind=Key.Kind.API_TOKEN, object_id=token.pk, secret=secret, expires_at=expires_at)
    record(by=by, verb="token.created", target=token, scopes=token.scopes)
    return token, secret


def _new_token_secret() -> str:
    return f"rt_{new_secret()}"


def _end_of_token(wanted: datetime | None) -> datetime:
    latest = clock.now() + ApiToken.LIFE
    return min(wanted or latest, latest)


@transaction.atomic
def rotate_token(
    *, token: ApiToken, overlap: timedelta, by: Member, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a new secret, and with it a new end; what opens today does so for `overlap` longer.

    Raises AlreadyRevoked, and TokenNotYours: the new secret acts for the token's member.
    """
    if token.member_id != by.pk:
        raise TokenNotYours
    secret, now = _new_token_secret(), clock.now()
    expires_at = _end_of_token(expires_at)
    standing = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if not standing.update(hint=secret[-4:], rotated_at=now, expires_at=expires_at):
        raise AlreadyRevoked
    _end_secrets(token, at=now + overlap)
    issue_key(kind=Key.Kind.API_TOKEN, object_id=token.pk, secret=secret, expires_at=expires_at)
    notifications_operations.withdraw(about=token.pk)
    record(by=by, verb="token.rotated", target=token, days=overlap.days)
    token.refresh_from_db()
    return token, secret


def _end_secrets(token: ApiToken, *, at: datetime) -> None:
    """Have the secrets there are open no longer than until then."""
    Key.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=at),
        kind=Key.Kind.API_TOKEN,
        object_id=token.pk,
        organisation_id=current_organisation_id(),
        revoked_at=None,
    ).update(expires_at=at)


@transaction.atomic
def restrict_token(*, token: ApiToken, addresses: Sequence[str], by: Member) -> ApiToken:
    """Let a token open from these networks alone; none named, from any.

    Raises AlreadyRevoked and TokenNotYours.
    """
    if token.member_id != by.pk:
        raise TokenNotYours
    before = list(token.addresses or [])
    standing = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if not standing.update(addresses=list(addresses)):
        raise AlreadyRevoked
    if before != list(addresses):
        record(by=by, verb="token.restricted", target=token, addresses=list(addresses))
    token.refresh_from_db()
    return token


@transaction.atomic
def offer_token(*, token: ApiToken, to: Member, by: Member) -> ApiToken:
    """Ask somebody to make this token anew, to act for them; until they do nothing changes.

    Raises AlreadyRevoked, TokenNotYours unless it is `by`'s or `by` is an owner, and
    NotForTokens where none of its scopes is theirs.
    """
    if token.member_id != by.pk and by.role != Member.Role.OWNER:
        raise TokenNotYours
    if to.pk == token.member_id or not _scopes_for(token, to):
        raise NotForTokens
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(offered_to=to):
        raise AlreadyRevoked
    notifications_operations.withdraw(about=token.pk, kind=OFFERED)
    record(by=by, verb="token.offered", target=token, to=str(to.pk))
    tell_of_offer(token, to, giver=by.full_name)
    token.refresh_from_db()
    return token


def _scopes_for(token: ApiToken, member: Member) -> list[str]:
    allowed = {str(scope) for scope in token_scopes_of(member, token.program_id)}
    return [scope for scope in token.scopes if scope in allowed]


def tell_of_offer(token: ApiToken, to: Member, *, giver: str = "", left: str = "") -> None:
    """Write to who may make a token anew: because somebody asks them, or has left."""
    notifications_operations.enqueue(
        member=to,
        kind=OFFERED,
        dedupe_key=f"token_offered:{token.pk}:{to.pk}:{clock.now():%Y%m%dT%H%M%S}",
        link=Link(page=f"settings/tokens/{token.pk}/"),
        context={"token": token.name, "giver": giver, "left": left},
        about=token.pk,
        cause=token.member_id if left else token.pk,
    )


@transaction.atomic
def take_over_token(
    *, token: ApiToken, by: Member, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token anew that acts for `by`, with what `by` may of its scopes.

    The one there was goes on for a week, for who it acts for, unless it has ended already.
    Raises TokenNotYours unless `by` was asked or is an owner, and NotForTokens.
    """
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    asked = token.offered_to_id == by.pk
    owner = by.role == Member.Role.OWNER and token.revoked_at is None
    if token.member_id == by.pk or not (asked or owner):
        raise TokenNotYours
    scopes = _scopes_for(token, by)
    if not scopes:
        raise NotForTokens
    made, secret = create_token(
        name=token.name,
        scopes=scopes,
        by=by,
        expires_at=expires_at,
        addresses=token.addresses or (),
        program_id=token.program_id,
    )
    end = clock.now() + ApiToken.OVERLAP
    earlier = token.expires_at and token.expires_at < end
    token.expires_at = token.expires_at if earlier else end
    token.offered_to = None
    token.save(update_fields=["expires_at", "offered_to"])
    _end_secrets(token, at=end)
    notifications_operations.withdraw(about=token.pk)
    record(by=by, verb="token.taken_over", target=token, made=str(made.pk))
    return made, secret


@transaction.atomic
def warn_of_ending_tokens(*, at: datetime) -> int:
    """Tell who has a token that it ends within a fortnight; once for each end."""
    rows = ApiToken.objects.filter(
        revoked_at=None,
        expires_at__gt=at,
        expires_at__lte=at + ApiToken.NOTICE,
        member__state=Member.State.LIVE,
    )
    return row_by_row(rows.select_related("member__organisation").order_by("pk"), _warn)


def _warn(token: ApiToken) -> bool:
    assert token.expires_at is not None
    written = notifications_operations.enqueue(
        member=token.member,
        kind="accounts.token_ending",
        dedupe_key=f"token_ending:{token.pk}:{token.expires_at:%Y%m%dT%H%M%S}",
        link=Link(page=f"settings/tokens/{token.pk}/"),
        context={"token": token.name, "day": day_words(day_of(token.expires_at))},
        about=token.pk,
        needed_by=token.expires_at,
    )
    return written is not None


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Member) -> ApiToken:
    """Stop a token for good.  Raises AlreadyRevoked if it has been stopped before."""
    now = clock.now()
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        raise AlreadyRevoked
    revoke_keys(kind=Key.Kind.API_TOKEN, object_id=token.pk)
    notifications_operations.withdraw(about=token.pk)
    record(by=by, verb="token.revoked", target=token)
    token.revoked_at = now
    return token
