"""The demo's concern: each of its days leads to the next, and ends in mediation."""

from __future__ import annotations

import random

from core.tenancy.context import tenant
from devtools.demo.concern import mediate
from devtools.demo.history import Life
from feedback.concerns import queries
from feedback.models.concerns import ConcernFile
from tests.cast import Cast
from tests.feedback.build import make_cohort, make_partnership


def test_it_is_raised_heard_and_still_open(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    life = Life(random.Random(1))
    events = mediate(cast.petra, handlers=(cast.cora, cast.hugo), owner=cast.olga)
    for day in sorted(events):
        with tenant(cast.acme):
            events[day](life)
    with tenant(cast.acme, member=cast.cora.pk):
        (file,) = queries.to_handle(cast.cora)
        assert isinstance(file, ConcernFile)
        texts = queries.texts_of(file)
        assert len(queries.messages_in(texts)) == 3
        assert all(step.note for step in queries.steps_of(file, texts))
        assert (file.about, queries.is_mediated(file)) == (cast.pavel, True)
