"""Reasons speak in the words of the questions, never in the keys of their options."""

from __future__ import annotations

import json

import pytest

from mentoring.identity.tenancy import tenant
from pairing.models import Proposal
from pairing.words import say_reason
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
