"""Secrets of links and tokens stay out of the log, what people typed too, and so does noise."""

from __future__ import annotations

import io
import logging
from typing import Any

import pytest
from allauth.account import urls as allauth_urls
from django.test import Client, RequestFactory
from django.urls import path, reverse
from django.views import View

from core.common.logs import HideSecrets, LeaveOutHealth, path_shown
from tests.walk.routes import routes

CANARY = "canary-7Qx9"


def written(message: object, *args: object, error: BaseException | None = None) -> str:
    """Return what the log shows, as our handler writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(HideSecrets())
    handler.setFormatter(logging.Formatter("%(message)s"))
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("x", logging.WARNING, "", 0, message, args, info)
    handler.handle(record)
    return stream.getvalue().rstrip("\n")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/l/check-in/eyJ0:1abc:sig/", "/l/check-in/…/"),
        ("/l/check-in/eyJ0:1abc:sig", "/l/check-in/…"),
        ("/l/check-in/eyJ0:1abc:sig?change=1", "/l/check-in/…?…"),
        ("/invitation/s3cret-key/", "/invitation/…/"),
        ("/calendar/s3cret.ics", "/calendar/….ics"),
        ("/account/password/reset/key/2a-c9z-71fe/", "/account/password/reset/key/…-…/"),
        ("/account/login/?next=/invitation/s3cret/", "/account/login/?…"),
        ("/nowhere/0123456789abcdef0/", "/nowhere/…"),
        (f"/{'x' * 43}", "/…"),
        ("/o/acme/people/", "/o/acme/people/"),
        ("/o/acme/people/?q=mia", "/o/acme/people/?q=mia"),
        ("/api/v1/members/?cursor=a", "/api/v1/members/?cursor=a"),
    ],
)
def test_a_path_is_written_without_what_opens_it(path: str, shown: str):
    assert path_shown(path) == shown
    assert written("Not Found: %s", path) == f"Not Found: {shown}"
    assert written(f"Not Found: {path} (again)") == f"Not Found: {shown} (again)"
    assert written("%(path)s", {"path": path}) == shown


def test_a_new_route_is_hidden_by_its_shape_and_not_by_a_list(settings):
    class Urls:
        urlpatterns = [path("brand-new/<str:secret>/", View.as_view(), name="brand_new")]

    settings.ROOT_URLCONF = Urls
    assert path_shown(f"/brand-new/{CANARY}/") == "/brand-new/…/"


@pytest.mark.parametrize(
    "said",
    [
        f"Authorization: Bearer {CANARY}",
        f"{{'Authorization': 'Bearer {CANARY}'}}",
        f"bearer {CANARY}",
    ],
)
def test_a_token_is_never_written(said: str):
    for line in (written(said), written("%s", said), written("%s", {"headers": said})):
        assert CANARY not in line


def test_of_an_exception_its_class_and_place_are_written_and_no_words():
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as cause:
            raise ValueError(f"cannot read {CANARY}") from cause
    except ValueError as error:
        line = written("failed: %s", error, error=error)
    assert CANARY not in line
    assert line.startswith("failed: ValueError\n")
    assert "builtins.KeyError" in line
    assert line.endswith("builtins.ValueError")
    assert "test_logs.py" in line


def secret_addresses() -> list[str]:
    """Return every public address that has something to fill in, filled with a canary."""
    urls = [
        reverse(route.name, kwargs=dict.fromkeys(route.wants, CANARY))
        for route in routes()
        if route.wants and not route.pattern.startswith("o/")
    ]
    urls += [
        reverse(pattern.name, kwargs=dict.fromkeys(pattern.pattern.converters, CANARY))
        for pattern in allauth_urls.urlpatterns
        if pattern.pattern.converters
    ]
    return urls


@pytest.fixture
def log(settings) -> Any:
    """Return what the root logger writes, through the filter that production has."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(HideSecrets())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_no_public_door_writes_what_opens_it(db, log, settings):
    """Each with GET, with POST, with POST refused for its cookie, and with a slash less."""
    urls, careful = secret_addresses(), Client(enforce_csrf_checks=True)
    assert len(urls) >= 10
    for url in urls:
        Client().get(url)
        Client().post(url)
        careful.post(url)
        Client().get(url.rstrip("/"))
        Client().get(url + "x/y")
        Client().get(f"/account/login/?next={url}")
        Client().get("/api/v1/members/", headers={"Authorization": f"Bearer {CANARY}"})
    said = log.getvalue()
    assert "Not Found" in said
    assert "Forbidden" in said
    assert CANARY not in said


def test_django_has_no_handlers_of_its_own_beside_ours():
    from mentoring.settings import LOGGING

    for name in ("django", "django.server"):
        assert LOGGING["loggers"][name]["handlers"] == []


@pytest.mark.parametrize(
    ("path", "status", "kept"),
    [("/healthz", 503, False), ("/healthz", 500, True), ("/o/acme/", 503, True)],
)
def test_what_the_health_page_answers_is_not_said_again(path, status, kept):
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s", (path,), None)
    record.request, record.status_code = RequestFactory().get(path), status
    assert LeaveOutHealth().filter(record) is kept


def test_a_wrong_host_is_one_line_of_the_log_and_no_traceback(client, settings, caplog):
    settings.ALLOWED_HOSTS = ["ours.example"]
    assert client.get("/account/login/", headers={"host": "evil.example"}).status_code == 400
    told = [record.name for record in caplog.records if record.levelno >= logging.ERROR]
    assert told == []
