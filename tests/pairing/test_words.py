"""Reasons speak in the words of the questions, never in the keys of their options."""

from __future__ import annotations

import json

import pytest

from mentoring.identity.tenancy import tenant
from pairing.models import Proposal
from pairing.words import say_reason, summary
from tests.pairing.build import make_circles_cohort, make_mentor_cohort, make_run

NAMES = ("Coaching", "Delegation", "Facilitation", "Negotiation")


@pytest.mark.parametrize("circles", [False, True])
def test_reasons_name_skills_as_the_question_does(cast, circles):
    cohort = (
        make_circles_cohort(cast.acme, peers=12)
        if circles
        else make_mentor_cohort(cast.acme, mentees=4, mentors=4)
    )
    run = make_run(cohort, cast.cora)
    with tenant(cast.acme):
        reasons = [
            reason
            for proposal in Proposal.objects.filter(run=run)
            for reason in proposal.reasons
            if reason["criterion"] == "skills"
        ]
        said = " ".join(say_reason(reason) for reason in reasons)
        kept = json.dumps([reason["evidence"] for reason in reasons])
    assert [name for name in NAMES if name in said] == list(NAMES)
    assert [name for name in NAMES if name.lower() in kept] == []


@pytest.mark.parametrize(
    ("present", "said"),
    [
        (["Berlin", "Pune"], "Locations: 2 of 6: Berlin and Pune."),
        (["A", "B", "C", "D", "E"], "Locations: 5 of 6."),
    ],
)
def test_a_list_counts_what_is_too_much_to_name(present, said):
    reason = {
        "criterion": "location",
        "label": "Locations",
        "reason": "values_present",
        "points": 10,
        "evidence": {"present": present, "of": 6},
    }
    assert summary([reason]) == said
