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
from tests.walk.routes import filling, routes
from tests.walk.world import World, Worlds

pytestmark = pytest.mark.slow
# what belongs to a person or to the whole organisation
OF_NO_PROGRAM = {
    *("accounts:delete_segment", "accounts:directory_group", "accounts:edit_member"),
    *("accounts:edit_segment", "accounts:member", "accounts:token", "accounts:webhook"),
    *("feedback:close_concern", "feedback:concern", "feedback:concern_step"),
    *("feedback:delete_journal_entry", "feedback:journal_entry"),
    *("jobs:job", "metrics:record_import", "notifications_public:unsubscribe"),
    *("people:choose_merged", "people:mark_left", "people:merge", "people:merge_proposal"),
    *("privacy:erase", "programs:lesson_version", "programs:people_import", "programs:profile"),
    "feedback_public:check_ins",  # of all the programs that somebody is in
}


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

    def at_the_end(*answered: Any) -> Any:
        heard.append(own_words.spoken())
        return answered[-1]

    monkeypatch.setattr(requests, "count_export", at_the_end)
    monkeypatch.setattr(links, "kept_or_undone", at_the_end)
    people = [world.owner, world.coordinator, world.participant, world.partner]
    browsers = [sign_in(person) for person in people]
    silent, speaking = set(), set()
    for route in routes():
        try:
            filled = filling(world, route)
        except KeyError:
            continue
        if "token" not in filled and not any(isinstance(each, UUID) for each in filled.values()):
            continue
        for browser in browsers:
            heard.clear()
            with transaction.atomic():
                answer: Any = browser.get(route.url(world.organisation.slug, filled))
                transaction.set_rollback(True)
            if heard and answer.status_code == 200 and "html" in answer["Content-Type"]:
                (speaking if heard[-1] else silent).add(route.name)
                assert own_words.spoken() == ()
    assert silent == OF_NO_PROGRAM
    assert speaking & silent == set()
    assert len(speaking) > 150
