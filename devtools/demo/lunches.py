"""A short program that is over: its people have looked back, and hear what changes."""

from __future__ import annotations

from core.members.models import Member
from devtools.demo.history import Events, Life
from devtools.demo.said import CHANGE
from feedback.review import operations as review
from feedback.review.queries import comments
from programs.models.programs import Cohort, Program
from programs.operations import cohorts, designs

WEEKS = 5
LAST_DAY = 34  # of the story; its closing survey is open for four weeks from then on

CHANGES = (
    ("Five weeks are too short.", "The next round has eight weeks, and six dates."),
    ("You would like to know each other sooner.", "You see each other's profile before you meet."),
)


def shorten(program: Program, by: Member) -> None:
    """Let its pairs meet once a week, five times in all."""
    designs.edit_program(
        program=program,
        by=by,
        cadence_every=1,
        session_minutes=45,
        sessions_planned=WEEKS,
        sessions_agreed=3,
    )


def close_and_review(cohort: Cohort, by: Member) -> Events:
    """Close the cohort three weeks after its last day, and publish its review once all is in."""

    def close(_life: Life) -> None:
        closing = Cohort.objects.for_list().get(pk=cohort.pk)
        cohorts.move_cohort(cohort=closing, to=Cohort.Phase.CLOSED, by=by, confirmed=True)

    def read(_life: Life) -> None:
        theme_of = {line: theme for theme, lines in CHANGE.items() for line in lines}
        for theme in CHANGE:
            review.add_theme(cohort=cohort, by=by, name=theme)
        written = [row for group in comments(cohort) for row in group.comments]
        review.sort_comments(
            cohort=cohort,
            by=by,
            themes={row.digest: theme_of[row.text] for row in written if row.text in theme_of},
        )
        review.keep_changes(cohort=cohort, by=by, changes=CHANGES)

    def publish(_life: Life) -> None:
        review.publish_review(cohort=cohort, by=by)

    return {LAST_DAY + 22: close, LAST_DAY + 30: read, LAST_DAY + 31: publish}
