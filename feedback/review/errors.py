"""What the review of a program can say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class ReviewPublished(DomainError):
    code = "review_published"
    message = _("The review is published, and people have read it. Undo the publication first.")


class NothingToPublish(DomainError):
    code = "nothing_to_publish"
    message = _("Write at least one thing that changes. It is what people are told.")


class PublicationStands(DomainError):
    code = "publication_stands"
    message = _("The publication can be undone for a day. That day is over.")


class ThemeTaken(DomainError):
    code, message = "theme_taken", _("There is a theme with this name already.")


class EnoughThemes(DomainError):
    code, message = "enough_themes", _("Eight themes are enough. Remove one first.")


class QuoteGone(DomainError):
    code = "quote_gone"
    message = _("Its author does not let it be shown to the people of this cohort any more.")
