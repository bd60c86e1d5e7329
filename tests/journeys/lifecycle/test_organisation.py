"""Organisation, sentence by sentence."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from mentoring.privacy.closing import delete_closed
from tests.cast import Cast, sign_in
from tests.core.accounts.test_signing_in import SIGN_UP
from tests.journeys.lifecycle.world import World, one_each
from tests.sessions.conftest import Circle
from tests.work import run

SIX = ("Petra", "Pavel", "Amara", "Jonas", "Leila", "Mei")
pytestmark = pytest.mark.django_db


def test_opened_by_whoever_has_proved_a_mailbox() -> None:
    browser = Client()
    browser.post("/account/signup/", SIGN_UP)
    opened = Organisation.objects.filter(name=SIGN_UP["organisation_name"])
    assert all(browser.get(f"/o/{each.slug}/").status_code != 200 for each in opened)
    run("notifications.send_sign_in")
    code = re.search(r"^\s*([A-Z0-9-]{6,})\s*$", str(mail.outbox[0].body), re.M)
    assert code
    answer = browser.post("/account/signup/code/", {"code": code[1]}, follow=True)
    assert answer.status_code == 200
    assert browser.get(f"/o/{opened.get().slug}/").status_code == 200


@pytest.mark.slow
def test_closed_by_an_owner_everything_ends_and_is_deleted_thirty_days_later(
    cast: Cast, world: World, met: Circle
) -> None:
    address = "/o/acme/settings/close/"
    owner, reader = sign_in(cast.olga), sign_in(cast.petra)
    shown = owner.get(address).content.decode()
    assert "6 sessions to come are cancelled" in shown
    assert owner.post(address, {"name": "Acme"}).status_code == 302
    for browser in (owner, reader):
        assert browser.get("/o/acme/").status_code == 404
    one_each(world.minute(), SIX)
    assert {len(world.calendar(member)) for member in met.members} == {0}

    world.pass_(days=31)
    assert delete_closed() == 1
    assert world.minute() == {}
    with tenant(cast.acme):
        assert not Member.objects.exists()
    assert Organisation.objects.get(pk=cast.acme.pk).slug == "acme"  # never given again


def test_a_changed_slug_redirects_for_a_year(cast: Cast, world: World) -> None:
    owner = sign_in(cast.olga)
    assert owner.post("/o/acme/settings/address/", {"slug": "acme-2"}).status_code == 302
    assert Organisation.objects.get(pk=cast.acme.pk).slug == "acme-2"
    led = sign_in(cast.petra).get("/o/acme/people/?q=a%20b")
    assert (led.status_code, led["Location"]) == (302, "/o/acme-2/people/?q=a%20b")

    world.pass_(days=364)
    assert sign_in(cast.petra).get("/o/acme/")["Location"] == "/o/acme-2/"
    world.pass_(days=2)
    assert sign_in(cast.petra).get("/o/acme/").status_code == 404
