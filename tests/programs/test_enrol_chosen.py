"""People ticked on the list of people are enrolled together."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.members.models import Member
from core.tenancy.context import tenant
from programs.models.programs import Enrolment
from tests.cast import make_member, sign_in
from tests.programs.build import make_cohort, make_enrolment, make_program


@pytest.fixture
def cohort(cast):
    return make_cohort(make_program(cast.acme), places=3)


ENROL = "/o/acme/people/enrol/"


def test_the_chosen_are_shown_then_enrolled_and_who_is_in_it_stays(cast, cohort):
    with tenant(cast.acme):
        people = [make_member(cast.acme, name) for name in ("Ida", "Kim", "Lou", "Max")]
        gone = make_member(cast.acme, "Gone")
        Member.objects.filter(pk=gone.pk).update(state="left", left_at="2026-01-01T00:00Z")
        make_enrolment(cohort, people[0])
        cora = sign_in(cast.cora)
        listed = cora.get(reverse("accounts:people", args=["acme"])).content.decode()
        assert f'formaction="{ENROL}' in listed
        sent = {"person": [str(person.pk) for person in (*people, gone)]}
        page = cora.post(ENROL, sent).content.decode()
        assert "Enrol 4 people" in page
        assert "Gone" not in page
        assert Enrolment.objects.count() == 1, "nothing is done before it is confirmed"

        chosen = sent | {"confirm": "yes", "cohort": str(cohort.pk), "part": "mentor"}
        refused = cora.post(ENROL, chosen)
        assert refused.status_code == 422
        assert "does not have that part" in refused.content.decode()

        answer = cora.post(ENROL, chosen | {"part": "peer"}, follow=True).content.decode()
        assert "Enrolled: 2. On the waiting list: 1. In the cohort before: 1." in answer
        states = Enrolment.objects.filter(member__in=people).values_list("state", flat=True)
        assert sorted(states) == ["accepted"] * 3 + ["waitlisted"]


def test_all_that_match_the_filter_are_meant_and_nobody_else(cast, cohort):
    with tenant(cast.acme):
        for name in ("Ida", "Kim"):
            make_member(cast.acme, name)
        cora = sign_in(cast.cora)
        assert "Enrol 1 person" in cora.post(f"{ENROL}?q=kim", {"all": "yes"}).content.decode()
        assert "Nobody was chosen." in cora.post(ENROL).content.decode()


def test_who_may(cast):
    sent = {who: sign_in(who).post(ENROL).status_code for who in (cast.cora, cast.hugo, cast.petra)}
    assert sent == {cast.cora: 200, cast.hugo: 403, cast.petra: 403}
