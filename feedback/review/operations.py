"""The review of a program: its themes, quotes and changes are a draft until it is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import Link, enqueue, withdraw
from feedback.models.review import ProgramReview, ReviewChange, ReviewQuote
from feedback.models.testimonials import Testimonial
from feedback.review.errors import (
    EnoughThemes,
    NothingToPublish,
    PublicationStands,
    QuoteGone,
    ReviewPublished,
    ThemeTaken,
)
from feedback.review.queries import may_undo, people_told, quotable
from feedback.testimonials.operations import pick_testimonial
from programs.models.programs import Cohort, Program

PUBLISHED = "feedback.review"
MOST_THEMES = 8


def _draft(cohort: Cohort) -> ProgramReview:
    """Return the review of this cohort, begun if need be and locked; raises ReviewPublished."""
    ProgramReview.objects.bulk_create([ProgramReview(cohort=cohort)], ignore_conflicts=True)
    rows = ProgramReview.objects.for_list().select_for_update(of=("self",))
    review = rows.get(cohort=cohort)
    if review.published_at:
        raise ReviewPublished
    return review


@transaction.atomic
def add_theme(*, cohort: Cohort, by: Member, name: str) -> ProgramReview:
    """Raises ThemeTaken and EnoughThemes."""
    review = _draft(cohort)
    if name.casefold() in [theme["name"].casefold() for theme in review.themes]:
        raise ThemeTaken
    if len(review.themes) >= MOST_THEMES:
        raise EnoughThemes
    return _keep_themes(review, [*review.themes, {"name": name, "comments": []}], by)


@transaction.atomic
def remove_theme(*, cohort: Cohort, by: Member, name: str) -> ProgramReview:
    """Take a theme away; its comments have none again."""
    review = _draft(cohort)
    return _keep_themes(review, [row for row in review.themes if row["name"] != name], by)


@transaction.atomic
def sort_comments(*, cohort: Cohort, by: Member, themes: Mapping[str, str]) -> ProgramReview:
    """Say of comments, by their digests, which theme they are of; "" for none."""
    review = _draft(cohort)
    rows = []
    for theme in review.themes:
        stays = [digest for digest in theme["comments"] if digest not in themes]
        comes = [digest for digest, name in themes.items() if name == theme["name"]]
        rows.append({"name": theme["name"], "comments": sorted([*stays, *comes])})
    return _keep_themes(review, rows, by)


def _keep_themes(review: ProgramReview, themes: list[dict[str, Any]], by: Member) -> ProgramReview:
    review.themes = themes
    review.save(update_fields=["themes"])
    record(by=by, verb="review.themes_kept", target=review.cohort, themes=len(themes))
    return review


@transaction.atomic
def keep_changes(
    *, cohort: Cohort, by: Member, changes: Sequence[tuple[str, str]]
) -> ProgramReview:
    """Keep what people said and what changes because of it, in this order, as a draft."""
    review = _draft(cohort)
    review.changes.all().delete()
    ReviewChange.objects.bulk_create(
        ReviewChange(review=review, place=place, said=said, change=change)
        for place, (said, change) in enumerate(changes, 1)
    )
    record(by=by, verb="review.changes_kept", target=cohort, number=len(changes))
    return review


@transaction.atomic
def quote(*, cohort: Cohort, by: Member, testimonial: Testimonial, item: str) -> ProgramReview:
    """Put a testimonial beside a figure, which picks it; raises QuoteGone without its consent."""
    review = _draft(cohort)
    if not quotable(cohort).filter(pk=testimonial.pk).exists():
        raise QuoteGone
    pick_testimonial(testimonial=testimonial, by=by)
    ReviewQuote.objects.update_or_create(
        review=review, testimonial=testimonial, defaults={"item": item}
    )
    record(by=by, verb="review.quoted", target=cohort)
    return review


@transaction.atomic
def unquote(*, cohort: Cohort, by: Member, quote: ReviewQuote) -> ProgramReview:
    review = _draft(cohort)
    ReviewQuote.objects.filter(pk=quote.pk, review=review).delete()
    record(by=by, verb="review.unquoted", target=cohort)
    return review


@transaction.atomic
def publish_review(*, cohort: Cohort, by: Member) -> ProgramReview:
    """Let the cohort's people read it and tell who took part, once; raises NothingToPublish."""
    review = _draft(cohort)
    changes = list(review.changes.order_by("place"))
    if not changes:
        raise NothingToPublish
    now = clock.now()
    ProgramReview.objects.filter(pk=review.pk).update(published_at=now)
    review.published_at = now
    told = set(
        Email.objects.filter(kind=PUBLISHED, about_id=review.pk, sent_at__isnull=False)
        .exclude(member=None)
        .values_list("member", flat=True)
    )
    for member in people_told(cohort):
        if member.pk not in told:  # after an undone publication nobody hears of it twice
            enqueue(
                member=member,
                kind=PUBLISHED,
                program=cohort.program_id,
                dedupe_key=f"{PUBLISHED}:{review.pk}:{now.isoformat()}:{member.pk}",
                link=Link(page=review.get_absolute_url()),
                context={
                    "program": cohort.program.name,
                    "changes": [{"said": row.said, "change": row.change} for row in changes],
                },
                about=review.pk,
                cause=review.pk,
            )
    record(by=by, verb="review.published", target=cohort, number=len(changes))
    return review


@transaction.atomic
def undo_publication(*, cohort: Cohort, by: Member) -> ProgramReview:
    """Make it a draft again, within a day; e-mails that have not gone are taken back."""
    rows = ProgramReview.objects.for_list().select_for_update(of=("self",))
    review = rows.get(cohort=cohort)
    if not may_undo(review, at=clock.now()):
        raise PublicationStands
    ReviewChange.objects.filter(review=review).update(done_in=None)
    review.published_at = None
    review.save(update_fields=["published_at"])
    withdraw(about=review.pk, kind=PUBLISHED)
    record(by=by, verb="review.publication_undone", target=cohort)
    return review


@transaction.atomic
def tick_change(*, change: ReviewChange, program: Program, done: bool, by: Member) -> ReviewChange:
    """Say that the design of this program has what was promised, or that it has it not yet."""
    rows = ReviewChange.objects.filter(pk=change.pk)
    rows.filter(done_in=None if done else program).update(done_in=program if done else None)
    verb = "review.change_done" if done else "review.change_reopened"
    record(by=by, verb=verb, target=program, change=str(change.pk))
    change.refresh_from_db()
    return change
