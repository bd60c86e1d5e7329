"""The lesson that comes before somebody gives feedback by name for the first time."""

from __future__ import annotations

from django.db import transaction

from core.members.models import Member
from feedback.models.after_session import FeedbackLesson


@transaction.atomic
def read_lesson(*, by: Member) -> FeedbackLesson:
    """Keep that somebody has read how to give feedback; a second time changes nothing."""
    lesson, _is_new = FeedbackLesson.objects.get_or_create(member=by)
    return lesson
