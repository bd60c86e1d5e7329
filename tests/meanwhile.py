"""Somebody else who acts between what a sweep reads and what it then does with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models


@contextmanager
def meanwhile(table: type[models.Model], act: Callable[[], object]) -> Iterator[None]:
    """Do something once, right after the first statement that reads a table."""
    reads, waiting = f'FROM "{table._meta.db_table}"', [act]

    def then_act(
        execute: Callable[..., Any], statement: Any, params: Any, many: bool, context: Any
    ) -> Any:
        answer = execute(statement, params, many, context)
        if waiting and reads in str(statement):
            waiting.pop()()
        return answer

    with connection.execute_wrapper(then_act):
        yield
    if waiting:
        raise AssertionError(f"nothing has read {table._meta.db_table}")
