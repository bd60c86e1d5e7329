"""What people of a cohort say to each other: a profile, an announcement, a discussion."""

from __future__ import annotations

from typing import Any

from core.common import clock
from core.members.models import Member
from programs.models.community import (
    Announcement,
    AnnouncementCopy,
    Post,
    PostReport,
    Thread,
    ThreadFollower,
)
from programs.models.profiles import ProfileEntry
from programs.models.programs import Cohort


def belong(cohort: Cohort, person: Member, coordinator: Member) -> dict[str, Any]:
    """Return the rows by the names under which addresses want them."""
    # everybody of a cohort reads it, also who has left a table: what is late stands elsewhere
    name, now = cohort.program.name, clock.now()
    for field in ProfileEntry.Field.values:
        ProfileEntry.objects.create(
            member=person,
            field=field,
            text=f"{name} {field}",
            shown_to=["partners", "coordinators"],
        )
    announcement = Announcement.objects.create(
        program=cohort.program,
        cohort=cohort,
        author=coordinator,
        title=f"{name} announced",
        text=f"{name} text",
        send_at=now,
        sent_at=now,
        told=1,
    )
    AnnouncementCopy.objects.create(announcement=announcement, member=person)
    thread = Thread.objects.create(
        cohort=cohort, author=person, title=f"{name} thread", posts=1, last_at=now
    )
    post = Post.objects.create(
        thread=thread, cohort=cohort, author=person, text=f"{name} post", written_at=now
    )
    ThreadFollower.objects.create(thread=thread, member=person)
    PostReport.objects.create(post=post, by=person, reason="off", text=f"{name} reported")
    return {"announcement": announcement, "thread": thread, "post": post}
