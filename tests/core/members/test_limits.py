"""What costs others something is limited: by person, by address, by organisation; with words."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account import urls as allauth_urls
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse

from core.accounts.operations import invitations
from core.members import limits
from core.members.limits import Limit, TooMany, TooManyInvitations
from core.members.models import Member
from core.tenancy.context import tenant
from tests.api.test_api import ADDRESSES, Caller, make_token
from tests.cast import Cast, make_member, make_user, sign_in
from tests.core.accounts.test_signing_in import SIGN_UP
from tests.walk.conftest import worlds
from tests.walk.routes import Route, filling, routes
from tests.walk.world import Worlds

__all__ = ["worlds"]

LOGIN = "/account/login/"
TWO = Limit(2, 3600)


def from_address(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


def is_refused(answer: Any) -> bool:
    """Whether it is an answer with words; but for the room's it says after how long it goes on."""
    if answer.status_code != 429:
        return False
    assert b"a lot at once" in answer.content or b"too_many" in answer.content
    assert answer["Content-Type"].startswith("application/json") or int(answer["Retry-After"]) > 0
    return True


# ── the bucket ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def clock(monkeypatch):
    """Let a test say what time it is, in seconds."""
    now = [1_000_000.0]
    monkeypatch.setattr("core.members.limits.time.time", lambda: now[0])
    return now


def test_a_bucket_gives_its_burst_and_then_as_much_as_comes_back(clock):
    bucket = Limit(60, 60, burst=120)
    for _ in range(120):
        limits._spend(bucket, "x")
    with pytest.raises(TooMany) as refused:
        limits._spend(bucket, "x")
    assert refused.value.seconds == 1
    clock[0] += 3
    for _ in range(3):
        limits._spend(bucket, "x")
    with pytest.raises(TooMany):
        limits._spend(bucket, "x")
    limits._spend(bucket, "another")
    clock[0] += 3600
    for _ in range(120):
        limits._spend(bucket, "x")
    with pytest.raises(TooMany):
        limits._spend(bucket, "x")


def test_many_at_once_are_all_or_none(clock):
    day = Limit(100, 86_400)
    limits._spend(day, "x", 90)
    with pytest.raises(TooMany):
        limits._spend(day, "x", 11)
    limits._spend(day, "x", 10)


def test_without_a_cache_nobody_is_shut_out(monkeypatch):
    def away(*_args):
        raise ValueError

    monkeypatch.setattr("core.members.limits.cache.incr", away, raising=False)
    for _ in range(3):
        limits._spend(Limit(1, 60), "x")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_of_ipv6_a_whole_network_is_one_customer(one, other, same):
    network = [
        limits.client_network(RequestFactory().get("/", REMOTE_ADDR=address))
        for address in (one, other)
    ]
    assert (network[0] == network[1]) is same


# ── forms that are open to everybody ────────────────────────────────────────────────────


def public_routes() -> list[Route]:
    return [route for route in routes() if not route.pattern.startswith("o/")]


@pytest.mark.slow
def test_every_public_form_is_limited_by_address(worlds: Worlds, monkeypatch):
    """The room answers taps before this; it has a limit of its own."""
    monkeypatch.setitem(limits.LIMITS, "public", TWO)
    world = worlds.acme
    urls = [route.url("", filling(world, route)) for route in public_routes()]
    filled = {"account_reset_password_from_key": {"uidb36": "abc", "key": "def-123"}}
    urls += [reverse(p.name, kwargs=filled.get(p.name)) for p in allauth_urls.urlpatterns]
    assert len(urls) > 30
    for url in urls:
        answers = [from_address("203.0.113.7").post(url) for _ in range(3)]
        assert is_refused(answers[-1]), url
        assert not is_refused(from_address("203.0.113.8").post(url)), url


def test_links_that_are_not_ours_are_limited_and_right_ones_still_open(cast: Cast, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "bad_secret", TWO)
    with tenant(cast.acme):
        petra = make_member(cast.acme, "Ines", live=False)
        invitation = invitations.send_invitation(member=petra, by=cast.cora)
    secret = limits_secret(invitation)
    for n in range(2):
        assert from_address("203.0.113.7").get(f"/invitation/bad{n}/").status_code == 404
    for path in ("/invitation/bad3/", "/l/check-in/bad/", "/calendar/bad.ics", "/address/bad/"):
        assert is_refused(from_address("203.0.113.7").get(path)), path
    assert from_address("203.0.113.7").get(f"/invitation/{secret}/").status_code == 200
    assert from_address("203.0.113.8").get("/invitation/bad3/").status_code == 404


def limits_secret(invitation: Any) -> str:
    from core.members.keys import derived_secret
    from core.members.models import Key

    return derived_secret(Key.Kind.INVITATION, invitation.pk)


# ── signing in ──────────────────────────────────────────────────────────────────────────


