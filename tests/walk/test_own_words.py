"""Every page of one program speaks in its words: found by the row that its address names."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from core.common import own_words
from core.members import limits, links, requests
from core.tenancy.context import tenant
from programs.models.programs import Program
from tests.cast import sign_in
from tests.walk.routes import Route, filling, routes
from tests.walk.world import World, Worlds

pytestmark = pytest.mark.slow


# rows of an organisation, not of a program
NOT_OF_A_PROGRAM: set[str] = set()


@pytest.fixture
def world(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> World:
    for name in limits.LIMITS:
        monkeypatch.setitem(limits.LIMITS, name, limits.Limit(100_000, 60))
    with tenant(worlds.acme.organisation):
        Program.objects.update(word_mentor="buddy", word_circle="team", word_session="meeting")
    return worlds.acme


def test_every_page_whose_address_names_a_row_of_a_program_speaks_in_its_words(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    heard: list[own_words.Words] = []

    def at_the_end(request: Any, *rest: Any) -> Any:
        heard.append(own_words.spoken())
        return rest[-1]

    monkeypatch.setattr(requests, "kept_or_undone", lambda request, answer: answer)
    monkeypatch.setattr(requests, "count_export", at_the_end)
    monkeypatch.setattr(links, "kept_or_undone", at_the_end)
    people = [world.owner, world.coordinator, world.participant, world.partner]
    browsers = [sign_in(person) for person in people]
    silent, spoken = set(), set()
    for route in routes():
        try:
            filled = filling(world, route)
        except KeyError:
            continue
        if not any(isinstance(each, UUID) for each in filled.values()) and "token" not in filled:
            continue
        for browser in browsers:
            heard.clear()
            with transaction.atomic():
                answer: Any = browser.get(route.url(world.organisation.slug, filled))
                transaction.set_rollback(True)
            html = "html" in answer.get("Content-Type", "")
            if heard and answer.status_code in {200, 409, 422} and html:
                (spoken if heard[-1] else silent).add(route.name)
    print("SILENT", sorted(silent - spoken), len(spoken))
    print("HALF", sorted(silent & spoken))
    assert silent == NOT_OF_A_PROGRAM


def named(route: Route) -> str:
    return route.name
