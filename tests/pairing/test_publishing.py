"""Publishing: exactly one winner, everything checked again, everybody told once."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from core.audit.models import AuditEvent
from core.common import clock
from core.common.errors import DomainError, violated
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.errors import NotADraft, NothingToPublish, RunOutdated
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import MatchRun, Proposal
from pairing.partnerships.operations import partnerships
from pairing.runs.operations import publishing, rules
from pairing.runs.queries import changes_since
from programs.models.parts import Answer
from programs.models.programs import Cohort, Enrolment
from programs.operations import enrolments, parts
from tests.cast import make_cast
from tests.pairing.build import (
    make_circles_cohort,
    make_cohort,
    make_mentor_cohort,
    make_run,
    person,
    publish,
)


def tables_of(run):
    return [
        [(str(seat.enrolment_id), seat.part) for seat in proposal.seats.all()]
        for proposal in Proposal.objects.filter(run=run)
    ]


def test_publishing_makes_partnerships_starts_everybody_and_writes_one_email_each(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=3, mentors=2)
    run = make_run(cohort, cast.cora)

    made = publish(run, cast.cora)

    with tenant(cast.acme):
        run.refresh_from_db()
        cohort.refresh_from_db()
        assert (run.state, run.published_by) == ("published", cast.cora)
        assert cohort.phase == "running"
        assert {each.state for each in made} == {"active"}
        assert Seat.objects.open().count() == 4
        states = set(Enrolment.objects.filter(cohort=cohort).values_list("state", flat=True))
        assert states == {"active"}  # the one without a mentor too
        emails = Email.objects.filter(kind="pairing.matched")
        assert emails.count() == 4
        assert {email.link["page"] for email in emails} == {
            each.get_absolute_url() for each in made
        }
        assert AuditEvent.objects.get(verb="match_run.published").details == {"partnerships": 2}
        for each in made:
            mentee = each.seats.get(part="mentee").enrolment
            proposal = Proposal.objects.get(run=run, seats__enrolment=mentee)
            assert (each.reasons, each.score) == (proposal.reasons, proposal.score)
            assert each.changed_at == each.published_at


def test_a_mentor_of_two_gets_one_email_that_names_both(cast):
    cohort = make_cohort(cast.acme)
    for name in ("Ada", "Ben"):
        person(cohort, name, "mentee")
    mo = person(cohort, "Mo", "mentor", capacity=2)

    publish(make_run(cohort, cast.cora), cast.cora)

    with tenant(cast.acme):
        email = Email.objects.get(member=mo.member)
        assert sorted(email.context["partners"]) == ["Ada Acme", "Ben Acme"]


def test_pairs_are_named_by_their_people_and_circles_by_trees_once_per_cohort(cast):
    cohort = make_cohort(cast.acme)
    for i in range(2):
        person(cohort, "Ada", "mentee", email=f"ada{i}@acme.example", family_name=f"{i}A")
        person(cohort, "Mo", "mentor", email=f"mo{i}@acme.example", family_name=f"{i}M")
    pairs = publish(make_run(cohort, cast.cora), cast.cora)

    circles_cohort = make_circles_cohort(cast.acme, peers=12)
    circles = publish(make_run(circles_cohort, cast.cora), cast.cora)

    assert {each.name.split(" ")[0] for each in pairs} == {"Mo"}
    assert len({each.name for each in pairs}) == 2
    assert {each.name for each in circles} == {"Circle Alder", "Circle Ash"}
    with tenant(cast.acme), pytest.raises(IntegrityError) as refused, transaction.atomic():
        Partnership.objects.filter(pk=circles[0].pk).update(name=circles[1].name)
    assert violated(refused.value) == "partnership_name_once"


def test_a_second_click_is_refused_politely(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    run = make_run(cohort, cast.cora)
    publish(run, cast.cora)

    with pytest.raises(NotADraft, match="already been published"):
        publish(run, cast.cora)


def test_a_run_that_proposes_nobody_is_not_published(cast):
    cohort = make_cohort(cast.acme)
    person(cohort, "Ada", "mentee", languages=["en"])
    person(cohort, "Mo", "mentor", languages=["de"])

    with pytest.raises(NothingToPublish):
        publish(make_run(cohort, cast.cora), cast.cora)


def test_somebody_who_has_withdrawn_meanwhile_is_named_and_nothing_is_published(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        gone = Enrolment.objects.select_related("member").filter(cohort=cohort).first()
        enrolments.withdraw(enrolment=gone, by=cast.cora)

    with pytest.raises(RunOutdated) as refused:
        publish(run, cast.cora)

    assert str(gone.member) in str(refused.value)
    with tenant(cast.acme):
        assert MatchRun.objects.get().state == "draft"
        assert not Partnership.objects.exists()


def test_somebody_seated_by_hand_meanwhile_is_named(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        mentee = Enrolment.objects.filter(cohort=cohort, part="mentee").first()
        mentor = Enrolment.objects.filter(cohort=cohort, part="mentor").first()
        partnerships.make_partnership(
            cohort=cohort, people=[(mentee, "mentee"), (mentor, "mentor")], by=cast.cora
        )

    with pytest.raises(RunOutdated, match=str(mentee.member)):
        publish(run, cast.cora)


def test_a_pair_forbidden_since_and_a_new_reporting_line_are_named(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        mentee = Enrolment.objects.select_related("member").get(cohort=cohort, part="mentee")
        mentor = Enrolment.objects.select_related("member").get(cohort=cohort, part="mentor")
        both = {"cohort": cohort, "first": mentee, "second": mentor, "by": cast.cora}
        rules.set_pair_rule(**both, kind="forbidden")
    with pytest.raises(RunOutdated, match="never together"):
        publish(run, cast.cora)
    with tenant(cast.acme):
        rules.clear_pair_rule(**both)
        mentee.member.manager = mentor.member
        mentee.member.save()
    with pytest.raises(RunOutdated, match="reporting line"):
        publish(run, cast.cora)


def test_a_lock_set_since_is_named_unless_the_run_keeps_it(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        (mentee, _m), (mentor, _n) = tables_of(run)[0]
        (_other, _o), (stranger, _p) = tables_of(run)[1]
        mentee, mentor, stranger = (
            Enrolment.objects.get(pk=each) for each in (mentee, mentor, stranger)
        )
        rules.set_pair_rule(cohort=cohort, kind="locked", first=mentee, second=mentor, by=cast.cora)
        assert changes_since(run, tables_of(run)).blocking == ()
        rules.clear_pair_rule(cohort=cohort, first=mentee, second=mentor, by=cast.cora)
        rules.set_pair_rule(
            cohort=cohort, kind="locked", first=mentee, second=stranger, by=cast.cora
        )
    with pytest.raises(RunOutdated, match="locked together since"):
        publish(run, cast.cora)


def test_new_people_answers_and_weights_are_said_but_do_not_forbid(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    run = make_run(cohort, cast.cora)
    person(cohort, "Late", "mentee")
    with tenant(cast.acme):
        Answer.objects.filter(enrolment__part="mentor").delete()
        criterion = cohort.program.criteria.get(key="skills")
        parts.set_weights(program=cohort.program, weights={criterion.pk: 1}, by=cast.cora)

        changes = changes_since(run, tables_of(run))

    assert changes.blocking == ()
    assert changes.notes == (
        "1 person has been accepted since and is not in it.",
        "1 person has changed answers or work facts since.",
        "Criteria, weights or rules have been changed since.",
    )
    assert len(publish(run, cast.cora)) == 1


def test_a_partnership_starts_with_its_cohort_and_never_before_today(cast):
    soon = clock.now().date() + timedelta(days=14)
    cohort = make_cohort(cast.acme, starts_on=soon)
    person(cohort, "Ada", "mentee")
    person(cohort, "Mo", "mentor")

    (made,) = publish(make_run(cohort, cast.cora), cast.cora)

    assert (made.starts_on, made.ends_on) == (soon, cohort.ends_on)


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_publish_one_run_and_exactly_one_wins():
    cast = make_cast()
    cohort = make_mentor_cohort(cast.acme, mentees=3, mentors=3)
    run = make_run(cohort, cast.cora)
    together = threading.Barrier(20)
    outcomes = []

    def click():
        try:
            together.wait()
            with tenant(cast.acme):
                publishing.publish_run(run=MatchRun.objects.get(pk=run.pk), by=cast.cora)
            outcomes.append("published")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["match_run_not_a_draft"] * 19 + ["published"]
    with tenant(cast.acme):
        assert Partnership.objects.count() == 3
        assert Seat.objects.count() == 6
        assert Email.objects.filter(kind="pairing.matched").count() == 6
        assert Cohort.objects.get(pk=cohort.pk).phase == "running"


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_one_cohort_published_at_once_seat_nobody_twice():
    cast = make_cast()
    cohort = make_mentor_cohort(cast.acme, mentees=3, mentors=3)
    runs = [make_run(cohort, cast.cora, seed=seed) for seed in (1, 2)]
    together = threading.Barrier(2)
    outcomes = []

    def click(run):
        try:
            together.wait()
            with tenant(cast.acme):
                publishing.publish_run(run=run, by=cast.cora)
            outcomes.append("published")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["match_run_outdated", "published"]
    with tenant(cast.acme):
        assert Seat.objects.count() == 6
