"""What a review is made of: comments by theme, figures with quotes, and what is carried on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from core.members.models import Member
from core.tenancy.queries import settings_in_force
from feedback.builder.results import ItemResult, K, comments_of, settled
from feedback.models.review import (
    ProgramReview,
    ReviewChange,
    ReviewChangeQuerySet,
    ReviewQuote,
)
from feedback.models.testimonials import Testimonial, TestimonialQuerySet
from feedback.surveys.closing import CLOSING
from programs.models.programs import Cohort, Enrolment, Program

UNDO_WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class Comment:
    """What somebody wrote, nobody knows who; by its digest it is known without being copied."""

    digest: str
    text: str


@dataclass(frozen=True)
class CommentGroup:
    question: str
    comments: Sequence[Comment]


@dataclass(frozen=True)
class Theme:
    """A theme with how many wrote of it, where so many did that it tells of nobody."""

    name: str
    n: int | None


@dataclass(frozen=True)
class FigureShown:
    """A figure of the closing survey, with the quotes that explain it."""

    item: str
    result: ItemResult
    quotes: Sequence[ReviewQuote]


def review_of(cohort: Cohort, member: Member) -> ProgramReview | None:
    """Return the review of a cohort as far as this person may read it."""
    return ProgramReview.objects.visible_to(member).for_list().filter(cohort=cohort).first()


def comments(cohort: Cohort) -> list[CommentGroup]:
    """Return what was written in the closing survey: from eight texts on, once it is closed."""
    questions = {item.key: str(item.question) for item in CLOSING.items}
    return [
        CommentGroup(questions[key], [Comment(digest_of(key, text), text) for text in texts])
        for key, texts in comments_of(CLOSING.name, cohort).items()
        if key in questions
    ]


def digest_of(item: str, text: str) -> str:
    return sha256(f"{item}\n{text}".encode()).hexdigest()[:32]


def theme_of(review: ProgramReview | None) -> dict[str, str]:
    """Return the theme of each comment that has one, by its digest."""
    themes = review.themes if review else []
    return {digest: theme["name"] for theme in themes for digest in theme["comments"]}


def themes_of(review: ProgramReview) -> list[Theme]:
    """Return the themes with how many wrote of each: from k on, else only that some did."""
    k = max(K, settings_in_force().threshold)
    written = [row.digest for group in comments(review.cohort) for row in group.comments]
    counts = {
        theme["name"]: sum(digest in theme["comments"] for digest in written)
        for theme in review.themes
    }
    return [Theme(name, n if n >= k else None) for name, n in counts.items()]


def figures_of(cohort: Cohort, review: ProgramReview | None, member: Member) -> list[FigureShown]:
    """Return what is shown of the closing survey's figures, each with its quotes."""
    quotes = quotes_of(review, member) if review else []
    return [
        FigureShown(key, result, [quote for quote in quotes if quote.item == key])
        for key, result in settled(CLOSING, cohort)
        if result.n and not result.in_words
    ]


def quotes_of(review: ProgramReview, member: Member) -> list[ReviewQuote]:
    """Return the quotes that are picked and whose authors let the cohort's people read them."""
    rows = ReviewQuote.objects.visible_to(member).for_list().filter(review=review)
    shown = Testimonial.objects.shown_in(Testimonial.Place.COMMUNITY).values("pk")
    return list(rows.filter(testimonial__in=shown).order_by("id"))


def quotable(cohort: Cohort) -> TestimonialQuerySet:
    """Return the testimonials that may stand in the review: it is read by the cohort's people."""
    rows = Testimonial.objects.in_force().filter(enrolment__cohort=cohort)
    return rows.filter(places__contains=[Testimonial.Place.COMMUNITY])


def changes_of(review: ProgramReview, member: Member) -> ReviewChangeQuerySet:
    rows = ReviewChange.objects.visible_to(member).for_list().filter(review=review)
    return rows.order_by("place")


def people_told(cohort: Cohort) -> list[Member]:
    """Return who hears of the review: who took part and is still here."""
    rows = Enrolment.objects.filter(cohort=cohort, state__in=Testimonial.AUTHORS)
    rows = rows.exclude(member__state=Member.State.LEFT).select_related("member")
    return [row.member for row in rows.order_by("pk")]


def may_undo(review: ProgramReview, *, at: datetime) -> bool:
    return review.published_at is not None and at < review.published_at + UNDO_WITHIN


def carried_to(program: Program, member: Member) -> ReviewChangeQuerySet:
    """Return what was promised to people of this program, or of the one it was copied from.

    It stands in the list until a design has it, and stays there ticked in the one that has.
    """
    designs = [program.pk, *([program.copied_from_id] if program.copied_from_id else [])]
    rows = ReviewChange.objects.visible_to(member).for_list()
    rows = rows.filter(review__cohort__program__in=designs, review__published_at__isnull=False)
    rows = rows.filter(done_in=None) | rows.filter(done_in=program)
    return rows.order_by("-review__published_at", "place")
