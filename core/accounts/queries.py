"""Who is here: people as a list that can be narrowed, their invitations and tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.audit.models import AuditEventQuerySet
from core.audit.queries import audit_trail
from core.common import clock
from core.common.ids import ids_in
from core.common.lists import Chip, Column, ListFilter, chips_of, holding
from core.members.keys import find_key
from core.members.models import (
    AddressChange,
    ApiToken,
    DirectoryGroup,
    DirectoryGroupMember,
    DirectoryToken,
    Identity,
    IdentityProvider,
    Invitation,
    JoinDomain,
    Key,
    Member,
    Segment,
    TenantQuerySet,
    User,
)
from core.members.models import MemberQuerySet as People
from core.members.permissions import ROLE_PERMISSIONS, Permission, can, grantable_roles

SEARCHED = ("given_name", "family_name", "email", "employee_id", "department", "job_title")
# what one of many values is chosen of; what is offered is what there is
NARROWED = ("department", "level", "location")
MOST_VALUES = 300
# where no mailbox can ever be (RFC 2606): the sign-in e-mail of who has none
NO_MAILBOX = "sso.invalid"
INVITED = {
    "never": _("Not invited yet"),
    "waiting": _("Invited, not answered"),
    "late": _("Invitation has run out"),
    "declined": _("Declined"),
}


@dataclass(frozen=True)
class PeopleFilter(ListFilter):
    """What of the list of people is wanted."""

    CHOICES = {
        "role": Member.Role.values,
        "state": Member.State.values,
        "invited": INVITED,
    }
    ORDERS = ("family_name", "given_name", "department", "level", "location", "state", "-id")

    role: str = ""
    state: str = ""
    invited: str = ""
    department: str = ""
    level: str = ""
    location: str = ""

    @classmethod
    def of(cls, segment: Segment) -> PeopleFilter | None:
        """Return what a segment asks for; None where we do not know all of its filters (any more).

        To leave one out would mean more people than were meant when it was saved.
        """
        wanted = cls.read(QueryDict(urlencode(segment.filters)))
        return wanted if wanted.parts.keys() == segment.filters.keys() else None

    @property
    def saved(self) -> dict[str, str]:
        """Return what a segment of these filters keeps: whom they mean, in whatever order."""
        return {name: value for name, value in self.parts.items() if name != "order"}

    def searched(self, rows: People) -> People:
        """Narrow by everything but state and role, which the chips count."""
        return rows.filter(self._search())

    def apply(self, rows: People) -> People:
        return rows.filter(self.condition())

    def condition(self) -> Q:
        """Return what holds of the people that are wanted."""
        chosen = {name: getattr(self, name) for name in ("role", "state") if getattr(self, name)}
        return self._search() & Q(**chosen)

    def _search(self) -> Q:
        chosen = {name: getattr(self, name) for name in NARROWED if getattr(self, name)}
        found = holding(self.q, *SEARCHED) & Q(**chosen)
        return found & by_invitation(self.invited) if self.invited else found


def by_invitation(invited: str) -> Q:
    """Return what holds of people who are not here yet, by how their invitation stands."""
    standing = Invitation.objects.open().filter(member=OuterRef("pk"))
    fresh = clock.now() - Invitation.LIFE
    wanted = {
        "never": ~Exists(standing),
        "waiting": Exists(standing.filter(declined_at=None, created_at__gt=fresh)),
        "late": Exists(standing.filter(declined_at=None, created_at__lte=fresh)),
        "declined": Exists(standing.filter(declined_at__isnull=False)),
    }
    return Q(wanted[invited], state=Member.State.INVITED)


NOBODY = Q(pk__in=[])


def within(segment: Segment) -> Q:
    """Return what holds of the people in a segment now: of nobody, if its filters are unknown."""
    wanted = PeopleFilter.of(segment)
    return wanted.condition() if wanted else NOBODY


def segments_of(member: Member) -> list[Segment]:
    """Return the saved segments this member may use, by name."""
    return list(Segment.objects.visible_to(member).select_related("made_by").order_by("name"))


@dataclass(frozen=True)
class SavedSegment:
    """A segment above the directory: how many people are in it now, and whether it is shown."""

    segment: Segment
    n: int
    url: str
    current: bool


def filters_in_words(wanted: PeopleFilter) -> list[tuple[str, str]]:
    """Return what each filter in force is called, and its value as its list says it."""
    choices = {
        "role": (_now("Role"), dict(Member.Role.choices)),
        "state": (_now("State"), dict(Member.State.choices)),
        "invited": (_now("Invitation"), INVITED),
    }
    words = []
    for name, value in wanted.saved.items():
        if name == "q":
            words.append((_now("Search"), value))
        elif name in choices:
            label, known = choices[name]
            words.append((label, str(known[value])))
        else:
            words.append((Member.fact_label(name), value))
    return words


def saved_segments(member: Member, wanted: PeopleFilter) -> list[SavedSegment]:
    """Return the segments by name, each with how many of whom `member` sees are in it.

    All of them are counted in one statement, and the link of each keeps the order of the list.
    """
    segments = segments_of(member)
    if not segments:
        return []
    counted = {f"n{i}": Count("pk", filter=within(row)) for i, row in enumerate(segments)}
    numbers = Member.objects.visible_to(member).aggregate(**counted)
    return [
        SavedSegment(row, numbers[f"n{i}"], _link_of(row, wanted), wanted.saved == row.filters)
        for i, row in enumerate(segments)
    ]


def _link_of(segment: Segment, wanted: PeopleFilter) -> str:
    """Return the way from the list to a segment; to its own page, if we cannot show its people."""
    own = PeopleFilter.of(segment)
    return replace(own, order=wanted.order).url() if own else f"segments/{segment.pk}/"


def values_of(rows: People) -> dict[str, list[str]]:
    """Return which departments, levels and locations there are to choose of; one statement."""
    first, *others = (
        rows.exclude(**{name: ""})
        .annotate(column=Value(name), one=F(name))
        .order_by(name)
        .values_list("column", "one")
        .distinct()[:MOST_VALUES]
        for name in NARROWED
    )
    values: dict[str, list[str]] = {name: [] for name in NARROWED}
    for name, one in sorted(first.union(*others, all=True)):
        values[name].append(one)
    return values


def people_columns(wanted: PeopleFilter) -> list[Column]:
    return [
        wanted.column("family_name", _now("Name")),
        wanted.column("department", _now("Department")),
        wanted.column("level", _now("Level")),
        wanted.column("location", _now("Location")),
        wanted.column("state", _now("State")),
    ]


def people_chips(rows: People, wanted: PeopleFilter) -> list[list[Chip]]:
    """Return the chips by state and by role."""
    return chips_of(
        wanted.searched(rows), wanted, state=Member.State.choices, role=Member.Role.choices
    )


def who_left(by: Member, email: str) -> Member | None:
    """Return who had this work e-mail until they left: they may be back, or it is another's now."""
    rows = Member.objects.visible_to(by).select_related("organisation")
    return rows.filter(email__iexact=email.strip(), state=Member.State.LEFT).first()


