"""Two mirrored organisations for the walks."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.cast import Cast
from tests.walk.world import World, make_world


@dataclass
class Worlds:
    """Acme, whose rows are tried, and Globex, whose people try them."""

    acme: World
    globex: World


@pytest.fixture
def worlds(cast: Cast) -> Worlds:
    return Worlds(make_world(cast, mirror=False), make_world(cast, mirror=True))
