"""Sessions over REST: facts and no words, of one's own organisation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.accounts.operations.keys import create_token
from core.common import clock
from core.members.models import Member
from core.members.permissions import Permission
from core.tenancy.context import tenant
from sessions.attendance.operations import recording
from sessions.models.sessions import RetrospectiveLines
from sessions.planning.operations import changes
from tests.cast import Cast
from tests.sessions.build import hold_session
from tests.sessions.conftest import Circle

pytestmark = pytest.mark.urls("tests.sessions.api_urls")
URL = "/api/v1/sessions/"


def token(member: Member, *scopes: Permission) -> Client:
    with tenant(member.organisation):
        _, secret = create_token(name="t", scopes=list(scopes), by=member)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_hr_reads_facts_and_no_words(cast: Cast, circle: Circle):
    first = circle.sessions[0]
    with tenant(cast.acme):
        changes.describe_session(session=first, topic="Secret", place="Secret", by=None)
    hold_session(first, but=[circle.seat("Mei")])
    with tenant(cast.acme):
        recording.write_retrospective(
            session=first, lines=RetrospectiveLines("Secret"), by=cast.petra
        )
    answer = token(cast.hugo, Permission.FACTS_READ).get(URL, {"state": "held"})

    assert answer.status_code == 200
    assert "Secret" not in answer.content.decode()
    (row,) = answer.json()["results"]
    assert set(row) == {
        "id", "partnership", "number", "starts_at", "duration_minutes", "day", "state",
        "cause", "held_at", "attendance", "turns", "changed_at",
    }  # fmt: skip
    assert row["attendance"] == {"present": 5, "excused": 0, "absent": 1, "expected": 6}
    assert [turn["role"] for turn in row["turns"]] == [
        "facilitator",
        "timekeeper",
        "note_taker",
        "voice_watcher",
    ]
    assert {turn["member"] for turn in row["turns"]} <= {str(m.pk) for m in circle.members}


def test_who_changed_since_is_what_is_pulled(cast: Cast, circle: Circle):
    hugo = token(cast.hugo, Permission.FACTS_READ)
    hold_session(circle.sessions[0])
    since = f"{clock.now() - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    pulled = hugo.get(URL, {"changed_since": since}).json()
    assert str(circle.sessions[0].pk) in {row["id"] for row in pulled["results"]}
    later = hugo.get(URL, {"changed_since": "2100-01-01T00:00:00Z"}).json()
    assert later["results"] == []
    assert hugo.get(URL, {"changed_since": "yesterday"}).status_code == 400
    assert hugo.get(URL, {"state": "odd"}).status_code == 400


def test_a_token_needs_the_scope_and_finds_its_own_organisation_alone(cast: Cast, circle: Circle):
    one = f"{URL}{circle.sessions[0].pk}/"
    assert token(cast.hugo, Permission.FIGURES_READ).get(URL).status_code == 403
    assert token(cast.gina, Permission.FACTS_READ).get(URL).json()["results"] == []
    assert token(cast.gina, Permission.FACTS_READ).get(one).status_code == 404
    assert token(cast.cora, Permission.FACTS_READ).get(one).status_code == 200
    assert Client().get(URL).status_code == 401
    assert token(cast.cora, Permission.FACTS_READ).post(URL).status_code == 405


def test_one_session_and_six_cost_the_same(cast: Cast, circle: Circle):
    hugo = token(cast.hugo, Permission.FACTS_READ)
    hugo.get(URL)  # the first pull of a day is written down
    counts = []
    for size in (1, 6):
        with CaptureQueriesContext(connection) as asked:
            assert len(hugo.get(URL, {"page_size": size}).json()["results"]) == size
        counts.append(len(asked))
    assert counts[0] == counts[1]
