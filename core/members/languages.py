"""In which language somebody reads: their own choice, else their organisation's, else another's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation

from core.members.models import Member
from core.tenancy.queries import settings_in_force


def language_of(member: Member, *, otherwise: str = "") -> str:
    """Return the language of a member of the organisation in force, one that is offered.

    `otherwise` is what their browser asks for; an e-mail knows of none.
    """
    offered = dict(settings.LANGUAGES)
    wanted = (member.language, settings_in_force().locale, otherwise)
    return next((code for code in wanted if code in offered), settings.LANGUAGE_CODE)


@contextmanager
def in_language_of(member: Member) -> Iterator[None]:
    """Write in the language of who reads it."""
    with translation.override(language_of(member)):
        yield
