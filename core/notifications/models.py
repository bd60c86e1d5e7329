"""The outbox: e-mails (what is said, in the tenant) and envelopes (when, without content)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.common.ids import new_id
from core.members.links import signable_at
from core.members.models import Member, TenantQuerySet
from core.notifications.kinds import KINDS
from core.notifications.pacing import Hours, Pace
from core.notifications.texts import Text
from core.tenancy.models import Organisation, TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy

if TYPE_CHECKING:
    from typing import Self


class _IncomingWebhookQuerySet(TenantQuerySet["IncomingWebhook"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows
        return rows.none()


class IncomingWebhook(TenantModel):
    """An address of Slack or Teams at which coordinators have our news posted.

    Whoever holds it may post there: it is sealed (core/common/secrets.py) and never shown again
    but for its `ending`.
    """

    class Service(models.TextChoices):
        """The names are those of channels, core/notifications/channels/."""

        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"

    class Problem(models.TextChoices):
        """Why nothing could be posted: what core/common/fetch.py says, in words."""

        ADDRESS = "address", _("this is not a web address")
        UNKNOWN = "unknown", _("there is no such address")
        INSIDE = "inside", _("this address is not on the public internet")
        UNREACHABLE = "unreachable", _("nobody answers there")
        SLOW = "slow", _("it took too long to answer")
        REDIRECT = "redirect", _("it sends us on to another address")
        STATUS = "status", _("it refuses what we post")
        LARGE = "large", _("its answer is too large")
        COMPRESSED = "compressed", _("its answer is compressed in a way we do not read")

    # none: the whole organisation; programs lie above this app, so it is no foreign key
    program_id = models.UUIDField(null=True, blank=True)
    service = models.CharField(max_length=16, choices=Service)
    sealed_address = models.TextField()
    ending = models.CharField(max_length=4)
    set_by = TenantForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    posted_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=12, choices=Problem, blank=True)
    # since when nothing is posted there any more, because it failed for days
    stopped_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _IncomingWebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "program_id", "service"],
                name="incoming_webhook_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_service_display()} …{self.ending}"


class _WebhookEndpointQuerySet(TenantQuerySet["WebhookEndpoint"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        return rows if member.role == Member.Role.OWNER else rows.none()


class WebhookEndpoint(TenantModel):
    """An address of a program that is told which rows of which REST lists were written.

    Its address may hold a key, and its secrets sign what is sent: they are sealed.
    """

    name = models.CharField(max_length=80)
    host = models.CharField(max_length=253)
    sealed_address = models.TextField()
    sealed_secret = models.TextField()
    # the secret before it signs as well until then
    sealed_former_secret = models.TextField(blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    lists = ArrayField(models.CharField(max_length=40))
    set_by = TenantForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # of what was written before this instant it has its messages (see unseen_since)
    told_until = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=12, choices=IncomingWebhook.Problem, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _WebhookEndpointQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def has_former_secret(self) -> bool:
        return self.former_until is not None and self.former_until > clock.now()


class _WebhookMessageQuerySet(TenantQuerySet["WebhookMessage"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        return rows if member.role == Member.Role.OWNER else rows.none()


class WebhookMessage(TenantModel):
    """What an address is told: of which kind, about which rows; ids and nothing else."""

    class State(models.TextChoices):
        DUE = "due", _("on its way")
        SENT = "sent", _("arrived")
        FAILED = "failed", _("given up")

    endpoint = TenantForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    ids = models.JSONField(default=list, blank=True)
    happened_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    due_at = models.DateTimeField(default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.DAYS)
    objects = _WebhookMessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation", "due_at", "id"],
                name="webhook_message_due",
                condition=Q(state="due"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class _WebhookAttemptQuerySet(TenantQuerySet["WebhookAttempt"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        return rows if member.role == Member.Role.OWNER else rows.none()


class WebhookAttempt(TenantModel):
    """One try to deliver a message: which status came and how fast, no word of the answer."""

    Problem = IncomingWebhook.Problem

    message = TenantForeignKey(WebhookMessage, on_delete=models.CASCADE, related_name="attempts")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=12, choices=Problem, blank=True)
    milliseconds = models.PositiveIntegerField()

    privacy = Privacy(Keep.DAYS)
    objects = _WebhookAttemptQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.status or self.problem}"


class _EmailQuerySet(TenantQuerySet["Email"]):
    def visible_to(self, member: Member) -> Self:
        return super().visible_to(member).filter(member=member)


class Email(TenantModel):
    """One message to one person for one reason: at most once per reason and period.

    `context` holds plain values for the templates of `kind`; `link` says which link the one
    button opens and is signed only when the e-mail is written out; `about_id` is the row it
    speaks of, so that the e-mail can be withdrawn when there is nothing left to say.
    `calendar` are the events it brings, written when it was enqueued: it stays the same e-mail.
    """

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    # the mailbox, where it is not the person's own: a new one to be confirmed, or one given up
    address = models.EmailField(max_length=254, blank=True, default="")
    kind = models.CharField(max_length=60)
    about_id = models.UUIDField(null=True, blank=True)
    # the act that it comes from: what one act has to say to one person is said in one e-mail
    cause_id = models.UUIDField(null=True, blank=True)
    # whose texts it has, and whose coordinator an answer goes to; programs lie above this app
    program_id = models.UUIDField(null=True, blank=True)
    # where it is posted, instead of sent to its reader
    webhook = TenantForeignKey(
        IncomingWebhook, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    context = models.JSONField(default=dict, blank=True)
    link = models.JSONField(default=dict, blank=True)
    # [{"name": "session-1.ics", "method": "REQUEST", "text": "BEGIN:VCALENDAR…"}], as enqueued
    calendar = models.JSONField(default=list, blank=True)
    dedupe_key = models.CharField(max_length=160)
    # when what it speaks of begins, or is answered no more: it is of no use later
    needed_by = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # from when it stands in its reader's bell; none: it does not, or was taken back before it left
    shown_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    # of what only asks again: when it was answered, or given to the coordinator instead of sent
    answered_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(
        Keep.DAYS,
        export=("member",),
        erase=("address", "context", "link", "calendar"),
        quotes=("context", "calendar"),
    )
    objects = _EmailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "dedupe_key"], name="email_once_per_reason"
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "about_id"], name="email_about"),
            models.Index(
                fields=["organisation", "member", "kind", "created_at"], name="email_of_a_kind"
            ),
            models.Index(
                fields=["organisation", "member", "shown_at", "id"],
                name="email_in_the_bell",
                condition=Q(shown_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.kind

    @cached_property
    def signed_as_of(self) -> datetime:
        """The moment by which its links are signed: a message has three, and asks for it once."""
        return signable_at(self.member, self.created_at)

    @property
    def mutable(self) -> bool:
        """Whether its reader may stop this kind.

        Not where it brings a key of its own, or goes to a mailbox that is not known as theirs.
        """
        return KINDS[self.kind].can_be_muted and "key" not in self.link and not self.address


class _MutedKindQuerySet(TenantQuerySet["MutedKind"]):
    def visible_to(self, member: Member) -> Self:
        return super().visible_to(member).filter(member=member)


class MutedKind(TenantModel):
    """A kind of e-mail that one person does not want by that channel any more."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=16)

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = _MutedKindQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member", "kind", "channel"], name="muted_once"
            )
        ]

    def __str__(self) -> str:
        return self.kind


