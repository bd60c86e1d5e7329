"""What is kept for later tests does not depend on which test came first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import Cast
from tests.kept import kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTIFICATION_HOLD", timedelta(seconds=90)),
        ("NOTIFICATION_PACING", True),
        ("INBOUND_DOMAIN", "in.roundtable.example"),
    ],
)
def test_rows_made_with_other_emails_are_made_anew(
    cast: Cast, settings, name: str, value: object
) -> None:
    built: list[object] = []

    def build() -> list[object]:
        built.append(name)
        return built

    for there in (getattr(settings, name), value, value):
        setattr(settings, name, there)
        kept(("emails made otherwise", name), build)
    assert built == [name, name]
