"""Signed links: looking changes nothing, and all die with what they were sent to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from core.common import clock
from core.members.keys import derived_secret, find_key, hashed
from core.members.links import SignedLink, read_link, signable_at, signed_path
from core.members.models import AddressChange, Key, Member
from core.tenancy.context import tenant
from tests.cast import Cast
from tests.walk.conftest import worlds
from tests.walk.routes import filling, routes
from tests.walk.test_two_tenants import state_of
from tests.walk.world import Worlds

__all__ = ["worlds"]


def signed_urls(worlds: Worlds) -> list[str]:
    return [
        route.url("", filling(worlds.acme, route))
        for route in routes()
        if route.pattern.startswith("l/")
    ]


@pytest.mark.slow
def test_whoever_only_looks_changes_nothing(worlds: Worlds):
    """A scanner of e-mails: GET and HEAD, twice, with what it found on the page."""
    urls, before = signed_urls(worlds), state_of(worlds.acme)
    assert len(urls) >= 8
    for url in urls:
        for _ in range(2):
            assert Client().get(url).status_code == 200, url
            assert Client().head(url).status_code in {200, 405}, url
            assert (
                Client().get(url, {"change": "1", "comes": "no", "again": "yes"}).status_code < 500
            )
    assert state_of(worlds.acme) == before


def test_all_die_when_the_person_goes_to_another_mailbox(worlds: Worlds):
    urls = [url for url in signed_urls(worlds) if not url.startswith("/l/room/")]
    with tenant(worlds.acme.organisation):
        for member in Member.objects.all():
            AddressChange.objects.create(
                member=member, email="n@x.example", confirmed_at=clock.now()
            )
    for url in urls:
        assert Client().get(url).status_code == 404, url


def test_all_die_when_the_person_leaves_also_for_who_is_back(worlds: Worlds):
    urls = [url for url in signed_urls(worlds) if not url.startswith("/l/room/")]
    with tenant(worlds.acme.organisation):
        Member.objects.update(left_at=clock.now())  # back, and live
    for url in urls:
        assert Client().get(url).status_code == 404, url


def test_a_link_that_is_sent_after_the_change_opens(cast: Cast):
    with tenant(cast.acme):
        decided = clock.now() - timedelta(hours=1)
        assert signable_at(cast.petra, decided) == decided
        moved = clock.now() - timedelta(minutes=5)
        AddressChange.objects.create(member=cast.petra, email="n@x.example", confirmed_at=moved)
        assert signable_at(cast.petra, decided) == moved + timedelta(seconds=1)
        assert signable_at(cast.petra, clock.now() + timedelta(hours=1)) > clock.now()


def test_links_and_kept_secrets_outlive_a_new_key(cast: Cast, settings):
    link = SignedLink("acme", cast.petra.pk, cast.pavel.pk)
    path = signed_path("turn", link, at=clock.now())
    secret = derived_secret(Key.Kind.CALENDAR, cast.petra.pk)
    Key.objects.create(
        kind=Key.Kind.CALENDAR,
        organisation=cast.acme,
        object_id=cast.petra.pk,
        sha256=hashed(secret),
    )
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "k" * 50
    assert read_link("turn", path.split("/")[3], max_age=timedelta(days=1)) == link
    assert derived_secret(Key.Kind.CALENDAR, cast.petra.pk) == secret
    assert find_key(Key.Kind.CALENDAR, secret)
    assert derived_secret(Key.Kind.CALENDAR, cast.pavel.pk) != secret


@pytest.mark.parametrize("token", ["x" * 4_000, "a:b:c", ":::", "\ud800:a:b", "é:1:2"])
def test_no_token_is_an_error(token: str):
    assert read_link("turn", token, max_age=timedelta(days=1)) is None
