"""The studio: named sets of criteria, and counts that are live and right."""

from typing import Any

import pytest
from django.urls import reverse

from core.members.models import Member
from core.tenancy.context import tenant
from pairing.engine.rules import blocked_by_rule
from pairing.errors import SetNameTaken, SetRemoved
from pairing.inputs.collect import take_snapshot
from pairing.inputs.problem import two_sides_of
from pairing.inputs.snapshot import Choice
from pairing.models.runs import CriteriaSet, MatchRun, PairRule
from pairing.partnerships.operations import partnerships
from pairing.runs.operations import rules, runs
from pairing.runs.presenters import studio
from pairing.runs.queries import matching_stamp
from programs.models.parts import Criterion
from programs.models.programs import Enrolment
from programs.operations import answers, designs, parts
from tests.cast import sign_in
from tests.pairing.build import (
    make_circles_cohort,
    make_cohort,
    make_mentor_cohort,
    make_partnership,
    make_run,
    person,
    publish,
    start_run,
)
from tests.pairing.test_pages import cost
from tests.walk.forms import forms_of

SKILLS_ONLY = Choice(weights={"skills": 10, "level": 0}, off=frozenset({"language"}))


def at(name, row, *more):
    return reverse(f"pairing:{name}", args=["acme", row.pk, *(each.pk for each in more)])


def form_of(client, url):
    """What the studio's form would send untouched."""
    page = client.get(url).content.decode()
    return next(each for each in forms_of(page, url) if "/matching/run/" in each.action).untouched()


def keep(cast, cohort, name="Skills", choice=SKILLS_ONLY, policy="best_total"):
    with tenant(cast.acme):
        return rules.keep_criteria_set(
            program=cohort.program, name=name, choice=choice, policy=policy, by=cast.cora
        )


def rule_of(cohort, kind="must_share"):
    return Criterion.objects.get(program=cohort.program, kind=kind)


