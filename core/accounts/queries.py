"""Who is here: people as a list that can be narrowed, their invitations and tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.common import clock
from core.members.models import ApiToken, Invitation, Key, Member, TenantQuerySet
from core.members.models import MemberQuerySet as People
from core.members.permissions import grantable_roles
from core.tenancy.context import current_organisation_id

ORDERS = ("family_name", "given_name", "department", "-id")
LONGEST_SEARCH = 100
MOST_WORDS = 5
SEARCHED = ("given_name", "family_name", "email", "employee_id", "department", "job_title")


@dataclass(frozen=True)
class PeopleFilter:
    """What of the list of people is wanted: it lives in the URL, and the export takes the same."""

    q: str = ""
    role: str = ""
    state: str = ""
    order: str = ORDERS[0]

    @classmethod
    def read(cls, query: QueryDict) -> PeopleFilter:
        """Return the filter that a URL asks for; what it cannot mean is left out."""
        role, state = query.get("role", ""), query.get("state", "")
        order = query.get("order", "")
        return cls(
            q=query.get("q", "").strip()[:LONGEST_SEARCH],
            role=role if role in Member.Role.values else "",
            state=state if state in Member.State.values else "",
            order=order if order.lstrip("-") in {way.lstrip("-") for way in ORDERS} else ORDERS[0],
        )

    def url(self, *, after: str = "", **changes: str) -> str:
        wanted = replace(self, **changes)
        parts = {"q": wanted.q, "role": wanted.role, "state": wanted.state}
        if wanted.order != ORDERS[0]:
            parts["order"] = wanted.order
        parts["after"] = after
        return "?" + urlencode({key: value for key, value in parts.items() if value})

    @property
    def is_narrow(self) -> bool:
        return bool(self.q or self.role or self.state)

    def searched(self, rows: People) -> People:
        for word in self.q.split()[:MOST_WORDS]:
            anywhere = Q()
            for column in SEARCHED:
                anywhere |= Q(**{f"{column}__icontains": word})
            rows = rows.filter(anywhere)
        return rows

    def apply(self, rows: People) -> People:
        rows = self.searched(rows)
        if self.role:
            rows = rows.filter(role=self.role)
        return rows.filter(state=self.state) if self.state else rows


@dataclass(frozen=True)
class _Chip:
    label: str
    n: int
    url: str
    current: bool


@dataclass(frozen=True)
class _Column:
    label: str
    url: str
    direction: str


def people_columns(wanted: PeopleFilter) -> list[_Column]:
    return [
        _column(wanted, "family_name", _("Name")),
        _column(wanted, "department", _("Department")),
    ]


def _column(wanted: PeopleFilter, name: str, label: str) -> _Column:
    up, down = wanted.order == name, wanted.order == f"-{name}"
    direction = "ascending" if up else "descending" if down else ""
    return _Column(label, wanted.url(order=f"-{name}" if up else name), direction)


def people_chips(rows: People, wanted: PeopleFilter) -> tuple[list[_Chip], list[_Chip]]:
    """Return the chips by state and by role, each counted within all other filters: one query."""
    counted = wanted.searched(rows).order_by().values_list("state", "role").annotate(n=Count("pk"))
    table = list(counted)
    states = [
        _Chip(
            str(Member.State(state).label) if state else "",
            sum(n for s, r, n in table if (not state or s == state) and wanted.role in ("", r)),
            wanted.url(state=state),
            wanted.state == state,
        )
        for state in ("", *Member.State.values)
    ]
    roles = [
        _Chip(
            str(Member.Role(role).label),
            sum(n for s, r, n in table if r == role and wanted.state in ("", s)),
            wanted.url(role="" if wanted.role == role else role),
            wanted.role == role,
        )
        for role in Member.Role.values
    ]
    return states, roles


def never_invited(member: Member) -> int:
    """Return how many people wait for a first invitation that this member may send."""
    had_one = Invitation.objects.filter(member=OuterRef("pk"))
    return (
        Member.objects.visible_to(member)
        .filter(~Exists(had_one), state=Member.State.INVITED, role__in=grantable_roles(member))
        .count()
    )


@dataclass(frozen=True)
class _OpenInvitation:
    invitation: Invitation
    expires_at: datetime | None

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= clock.now()


def open_invitation_of(member: Member) -> _OpenInvitation | None:
    """Return a person's unanswered invitation, if there is one, also when its time is over."""
    invitation = (
        Invitation.objects.select_related("invited_by")
        .filter(member=member, accepted_at=None, withdrawn_at=None)
        .first()
    )
    if invitation is None:
        return None
    key = Key.objects.filter(
        kind=Key.Kind.INVITATION,
        object_id=invitation.pk,
        organisation_id=current_organisation_id(),
    ).first()
    return _OpenInvitation(invitation, key.expires_at if key else None)


def open_invitation(key: Key) -> Invitation | None:
    """Return the invitation that a key opens, with all that its page shows; None once answered."""
    return (
        Invitation.objects.select_related("member__user", "invited_by", "organisation")
        .filter(pk=key.object_id, accepted_at=None, withdrawn_at=None)
        .first()
    )


def tokens_seen_by(member: Member) -> TenantQuerySet[ApiToken]:
    """Return one's own API tokens; an owner sees everybody's, to be able to stop them."""
    rows = ApiToken.objects.visible_to(member).select_related("member")
    return rows if member.role == Member.Role.OWNER else rows.filter(member=member)
