"""Two mirrored organisations, made once for the walks of a worker; each test has its own copy."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.cast import make_cast
from tests.kept import kept
from tests.walk.world import World, make_world


@dataclass
class Worlds:
    """Acme, whose rows are tried, and Globex, whose people try them."""

    acme: World
    globex: World


def make_worlds() -> Worlds:
    cast = make_cast()
    return Worlds(make_world(cast, mirror=False), make_world(cast, mirror=True))


@pytest.fixture
def worlds(db: None) -> Worlds:
    """Lend both worlds to one test."""
    return kept("worlds", make_worlds)
