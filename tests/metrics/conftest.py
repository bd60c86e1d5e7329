"""A circle of six whose figures are counted: the one that the tests of sessions know."""

from tests.sessions.conftest import circle, noon

__all__ = ["circle", "noon"]
