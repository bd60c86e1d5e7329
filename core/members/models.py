"""Users, organisations, members and keys: who is asking, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.common.ids import new_id
from core.tenancy.models import GuardedQuerySet, Organisation, Row, TenantForeignKey, TenantModel

if TYPE_CHECKING:
    from typing import Self


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


class MemberQuerySet(TenantQuerySet["Member"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows
        if member.role == Member.Role.HR:
            return rows.filter(Q(state=Member.State.LIVE) | Q(pk=member.pk))
        return rows.filter(pk=member.pk)

    def live(self) -> Self:
        return self.filter(state=Member.State.LIVE)

    def reachable(self) -> Self:
        return self.exclude(state=Member.State.LEFT)

    def for_list(self) -> Self:
        return self.select_related("organisation", "manager")


class Member(TenantModel):
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

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(_("work e-mail"), max_length=254)
    given_name = models.CharField(_("given name"), max_length=150)
    family_name = models.CharField(_("family name"), max_length=150, blank=True)
    role = models.CharField(max_length=12, choices=Role, default=Role.PARTICIPANT)
    state = models.CharField(max_length=8, choices=State, default=State.INVITED)
    live_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    employee_id = models.CharField(_("employee id"), max_length=200, blank=True)
    department = models.CharField(_("department"), max_length=200, blank=True)
    team = models.CharField(_("team"), max_length=200, blank=True)
    job_title = models.CharField(_("job title"), max_length=200, blank=True)
    level = models.CharField(_("level"), max_length=40, blank=True)
    location = models.CharField(_("location"), max_length=200, blank=True)
    # ISO 3166-1, two letters: whose public holidays are theirs
    country = models.CharField(_("country"), max_length=2, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    languages = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    manager = TenantForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    hired_on = models.DateField(_("hired on"), null=True, blank=True)

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

    @classmethod
    def fact_label(cls, name: str) -> str:
        field = cls._meta.get_field(name)
        assert isinstance(field, models.Field)
        return str(capfirst(field.verbose_name))


class Key(models.Model):
    """A kept secret that opens one public link: token, invitation, calendar feed, concern box.

    Global, because it is found by its hash before any organisation is in force.  It holds no
    e-mail and no scope; those are in the tenant row `object_id` of that organisation.
    """

    class Kind(models.TextChoices):
        API_TOKEN = "api_token"
        INVITATION = "invitation"
        CALENDAR = "calendar"

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


class ApiToken(TenantModel):
    """A token's tenant half: whose it is, what it may, what it is called.  The secret is a Key."""

    member = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    hint = models.CharField(max_length=8)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["ApiToken"].as_manager()

    def __str__(self) -> str:
        return self.name


class Invitation(TenantModel):
    """An invitation's tenant half: whom, in which role, by whom.  The secret is a Key."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    invited_by = TenantForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["Invitation"].as_manager()

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
