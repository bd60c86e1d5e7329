"""Computing a matching from a frozen snapshot: what is stored, kept, cancelled and refused."""

import pytest

from core.audit.models import AuditEvent
from core.common import clock
from core.jobs import operations as jobs_operations
from core.jobs.models import Job
from core.jobs.operations import AlreadyFinished
from core.jobs.progress import Cancelled
from core.members.models import Member
from core.tenancy.context import tenant
from pairing import tasks as pairing_tasks
from pairing.engine.shapes import FULL_POINTS
from pairing.errors import (
    AlreadyComputing,
    CohortNotMatching,
    NobodyHasAccepted,
    NobodyToMatch,
    NotADraft,
    NotSuchAPair,
)
from pairing.inputs.collect import take_snapshot
from pairing.inputs.snapshot import Snapshot
from pairing.models.partnerships import Partnership
from pairing.models.runs import LeftOver, MatchRun, PairRule, Proposal, ProposalSeat
from pairing.partnerships.operations import partnerships
from pairing.runs.operations import rules, runs
from pairing.solve import compute as recompute
from pairing.texts.reasons import Reason, say_reason
from programs.models.parts import Answer, Criterion
from programs.models.programs import Cohort, Enrolment
from programs.operations import designs, enrolments
from tests.cast import sign_in
from tests.pairing.build import (
    compute,
    make_circles_cohort,
    make_cohort,
    make_mentor_cohort,
    make_partnership,
    make_run,
    person,
    publish,
    start_run,
)


def couples(run):
    """Who is proposed with whom, by given names."""
    with tenant(run.organisation):
        return {
            frozenset(seat.enrolment.member.given_name for seat in proposal.seats.all())
            for proposal in Proposal.objects.filter(run=run)
        }


def test_a_run_is_a_draft_with_pairs_a_proof_and_reasons_that_add_up_to_the_score(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=4, mentors=4)

    run = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        proposals = list(Proposal.objects.filter(run=run))
        job = Job.objects.get(pk=run.job_id)
    assert (run.state, run.number, run.gap_ppm) == ("draft", 1, 0)
    assert (run.objective, run.facts["proved"]) == (run.bound, True)
    assert len(proposals) == 4
    assert sum(each.points for each in proposals) == run.objective
    for each in proposals:
        assert sum(part["points"] for part in each.reasons) == each.points
        assert sum(part["shown"] for part in each.reasons) == each.score
        assert all(part["shown"] <= part["shown_of"] for part in each.reasons)
        assert sum(part["of"] for part in each.reasons) == FULL_POINTS
    assert [each.score for each in proposals] == sorted(
        (each.score for each in proposals), reverse=True
    )
    assert (job.state, job.result_path) == ("done", run.get_absolute_url())


def test_circles_hold_everybody_once_and_claim_no_more_than_is_proved(cast):
    cohort = make_circles_cohort(cast.acme, peers=14)

    run = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        sizes = [proposal.seats.count() for proposal in Proposal.objects.filter(run=run)]
    assert sorted(sizes) == [7, 7]
    assert run.facts["people"] == 14
    assert run.facts["proved"] is (run.objective == run.bound)


def test_a_run_computed_again_from_its_snapshot_is_the_same(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=5, mentors=3)
    run = make_run(cohort, cast.cora, seed=7)

    again = recompute(Snapshot.from_json(run.snapshot), policy=run.policy, seed=run.seed)

    with tenant(cast.acme):
        stored = [(each.points, each.reasons) for each in Proposal.objects.filter(run=run)]
    assert [
        (each.points, [reason.as_json() for reason in each.reasons]) for each in again.proposals
    ] == stored
    assert (again.objective, again.bound) == (run.objective, run.bound)


