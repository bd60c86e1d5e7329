"""Every kind of criterion and rule, from the form of the design to the points of a run."""

import os

import pytest
from django.urls import reverse

from core.common.env import semantic_model
from core.tenancy.context import tenant
from pairing.models.runs import Proposal
from pairing.texts.reasons import Reason, say_reason
from programs.forms.criteria import RULES, SCORES, TEXT
from programs.models.parts import Criterion
from tests.cast import sign_in
from tests.pairing.build import make_cohort, make_run, person

FREE = [[0, 540, 660]]
MENTEE = {"skills_sought": {"coaching": 2}, "interests": ["strategy"], "availability": FREE,
          "goal": "Speak calmly on a stage."}  # fmt: skip
MENTOR = {"skills_offered": {"coaching": 4}, "interests": ["strategy"], "availability": FREE,
          "goal": "Presenting to many people."}  # fmt: skip

# kind: fields of the form, and what its reason says
WHAT = {
    "levels": ({"seeker_field": "answer:skills_sought", "offerer_field": "answer:skills_offered"},
               "Offered as sought"),
    "overlap": ("answer:interests", "In common"),
    "same": ("member:location", "Both: Berlin"),
    "different": ("member:department", "Sales and Finance"),
    "gap": ("member:level", "Ahead by 2"),
    "timezone": ("member:time_zone", "In the same time zone"),
    "availability": ("answer:availability", "2 h a week"),
    "text": ("answer:goal", "Alike in meaning"),
    "must_share": ("member:languages", ""),
    "never_same": ("member:department", ""),
    "clocks_within": ("member:time_zone", ""),
    "never_manager": ("member:manager", ""),
}  # fmt: skip


@pytest.fixture
def cohort(cast):
    """Two who fit in everything, and a mentor whose clock is eleven hours away."""
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        Criterion.objects.filter(program=cohort.program).delete()
        cohort.program.questions.update(asked_of="everyone")
    common = {"location": "Berlin", "time_zone": "Europe/Berlin"}
    person(cohort, "Jonas", "mentee", department="Sales", level="3", answers=MENTEE, **common)
    person(cohort, "Amara", "mentor", department="Finance", level="5", answers=MENTOR,
           location="Berlin", time_zone="Europe/Berlin")  # fmt: skip
    person(cohort, "Tane", "mentor", department="Finance", level="5", answers=MENTOR,
           location="Berlin", time_zone="Pacific/Auckland")  # fmt: skip
    return cohort


def save(client, cohort, kind):
    fields, _words = WHAT[kind]
    if isinstance(fields, str):
        fields = {"seeker_field": fields, "offerer_field": fields}
    said = {"label": f"By {kind}", "kind": kind, "weight": 4, "missing": "zero", **fields}
    said |= {"ideal_low": 1, "ideal_high": 2, "falloff": 2, "hours_apart": "3.5"}
    return client.post(reverse("programs:new_criterion", args=["acme", cohort.program_id]), said)


def test_every_kind_that_the_design_offers_is_weighed_and_every_rule_kept(cast, cohort):
    client = sign_in(cast.cora)
    text = semantic_model() is not None or bool(os.environ.get("CI"))
    scores = [kind for kind, _words in (*SCORES, *([TEXT] if text else []))]
    rules = [kind for kind, _words in RULES]
    assert {*scores, *rules} == {*WHAT} - ({"text"} if not text else set())
    for kind in (*scores, *rules):
        assert save(client, cohort, kind).status_code == 302, kind
    with tenant(cast.acme):
        kept = dict(Criterion.objects.values_list("kind", "parameters"))
    assert kept["gap"] == {"falloff": 2, "ideal": [1, 2], "missing": "zero"}
    assert kept["clocks_within"] == {"hours_apart": 3.5}
    assert kept["same"] == {"missing": "zero"}

    run = make_run(cohort, cast.cora)

    with tenant(cast.acme):
        proposal = Proposal.objects.get(run=run)
        names = {seat.enrolment.member.given_name for seat in proposal.seats.all()}
        said = {each["label"].removeprefix("By "): each for each in proposal.reasons}
    assert names == {"Jonas", "Amara"}  # the clocks rule keeps Tane out
    assert list(said) == scores
    for kind in scores:
        assert said[kind]["points"] > 0, kind
        assert WHAT[kind][1] in say_reason(Reason.from_json(said[kind]))
    assert run.facts["unused"] == []


def test_a_kind_is_refused_where_it_cannot_read_what_is_chosen(cast, cohort):
    client = sign_in(cast.cora)
    wrong = {"label": "Odd", "kind": "clocks_within", "weight": 1, "hours_apart": 13,
             "seeker_field": "member:level", "offerer_field": "member:time_zone"}  # fmt: skip
    answer = client.post(reverse("programs:new_criterion", args=["acme", cohort.program_id]), wrong)
    form = answer.context["form"]
    assert answer.status_code == 422
    assert set(form.errors) == {"seeker_field", "hours_apart"}
