"""Rules that can say no to a person, and the reading of database refusals."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule said no.  Subclasses give a `code` for programs and a `message` for people.

    Views and resources let it pass: one middleware and one REST handler answer with `status`.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message: ClassVar[str | Promise] = _("That cannot be done now.")

    def __str__(self) -> str:
        return str(self.message)


def violated(error: IntegrityError) -> str:
    """Return the name of the constraint that the database says was violated, or ''."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""


@contextmanager
def refusing(constraint: str, refusal: DomainError) -> Iterator[None]:
    """Turn the database's refusal by that constraint into a sentence for a person."""
    with refusing_any({constraint: refusal}):
        yield


@contextmanager
def refusing_any(refusals: Mapping[str, DomainError]) -> Iterator[None]:
    """As `refusing`, for a statement that several constraints may refuse."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        refusal = refusals.get(violated(error))
        if refusal is None:
            raise
        raise refusal from error
