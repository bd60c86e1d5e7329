"""A day and a time that somebody has typed: whatever comes is a moment of ours or refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django import forms
from django.utils import timezone

from core.common.dates import instant_of
from core.ui.forms import Moment

FAR_ZONE = "2026-03-02T19:16:00+19:16"  # PostgreSQL knows zones up to sixteen hours from UTC
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


class When(forms.Form):
    at = Moment(validators=[])


def test_a_moment_with_a_zone_of_its_own_is_one_of_the_reader_s() -> None:
    with timezone.override("Europe/Berlin"):
        at = Moment().to_python(FAR_ZONE)
    assert at == MIDNIGHT
    assert at.utcoffset() == datetime(2026, 3, 2).astimezone(at.tzinfo).utcoffset()


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:00-10:00"])
def test_what_lies_outside_of_time_is_refused_at_the_field(text: str) -> None:
    form = When({"at": text})
    assert not form.is_valid()
    assert set(form.errors) == {"at"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T00:00:00Z", MIDNIGHT),
        (FAR_ZONE, MIDNIGHT),
        ("2026-03-02T00:00:00", None),  # of no zone
        ("2026-02-30T00:00:00Z", None),  # no such day
        ("9999-12-31T23:59:00-10:00", None),
        ("", None),
    ],
)
def test_an_instant_is_one_or_none(text: str, moment: datetime | None) -> None:
    assert instant_of(text) == moment
