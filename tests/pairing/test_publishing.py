"""Publishing: exactly one winner, everything checked again, everybody told once."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from core.accounts.operations.people import mark_left
from core.audit.models import AuditEvent
from core.common import clock
from core.common.errors import DomainError, violated
from core.members.models import Member
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.errors import NotADraft, NothingToPublish, RunOutdated
from pairing.inputs.collect import take_snapshot
from pairing.inputs.snapshot import Snapshot
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import LeftOver, MatchRun, Proposal
from pairing.partnerships.operations import partnerships
from pairing.partnerships.queries import under_size, waiting_for_a_partner
from pairing.runs.emails import proposed_tables, seats_of
from pairing.runs.operations import publishing, rules
from pairing.runs.queries import changes_since
from pairing.solve import solver_of
from programs.models.parts import Answer
from programs.models.programs import Cohort, Enrolment
from programs.operations import enrolments, parts
from tests.cast import make_cast, sign_in
from tests.pairing.build import (
    make_circles_cohort,
    make_cohort,
    make_mentor_cohort,
    make_run,
    person,
    publish,
)


def tables_of(run):
    """Return who would sit at each table, mentees first: rows of one instant have no order."""
    return [sorted(seats, key=lambda seat: seat[1]) for seats in seats_of(proposed_tables(run))]


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


def test_reasons_are_said_in_the_language_of_who_reads_them_whoever_publishes(cast):
    run = make_run(make_mentor_cohort(cast.acme, mentees=3, mentors=2), cast.cora)
    with tenant(cast.acme):
        Member.objects.filter(given_name__startswith="Mentee").update(language="de")
    publish(run, cast.cora)
    with tenant(cast.acme):
        left = Email.objects.get(kind="pairing.left_over")
        matched = Email.objects.filter(kind="pairing.matched").select_related("member")
        why = {email.member.given_name: email.context["why"] for email in matched}
    assert left.context["why"] == "Zurzeit gibt es mehr Mentees als Plätze bei Mentor:innen."
    english = {sentence for name in why if "Mentor" in name for sentence in why[name]}
    german = {sentence for name in why if "Mentee" in name for sentence in why[name]}
    assert (len(english), len(german), english & german) == (2, 2, set())


def test_a_mentor_of_two_gets_one_email_that_names_both(cast):
    cohort = make_cohort(cast.acme)
    for name in ("Ada", "Ben"):
        person(cohort, name, "mentee")
    mo = person(cohort, "Mo", "mentor", capacity=2)

    publish(make_run(cohort, cast.cora), cast.cora)

    with tenant(cast.acme):
        email = Email.objects.get(member=mo.member)
        assert sorted(email.context["partners"]) == ["Ada Acme", "Ben Acme"]


@pytest.mark.slow
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


def test_who_has_withdrawn_meanwhile_is_left_out_and_the_rest_is_published(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        (gone, _m), (left, _n) = tables_of(run)[0]
        gone = Enrolment.objects.select_related("member").get(pk=gone)
        left = Enrolment.objects.select_related("member").get(pk=left)
        enrolments.withdraw(enrolment=gone, by=gone.member)
    page = sign_in(cast.cora).get(f"{run.get_absolute_url()}publish/").text
    assert f"{gone.member} has left the cohort or has a partner by now." in page
    assert f"</b> {left.member}" in page  # named among the left over

    (made,) = publish(run, cast.cora)

    with tenant(cast.acme):
        people = set(made.seats.values_list("enrolment_id", flat=True))
        assert not people & {gone.pk, left.pk}
        row = LeftOver.objects.get(run=run, enrolment=left)
        assert row.reason == "partner_gone"
        told = Email.objects.get(kind="pairing.left_over")
        assert (told.member, told.cause_id) == (left.member, left.pk)
        assert told.context["why"] == "The person who was to work with you no longer takes part."
        ours = Email.objects.filter(kind__startswith="pairing.")
        assert not ours.filter(member=gone.member).exists()


@pytest.mark.slow
def test_a_circle_is_published_without_who_has_left(cast):
    cohort = make_circles_cohort(cast.acme, peers=12)
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        first = tables_of(run)[0]
        gone = Enrolment.objects.select_related("member").get(pk=first[0][0])
        enrolments.withdraw(enrolment=gone, by=gone.member)
    page = sign_in(cast.cora).get(f"{run.get_absolute_url()}publish/").text
    assert "1 circle is smaller than the design asks for: at least 6 people" in page

    made = publish(run, cast.cora)

    with tenant(cast.acme):
        assert sorted(each.seats.count() for each in made) == [5, 6]
        small = next(each for each in made if each.seats.count() == 5)
        ids = [[who for who, _part in table] for table in tables_of(run)]
        ids[0].remove(str(gone.pk))
        weighed = solver_of(Snapshot.from_json(run.snapshot)).weigh(ids)
        assert small.score == weighed.score(0)
        assert set(under_size(Partnership.objects.all())) == {small}
    page = sign_in(cast.cora).get(f"/o/acme/cohorts/{cohort.pk}/partnerships/?state=small").text
    assert small.name in page
    assert "Seat somebody" in page


def test_when_nobody_of_a_run_is_left_nothing_is_published(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
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


def test_a_pair_made_by_hand_meanwhile_stays_and_their_partners_are_left_over(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        mentee, mentor = tables_of(run)[0]
        by_hand = [(Enrolment.objects.get(pk=who), part) for who, part in (mentee, mentor)]
        partnerships.make_partnership(cohort=cohort, people=by_hand, by=cast.cora)

    assert len(publish(run, cast.cora)) == 1

    with tenant(cast.acme):
        assert Partnership.objects.count() == 2
        assert not LeftOver.objects.exists()


def test_whom_a_run_leaves_over_is_told_why_and_goes_first(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=3, mentors=2)
    run = make_run(cohort, cast.cora)
    publish(run, cast.cora)
    with tenant(cast.acme):
        left = LeftOver.objects.select_related("enrolment__member").get(run=run)
        email = Email.objects.get(kind="pairing.left_over")
        assert email.member == left.enrolment.member
        assert email.context["why"] == (
            "There are more mentees than places with mentors at present."
        )
        assert email.context["first"]
        assert take_snapshot(cohort).first == (str(left.enrolment_id),)
        (waits,) = waiting_for_a_partner(cohort, cast.cora)
        assert (waits.enrolment, waits.lost) == (left.enrolment, False)
        assert waits.why == "There are 2 places with mentors for 3 mentees."
    page = sign_in(cast.cora).get(f"/o/acme/cohorts/{cohort.pk}/waiting/").text
    assert f"/seat/{left.enrolment_id}/?part=mentee" in page


def test_who_pauses_or_has_left_is_not_told_that_they_are_left_over(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=3, mentors=1)
    with tenant(cast.acme):
        rests = Enrolment.objects.filter(part="mentee").first()
        Enrolment.objects.filter(pk=rests.pk).update(
            paused_until=clock.now().date() + timedelta(days=9)
        )
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        others = LeftOver.objects.filter(run=run).exclude(enrolment=rests)
        gone = others.select_related("enrolment__member").get().enrolment
        mark_left(member=gone.member, by=cast.olga)
    publish(run, cast.cora)
    with tenant(cast.acme):
        assert not Email.objects.filter(kind="pairing.left_over").exists()


def test_after_an_undo_only_those_are_told_who_still_take_part(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    run = make_run(cohort, cast.cora)
    publish(run, cast.cora)
    dispatch()
    with tenant(cast.acme):
        people = list(Enrolment.objects.select_related("member").order_by("id"))
        enrolments.withdraw(enrolment=people[0], by=people[0].member)
        mark_left(member=people[1].member, by=cast.olga)
        told = publishing.withdraw_run(run=run, by=cast.cora)
    assert {member.pk for member in told} == {each.member_id for each in people[2:]}


def test_who_lost_their_mentor_waits_also_while_they_mentor_somebody_else(cast):
    cohort = make_cohort(cast.acme)
    both, mentor = person(cohort, "Mateo", "both"), person(cohort, "Haruto", "mentor")
    mentee = person(cohort, "Sven", "mentee")
    with tenant(cast.acme):
        lost = partnerships.make_partnership(
            cohort=cohort, people=[(mentor, "mentor"), (both, "mentee")], by=cast.cora
        )
        partnerships.make_partnership(
            cohort=cohort, people=[(both, "mentor"), (mentee, "mentee")], by=cast.cora
        )
        partnerships.end_partnership(partnership=lost, reason="fit", by=cast.cora)
        waits = waiting_for_a_partner(cohort, cast.cora)
        assert {(each.enrolment.member.given_name, each.part, each.lost) for each in waits} == {
            ("Mateo", "mentee", True),
            ("Haruto", "mentor", True),
        }
        snapshot = take_snapshot(cohort)
        assert set(snapshot.first) == {str(both.pk), str(mentor.pk)}


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
        assert changes_since(run, proposed_tables(run)).blocking == ()
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

        changes = changes_since(run, proposed_tables(run))

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
