"""The audit trail as its page says it: changes of fields, and what was recorded before."""

from __future__ import annotations

import pytest

from core.audit.models import AuditEvent
from core.audit.names import Names
from core.audit.operations import record
from core.audit.sentences import sentence
from core.tenancy.context import tenant
from tests.cast import Cast

NAMES = Names({})


def test_changes_are_said_field_by_field(cast: Cast) -> None:
    with tenant(cast.acme):
        event = record(
            by=cast.cora, verb="cohort.edited", target=cast.acme, changes={"places": [8, None]}
        )
    assert sentence(event, NAMES).endswith("(places: 8 → –)")


def test_what_the_page_cannot_say_is_not_recorded(cast: Cast) -> None:
    with tenant(cast.acme), pytest.raises(TypeError, match="before and after"):
        record(by=cast.cora, verb="review.published", target=cast.acme, changes=3)
    with tenant(cast.acme):
        assert not AuditEvent.objects.filter(verb="review.published").exists()


def test_a_count_that_stood_under_that_key_once_is_read(cast: Cast) -> None:
    with tenant(cast.acme):
        event = record(by=cast.cora, verb="review.published", target=cast.acme, number=3)
    event.details = {"changes": 3}
    assert "published the review “Acme”" in sentence(event, NAMES)
