"""Discussions: opened, written in, followed, locked, reported and moderated."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from core.notifications.operations import Draft, Link, enqueue_all, withdraw
from core.tenancy.days import day_of
from programs.community.queries import (
    may_write,
    mentioned_in,
    posts_lately,
    readers_of,
)
from programs.errors import (
    AlreadyReported,
    NotTheirPost,
    NotWriting,
    PostRemoved,
    ThreadLocked,
    TooManyPosts,
)
from programs.models.community import Post, PostReport, Thread, ThreadFollower
from programs.models.programs import Cohort
from programs.queries.designs import coordinators_of

NEWS, MENTION = "programs.discussion", "programs.mentioned"
REPORTED, REMOVED = "programs.post_reported", "programs.post_removed"
AN_HOUR = 60  # posts of one person: more is a machine


@transaction.atomic
def open_thread(*, cohort: Cohort, title: str, text: str, by: Member) -> Thread:
    """Begin a discussion, and follow it; raises NotWriting, or TooManyPosts."""
    if not may_write(cohort, by):
        raise NotWriting
    now = clock.now()
    thread = Thread.objects.create(cohort=cohort, author=by, title=title, last_at=now)
    record(by=by, verb="thread.opened", target=thread)
    _write(thread, text, by)
    return thread


@transaction.atomic
def write_post(*, thread: Thread, text: str, by: Member) -> Post:
    """Answer in a discussion, and follow it; raises NotWriting, ThreadLocked, or TooManyPosts."""
    if not may_write(thread.cohort, by):
        raise NotWriting
    if Thread.objects.filter(pk=thread.pk, locked_at__isnull=False).exists():
        raise ThreadLocked
    return _write(thread, text, by)


def _write(thread: Thread, text: str, by: Member) -> Post:
    if posts_lately(by) >= AN_HOUR:
        raise TooManyPosts
    now = clock.now()
    post = Post.objects.create(
        thread=thread, cohort=thread.cohort, author=by, text=text, written_at=now
    )
    Thread.objects.filter(pk=thread.pk).update(posts=F("posts") + 1, last_at=now)
    ThreadFollower.objects.get_or_create(thread=thread, member=by)
    record(by=by, verb="post.written", target=thread)
    _tell(post, thread)
    return post


def _tell(post: Post, thread: Thread) -> None:
    """Tell who is mentioned at once, and who follows it once a day, however much is written."""
    mentioned = [row for row in mentioned_in(post.text, thread.cohort) if row != post.author]
    _mention(post, thread, mentioned)
    but = {post.author_id, *(member.pk for member in mentioned)}
    followers = ThreadFollower.objects.filter(thread=thread).values("member")
    day = day_of(post.written_at).isoformat()
    told = readers_of(thread.cohort).filter(pk__in=followers).exclude(pk__in=but)
    enqueue_all(
        [
            Draft(
                member=member,
                kind=NEWS,
                program=thread.cohort.program_id,
                dedupe_key=f"{NEWS}:{thread.pk}:{member.pk}:{day}",
                link=Link(page=thread.get_absolute_url()),
                context={"title": thread.title, "cohort": thread.cohort.name},
                about=thread.pk,
            )
            for member in told.select_related("organisation")
        ]
    )


def _mention(post: Post, thread: Thread, people: Iterable[Member]) -> None:
    enqueue_all(
        [
            Draft(
                member=member,
                kind=MENTION,
                program=thread.cohort.program_id,
                dedupe_key=f"{MENTION}:{post.pk}:{member.pk}",
                link=Link(page=f"{thread.get_absolute_url()}#post-{post.pk}"),
                context={"title": thread.title, "by": post.author.full_name},
                about=post.pk,
            )
            for member in people
        ]
    )


@transaction.atomic
def change_post(*, post: Post, text: str, by: Member) -> Post:
    """Change one's own post: silently in the first minutes, after that it says so.

    Raises NotTheirPost, PostRemoved, ThreadLocked, or NotWriting.
    """
    if post.author_id != by.pk:
        raise NotTheirPost
    row = Post.objects.select_for_update().get(pk=post.pk)
    if row.removed_at:
        raise PostRemoved
    if post.thread.locked_at:
        raise ThreadLocked
    if not may_write(post.thread.cohort, by):
        raise NotWriting
    now = clock.now()
    late = now > row.written_at + Post.EDIT_FREELY
    before = {member.pk for member in mentioned_in(row.text, post.thread.cohort)}
    post.text, post.edited_at = text, now if late else row.edited_at
    Post.objects.filter(pk=post.pk).update(text=post.text, edited_at=post.edited_at)
    record(by=by, verb="post.changed", target=post.thread)
    new = [row for row in mentioned_in(text, post.thread.cohort) if row.pk not in before]
    _mention(post, post.thread, [member for member in new if member != by])
    return post


@transaction.atomic
def follow_thread(*, thread: Thread, by: Member) -> Thread:
    """Hear of new posts there."""
    ThreadFollower.objects.get_or_create(thread=thread, member=by)
    return thread


@transaction.atomic
def unfollow_thread(*, thread: Thread, by: Member) -> Thread:
    """Hear of it no more, until one writes there again."""
    ThreadFollower.objects.filter(thread=thread, member=by).delete()
    return thread


@transaction.atomic
def lock_thread(*, thread: Thread, by: Member) -> Thread:
    """Let nobody write there any more; who runs the program does, and can undo it."""
    thread.locked_at = clock.now()
    Thread.objects.filter(pk=thread.pk).update(locked_at=thread.locked_at)
    record(by=by, verb="thread.locked", target=thread)
    return thread


@transaction.atomic
def unlock_thread(*, thread: Thread, by: Member) -> Thread:
    """Let people write there again."""
    thread.locked_at = None
    Thread.objects.filter(pk=thread.pk).update(locked_at=None)
    record(by=by, verb="thread.unlocked", target=thread)
    return thread


@transaction.atomic
def report_post(*, post: Post, reason: str, text: str, by: Member) -> PostReport:
    """Ask who runs the program to look at a post; raises PostRemoved, or AlreadyReported."""
    if post.removed_at:
        raise PostRemoved
    with refusing("post_report_once", AlreadyReported()):
        report = PostReport.objects.create(post=post, by=by, reason=reason, text=text)
    record(by=by, verb="post.reported", target=post.thread)
    program, slug = post.thread.cohort.program, by.organisation.slug
    enqueue_all(
        [
            Draft(
                member=coordinator,
                kind=REPORTED,
                program=program.pk,
                dedupe_key=f"{REPORTED}:{report.pk}:{coordinator.pk}",
                link=Link(page=reverse("programs:reports", args=[slug, post.cohort_id])),
                context={"title": post.thread.title, "cohort": post.thread.cohort.name},
                about=post.pk,
            )
            for coordinator in coordinators_of(program)
            if coordinator.pk not in (by.pk, post.author_id)
        ]
    )
    return report


@transaction.atomic
def keep_post(*, post: Post, by: Member) -> Post:
    """Let a post stand that was reported: its reports are settled, and its author hears nothing."""
    _settle(post)
    record(by=by, verb="post.kept", target=post.thread)
    return post


@transaction.atomic
def remove_post(*, post: Post, reason: str, words: str, by: Member) -> Post:
    """Take a post out of its discussion, with the reason, which its author is told.

    Raises PostRemoved a second time.
    """
    now = clock.now()
    changes = {"removed_at": now, "removed_reason": reason, "removed_words": words}
    if not Post.objects.filter(pk=post.pk, removed_at=None).update(**changes):
        raise PostRemoved
    post.removed_at, post.removed_reason, post.removed_words = now, reason, words
    _settle(post)
    withdraw(about=post.pk, kind=MENTION)
    record(by=by, verb="post.removed", target=post.thread, reason=reason)
    author = post.author
    if author.state == Member.State.LIVE and author.pk != by.pk:
        enqueue_all(
            [
                Draft(
                    member=author,
                    kind=REMOVED,
                    program=post.thread.cohort.program_id,
                    dedupe_key=f"{REMOVED}:{post.pk}",
                    link=Link(page=f"{post.thread.get_absolute_url()}#post-{post.pk}"),
                    context={
                        "title": post.thread.title,
                        "reason": Post.Reason(reason).label,
                        "words": words,
                        "by": by.full_name,
                    },
                    about=post.pk,
                )
            ]
        )
    return post


def _settle(post: Post) -> None:
    PostReport.objects.filter(post=post, settled_at=None).update(settled_at=clock.now())
    withdraw(about=post.pk, kind=REPORTED)
