"""Secrets of public doors stay out of the log."""

import logging

import pytest

from mentoring.common.logs import HideSecrets


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/l/check-in/eyJ0:1abc:sig/", "/l/check-in/…/"),
        ("/invitation/s3cret-key/", "/invitation/…/"),
        ("/calendar/s3cret.ics", "/calendar/…"),
        ("/o/acme/people/", "/o/acme/people/"),
    ],
)
def test_a_line_is_written_without_the_secret(path, written):
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Not Found: %s", (path,), None)
    assert HideSecrets().filter(record)
    assert record.getMessage() == f"Not Found: {written}"