class _KindPaceQuerySet(TenantQuerySet["KindPace"]):
    def visible_to(self, member: Member) -> Self:
        return super().visible_to(member).filter(member=member)


class KindPace(TenantModel):
    """How often one person wants e-mails of a kind, where it is not what we propose."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    pace = models.CharField(max_length=8, choices=Pace)

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = _KindPaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member", "kind"], name="pace_once_per_kind"
            ),
            models.CheckConstraint(condition=Q(pace__in=Pace.values), name="pace_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pace}"


class _QuietHoursQuerySet(TenantQuerySet["QuietHours"]):
    def visible_to(self, member: Member) -> Self:
        return super().visible_to(member).filter(member=member)


class QuietHours(TenantModel):
    """When one person is left in peace, by their own clock; without a row: `pacing.DEFAULT`."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    quiet_from = models.PositiveSmallIntegerField()
    quiet_until = models.PositiveSmallIntegerField()
    weekends = models.BooleanField()

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = _QuietHoursQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "member"], name="quiet_hours_once"),
            models.CheckConstraint(
                condition=Q(quiet_from__lte=23, quiet_until__lte=23), name="quiet_hours_of_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiet_from}–{self.quiet_until}"

    @property
    def hours(self) -> Hours:
        return Hours(self.quiet_from, self.quiet_until, self.weekends)


class _EmailTextQuerySet(TenantQuerySet["EmailText"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows
        return rows.none()

    def in_force(self, kind: str, case: str, program_id: UUID | None) -> EmailText | None:
        """Return the text that counts: the program's before the organisation's, None for ours."""
        rows = self.filter(kind=kind, case=case)
        return (
            rows.filter(Q(program_id=None) | Q(program_id=program_id))
            .order_by(F("program_id").asc(nulls_last=True))
            .first()
        )


class EmailText(TenantModel):
    """What an organisation, or a program in it, says in one kind of e-mail instead of our words.

    `case` is one of the kind's, such as "first" for a check-in of people who have not met.
    """

    # none: the whole organisation; programs lie above this app, so it is no foreign key
    program_id = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=60)
    case = models.CharField(max_length=30)
    subject = models.CharField(max_length=200)
    button = models.CharField(max_length=60)
    body = models.TextField(max_length=5000)

    privacy = Privacy(Keep.ORGANISATION)
    objects = _EmailTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "case", "program_id"],
                name="email_text_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def text(self) -> Text:
        return Text(self.subject, self.button, self.body)


class Envelope(models.Model):
    """When an e-mail is due by one channel, and how its sending stands.

    Global, because dispatch claims what is due in any organisation; it holds no content.
    """

    class State(models.TextChoices):
        DUE = "due"
        SENT = "sent"
        WITHDRAWN = "withdrawn"
        DEAD = "dead"  # given up: refused for good, or tried in vain; an owner may send it again

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    email_id = models.UUIDField()
    channel = models.CharField(max_length=16)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    # tries that have not ended with an answer, the present one included
    attempts = models.PositiveSmallIntegerField(default=0)
    # since when the other end says "later"; what it said at last is a code, never its words
    deferred_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=16, blank=True, default="", db_default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    # what has the same goes as one message; made anew at each try, so that nothing joins later
    bundle_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email_id", "channel"], name="envelope_once")
        ]
        indexes = [
            # in the order in which dispatch claims: what is sent or taken is not in it
            models.Index(
                fields=["channel", "due_at", "id"],
                name="envelope_due",
                condition=Q(state="due", lease_until=None),
            ),
            models.Index(
                fields=["channel", "lease_until", "id"],
                name="envelope_leased",
                condition=Q(state="due", lease_until__isnull=False),
            ),
            models.Index(
                fields=["organisation", "id"], name="envelope_dead", condition=Q(state="dead")
            ),
            models.Index(
                fields=["bundle_id"],
                name="envelope_bundle",
                condition=Q(state="due", bundle_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email_id} {self.state}"


class _BouncingAddressQuerySet(TenantQuerySet["BouncingAddress"]):
    def visible_to(self, member: Member) -> Self:
        rows = super().visible_to(member)
        if member.role in {Member.Role.OWNER, Member.Role.COORDINATOR}:
            return rows
        return rows.filter(address=member.email.casefold())


class BouncingAddress(TenantModel):
    """A mailbox that took no e-mail of ours the last time: of an address, so a new one is free.

    `reported` ones came back by a bounce after a relay had taken them: that the relay takes the
    next one too says nothing, so only their reader or a new address ends it.
    """

    address = models.EmailField(max_length=254)
    answer = models.CharField(max_length=16, blank=True, default="")
    reported = models.BooleanField(default=False)

    privacy = Privacy(Keep.PERSON, quotes=("address",))
    objects = _BouncingAddressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "address"], name="bouncing_address_once"
            ),
            models.CheckConstraint(
                name="bouncing_address_folded", condition=Q(address=Lower("address"))
            ),
        ]

    def __str__(self) -> str:
        return self.address