def invitable(by: Member) -> People:
    """Return whom this member may invite or remind now: not who has declined."""
    declined = Invitation.objects.open().filter(member=OuterRef("pk"), declined_at__isnull=False)
    return Member.objects.visible_to(by).filter(
        ~Exists(declined),
        state=Member.State.INVITED,
        role__in=grantable_roles(by),
    )


def open_invitations_of(members: Sequence[Member]) -> dict[UUID, Invitation]:
    """Return the unanswered or declined invitation of each of these people, by person."""
    rows = Invitation.objects.open().filter(member__in=members).select_related("invited_by")
    return {row.member_id: row for row in rows}


def open_invitation(key: Key) -> Invitation | None:
    """Return the invitation that a key opens, with all that its page shows; None once answered."""
    return (
        Invitation.objects.select_related("member__user", "invited_by", "organisation")
        .open()
        .filter(pk=key.object_id, declined_at=None)
        .first()
    )


def open_change(key: Key) -> AddressChange | None:
    """Return the new work e-mail that a key confirms, with all that its page shows."""
    rows = AddressChange.objects.select_related("member", "organisation")
    return rows.open().filter(pk=key.object_id).first()


def open_change_of(member: Member) -> AddressChange | None:
    """Return the work e-mail that somebody is to get once its mailbox confirms it."""
    return AddressChange.objects.open().filter(member=member).first()


def was_before(member: Member) -> Member | None:
    """Return the row of who came back as this new person, by another sign-in."""
    rows = Member.objects.filter(came_back_as=member).select_related("organisation")
    return rows.order_by("-pk").first()


def successor_of(member: Member) -> Member:
    """Return who sees to what this person looked after: themselves while they are here.

    Else whoever was named for it, and where nobody was or they have left too, the first owner.
    """
    seen = set()
    while not member.is_live and member.successor_id and member.pk not in seen:
        seen.add(member.pk)
        member = Member.objects.get(pk=member.successor_id)
    if member.is_live:
        return member
    return owners()[0]


def owners() -> list[Member]:
    """Return the live owners of the organisation in force, the oldest first; there is one."""
    return list(Member.objects.live().filter(role=Member.Role.OWNER).order_by("id"))


def possible_successors(member: Member) -> People:
    """Return who may take over from somebody: live, and allowed to do all that they did."""
    own = ROLE_PERMISSIONS[member.role]
    roles = [role for role, permissions in ROLE_PERMISSIONS.items() if permissions >= own]
    rows = Member.objects.live().filter(role__in=roles).exclude(pk=member.pk)
    return rows.order_by("given_name", "family_name")


