"""What the platform does now and then is done however often its containers are made anew."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.sessions.models import Session

from core.common import clock
from core.jobs.models import Recurring
from core.tenancy.models import Due
from mentoring.tasks import RECURRING
from tests.work import run


@pytest.mark.slow
def test_each_is_done_in_its_period_and_no_more_often(db, monkeypatch):
    did: list[str] = []
    for name, (every, _run) in RECURRING.items():
        monkeypatch.setitem(RECURRING, name, (every, partial(did.append, name)))
    began = clock.now()
    for minute in range(0, 25 * 60, 10):
        with clock.at(began + timedelta(minutes=minute)):
            run("mentoring.run_recurring")
    assert {name: did.count(name) for name in RECURRING} == {
        name: 25 if every == timedelta(hours=1) else 2 for name, (every, _run) in RECURRING.items()
    }


@pytest.mark.slow
def test_the_first_round_of_a_new_installation_does_all_of_it(cast):
    Due.objects.all().delete()
    now = clock.now()
    for key, hours in [("over", -1), ("lives", 1)]:
        Session.objects.create(
            session_key=key, session_data="", expire_date=now + timedelta(hours=hours)
        )
    run("mentoring.run_recurring")
    assert list(Session.objects.values_list("session_key", flat=True)) == ["lives"]
    assert Due.objects.filter(organisation=cast.acme).exists()
    assert set(Recurring.objects.values_list("name", flat=True)) == set(RECURRING)
