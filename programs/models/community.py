"""A cohort's community: announcements, discussions, and what is reported of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.members.models import InnerQuerySet, Member, Segment, TenantQuerySet
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from programs.models.programs import (
    BELONGS,
    RUN_PROGRAMS,
    Cohort,
    CohortQuerySet,
    Enrolment,
    Program,
)

if TYPE_CHECKING:
    from typing import Self


def communities_of(member: Member) -> CohortQuerySet:
    """Return the cohorts whose community this person reads: who belongs to them, and who runs them.

    Who has left the organisation reads none; who has completed a cohort goes on reading it.
    """
    rows: CohortQuerySet = Cohort.objects.all()
    if member.state == Member.State.LEFT:
        return rows.none()
    mine = Enrolment.objects.filter(BELONGS, cohort=OuterRef("pk"), member=member)
    reads = Q(Exists(mine))
    if member.role in RUN_PROGRAMS:
        runs = Program.objects.visible_to(member).filter(pk=OuterRef("program_id"))
        reads |= Q(Exists(runs))
    return rows.filter(reads)


def _runs(member: Member, path: str) -> Q:
    """Return the condition that this person runs the program at `path`."""
    if member.role not in RUN_PROGRAMS or member.state == Member.State.LEFT:
        return Q(pk__in=[])
    return Q(Exists(Program.objects.visible_to(member).filter(pk=OuterRef(path))))


class AnnouncementQuerySet(TenantQuerySet["Announcement"]):
    def visible_to(self, member: Member) -> Self:
        """Who runs the program sees all; others what was sent to them, or to everybody there."""
        rows = super().visible_to(member)
        mine = communities_of(member)
        own = AnnouncementCopy.objects.filter(announcement=OuterRef("pk"), member=member)
        of_mine = Q(Exists(mine.filter(pk=OuterRef("cohort_id")))) | Q(
            Exists(mine.filter(program=OuterRef("program_id"))), cohort=None
        )
        got = Q(Exists(own)) | (of_mine & TO_ALL)
        here = Q(pk__in=[]) if member.state == Member.State.LEFT else got
        return rows.filter(_runs(member, "program_id") | Q(here, sent_at__isnull=False))

    def for_list(self) -> Self:
        return self.select_related(
            "organisation", "author", "program", "cohort__program", "segment"
        )


class Announcement(TenantModel):
    """A message of who runs a program, to its people or to some of them; fixed once it is sent."""

    program = TenantForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    # None: to all cohorts of the program that are under way
    cohort = TenantForeignKey(
        Cohort, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    author = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=10_000)
    # to whom: all that are set have to hold when it is sent; none is everybody who takes part
    part = models.CharField(max_length=8, choices=Enrolment.Part, blank=True)
    state = models.CharField(max_length=10, choices=Enrolment.State, blank=True)
    answered = models.CharField(
        max_length=3, choices=[("yes", _("Answered")), ("no", _("Not answered"))], blank=True
    )
    # members; of a segment whom it meant when this was written
    chosen = ArrayField(models.UUIDField(), default=list, blank=True)
    # asked anew when it is sent; deleted meanwhile, `chosen` stands for it
    segment = TenantForeignKey(
        Segment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    send_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    told = models.PositiveIntegerField(default=0)
    reads = models.PositiveIntegerField(default=0)

    privacy = Privacy(Keep.ORGANISATION, export=("author",), quotes=("title", "text"))
    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation", "send_at"],
                condition=Q(sent_at=None),
                name="announcement_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("programs:announcement", args=[self.organisation.slug, self.pk])

    @property
    def is_sent(self) -> bool:
        return self.sent_at is not None

    @property
    def is_to_a_list(self) -> bool:
        """Say whether it goes to people who were ticked, and to nobody else."""
        return bool(self.chosen) and self.segment_id is None

    @property
    def is_to_all(self) -> bool:
        return not (self.part or self.state or self.answered or self.chosen)


TO_ALL = Q(part="", state="", answered="", chosen=[])


class AnnouncementCopy(TenantModel):
    """Whom an announcement went to, and when they read it: pages show how many, never who."""

    announcement = TenantForeignKey(Announcement, on_delete=models.CASCADE, related_name="+")
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, export=("member",))
    objects = InnerQuerySet["AnnouncementCopy"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "announcement", "member"], name="announcement_copy_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.announcement_id)


class ThreadQuerySet(TenantQuerySet["Thread"]):
    def visible_to(self, member: Member) -> Self:
        """Seen with their cohort's community."""
        mine = communities_of(member).filter(pk=OuterRef("cohort_id"))
        return super().visible_to(member).filter(Exists(mine))

    def for_list(self) -> Self:
        return self.select_related("organisation", "author", "cohort__program")


