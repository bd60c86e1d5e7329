"""Secrets of public links stay out of the log, and so does noise."""

import logging

import pytest
from django.test import RequestFactory

from core.common.logs import HideSecrets, LeaveOutHealth


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


@pytest.mark.parametrize(
    ("path", "status", "kept"),
    [("/healthz", 503, False), ("/healthz", 500, True), ("/o/acme/", 503, True)],
)
def test_what_the_health_page_answers_is_not_said_again(path, status, kept):
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s", (path,), None)
    record.request, record.status_code = RequestFactory().get(path), status
    assert LeaveOutHealth().filter(record) is kept
