"""Users, organisations, members and keys: who is asking, and for whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.common import clock, own_words
from core.common.ids import new_id
from core.tenancy.models import (
    GuardedQuerySet,
    Organisation,
    Row,
    StampedModel,
    TenantForeignKey,
    TenantModel,
)
from core.tenancy.privacy import Keep, Privacy

if TYPE_CHECKING:
    from typing import Self

# where no mailbox can ever be: RFC 2606
NOWHERE = "released.invalid"


class _UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a user who can sign in with that e-mail (used by allauth and by operations)."""
        user = self.model(email=email.strip().casefold(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A sign-in e-mail, nothing else; may be a Member of several organisations.

    Global, because one person signs in once for all of their organisations.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254)
    is_active = models.BooleanField(default=True)

    objects = _UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email


class TenantQuerySet(GuardedQuerySet[Row]):
    """Rows of the organisation in force, as one of its members may see them."""

    def visible_to(self, member: Member) -> Self:
        """Return what this member may see; each model narrows it further by role."""
        return self.filter(organisation_id=member.organisation_id)

    def for_list(self) -> Self:
        return self

    def get(self, *args: Any, **kwargs: Any) -> Row:
        """Return one row, and let a page that is about it speak in its program's words."""
        row = super().get(*args, **kwargs)
        own_words.found(row)
        return row

    def first(self) -> Row | None:
        """Return the first row or none, as `get` does."""
        row = super().first()
        own_words.found(row)
        return row


class InnerQuerySet(TenantQuerySet[Row]):
    """Rows that operations alone read: no page or resource shows them to anybody."""

    def visible_to(self, member: Member) -> Self:
        return self.none()


class MemberQuerySet(TenantQuerySet["Member"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows
        if member.role == Member.Role.HR:
            # who has left too: facts of years name them, and a name must not dangle
            # (and who is invited back had left)
            known = ~Q(state=Member.State.INVITED) | Q(left_at__isnull=False)
            return rows.filter(known | Q(pk=member.pk))
        return rows.filter(pk=member.pk)

    def live(self) -> Self:
        return self.filter(state=Member.State.LIVE)

    def reachable(self) -> Self:
        return self.exclude(state=Member.State.LEFT)

    def for_list(self) -> Self:
        return self.select_related("organisation", "manager")


class Member(StampedModel):
    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        COORDINATOR = "coordinator", _("Coordinator")
        HR = "hr", _("HR analyst")
        PARTICIPANT = "participant", _("Participant")

    class State(models.TextChoices):
        INVITED = "invited", _("Invited")
        LIVE = "live", _("Live")
        LEFT = "left", _("Left")

    # What HR knows of a person: a coordinator may change it, an import may bring it.  Another one
    # is a name and a field here, a row in programs/importing/fields.py and a value in values.py:
    # form, page, export, API and audit trail follow this list.
    WORK_FACTS: ClassVar[tuple[str, ...]] = (
        "employee_id",
        "department",
        "team",
        "job_title",
        "level",
        "location",
        "country",
        "time_zone",
        "languages",
        "manager",
        "hired_on",
    )

    # what everybody says of themselves, and what an organisation may leave to them
    ALWAYS_OWN: ClassVar[tuple[str, ...]] = ("time_zone", "languages", "country")
    OWN_FACTS: ClassVar[tuple[str, ...]] = (
        "department",
        "team",
        "job_title",
        "level",
        "location",
    )

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(_("work e-mail"), max_length=254)
    given_name = models.CharField(_("given name"), max_length=150)
    family_name = models.CharField(_("family name"), max_length=150, blank=True)
    role = models.CharField(max_length=12, choices=Role, default=Role.PARTICIPANT)
    state = models.CharField(max_length=8, choices=State, default=State.INVITED)
    live_at = models.DateTimeField(null=True, blank=True)
    # of a coordinator: every program, also those still to come; without it those that name them.
    # No constraint ties it to the role: older code changes roles without it
    runs_all = models.BooleanField(default=False, db_default=False)
    # kept by who comes back: links and keys from before that moment stay dead
    left_at = models.DateTimeField(null=True, blank=True)

    # until when they have seen what stands in the bell (core/notifications/channels/in_app.py)
    bell_opened_at = models.DateTimeField(null=True, blank=True)

    employee_id = models.CharField(_("employee id"), max_length=200, blank=True)
    department = models.CharField(_("department"), max_length=200, blank=True)
    team = models.CharField(_("team"), max_length=200, blank=True)
    job_title = models.CharField(_("job title"), max_length=200, blank=True)
    level = models.CharField(_("level"), max_length=40, blank=True)
    location = models.CharField(_("location"), max_length=200, blank=True)
    # ISO 3166-1, two letters: whose public holidays are theirs
    country = models.CharField(_("country"), max_length=2, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    # of pages and e-mails, one of LANGUAGES; empty: as the organisation has it
    language = models.CharField(_("language"), max_length=12, blank=True, default="", db_default="")
    languages = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    manager = TenantForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    hired_on = models.DateField(_("hired on"), null=True, blank=True)
    # who takes over what somebody who has left looked after; none: an owner does
    successor = TenantForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # when somebody asked that their words and names go, and when they went
    erasure_asked_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    # whoever this row turned out to be as well: history is there, this one is a tombstone
    merged_into = TenantForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # who was invited back and came in by another sign-in than this row's: history stays here
    came_back_as = TenantForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    privacy = Privacy(
        Keep.PERSON,
        export=("id",),
        erase=(
            "email",
            "given_name",
            "family_name",
            "employee_id",
            "department",
            "team",
            "job_title",
            "level",
            "location",
            "country",
            "time_zone",
            "language",
            "languages",
            "manager",
            "hired_on",
        ),
    )
    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("organisation", Lower("email"), name="member_email_once"),
            models.UniqueConstraint(
                fields=["organisation", "employee_id"],
                condition=~Q(employee_id=""),
                name="member_employee_id_once",
            ),
            models.UniqueConstraint(fields=["organisation", "user"], name="member_user_once"),
            models.CheckConstraint(
                name="member_live_at_iff_accepted",
                condition=Q(state="invited", live_at=None)
                | Q(state="live", live_at__isnull=False)
                | Q(state="left"),
            ),
            models.CheckConstraint(
                name="member_is_not_own_manager",
                condition=Q(manager=None) | ~Q(manager=F("id")),
            ),
            # an e-mail greets by it
            models.CheckConstraint(name="member_has_given_name", condition=~Q(given_name="")),
        ]

    def __str__(self) -> str:
        return self.full_name

    def get_absolute_url(self) -> str:
        return reverse("accounts:member", args=[self.organisation.slug, self.pk])

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def initials(self) -> str:
        return (self.given_name[:1] + self.family_name[:1]).upper() or "?"

    @property
    def is_live(self) -> bool:
        return self.state == self.State.LIVE

    @property
    def may_have_joined(self) -> bool:
        """Say whether somebody may ever have signed in as this row.

        Who left and was invited back has lost `live_at`; that they had left stays.
        """
        return self.live_at is not None or self.left_at is not None

    @property
    def has_mailbox(self) -> bool:
        """Say whether anybody can be reached by the work e-mail: a released one leads nowhere."""
        return not self.email.endswith(f"@{NOWHERE}")

    @property
    def has_sign_in(self) -> bool:
        """Say whether anybody's sign-in is that of this row: a released one was given up."""
        return not self.user.email.endswith(f"@{NOWHERE}")

    @classmethod
    def fact_label(cls, name: str) -> str:
        field = cls._meta.get_field(name)
        assert isinstance(field, models.Field)
        return str(capfirst(field.verbose_name))


class Key(models.Model):
    """A kept secret that opens one public link: token, invitation, calendar feed, certificate.

    Global, because it is found by its hash before any organisation is in force.  It holds no
    e-mail and no scope; those are in the tenant row `object_id` of that organisation.
    """

    class Kind(models.TextChoices):
        API_TOKEN = "api_token"
        INVITATION = "invitation"
        CALENDAR = "calendar"
        ADDRESS = "address"
        CERTIFICATE = "certificate"
        SCIM = "scim"
        CONCERN = "concern"  # the link by which anybody raises one
        CONCERN_CODE = "concern_code"  # of one that was raised so
        DOMAIN = "domain"  # its "secret" is the domain: whose it is, is asked before any tenant

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sha256 = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=12, choices=Kind)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    object_id = models.UUIDField()
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha256"], name="key_once")]
        indexes = [models.Index(fields=["kind", "object_id"], name="key_of_object")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class _ApiTokenQuerySet(TenantQuerySet["ApiToken"]):
    def visible_to(self, member: Member) -> Self:
        """One's own and those handed to one; an owner sees everybody's, to stop them."""
        rows = super().visible_to(member)
        if member.role == Member.Role.OWNER:
            return rows
        return rows.filter(Q(member=member) | Q(offered_to=member))


class ApiToken(TenantModel):
    """A token's tenant half: whose it is, what it may, what it is called.  Its secrets are Keys."""

    LIFE: ClassVar[timedelta] = timedelta(days=365)  # at the most
    NOTICE: ClassVar[timedelta] = timedelta(days=14)  # so long before its end its member is told
    OVERLAP: ClassVar[timedelta] = timedelta(days=7)  # so long the one goes on that was taken over
    MOST_ADDRESSES: ClassVar[int] = 50

    member = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    # who is asked to make it anew, to act for them instead
    offered_to = TenantForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # the program whose rows it reads; none: all its member's; programs lie above this app
    program_id = models.UUIDField(null=True, blank=True)
    # the networks from which it opens, as 192.0.2.0/24; none: any
    addresses = ArrayField(models.CharField(max_length=43), null=True, blank=True)
    name = models.CharField(_("name"), max_length=80)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    hint = models.CharField(max_length=8)
    # none: made before every token had an end
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)
    # of that day, until they are in the audit trail: requests, rows that they were answered
    pulls = models.PositiveIntegerField(default=0, db_default=0)
    rows = models.PositiveBigIntegerField(default=0, db_default=0)
    rotated_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(
        Keep.PERSON, export=("member", "offered_to"), erase=("name", "hint", "addresses")
    )
    objects = _ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= clock.now()

    def opens_from(self, address: str) -> bool:
        """Say whether it may be used from this address; one in IPv6 clothes is the one inside."""
        if not self.addresses:
            return True
        try:
            asking = ip_address(address)
        except ValueError:
            return False
        asking = getattr(asking, "ipv4_mapped", None) or asking
        return any(asking in ip_network(network) for network in self.addresses)


class _InvitationQuerySet(TenantQuerySet["Invitation"]):
    def visible_to(self, member: Member) -> Self:
        """Seen by who may invite; everybody else sees how they came themselves."""
        rows = super().visible_to(member)
        if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows
        return rows.filter(member=member)

    def open(self) -> Self:
        """Return those that stand: not accepted and not taken back; maybe late, maybe declined."""
        return self.filter(accepted_at=None, withdrawn_at=None)


class Invitation(TenantModel):
    """An invitation's tenant half: whom, into what, by whom.  The secret is a Key.

    A reminder is a new one with a link of its own, which keeps when the first was sent.
    """

    LIFE: ClassVar[timedelta] = timedelta(days=7)

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    invited_by = TenantForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_sent_at = models.DateTimeField(default=clock.now)
    # plain values of the program, the part and the dates: see operations.invitations.Place
    place = models.JSONField(default=dict, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("member",), erase=("place",), quotes=("place",))
    objects = _InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_one_open_per_member",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def expires_at(self) -> datetime:
        return self.created_at + self.LIFE

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= clock.now()

    @property
    def reminded_at(self) -> datetime | None:
        return self.created_at if self.created_at > self.first_sent_at else None


class _AddressChangeQuerySet(InnerQuerySet["AddressChange"]):
    def open(self) -> Self:
        return self.filter(confirmed_at=None, withdrawn_at=None)


class AddressChange(TenantModel):
    """A work e-mail that somebody live is to get, until its mailbox confirms it.

    The secret of the confirmation is a Key; the sign-in e-mail is the person's own and stays.
    """

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(_("work e-mail"), max_length=254)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = _AddressChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member"],
                condition=Q(confirmed_at=None, withdrawn_at=None),
                name="address_change_one_open_per_member",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class _MergeProposalQuerySet(TenantQuerySet["MergeProposal"]):
    def visible_to(self, member: Member) -> Self:
        """Owners, who propose it, and the two whom it is about."""
        rows = super().visible_to(member)
        if member.role == Member.Role.OWNER:
            return rows
        return rows.filter(Q(stays=member) | Q(goes=member))

    def open(self) -> Self:
        return self.filter(outcome="")

    def for_list(self) -> Self:
        return self.select_related("organisation", "stays", "goes", "proposed_by")


class MergeProposal(TenantModel):
    """Two people who have both joined may be one; they are merged when each of them says yes.

    Who keeps an organisation's rows could else read what somebody wrote in confidence, by a
    second row of their own.
    """

    LIFE: ClassVar[timedelta] = timedelta(days=14)

    class Outcome(models.TextChoices):
        MERGED = "merged", _("Merged")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    # whose id, e-mail and sign-in are those of both from then on, and who is joined to it
    stays = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    goes = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    proposed_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    stays_agreed_at = models.DateTimeField(null=True, blank=True)
    goes_agreed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("stays", "goes"), rows=True)
    objects = _MergeProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "stays", "goes"],
                condition=Q(outcome=""),
                name="merge_proposal_one_open_per_pair",
            ),
            models.CheckConstraint(name="merge_proposal_of_two", condition=~Q(stays=F("goes"))),
            models.CheckConstraint(
                name="merge_proposal_merged_by_two",
                condition=~Q(outcome="merged")
                | Q(stays_agreed_at__isnull=False, goes_agreed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="merge_proposal_closed_at_iff_closed",
                condition=Q(outcome="", closed_at=None)
                | (~Q(outcome="") & Q(closed_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("people:merge_proposal", args=[self.organisation.slug, self.pk])

    @property
    def is_open(self) -> bool:
        return not self.outcome

    @property
    def expires_at(self) -> datetime:
        return self.created_at + self.LIFE

    def has_agreed(self, member: Member) -> bool:
        at = self.stays_agreed_at if member.pk == self.stays_id else self.goes_agreed_at
        return at is not None


class _OwnersQuerySet(TenantQuerySet[Row]):
    """What owners alone set up: ways in, and what the directory may send."""

    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        return rows if member.role == Member.Role.OWNER else rows.none()


class DirectoryToken(TenantModel):
    """What the organisation's directory sends people with, by SCIM.  The secret is a Key.

    It belongs to the organisation: it goes on when whoever made it leaves.
    """

    # how long the old secret still opens after a new one was made
    OVERLAP: ClassVar[timedelta] = timedelta(days=1)

    name = models.CharField(_("name"), max_length=80)
    hint = models.CharField(max_length=8)
    rotated_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _OwnersQuerySet["DirectoryToken"].as_manager()

    def __str__(self) -> str:
        return self.name


class DirectoryEntry(TenantModel):
    """That the directory knows a Member, by which id of its own, and whether it deleted them."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=200, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = _OwnersQuerySet["DirectoryEntry"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member"], name="directory_entry_once_per_member"
            ),
            models.UniqueConstraint(
                fields=["organisation", "external_id"],
                condition=~Q(external_id=""),
                name="directory_entry_external_id_once",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id or str(self.member_id)


class DirectoryGroup(TenantModel):
    """A group that the directory sends, and the role that an owner lets it give.

    Until an owner says more it gives what everybody has.
    """

    name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=12, choices=Member.Role, default=Member.Role.PARTICIPANT)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _OwnersQuerySet["DirectoryGroup"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "external_id"],
                condition=~Q(external_id=""),
                name="directory_group_external_id_once",
            ),
            models.CheckConstraint(
                name="directory_group_makes_no_owner", condition=~Q(role="owner")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DirectoryGroupMember(TenantModel):
    """That somebody is in a group of the directory."""

    group = TenantForeignKey(DirectoryGroup, on_delete=models.CASCADE, related_name="people")
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = _OwnersQuerySet["DirectoryGroupMember"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "group", "member"], name="directory_group_member_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.member_id)


class IdentityProvider(TenantModel):
    """Where an organisation's people sign in: its own provider, one each.

    OpenID Connect has a client id and a secret, SAML an address to sign in at and certificates.
    """

    class Protocol(models.TextChoices):
        OIDC = "oidc", _("OpenID Connect")
        SAML = "saml", _("SAML 2.0")

    class SubjectClaim(models.TextChoices):
        SUB = "sub", _("The usual: sub, or the NameID of SAML")
        OID = "oid", _("Microsoft Entra’s object id: oid, or objectidentifier of SAML")

    name = models.CharField(_("name"), max_length=80)
    protocol = models.CharField(
        max_length=4, choices=Protocol, default=Protocol.OIDC, db_default=Protocol.OIDC
    )
    # of SAML the entity id, which need not be an address
    issuer = models.CharField(_("issuer"), max_length=300)
    client_id = models.CharField(_("client id"), max_length=300, blank=True)
    secret = models.TextField(blank=True)  # encrypted (core/common/secrets.py)
    sign_in_url = models.URLField(max_length=1000, blank=True, db_default="")
    certificates = models.TextField(blank=True, db_default="")  # PEM, what it signs with
    subject_claim = models.CharField(max_length=8, choices=SubjectClaim, default=SubjectClaim.SUB)
    # the address of the organisation that the provider was set up with, where it has another by
    # now: a provider sends people back only to what it was told
    registered_slug = models.SlugField(max_length=40, blank=True, db_default="", db_index=False)
    # a sign-in has come back as it should since anything but the name was last changed
    tested_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, sealed=("secret",))
    objects = _OwnersQuerySet["IdentityProvider"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation"], name="identity_provider_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def known_slug(self) -> str:
        """The slug in the addresses that this provider has been told."""
        return self.registered_slug or str(self.organisation.slug)


class _IdentityQuerySet(TenantQuerySet["Identity"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        return rows if member.role == Member.Role.OWNER else rows.filter(member=member)


class Identity(TenantModel):
    """Who somebody is at the organisation's provider: (organisation, provider, subject)."""

    provider = TenantForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=255)
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = _IdentityQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "provider", "subject"], name="identity_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "provider", "member"], name="identity_once_per_member"
            ),
        ]

    def __str__(self) -> str:
        return str(self.member_id)


