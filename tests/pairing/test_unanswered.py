"""What nobody answered: said of a run, asked before it is published, and people are reminded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from core.audit.models import AuditEvent
from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.models.runs import MatchRun, Proposal
from pairing.runs.presenters.summary import no_answers
from pairing.texts.reasons import bars_of, read_reasons
from programs.operations import asking
from programs.queries.enrolments import not_answered
from tests.cast import sign_in
from tests.pairing.build import make_circles_cohort, make_cohort, make_run, person

ANSWERED = {"skills_offered": {"coaching": 4}, "topics_offered": ["coaching"]}
ANSWERED |= {"availability": [[0, 540, 720]], "interests": ["music"]}
SOUGHT = {"skills_sought": {"coaching": 3}, "topics_sought": ["coaching"]}
SOUGHT |= {"availability": [[0, 540, 720]], "interests": ["music"]}


@pytest.fixture
def cohort(cast):
    """Ada and Mo have answered, Ben and Nia have not; departments and rules leave no choice."""
    cohort = make_cohort(cast.acme)
    person(cohort, "Ada", "mentee", answers=SOUGHT, department="Sales", languages=["en"])
    person(cohort, "Mo", "mentor", answers=ANSWERED, department="Finance", languages=["en"])
    person(cohort, "Ben", "mentee", department="Sales", languages=["de"])
    person(cohort, "Nia", "mentor", department="Finance", languages=["de"])
    return cohort


def at(name: str, pk: object, app: str = "pairing") -> str:
    return reverse(f"{app}:{name}", args=["acme", pk])


def test_what_is_unanswered_adds_nothing_and_is_shown_as_such(cast, cohort):
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        best, worst = Proposal.objects.filter(run=run).order_by("-score")
        assert list(no_answers(run)) == [worst]
        bars = bars_of(read_reasons(worst.reasons))
        open_points = [bar.shown for bar in bars if bar.unanswered]
        assert len(open_points) == 5
        assert not any(open_points)
        assert worst.score == sum(bar.shown for bar in bars if not bar.unanswered)
        assert best.score > worst.score
        speaks = [bar.sentence for bar in bars if bar.label == "Skills sought are offered"]
        assert speaks == ["Neither has answered. It is left out: no points."]


def test_a_run_says_how_much_rests_on_no_answers_and_publishing_asks(cast, cohort):
    run = make_run(cohort, cast.cora)
    cora = sign_in(cast.cora)
    assert "1 of these rests on no answers" in cora.get(at("match_run", run.pk)).text

    refused = cora.post(at("publish_run", run.pk), {})
    with tenant(cast.acme):
        assert MatchRun.objects.get(pk=run.pk).state == "draft"
    agreed = cora.post(at("publish_run", run.pk), {"knowing": "on"})

    assert refused.status_code == 422
    assert "Confirm this, or remind people to answer and run again." in refused.text
    assert agreed.status_code == 302
    with tenant(cast.acme):
        assert MatchRun.objects.get(pk=run.pk).state == "published"


def test_circles_of_people_who_answered_nothing_are_counted_too(cast):
    cohort = make_cohort(cast.acme, "leadership-circles")
    for number in range(6):
        person(cohort, f"Silent{number}", "peer", level=str(number))
    silent = make_run(cohort, cast.cora)
    told = make_run(make_circles_cohort(cast.acme, peers=6), cast.cora)
    with tenant(cast.acme):
        assert (no_answers(silent).count(), no_answers(told).count()) == (1, 0)


def test_who_has_not_answered_is_reminded_once_and_again_after_three_days(cast, cohort):
    with tenant(cast.acme):
        late = person(cohort, "Late", "mentee", languages=["de"])
        Member.objects.filter(pk=late.member_id).update(state="invited", live_at=None)
        assert [row.member.given_name for row in not_answered(cohort)] == ["Ben", "Nia", "Late"]
    cora, url = sign_in(cast.cora), at("remind_unanswered", cohort.pk, "programs")

    page = cora.get(url).text
    first, second = cora.post(url, follow=True).text, cora.post(url, follow=True).text

    assert "3 people with a place have not answered" in page
    assert "Remind 2 people" in page
    assert ("2 e-mails go out." in first, "0 e-mails go out." in second) == (True, True)
    with tenant(cast.acme):
        emails = Email.objects.filter(kind=asking.ASKED)
        assert {email.member.given_name for email in emails.select_related("member")} == {
            "Ben",
            "Nia",
        }
        assert AuditEvent.objects.get(verb="cohort.answers_asked").details == {"people": 2}
    with clock.at(clock.now() + timedelta(days=4)), tenant(cast.acme):
        assert len(asking.remind_unanswered(cohort=cohort, by=cast.cora)) == 2


def test_nobody_else_reminds(cast, cohort):
    url = at("remind_unanswered", cohort.pk, "programs")
    assert sign_in(cast.petra).post(url).status_code in {403, 404}
    assert sign_in(cast.hugo).post(url).status_code == 403
