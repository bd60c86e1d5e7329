"""A sweep: one operation, for each live organisation, in a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from celery import shared_task

from core.tenancy.context import tenant
from core.tenancy.queries import live_organisations

log = logging.getLogger(__name__)


def sweep(name: str) -> Callable[[Callable[[], object]], Any]:
    """Make a Celery task that visits every organisation; one failure is logged, the rest go on."""

    def decorate(visit: Callable[[], object]) -> Any:
        @shared_task(name=name)
        @wraps(visit)
        def run() -> None:
            for organisation in live_organisations():
                try:
                    with tenant(organisation):
                        visit()
                except Exception:
                    log.exception("%s failed for one organisation", name)

        return run

    return decorate