class _InboundMessageQuerySet(TenantQuerySet["InboundMessage"]):
    def visible_to(self, member: Member) -> Self:
        """People see what came of their own answers; an owner how many there were of each."""
        rows = super().visible_to(member)
        return rows if member.role == Member.Role.OWNER else rows.filter(member=member)


class InboundMessage(TenantModel):
    """That a message came in by the key of one person, and what came of it; never its words."""

    class Outcome(models.TextChoices):
        READ = "read", _("were read")
        FORWARDED = "forwarded", _("went on to a coordinator")
        UNREAD = "unread", _("could not be read, and there was nobody to forward them to")
        REFUSED = "refused", _("came too late")
        FOREIGN = "foreign", _("came from another address, and were not followed")
        AUTOMATIC = "automatic", _("were automatic, and were not followed")

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)  # of its Message-ID: it may come twice
    about_id = models.UUIDField()  # what its key names: an e-mail, or the person for their calendar
    outcome = models.CharField(max_length=10, choices=Outcome)

    privacy = Privacy(Keep.DAYS, export=("member",), rows=True)
    objects = _InboundMessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "digest"], name="inbound_message_once"),
            models.CheckConstraint(
                name="inbound_message_outcome_known",
                condition=Q(
                    outcome__in=["read", "forwarded", "unread", "refused", "foreign", "automatic"]
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "about_id", "created_at"], name="inbound_message_about"
            )
        ]

    def __str__(self) -> str:
        return self.outcome


class SignInEmail(models.Model):
    """A code or link that somebody waits for: an envelope `now`, with what it holds.

    Global, because who signs in belongs to no organisation yet.  The row is gone as soon as it is
    sent, or after three tries: codes do not lie about.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    address = models.EmailField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="sign_in_email_due")]

    def __str__(self) -> str:
        return str(self.pk)
