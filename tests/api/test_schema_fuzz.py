"""The API against its own schema: whatever is sent, only what is documented is answered.

`make slow` tries few cases of each operation; SCHEMA_CASES=… tries so many.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import positive_data_acceptance

from core.common.pages import write_cursor
from core.members import limits
from mentoring.wsgi import application
from tests.api.test_two_tenants import SINCE, secret_of
from tests.core.members.test_cursors import HOSTILE
from tests.figures import Figure
from tests.walk.conftest import worlds
from tests.walk.world import Worlds

__all__ = ["worlds"]

CASES = int(os.environ.get("SCHEMA_CASES", "40"))
pytestmark = pytest.mark.slow


def cursors(worlds: Worlds) -> list[str]:
    """Return cursors that are none, and such as another organisation was given."""
    row = worlds.acme.rows["member"]
    scope = f"members.Member.{worlds.acme.organisation.pk}"
    sendable = [text for text in HOSTILE.values() if text.isascii()]
    return [*sendable, write_cursor(scope, ["", SINCE, "", str(row.pk)])]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """A request served in our own process leaves us the connection that holds our rows."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_nothing_undocumented_is_answered(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch, figure: Callable[[str], Figure]
) -> None:
    counted = figure("schema fuzz of the API")
    for name in ("api", "export", "bad_secret"):
        monkeypatch.setitem(limits.LIMITS, name, limits.Limit(10_000_000, 60))
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    secrets = [secret_of(member) for member in (worlds.globex.owner, worlds.globex.coordinator)]
    tokens = st.sampled_from([*(f"Bearer {secret}" for secret in secrets), "Bearer x", ""])
    bad_cursors = st.none() | st.sampled_from(cursors(worlds))
    answered: set[int] = set()
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=CASES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            database=None,
        )
        @given(case=operation.as_strategy(), token=tokens, cursor=bad_cursors)
        def call(case: Any, token: str, cursor: str | None) -> None:
            if cursor is not None and "{id}" not in case.path:
                case.query = {**(case.query or {}), "cursor": cursor}
            # what is sent small is read by browsers; here it is asked for as it is
            headers = {"Accept-Encoding": "identity"} | ({"Authorization": token} if token else {})
            answer = case.call(headers=headers)
            counted.tried += 1
            answered.add(answer.status_code)
            assert answer.status_code < 500
            # a cursor is any text to the schema, and good only if that list has given it out
            case.validate_response(
                answer, headers=headers, excluded_checks=[positive_data_acceptance]
            )

        call()
    assert counted.tried >= CASES * 10
    assert {200, 400, 401} <= answered
