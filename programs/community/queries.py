"""What a cohort's community shows, whom an announcement means, and who may write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat, Lower

from core.accounts.queries import within
from core.common import clock
from core.common.pages import PAGE_SIZE, write_cursor
from core.members.models import Member, MemberQuerySet
from programs.models.community import (
    Announcement,
    AnnouncementCopy,
    AnnouncementQuerySet,
    Post,
    PostQuerySet,
    PostReport,
    Thread,
    ThreadFollower,
    communities_of,
)
from programs.models.programs import BELONGS, RUN_PROGRAMS, Cohort, Enrolment, Program
from programs.queries.lists import EnrolmentFilter

MOST_MENTIONS = 10
MOST_UNREAD = 5  # announcements at home
LONGEST_NAME = 5  # words of a name that somebody is mentioned by
_MENTION = re.compile(r"(?<![\w@])@(\w[\w'’.-]*(?: \w[\w'’.-]*){0,4})")


def runs(member: Member, program: Program) -> bool:
    """Say whether this person runs the program: they announce and moderate."""
    if member.role not in RUN_PROGRAMS:
        return False
    return Program.objects.visible_to(member).filter(pk=program.pk).exists()


def may_write(cohort: Cohort, member: Member) -> bool:
    """Say whether this person writes in a cohort's discussions, which they read."""
    if runs(member, cohort.program):
        return True
    is_open = cohort.phase not in Cohort.OVER or cohort.program.alumni_post
    return is_open and communities_of(member).filter(pk=cohort.pk).exists()


def people_meant(announcement: Announcement) -> MemberQuerySet:
    """Return whom an announcement means now, but those who have left."""
    rows = Enrolment.objects.all()
    if announcement.cohort_id:
        rows = rows.filter(cohort=announcement.cohort_id)
    else:
        rows = rows.filter(
            cohort__program=announcement.program_id, cohort__phase__in=Cohort.UNDER_WAY
        )
    if announcement.is_to_a_list:
        rows = rows.filter(member__in=announcement.chosen)
    elif not announcement.state:
        rows = rows.filter(BELONGS)
    wanted = EnrolmentFilter(
        part=announcement.part, state=announcement.state, answered=announcement.answered
    )
    meant = wanted.apply(rows).filter(member=OuterRef("pk"))
    people = Member.objects.live().filter(Exists(meant))
    if announcement.segment:
        people = people.filter(within(announcement.segment))
    return people.select_related("organisation").order_by("id")


def announcements_in(cohort: Cohort, member: Member) -> AnnouncementQuerySet:
    """Return what was announced to a cohort, and to its whole program."""
    here = Q(cohort=cohort) | Q(cohort=None, program=cohort.program_id)
    return Announcement.objects.visible_to(member).filter(here).for_list()


def following(thread: Thread, member: Member) -> bool:
    return ThreadFollower.objects.filter(thread=thread, member=member).exists()


def found_in(cohort: Cohort, member: Member, words: str) -> PostQuerySet:
    """Return the posts of one cohort that hold the words, without what was removed.

    The cohort is found by its index, which row-level security lets PostgreSQL use; a search
    inside the index of words it does not, for `@@` could leak a row before the wall is asked.
    """
    query = SearchQuery(words, config="simple", search_type="websearch")
    rows = Post.objects.visible_to(member).standing().filter(cohort=cohort, words=query)
    return rows.for_list()


def mentioned_in(text: str, cohort: Cohort) -> list[Member]:
    """Return who is named with an @ by their whole name, of those who can read it there."""
    candidates = {
        " ".join(words[:n]).casefold()
        for found in _MENTION.findall(text)[:MOST_MENTIONS]
        for words in [found.rstrip(".").split(" ")]
        for n in range(1, min(len(words), LONGEST_NAME) + 1)
    }
    if not candidates:
        return []
    whole = Lower(Concat("given_name", Value(" "), "family_name"))
    people = readers_of(cohort).annotate(whole=whole).filter(whole__in=candidates)
    return list(people.select_related("organisation")[:MOST_MENTIONS])


def readers_of(cohort: Cohort) -> MemberQuerySet:
    """Return who reads a cohort's community and can be written to: its people, and who runs it."""
    belongs = Enrolment.objects.filter(BELONGS, cohort=cohort, member=OuterRef("pk"))
    staff = Q(role=Member.Role.OWNER) | Q(role=Member.Role.COORDINATOR, runs_all=True)
    named = cohort.program.staff.filter(member=OuterRef("pk"))
    staff |= Q(Exists(named), role=Member.Role.COORDINATOR)
    return Member.objects.live().filter(Q(Exists(belongs)) | staff)


def open_reports(cohort: Cohort, member: Member) -> Iterable[PostReport]:
    """Return what is reported in a cohort and not settled, for who moderates it, oldest first."""
    rows = PostReport.objects.visible_to(member).open().filter(post__cohort=cohort)
    return rows.for_list().order_by("id")


def posts_lately(member: Member) -> int:
    """Return how much somebody has written within an hour."""
    since = clock.now() - timedelta(hours=1)
    return Post.objects.filter(author=member, written_at__gt=since).count()


def chosen_members(cohort: Cohort, enrolments: Iterable[UUID]) -> list[UUID]:
    """Return the people behind enrolments of a cohort: those that a list was ticked for."""
    rows = Enrolment.objects.filter(cohort=cohort, pk__in=list(enrolments))
    return list(rows.order_by("member_id").values_list("member_id", flat=True))


def matching(
    cohort: Cohort, member: Member, wanted: EnrolmentFilter, *, most: int
) -> Sequence[UUID]:
    """Return the enrolments of a cohort that match the filters of its list."""
    rows = wanted.apply(Enrolment.objects.visible_to(member).filter(cohort=cohort))
    return list(rows.order_by("id").values_list("pk", flat=True)[:most])


def own_communities(member: Member) -> list[Cohort]:
    """Return the cohorts somebody belongs to themselves, the newest first."""
    mine = Enrolment.objects.filter(BELONGS, cohort=OuterRef("pk"), member=member)
    rows = communities_of(member).filter(Exists(mine)).for_list()
    return list(rows.order_by("-starts_on", "id"))


def unread_announcements(member: Member) -> list[Announcement]:
    """Return the newest that somebody was sent and has not read yet."""
    copies = AnnouncementCopy.objects.filter(
        announcement=OuterRef("pk"), member=member, read_at=None
    )
    rows = Announcement.objects.visible_to(member).filter(Exists(copies), sent_at__isnull=False)
    return list(rows.for_list().order_by("-id")[:MOST_UNREAD])


def posts_of(thread: Thread, member: Member) -> PostQuerySet:
    return Post.objects.visible_to(member).filter(thread=thread).for_list()


def cursor_before(post: Post, member: Member) -> str:
    """Return the cursor of the page of its discussion on which a post stands; "" on the first."""
    before = posts_of(post.thread, member).filter(pk__lt=post.pk)
    place = before.count()
    if place < PAGE_SIZE:
        return ""
    last = before.order_by("id")[place // PAGE_SIZE * PAGE_SIZE - 1]
    return write_cursor(f"{Post._meta.label}.id", [str(last.pk), str(last.pk)])


def is_unread(announcement: Announcement, member: Member) -> bool:
    copies = AnnouncementCopy.objects.filter(announcement=announcement, member=member)
    return copies.filter(read_at=None).exists()
