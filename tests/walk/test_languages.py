"""No page has a sentence that is not translated.

What is translated is marked, and what is left of a page is compared with what the rows hold: an
organisation's own words stay as they were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from core.common.own_words import NOTIONS, choices_of
from core.members import limits
from core.members.access import RESOURCES
from core.members.models import Member
from core.notifications.texts import examples
from core.tenancy.context import tenant
from core.tenancy.models import TenantModel
from programs.training.queries import lessons
from tests.cast import sign_in
from tests.database import KEPT
from tests.marked import marked, unmarked
from tests.walk.routes import filling, organisation_routes, routes
from tests.walk.world import World, Worlds

pytestmark = pytest.mark.slow
WORD = re.compile(r"[^\W\d_]{2,}")
# names; the world's word in a concern, which only its readers have; kinds of files and a unit;
# and what the lists of REST are called in their addresses
EVERYWHERE = frozenset(
    {"concern", "Roundtable", "Slack", "Item", "International", "Personality", "Pool"}
    | {"CSV", "XLSX", "PNG", "ms"}
    | {word for name in RESOURCES for word in name.split("-")}
)
# the words that a program may choose are shown in every language where they are chosen
CHOOSING = {"programs:design", "programs:set_up_who"}
CHOSEN = frozenset(
    word for notion in NOTIONS for _key, shown in choices_of(notion) for word in WORD.findall(shown)
)
INITIALS = re.compile(r"[A-Z]{2}")
# addresses and keys that are quoted, on pages that are about them
QUOTED = ("feedback:certificate", "feedback:scales")
# lessons are a program's own content, and these people are invented to be looked at
CONTENT = (
    "programs:guide_for_sponsors",
    "programs:learn",
    "programs:role_lesson",
    "pairing:seen_as",
)
SAID = ("title", "aria-label", "placeholder", "alt", "data-label", "data-confirm")
# what is written for machines, or shows code
QUIET = {"script", "style", "code", "pre", "svg", "textarea", "option"}
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr", "source", "col", "path"}
# for developers, in English
ELSEWHERE = ("devtools", "kit", "gallery", "_mail", *QUOTED, *CONTENT)


class Page(HTMLParser):
    """Collects what a page says: its text and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.quiet: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in QUIET or self.quiet:
            self.quiet += [tag] if tag not in VOID else []
            return
        self.said += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag: str) -> None:
        if self.quiet and tag not in VOID:
            self.quiet.pop()

    def handle_data(self, data: str) -> None:
        if not self.quiet:
            self.said.append(data)


@pytest.fixture
def world(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> World:
    for name in limits.LIMITS:
        monkeypatch.setitem(limits.LIMITS, name, limits.Limit(100_000, 60))
    return worlds.acme


def test_no_page_has_words_but_translated_ones_and_those_of_rows(world: World):
    people = [world.owner, world.coordinator, world.participant, world.partner]
    known = words_of_rows(world, people) | words_of_examples() | EVERYWHERE
    browsers = [*(sign_in(person) for person in people), Client()]
    left: dict[str, set[str]] = {}
    inside = {route.name for route in organisation_routes()}
    for route in routes():
        if any(part in route.name for part in ELSEWHERE):
            continue
        try:
            url = route.url(world.organisation.slug, filling(world, route))
        except KeyError:
            continue
        for browser in browsers if route.name in inside else browsers[-1:]:
            chosen = CHOSEN if route.name in CHOOSING else set()
            for word in words_left(browser, url) - known - chosen:
                if not INITIALS.fullmatch(word):
                    left.setdefault(word, set()).add(route.name)
    found = [f"{word}: {', '.join(sorted(names)[:4])}" for word, names in sorted(left.items())]
    if found:
        KEPT.mkdir(exist_ok=True)
        (KEPT / "untranslated.txt").write_text("\n".join(found))
    assert found == [], "each with its pages in .data/untranslated.txt"


def words_left(browser: Client, url: str) -> set[str]:
    with transaction.atomic(), marked():
        answer: Any = browser.get(url)
        transaction.set_rollback(True)
    if answer.status_code not in {200, 409, 422} or "html" not in answer.get("Content-Type", ""):
        return set()
    page = Page()
    page.feed(answer.content.decode())
    return set(WORD.findall(unmarked("\n".join(page.said))))


def words_of_rows(world: World, people: Iterable[Member]) -> set[str]:
    """Return every word that a row, or a lesson's name, holds for one of them."""
    found: set[str] = set(WORD.findall(world.organisation.name))
    models = [model for model in apps.get_models() if issubclass(model, TenantModel)]
    for person in people:
        with tenant(world.organisation, member=person.pk):
            found |= {word for one in lessons().values() for word in WORD.findall(one.title)}
            for model in models:
                names = [field.attname for field in model._meta.concrete_fields]
                rows: Any = model._base_manager.all()
                for row in rows.values_list(*names):
                    for value in row:
                        found |= set(WORD.findall(" ".join(words_in(value))))
    return found


def words_of_examples() -> set[str]:
    """Return the invented values that who edits the text of an e-mail sees, and their names."""
    values = [kind.example(case) for kind, case in examples()]
    return {word for value in values for word in WORD.findall(" ".join(words_in(value)))}


def words_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield str(name)
            yield from words_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from words_in(each)
    elif isinstance(value, str):
        yield value
