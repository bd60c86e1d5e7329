"""Reasons speak in the words of the questions, never in the keys of their options."""

from __future__ import annotations

import json

import pytest

from core.tenancy.context import tenant
from pairing.models.runs import Proposal
from pairing.texts.reasons import read_reasons, say_reason, summary
from pairing.texts.sentence import pair_sentence
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
            for reason in read_reasons(proposal.reasons)
            if reason.criterion == "skills"
        ]
        said = " ".join(say_reason(reason) for reason in reasons)
        kept = json.dumps([reason.evidence for reason in reasons])
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
    assert summary(read_reasons([reason])) == said


def reason(kind, points, label="It", field="member:location", **evidence):
    return {
        "criterion": "it",
        "label": label,
        "points": points,
        "reason": kind,
        "fields": [field, field],
        "evidence": evidence,
    }


SKILL = reason("levels_all", 40, covered={"Facilitation": [3, 5]}, short={}, lacking=[])
HOURS = reason("availability_all", 30, common=240, enough=120)
PLACE = reason("same_all", 20, seeker="Berlin", offerer="Berlin")


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        (
            [PLACE, HOURS, SKILL],
            "Amara offers facilitation at level 5, which Jonas seeks; 4 shared free hours a week;"
            " same location.",
        ),
        ([reason("levels_some", 9, covered={"SQL": [2, 3], "Sales": [1, 4]}, short={}, lacking=[])],
         "Amara offers sales at level 4 and SQL at level 3, which Jonas seeks."),
        ([reason("availability_some", 5, common=90, enough=120), reason("missing_both", 9)],
         "1 h 30 min of shared free time a week."),
        ([reason("gap_all", 5, field="member:level", gap=1, ideal=[1, 2])],
         "Amara is 1 level ahead of Jonas."),
        ([reason("gap_all", 5, field="member:level", gap=0, ideal=[0, 1])], "Same level."),
        ([reason("gap_all", 5, label="Years", field="answer:years", gap=-2.5, ideal=[-3, 0])],
         "Years: Jonas is ahead by 2.5."),
        # a difference outside its best has points, and is no reason for the two
        ([reason("gap_some", 5, field="member:level", gap=0, ideal=[1, 3])], ""),
        ([reason("overlap_some", 5, shared=["Chess", "Go"], lacking=["Tea"])],
         "In common: Chess and Go."),
        ([reason("same_all", 5, label="Site", field="answer:site", seeker="N", offerer="N")],
         "Site: both N."),
        ([reason("different_all", 5, field="member:department", seeker="HR", offerer="IT")],
         "Different departments."),
        ([reason("timezone_some", 5, apart=120, common=420)],
         "7 h of the working day in common."),
        ([reason("bonus_pair:preferred", 5, up_to=10_000)], "Preferred by a coordinator."),
        ([reason("same_none", 0, seeker="N", offerer="S")], ""),
    ],
)  # fmt: skip
def test_a_pair_is_explained_in_one_sentence_its_strongest_reasons_first(reasons, said):
    assert pair_sentence(read_reasons(reasons), seeker="Jonas", offerer="Amara") == said
