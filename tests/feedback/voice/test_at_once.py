"""Somebody in three partnerships checks in once, and is written to once."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from core.common import clock
from core.notifications.dispatch import dispatch
from core.tenancy.context import tenant
from feedback.models.check_ins import CheckIn
from feedback.surveys.base import open_due
from feedback.surveys.check_in import CHECK_IN
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import (
    AFTER_ONE_PERIOD,
    FOUR_TAPS,
    link,
    make_cohort,
    make_partnership,
)

NAMES = ["Birch", "Cedar", "Dune"]
PATH = "/o/acme/check-ins/"


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(AFTER_ONE_PERIOD):
        yield


@pytest.fixture
def check_ins(cast: Cast) -> list[CheckIn]:
    """Petra's in three circles, each with others of its own, open since a moment."""
    seats = [
        make_partnership(
            make_cohort(cast.acme, name),
            cast.petra,
            make_member(cast.acme, f"{name}a"),
            make_member(cast.acme, f"{name}b"),
            name=name,
        )[0]
        for name in NAMES
    ]
    with tenant(cast.acme):
        open_due(CHECK_IN, at=clock.now())
        return [CheckIn.objects.for_list().get(seat=seat) for seat in seats]


def taps(check_in: CheckIn, **changed: str) -> dict[str, str]:
    whole = FOUR_TAPS | {"readers": "me"} | changed
    return {f"{check_in.pk.hex}-{name}": value for name, value in whole.items()}


def answered(cast: Cast) -> list[str]:
    with tenant(cast.acme):
        rows = CheckIn.objects.exclude(answered_at=None).order_by("seat__partnership__name")
        return list(rows.values_list("seat__partnership__name", flat=True))


def test_those_that_open_together_are_one_e_mail_that_opens_them_all(
    cast: Cast, check_ins: list[CheckIn]
) -> None:
    dispatch()
    (hers,) = [sent for sent in mail.outbox if sent.to == ["petra@acme.example"]]
    assert "/l/check-ins/" in hers.body
    others = [sent for sent in mail.outbox if sent.to != ["petra@acme.example"]]
    assert len(others) == 6
    assert not [sent for sent in others if "/l/check-ins/" in sent.body]
    page = Client().get(link("check-ins", cast.petra, check_ins[0].pk)).text
    assert [name in page for name in NAMES] == [True] * 3


def test_an_error_at_one_loses_nothing_of_the_others(cast: Cast, check_ins: list[CheckIn]) -> None:
    first, second, third = check_ins
    client = sign_in(cast.petra)
    sent = taps(first) | taps(second, mood="", note="half a line")
    sent[f"{third.pk.hex}-readers"] = "me"  # chosen beforehand, so no answer
    refused = client.post(PATH, sent)
    assert refused.status_code == 422
    assert "Birch: your check-in is sent." in refused.text
    assert "half a line" in refused.text
    assert answered(cast) == ["Birch"]
    page = client.get(PATH).text
    assert [f">{name}<" in page for name in NAMES] == [False, True, True]
    assert client.post(PATH, taps(second) | taps(third)).status_code == 302
    assert answered(cast) == NAMES
    assert "No check-in waits for you." in client.get(PATH).text


def test_nothing_tapped_is_nothing_sent(cast: Cast, check_ins: list[CheckIn]) -> None:
    refused = sign_in(cast.petra).post(PATH, {f"{check_ins[0].pk.hex}-readers": "me"})
    assert (refused.status_code, "Nothing was tapped" in refused.text) == (422, True)
    assert answered(cast) == []


def test_the_link_answers_hers_alone_and_reads_nothing(
    cast: Cast, check_ins: list[CheckIn]
) -> None:
    path, client = link("check-ins", cast.petra, check_ins[0].pk), Client()
    assert client.post(path, taps(check_ins[0]) | taps(check_ins[1])).status_code == 302
    assert answered(cast) == NAMES[:2]
    left = client.get(path).text
    assert [f">{name}<" in left for name in NAMES] == [False, False, True]
    for other in (cast.pavel, cast.cora, cast.greta):
        foreign = Client().post(link("check-ins", other, check_ins[2].pk), taps(check_ins[2]))
        assert foreign.status_code == 404
    assert answered(cast) == NAMES[:2]


def test_home_offers_the_one_page(cast: Cast, check_ins: list[CheckIn]) -> None:
    home = sign_in(cast.petra).get("/o/acme/").text
    assert "Answer your 3 check-ins on one page" in home
    assert f'href="{PATH}"' in home
