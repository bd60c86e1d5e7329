"""A circle of six who agree on things: the one that the tests of sessions know."""

from tests.sessions.conftest import circle, noon

__all__ = ["circle", "noon"]