def test_what_is_chosen_is_kept_as_a_set_shown_again_and_used_by_a_run(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    client, studio = sign_in(cast.cora), at("matching", cohort)
    typed = form_of(client, studio) | {"weight_skills": ["1"], "policy": ["best_total"]}
    typed.pop("rule_language")

    kept = client.post(at("keep_criteria_set", cohort), {**typed, "name": ["Calm start"]})
    again = form_of(client, kept["Location"])
    run_url = client.post(at("start_match_run", cohort), again)["Location"]

    with tenant(cast.acme):
        run = MatchRun.objects.get()
        assert (run.criteria_set.name, run.set_name) == ("Calm start", "Calm start")
    assert again["weight_skills"] == ["1"]
    assert again["policy"] == ["best_total"]
    assert "rule_language" not in again
    assert {c["key"]: c for c in run.snapshot["criteria"]}["skills"]["weight"] == 1
    assert "language" not in {each["key"] for each in run.snapshot["criteria"]}
    assert "Calm start" in client.get(run_url).content.decode()


def test_a_run_remembers_that_its_set_was_changed_by_hand(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    kept = keep(cast, cohort)
    client = sign_in(cast.cora)
    typed = form_of(client, f"{at('matching', cohort)}?set={kept.pk}")

    client.post(at("start_match_run", cohort), {**typed, "weight_skills": ["2"]})

    with tenant(cast.acme):
        assert MatchRun.objects.get().set_name == "Skills, changed"


def test_a_run_as_designed_follows_the_design_and_a_changed_one_says_so(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    client = sign_in(cast.cora)
    typed = form_of(client, at("matching", cohort))

    client.post(at("start_match_run", cohort), typed)
    with tenant(cast.acme):
        first = MatchRun.objects.get()
        runs.cancel_match_run(run=first, by=cast.cora)
    client.post(at("start_match_run", cohort), {**typed, "weight_skills": ["2"]})

    with tenant(cast.acme):
        second = MatchRun.objects.get(number=2)
    assert (first.choice, first.set_name) == (None, "")
    assert (second.choice["weights"]["skills"], second.set_name) == (2, "As designed, changed")


def test_a_rule_that_is_off_stays_off_when_the_run_is_published_and_run_again(cast):
    cohort = make_cohort(cast.acme)
    person(cohort, "Ada", "mentee", languages=["en"])
    person(cohort, "Mo", "mentor", languages=["de"])
    kept = keep(cast, cohort)
    run = make_run(cohort, cast.cora, choice=SKILLS_ONLY, criteria_set=kept, policy="best_total")

    again = sign_in(cast.cora).post(at("repeat_match_run", run))

    with tenant(cast.acme):
        second = MatchRun.objects.get(number=2)
        assert again["Location"] == second.get_absolute_url()
        assert (second.set_name, second.choice) == ("Skills", SKILLS_ONLY.as_json())
    assert len(publish(run, cast.cora)) == 1


def test_the_reporting_line_cannot_be_switched_off(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    with tenant(cast.acme):
        key = rule_of(cohort, "never_manager").key
        snapshot = take_snapshot(cohort, Choice(off=frozenset({key, "language"})))
    page = sign_in(cast.cora).get(at("matching", cohort)).content.decode()

    assert [spec.key for spec in snapshot.rules] == [key]
    assert "Always on. Rules out 0 of 1 pairs." in page


def test_sets_have_one_name_and_can_be_changed_renamed_removed_and_brought_back(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    kept, other = keep(cast, cohort), keep(cast, cohort, name="Other")
    client = sign_in(cast.cora)
    typed = form_of(client, f"{at('matching', cohort)}?set={kept.pk}")

    client.post(at("keep_criteria_set", cohort), {**typed, "weight_skills": ["4"], "change": "1"})
    client.post(at("rename_criteria_set", cohort, kept), {"name": "Renamed"})
    taken = client.post(at("rename_criteria_set", cohort, kept), {"name": "Other"})
    removed = client.post(at("remove_criteria_set", cohort, other))
    offered = client.get(removed["Location"]).content.decode()
    twice = client.post(at("remove_criteria_set", cohort, other))
    back = client.post(at("restore_criteria_set", cohort, other))

    with tenant(cast.acme):
        kept.refresh_from_db()
        assert (kept.name, kept.choice["weights"]["skills"]) == ("Renamed", 4)
        assert set(CriteriaSet.objects.kept().values_list("name", flat=True)) == {
            "Renamed",
            "Other",
        }
    assert (taken.status_code, twice.status_code) == (409, 409)
    assert "“Other” is removed." in offered
    assert back["Location"].endswith(f"?set={other.pk}")


def test_a_name_may_be_used_again_after_removing_and_then_the_old_one_stays_away(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    first = keep(cast, cohort)
    with pytest.raises(SetNameTaken):
        keep(cast, cohort)
    with tenant(cast.acme):
        rules.remove_criteria_set(criteria_set=first, by=cast.cora)
        with pytest.raises(SetRemoved):
            rules.rename_criteria_set(criteria_set=first, name="X", by=cast.cora)
    keep(cast, cohort)
    with tenant(cast.acme), pytest.raises(SetNameTaken):
        rules.restore_criteria_set(criteria_set=first, by=cast.cora)


def test_a_set_without_a_name_or_of_another_program_is_refused(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    other = make_cohort(cast.acme, name="Other")
    foreign = keep(cast, other)
    client = sign_in(cast.cora)
    typed = form_of(client, at("matching", cohort))

    nameless = client.post(at("keep_criteria_set", cohort), {**typed, "name": " "})

    assert nameless.status_code == 422
    assert b"Give the set a name" in nameless.content
    assert client.get(f"{at('matching', cohort)}?set={foreign.pk}").status_code == 404
    assert client.post(at("remove_criteria_set", cohort, foreign)).status_code == 404
    assert sign_in(cast.petra).post(at("remove_criteria_set", other, foreign)).status_code == 403


def test_switching_a_rule_counts_again_and_the_fragment_is_what_a_reload_shows(cast):
    cohort = make_cohort(cast.acme)
    person(cohort, "Ada", "mentee", languages=["en"])
    person(cohort, "Ben", "mentee", languages=["fi"])
    person(cohort, "Mo", "mentor", languages=["en"])
    client, url = sign_in(cast.cora), at("matching_counts", cohort)
    typed = form_of(client, at("matching", cohort)) | {"count": "1"}
    off = {name: value for name, value in typed.items() if name != "rule_language"}

    on_page = client.get(url, typed, headers={"HX-Request": "true"}).content.decode()
    off_page = client.get(url, off, headers={"HX-Request": "true"}).content.decode()
    reload = client.get(at("matching", cohort), typed).content.decode()
    plain = client.get(url, off).content.decode()

    assert "The rules leave 1 mentee without any mentor." in on_page
    assert "Ben Acme" in on_page
    assert "stands in the way" in on_page
    assert "Rules out 1 of 2 pairs. Without it 1 more person could be matched." in on_page
    assert "The rules leave" not in off_page
    assert "Off. Would leave 1 mentee without anyone." in off_page
    counts = on_page.split("</div>")[0].strip()
    assert counts in reload
    assert "Off. Would leave 1 mentee without anyone." in plain
    assert 'name="rule_language"' in plain
    assert (
        client.get(url, typed | {"weight_skills": "x"}, headers={"HX-Request": "true"}).status_code
        == 204
    )


def test_counts_are_what_comparing_everybody_with_everybody_gives(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=5, mentors=4)
    with tenant(cast.acme):
        for at_row, each in enumerate(Enrolment.objects.filter(cohort=cohort)):
            Member.objects.filter(pk=each.member_id).update(
                languages=["en", "de", "fi"][at_row % 3 :]
            )
        Enrolment.objects.filter(cohort=cohort, member__given_name="Mentor0").update(capacity=0)
        snapshot = take_snapshot(cohort)
    problem = two_sides_of(snapshot)
    masks = blocked_by_rule(problem)
    places = problem.offerers.places()
    for off in (frozenset(), frozenset({"language"})):
        found = studio.count(studio.read_grounds(snapshot), Choice(off=off))
        allowed = [
            [
                places[j] > 0 and not any(m[i, j] for key, m in masks.items() if key not in off)
                for j in range(4)
            ]
            for i in range(5)
        ]
        assert found.allowed == sum(map(sum, allowed))
        assert [each.name for each in found.alone] == [
            problem.seekers.names[i] for i in range(5) if not any(allowed[i])
        ]
        assert found.by_rule["language"].forbids == int(masks["language"].sum())
        assert found.by_rule["language"].on is (not off)


def test_in_one_pool_each_pair_is_counted_once(cast):
    cohort = make_circles_cohort(cast.acme, peers=4)
    with tenant(cast.acme):
        found = studio.count(studio.read_grounds(take_snapshot(cohort)), Choice())

    assert (found.possible, found.allowed, found.alone) == (6, 6, ())


def test_counting_again_reads_no_snapshot_until_something_changes(cast, monkeypatch):
    cohort = make_mentor_cohort(cast.acme, mentees=3, mentors=3)
    taken = []

    def watched(*arguments: Any, **more: Any) -> Any:
        taken.append(arguments)
        return take_snapshot(*arguments, **more)

    monkeypatch.setattr(studio, "take_snapshot", watched)
    with tenant(cast.acme):
        for off in (frozenset(), frozenset({"language"}), frozenset()):
            studio.count(studio.grounds_of(cohort, {}), Choice(off=off))
        assert len(taken) == 1
        Enrolment.objects.filter(cohort=cohort, part="mentor").update(capacity=0)
        grounds = studio.grounds_of(cohort, {})

    assert len(taken) == 2
    assert studio.count(grounds, Choice()).alone != ()


def test_the_stamp_moves_with_everything_a_snapshot_reads(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    with tenant(cast.acme):
        mentee, mentor = Enrolment.objects.filter(cohort=cohort).order_by("part", "id")[1:3]
        criterion = Criterion.objects.filter(program=cohort.program).first()
    seen = []

    def look():
        with tenant(cast.acme):
            seen.append(matching_stamp(cohort))

    look()
    with tenant(cast.acme):
        answers.save_answers(
            enrolment=mentor, answers={"skills_offered": {"coaching": 5}}, complete=False
        )
    look()
    with tenant(cast.acme):
        Member.objects.filter(pk=mentee.member_id).update(manager=mentor.member_id)
    look()
    with tenant(cast.acme):
        rules.set_pair_rule(
            cohort=cohort, kind="forbidden", first=mentee, second=mentor, by=cast.cora
        )
    look()
    with tenant(cast.acme):
        parts.set_weights(program=cohort.program, weights={criterion.pk: 1}, by=cast.cora)
    look()
    made = make_partnership(cohort, cast.petra, cast.pavel)
    look()
    with tenant(cast.acme):
        partnerships.end_partnership(partnership=made, reason="fit", by=cast.cora)
    look()
    with tenant(cast.acme):
        designs.edit_program(program=cohort.program, circle_min=4, by=cast.cora)
    look()

    assert len(set(seen)) == len(seen) == 8


def test_the_studio_costs_the_same_however_many_sets_there_are(cast):
    client, costs = sign_in(cast.cora), []
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    start_run(cohort, cast.cora)
    for number in range(3):
        kept = keep(cast, cohort, name=f"Set {number}")
        costs.append(cost(client, f"{at('matching', cohort)}?set={kept.pk}"))
    assert costs[0] == costs[2]


def test_a_lock_that_a_rule_forbids_is_refused_by_the_rules_name(cast):
    cohort = make_cohort(cast.acme)
    boss = person(cohort, "Anna", "mentor")
    report = person(cohort, "Chen", "mentee", manager=boss.member)
    rule = {"kind": "locked", "first": str(report.pk), "second": str(boss.pk)}
    page = sign_in(cast.cora).post(
        f"/o/acme/cohorts/{cohort.pk}/matching/rules/", rule, follow=True
    )
    assert page.status_code == 422
    assert "this rule keeps Chen Acme and Anna Acme apart" in page.text
    assert "Never somebody of one&#x27;s own reporting line" in page.text
    with tenant(cast.acme):
        assert not PairRule.objects.exists()
    twice = {**rule, "second": str(report.pk)}
    refused = sign_in(cast.cora).post(f"/o/acme/cohorts/{cohort.pk}/matching/rules/", twice)
    assert refused.status_code == 422
    assert "Choose two different people of this cohort." in refused.text
    assert f'name="first" value="{report.pk}"' in refused.text


def test_a_discarded_draft_can_be_brought_back(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    run = make_run(cohort, cast.cora)
    browser = sign_in(cast.cora)
    page = browser.post(f"{run.get_absolute_url()}discard/", follow=True)
    assert "Bring it back" in page.text
    page = browser.post(f"{run.get_absolute_url()}restore/", follow=True)
    assert "is a draft again" in page.text
    with tenant(cast.acme):
        run.refresh_from_db()
        assert run.state == "draft"