class Thread(TenantModel):
    """One discussion of a cohort; its first post opens it."""

    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    author = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160, blank=True)
    # counted by guarded updates, so that no list counts rows
    posts = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("author",), erase=("title",))
    objects = ThreadQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation", "cohort", "last_at", "id"], name="thread_by_last_post"
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("programs:thread", args=[self.organisation.slug, self.pk])


class PostQuerySet(TenantQuerySet["Post"]):
    def visible_to(self, member: Member) -> Self:
        """Seen with their cohort's community; of what was removed pages show that it was."""
        mine = communities_of(member).filter(pk=OuterRef("cohort_id"))
        return super().visible_to(member).filter(Exists(mine))

    def standing(self) -> Self:
        return self.filter(removed_at=None)

    def for_list(self) -> Self:
        return self.select_related("organisation", "author", "thread__cohort__program")


class Post(TenantModel):
    """What somebody says in a discussion, in Markdown."""

    EDIT_FREELY: ClassVar[timedelta] = timedelta(minutes=15)

    class Reason(models.TextChoices):
        UNKIND = "unkind", _("It is unkind, or attacks somebody")
        PRIVATE = "private", _("It says something that is not for everybody here")
        OFF = "off", _("It does not belong here")
        OTHER = "other", _("Another reason")

    thread = TenantForeignKey(Thread, on_delete=models.CASCADE, related_name="+")
    # its thread's, so that a cohort is searched by one index
    cohort = TenantForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    author = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=10_000, blank=True)
    written_at = models.DateTimeField()
    # a change after the first minutes, which is said
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_reason = models.CharField(max_length=8, choices=Reason, blank=True)
    removed_words = models.TextField(max_length=500, blank=True)
    words = models.GeneratedField(
        expression=SearchVector("text", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    privacy = Privacy(Keep.PERSON, export=("author",), erase=("text", "removed_words"))
    objects = PostQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "thread", "id"], name="post_of_thread"),
            models.Index(fields=["organisation", "cohort", "id"], name="post_of_cohort"),
        ]

    def __str__(self) -> str:
        return str(self.thread_id)


class ThreadFollowerQuerySet(TenantQuerySet["ThreadFollower"]):
    def visible_to(self, member: Member) -> Self:
        """Everybody sees what they follow themselves."""
        return super().visible_to(member).filter(member=member)


class ThreadFollower(TenantModel):
    """Who hears of new posts in a discussion."""

    thread = TenantForeignKey(Thread, on_delete=models.CASCADE, related_name="+")
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    privacy = Privacy(Keep.PERSON, export=("member",), rows=True)
    objects = ThreadFollowerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "thread", "member"], name="thread_follower_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.thread_id)


class PostReportQuerySet(TenantQuerySet["PostReport"]):
    def visible_to(self, member: Member) -> Self:
        """Who runs the program sees those of its cohorts; everybody sees their own."""
        rows = super().visible_to(member)
        return rows.filter(_runs(member, "post__cohort__program_id") | Q(by=member))

    def open(self) -> Self:
        return self.filter(settled_at=None)

    def for_list(self) -> Self:
        return self.select_related("organisation", "by", "post__author", "post__thread__cohort")


class PostReport(TenantModel):
    """That somebody finds a post wrong; its author never learns who."""

    post = TenantForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    by = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=8, choices=Post.Reason)
    text = models.TextField(max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.PERSON, export=("by",), erase=("text",))
    objects = PostReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "post", "by"], name="post_report_once")
        ]

    def __str__(self) -> str:
        return str(self.post_id)
