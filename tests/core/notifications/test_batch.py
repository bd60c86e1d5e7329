"""What the e-mails of one batch share is read once in it, and anew everywhere else."""

from __future__ import annotations

from itertools import count

from core.notifications import batch
from core.tenancy.context import tenant
from tests.cast import Cast


def test_a_batch_reads_once_what_is_about_the_same(cast: Cast) -> None:
    numbers, keep = count(), batch.begin()
    read = []

    for about in ("one", "one", "other", "one"):
        with tenant(cast.acme, keep=keep):
            read.append(batch.once(about, lambda: next(numbers)))

    assert read == [0, 0, 1, 0]


def test_none_is_known_once_it_was_read(cast: Cast) -> None:
    answers = iter([None])

    with tenant(cast.acme, keep=batch.begin()):
        assert batch.once("text", lambda: next(answers)) is None
        assert batch.once("text", lambda: next(answers)) is None


def test_elsewhere_and_in_the_next_batch_it_is_read_anew(cast: Cast) -> None:
    numbers = count()

    with tenant(cast.acme):
        assert [batch.once("one", lambda: next(numbers)) for _ in range(2)] == [0, 1]
    for expected in (2, 3):
        with tenant(cast.acme, keep=batch.begin()):
            assert batch.once("one", lambda: next(numbers)) == expected
