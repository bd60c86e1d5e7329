"""Rules that can say no to a person, and the reading of database refusals."""

from typing import ClassVar

from django.db import IntegrityError


class DomainError(Exception):
    """A rule said no.  Subclasses give a `code` for programs and a sentence for people.

    Views and resources let it pass: one middleware and one REST handler answer 409.
    """

    code: ClassVar[str] = "refused"

    def __str__(self) -> str:
        return "That cannot be done now."


def violated(error: IntegrityError) -> str:
    """Return the name of the constraint that the database says was violated, or ''."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""
