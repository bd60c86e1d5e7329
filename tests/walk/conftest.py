"""Two mirrored organisations, made once for a whole walk; what a test does to them is undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction

from tests.cast import make_cast
from tests.walk.world import World, make_world


@dataclass
class Worlds:
    """Acme, whose rows are tried, and Globex, whose people try them."""

    acme: World
    globex: World


@pytest.fixture(scope="module")
def both_worlds(django_db_setup: None, django_db_blocker) -> Iterator[Worlds]:
    """Make both worlds inside one transaction that is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = make_cast()
        yield Worlds(make_world(cast, mirror=False), make_world(cast, mirror=True))
        transaction.set_rollback(True)


@pytest.fixture
def worlds(both_worlds: Worlds) -> Iterator[Worlds]:
    """Lend both worlds to one test."""
    with transaction.atomic():
        yield both_worlds
        transaction.set_rollback(True)