class JoinDomain(TenantModel):
    """A mail domain whose people may join by themselves, once a TXT record has proved it.

    The proved one has a Key, found before any organisation is in force: one organisation each.
    """

    domain = models.CharField(_("domain"), max_length=253)
    proof = models.CharField(max_length=64)  # what the TXT record holds
    proved_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _OwnersQuerySet["JoinDomain"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "domain"], name="join_domain_once"),
        ]

    def __str__(self) -> str:
        return self.domain

    @property
    def record_name(self) -> str:
        """Where the TXT record stands that proves it."""
        return f"_roundtable.{self.domain}"

    @property
    def record_value(self) -> str:
        return f"roundtable-domain={self.proof}"


class _SegmentQuerySet(TenantQuerySet["Segment"]):
    def visible_to(self, member: Member) -> Self:
        """Who reads the directory of people, which it narrows."""
        rows = super().visible_to(member)
        reads = member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}
        return rows if reads else rows.none()


class Segment(TenantModel):
    """Filters of the directory of people, saved under a name: a query, and no list of people.

    It is evaluated anew each time, among whom the reader sees.  It belongs to the organisation and
    not to who made it: "Engineers in Berlin" means the same to all who run programs, each of them
    could filter so by hand, and it goes on when whoever made it leaves.  Who made it is told.
    """

    MOST: ClassVar[int] = 30  # of an organisation: all are counted on one page

    name = models.CharField(_("name"), max_length=80)
    # what the address of the list says, without its order: core.accounts.queries.PeopleFilter
    filters = models.JSONField()
    made_by = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    # the search may be for somebody, and the name say so
    privacy = Privacy(Keep.ORGANISATION, export=("made_by",), quotes=("name", "filters"))
    objects = _SegmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("organisation", Lower("name"), name="segment_name_once"),
            models.CheckConstraint(name="segment_narrows", condition=~Q(filters={})),
        ]

    def __str__(self) -> str:
        return self.name


