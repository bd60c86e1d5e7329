"""How much a piece of work asks of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass
class Read:
    statements: int = 0
    rows: int = 0


@contextmanager
def reading() -> Iterator[Read]:
    """Count the statements and the rows that the database answers with."""
    read = Read()

    def watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        read.statements += 1
        read.rows += max(context["cursor"].rowcount, 0)
        return answer

    with connection.execute_wrapper(watch):
        yield read
