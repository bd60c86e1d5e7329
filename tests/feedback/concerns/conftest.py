"""The desk of Acme."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.feedback.concerns.build import Desk, make_desk


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return make_desk(cast)