class _ConsentTextQuerySet(TenantQuerySet["ConsentText"]):
    def newest(self) -> Self:
        """Return the newest version for each purpose, an empty one too."""
        versions = self.filter(purpose=OuterRef("purpose")).order_by("-version")
        return self.filter(pk=Subquery(versions.values("pk")[:1]))

    def waiting_for(self, member: Member) -> Self:
        """Return what this person is still to be asked: nothing where the newest text is empty."""
        answered = Consent.objects.filter(
            member=member, purpose=OuterRef("purpose"), version=OuterRef("version")
        )
        return self.newest().exclude(text="").exclude(Exists(answered)).order_by("purpose")


class ConsentText(TenantModel):
    """What an organisation asks its people to agree to, in its own words; each version is a row.

    An empty version asks nobody any more.
    """

    class Purpose(models.TextChoices):
        PRIVACY = "privacy", _("Privacy notice")

    purpose = models.CharField(max_length=12, choices=Purpose)
    version = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=20_000, blank=True)  # Markdown

    privacy = Privacy(Keep.ORGANISATION)
    objects = _ConsentTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "purpose", "version"], name="consent_text_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class _ConsentQuerySet(TenantQuerySet["Consent"]):
    def visible_to(self, member: Member) -> Self:
        """One's own; owners count everybody's."""
        rows = super().visible_to(member)
        return rows if member.role == Member.Role.OWNER else rows.filter(member=member)

    def in_force(self) -> Self:
        return self.filter(withdrawn_at=None)


class Consent(TenantModel):
    """That a person has agreed to one version of a text, and until when."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=12, choices=ConsentText.Purpose)
    version = models.PositiveSmallIntegerField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, export=("member",))
    objects = _ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member", "purpose", "version"],
                condition=Q(withdrawn_at=None),
                name="consent_in_force_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"