def provider() -> IdentityProvider | None:
    """Return where the people of the organisation in force sign in, tested or not."""
    return IdentityProvider.objects.select_related("organisation").first()


def connected_at(provider: IdentityProvider | None) -> int:
    """Return how many people are connected with it."""
    return Identity.objects.filter(provider=provider).count() if provider else 0


def who_tests(member_id: str) -> Member | None:
    """Return the owner who has begun a test of the provider, if that may still be done by them."""
    member = Member.objects.filter(pk__in=ids_in([member_id])).first()
    return member if member and can(member, Permission.SETTINGS_MANAGE) else None


def directory_token_of(key: Key) -> DirectoryToken:
    """Return the token that a directory has opened the organisation with."""
    return DirectoryToken.objects.get(pk=key.object_id)


def groups_with_people(member: Member) -> list[DirectoryGroup]:
    """Return the directory's groups by name, each with how many are in it (`size`); at most 100."""
    rows = DirectoryGroup.objects.visible_to(member)
    return list(rows.annotate(size=Count("people")).order_by("name", "pk")[:100])


def roles_in(group: DirectoryGroup) -> list[tuple[str, int]]:
    """Return how many people of a group have which role now."""
    people = DirectoryGroupMember.objects.filter(group=group).exclude(member__state="left")
    rows = people.values("member__role").annotate(size=Count("pk"))
    sizes = {row["member__role"]: row["size"] for row in rows}
    return [(str(role.label), sizes[role]) for role in Member.Role if role in sizes]


def join_domain_of(key: Key) -> JoinDomain:
    """Return the proved domain that was found by its name."""
    return JoinDomain.objects.get(pk=key.object_id)


def identity_of(member: Member) -> Identity | None:
    """Return what connects somebody with the organisation's own provider."""
    return Identity.objects.filter(member=member).first()


def provider_in_use() -> IdentityProvider | None:
    """Return the organisation's own provider, once its owner has tested it."""
    return IdentityProvider.objects.filter(tested_at__isnull=False).first()


def has_own_sign_in(member: Member) -> bool:
    """Say whether somebody can sign in otherwise than at the organisation's provider."""
    return not member.user.email.endswith(f"@{NO_MAILBOX}")


def only_at_provider(provider: IdentityProvider) -> People:
    """Return who has no sign-in but the provider's."""
    connected = Identity.objects.filter(provider=provider).values("member_id")
    return Member.objects.live().filter(pk__in=connected, user__email__endswith=f"@{NO_MAILBOX}")


def address_confirmed_since() -> Exists:
    """Say whether somebody live was given another work e-mail, which its mailbox has confirmed.

    Of who has proved no mailbox by their sign-in: that one need not be theirs.
    """
    confirmed = AddressChange.objects.filter(member=OuterRef("pk"), confirmed_at__isnull=False)
    return Exists(confirmed)


def domains_of(user: User) -> list[Key]:
    """Return the proved domains of this user's proved mailboxes: whose people they may become."""
    proved = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    domains = sorted({email.rpartition("@")[2].casefold() for email in proved})
    keys = [find_key(Key.Kind.DOMAIN, f"domain:{domain}") for domain in domains]
    return [key for key in keys if key]


def tokens_seen_by(member: Member) -> TenantQuerySet[ApiToken]:
    """Return the API tokens this member may see, with whose they are."""
    rows: TenantQuerySet[ApiToken] = ApiToken.objects.visible_to(member)
    return rows.select_related("member", "offered_to")


def possible_takers(token: ApiToken) -> People:
    """Return who may make this token anew for themselves: with some of what it may do."""
    roles = [
        role
        for role, permissions in ROLE_PERMISSIONS.items()
        if Permission.TOKENS_MANAGE in permissions and permissions & set(token.scopes)
    ]
    rows = Member.objects.live().filter(role__in=roles).exclude(pk=token.member_id)
    return rows.order_by("given_name", "family_name")


@dataclass(frozen=True)
class AuditFilter(ListFilter):
    """What of the audit trail is wanted; days are the reader's."""

    verb: str = ""
    by: str = ""
    target: str = ""
    since: str = ""
    until: str = ""

    def among(self, acts: Mapping[str, str], people: Mapping[str, str]) -> AuditFilter:
        """Return this without what nobody has done."""
        return replace(
            self,
            verb=self.verb if self.verb in acts else "",
            by=self.by if self.by in people else "",
            since=self.since if _day(self.since) else "",
            until=self.until if _day(self.until) else "",
        )

    def trail(self, member: Member) -> AuditEventQuerySet:
        return audit_trail(
            member,
            verb=self.verb,
            actor_id=next(iter(ids_in([self.by])), None),
            since=_day(self.since),
            until=_day(self.until),
            target=self.target.strip()[:200],
        )


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:  # 31 February
        return None
