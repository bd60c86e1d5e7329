"""Several who act at the same moment, each in a transaction of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

from core.common.errors import DomainError
from core.tenancy.context import tenant
from core.tenancy.models import Organisation

Came = TypeVar("Came")


def at_once(acts: Sequence[Callable[[], Came]]) -> list[Came]:
    """Run all in threads that start together; return what each came to."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Came]) -> Came:
        try:
            start.wait(timeout=60)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def refusal(organisation: Organisation, act: Callable[[], object]) -> Callable[[], str]:
    """Return an act that says the code with which it was refused, "" if it got through."""

    def attempt() -> str:
        try:
            with tenant(organisation):
                act()
        except DomainError as refused:
            return refused.code
        return ""

    return attempt
