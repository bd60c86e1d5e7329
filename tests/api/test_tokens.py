"""A token ends, says when it was last used, and is asked for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from core.accounts.operations.keys import create_token
from core.common import clock
from core.members.models import ApiToken, Key
from core.members.permissions import Permission
from core.tenancy.context import tenant
from core.tenancy.days import day_of
from tests.cast import Cast, sign_in

PAGE = "/o/acme/settings/tokens/"


def call(secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return Client().get("/api/v1/members/", headers=headers).status_code


@pytest.mark.parametrize(("wanted", "days"), [(None, 365), (30, 30), (400, 365)])
def test_a_token_ends_after_a_year_at_the_latest(cast: Cast, wanted: int | None, days: int) -> None:
    now = clock.now()
    with clock.at(now), tenant(cast.acme):
        end = now + timedelta(days=wanted) if wanted else None
        token, secret = create_token(
            name="HR", scopes=[Permission.FACTS_READ], by=cast.hugo, expires_at=end
        )
        assert token.expires_at == now + timedelta(days=days)
        assert Key.objects.get(object_id=token.pk).expires_at == token.expires_at
    with clock.at(token.expires_at - timedelta(minutes=1)):
        assert call(secret) == 200
    with clock.at(token.expires_at):
        assert (call(secret), token.has_expired) == (401, True)


def test_the_day_of_its_last_use_is_kept(cast: Cast) -> None:
    with tenant(cast.acme):
        _token, secret = create_token(name="HR", scopes=[Permission.FACTS_READ], by=cast.hugo)
        assert ApiToken.objects.get().last_used_on is None
    tomorrow = clock.now() + timedelta(days=1)
    for now in (clock.now(), tomorrow):
        with clock.at(now):
            assert call(secret) == 200
        with tenant(cast.acme):
            assert ApiToken.objects.get().last_used_on == day_of(now)


def test_the_form_asks_for_how_long(cast: Cast) -> None:
    client = sign_in(cast.cora)
    wanted = {"name": "Warehouse", "scopes": ["figures.read"]}
    for days, status in (("", 422), ("400", 422), ("forever", 422), ("30", 200)):
        assert client.post(PAGE, {**wanted, "expires_at": days}).status_code == status
    with tenant(cast.acme):
        token = ApiToken.objects.get()
    assert token.expires_at is not None
    assert timedelta(days=29) < token.expires_at - clock.now() <= timedelta(days=30)
    page = client.get(PAGE).content.decode()
    assert "Never" in page
    with clock.at(token.expires_at), tenant(cast.acme):
        assert ApiToken.objects.get().has_expired
