"""What the pages of a community share: finding a row that may be read, or moderated."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from core.members.requests import MemberRequest
from programs.community import queries
from programs.models.community import Announcement, Post, Thread, communities_of
from programs.models.programs import Cohort, Program


def find_community(request: MemberRequest, cohort_id: UUID) -> Cohort:
    return get_object_or_404(communities_of(request.member).for_list(), pk=cohort_id)


def find_announcement(request: MemberRequest, announcement_id: UUID) -> Announcement:
    rows = Announcement.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=announcement_id)


def find_thread(request: MemberRequest, thread_id: UUID) -> Thread:
    rows = Thread.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=thread_id)


def find_post(request: MemberRequest, post_id: UUID) -> Post:
    rows = Post.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=post_id)


def require_running(request: MemberRequest, program: Program) -> None:
    """Answer 403 to who does not run that program."""
    if not queries.runs(request.member, program):
        raise PermissionDenied
