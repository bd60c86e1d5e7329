"""Two mirrored organisations, made once for the walks of a worker; each test has its own copy."""

from __future__ import annotations

import pytest

from tests.walk.world import Worlds, kept_worlds


@pytest.fixture
def worlds(db: None) -> Worlds:
    """Lend both worlds to one test."""
    return kept_worlds()