def test_the_snapshot_stays_when_answers_and_weights_change_later(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    run = start_run(cohort, cast.cora)
    before = run.snapshot
    with tenant(cast.acme):
        Answer.objects.filter(enrolment__cohort=cohort).delete()
        Criterion.objects.filter(program=cohort.program).update(weight=0)

    run = compute(run)

    assert run.snapshot == before
    assert run.objective > 0
    with tenant(cast.acme):
        assert take_snapshot(cohort).as_json() != before


def test_a_lock_is_kept_and_a_forbidden_pair_never_appears(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=3, mentors=3)
    first = make_run(cohort, cast.cora)
    apart = sorted(next(iter(couples(first))))  # "Mentee…" before "Mentor…"
    with tenant(cast.acme):
        by_name = {
            each.member.given_name: each
            for each in Enrolment.objects.filter(cohort=cohort).select_related("member")
        }
        mentee, mentor = (by_name[name] for name in apart)
        rules.set_pair_rule(
            cohort=cohort, kind="forbidden", first=mentee, second=mentor, by=cast.cora
        )
        other = next(name for name in by_name if name.startswith("Mentor") and name != apart[1])
        rules.set_pair_rule(
            cohort=cohort, kind="locked", first=by_name[other], second=mentee, by=cast.cora
        )

    second = make_run(cohort, cast.cora)

    assert frozenset(apart) not in couples(second)
    assert frozenset({apart[0], other}) in couples(second)
    with tenant(cast.acme):
        assert Proposal.objects.filter(run=second, locked=True).count() == 1


def test_a_preferred_pair_gets_points_on_top_and_the_reason_says_so(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=3)
    with tenant(cast.acme):
        mentee = Enrolment.objects.get(cohort=cohort, part="mentee")
        before = make_run(cohort, cast.cora)
        (taken,) = couples(before)
        # the same offer in the same department: only who was accepted first decides
        mentors = Enrolment.objects.filter(cohort=cohort, part="mentor").select_related("member")
        twin = next(each for each in mentors if each.member.given_name not in taken)
        rules.set_pair_rule(
            cohort=cohort, kind="preferred", first=mentee, second=twin, by=cast.cora
        )

    run = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        proposal = Proposal.objects.get(run=run)
    (wish,) = [each for each in proposal.reasons if each["criterion"] == "pair:preferred"]
    assert couples(run) == {frozenset({"Mentee0", twin.member.given_name})}
    assert (wish["points"], wish["shown"]) == (10_000, 10)
    assert say_reason(Reason.from_json(wish)) == (
        "A coordinator would like to see these two together: up to 10 points on top."
    )
    assert sum(each["shown"] for each in proposal.reasons) == proposal.score


def test_a_second_rule_on_two_people_replaces_the_first_and_clearing_leaves_none(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    with tenant(cast.acme):
        mentee, mentor = Enrolment.objects.filter(cohort=cohort).order_by("part", "id")
        both = {"cohort": cohort, "first": mentee, "second": mentor}
        rules.set_pair_rule(**both, kind="locked", by=cast.cora)
        rules.set_pair_rule(**both, kind="forbidden", by=cast.cora)
        rule = PairRule.objects.get()
        assert (rule.kind, rule.first_id) == ("forbidden", mentee.pk)

        assert rules.clear_pair_rule(**both, by=cast.cora) == 1
        assert not PairRule.objects.exists()


def test_two_mentors_cannot_be_locked_together(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=0, mentors=2)
    with tenant(cast.acme):
        one, other = Enrolment.objects.filter(cohort=cohort)
        with pytest.raises(NotSuchAPair):
            rules.set_pair_rule(cohort=cohort, kind="locked", first=one, second=other, by=cast.cora)


def test_nobody_is_proposed_to_somebody_of_their_reporting_line_even_past_an_outsider(cast):
    cohort = make_cohort(cast.acme)
    boss = person(cohort, "Boss", "mentor")
    with tenant(cast.acme):
        Criterion.objects.filter(program=cohort.program, kind="never_manager").delete()
        between = cast.petra  # not in the cohort
        between.manager = boss.member
        between.save()
    person(cohort, "Junior", "mentee", manager=between)

    run = make_run(cohort, cast.cora)

    assert couples(run) == set()
    with tenant(cast.acme):
        reasons = {row.reason: row.detail for row in LeftOver.objects.filter(run=run)}
    assert reasons == {"no_allowed_partner": {"reporting_line": 1}}


def test_whoever_is_left_over_is_listed_with_the_reason(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=3, mentors=1)

    run = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        rows = list(LeftOver.objects.filter(run=run).values_list("part", "reason", "detail"))
    assert rows == [("mentee", "fewer_offerers", {"places": 1, "seekers": 3})] * 2


def test_a_mentor_with_room_for_two_gets_two_and_a_paused_one_none(cast):
    cohort = make_cohort(cast.acme)
    for name in ("Ada", "Ben", "Cem"):
        person(cohort, name, "mentee")
    person(cohort, "Mo", "mentor", capacity=2)
    paused = person(cohort, "Pia", "mentor")
    with tenant(cast.acme):
        Enrolment.objects.filter(pk=paused.pk).update(paused_until="2999-01-01")

    run = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        left = set(LeftOver.objects.filter(run=run).values_list("reason", flat=True))
    assert sorted(len(pair & {"Mo"}) for pair in couples(run)) == [1, 1]
    assert "no_capacity" in left


def test_people_who_work_together_already_are_out_and_former_partners_are_not_paired_again(cast):
    cohort = make_cohort(cast.acme)
    mentee, mentor = person(cohort, "Ada", "mentee"), person(cohort, "Mo", "mentor", capacity=2)
    partnership = make_partnership(cohort, mentor.member, mentee.member)
    with pytest.raises(NobodyToMatch):
        start_run(cohort, cast.cora)
    with tenant(cast.acme):
        partnerships.end_partnership(partnership=partnership, reason="no time", by=cast.cora)

    run = make_run(cohort, cast.cora)

    assert couples(run) == set()


def test_a_cancelled_job_leaves_a_cancelled_run(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    run = start_run(cohort, cast.cora)

    with tenant(cast.acme):
        run = runs.cancel_match_run(run=run, by=cast.cora)
        assert (run.state, Job.objects.get(pk=run.job_id).state) == ("cancelled", "cancelled")
    pairing_tasks.compute_match_run(cast.acme.pk, str(run.job_id))  # the hint arrives late
    with tenant(cast.acme):
        assert MatchRun.objects.get().state == "cancelled"
        assert not Proposal.objects.exists()


def test_a_wish_to_cancel_stops_running_work(cast, monkeypatch):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    run = start_run(cohort, cast.cora)
    claimed = jobs_operations.claim

    def claim_then_wish(organisation_id, job_id):
        job = claimed(organisation_id, job_id)
        with tenant(organisation_id):
            runs.cancel_match_run(run=run, by=cast.cora)
        return job

    monkeypatch.setattr(jobs_operations, "claim", claim_then_wish)
    run = compute(run)

    with tenant(cast.acme):
        job = Job.objects.get(pk=run.job_id)
    assert (run.state, job.state) == ("cancelled", "cancelled")


def test_bad_input_fails_run_and_job_with_a_sentence_naming_person_and_rule(cast):
    cohort = make_cohort(cast.acme)
    mentee = person(cohort, "Ada", "mentee", languages=["en"])
    mentor = person(cohort, "Mo", "mentor", languages=["de"])
    with tenant(cast.acme):
        Member.objects.filter(pk=mentor.member_id).update(languages=["en"])
        rules.set_pair_rule(cohort=cohort, kind="locked", first=mentee, second=mentor, by=cast.cora)
        Member.objects.filter(pk=mentor.member_id).update(languages=["de"])  # afterwards

    run = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        job = Job.objects.get(pk=run.job_id)
    assert (run.state, job.state) == ("failed", "failed")
    assert "Ada Acme" in job.error
    assert "At least one language in common" in job.error
    assert run.facts == {"error": job.error, "person": "Ada Acme", "rule": "language"}


def test_an_unreadable_setting_of_a_criterion_fails_the_run_and_names_it(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    with tenant(cast.acme):
        Criterion.objects.filter(key="level").update(parameters={"ideal": "wide"})

    run = make_run(cohort, cast.cora)

    assert run.state == "failed"
    assert run.facts["rule"] == "level"


def test_a_job_given_up_elsewhere_closes_its_run(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    run = start_run(cohort, cast.cora)
    with tenant(cast.acme):
        Job.objects.filter(pk=run.job_id).update(state="failed", error="It stopped three times.")

        assert runs.settle_runs(at=clock.now()) == 1
        assert runs.settle_runs(at=clock.now()) == 0

        run.refresh_from_db()
    assert (run.state, run.facts) == ("failed", {"error": "It stopped three times."})


def test_one_run_of_a_cohort_is_computed_at_a_time(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    start_run(cohort, cast.cora)

    with pytest.raises(AlreadyComputing):
        start_run(cohort, cast.cora)


def test_an_empty_or_closing_cohort_is_not_matched(cast):
    cohort = make_cohort(cast.acme)
    with pytest.raises(NobodyToMatch):
        start_run(cohort, cast.cora)
    with tenant(cast.acme):
        Cohort.objects.filter(pk=cohort.pk).update(phase="closing")
        cohort.refresh_from_db()
    with pytest.raises(CohortNotMatching):
        start_run(cohort, cast.cora)


def test_a_draft_is_discarded_once(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    run = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        assert runs.discard_run(run=run, by=cast.cora).state == "discarded"
        with pytest.raises(NotADraft, match="discarded"):
            runs.discard_run(run=run, by=cast.cora)
        assert AuditEvent.objects.filter(verb="match_run.discarded").count() == 1


def test_who_waits_or_has_withdrawn_is_no_candidate(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=3, mentors=2)
    with tenant(cast.acme):
        gone, waiting = Enrolment.objects.filter(cohort=cohort, part="mentee").order_by("id")[:2]
        enrolments.withdraw(enrolment=gone, by=cast.cora)
        Enrolment.objects.filter(pk=waiting.pk).update(state="waitlisted")

    run = make_run(cohort, cast.cora)

    assert len(run.snapshot["seekers"]["enrolments"]) == 1


def test_publishing_twice_in_a_rolling_cohort_matches_only_who_has_come_since(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    publish(make_run(cohort, cast.cora), cast.cora)
    person(cohort, "Late", "mentee")
    person(cohort, "Later", "mentor")

    run = make_run(cohort, cast.cora)

    assert couples(run) == {frozenset({"Late", "Later"})}
    publish(run, cast.cora)
    with tenant(cast.acme):
        assert Partnership.objects.count() == 2


def test_a_run_that_is_no_longer_computing_is_not_computed_again(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        job = Job.objects.get(pk=run.job_id)
        before = list(Proposal.objects.filter(run=run).values_list("pk", flat=True))
    said = []

    again = runs.compute_match_run(cast.acme.pk, job, lambda *step: said.append(step))

    assert (again, said) == (run.pk, [])
    with tenant(cast.acme):
        assert list(Proposal.objects.filter(run=run).values_list("pk", flat=True)) == before
        assert len(before) == 2


def test_a_snapshot_nobody_can_read_fails_the_run_without_blaming_anybody(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    run = start_run(cohort, cast.cora)
    with tenant(cast.acme):
        MatchRun.objects.filter(pk=run.pk).update(snapshot={"criteria": [{"unheard": "of"}]})

    run = compute(run)

    with tenant(cast.acme):
        assert Job.objects.get(pk=run.job_id).state == "failed"
        assert Proposal.objects.count() == 0
    assert (run.state, run.facts) == ("failed", {"error": "Something went wrong on our side."})
    assert run.finished_at is not None


def test_a_result_is_not_kept_once_the_run_was_closed_meanwhile(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    run = start_run(cohort, cast.cora)
    with tenant(cast.acme):
        job = Job.objects.get(pk=run.job_id)

    def give_up(_done, _of, label):
        if label == "Storing the result":
            with tenant(cast.acme):
                Job.objects.filter(pk=job.pk).update(state="failed", error="It stopped.")
                assert runs.settle_runs() == 1

    with pytest.raises(Cancelled):
        runs.compute_match_run(cast.acme.pk, job, give_up)

    with tenant(cast.acme):
        run.refresh_from_db()
        assert Proposal.objects.count() == 0
    assert (run.state, run.facts) == ("failed", {"error": "It stopped."})


def test_a_run_without_a_job_cannot_be_stopped(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    run = start_run(cohort, cast.cora)
    with tenant(cast.acme):
        MatchRun.objects.filter(pk=run.pk).update(job_id=None)
        run.refresh_from_db()

        with pytest.raises(AlreadyFinished):
            runs.cancel_match_run(run=run, by=cast.cora)

        run.refresh_from_db()
        assert run.state == "computing"
        assert AuditEvent.objects.filter(verb="match_run.cancelled").count() == 0


def test_who_has_not_accepted_the_expectations_is_matched_only_where_the_run_says_so(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    with tenant(cast.acme):
        late = Enrolment.objects.filter(part="mentee").first()
        Enrolment.objects.filter(pk=late.pk).update(expectations_accepted_at=None)
    browser = sign_in(cast.cora)
    studio = browser.get(f"/o/acme/cohorts/{cohort.pk}/matching/").text
    assert "1 person has not accepted the expectations." in studio

    without = make_run(cohort, cast.cora)
    page = browser.get(without.get_absolute_url()).text
    assert "1 person is not in this run: the expectations are not accepted." in page
    with_them = make_run(cohort, cast.cora, unaccepted_too=True)
    page = browser.get(with_them.get_absolute_url()).text
    assert "1 person in this run has not accepted the expectations." in page

    with tenant(cast.acme):
        seated = ProposalSeat.objects.filter(enrolment=late)
        assert not seated.filter(proposal__run=without).exists()
        assert seated.filter(proposal__run=with_them).exists()
        again = runs.repeat_match_run(run=with_them, by=cast.cora)
        assert again.unaccepted_too
    assert len(publish(with_them, cast.cora)) == 2


def test_a_run_is_refused_with_the_reason_where_nobody_has_accepted_the_expectations(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    with tenant(cast.acme):
        Enrolment.objects.update(expectations_accepted_at=None)
        with pytest.raises(NobodyHasAccepted):
            runs.start_match_run(cohort=cohort, by=cast.cora)


def test_who_has_to_accept_is_decided_by_part_as_programs_do(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    with tenant(cast.acme):
        Enrolment.objects.update(expectations_accepted_at=None)
        said = {
            "expectations": "",
            "expectations_mentors": "",
            "expectations_mentees": "Come prepared.",
        }
        designs.edit_program(program=cohort.program, by=cast.cora, **said)
        cohort = Cohort.objects.for_list().get(pk=cohort.pk)
        ready = Enrolment.objects.filter(cohort=cohort).ready_to_match()
        alone = take_snapshot(cohort)
        assert set(alone.offerers.enrolments) == {str(row.pk) for row in ready}
        assert (len(alone.seekers.enrolments), alone.unaccepted) == (0, 2)
        assert take_snapshot(cohort, unaccepted_too=True).unaccepted == 2

        # a new version is asked again, and keeps nobody out
        Enrolment.objects.update(expectations_accepted_at=clock.now(), expectations_version=1)
        again = {"expectations": "", "expectations_mentees": "Come on time."}
        designs.edit_program(program=cohort.program, by=cast.cora, **again)
        cohort = Cohort.objects.for_list().get(pk=cohort.pk)
        assert take_snapshot(cohort).unaccepted == 0
