"""Undoing a publication: within a day, while nobody has met, as if it had not been."""

import ast
from datetime import timedelta

import pytest
import time_machine

from core.audit.models import AuditEvent
from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from metrics.definitions.sessions import SESSION_COMPLETION
from metrics.figures import SOURCES, WEEKLY
from metrics.queries import direct
from metrics.queries.tallied import AsOf, tallies
from pairing.errors import NotPublished, TooLateToUndo
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import MatchRun
from pairing.partnerships.operations import partnerships
from programs.models.programs import Cohort, Enrolment
from sessions.errors import AlreadyMet
from sessions.models.sessions import Session
from sessions.planning.operations import planning, undoing
from tests.cast import sign_in
from tests.guards.source import nodes_of, python_files, shown
from tests.pairing.build import make_mentor_cohort, make_run, publish


@pytest.fixture
def published(cast):
    run = make_run(make_mentor_cohort(cast.acme, mentees=2, mentors=2), cast.cora)
    publish(run, cast.cora)
    with tenant(cast.acme):
        planning.plan_missing_seasons(at=clock.now())
        return MatchRun.objects.for_list().get(pk=run.pk)


def undo(run, by):
    with tenant(run.organisation):
        return undoing.undo_publication(run=run, by=by)


def test_everything_is_as_it_was_and_the_same_two_may_be_matched_again(cast, published):
    with tenant(cast.acme):
        named = set(Partnership.objects.values_list("name", flat=True))

    undo(published, cast.cora)

    with tenant(cast.acme):
        cohort = Cohort.objects.for_list().get(pk=published.cohort_id)
        assert (MatchRun.objects.get().state, cohort.phase) == ("withdrawn", "matching")
        assert set(Partnership.objects.values_list("state", flat=True)) == {"withdrawn"}
        assert not Seat.objects.open().exists()
        people = Enrolment.objects.filter(cohort=cohort)
        assert set(people.values_list("state", "started_at")) == {("accepted", None)}
        assert set(Session.objects.values_list("state", flat=True)) == {"cancelled"}
        assert AuditEvent.objects.get(verb="match_run.withdrawn").details == {"partnerships": 2}
        counted = direct.people([cohort.pk])[cohort.pk]
        assert (counted.matched, counted.matched_ever, counted.started) == (0, 0, 0)
    again = publish(make_run(cohort, cast.cora), cast.cora)
    assert {each.name for each in again} == named


def test_no_figure_counts_what_was_taken_back(cast, published):
    with tenant(cast.acme):
        session = Session.objects.order_by("starts_at").first()
        cohort = Cohort.objects.for_list().get(pk=published.cohort_id)
    undo(published, cast.cora)

    with time_machine.travel(session.starts_at + timedelta(days=1), tick=False), tenant(cast.acme):
        as_of = AsOf.of(settings_in_force(), clock.now())
        assert session_tallies(cohort, as_of) == []
        behind = direct.respondents([cohort.pk], as_of)
        assert behind.get(cohort.pk, direct.Respondents()).sessions == 0
        Session.objects.filter(pk=session.pk).update(cause="other")
        Partnership.objects.update(state="active", ended_at=None)
        assert session_tallies(cohort, as_of) != []  # only for those reasons it was nothing


def session_tallies(cohort, as_of):
    return [
        each
        for each in tallies([cohort.pk], as_of, SOURCES, WEEKLY)
        if each.key == SESSION_COMPLETION.key
    ]


def test_only_whom_the_news_has_reached_is_told_and_once(cast, published):
    with tenant(cast.acme):
        emails = Email.objects.filter(kind="pairing.matched").order_by("id")
        sent = emails.first()
        Email.objects.filter(pk=sent.pk).update(sent_at=clock.now())

    told = undo(published, cast.cora)

    with tenant(cast.acme):
        assert [each.pk for each in told] == [sent.member_id]
        email = Email.objects.get(kind="sessions.taken_back")
        assert email.member_id == sent.member_id
        mine = Session.objects.filter(partnership=sent.about_id).count()
        assert [part["method"] for part in email.calendar] == ["CANCEL"] * mine
        unsent = Email.objects.filter(sent_at=None).exclude(kind="sessions.taken_back")
        assert not unsent.filter(withdrawn_at=None).exists()
        assert unsent.filter(kind="sessions.invitation").exists()


def test_a_held_or_begun_session_forbids_it(cast, published):
    with tenant(cast.acme):
        session = Session.objects.order_by("starts_at").first()
        Session.objects.filter(pk=session.pk).update(starts_at=clock.now() - timedelta(minutes=5))
    with pytest.raises(AlreadyMet):
        undo(published, cast.cora)
    with tenant(cast.acme):
        assert MatchRun.objects.get(pk=published.pk).state == "published"
        assert Session.objects.filter(state="cancelled").count() == 0


def test_after_a_day_and_a_second_time_it_is_refused(cast, published):
    with (
        time_machine.travel(clock.now() + timedelta(hours=25), tick=False),
        pytest.raises(TooLateToUndo),
    ):
        undo(published, cast.cora)
    undo(published, cast.cora)
    with pytest.raises(NotPublished):
        undo(published, cast.cora)


def test_who_has_found_another_partner_meanwhile_keeps_them(cast, published):
    with tenant(cast.acme):
        ended = Partnership.objects.first()
        partnerships.end_partnership(partnership=ended, reason="fit", by=cast.cora)
        mentee, mentor = (
            Enrolment.objects.get(pk=pk)
            for pk in (
                Seat.objects.get(partnership=ended, part=part).enrolment_id
                for part in ("mentee", "mentor")
            )
        )
        kept = partnerships.make_partnership(
            cohort=published.cohort,
            people=[(mentee, "mentee"), (mentor, "mentor")],
            name="By hand",
            by=cast.cora,
        )

    undo(published, cast.cora)

    with tenant(cast.acme):
        mentee.refresh_from_db()
        kept.refresh_from_db()
        assert (mentee.state, kept.state) == ("active", "active")
        assert Cohort.objects.get(pk=published.cohort_id).phase == "running"


@pytest.mark.slow
def test_the_page_asks_first_and_a_second_click_is_refused_politely(cast, published):
    client = sign_in(cast.cora)
    url = f"/o/acme/match-runs/{published.pk}/undo/"

    linked = client.get(published.get_absolute_url()).content.decode()
    asked = client.get(url).content.decode()
    first = client.post(url)
    second = client.post(url)

    assert url in linked
    assert "2 partnerships are undone, and no figure counts them" in asked
    assert first.status_code == 302
    assert second.status_code == 409
    assert "can be undone, and only once" in client.get(url).content.decode()
    assert sign_in(cast.petra).post(url).status_code == 403
    assert sign_in(cast.gina).get(url.replace("/acme/", "/globex/")).status_code == 404
    with tenant(cast.acme):
        partnership = Partnership.objects.first()
    page = client.get(partnership.get_absolute_url()).content.decode()
    assert "undone before anybody met" in page


def test_nobody_else_takes_a_run_back_than_who_knows_whether_people_have_met():
    callers = [
        shown(path)
        for path in python_files()
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "withdraw_run"
    ]
    assert callers == ["sessions/planning/operations/undoing.py"]
