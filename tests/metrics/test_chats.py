"""What waits, in the chats of those who coordinate: when, of which programs, and without names."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.accounts.operations.webhooks import add_webhook
from core.common import clock
from core.notifications.models import Email, IncomingWebhook
from core.tenancy.context import tenant
from metrics.chats import KIND, OTHER, UNSAID, post_to_chats
from metrics.health import Reason
from metrics.monday import WORDS
from tests.cast import Cast
from tests.programs.build import make_application, make_cohort, make_program

MONDAY = datetime.fromisoformat("2027-01-11T07:30+00:00")  # half past eight in Berlin
TUESDAY = MONDAY + timedelta(days=1)


def hook(cast: Cast, program_id: Any = None, service: str = "slack") -> IncomingWebhook:
    with tenant(cast.acme):
        return add_webhook(
            service=service,
            address="https://hooks.slack.example/services/T0/B0/secret",
            program_id=program_id,
            by=cast.olga,
        )


def run(cast: Cast, at: datetime) -> int:
    with clock.at(at), tenant(cast.acme):
        return post_to_chats(at=at)


def posts(cast: Cast, webhook: IncomingWebhook) -> list[dict[str, Any]]:
    with tenant(cast.acme):
        rows = Email.objects.filter(kind=KIND, webhook=webhook, withdrawn_at=None)
        return [email.context for email in rows.order_by("created_at")]


def rows(context: dict[str, Any]) -> list[tuple[str, int]]:
    return [(row["words"], row["count"]) for row in context["rows"]]


def test_on_monday_all_that_waits_without_a_name_once(cast: Cast) -> None:
    webhook = hook(cast)
    with clock.at(MONDAY - timedelta(days=3)):
        make_application(make_cohort(make_program(cast.acme)), cast.petra)

    assert (run(cast, MONDAY), run(cast, MONDAY + timedelta(hours=3))) == (1, 0)
    (said,) = posts(cast, webhook)
    assert (said["count"], said["where"]) == (sum(n for _words, n in rows(said)), "Acme")
    assert (str(WORDS[Reason.APPLICATIONS]), 1) in rows(said)
    assert "Petra" not in json.dumps(said)


@pytest.mark.parametrize(("applied", "count"), [(timedelta(hours=20), 1), (timedelta(days=3), 0)])
def test_on_other_weekdays_only_what_is_new(cast: Cast, applied: timedelta, count: int) -> None:
    webhook = hook(cast)
    with clock.at(TUESDAY - applied):
        make_application(make_cohort(make_program(cast.acme)), cast.petra)

    assert run(cast, TUESDAY) == count
    assert [rows(said) for said in posts(cast, webhook)] == [
        [(str(WORDS[Reason.APPLICATIONS]), 1)]
    ] * count


@pytest.mark.parametrize("at", [MONDAY - timedelta(hours=2), MONDAY - timedelta(days=1)])
def test_nothing_before_eight_and_at_weekends(cast: Cast, at: datetime) -> None:
    hook(cast)
    with clock.at(at - timedelta(hours=3)):
        make_application(make_cohort(make_program(cast.acme)), cast.petra)

    assert run(cast, at) == 0
    with tenant(cast.acme):
        assert not Email.objects.filter(kind=KIND).exists()


def test_a_program_s_chat_hears_of_that_program_alone(cast: Cast) -> None:
    program, other = make_program(cast.acme), make_program(cast.acme, name="Other")
    of_program, of_other, of_all = hook(cast, program.pk), hook(cast, other.pk), hook(cast)
    with clock.at(TUESDAY - timedelta(hours=20)):
        make_application(make_cohort(program), cast.petra)

    assert run(cast, TUESDAY) == 2
    (said,) = posts(cast, of_program)
    assert said["where"] == "Leading"
    assert len(posts(cast, of_all)) == 1
    assert posts(cast, of_other) == []


def test_a_day_without_news_takes_back_nothing_that_could_not_be_posted_yet(cast: Cast) -> None:
    webhook = hook(cast)
    with clock.at(MONDAY - timedelta(days=3)):
        make_application(make_cohort(make_program(cast.acme)), cast.petra)

    assert (run(cast, MONDAY), run(cast, TUESDAY), run(cast, TUESDAY)) == (1, 0, 0)
    assert len(posts(cast, webhook)) == 1


def test_a_chat_that_is_stopped_is_left_alone(cast: Cast) -> None:
    hook(cast)
    with tenant(cast.acme):
        IncomingWebhook.objects.update(stopped_at=MONDAY)
    with clock.at(MONDAY - timedelta(hours=20)):
        make_application(make_cohort(make_program(cast.acme)), cast.petra)

    assert run(cast, MONDAY) == 0


def test_what_rests_on_somebody_s_answer_is_not_told_apart() -> None:
    told_apart = {str(WORDS[reason]) for reason in Reason if reason not in UNSAID}
    assert len(told_apart) == len(Reason) - len(UNSAID)
    assert str(OTHER) not in told_apart
