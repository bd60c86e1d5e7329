"""What one button asks for, and the page it leads back to says what a rule refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest

from core.common.errors import DomainError

Result = TypeVar("Result")


def told(request: HttpRequest, operation: Callable[[], Result], done: str = "") -> Result | None:
    """Do it and say so; a refusal becomes a message on the page that comes next, and None."""
    try:
        with transaction.atomic():
            result = operation()
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return None
    if done:
        messages.success(request, done)
    return result