def log_in(client: Client, email: str, password: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": password})


def test_nobody_outside_locks_anybody_out(cast: Cast):
    """Wrong passwords count by e-mail and address: their owner comes in from elsewhere."""
    email = make_user("pia@acme.example").email
    outside = from_address("203.0.113.7")
    answers = [log_in(outside, email, f"wrong {n}") for n in range(8)]
    assert all(answer.status_code == 200 for answer in answers)
    assert b"Too many failed login attempts" in answers[-1].content
    assert b"Too many" in log_in(outside, email, "a long password").content
    assert log_in(from_address("198.51.100.7"), email, "a long password").status_code == 302


def test_the_header_that_anybody_can_write_buys_nothing(cast: Cast, settings):
    for proxies, told in ((0, "198.51.100.{}"), (1, "198.51.100.{}, 203.0.113.9")):
        settings.TRUSTED_PROXIES = proxies
        email = make_user(f"somebody{proxies}@acme.example").email
        for n in range(6):
            client = Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=told.format(n))
            answer = log_in(client, email, f"wrong {n}")
        assert b"Too many failed login attempts" in answer.content


@pytest.mark.slow
def test_behind_a_proxy_each_client_is_counted_alone(cast: Cast, settings):
    """One outsider, 200 tries through our proxy: who comes through it too gets in."""
    settings.TRUSTED_PROXIES = 1
    outside = Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.7")
    answers = [log_in(outside, f"x{n}@acme.example", "wrong") for n in range(130)]
    assert is_refused(answers[-1])
    petra = Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.7")
    email = make_user("pia@acme.example").email
    assert log_in(petra, email, "a long password").status_code == 302


@pytest.mark.parametrize(
    ("url", "field", "most"),
    [("/account/password/reset/", "email", 3), ("/account/login/code/", "email", 3)],
)
def test_one_mailbox_gets_few_e_mails_wherever_they_are_asked_for(cast, url, field, most):
    from django.core import mail

    for n in range(most + 4):
        from_address(f"203.0.113.{n}").post(url, {field: cast.petra.user.email})
    assert len(mail.outbox) == most


def test_signing_up_is_limited_by_address(db):
    answers = [
        from_address("203.0.113.7").post(
            "/account/signup/", {**SIGN_UP, "email": f"nora{number}@new.example"}
        )
        for number in range(21)
    ]
    assert is_refused(answers[-1])


# ── inside an organisation ──────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_every_file_that_is_taken_away_is_counted(worlds: Worlds, monkeypatch):
    """Whatever offers a file: the list is found by walking, not kept here."""
    monkeypatch.setitem(limits.LIMITS, "export", Limit(100_000, 60))
    world, browser = worlds.acme, sign_in(worlds.acme.owner)
    offers = []
    for route in routes():
        if route.pattern.startswith("o/"):
            url = route.url(world.organisation.slug, filling(world, route))
            if browser.get(url).get("Content-Disposition", "").startswith("attachment"):
                offers.append(url)
    assert len(offers) >= 7
    monkeypatch.setitem(limits.LIMITS, "export", Limit(1, 3600))
    for url in offers:
        cache.clear()
        assert browser.get(url).status_code == 200
        assert is_refused(browser.get(url)), url


def test_an_organisation_invites_so_many_a_day(cast: Cast, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "invitations", Limit(3, 86_400))
    with tenant(cast.acme):
        people = [make_member(cast.acme, name, live=False) for name in ("A", "B", "C", "D")]
        with pytest.raises(TooManyInvitations):
            invitations.send_invitations(members=people, by=cast.cora)
        assert invitations.send_invitations(members=people[:2], by=cast.cora) == 2
        invitations.send_invitation(member=people[2], by=cast.olga)
        with pytest.raises(TooManyInvitations):
            invitations.send_invitation(member=people[3], by=cast.cora)
    with tenant(cast.globex):
        gil = make_member(cast.globex, "Gil", live=False)
        invitations.send_invitation(member=gil, by=cast.gina)


def test_the_page_says_so_and_keeps_what_was_typed(cast: Cast, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "invitations", Limit(1, 86_400))
    browser, url = sign_in(cast.cora), reverse("accounts:invite", args=["acme"])
    typed = {"given_name": "Ines", "role": Member.Role.PARTICIPANT}
    assert browser.post(url, {**typed, "email": "one@acme.example"}).status_code == 302
    answer = browser.post(url, {**typed, "email": "two@acme.example"})
    assert answer.status_code == 429
    assert b"as many invitations as one day allows" in answer.content
    assert b"two@acme.example" in answer.content
    with tenant(cast.acme):
        assert not Member.objects.filter(email="two@acme.example").exists()


# ── the API ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_a_token_calls_sixty_times_a_minute_and_twice_that_at_once(cast: Cast, clock):
    make_token(cast.cora)
    make_token(cast.hugo, secret="another")
    answers = [Caller().get("/api/v1/decisions/") for _ in range(121)]
    assert {answer.status_code for answer in answers[:120]} == {200}
    assert is_refused(answers[120])
    assert answers[120]["Retry-After"] == "1"
    assert Caller("another").get("/api/v1/decisions/").status_code == 200


def test_two_tokens_of_one_person_share_what_they_may(cast: Cast, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "api", TWO)
    make_token(cast.cora)
    make_token(cast.cora, secret="another")
    for secret in ("another", "rt_a-secret-of-the-tests"):
        assert Caller(secret).get("/api/v1/members/").status_code == 200
    for url in ADDRESSES:
        assert is_refused(Caller("another").get(url)), url


def test_bad_tokens_of_one_address_are_refused_and_good_ones_are_not(cast: Cast, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "bad_secret", TWO)
    make_token(cast.cora)
    answers = [Caller(f"bad{n}").get("/api/v1/members/") for n in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert is_refused(answers[-1])
    assert Caller().get("/api/v1/members/").status_code == 200
