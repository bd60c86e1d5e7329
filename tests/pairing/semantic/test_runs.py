"""Runs that compare free text: read in the worker, once; and what is said without the extra."""

import os

import pytest
from django.urls import reverse

from core.common import env
from core.tenancy.context import tenant
from pairing.engine.shapes import FULL_POINTS
from pairing.inputs.collect import take_snapshot
from pairing.models.runs import Proposal
from pairing.texts.reasons import read_reasons, say_reason
from pairing.texts.sentence import pair_sentence
from programs.models.parts import Answer, Criterion
from programs.operations import parts
from tests.cast import sign_in
from tests.pairing.build import make_cohort, make_run, person, start_run

STAGE = ("I want to speak in front of large groups without fear.",
         "Presenting calmly on a stage to many people.")  # fmt: skip
MONEY = ("Understand budgets and forecasts.", "Company finance: read a balance sheet.")

needs_extra = pytest.mark.skipif(
    env.semantic_model() is None and not os.environ.get("CI"),
    reason="the extra `semantic` is not installed here: make test installs it",
)


@pytest.fixture
def cohort(cast):
    """Two mentees and two mentors who differ in nothing but what they wrote about goals."""
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        Criterion.objects.filter(program=cohort.program, sort="score").delete()
        cohort.program.questions.filter(key="goal").update(asked_of="everyone")
        parts.save_criterion(
            program=cohort.program,
            by=cast.cora,
            kind="text",
            sort="score",
            label="Goals",
            seeker_field="answer:goal",
            offerer_field="answer:goal",
            weight=5,
            parameters={},
        )
    for name, goal in (("Stage", STAGE[0]), ("Money", MONEY[0])):
        person(cohort, f"Mentee {name}", "mentee", answers={"goal": goal})
    for name, goal in (("Money", MONEY[1]), ("Stage", STAGE[1])):
        person(cohort, f"Mentor {name}", "mentor", answers={"goal": goal})
    return cohort


def pairs_of(run):
    with tenant(run.organisation):
        found = Proposal.objects.filter(run=run).prefetch_related("seats__enrolment__member")
        return {
            frozenset(seat.enrolment.member.given_name.split()[1] for seat in each.seats.all())
            for each in found
        }


@needs_extra
def test_goals_that_mean_the_same_find_each_other(cast, cohort):
    waiting = start_run(cohort, cast.cora)
    assert "vectors" not in waiting.snapshot  # nothing is read while somebody waits for a page
    with tenant(cast.acme):
        waiting.delete()

    run = make_run(cohort, cast.cora)

    assert pairs_of(run) == {frozenset({"Stage"}), frozenset({"Money"})}
    assert set(run.snapshot["vectors"]) == {*STAGE, *MONEY}
    assert run.facts["unused"] == []
    with tenant(cast.acme):
        for proposal in Proposal.objects.filter(run=run):
            (reason,) = read_reasons(proposal.reasons)
            assert reason.of == FULL_POINTS
            assert say_reason(reason).startswith("Alike in meaning: ")
            assert pair_sentence([reason], seeker="A", offerer="B") == "Goals: close in meaning."
            assert set(reason.evidence) == {"alike"}  # never what somebody wrote


@needs_extra
def test_a_text_is_read_once_for_a_cohort(cast, cohort):
    first = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        answer = Answer.objects.filter(value=STAGE[0]).get()
        Answer.objects.filter(pk=answer.pk).update(value="Hand over tasks.")
        # a mark that reading again would overwrite
        first.snapshot["vectors"][MONEY[0]] = first.snapshot["vectors"][MONEY[1]]
        first.save(update_fields=["snapshot"])

    second = make_run(cohort, cast.cora)

    assert set(second.snapshot["vectors"]) == {"Hand over tasks.", STAGE[1], *MONEY}
    assert second.snapshot["vectors"][MONEY[0]] == first.snapshot["vectors"][MONEY[0]]


def test_without_the_extra_it_is_not_offered_and_a_run_says_what_it_leaves_out(
    cast, cohort, monkeypatch
):
    monkeypatch.setattr(env, "SEMANTIC_WHEEL", "no_such_wheel")
    client = sign_in(cast.cora)
    new = client.get(reverse("programs:new_criterion", args=["acme", cohort.program_id]))
    assert "Alike in meaning" not in new.content.decode()

    run = make_run(cohort, cast.cora)

    assert run.state == "draft"
    assert run.facts["unused"] == ["goals"]
    page = client.get(run.get_absolute_url()).content.decode()
    assert "This run does not weigh: Goals (free text is not compared here)." in page
    # whoever has it in a design already can still see and change it
    with tenant(cast.acme):
        criterion = Criterion.objects.get(program=cohort.program, kind="text")
        assert set(take_snapshot(cohort).seekers.columns["goals"]) == {STAGE[0], MONEY[0]}
    edit = client.get(reverse("programs:edit_criterion", args=["acme", criterion.pk]))
    assert "Alike in meaning" in edit.content.decode()


@needs_extra
def test_with_the_extra_it_is_offered(cast, cohort):
    new = sign_in(cast.cora).get(
        reverse("programs:new_criterion", args=["acme", cohort.program_id])
    )
    assert "Alike in meaning" in new.content.decode()
