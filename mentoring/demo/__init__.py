"""Demo data: two organisations and ten weeks of history, made by our own operations.

Every row comes from the operation that a person or a sweep would have called, at the moment
they would have called it (`clock.at`); chance has a fixed seed, and so have the ids.  No figure,
reason or score is written here.
"""

from mentoring.demo.seed import northwind, southbank

__all__ = ["northwind", "southbank"]
