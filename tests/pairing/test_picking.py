"""A person is named by typing: no page carries everybody of a cohort as options."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.tenancy.context import tenant
from pairing.models.runs import PairRule
from tests.cast import Cast, sign_in
from tests.pairing.build import (
    compute,
    make_circles_cohort,
    make_cohort,
    make_mentor_cohort,
    person,
    start_run,
)

pytestmark = pytest.mark.django_db


def test_a_pair_rule_is_made_by_names_and_asks_who_is_meant(cast: Cast):
    cohort = make_cohort(cast.acme)
    ann = person(cohort, "Ann", "mentee")
    bob = person(cohort, "Bob", "mentor")
    bobby = person(cohort, "Bobby", "mentor")
    address = f"/o/acme/cohorts/{cohort.pk}/matching/"
    client = sign_in(cast.cora)
    page = client.get(address).content.decode()
    assert str(bob.pk) not in page
    rules = reverse("pairing:set_pair_rule", args=["acme", cohort.pk])
    sent = {"kind": "locked", "first": "ann", "second": "bob"}
    asked = client.post(rules, sent)
    words = asked.content.decode()
    assert asked.status_code == 422
    assert "Several people have it: choose one." in words
    assert f'value="{bob.pk}"' in words
    assert f'value="{bobby.pk}"' in words
    assert 'value="ann"' in words  # what was typed stays
    assert "<details open>" in words
    # the name that is typed stays beside the choice
    answer = client.post(rules, {**sent, "second": ["bob", str(bobby.pk)]})
    assert answer.status_code == 302
    with tenant(cast.acme):
        rule = PairRule.objects.get()
    assert (rule.first_id, rule.second_id) == (ann.pk, bobby.pk)
    # another name that is typed then wins over a choice of before
    client.post(rules, {**sent, "kind": "forbidden", "second": ["bob acme", str(ann.pk)]})
    with tenant(cast.acme):
        assert PairRule.objects.filter(kind="forbidden").get().second_id == bob.pk


@pytest.mark.slow
@pytest.mark.parametrize("people", [4, 40])
def test_a_page_does_not_grow_with_whom_it_may_name(cast: Cast, people: int):
    cohort = make_mentor_cohort(cast.acme, mentees=people, mentors=people)
    client = sign_in(cast.cora)
    run = compute(start_run(cohort, cast.cora))
    pages = [f"/o/acme/cohorts/{cohort.pk}/matching/", f"{run.get_absolute_url()}why-not/"]
    for page in pages:
        assert client.get(page).content.decode().count("Mentee") < 12, page
    many = client.get(pages[1], {"first": "mentee", "second": "mentor0 acme"}).content.decode()
    assert many.count('type="radio"') == min(people, 20)


@pytest.mark.slow
def test_circles_by_hand_name_a_person_by_typing(cast: Cast):
    cohort = make_circles_cohort(cast.acme, peers=12)
    run = compute(start_run(cohort, cast.cora))
    page = f"{run.get_absolute_url()}compose/"
    client = sign_in(cast.cora)
    assert client.get(page).content.decode().count("Peer") == 0
    assert "Peer7 Acme" in client.get(page, {"person": "peer7"}).content.decode()
    assert "Many people have it" not in client.get(page, {"person": "peer"}).content.decode()
    assert "Nobody here has this name" in client.get(page, {"person": "Zoe"}).content.decode()
