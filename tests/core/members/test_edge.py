"""Address, host, size and what is kept: settled before anything else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from allauth.account import urls as allauth_urls
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from core.members.edge import EdgeMiddleware, client_address
from tests.cast import Cast, sign_in
from tests.walk.conftest import worlds
from tests.walk.routes import Route, filling, routes
from tests.walk.world import Worlds

__all__ = ["worlds"]

KEPT = {
    "accounts:theme",  # named by its content
    "accounts:logo_picture",  # the same
    "sessions_public:calendar_feed",  # private for five minutes: calendars ask without end
}
LOGIN = "/account/login/"


# ── whose address ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [
        (0, None, "10.0.0.9"),
        (0, "203.0.113.7", "10.0.0.9"),  # anybody can write the header
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "1.2.3.4, 203.0.113.7", "203.0.113.7"),
        (2, "1.2.3.4, 203.0.113.7, 10.0.0.8", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.9"),  # came around one of them
        (1, "unknown", "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, None, "10.0.0.9"),
        (1, "2001:DB8:0:0::7", "2001:db8::7"),
    ],
)
def test_the_address_is_what_our_proxies_vouch_for(settings, proxies, told, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9")
    if told is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = told
    assert client_address(request) == address


def test_it_is_the_address_of_the_whole_request(settings):
    settings.TRUSTED_PROXIES = 1
    seen = []

    def view(request: Any) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    EdgeMiddleware(view)(RequestFactory().get("/", HTTP_X_FORWARDED_FOR="203.0.113.7"))
    assert seen == ["203.0.113.7"]


# ── which host ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def production(settings) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://rt.example", ["rt.example"]


@pytest.mark.parametrize("host", ["evil.example", "localhost", "localhost:1337", "127.0.0.1"])
def test_another_host_is_refused(production, host):
    for path in ("/", LOGIN, "/l/room/x/"):
        assert Client().get(path, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["rt.example:8443", "RT.example:1", "rt.example.:9"])
def test_links_in_e_mails_follow_site_url_whatever_port_is_named(production, cast: Cast, host):
    answer = Client().post(
        "/account/password/reset/", {"email": cast.petra.user.email}, headers={"Host": host}
    )
    assert answer.status_code == 302
    body = str(mail.outbox[0].body)
    assert "https://rt.example/" in body or "http://rt.example/" in body
    assert "rt.example:" not in body


def test_a_redirect_to_https_goes_to_site_url():
    from mentoring import settings

    assert settings.SITE_URL.partition("//")[2] == settings.SECURE_SSL_HOST


# ── how large ───────────────────────────────────────────────────────────────────────────

MEGABYTE = 1_000_000


def _post(client: Client, size: object, **environ: Any) -> Any:
    return client.post(
        LOGIN, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=size, **environ
    )


@pytest.mark.parametrize("size", [MEGABYTE + 1, 60 * MEGABYTE, -1, "many", "1e9"])
def test_a_large_body_without_a_session_is_refused_unread(db, size):
    client = Client()
    client.cookies["sessionid"] = "made-up"
    answer = _post(client, str(size))
    assert answer.status_code == 413
    assert b"too large" in answer.content
    assert "Content-Security-Policy" in answer.headers


def test_a_body_without_a_length_is_refused(db):
    assert _post(Client(), "", HTTP_TRANSFER_ENCODING="chunked").status_code == 413


def test_who_is_signed_in_may_send_a_file_and_no_more(cast: Cast):
    browser = sign_in(cast.cora)
    assert _post(browser, str(11 * MEGABYTE)).status_code != 413
    assert _post(browser, str(12 * MEGABYTE + 1)).status_code == 413
    browser.logout()
    assert _post(browser, str(11 * MEGABYTE)).status_code == 413


def test_the_api_says_it_in_its_own_shape(db):
    answer = Client().post(
        "/api/v1/members/", b"", content_type="application/json", CONTENT_LENGTH=str(2 * MEGABYTE)
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_form_of_very_many_parts_is_refused_with_words(db):
    files = {f"file{n}": SimpleUploadedFile("a.csv", b"x") for n in range(6)}
    for many in ({f"f{n}": "x" for n in range(6_000)}, files):
        answer = Client().post(LOGIN, many)
        assert answer.status_code == 400
        assert b"We did not understand that" in answer.content


# ── what may be kept ────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_no_answer_may_be_kept_but_what_is_named_by_its_content(worlds: Worlds):
    browser, world = sign_in(worlds.acme.owner), worlds.acme
    walked: list[Route] = [route for route in routes() if route.name not in KEPT]
    for route in walked:
        answer = browser.get(route.url(world.organisation.slug, filling(world, route)))
        assert "no-store" in answer["Cache-Control"], (route.name, answer.headers)
    assert len(walked) > 150


@pytest.mark.parametrize("name", sorted(pattern.name for pattern in allauth_urls.urlpatterns))
def test_no_page_of_signing_in_may_be_kept(cast: Cast, name):
    filled = {"account_reset_password_from_key": {"uidb36": "abc", "key": "def-123"}}
    answer = sign_in(cast.olga).get(reverse(name, kwargs=filled.get(name)))
    assert "no-store" in answer["Cache-Control"]


def test_the_room_is_behind_the_middlewares_that_make_a_browser_careful():
    from mentoring.settings import MIDDLEWARE

    room = MIDDLEWARE.index("sessions.room.live.RoomMiddleware")
    for name in ("SecurityMiddleware", "CSPMiddleware", "EdgeMiddleware"):
        assert any(entry.endswith(name) for entry in MIDDLEWARE[:room]), name


# ── defaults are closed ─────────────────────────────────────────────────────────────────

ROOT = Path(__file__).resolve().parents[3]
ASK = (
    "from mentoring import settings as s; "
    "print(s.DEBUG, s.TIME_TRAVEL, s.PUBLIC_DOCS, s.SECURE_HSTS_PRELOAD,"
    " s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.TRUSTED_PROXIES, s.ALLOWED_HOSTS, s.SECRET_KEY_FALLBACKS)"
)


def _settings(**environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK],
        cwd=ROOT,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_key_nothing_starts():
    answer = _settings()
    assert answer.returncode != 0
    assert "SECRET_KEY is not set" in answer.stderr


def test_what_is_not_said_is_closed():
    said = _settings(SECRET_KEY="k", SITE_URL="https://rt.example:444").stdout.strip()
    assert said == "False False False False False 0 ['rt.example'] []"


def test_what_is_said_is_open(tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("one, two\n")
    said = _settings(
        SECRET_KEY="k",
        SITE_URL="https://rt.example",
        HSTS_PRELOAD="yes",
        PUBLIC_DOCS="yes",
        TRUSTED_PROXIES="2",
        SECRET_KEY_FALLBACKS_FILE=str(keys),
    ).stdout.strip()
    assert said == "False False True True True 2 ['rt.example'] ['one', 'two']"


@pytest.mark.parametrize("path", ["/kit/", "/api/docs/", "/api/schema/"])
def test_pages_about_the_product_need_a_sign_in(cast: Cast, settings, path):
    settings.PUBLIC_DOCS = False
    stranger = Client().get(path)
    assert (stranger.status_code, stranger["Location"]) == (302, f"{LOGIN}?next={path}")
    assert sign_in(cast.petra).get(path).status_code == 200
    settings.PUBLIC_DOCS = True
    assert Client().get(path).status_code == 200
